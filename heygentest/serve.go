package heygentest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/internal/cors"
	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// ServeHTTP handles a call: it checks the request by the contract, records the call, and then applies a fault or
// responds normally.
//
// What a browser sends on its own is no call: a CORS preflight gets a response without the headers that would allow the
// request after it, and a request of another site without the API key gets a 403.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serving.Add(1)
	defer s.serving.Done()
	switch {
	case cors.IsPreflight(r.Method, r.Header):
		w.Header().Set("Allow", s.allowed(r))
		w.WriteHeader(http.StatusNoContent)
		return
	case r.Header.Get("X-Api-Key") != s.APIKey && cors.IsCrossSite(r):
		http.Error(w, "heygentest: refused a browser's request of another site without the API key", http.StatusForbidden)
		return
	}
	r = r.WithContext(r.Context()) // a copy: a handler must not change the request of its caller
	req, violation := &request{Request: r}, (*contract.Violation)(nil)
	err := s.contract.CheckRequest(r) // first: it reads the body and gives the request a GetBody
	if errors.As(err, &violation) {
		req.findings = violation.Findings
	}
	req.brokenOff = err != nil && violation == nil
	if r.GetBody != nil {
		body, _ := r.GetBody() // neither this nor the reading has an error: the body is in memory
		req.body, _ = io.ReadAll(body)
		_ = json.Unmarshal(req.body, &req.value) // the contract has found what is wrong with it
	}
	call := newCall(r, req.body, req.findings)
	fault := s.arrive(call, req.endpointID)
	s.claim(req)

	var resp *response
	var findings []contract.Finding
	defer func() { s.end(call, resp, findings) }() // deferred, because an aborted call panics
	x := exchange{w, r, s.closing}
	func() {
		defer s.release(req) // before the client can have the response, and also if the call is aborted
		if s.latency > 0 {
			x.wait(time.After(s.latency))
		}
		resp = fault.respond(x, func() *response { return s.respond(req, call.Number) })
	}()
	if resp != nil && resp.reset {
		resp = nil
		x.reset()
	}
	if resp == nil {
		return
	}
	if fault.do != nil && req.known() && errors.As(s.check(r, resp), &violation) {
		findings = violation.Findings
	}
	x.send(resp)
}

// check checks a response by the contract.
func (s *Sandbox) check(r *http.Request, resp *response) error {
	return s.contract.CheckResponse(r, resp.received()) //nolint:bodyclose // in memory
}

// request is a request that the contract has checked.
type request struct {
	*http.Request
	body      []byte
	value     any // of the body; nil if that is not JSON
	findings  []contract.Finding
	brokenOff bool // the body ended early

	// What is known of the Idempotency-Key; see [Sandbox.claim].
	scope      string // of the first request with the key; else ""
	first      []byte // the body of the response to the first request, to be repeated; nil for none
	inProgress bool   // the first request is under way
}

// known reports whether the document has an operation for the request.
func (r *request) known() bool { return !r.breaks("path") && !r.breaks("method") }

func (r *request) breaks(keyword string) bool { return breaks(r.findings, keyword) }

func breaks(findings []contract.Finding, keyword string) bool {
	return slices.ContainsFunc(findings, func(f contract.Finding) bool { return f.Keyword == keyword })
}

// methods are those that an OpenAPI document can have.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}

// allowed returns the methods that the document has for a path, as an Allow header.
func (s *Sandbox) allowed(r *http.Request) string {
	var allow []string
	for _, method := range methods {
		probe, violation := r.Clone(r.Context()), (*contract.Violation)(nil)
		probe.Method, probe.Body, probe.GetBody = method, nil, nil
		if !errors.As(s.contract.CheckRequest(probe), &violation) ||
			!breaks(violation.Findings, "method") && !breaks(violation.Findings, "path") {
			allow = append(allow, method)
		}
	}
	return strings.Join(allow, ", ")
}

// endpointID returns the id of the endpoint that a request names, or "".
func (r *request) endpointID() string {
	if isV3(r.Request) {
		rest, _ := strings.CutPrefix(r.URL.EscapedPath(), "/v3/webhooks/endpoints/")
		segment, _, _ := strings.Cut(rest, "/")
		id, _ := url.PathUnescape(segment) // a path that arrived has no error
		return id
	}
	members, _ := r.value.(map[string]any)
	id, _ := members["endpoint_id"].(string)
	return id
}

// respond makes the normal response. A change is kept only if the response to it keeps the contract.
func (s *Sandbox) respond(r *request, number int) *response {
	if r.brokenOff {
		panic(http.ErrAbortHandler) // the client is gone
	}
	resp := newResponse()
	resp.header.Set("X-Request-Id", "sandbox-"+strconv.Itoa(number))
	if s.retire(resp, r.URL.Path) {
		return resp
	}
	refused := s.probeChange(r) // without the lock: the receiver may call the sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := s.limit.take(time.Now())
	if !r.known() {
		status := http.StatusNotFound
		if r.breaks("method") {
			status = http.StatusMethodNotAllowed
			resp.header.Set("Allow", s.allowed(r.Request))
		}
		http.Error(resp, fmt.Sprintf("heygentest: there is no operation %s %s", r.Method, r.URL.EscapedPath()), status)
		return resp
	}
	s.commit, s.refused = nil, refused
	s.operate(resp, r, wait)
	if err := s.check(r.Request, resp); err != nil && !isUndocumentedFailure(resp, err) {
		text := fmt.Sprintf("heygentest: the sandbox's own response is wrong, and nothing was changed: %v", err)
		log.Print(text)
		resp = newResponse()
		http.Error(resp, text, http.StatusInternalServerError)
		return resp
	}
	if s.commit == nil {
		return resp
	}
	s.commit()
	if r.scope != "" {
		s.keys.remember(r.scope, resp)
	}
	return resp
}

// retire adds the headers of a sunset to a response of version 1, and reports whether version 1 has ended.
func (s *Sandbox) retire(resp *response, path string) bool {
	if s.sunset.IsZero() || !strings.HasPrefix(path, "/v1/") {
		return false
	}
	resp.header.Set("Deprecation", "true")
	resp.header.Set("Sunset", s.sunset.UTC().Format(http.TimeFormat))
	if time.Now().Before(s.sunset) {
		return false
	}
	resp.header.Set("Content-Type", "text/html; charset=utf-8")
	resp.WriteHeader(http.StatusGone)
	resp.body.WriteString("<html><body><h1>410 Gone</h1></body></html>")
	return true
}

// isUndocumentedFailure reports whether a response breaks the contract only because it is a failure with a status that
// the document does not list. The published page lists neither 401 nor 501.
func isUndocumentedFailure(resp *response, err error) bool {
	var violation *contract.Violation
	return resp.status >= http.StatusBadRequest && errors.As(err, &violation) && len(violation.Findings) == 1 &&
		violation.Findings[0].Keyword == "status"
}

// operate writes the response to a request for an operation of a document. It changes no endpoint: s.commit does.
func (s *Sandbox) operate(resp *response, r *request, wait time.Duration) {
	coding := r.Header.Get("Content-Encoding")
	fail := func(status, code int, codeV3, param, message string) {
		failure{status, code, codeV3, param, message}.write(resp, r.Request)
	}
	switch {
	case wait > 0:
		resp.header.Set("Retry-After", inSeconds(wait))
		fail(http.StatusTooManyRequests, codeRateLimited, "rate_limit_exceeded", "", "Too many requests")
	case r.Header.Get("X-Api-Key") != s.APIKey:
		fail(http.StatusUnauthorized, codeUnauthorized, "unauthorized", "", "Unauthorized")
	case coding != "" && coding != "identity":
		fail(http.StatusBadRequest, codeInvalidParameter, codeInvalidV3, "", "request content coding: not documented")
	case r.breaks("required"):
		fail(http.StatusBadRequest, codeMissing, codeInvalidV3, parameterOf(r.findings[0]), explain(r.findings))
	case len(r.findings) > 0:
		fail(http.StatusBadRequest, codeInvalidParameter, codeInvalidV3, parameterOf(r.findings[0]), explain(r.findings))
	case r.inProgress:
		fail(http.StatusConflict, 0, "request_in_progress", "", "The first request with this Idempotency-Key is under way")
	case r.first != nil:
		resp.header.Set("Content-Type", typeJSON)
		_, _ = resp.Write(r.first)
	default:
		r.Body = checkedBody{io.NopCloser(bytes.NewReader(r.body)), r.value}
		operations := s.operations
		if isV3(r.Request) {
			operations = s.operationsV3
		}
		operations.ServeHTTP(resp, r.Request)
		if resp.header.Get("Content-Type") != typeJSON && resp.status < http.StatusInternalServerError {
			// The generated server reads less than the contract allows: no ".." as an id, no 1e1 as an integer.
			*resp = response{header: http.Header{"X-Request-Id": resp.header["X-Request-Id"]}}
			fail(http.StatusBadRequest, codeInvalidParameter, codeInvalidV3, "", "a parameter cannot be read")
		}
	}
}

// parameterOf returns the parameter or the member that a finding is about, or "".
func parameterOf(finding contract.Finding) string {
	if names := jsonpointer.Split(finding.Pointer); len(names) > 0 {
		return names[0]
	}
	if name, missing := strings.CutSuffix(finding.Detail, " is missing"); missing {
		return strings.TrimPrefix(name, "member ")
	}
	for _, place := range []string{"request query ", "request header "} {
		if name, ok := strings.CutPrefix(finding.Where, place); ok {
			return name
		}
	}
	return ""
}

// explain names the wrong fields.
func explain(findings []contract.Finding) string {
	var texts []string
	for _, finding := range findings {
		place := strings.TrimPrefix(finding.Pointer, "/")
		if place == "" {
			place = finding.Where
		}
		texts = append(texts, place+": "+finding.Detail)
	}
	return strings.Join(texts, "; ")
}
