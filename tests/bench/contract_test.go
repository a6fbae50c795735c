package bench_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

// BenchmarkContract compares a check of a 200 by the contract with openapi3filter.ValidateResponse, with the same
// document.
func BenchmarkContract(b *testing.B) {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPatch, target,
		strings.NewReader(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7000000"}`)) // that of documented
	if err != nil {
		b.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "X-Api-Key": {"key"}}
	ours, err := contract.New()
	if err != nil {
		b.Fatal(err)
	}
	document, err := openapi3.NewLoader().LoadFromData(openapi.Corrected())
	if err != nil {
		b.Fatal(err)
	}
	router, err := legacy.NewRouter(document)
	if err != nil {
		b.Fatal(err)
	}
	route, _, err := router.FindRoute(req)
	if err != nil {
		b.Fatal(err)
	}
	options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true}
	byContract := func() error { return ours.CheckResponse(req, documented()) }
	byFilter := func() error {
		resp := documented()
		return openapi3filter.ValidateResponse(b.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, Route: route, Options: options},
			Status:                 resp.StatusCode, Header: resp.Header, Body: resp.Body, Options: options,
		})
	}
	check, ratio := contest(b, 200, repeated(byContract), repeated(byFilter))
	b.ReportMetric(check.time/1e3, "µs/check")
	atLeast(b, "times-as-fast-as-openapi3filter", 1/ratio.time, 30)
}

func documented() *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(bodies[0])),
	}
}
