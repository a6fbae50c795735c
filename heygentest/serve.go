package heygentest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/internal/cors"
)

// HeyGen's own codes.
const (
	codeSuccess          = 100
	codeUnauthorized     = 400112
	codeMissing          = 40001
	codeInvalidParameter = 400175
	codeInvalidURL       = 400542
	codeNotFound         = 400131
	codeRateLimited      = 429 // HeyGen documents none
	codeUnimplemented    = 501 // the sandbox's own
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

	var resp *response
	var findings []contract.Finding
	defer func() { s.end(call, resp, findings) }() // deferred, because an aborted call panics
	x := exchange{w, r, s.closing}
	if s.latency > 0 {
		x.wait(time.After(s.latency))
	}
	resp = fault.respond(x, func() *response { return s.respond(req, call.Number) })
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

func (r *request) endpointID() string {
	members, _ := r.value.(map[string]any)
	id, _ := members["endpoint_id"].(string)
	return id
}

// respond makes the normal response. An update is kept only if the response to it keeps the contract.
func (s *Sandbox) respond(r *request, number int) *response {
	if r.brokenOff {
		panic(http.ErrAbortHandler) // the client is gone
	}
	refused := s.probeChange(r) // without the lock: the receiver may call the sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := s.limit.take(time.Now())
	resp := newResponse()
	resp.header.Set("X-Request-Id", "sandbox-"+strconv.Itoa(number))
	if !r.known() {
		status := http.StatusNotFound
		if r.breaks("method") {
			status = http.StatusMethodNotAllowed
			resp.header.Set("Allow", s.allowed(r.Request))
		}
		http.Error(resp, fmt.Sprintf("heygentest: there is no operation %s %s", r.Method, r.URL.EscapedPath()), status)
		return resp
	}
	s.updated, s.refused = nil, refused
	s.operate(resp, r, wait)
	if err := s.check(r.Request, resp); err != nil && !isUndocumentedFailure(resp, err) {
		text := fmt.Sprintf("heygentest: the sandbox's own response is wrong, and nothing was changed: %v", err)
		log.Print(text)
		resp = newResponse()
		http.Error(resp, text, http.StatusInternalServerError)
		return resp
	}
	if s.updated != nil {
		s.endpoints[s.updated.EndpointID] = *s.updated
	}
	return resp
}

// isUndocumentedFailure reports whether a response breaks the contract only because it is a failure with a status that
// the document does not list. The published page lists neither 401 nor 501.
func isUndocumentedFailure(resp *response, err error) bool {
	var violation *contract.Violation
	return resp.status >= http.StatusBadRequest && errors.As(err, &violation) && len(violation.Findings) == 1 &&
		violation.Findings[0].Keyword == "status"
}

// operate writes the response to a request for an operation of the document. It changes no endpoint, only s.updated.
func (s *Sandbox) operate(resp *response, r *request, wait time.Duration) {
	coding := r.Header.Get("Content-Encoding")
	switch {
	case wait > 0:
		resp.header.Set("Retry-After", inSeconds(wait))
		writeError(resp, http.StatusTooManyRequests, codeRateLimited, "Too many requests")
	case r.Header.Get("X-Api-Key") != s.APIKey:
		writeError(resp, http.StatusUnauthorized, codeUnauthorized, "Unauthorized")
	case coding != "" && coding != "identity":
		writeError(resp, http.StatusBadRequest, codeInvalidParameter, "request content coding: not documented")
	case r.breaks("required"):
		writeError(resp, http.StatusBadRequest, codeMissing, explain(r.findings))
	case len(r.findings) > 0:
		writeError(resp, http.StatusBadRequest, codeInvalidParameter, explain(r.findings))
	default:
		r.Body = checkedBody{io.NopCloser(bytes.NewReader(r.body)), r.value}
		s.operations.ServeHTTP(resp, r.Request)
	}
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
