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
// Every answer is judged by package contract before it leaves. One that breaks the contract is a defect of the sandbox
// or of an endpoint that was added to it: it is logged, and a plain 500 is sent instead.
package heygentest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// Server is a sandbox. Make one with [NewServer]. It is safe for concurrent use.
type Server struct {
	URL    string // base URL, "http://127.0.0.1:port"; not to be changed
	APIKey string // the one key that is right; not to be changed

	server     *httptest.Server
	operations http.Handler
	contract   *contract.Contract
	closing    chan struct{}
	close      func()

	mu        sync.Mutex
	endpoints map[string]heygen.WebhookEndpoint
	faults    []Fault
	calls     []Call
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

// corrected is the same for all sandboxes.
var corrected = sync.OnceValues(func() (*contract.Contract, error) { return contract.Load(openapi.Corrected) })

// NewServer starts a sandbox without endpoints on a free port of 127.0.0.1. The caller closes it. NewServer panics if
// an option is refused or no port is free, as httptest.NewServer does.
func NewServer(opts ...Option) *Server {
	s := &Server{APIKey: "sandbox-key", closing: make(chan struct{}), endpoints: map[string]heygen.WebhookEndpoint{}}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	s.operations = newOperations(s)
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(s))
	}
	var err error
	s.contract, err = corrected()
	listener, listenErr := net.Listen("tcp", "127.0.0.1:0") // httptest's own listener may be on [::1]
	if err := errors.Join(append(errs, err, listenErr)...); err != nil {
		panic(fmt.Sprintf("heygentest: %v", err))
	}
	s.server = &httptest.Server{Listener: listener, Config: &http.Server{
		Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute,
	}}
	s.server.Start()
	s.URL = s.server.URL
	return s
}

// Close ends the calls that hang, waits a second for the others and stops the sandbox.
func (s *Server) Close() {
	s.close()
	defer time.AfterFunc(time.Second, s.server.CloseClientConnections).Stop() // those whose request never ends
	s.server.Close()
}

// Client returns a client of the sandbox. Further options come after its own: its base URL, its key, and connections of
// its own, because every httptest.Server that is closed breaks off idle ones of http.DefaultTransport.
func (s *Server) Client(opts ...heygen.Option) (*heygen.Client, error) {
	own := []heygen.Option{heygen.WithBaseURL(s.URL), heygen.WithHTTPClient(s.server.Client())}
	return heygen.NewClient(s.APIKey, append(own, opts...)...)
}

// AddEndpoint adds an endpoint, or replaces the one with its id. Fields that are zero get a value, as every endpoint of
// HeyGen has one: but for EntityID, which is usually null.
func (s *Server) AddEndpoint(endpoint heygen.WebhookEndpoint) {
	endpoint = clone(endpoint)
	endpoint.URL = cmp.Or(endpoint.URL, "https://example.org/webhook")
	endpoint.Status = cmp.Or(endpoint.Status, heygen.WebhookEndpointStatusEnabled)
	endpoint.Username = cmp.Or(endpoint.Username, "sandbox-user")
	endpoint.SpaceID = cmp.Or(endpoint.SpaceID, "sandbox-space")
	if endpoint.Events.IsZero() {
		endpoint.Events = wire.AllEvents()
	}
	if endpoint.Secret.IsZero() {
		endpoint.Secret = wire.NewSecret("whsec_sandbox")
	}
	if endpoint.CreatedAt.IsZero() {
		endpoint.CreatedAt.Time = time.Date(2025, 10, 22, 8, 31, 48, 0, time.UTC)
	}
	if endpoint.CreatedAt.Raw == "" {
		endpoint.CreatedAt.Raw = endpoint.CreatedAt.Time.UTC().Format("2006-01-02T15:04:05.999999") // as HeyGen writes it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoints[endpoint.EndpointID] = endpoint
}

// Endpoint returns an endpoint as it is now, and whether there is one with the id.
func (s *Server) Endpoint(id string) (heygen.WebhookEndpoint, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	endpoint, ok := s.endpoints[id]
	return clone(endpoint), ok
}

func clone(endpoint heygen.WebhookEndpoint) heygen.WebhookEndpoint {
	if endpoint.EntityID != nil {
		endpoint.EntityID = new(*endpoint.EntityID)
	}
	return endpoint
}

// Next scripts what happens to the next calls, one fault each, in order and behind those scripted before. After the
// last the sandbox behaves normally. Every call takes a fault, one with a wrong key or path, too.
func (s *Server) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Bounds of the record of calls.
const (
	maxCalls    = 1000
	maxCallBody = 64 << 10
)

// Call is a request that arrived.
type Call struct {
	Method string
	Target string      // path and query
	Header http.Header // the values of X-Api-Key, Authorization and Cookie are [redacted]
	Body   []byte      // at most its first 64 KiB; nil if it was over 1 MiB
}

// Calls returns the last 1000 calls in the order in which they arrived, those that met a fault included.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := slices.Clone(s.calls)
	for i := range calls {
		calls[i].Header = calls[i].Header.Clone()
		calls[i].Body = bytes.Clone(calls[i].Body)
	}
	return calls
}

// arrive records a call and returns the fault that is scripted for it, or the zero Fault.
func (s *Server) arrive(call Call) (fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls = append(s.calls, call); len(s.calls) > maxCalls {
		s.calls = slices.Delete(s.calls, 0, 1)
	}
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	return fault
}
