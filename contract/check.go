package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

const (
	whereRequestBody = "request body"
	whereStatus      = "response status"
)

// judgement is what was found out about one message.
type judgement struct {
	operation string // "PATCH /v1/webhook/endpoint.update", or "" if the document has none for it
	message   string // "request", or "response 200" as the document names it; undocumented ones by their number
	value     any    // of a JSON body
	findings  []Finding
}

const messageRequest = "request"

// CheckRequest returns nil, a *[Violation], or the error of reading the body. The body can be read afterwards, and
// GetBody works: the request gets one if it has none, unless its body is over 1 MiB.
//
// The path counts from the root: a base URL with a path is an unknown path.
func (c *Contract) CheckRequest(req *http.Request) error {
	body, err := requestBody(req)
	if err != nil {
		return fmt.Errorf("contract: request body: %w", err)
	}
	return c.verdict(req, func(c *Contract) judgement { return c.judgeRequest(req, body) })
}

// CheckResponse returns nil, a *[Violation], or the error of reading the body, which can be read afterwards. The rules
// that compare what was sent with what came back take the request's body from its GetBody; without one they are silent.
//
// The request itself is not judged, but a reply to one that the document does not know is a violation. Of the headers
// only the content type is judged: the document has no others.
//
// The body may be compressed by gzip. That of any other content coding is an error and no violation.
func (c *Contract) CheckResponse(req *http.Request, resp *http.Response) error {
	sent, err := sentBody(req)
	if err != nil {
		return fmt.Errorf("contract: request body: %w", err)
	}
	var body []byte
	if resp.StatusCode != http.StatusSwitchingProtocols { // what follows that is no body and need not end
		body, resp.Body, err = read(resp.Body)
	}
	if err != nil {
		err = brokenOff{resp.StatusCode, err}
	} else {
		body, err = decompress(canonical(resp.Header), body)
	}
	if err != nil {
		return fmt.Errorf("contract: response %d body: %w", resp.StatusCode, err)
	}
	return c.verdict(req, func(c *Contract) judgement { return c.judgeResponse(req, sent, resp, body) })
}

func (c *Contract) judgeRequest(req *http.Request, body []byte) judgement {
	j := judgement{message: messageRequest}
	route, params, unknown := c.route(req)
	if unknown != nil {
		j.findings = unknown
		return j
	}
	j.operation = operationName(route)
	j.findings = judgeParameters(req, route, params)
	if route.Operation.RequestBody == nil {
		return j
	}
	documented := route.Operation.RequestBody.Value
	if len(body) == 0 {
		if documented.Required {
			j.findings = append(j.findings, Finding{Client, whereRequestBody, "", "required", "missing"})
		}
		return j
	}
	header := canonical(req.Header)
	value, media, problems := judgeForm(header, documented.Content, body, messageRequest, whereRequestBody)
	j.value = value
	if media != nil && media.Schema != nil {
		problems = schemaFindings(c.schemas[media.Schema.Value], value)
	}
	j.findings = append(j.findings, place(problems, Client, whereRequestBody)...)
	return j
}

func (c *Contract) judgeResponse(req *http.Request, sent []byte, resp *http.Response, body []byte) judgement {
	j := judgement{message: fmt.Sprintf("response %d", resp.StatusCode)}
	route, _, unknown := c.route(req)
	if unknown != nil {
		j.findings = unknown
		return j
	}
	j.operation = operationName(route)
	responses := route.Operation.Responses
	status, documented := documentedResponse(responses, resp.StatusCode)
	if documented == nil {
		detail := fmt.Sprintf("%d is not documented", resp.StatusCode)
		j.findings = []Finding{{Server, whereStatus, "", "status", detail}}
		return j
	}
	j.message = "response " + status
	if len(documented.Content) == 0 {
		return j
	}
	where := fmt.Sprintf("response %d body", resp.StatusCode)
	value, media, findings := judgeForm(canonical(resp.Header), documented.Content, body, "response", where)
	j.value = value
	if media == nil {
		j.findings = place(findings, Server, where)
		return j
	}
	x := exchange{status: resp.StatusCode}
	x.got, _ = value.(map[string]any)
	request, _, _ := decode(sent)
	x.sent, _ = request.(map[string]any)
	schema := media.Schema
	if c.hasRule(errorUnder200) && len(x.errorUnder200()) > 0 {
		schema = cmp.Or(failureSchema(responses), schema)
	}
	if schema != nil {
		findings = schemaFindings(c.schemas[schema.Value], value)
	}
	j.findings = place(c.addRules(findings, x), Server, where)
	return j
}

// documentedResponse finds what the document says about a status, and under which name: "200", "5XX" or "default".
// kin-openapi 0.152.0 judges no reply of 301, 304, 307 and 308.
func documentedResponse(responses *openapi3.Responses, status int) (string, *openapi3.Response) {
	number := strconv.Itoa(status)
	for _, name := range []string{number, number[:1] + "XX", "default"} {
		if documented := responses.Value(name); documented != nil && (len(number) == 3 || name == "default") {
			return name, documented.Value
		}
	}
	return "", nil
}

func operationName(route *routers.Route) string { return route.Method + " " + route.Path }

// place completes findings about a body.
func place(findings []Finding, party Party, where string) []Finding {
	for i := range findings {
		findings[i].Party = party
		if findings[i].Where == "" {
			findings[i].Where = where
		}
	}
	return findings
}

// route finds the operation of a request. kin-openapi 0.152.0 takes "/a/" and "/a%2Fb" for "/a" and "/a/b", so the
// slashes are counted.
func (c *Contract) route(req *http.Request) (*routers.Route, map[string]string, []Finding) {
	route, params, err := c.router.FindRoute(req)
	switch {
	case err != nil && err.Error() == routers.ErrMethodNotAllowed.Error():
		return nil, nil, []Finding{{Client, "request method", "", "method", "the path does not take it"}}
	case err != nil, strings.Count(req.URL.EscapedPath(), "/") != strings.Count(route.Path, "/"):
		return nil, nil, []Finding{{Client, "request path", "", "path", "the document has no such path"}}
	}
	return route, params, nil
}

// canonical is a header as whoever receives it has it. Who sends may spell names as it likes, such as "x-api-key".
func canonical(header http.Header) http.Header {
	received := make(http.Header, len(header))
	for name, values := range header {
		key := http.CanonicalHeaderKey(name)
		received[key] = append(received[key], values...)
	}
	return received
}

// judgeParameters judges parameters and security. The texts of kin-openapi print values, so they are replaced.
func judgeParameters(req *http.Request, route *routers.Route, params map[string]string) (findings []Finding) {
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
		return Finding{Client, "request " + string(credential), "", "security", "missing"}
	}
	var wrong *openapi3filter.RequestError
	if !errors.As(err, &wrong) || wrong.Parameter == nil {
		return Finding{Client, "request", "", "parameters", "do not fit the document"}
	}
	where := fmt.Sprintf("request %s %s", wrong.Parameter.In, wrong.Parameter.Name)
	if errors.Is(err, openapi3filter.ErrInvalidRequired) {
		return Finding{Client, where, "", "required", "missing"}
	}
	return Finding{Client, where, "", "schema", "does not fit its schema"}
}

// missingCredential is the place that should hold one: "header x-api-key".
type missingCredential string

func (m missingCredential) Error() string { return "no " + string(m) }

// authenticate wants credentials to be there; whether they are right is for the server to say. kin-openapi 0.152.0
// leaves all of it to its caller.
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

// judgeForm judges all of a message with a body but whether its value fits the schema. It returns the value and what
// the document says about it, or nil and nil if there are findings or no JSON to judge.
func judgeForm(header http.Header, content openapi3.Content, body []byte, message, where string,
) (any, *openapi3.MediaType, []Finding) {
	media, problem := documentedType(header, content)
	if media == nil {
		return nil, nil, []Finding{{Where: message + " content type", Keyword: "content-type", Detail: problem}}
	}
	if len(body) > maxBody {
		return nil, nil, []Finding{{Where: where, Keyword: "size", Detail: "over 1 MiB"}}
	}
	if !isJSON(header.Get("Content-Type")) {
		return nil, nil, nil
	}
	value, at, problem := decode(body)
	if problem != "" {
		return nil, nil, []Finding{{Where: where, Pointer: pointer(at), Keyword: "json", Detail: problem}}
	}
	return value, media, nil
}
