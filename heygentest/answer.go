package heygentest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/heygen-go/heygen/generated/server"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// answer is a reply before it is sent. Handlers write it as they write an http.ResponseWriter.
type answer struct {
	status int // 0 until it is written
	header http.Header
	body   bytes.Buffer
	over   time.Duration // the time that the body takes

	before, after *heygen.WebhookEndpoint // what it says has changed; nil for nothing
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(data []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(data)
}

// response is the answer as the contract judges it.
func (a *answer) response() *http.Response {
	return &http.Response{
		StatusCode: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body.Bytes())),
	}
}

// pieces is how many parts a slow body has.
const pieces = 10

// send writes an answer, exactly.
func (x exchange) send(a *answer) {
	x.w.Header()["Content-Type"] = nil // else net/http guesses one
	maps.Copy(x.w.Header(), a.header)
	x.w.WriteHeader(a.status)
	if a.over == 0 {
		_, _ = x.w.Write(a.body.Bytes())
		return
	}
	flusher, body := http.NewResponseController(x.w), bytes.NewBuffer(a.body.Bytes())
	_ = flusher.Flush()
	for i := range pieces {
		x.wait(time.After(a.over / pieces))
		_, _ = x.w.Write(body.Next(body.Len() / (pieces - i)))
		_ = flusher.Flush()
	}
}

// writeError answers with the error envelope.
func writeError(w http.ResponseWriter, status, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(server.Error{Code: code, Message: message})
}
