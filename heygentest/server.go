package heygentest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/heygen-go/heygen/internal/loopback"
	heygen "github.com/heygen-go/heygen/wrapper"
	heygenv3 "github.com/heygen-go/heygen/wrapper/v3"
)

// Server is a [Sandbox] that is served on loopback. Make one with [NewServer].
type Server struct {
	*Sandbox
	URL string // base URL, "http://127.0.0.1:port"; must not be changed

	server *httptest.Server
}

// NewServer starts a sandbox without endpoints on a free port of 127.0.0.1, which responds to localhost and loopback
// addresses alone. The caller closes it. NewServer panics if
// it refuses an option or no port is free, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	sandbox, err := New(opts...)
	if err != nil {
		panic(err.Error())
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // httptest's own listener may be on [::1]
	if err != nil {
		panic(fmt.Sprintf("heygentest: %v", err))
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{
		Handler: loopback.Only(sandbox), ReadHeaderTimeout: time.Minute,
	}}
	server.Start()
	return &Server{Sandbox: sandbox, URL: server.URL, server: server}
}

// Close ends the calls that hang, waits up to a second for the others, and stops the server.
func (s *Server) Close() {
	s.Sandbox.Close()
	defer time.AfterFunc(time.Second, s.server.CloseClientConnections).Stop() // for requests that never end
	s.server.Close()
	s.serving.Wait()
}

// Client returns a client of the sandbox, with its base URL and its key. opts are applied after these. The client has
// connections of its own, because every httptest.Server that closes also closes idle ones of http.DefaultTransport.
// Client panics if an option is refused.
func (s *Server) Client(opts ...heygen.Option) *heygen.Client {
	client, err := heygen.NewClient(s.APIKey, s.options(opts)...)
	if err != nil {
		panic(fmt.Sprintf("heygentest: Client: %v", err))
	}
	return client
}

// ClientV3 is [Server.Client] for version 3 of the API.
func (s *Server) ClientV3(opts ...heygenv3.Option) *heygenv3.Client {
	client, err := heygenv3.NewClient(s.APIKey, s.options(opts)...)
	if err != nil {
		panic(fmt.Sprintf("heygentest: ClientV3: %v", err))
	}
	return client
}

func (s *Server) options(opts []heygen.Option) []heygen.Option {
	return append([]heygen.Option{heygen.WithBaseURL(s.URL), heygen.WithHTTPClient(s.server.Client())}, opts...)
}
