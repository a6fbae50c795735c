// Package heygentest is a sandbox: a fake HeyGen to test your own code against, in the manner of net/http/httptest. It
// keeps webhook endpoints, refuses what HeyGen's corrected documents refuse, responds as HeyGen does (times without a
// zone, nulls, the secret), and fails when a test scripts a fault.
//
//	sandbox := heygentest.NewServer()
//	defer sandbox.Close()
//	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
//	client := sandbox.Client()
//
// Versions 1 and 3 of the API work on the same endpoints, so that one test covers a migration; [WithSunset] ends
// version 1. A POST of version 3 with an Idempotency-Key gets the first success with that key and path again, for 24
// hours, whatever its body is, and 409 while the first request is under way, as HeyGen documents. A failure is not
// repeated, and neither is what a fault sent: HeyGen does not say what it does then. The sandbox keeps 1000 successes.
//
// Code in other languages gets the base URL [Server.URL] and the API key [Sandbox.APIKey].
//
// Package contract checks every response before it is sent and before a change is kept. A response that breaks the
// contract is a defect of the sandbox: the sandbox logs it and sends a plain 500 instead. Only a [Fault] may break the
// contract.
//
// [Sandbox.Verify] at the end of a test fails it for faults that no call met and for calls that broke the contract.
package heygentest

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// Sandbox is a fake HeyGen, as an http.Handler. [New] makes one to mount on a server of your own; [NewServer] makes one
// and serves it. A Sandbox is safe for concurrent use.
type Sandbox struct {
	APIKey string // the only valid key; must not be changed

	latency      time.Duration
	observe      func(Call) // or nil
	probes       bool
	sunset       time.Time // of version 1; zero for none
	operations   http.Handler
	operationsV3 http.Handler
	contract     *contract.Contract
	close        func()
	closing      chan struct{}  // closed by close
	serving      sync.WaitGroup // calls under way, also those whose connection a fault took from net/http

	mu         sync.Mutex
	endpoints  map[string]heygen.WebhookEndpoint
	commit     func() // makes the change of the call that respond handles; nil for none
	refused    string // the URL that failed the probe of that call; "" for none
	keys       keys
	faults     []Fault
	rules      []*rule
	limit      limit
	calls      []*Call
	recorded   int // the size of calls
	arrived    int // all calls, also those that are no longer kept
	deliveries []Delivery
	delivered  int         // all deliveries, also those that are no longer kept
	events     []pastEvent // the history of version 3
	unexpected []string    // calls and deliveries, for Verify, at most maxUnexpected
	omitted    int         // unexpected ones beyond those
}

// Option configures a [Sandbox].
type Option func(*config) error

type config struct {
	apiKey    string
	latency   time.Duration
	rateLimit int
	observe   func(Call)
	probe     bool
	sunset    time.Time
}

// WithAPIKey sets the valid API key. The default is "sandbox-key".
func WithAPIKey(key string) Option {
	return func(c *config) error {
		if err := heygen.CheckAPIKey(key); err != nil {
			return fmt.Errorf("WithAPIKey: %w", err)
		}
		c.apiKey = key
		return nil
	}
}

// WithLatency delays every response by d, in addition to any fault.
func WithLatency(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return errors.New("WithLatency: the duration is negative")
		}
		c.latency = d
		return nil
	}
}

// WithRateLimit allows n calls per second. Further calls get status 429, HeyGen's error envelope and a Retry-After in
// seconds, after which calls are allowed again. Calls are counted in windows of one second, the first of which begins
// with the first call. Calls that a fault responds to do not count.
func WithRateLimit(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return errors.New("WithRateLimit: the number is less than 1")
		}
		c.rateLimit = n
		return nil
	}
}

// WithObserver calls f with every call after it has ended, for example to log it. Several goroutines may call f at the
// same time.
func WithObserver(f func(Call)) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("WithObserver: the function is nil")
		}
		c.observe = f
		return nil
	}
}

// WithSunset ends version 1 of the API at a time. Until then its responses carry "Deprecation: true" and the time as
// Sunset, as those of HeyGen did; from then on their status is 410, with an HTML page of a gateway in place of HeyGen's
// envelope. A fault that is sent in place of a response has neither header.
func WithSunset(at time.Time) Option {
	return func(c *config) error {
		if at.IsZero() {
			return errors.New("WithSunset: the time is zero")
		}
		c.sunset = at
		return nil
	}
}

// corrected is the contract of every sandbox.
var corrected = sync.OnceValues(func() (*contract.Contract, error) { return contract.New() })

// New makes a sandbox without endpoints. It returns the joined errors of all options that it refuses.
//
// The paths of the API count from the root: put http.StripPrefix in front of a sandbox that is mounted below a prefix.
func New(opts ...Option) (*Sandbox, error) {
	c := config{apiKey: "sandbox-key"}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&c))
	}
	kit, err := corrected()
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, fmt.Errorf("heygentest: %w", err)
	}
	s := &Sandbox{
		APIKey: c.apiKey, latency: c.latency, observe: c.observe, probes: c.probe, sunset: c.sunset,
		limit: limit{perSecond: c.rateLimit}, contract: kit,
		closing: make(chan struct{}), endpoints: map[string]heygen.WebhookEndpoint{}, keys: newKeys(),
	}
	s.close = sync.OnceFunc(func() { close(s.closing) })
	s.operations, s.operationsV3 = newOperations(operations{sandbox: s}), newOperationsV3(operationsV3{sandbox: s})
	return s, nil
}

// Reset forgets the faults and rules that were scripted, the calls, the deliveries, each Idempotency-Key, and what
// Verify would report. The endpoints stay; see [Sandbox.Restore].
func (s *Sandbox) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.rules, s.calls, s.recorded, s.deliveries = nil, nil, nil, 0, nil
	s.unexpected, s.omitted, s.events, s.keys = nil, 0, nil, newKeys()
}

// Close aborts the calls that a fault or the latency holds, now and later, so that the server of the sandbox can shut
// down.
func (s *Sandbox) Close() { s.close() }
