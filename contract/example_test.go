package contract_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
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

	kit, err := contract.New()
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

// A server in Go, tested from outside: what it answers wrongly its clients get as a 500 that says why.
func ExampleContract_Handler() {
	server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"code":100}`)
	})
	kit, err := contract.New(contract.WithOnViolation(func(r *http.Request, v *contract.Violation) {
		fmt.Println(r.Method, r.URL.Path, v.Findings[0].Party) // t.Error in a test
	}))
	if err != nil {
		panic(err)
	}
	for _, body := range []string{`{"endpoint_id":"e1"}`, `{"endpoint_id":1}`} {
		req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Api-Key", "key")
		answer := httptest.NewRecorder()
		kit.Handler(server).ServeHTTP(answer, req)
		fmt.Println(answer.Code, answer.Body)
	}
	// Output:
	// PATCH /v1/webhook/endpoint.update server
	// 500 contract: server: response 200 body: data-on-success: member data is missing from a success
	//
	// PATCH /v1/webhook/endpoint.update client
	// 400 contract: client: request body /endpoint_id: type: want string, got number
}

// A proxy between a client in any language and a server: give the client the proxy's URL for its base URL.
func ExampleContract_Proxy() {
	server := httptest.NewServer(http.NotFoundHandler()) // the server to judge
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		panic(err)
	}
	kit, err := contract.New()
	if err != nil {
		panic(err)
	}
	proxy := httptest.NewServer(kit.Proxy(target))
	defer proxy.Close()

	req, err := http.NewRequest(http.MethodPatch, proxy.URL+"/v1/webhook/endpoint.update",
		strings.NewReader(`{"endpoint_id":"e1"}`))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d %s", resp.StatusCode, text)
	// Output:
	// 502 contract: server: response content type: content-type: not documented, want application/json
}

// Traffic that a browser or a proxy recorded.
func ExampleContract_CheckHAR() {
	kit, err := contract.New()
	if err != nil {
		panic(err)
	}
	entries, err := kit.CheckHAR(strings.NewReader(`{"log": {"version": "1.2", "entries": [{
		"request": {"method": "PATCH", "url": "https://api.heygen.com/v1/webhook/endpoint.update",
			"headers": [{"name": "content-type", "value": "application/json"}, {"name": "x-api-key", "value": "..."}],
			"postData": {"text": "{\"endpoint_id\":\"e1\"}"}},
		"response": {"status": 404, "headers": [{"name": "content-type", "value": "application/json"}],
			"content": {"size": 17, "text": "eyJjb2RlIjoiNDA0In0=", "encoding": "base64"}}
	}, {
		"request": {"method": "GET", "url": "https://example.org/", "headers": []},
		"response": {"status": 200, "headers": [], "content": {"size": 0}}
	}]}}`))
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		fmt.Println(entry.Index, entry.Unjudged, entry.Findings)
	}
	// Output:
	// 0  [server: response 404 body /code: type: want integer, got string]
	// 1 another host []
}

// Where the published document is to blame, for the examples it gives itself.
func ExampleLoad_published() {
	kit, err := contract.Load(openapi.Published(), contract.WithCorrected(openapi.Corrected()))
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
	deviations, err := contract.Deviations(openapi.Corrections())
	if err != nil {
		panic(err)
	}
	for _, deviation := range deviations[:2] {
		fmt.Printf("%s: %s\n", deviation.ID, deviation.Reason)
	}
	// Output:
	// request-body-required: The body is required, because the schema requires endpoint_id.
	// request-events-null: events may be null, which subscribes the endpoint to every event.
}

// A reply that was recorded, by the document. What was sent matters too: the endpoint must be the one asked for.
func ExampleContract_CheckResponse() {
	kit, err := contract.New()
	if err != nil {
		panic(err)
	}
	req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update", strings.NewReader(`{"endpoint_id":"e1"}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	fmt.Println(kit.CheckRequest(req)) // which also gives it a GetBody

	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(answer, `{"code":100,"data":{"endpoint_id":"e2","url":"https://a.example/","status":"enabled"}}`)
	fmt.Println(kit.CheckResponse(req, answer.Result()))
	// Output:
	// <nil>
	// contract: server: response 200 body /data/endpoint_id: endpoint-asked-for: not the endpoint asked for
}

// In production exchanges go through as they are, and what breaks the contract is told.
func ExampleWithReportOnly() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	kit, err := contract.New(contract.WithReportOnly(),
		contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) {
			fmt.Println(v) // it holds no value from a body, so it can be logged
		}))
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
	if err != nil {
		panic(err)
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.StatusCode)
	// Output:
	// contract: server: response content type: content-type: not documented, want application/json
	// 404
}

// What a run did not exercise.
func ExampleCollector() {
	var seen contract.Collector
	kit, err := contract.New(contract.WithCollector(&seen))
	if err != nil {
		panic(err)
	}
	req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update", strings.NewReader(`{"endpoint_id":"e1"}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	if err := kit.CheckRequest(req); err != nil {
		panic(err)
	}
	for _, name := range seen.Summary().NeverSeen()[:2] {
		fmt.Println(name)
	}
	// Output:
	// PATCH /v1/webhook/endpoint.update response 200
	// PATCH /v1/webhook/endpoint.update response 400
}
