package heygentest

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// response is a response in memory, before it is sent. Handlers write it as an http.ResponseWriter.
type response struct {
	status   int // 0 until it is written
	header   http.Header
	body     bytes.Buffer
	duration time.Duration // of sending the body
	reset    bool          // of the connection, in place of the response
}

func newResponse() *response { return &response{header: http.Header{}} }

func (resp *response) Header() http.Header { return resp.header }

func (resp *response) WriteHeader(status int) {
	if resp.status == 0 {
		resp.status = status
	}
}

func (resp *response) Write(data []byte) (int, error) {
	resp.WriteHeader(http.StatusOK)
	return resp.body.Write(data)
}

// received returns the response as a client gets it, for the contract.
func (resp *response) received() *http.Response {
	return &http.Response{
		StatusCode: resp.status, Header: resp.header, Body: io.NopCloser(bytes.NewReader(resp.body.Bytes())),
	}
}

// pieces is the number of parts in which a slow body is sent.
const pieces = 10

// send sends a response without changing a byte of it.
func (x exchange) send(resp *response) {
	x.w.Header()["Content-Type"] = nil // else net/http guesses one
	maps.Copy(x.w.Header(), resp.header)
	x.w.WriteHeader(resp.status)
	if resp.duration == 0 {
		_, _ = x.w.Write(resp.body.Bytes())
		return
	}
	flusher, body := http.NewResponseController(x.w), bytes.NewBuffer(resp.body.Bytes())
	_ = flusher.Flush()
	for i := range pieces {
		x.wait(time.After(resp.duration / pieces))
		_, _ = x.w.Write(body.Next(body.Len() / (pieces - i)))
		_ = flusher.Flush()
	}
}

// reset resets the connection.
func (x exchange) reset() {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // so that closing sends a reset
	}
	_ = conn.Close()
}
