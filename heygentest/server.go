// Package heygentest is a sandbox: a fake HeyGen on loopback to test your own code against, in the manner of
// net/http/httptest. It keeps endpoints, refuses what HeyGen's corrected document refuses, answers as HeyGen answers
// (times without a zone, nulls, the secret), and fails when told to.
//
//	sandbox := heygentest.NewServer()
//	defer sandbox.Close()
//	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
//	client, err := sandbox.Client()
//
// Code in other languages is pointed at [Server.URL] and given [Server.APIKey].
//
// Every answer is judged by package contract before it leaves and before an update is kept. One that breaks the
// contract is a defect of the sandbox: it is logged, and a plain 500 is sent instead. Only a [Fault] may break it.
//
// [Server.Verify] at the end of a test fails it for faults that no call met and for calls that break the contract.
package heygentest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// Server is a sandbox. Make one with [NewServer]. It is safe for concurrent use.
type Server struct {
	URL    string // base URL, "http://127.0.0.1:port"; not to be changed
	APIKey string // the one key that is right; not to be changed

	address    string
	latency    time.Duration
	onCall     func(Call)
	handler    http.Handler
	server     *httptest.Server
	operations http.Handler
	contract   *contract.Contract
	closing    chan struct{}
	close      func()
	serving    sync.WaitGroup // also those calls whose connection net/http no longer knows

	mu         sync.Mutex
	endpoints  map[string]*heygen.WebhookEndpoint
	faults     []Fault
	rules      []*rule
	limit      limit
	calls      []*Call
	arrived    int      // calls, those included that are no longer kept
	unexpected []string // for Verify, at most maxUnexpected
	omitted    int      // unexpected calls beyond those
}

// Option changes what [NewServer] makes.
type Option func(*Server) error

// WithAPIKey makes another key the right one.
func WithAPIKey(key string) Option {
	return func(s *Server) error {
		if key == "" {
			return errors.New("WithAPIKey: the key is empty")
		}
		s.APIKey = key
		return nil
	}
}

// WithAddr makes the sandbox listen on this address, "127.0.0.1:8080" for example, instead of on a free port of
// 127.0.0.1. Every other machine is kept out: what is no loopback address is an error.
func WithAddr(address string) Option {
	return func(s *Server) error {
		resolved, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			return fmt.Errorf("WithAddr: %w", err)
		}
		if !resolved.IP.IsLoopback() {
			return fmt.Errorf("WithAddr: %q is not a loopback address: give one such as 127.0.0.1:8080", address)
		}
		s.address = resolved.String()
		return nil
	}
}

// WithLatency makes every answer wait this long, before any fault.
func WithLatency(d time.Duration) Option {
	return func(s *Server) error {
		if d < 0 {
			return errors.New("WithLatency: the duration is negative")
		}
		s.latency = d
		return nil
	}
}

// WithRateLimit lets n calls a second through. Those beyond them are answered with 429, HeyGen's error envelope and a
// Retry-After in seconds, after which calls are let through again. The seconds begin with the first call; those that a
// fault answers do not count.
func WithRateLimit(n int) Option {
	return func(s *Server) error {
		if n < 1 {
			return errors.New("WithRateLimit: the number is less than 1")
		}
		s.limit.perSecond = n
		return nil
	}
}

// OnCall calls tell with every call once it has ended, for a log. Several goroutines may call it at the same time.
func OnCall(tell func(Call)) Option {
	return func(s *Server) error {
		if tell == nil {
			return errors.New("OnCall: the function is nil")
		}
		s.onCall = tell
		return nil
	}
}

// WithHandler makes the sandbox serve what wrap makes of it and of its own handler: for pages beside the API, which are
// then no calls, or for a middleware. wrap is called before the sandbox serves, its URL is not known then.
func WithHandler(wrap func(sandbox *Server, own http.Handler) http.Handler) Option {
	return func(s *Server) error {
		if wrap == nil {
			return errors.New("WithHandler: the function is nil")
		}
		s.handler = wrap(s, s.handler)
		return nil
	}
}

// corrected is the same for all sandboxes.
var corrected = sync.OnceValues(func() (*contract.Contract, error) { return contract.New() })

// NewServer starts a sandbox without endpoints on a free port of 127.0.0.1. The caller closes it. NewServer panics if
// an option is refused or no port is free, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	s, err := Start(opts...)
	if err != nil {
		panic(err.Error())
	}
	return s
}

// Start is [NewServer] for programs: where that panics, it returns an error.
func Start(opts ...Option) (*Server, error) {
	s := &Server{
		APIKey: "sandbox-key", address: "127.0.0.1:0", closing: make(chan struct{}),
		endpoints: map[string]*heygen.WebhookEndpoint{},
	}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	s.operations, s.handler = newOperations(s), http.HandlerFunc(s.serve)
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(s))
	}
	var err error
	s.contract, err = corrected()
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, fmt.Errorf("heygentest: %w", err)
	}
	listener, err := net.Listen("tcp", s.address) // httptest's own listener may be on [::1]
	if err != nil {
		return nil, fmt.Errorf("heygentest: %w", err)
	}
	s.server = &httptest.Server{Listener: listener, Config: &http.Server{
		Handler: s.handler, ReadHeaderTimeout: time.Minute,
	}}
	s.server.Start()
	s.URL = s.server.URL
	return s, nil
}

// Close ends the calls that hang, waits a second for the others and stops the sandbox.
func (s *Server) Close() {
	s.close()
	defer time.AfterFunc(time.Second, s.server.CloseClientConnections).Stop() // those whose request never ends
	s.server.Close()
	s.serving.Wait()
}

// Client returns a client of the sandbox. Further options come after its own: its base URL, its key, and connections of
// its own, because every httptest.Server that is closed breaks off idle ones of http.DefaultTransport.
func (s *Server) Client(opts ...heygen.Option) (*heygen.Client, error) {
	own := []heygen.Option{heygen.WithBaseURL(s.URL), heygen.WithHTTPClient(s.server.Client())}
	return heygen.NewClient(s.APIKey, append(own, opts...)...)
}
