package contract_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

// filter judges exchanges by openapi3filter alone, set up as well as it can be.
func filter(t testing.TB, document []byte) func(*http.Request, *http.Response) error {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = nil
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		t.Fatal(err)
	}
	options := &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true,
		AuthenticationFunc: func(_ context.Context, input *openapi3filter.AuthenticationInput) error {
			if input.RequestValidationInput.Request.Header.Get("X-Api-Key") == "" {
				return errors.New("no key")
			}
			return nil
		},
	}
	return func(req *http.Request, resp *http.Response) error {
		route, params, err := router.FindRoute(req)
		if err != nil {
			return err
		}
		input := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: options}
		if resp == nil {
			return openapi3filter.ValidateRequest(req.Context(), input)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Options: options,
			Body: io.NopCloser(bytes.NewReader(body)),
		})
	}
}

// What this package adds to kin-openapi 0.152.0. If a case fails because kin-openapi finds it now, what was added for
// it may go.
func TestKinOpenAPILetsThrough(t *testing.T) {
	t.Parallel()
	const good = `{"endpoint_id":"e1"}`
	type judge struct {
		filter func(*http.Request, *http.Response) error
		kit    *contract.Contract
	}
	judges := map[string]judge{
		"corrected": {filter(t, openapi.Corrected), load(t, openapi.Corrected)},
		"published": {filter(t, openapi.Published), load(t, openapi.Published)},
	}
	broken := func(body string, change func(*http.Request)) *http.Request {
		req := request(body)
		if change != nil {
			change(req)
		}
		return req
	}
	typed := func(types ...string) *http.Response {
		resp := reply(200, success(""))
		resp.Header["Content-Type"] = types
		return resp
	}
	for name, test := range map[string]struct {
		req  *http.Request
		resp *http.Response // nil if the request is broken
	}{
		"trailing data":           {broken(good+"x", nil), nil},
		"two values":              {broken(good+good, nil), nil},
		"duplicate name":          {broken(`{"endpoint_id":"e1","endpoint_id":"e2"}`, nil), nil},
		"invalid UTF-8":           {broken("{\"endpoint_id\":\"\xff\"}", nil), nil},
		"lone surrogate":          {broken(`{"endpoint_id":"\ud800"}`, nil), nil},
		"number out of range":     {broken(`{"endpoint_id":"e1","more":1e400}`, nil), nil},
		"blank key":               {broken(good, with("X-Api-Key", " ")), nil},
		"malformed content type":  {broken(good, with("Content-Type", "application/json;=")), nil},
		"two content types":       {broken(good, twoContentTypes), nil},
		"trailing slash":          {broken(good, at(path+"/")), nil},
		"escaped slash":           {broken(good, at("/v1%2Fwebhook/endpoint.update")), nil},
		"reply: trailing data":    {request(good), reply(200, success("")+"{}")},
		"reply: duplicate name":   {request(good), reply(200, success(`,"url":"x"`))},
		"reply: invalid UTF-8":    {request(good), reply(200, success(",\"secret\":\"\xff\""))},
		"reply: 301":              {request(good), reply(301, "")},
		"reply: 304":              {request(good), reply(304, "")},
		"reply: 307":              {request(good), reply(307, "")},
		"reply: 308":              {request(good), reply(308, "")},
		"reply: 30 February":      {request(good), reply(200, success(`,"created_at":"2025-02-30T08:31:48Z"`))},
		"reply: leap second":      {request(good), reply(200, success(`,"created_at":"2025-10-22T12:00:60Z"`))},
		"reply: two types":        {request(good), typed("application/json", "text/html")},
		"reply: malformed type":   {request(good), typed("application/json;=")},
		"reply: no data":          {request(good), reply(200, `{"code":100}`)},
		"reply: error under 200":  {request(good), reply(200, `{"code":5}`)},
		"reply: success as error": {request(good), reply(404, `{"code":100}`)},
	} {
		for document, by := range judges {
			req, resp := test.req.Clone(t.Context()), test.resp
			req.Body, _ = test.req.GetBody()
			if err := by.filter(req, resp); err != nil {
				t.Errorf("%s, %s document: kin-openapi finds it: %v", name, document, err)
			}
			req = test.req.Clone(t.Context())
			found := by.kit.CheckRequest(req)
			if resp != nil {
				found = by.kit.CheckResponse(req, resp)
			}
			if !errors.As(found, new(*contract.Violation)) {
				t.Errorf("%s, %s document: got %v, want a violation", name, document, found)
			}
		}
	}
}

// What kin-openapi 0.152.0 refuses although it is right.
func TestKinOpenAPIRefuses(t *testing.T) {
	t.Parallel()
	resp := reply(200, success(`,"created_at":"2025-10-22t08:31:48z"`))
	if err := filter(t, openapi.Published)(request(`{"endpoint_id":"e1"}`), resp); err == nil {
		t.Error("kin-openapi takes t and z in lower case now")
	}
	wantTexts(t, load(t, openapi.Published).CheckResponse(request(`{"endpoint_id":"e1"}`), resp))
}
