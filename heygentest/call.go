package heygentest

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/heygen-go/heygen/contract"
)

// Bounds of the record of calls.
const (
	maxCalls    = 1000
	maxCallBody = 64 << 10
	maxRecord   = 64 << 20 // bytes of all calls, about
)

// Call records one request and the response to it.
type Call struct {
	Number       int // from 1, in order of arrival
	Method       string
	RequestURI   string      // path and query
	Header       http.Header // of the request; the values of X-Api-Key, Authorization and Cookie are [redacted]
	RequestBody  []byte      // at most the first 64 KiB; nil if the body was over 1 MiB
	Start        time.Time
	Duration     time.Duration      // 0 until the call has ended
	StatusCode   int                // 0 until the call has ended, and if the connection ended without a response
	RequestID    string             // the X-Request-Id of the response; "" if it has none
	ResponseBody []byte             // at most the first 64 KiB; may hold a signing secret
	Fault        string             // the fault that the call met, as [Fault.String] writes it; "" if none
	Findings     []contract.Finding // how the call breaks the contract: by the client and, with a fault, by the sandbox
}

func (c *Call) clone() Call {
	clone := *c
	clone.Header = c.Header.Clone()
	clone.RequestBody, clone.ResponseBody = bytes.Clone(c.RequestBody), bytes.Clone(c.ResponseBody)
	clone.Findings = slices.Clone(c.Findings)
	return clone
}

// size is about how much memory a call takes, with the overhead of its many small parts: a header of 1 MiB may have
// 250,000 fields.
func (c *Call) size() int {
	const overhead = 100
	n := 10*overhead + len(c.Method) + len(c.RequestURI) + len(c.RequestBody) + len(c.ResponseBody) + len(c.RequestID)
	for name, values := range c.Header {
		n += overhead + len(name)
		for _, value := range values {
			n += overhead + len(value)
		}
	}
	for _, f := range c.Findings {
		n += overhead + len(f.Where) + len(f.Pointer) + len(f.Keyword) + len(f.Detail)
	}
	return n
}

// Calls returns the last calls in order of arrival, including calls that met a fault: 1000 of them, or fewer if these
// take over 64 MiB.
func (s *Sandbox) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, call := range s.calls {
		calls = append(calls, call.clone())
	}
	return calls
}

// trim drops the oldest calls beyond the bounds of the record.
func (s *Sandbox) trim() {
	for len(s.calls) > maxCalls || s.recorded > maxRecord && len(s.calls) > 1 {
		s.recorded -= s.calls[0].size()
		s.calls[0], s.calls = nil, s.calls[1:] // nil, so that it can be freed
	}
}

func newCall(r *http.Request, body []byte, findings []contract.Finding) *Call {
	call := &Call{
		Method: r.Method, RequestURI: r.RequestURI, Header: maps.Clone(r.Header), RequestBody: kept(body),
		Start: time.Now(), Findings: slices.Clip(findings),
	}
	for _, name := range []string{"X-Api-Key", "Authorization", "Cookie"} {
		if values := call.Header[name]; len(values) > 0 {
			call.Header[name] = slices.Repeat([]string{"[redacted]"}, len(values)) // the request keeps its own
		}
	}
	return call
}

// kept returns the part of a body that the record of calls keeps.
func kept(body []byte) []byte {
	if len(body) > maxCallBody {
		return bytes.Clone(body[:maxCallBody]) // so that the rest can be freed
	}
	return body
}

// arrive records a call and returns the fault that it meets: the next one of the script, or else that of the first rule
// that selects the call, or else the zero Fault.
func (s *Sandbox) arrive(call *Call, endpointID func() string) (fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived++
	call.Number = s.arrived
	s.calls = append(s.calls, call)
	s.recorded += call.size()
	s.trim()
	s.expect(call)
	for _, rule := range slices.Backward(s.rules) { // so that the first rule wins, and all of them count
		if rule.selects(endpointID) {
			fault = rule.fault
		}
	}
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	call.Fault = fault.String()
	return fault
}

// end completes the record of a call. resp is nil if the connection ended without a response.
func (s *Sandbox) end(call *Call, resp *response, findings []contract.Finding) {
	s.mu.Lock()
	before := call.size()
	call.Duration = time.Since(call.Start)
	if resp != nil {
		call.StatusCode, call.RequestID = resp.status, resp.header.Get("X-Request-Id")
		call.ResponseBody = kept(resp.body.Bytes())
	}
	call.Findings = append(call.Findings, findings...)
	if call.Number > s.arrived-len(s.calls) { // the record still has it
		s.recorded += call.size() - before
		s.trim()
	}
	if s.observe == nil {
		s.mu.Unlock()
		return
	}
	ended := call.clone()
	s.mu.Unlock()
	s.observe(ended)
}
