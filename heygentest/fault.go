package heygentest

import (
	"io"
	"maps"
	"net"
	"net/http"
	"time"
)

// Fault is what happens to a call instead of the normal behaviour; see [Server.Next]. The zero Fault is the normal
// behaviour, for a script in which a later call fails.
type Fault struct{ serve func(exchange) }

// exchange is a call that meets a fault.
type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	closing <-chan struct{} // closed when the sandbox closes
	normal  func()          // the normal behaviour
}

// RespondWith answers with a status, a header, which may be nil, and a body, exactly: the contract is not asked, and a
// Content-Type that is not in the header is not sent. With a Content-Length that is too large the body breaks off.
func RespondWith(status int, header http.Header, body string) Fault {
	return Fault{func(x exchange) {
		x.w.Header()["Content-Type"] = nil // else net/http guesses one
		maps.Copy(x.w.Header(), header)
		x.w.WriteHeader(status)
		_, _ = io.WriteString(x.w, body)
	}}
}

// RespondWithError answers with HeyGen's error envelope.
func RespondWithError(status, code int, message string) Fault {
	return Fault{func(x exchange) { writeError(x.w, status, code, message) }}
}

// Delay waits before the normal behaviour, unless the client or the sandbox ends the call first.
func Delay(d time.Duration) Fault {
	return Fault{func(x exchange) {
		x.wait(time.After(d))
		x.normal()
	}}
}

// Hang never answers. The call ends when the client gives up or the sandbox is closed.
func Hang() Fault {
	return Fault{func(x exchange) { x.wait(nil) }}
}

// Reset resets the connection instead of answering.
func Reset() Fault {
	return Fault{func(x exchange) {
		conn, _, err := http.NewResponseController(x.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // so that closing sends a reset
		}
		_ = conn.Close()
	}}
}

// wait returns when it is time. If the call ends before, so does the connection.
func (x exchange) wait(until <-chan time.Time) {
	select {
	case <-until:
	case <-x.r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-x.closing:
		panic(http.ErrAbortHandler)
	}
}
