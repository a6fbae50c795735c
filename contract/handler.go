package contract

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
)

// Handler returns a handler that checks every exchange that goes through next: the middleware for a server.
//
// A request that breaks the contract does not reach next and gets a 400. A response that breaks it becomes a 500.
// Both are plain text, the [Violation] on one line, so a test of the server fails whatever language it is written in.
// With [WithReportOnly] every response is that of next, which is how to test what a server itself makes of broken
// requests, and how to watch one in production.
//
// A response is held back, up to 1 MiB, until next returns, and cannot be flushed; with WithReportOnly it is not. Else
// next can do with its http.ResponseWriter what it could without the contract. The path counts from the root: put
// http.StripPrefix in front if the server has a prefix. If next panics or takes over the connection, no response is
// checked, which [WithOnUnjudged] and [WithCollector] report.
func (c *Contract) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchange := c.exchange()
		if c.passes(exchange, r) {
			next.ServeHTTP(w, r)
			return
		}
		checked := r.Clone(r.Context()) // next may change its request
		if err := c.checkRequest(exchange, checked); c.refuses(err) {
			refuse(w, err, http.StatusBadRequest)
			return
		}
		r = r.WithContext(r.Context()) // the caller's request stays as it is
		r.Body, r.GetBody = checked.Body, checked.GetBody
		resp := &recorder{behind: w, header: w.Header().Clone()}
		var seen http.ResponseWriter = resp
		if c.reportOnly {
			resp.through, resp.header = true, w.Header()
			seen = throughRecorder{resp}
		}
		returned := false
		defer func() {
			if reason := resp.unfinished(returned); reason != "" {
				c.judgeNoResponse(exchange, checked, reason)
			}
		}()
		next.ServeHTTP(seen, r)
		if returned = true; resp.hijacked {
			return
		}
		received := resp.result(checked.Method) //nolint:bodyclose // in memory
		if err := c.checkResponse(exchange, checked, received); c.refuses(err) {
			refuse(w, err, http.StatusInternalServerError)
			return
		}
		resp.pass()
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
	behind   http.ResponseWriter
	through  bool        // the response goes through at once; else it is held back
	hijacked bool        // next took over the connection
	header   http.Header // what next still changes
	sent     http.Header // as it was when the status was written
	status   int
	body     bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if status >= 200 { // before that come hints
		r.begin(status)
	}
	if r.through {
		r.behind.WriteHeader(status)
	}
}

func (r *recorder) begin(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(data []byte) (int, error) {
	r.begin(http.StatusOK)
	_, typed := r.sent["Content-Type"]
	if !typed && r.sent.Get("Content-Encoding") == "" && r.body.Len() == 0 && len(data) > 0 {
		r.sent.Set("Content-Type", http.DetectContentType(data)) // net/http does it, too
	}
	r.body.Write(data[:min(len(data), maxBody+1-r.body.Len())])
	if r.through {
		return r.behind.Write(data)
	}
	return len(data), nil
}

// FlushError is the Flush of http.ResponseController. What is held back cannot be flushed.
func (r *recorder) FlushError() error {
	if !r.through {
		return http.ErrNotSupported
	}
	r.begin(http.StatusOK)
	if _, typed := r.sent["Content-Type"]; !typed {
		r.sent["Content-Type"] = nil // the header is sent now, and net/http guesses no type later
	}
	return http.NewResponseController(r.behind).Flush()
}

// Hijack is that of http.Hijacker. The response is no more what was written here.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(r.behind).Hijack()
	r.hijacked = r.hijacked || err == nil
	return conn, buffered, err
}

// Unwrap lets http.ResponseController find what a recorder does not change, such as deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.behind }

// unfinished returns why there is no whole response, or "".
func (r *recorder) unfinished(returned bool) Unjudged {
	switch {
	case r.hijacked:
		return UnjudgedHijacked
	case returned:
		return ""
	case r.status == 0:
		return UnjudgedResponse
	}
	return UnjudgedBrokenOff
}

// result returns the response to a request with this method. A body that is shorter than its Content-Length breaks off:
// net/http closes the connection.
func (r *recorder) result(method string) *http.Response {
	r.begin(http.StatusOK)
	resp := &http.Response{StatusCode: r.status, Header: r.sent, Body: readable(r.body.Bytes())}
	length, err := strconv.Atoi(r.sent.Get("Content-Length"))
	if err == nil && r.body.Len() < min(length, maxBody) && hasContent(method, r.status) {
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, endsTooEarly{}))
	}
	return resp
}

type endsTooEarly struct{}

func (endsTooEarly) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// pass writes a response that was held back.
func (r *recorder) pass() {
	if r.through {
		return
	}
	clear(r.behind.Header()) // next may have removed some
	maps.Copy(r.behind.Header(), r.sent)
	r.behind.WriteHeader(r.status)
	_, _ = r.behind.Write(r.body.Bytes())
	maps.Copy(r.behind.Header(), r.header) // the trailers count
}

// throughRecorder has the methods that handlers look for without http.ResponseController, and that a response which is
// held back cannot have.
type throughRecorder struct{ *recorder }

func (r throughRecorder) Flush() { _ = r.FlushError() }

// ReadFrom leaves what is beyond the checked part of a body to the writer behind, which may copy a file without reading
// it.
func (r throughRecorder) ReadFrom(body io.Reader) (int64, error) {
	n, err := io.Copy(r.recorder, io.LimitReader(body, int64(maxBody+1-r.body.Len())))
	if err != nil || r.body.Len() <= maxBody {
		return n, err
	}
	more, err := io.Copy(r.behind, body)
	return n + more, err
}
