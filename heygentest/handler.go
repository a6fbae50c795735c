package heygentest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/generated/server"
)

// HeyGen's own codes.
const (
	codeUnauthorized     = 400112
	codeMissing          = 40001
	codeInvalidParameter = 400175
	codeInvalidURL       = 400542
	codeNotFound         = 400131
)

// serve is the road of a call: judged, recorded, then a fault or the normal behaviour.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	broken := s.contract.CheckRequest(r) // first: it reads the body and gives the request a GetBody
	fault := s.arrive(callOf(r))
	normal := func() { s.answer(w, r, broken) }
	if fault.serve == nil {
		normal()
		return
	}
	fault.serve(exchange{w, r, s.closing, normal})
}

func callOf(r *http.Request) Call {
	call := Call{Method: r.Method, Target: r.RequestURI, Header: r.Header.Clone()}
	for _, name := range []string{"X-Api-Key", "Authorization", "Cookie"} {
		for i := range call.Header[name] {
			call.Header[name][i] = "[redacted]"
		}
	}
	if r.GetBody != nil {
		body, _ := r.GetBody() // of a request that was received it has no error
		call.Body, _ = io.ReadAll(io.LimitReader(body, maxCallBody))
	}
	return call
}

// answer is the normal behaviour.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, broken error) {
	var violation contract.Violation
	coding := r.Header.Get("Content-Encoding")
	r.Header.Del("Content-Encoding") // else no answer to it could be judged
	if found := (*contract.Violation)(nil); errors.As(broken, &found) {
		violation = *found
	} else if broken != nil && coding == "" {
		panic(http.ErrAbortHandler) // the body broke off, so nobody waits for an answer
	}
	recorder := httptest.NewRecorder()
	switch {
	case has(violation, "path") || has(violation, "method"):
		text := fmt.Sprintf("heygentest: there is no operation %s %s", r.Method, r.URL.EscapedPath())
		http.Error(w, text, http.StatusNotFound)
		return
	case r.Header.Get("X-Api-Key") != s.APIKey:
		writeError(recorder, http.StatusUnauthorized, codeUnauthorized, "Unauthorized")
	case coding != "" && coding != "identity":
		writeError(recorder, http.StatusBadRequest, codeInvalidParameter, "request content coding: not documented")
	case has(violation, "required"):
		writeError(recorder, http.StatusBadRequest, codeMissing, explain(violation))
	case len(violation.Findings) > 0:
		writeError(recorder, http.StatusBadRequest, codeInvalidParameter, explain(violation))
	default:
		s.operations.ServeHTTP(recorder, r)
	}
	s.send(w, r, recorder.Result())
}

func has(violation contract.Violation, keyword string) bool {
	for _, finding := range violation.Findings {
		if finding.Keyword == keyword {
			return true
		}
	}
	return false
}

// explain names the fields that are wrong.
func explain(violation contract.Violation) string {
	var texts []string
	for _, finding := range violation.Findings {
		place := strings.TrimPrefix(finding.Pointer, "/")
		if place == "" {
			place = finding.Where
		}
		texts = append(texts, place+": "+finding.Detail)
	}
	return strings.Join(texts, "; ")
}

// writeError answers with the error envelope.
func writeError(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(server.Error{Code: code, Message: message})
}

// send passes on an answer that keeps the contract.
func (s *Server) send(w http.ResponseWriter, r *http.Request, answer *http.Response) {
	if err := s.contract.CheckResponse(r, answer); err != nil {
		text := fmt.Sprintf("heygentest: the sandbox's own answer is wrong; is an endpoint that was added? %v", err)
		log.Print(text)
		http.Error(w, text, http.StatusInternalServerError)
		return
	}
	maps.Copy(w.Header(), answer.Header)
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}
