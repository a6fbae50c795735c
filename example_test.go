package openapi_test

import (
	"encoding/json"
	"fmt"

	openapi "github.com/heygen-go/heygen"
)

// The corrections name the operation for what it does.
func Example() {
	for _, document := range [][]byte{openapi.Published(), openapi.Corrected()} {
		var decoded struct {
			OpenAPI string
			Paths   map[string]map[string]struct {
				OperationID string
			}
		}
		if err := json.Unmarshal(document, &decoded); err != nil {
			panic(err)
		}
		operation := decoded.Paths["/v1/webhook/endpoint.update"]["patch"]
		fmt.Println("OpenAPI", decoded.OpenAPI, operation.OperationID)
	}
	// Output:
	// OpenAPI 3.1.0 update-a-webhook-endpoint
	// OpenAPI 3.1.0 updateWebhookEndpoint
}
