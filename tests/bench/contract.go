package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/tests/bench/report"
)

// documented is the 200 of the documents.
const documented = `{"code":100,"data":{"username":"b3ebafd81a8541z0b8d56a14c8a4ce92",` +
	`"url":"https://smee.io/MnBgJ2lt4vbwk5zQ",` +
	`"events":["photo_avatar_generation.success","photo_avatar_generation.fail"],"created_at":"2025-10-22T08:31:48",` +
	`"entity_id":null,"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819","status":"enabled",` +
	`"secret":"1esec_ZvRV3QFE12WZcYA1qSBwBA==","space_id":"b3ebafd81a8541z0b8d56a14c8a4ce92"},"msg":null,"message":null}`

// measureContract has the contract kit and kin-openapi check the documented 200 by the corrected document.
func measureContract(r *report.Report, rounds int) error {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPatch, target,
		strings.NewReader(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819"}`))
	if err != nil {
		return err
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "X-Api-Key": {"key"}}
	kit, err := contract.New()
	if err != nil {
		return err
	}
	route, err := routeOf(req)
	if err != nil {
		return err
	}
	checks := []func(*http.Response) error{
		func(resp *http.Response) error { return kit.CheckResponse(req, resp) },
		func(resp *http.Response) error {
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return err
			}
			options := &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true}
			return openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
				RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, Route: route, Options: options},
				Status:                 resp.StatusCode, Header: resp.Header, Options: options,
				Body: io.NopCloser(bytes.NewReader(body)),
			})
		},
	}
	times := make([][]float64, len(checks))
	for range rounds {
		for i, check := range checks {
			const checksPerRound = 20
			begin := time.Now()
			for range checksPerRound {
				resp := &http.Response{
					StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
					Body: io.NopCloser(strings.NewReader(documented)),
				}
				if err := check(resp); err != nil {
					return fmt.Errorf("the documented 200: %w", err)
				}
			}
			times[i] = append(times[i], time.Since(begin).Seconds()/checksPerRound)
		}
	}
	for _, list := range times {
		slices.Sort(list)
	}
	ours, theirs := times[0][rounds/2], times[1][rounds/2]
	r.Figure("contract-check-response", ours*1e6, "µs")
	r.Figure("contract-openapi3filter-validate-response", theirs*1e6, "µs")
	r.Figure("contract-times-faster", theirs/ours, "times")
	r.Ratio("contract-time-to-openapi3filter", ours/theirs, 1.0/20)
	return nil
}

// routeOf finds the operation of a request.
func routeOf(req *http.Request) (*routers.Route, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Corrected())
	if err != nil {
		return nil, err
	}
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		return nil, err
	}
	route, _, err := router.FindRoute(req)
	return route, err
}
