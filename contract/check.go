package contract

import (
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
)

const (
	whereRequestBody = "request body"
	whereStatus      = "response status"
	messageRequest   = "request"
)

// message is a message that was checked.
type message struct {
	operation string // "PATCH /v1/webhook/endpoint.update", or "" if the document has none for it
	name      string // "request", or "response 200" as the document names it; an undocumented one by its number
	value     any    // of a JSON body
	findings  []Finding
}

// errNoOperation is no violation: it is the request that has none, and CheckRequest reports that.
var errNoOperation = errors.New("contract: response not checked: the document has no operation for the request")

// CheckRequest returns nil, a *[Violation], or the error of reading the body. A body with a content coding other than
// gzip is not checked, which [WithOnUnjudged] reports. It reads the body and replaces it by one
// that can be read from the start; a request without GetBody gets one, unless its body is over 1 MiB.
//
// The path counts from the root: a base URL with a path is an unknown path.
func (c *Contract) CheckRequest(req *http.Request) error { return c.checkRequest("", req) }

// checkRequest checks the request of an exchange, and reports it if it cannot be checked.
func (c *Contract) checkRequest(exchange string, req *http.Request) error {
	body, err := requestBody(req)
	if err != nil {
		c.unjudged(UnjudgedExchange{exchange, c.operationOf(req), UnjudgedRequestBrokenOff})
		return fmt.Errorf("contract: request body: %w", brokenOff{0, err})
	}
	body, coded := decompress(req.Header, body)
	if coded != nil {
		c.unjudged(UnjudgedExchange{exchange, c.operationOf(req), UnjudgedRequestCoding})
	}
	return c.verdict(exchange, req, func(c *Contract) (message, error) { return c.request(req, body, coded == nil), nil })
}

// CheckResponse returns nil, a *[Violation], or an error that says why the response was not checked: its body could not
// be read, or the document has no operation for the request. The body of resp can be read afterwards. The rules that
// compare the response with the request take the request's body from its GetBody, and report nothing without one.
//
// The request itself is not checked, and of the response's headers the content type and those that the document
// describes. Responses to HEAD, and those with status 204, 205 or 304, have no content that could be checked.
//
// The body may be compressed by gzip. One of any other content coding is not checked.
func (c *Contract) CheckResponse(req *http.Request, resp *http.Response) error {
	return c.checkResponse("", req, resp)
}

// checkResponse checks the response of an exchange, and reports it if it cannot be checked. The status of a response
// whose body cannot be read is checked all the same.
func (c *Contract) checkResponse(exchange string, req *http.Request, resp *http.Response) error {
	sent, err := sentBody(req)
	if err != nil {
		return fmt.Errorf("contract: request body: %w", err)
	}
	if undone, err := decompress(req.Header, sent); err == nil {
		sent = undone
	}
	if resp.Body == nil { // of a response made by hand
		resp.Body = http.NoBody
	}
	var body []byte
	header := canonical(resp.Header)
	if resp.StatusCode != http.StatusSwitchingProtocols { // what follows that is no body and need not end
		body, resp.Body, err = read(resp.Body)
	}
	if err != nil {
		err = brokenOff{resp.StatusCode, err}
	} else if hasContent(req.Method, resp.StatusCode) {
		body, err = decompress(header, body)
	}
	if err != nil && c.knowsStatus(req, resp.StatusCode) { // else the response is wrong, whatever its body
		reason := UnjudgedBrokenOff
		if errors.Is(err, errCoding) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) { // of a transport
			reason = UnjudgedCoding
		}
		c.unjudged(UnjudgedExchange{exchange, c.operationOf(req), reason})
		return fmt.Errorf("contract: response %d body: %w", resp.StatusCode, err)
	}
	return c.verdict(exchange, req, func(c *Contract) (message, error) {
		return c.response(req, sent, resp.StatusCode, header, body)
	})
}

// request checks a request, and its body if that can be read.
func (c *Contract) request(req *http.Request, body []byte, readable bool) message {
	m := message{name: messageRequest}
	route, params, unknown := c.route(req)
	if unknown != nil {
		m.findings = unknown
		return m
	}
	m.operation = route.name
	from := received{params, pairsOf(req.URL.RawQuery), canonical(req.Header), route}
	m.findings = append(missingCredentials(route.security, from),
		c.checkParameters(route.parameters, from, PartyClient, messageRequest)...)
	if route.body == nil || !readable {
		return m
	}
	if len(body) == 0 {
		if route.body.required {
			m.findings = append(m.findings, Finding{PartyClient, whereRequestBody, "", "required", "missing"})
		}
		return m
	}
	value, media, findings := readBody(from.header, route.body.content, body, messageRequest)
	m.value = value
	if media != nil {
		findings = c.judge(media.schema, value)
	}
	m.findings = append(m.findings, place(findings, PartyClient, whereRequestBody)...)
	return m
}

func (c *Contract) response(req *http.Request, sent []byte, status int, header http.Header, body []byte,
) (message, error) {
	route, _, unknown := c.route(req)
	if unknown != nil {
		return message{}, errNoOperation
	}
	name := fmt.Sprintf("response %d", status)
	m := message{operation: route.name, name: name}
	key, documented := route.response(status)
	if documented == nil {
		detail := fmt.Sprintf("%d is not documented", status)
		m.findings = []Finding{{PartyServer, whereStatus, "", "status", detail}}
		return m, nil
	}
	m.name = "response " + key
	m.findings = c.checkParameters(documented.headers, received{header: header}, PartyServer, name)
	if !hasContent(req.Method, status) {
		return m, nil
	}
	if len(documented.content) == 0 {
		if len(body) > maxBody { // Handler has held back no more of it
			m.findings = append(m.findings, place([]Finding{tooLarge}, PartyServer, name+" body")...)
		}
		return m, nil
	}
	value, media, findings := readBody(header, documented.content, body, name)
	m.value = value
	if media != nil {
		b := bodies{status: status}
		b.got, _ = value.(map[string]any)
		if len(route.rules) > 0 { // which alone look at the request
			request, _, _ := decode(sent)
			b.sent, _ = request.(map[string]any)
		}
		findings = c.judge(cmp.Or(route.failureSchema(b), media.schema), value)
		findings = addRules(route.rules, findings, b)
	}
	m.findings = append(m.findings, place(findings, PartyServer, name+" body")...)
	return m, nil
}

// hasContent reports whether a response has some by RFC 9110 (6.4.1, 15.3.6), whatever the document says.
func hasContent(method string, status int) bool {
	return method != http.MethodHead && status >= 200 && status != http.StatusNoContent &&
		status != http.StatusResetContent && status != http.StatusNotModified
}

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

// canonical returns header with canonical names, as a server sees it; clients may use any case.
func canonical(header http.Header) http.Header {
	isCanonical := true
	for name := range header {
		isCanonical = isCanonical && name == http.CanonicalHeaderKey(name)
	}
	if isCanonical {
		return header
	}
	received := make(http.Header, len(header))
	for name, values := range header {
		key := http.CanonicalHeaderKey(name)
		received[key] = append(received[key], values...)
	}
	return received
}
