package heygen

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Option changes what [NewClient] makes. An option that is refused makes NewClient return its error.
type Option func(*settings) error

// settings is what the options say, before it is a Client.
type settings struct {
	client Client
	base   string
	http   http.Client
	wraps  []func(http.RoundTripper) http.RoundTripper
}

// NewClient makes a client that calls HeyGen with an API key. It does no I/O and reads no environment. All errors of
// the key and the options come joined in one. An empty key is an error unless [WithAPIKeyFunc] is given, which wins.
func NewClient(apiKey string, opts ...Option) (*Client, error) {
	s := settings{
		base:   DefaultBaseURL,
		client: Client{timeout: 30 * time.Second, retry: DefaultRetryPolicy(), userAgent: ownUserAgent()},
	}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&s))
	}
	c := &s.client
	if c.apiKey == nil {
		errs = append(errs, checkAPIKey(apiKey))
		c.apiKey = func(context.Context) (string, error) { return apiKey, nil }
	}
	base, err := parseBaseURL(s.base)
	errs = append(errs, err)
	c.base = base
	transport, err := transportOf(&s.http, s.wraps)
	errs = append(errs, err)
	s.http.Transport = transport
	c.http = &s.http
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("heygen: %w", err)
	}
	return c, nil
}

// WithBaseURL sends the calls to another server than [DefaultBaseURL]: an https URL, or an http one on loopback. Its
// path, if any, goes in front of the paths of the API.
func WithBaseURL(url string) Option {
	return func(s *settings) error {
		s.base = url
		return nil
	}
}

// WithHTTPClient uses a copy of c; c itself is never changed. Redirects stay refused.
func WithHTTPClient(c *http.Client) Option {
	return func(s *settings) error {
		if c == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		s.http = *c
		return nil
	}
}

// WithTransport puts a transport around the client's: the Transport method of a contract, for example, or a function
// that calls otelhttp.NewTransport. Given several times, the last is the outermost. Errors of its own end the call at
// once and are found by errors.As.
func WithTransport(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return func(s *settings) error {
		if wrap == nil {
			return errors.New("WithTransport: the function is nil")
		}
		s.wraps = append(s.wraps, wrap)
		return nil
	}
}

// WithAPIKeyFunc asks f for the API key before each attempt, so that a key can be rotated. Its context ends with the
// attempt. An error of f ends the call.
func WithAPIKeyFunc(f func(context.Context) (string, error)) Option {
	return func(s *settings) error {
		if f == nil {
			return errors.New("WithAPIKeyFunc: the function is nil")
		}
		s.client.apiKey = f
		return nil
	}
}

// WithTimeout limits each attempt, reading the body included. The default is 30 s. Waits between attempts do not count;
// limit the whole call by its context.
func WithTimeout(perAttempt time.Duration) Option {
	return func(s *settings) error {
		if perAttempt <= 0 {
			return fmt.Errorf("WithTimeout: %s is not positive", perAttempt)
		}
		s.client.timeout = perAttempt
		return nil
	}
}

// WithRetry replaces [DefaultRetryPolicy]. RetryPolicy{} is one attempt.
func WithRetry(p RetryPolicy) Option {
	return func(s *settings) error {
		if p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0 {
			return errors.New("WithRetry: a number is negative")
		}
		s.client.retry = p
		return nil
	}
}

// WithUserAgent puts a product, such as "shop/1.4", in front of the User-Agent.
func WithUserAgent(product string) Option {
	return func(s *settings) error {
		if strings.TrimSpace(product) == "" || strings.ContainsFunc(product, unicode.IsControl) {
			return errors.New("WithUserAgent: the product is empty or holds a control character")
		}
		s.client.userAgent = product + " " + ownUserAgent()
		return nil
	}
}

// WithLogger logs a record per attempt: at level debug if it succeeded, else warn. Its attributes are op, attempt,
// status, code, request_id, duration and, before a retry, wait; nothing else of a request or a reply is logged.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		s.client.log = logger{l}
		return nil
	}
}

// checkAPIKey never quotes the key.
func checkAPIKey(key string) error {
	switch {
	case key == "":
		return errors.New("the API key is empty")
	case strings.TrimSpace(key) != key:
		return errors.New("the API key has blanks or a line break around it: trim it")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the API key holds a character that cannot stand in a header: check where it was copied from")
	}
	return nil
}

// parseBaseURL never quotes the URL, which may hold credentials.
func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil || base.Host == "" || base.Opaque != "":
		return nil, errors.New("the base URL is not an absolute URL: want https://host")
	case base.User != nil:
		return nil, errors.New("the base URL holds credentials: remove them, the API key is sent in a header")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("the base URL has a query or a fragment: remove it")
	case base.Scheme != "https" && (base.Scheme != "http" || !isLoopback(base.Hostname())):
		return nil, errors.New("the base URL is not https, so the API key would be sent in the clear: " +
			"http is allowed on loopback only")
	}
	return base, nil
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

var ownUserAgent = sync.OnceValue(func() string {
	const module = "github.com/heygen-go/heygen"
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == module && strings.HasPrefix(m.Version, "v") {
				version = m.Version
			}
		}
	}
	return "heygen-go/" + version
})
