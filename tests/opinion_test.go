package tests

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// secondOpinion is kin-openapi's own validation, set up as strictly as it can be, beside that of package contract.
type secondOpinion struct{ router routers.Router }

func newSecondOpinion(t testing.TB, document []byte) secondOpinion {
	t.Helper()
	doc := load(t, document)
	doc.Servers = nil // with servers, the path of a loopback request is unknown
	router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		t.Fatal(err)
	}
	return secondOpinion{router}
}

// check validates an exchange whose bodies can be read again afterwards.
func (s secondOpinion) check(req *http.Request, resp *http.Response) error {
	return errors.Join(s.checkRequest(req), s.checkResponse(req, resp))
}

func (s secondOpinion) checkRequest(req *http.Request) error {
	input, err := s.input(req)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(req.Context(), input)
}

func (s secondOpinion) checkResponse(req *http.Request, resp *http.Response) error {
	input, err := s.input(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: input.Options,
	})
}

func (s secondOpinion) input(req *http.Request) (*openapi3filter.RequestValidationInput, error) {
	route, params, err := s.router.FindRoute(req)
	if err != nil {
		return nil, err
	}
	sent := req.Clone(req.Context())
	if req.GetBody != nil {
		if sent.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	return &openapi3filter.RequestValidationInput{
		Request: sent, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: wantKey,
		},
	}, nil
}

func wantKey(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	if input.RequestValidationInput.Request.Header.Get("X-Api-Key") == "" {
		return errors.New("no key")
	}
	return nil
}
