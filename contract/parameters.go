package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// parameterFindings checks parameters and security. The texts of kin-openapi print values, so they are replaced.
func parameterFindings(req *http.Request, route *routers.Route, params map[string]string) (findings []Finding) {
	bodyless := req.WithContext(req.Context()) // a copy, because kin-openapi reads and replaces a body
	bodyless.Body, bodyless.GetBody, bodyless.Header = nil, nil, canonical(req.Header)
	err := openapi3filter.ValidateRequest(req.Context(), &openapi3filter.RequestValidationInput{
		Request: bodyless, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			ExcludeRequestBody: true, MultiError: true, SkipSettingDefaults: true, AuthenticationFunc: authenticate,
		},
	})
	var all openapi3.MultiError
	if err != nil && !errors.As(err, &all) {
		all = openapi3.MultiError{err}
	}
	for _, err := range all {
		findings = append(findings, parameterFinding(err))
	}
	return findings
}

func parameterFinding(err error) Finding {
	var credential missingCredential
	if errors.As(err, &credential) {
		return Finding{PartyClient, "request " + string(credential), "", "security", "missing"}
	}
	var wrong *openapi3filter.RequestError
	if !errors.As(err, &wrong) || wrong.Parameter == nil {
		return Finding{PartyClient, "request", "", "parameters", "do not fit the document"}
	}
	where := fmt.Sprintf("request %s %s", wrong.Parameter.In, wrong.Parameter.Name)
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		return Finding{PartyClient, where, "", "required", "missing"}
	}
	return Finding{PartyClient, where, "", "schema", "does not fit its schema"}
}

// missingCredential is the place that should hold one: "header x-api-key".
type missingCredential string

func (m missingCredential) Error() string { return "no " + string(m) }

// authenticate wants credentials to be there; the server decides whether they are right. kin-openapi leaves all of it
// to its caller (https://github.com/getkin/kin-openapi/issues/269).
func authenticate(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	in, name, scheme := "header", "Authorization", input.SecurityScheme
	switch scheme.Type {
	case "apiKey":
		in, name = scheme.In, scheme.Name
	case "mutualTLS":
		return nil
	}
	credential, req := "", input.RequestValidationInput.Request
	switch in {
	case "header":
		credential = req.Header.Get(name)
	case "query":
		credential = req.URL.Query().Get(name)
	case "cookie":
		if cookie, err := req.Cookie(name); err == nil {
			credential = cookie.Value
		}
	}
	if strings.TrimSpace(credential) == "" {
		return missingCredential(in + " " + name)
	}
	return nil
}
