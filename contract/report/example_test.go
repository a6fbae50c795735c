package report_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

// What a run exercised, and which party broke the contract.
func ExampleText() {
	var seen contract.Collector
	c, err := contract.Load(read("corrected"), contract.WithCollector(&seen)) // or contract.New
	if err != nil {
		panic(err)
	}
	_, _ = c.Transport(nil).RoundTrip(request(`{"endpoint_id":1}`))

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
	//   PATCH /v1/webhook/endpoint.update request body /endpoint_id: type: want string, got number (exchange 1)
	// findings, server: 0
	// findings, document: 0
	// 7 documented messages were never seen
}

// Recorded traffic, checked in CI, with a report that a CI server reads.
func ExampleJUnit() {
	var seen contract.Collector
	c, err := contract.Load(read("corrected"), contract.WithCollector(&seen)) // or contract.New
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
	if _, err := c.CheckHAR(archive); err != nil {
		panic(err)
	}
	var xml strings.Builder // os.Create("junit.xml")
	if err := report.JUnit(&xml, seen.Summary()); err != nil {
		panic(err)
	}
	for line := range strings.Lines(xml.String()) {
		if strings.Contains(line, "<testsuites") || strings.Contains(line, "<failure") {
			fmt.Println(strings.TrimSuffix(strings.TrimSpace(line), "</failure>"))
		}
	}
	// Output:
	// <testsuites tests="8" failures="1" skipped="6">
	// <failure message="1 finding" type="server">server: response 404 body /code: type: want integer, got string (entry 0)
}

// The whole sum, for a program.
func ExampleJSON() {
	var seen contract.Collector // contract.WithCollector(&seen)
	if err := report.JSON(os.Stdout, seen.Summary()); err != nil {
		panic(err)
	}
	// Output:
	// {
	//   "operations": [],
	//   "findings": [],
	//   "omitted": 0,
	//   "unjudged": []
	// }
}
