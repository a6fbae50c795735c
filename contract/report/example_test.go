package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

// What a run exercised, and who broke the contract.
func ExampleText() {
	var seen contract.Collector
	kit, err := contract.New(contract.WithCollector(&seen))
	if err != nil {
		panic(err)
	}
	req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update", strings.NewReader(`{"endpoint_id":1}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	if err := kit.CheckRequest(req); err == nil {
		panic("an id is a string")
	}

	if err := report.Text(os.Stdout, seen.Summary()); err != nil {
		panic(err)
	}
	fmt.Println(len(seen.Summary().NeverSeen()), "documented messages were never seen")
	// Output:
	// PATCH /v1/webhook/endpoint.update
	//   request        seen once, never with /events /events/* /url
	//   response 200   NEVER SEEN
	//   response 400   NEVER SEEN
	//   response 401   NEVER SEEN
	//   response 403   NEVER SEEN
	//   response 404   NEVER SEEN
	//   response 429   NEVER SEEN
	//   response 5XX   NEVER SEEN
	// findings, client: 1
	//   PATCH /v1/webhook/endpoint.update request body /endpoint_id: type: want string, got number
	// findings, server: 0
	// findings, document: 0
	// 7 documented messages were never seen
}

// Recorded traffic, judged in CI, with a report that a CI server reads.
func ExampleJUnit() {
	var seen contract.Collector
	kit, err := contract.New(contract.WithCollector(&seen), contract.WithoutRules("fields-sent"))
	if err != nil {
		panic(err)
	}
	archive := strings.NewReader(`{"log": {"entries": [{
		"request": {"method": "PATCH", "url": "https://api.heygen.com/v1/webhook/endpoint.update",
			"headers": [{"name": "content-type", "value": "application/json"}, {"name": "x-api-key", "value": "..."}],
			"postData": {"text": "{\"endpoint_id\":\"e1\"}"}},
		"response": {"status": 404, "headers": [{"name": "content-type", "value": "application/json"}],
			"content": {"size": 14, "text": "{\"code\":\"404\"}"}}
	}]}}`) // os.Open("traffic.har")
	if _, err := kit.CheckHAR(archive); err != nil {
		panic(err)
	}
	var xml strings.Builder // os.Create("junit.xml")
	if err := report.JUnit(&xml, seen.Summary()); err != nil {
		panic(err)
	}
	for line := range strings.Lines(xml.String()) {
		if strings.Contains(line, "<testsuites") || strings.Contains(line, "<failure") {
			fmt.Println(strings.TrimSpace(line[:strings.Index(line, ">")+1]))
		}
	}
	// Output:
	// <testsuites tests="8" failures="1" skipped="6">
	// <failure message="1 finding" type="server">
}

// summary is that of a run with one wrong request.
func summary() contract.Summary {
	var seen contract.Collector
	kit, err := contract.New(contract.WithCollector(&seen))
	if err != nil {
		panic(err)
	}
	req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update", strings.NewReader(`{"endpoint_id":1}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	if err := kit.CheckRequest(req); err == nil {
		panic("an id is a string")
	}
	return seen.Summary()
}

// The whole sum, for a program.
func ExampleJSON() {
	var out bytes.Buffer // os.Create("contract.json")
	if err := report.JSON(&out, summary()); err != nil {
		panic(err)
	}
	var decoded contract.Summary
	if err := json.Unmarshal(out.Bytes(), &decoded); err != nil {
		panic(err)
	}
	for _, finding := range decoded.Findings {
		fmt.Println(finding.Party, finding.Where, finding.Pointer, finding.Keyword, finding.Detail)
	}
	// Output:
	// client request body /endpoint_id type want string, got number
}
