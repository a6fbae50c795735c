package contract_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

// A transport that judges what your own client sends and what it gets.
func ExampleContract_Transport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.org/","status":"on"}}`)
	}))
	defer server.Close()

	kit, err := contract.Load(openapi.Corrected)
	if err != nil {
		panic(err)
	}
	client := &http.Client{Transport: kit.Transport(nil)}

	req, err := http.NewRequest(http.MethodPatch, server.URL+"/v1/webhook/endpoint.update",
		strings.NewReader(`{"endpoint_id":"e1"}`))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	resp, err := client.Do(req)
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
	}

	var violation *contract.Violation
	if errors.As(err, &violation) {
		for _, finding := range violation.Findings {
			fmt.Println(finding)
		}
	}
	// Output:
	// server: response 200 body /data/status: enum: want one of [enabled disabled]
}

// Where the published document is to blame, for the examples it gives itself.
func ExampleLoad_published() {
	kit, err := contract.Load(openapi.Published)
	if err != nil {
		panic(err)
	}
	req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update",
		strings.NewReader(`{"endpoint_id":"e1","events":null}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	fmt.Println(kit.CheckRequest(req))
	// Output:
	// contract: document: request body /events: type: want array, got null
}

func ExampleDeviations() {
	for _, deviation := range contract.Deviations()[:2] {
		fmt.Printf("%s: %s\n", deviation.ID, deviation.Reason)
	}
	// Output:
	// request-body-required: The body is required, because the schema requires endpoint_id.
	// request-events-null: events may be null, which subscribes the endpoint to every event.
}
