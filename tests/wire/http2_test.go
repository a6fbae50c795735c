package wire_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
)

// connectionKey is under which the context of a request holds its connection.
type connectionKey struct{}

// http2Handlers are the servers of the cases over HTTP/2, whose frames the steps of the cases do not speak.
var http2Handlers = map[string]http.HandlerFunc{
	"answers": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, documented) },
	"says-not-found": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(404)
		_, _ = io.WriteString(w, `{"code":400131,"message":"Webhook endpoint not found"}`)
	},
	"redirects": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example/path")
		w.WriteHeader(307)
	},
	"resets": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"resets-in-the-body": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, documented)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	},
	"closes": func(_ http.ResponseWriter, r *http.Request) {
		_ = r.Context().Value(connectionKey{}).(*tls.Conn).NetConn().Close()
	},
	"cuts-off": func(_ http.ResponseWriter, r *http.Request) {
		conn := r.Context().Value(connectionKey{}).(*tls.Conn).NetConn().(*net.TCPConn)
		_ = conn.SetLinger(0)
		_ = conn.Close()
	},
	"hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	"hangs-in-the-body": func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, documented[:20])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	},
	"never-ends": func(w http.ResponseWriter, _ *http.Request) {
		for err := error(nil); err == nil; {
			_, err = w.Write(make([]byte, 32<<10))
		}
	},
}
