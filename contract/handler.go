package contract

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
)

// Handler returns a handler that checks every exchange that goes through next: the middleware for a server.
//
// A request that breaks the contract does not reach next and gets a 400. A response that breaks it becomes a 500.
// Both are plain text, the [Violation] on one line, so a test of the server fails whatever language it is written in.
// With [WithReportOnly] every response is that of next, which is how to test what a server itself makes of broken
// requests, and how to watch one in production.
//
// A response is held back, up to 1 MiB, until next returns; with WithReportOnly it is not. The path counts from the
// root: put http.StripPrefix in front if the server has a prefix. If next panics, no response is checked.
func (c *Contract) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchange := c.exchange()
		checked := r.Clone(r.Context()) // next may change its request
		err := c.checkRequest(exchange, checked)
		if c.refuses(err) {
			refuse(w, err, http.StatusBadRequest)
			return
		}
		r = r.WithContext(r.Context()) // the caller's request stays as it is
		r.Body, r.GetBody = checked.Body, checked.GetBody
		resp := &recorder{header: http.Header{}}
		if c.reportOnly {
			resp.through, resp.header = w, w.Header()
		}
		next.ServeHTTP(resp, r)
		if err := c.checkResponse(exchange, checked, resp.result()); c.refuses(err) { //nolint:bodyclose // in memory
			refuse(w, err, http.StatusInternalServerError)
			return
		}
		resp.pass(w)
	})
}

// refuse writes the response to an exchange that breaks the contract.
func refuse(w http.ResponseWriter, err error, status int) {
	if !errors.As(err, new(*Violation)) {
		err = errors.New("contract: a body cannot be read")
	}
	http.Error(w, err.Error(), status)
}

// recorder keeps a response as a client would get it, of a body that is too large the first maxBody+1 bytes.
type recorder struct {
	through http.ResponseWriter // gets the response at once; nil to hold it back
	header  http.Header         // what next still changes
	sent    http.Header         // as it was when the status was written
	status  int
	body    bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if status >= 200 && r.status == 0 { // before that come hints
		r.status, r.sent = status, r.header.Clone()
	}
	if r.through != nil {
		r.through.WriteHeader(status)
	}
}

func (r *recorder) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.status, r.sent = http.StatusOK, r.header.Clone()
	}
	_, typed := r.sent["Content-Type"]
	if !typed && r.sent.Get("Content-Encoding") == "" && r.body.Len() == 0 && len(data) > 0 {
		r.sent.Set("Content-Type", http.DetectContentType(data)) // net/http does it, too
	}
	r.body.Write(data[:min(len(data), maxBody+1-r.body.Len())])
	if r.through != nil {
		return r.through.Write(data)
	}
	return len(data), nil
}

// Unwrap lets http.ResponseController flush what goes through at once.
func (r *recorder) Unwrap() http.ResponseWriter { return r.through }

func (r *recorder) result() *http.Response {
	if r.status == 0 {
		r.status, r.sent = http.StatusOK, r.header.Clone()
	}
	return &http.Response{StatusCode: r.status, Header: r.sent, Body: readable(r.body.Bytes())}
}

// pass writes a response that was held back.
func (r *recorder) pass(w http.ResponseWriter) {
	if r.through != nil {
		return
	}
	maps.Copy(w.Header(), r.sent)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body.Bytes())
}
