package heygentest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/heygen-go/heygen/contract"
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
	codeUnimplemented    = 501 // of the sandbox's own
)

// serve is the road of a call: judged, recorded, then a fault or the normal behaviour.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.serving.Add(1)
	defer s.serving.Done()
	req, violation := &request{Request: r}, (*contract.Violation)(nil)
	err := s.contract.CheckRequest(r) // first: it reads the body and gives the request a GetBody
	if errors.As(err, &violation) {
		req.findings = violation.Findings
	}
	req.brokenOff = err != nil && violation == nil
	if r.GetBody != nil {
		body, _ := r.GetBody() // of a request that was received neither has an error
		var data bytes.Buffer
		_, _ = io.Copy(&data, body)
		req.body = data.Bytes()
	}
	call := newCall(r, req.body, req.findings)
	fault := s.arrive(call, req.endpointID)

	var a *answer
	var findings []contract.Finding
	defer func() { s.end(call, a, findings) }() // deferred, because a call that is ended panics
	x := exchange{w, r, s.closing}
	if s.latency > 0 {
		x.wait(time.After(s.latency))
	}
	a = fault.answer(x, func() *answer { return s.answer(req, call.Number) })
	if a == nil {
		return
	}
	if fault.do != nil && req.known() && errors.As(s.judge(r, a), &violation) {
		findings = violation.Findings
	}
	x.send(a)
}

func (s *Server) judge(r *http.Request, a *answer) error {
	return s.contract.CheckResponse(r, a.response()) //nolint:bodyclose // in memory
}

// request is a request that was judged.
type request struct {
	*http.Request
	body      []byte
	findings  []contract.Finding
	brokenOff bool // before the body was whole
}

// known reports whether there is an operation for the request.
func (r *request) known() bool { return !r.breaks("path") && !r.breaks("method") }

func (r *request) breaks(keyword string) bool {
	for _, finding := range r.findings {
		if finding.Keyword == keyword {
			return true
		}
	}
	return false
}

func (r *request) endpointID() string {
	var body struct {
		EndpointID string `json:"endpoint_id"`
	}
	_ = json.Unmarshal(r.body, &body) // what is no such JSON names no endpoint
	return body.EndpointID
}

// answer is the normal behaviour. An update is kept only if the answer to it keeps the contract.
func (s *Server) answer(r *request, number int) *answer {
	if r.brokenOff && r.Header.Get("Content-Encoding") == "" {
		panic(http.ErrAbortHandler) // nobody waits for an answer
	}
	wait := s.limit.take(time.Now())
	for {
		a := newAnswer()
		a.header.Set("X-Request-Id", "sandbox-"+strconv.Itoa(number))
		if !r.known() {
			text := fmt.Sprintf("heygentest: there is no operation %s %s", r.Method, r.URL.EscapedPath())
			http.Error(a, text, http.StatusNotFound)
			return a
		}
		s.respond(a, r, wait)
		r.Header.Del("Content-Encoding") // else no answer to it could be judged
		if err := s.judge(r.Request, a); err != nil && !isUndocumentedFailure(a, err) {
			text := fmt.Sprintf("heygentest: the sandbox's own answer is wrong, and nothing was changed: %v", err)
			log.Print(text)
			*a = *newAnswer()
			http.Error(a, text, http.StatusInternalServerError)
			return a
		}
		if s.keep(a) { // else another update was faster: once more
			return a
		}
	}
}

// isUndocumentedFailure reports whether all that is wrong with a failure is that the document of its operation does not
// list the status. No published page lists 401 or 501.
func isUndocumentedFailure(a *answer, err error) bool {
	var violation *contract.Violation
	return a.status >= http.StatusBadRequest && errors.As(err, &violation) && len(violation.Findings) == 1 &&
		violation.Findings[0].Keyword == "status"
}

// respond writes the answer to a request that there is an operation for. It changes nothing; keep does.
func (s *Server) respond(a *answer, r *request, wait time.Duration) {
	coding := r.Header.Get("Content-Encoding")
	switch {
	case wait > 0:
		a.header.Set("Retry-After", inSeconds(wait))
		writeError(a, http.StatusTooManyRequests, codeRateLimited, "Too many requests")
	case r.Header.Get("X-Api-Key") != s.APIKey:
		writeError(a, http.StatusUnauthorized, codeUnauthorized, "Unauthorized")
	case coding != "" && coding != "identity":
		writeError(a, http.StatusBadRequest, codeInvalidParameter, "request content coding: not documented")
	case r.breaks("required"):
		writeError(a, http.StatusBadRequest, codeMissing, explain(r.findings))
	case len(r.findings) > 0:
		writeError(a, http.StatusBadRequest, codeInvalidParameter, explain(r.findings))
	default:
		r.Body = io.NopCloser(bytes.NewReader(r.body)) // it may be read a second time
		s.operations.ServeHTTP(a, r.Request)
	}
}

// explain names the fields that are wrong.
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
