package contract_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/heygen-go/heygen/contract"
)

// update is a request for the server at base.
func update(base, body string) *http.Request {
	req, err := http.NewRequest(http.MethodPatch, base+"/v1/webhook/endpoint.update", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	return req
}

// A transport that checks what your own client sends and receives.
func ExampleContract_Transport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.org/","status":"on"}}`)
	}))
	defer server.Close()

	c, err := contract.New()
	if err != nil {
		panic(err)
	}
	client := &http.Client{Transport: c.Transport(nil)}
	resp, err := client.Do(update(server.URL, `{"endpoint_id":"e1"}`))
	if err == nil {
		defer func() { _ = resp.Body.Close() }()
	}

	var violation *contract.Violation
	if errors.As(err, &violation) {
		fmt.Println(violation.Exchange, "of", violation.Operation)
		for _, finding := range violation.Findings {
			fmt.Println(finding)
		}
	}
	// Output:
	// exchange 1 of PATCH /v1/webhook/endpoint.update
	// server: response 200 body /data/status: enum: want one of [enabled disabled]
}

// A server in Go, tested from outside: a response that breaks the contract becomes a 500 that says why.
func ExampleContract_Handler() {
	server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"code":100}`)
	})
	c, err := contract.New()
	if err != nil {
		panic(err)
	}
	for _, body := range []string{`{"endpoint_id":"e1"}`, `{"endpoint_id":1}`} {
		w := httptest.NewRecorder()
		c.Handler(server).ServeHTTP(w, update("", body))
		_, text, _ := strings.Cut(w.Body.String(), "endpoint.update: ")
		fmt.Print(w.Code, " ", text)
	}
	// Output:
	// 500 server: response 200 body: data-on-success: member data is missing from a success
	// 400 client: request body /endpoint_id: type: want string, got number
}

// A proxy between a client in any language and a server: give the client the proxy's URL for its base URL.
func ExampleContract_Proxy() {
	server := httptest.NewServer(http.NotFoundHandler()) // the server to check
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		panic(err)
	}
	c, err := contract.New(contract.WithReportOnly(),
		contract.WithOnViolation(func(r *http.Request, v *contract.Violation) {
			fmt.Println(r.URL.Path, v.Findings) // they hold no value of a message, so they can be logged
		}))
	if err != nil {
		panic(err)
	}
	proxy := httptest.NewServer(c.Proxy(target))
	defer proxy.Close()

	resp, err := http.DefaultClient.Do(update(proxy.URL, `{"endpoint_id":"e1"}`))
	if err != nil {
		panic(err)
	}
	defer func() { _ = resp.Body.Close() }()
	fmt.Println(resp.StatusCode)
	// Output:
	// /v1/webhook/endpoint.update [server: response 404 content type: content-type: not documented, want application/json]
	// 404
}

// Traffic that a browser or a proxy recorded.
func ExampleContract_CheckHAR() {
	c, err := contract.New()
	if err != nil {
		panic(err)
	}
	entries, err := c.CheckHAR(strings.NewReader(`{"log": {"version": "1.2", "entries": [{
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

// A recorded response. The request matters, too: the endpoint must be the one asked for.
func ExampleContract_CheckResponse() {
	c, err := contract.New()
	if err != nil {
		panic(err)
	}
	req := update("https://api.heygen.com", `{"endpoint_id":"e1"}`)
	fmt.Println(c.CheckRequest(req)) // which also gives it a GetBody, if it has none

	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"code":100,"data":{"endpoint_id":"e2","url":"https://a.example/","status":"enabled"}}`)
	err = c.CheckResponse(req, w.Result())
	if violation := (*contract.Violation)(nil); errors.As(err, &violation) {
		fmt.Println(violation.Findings)
	}
	// Output:
	// <nil>
	// [server: response 200 body /data/endpoint_id: endpoint-asked-for: not the endpoint asked for]
}

func ExampleContract_NotChecked() {
	c, err := contract.Load([]byte(`{"openapi": "3.1.0", "paths": {"/report": {"get": {"responses": {"200": {
		"content": {"text/csv": {"schema": {"type": "string"}}}}}}}}}`), contract.WithSchemaOnly())
	if err != nil {
		panic(err)
	}
	fmt.Println(c.NotChecked())
	// Output:
	// ["#/paths/~1report/get/responses/200/content/text~1csv": bodies that are not JSON are not checked]
}

// Where the published document is to blame.
func ExampleWithCorrected() {
	// Usually openapi.Published() and openapi.Corrected().
	c, err := contract.Load(publishedDocument, contract.WithCorrected(correctedDocument))
	if err != nil {
		panic(err)
	}
	fmt.Println(c.CheckRequest(update("https://api.heygen.com", `{"endpoint_id":"e1","events":null}`)))
	// Output:
	// contract: PATCH /v1/webhook/endpoint.update: document: request body /events: type: want array, got null
}

func ExampleDeviations() {
	deviations, err := contract.Deviations(corrections) // usually openapi.Corrections()
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

// What a run did not exercise.
func ExampleCollector() {
	var seen contract.Collector
	c, err := contract.Load(correctedDocument, contract.WithCollector(&seen))
	if err != nil {
		panic(err)
	}
	if err := c.CheckRequest(update("https://api.heygen.com", `{"endpoint_id":"e1"}`)); err != nil {
		panic(err)
	}
	for _, name := range seen.Summary().NeverSeen()[:2] {
		fmt.Println(name)
	}
	// Output:
	// PATCH /v1/webhook/endpoint.update response 200
	// PATCH /v1/webhook/endpoint.update response 400
}
