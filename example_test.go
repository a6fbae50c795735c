package openapi_test

import (
	"encoding/json"
	"fmt"

	openapi "github.com/heygen-go/heygen"
)

// What the correction made of a response that the published document leaves empty.
func Example() {
	for _, document := range [][]byte{openapi.Published, openapi.Corrected} {
		var decoded struct {
			OpenAPI string
			Paths   map[string]map[string]struct {
				Responses map[string]any
			}
		}
		if err := json.Unmarshal(document, &decoded); err != nil {
			panic(err)
		}
		operation := decoded.Paths["/v1/webhook/endpoint.update"]["patch"]
		fmt.Printf("OpenAPI %s, %d responses\n", decoded.OpenAPI, len(operation.Responses))
	}
	// Output:
	// OpenAPI 3.1.0, 3 responses
	// OpenAPI 3.1.0, 7 responses
}
