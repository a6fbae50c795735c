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
)

// Call is a request that arrived, and what became of it.
type Call struct {
	Number    int // from 1, in the order of arrival
	Method    string
	Target    string      // path and query
	Header    http.Header // the values of X-Api-Key, Authorization and Cookie are [redacted]
	Body      []byte      // at most its first 64 KiB; nil if it was over 1 MiB
	Began     time.Time
	Took      time.Duration      // 0 while it lasts
	Status    int                // of the answer; 0 while there is none, and if the connection ended instead
	RequestID string             // the answer's X-Request-Id, if it has one
	Answer    []byte             // at most the first 64 KiB of its body, which may hold a secret
	Fault     string             // the fault it met, as ParseFault reads it; "" if none
	Findings  []contract.Finding // where it breaks the contract: by the client, and with a fault by the sandbox
}

// Calls returns the last 1000 calls in the order in which they arrived, those that met a fault included.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.calls[max(0, len(s.calls)-maxCalls):]
	calls := make([]Call, len(last))
	for i, call := range last {
		calls[i] = *call
		calls[i].Header = call.Header.Clone()
		calls[i].Body, calls[i].Answer = bytes.Clone(call.Body), bytes.Clone(call.Answer)
		calls[i].Findings = slices.Clone(call.Findings)
	}
	return calls
}

func newCall(r *http.Request, body []byte, findings []contract.Finding) *Call {
	call := &Call{
		Method: r.Method, Target: r.RequestURI, Header: maps.Clone(r.Header), Body: kept(body), Began: time.Now(),
		Findings: slices.Clip(findings),
	}
	for _, name := range []string{"X-Api-Key", "Authorization", "Cookie"} {
		if values := call.Header[name]; len(values) > 0 {
			call.Header[name] = slices.Repeat([]string{"[redacted]"}, len(values)) // the request keeps its own
		}
	}
	return call
}

// kept is as much of a body as a record keeps.
func kept(body []byte) []byte {
	if len(body) > maxCallBody {
		return bytes.Clone(body[:maxCallBody]) // so that the rest is not kept
	}
	return body
}

// arrive records a call and returns what it meets: the next fault of the script, or else that of the first rule whose
// turn it is, or else the zero Fault.
func (s *Server) arrive(call *Call, endpointID func() string) (fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived++
	call.Number = s.arrived
	if s.calls = append(s.calls, call); len(s.calls) == 2*maxCalls {
		s.calls = slices.Delete(s.calls, 0, maxCalls) // not one by one, which costs more than it keeps
	}
	s.expect(call)
	for _, rule := range slices.Backward(s.rules) { // so that the first wins
		if rule.turn(endpointID) {
			fault = rule.fault
		}
	}
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	call.Fault = fault.String()
	return fault
}

// end records what became of a call.
func (s *Server) end(call *Call, a *answer, findings []contract.Finding) {
	s.mu.Lock()
	call.Took = time.Since(call.Began)
	if a != nil {
		call.Status, call.RequestID, call.Answer = a.status, a.header.Get("X-Request-Id"), kept(a.body.Bytes())
	}
	call.Findings = append(call.Findings, findings...)
	ended := *call
	s.mu.Unlock()
	if s.onCall != nil {
		ended.Header = ended.Header.Clone()
		ended.Body, ended.Answer = bytes.Clone(ended.Body), bytes.Clone(ended.Answer)
		ended.Findings = slices.Clone(ended.Findings)
		s.onCall(ended)
	}
}
