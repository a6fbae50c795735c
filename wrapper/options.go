package heygen

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/heygen-go/heygen/internal/loopback"
)

// Option changes how [NewClient] makes a client. NewClient returns the errors of all options whose argument is wrong.
type Option func(*config) error

// config is what the options change. A client keeps a copy, so an option cannot change a client that exists.
type config struct {
	base      *url.URL
	http      *http.Client                                // nil unless WithHTTPClient gave one
	wraps     []func(http.RoundTripper) http.RoundTripper // innermost first
	apiKey    func(context.Context) (string, error)
	timeout   time.Duration // of one attempt
	retry     RetryPolicy
	userAgent string
	observers []func(context.Context, Attempt)
}

// WithBaseURL sends the calls to a server other than [DefaultBaseURL]. [ParseBaseURL] says which URLs are accepted. The
// URL's path, if any, is a prefix of the paths of the API.
func WithBaseURL(base string) Option {
	return func(c *config) error {
		parsed, err := ParseBaseURL(base)
		if err != nil {
			return err
		}
		c.base = parsed
		return nil
	}
}

// WithHTTPClient uses the transport and the timeout of hc. Each attempt is limited by both timeouts, hc's and that of
// [WithTimeout]. hc itself is never changed. Its CheckRedirect is not called, because redirects are refused, and a
// cookie jar is an error, because the API has no cookies. Without this option the client has a transport of its own,
// which keeps up to 100 idle connections.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		if hc.Jar != nil {
			return errors.New("WithHTTPClient: the client has a cookie jar, which is not supported")
		}
		c.http = hc
		return nil
	}
}

// WithTransport wraps the client's transport, for example in that of otelhttp.NewTransport or in the Transport method
// of a contract. The wrapping transport handles every attempt. If the option is given several times, the last one is
// the outermost. An error that the wrapping transport returns itself ends the call, and errors.As finds it. NewClient
// returns an error if wrap returns nil.
func WithTransport(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *config) error {
		if wrap == nil {
			return errors.New("WithTransport: the function is nil")
		}
		c.wraps = append(c.wraps, wrap)
		return nil
	}
}

// WithAPIKeyFunc calls f for the API key before each attempt, so that a key can be rotated. The context that f gets
// ends with the attempt. An error of f ends the call. f is called by several goroutines at once if the client is.
func WithAPIKeyFunc(f func(context.Context) (string, error)) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("WithAPIKeyFunc: the function is nil")
		}
		c.apiKey = f
		return nil
	}
}

// WithTimeout limits each attempt, including the reading of the body. The default is 30 s. Waits between attempts do
// not count; limit a whole call with its context.
func WithTimeout(perAttempt time.Duration) Option {
	return func(c *config) error {
		if perAttempt <= 0 {
			return errors.New("WithTimeout: the timeout is not positive")
		}
		c.timeout = perAttempt
		return nil
	}
}

// WithRetry replaces [DefaultRetryPolicy]. RetryPolicy{} is one attempt.
func WithRetry(p RetryPolicy) Option {
	return func(c *config) error {
		if p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0 {
			return errors.New("WithRetry: the policy has a negative number")
		}
		c.retry = p
		return nil
	}
}

// WithUserAgent puts a product, such as "shop/1.4", before the client's own in the User-Agent header.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		if strings.TrimSpace(product) == "" || strings.ContainsFunc(product, unicode.IsControl) {
			return errors.New("WithUserAgent: the product is empty or has a control character")
		}
		c.userAgent = product + " " + ownUserAgent()
		return nil
	}
}

// WithObserver calls f after each attempt, before any wait for the next one. A call whose request cannot be built has
// no attempt. f gets the context of the call, and is called by several goroutines at once if the client is. If the
// option is given several times, the functions are called in that order.
func WithObserver(f func(context.Context, Attempt)) Option {
	return func(c *config) error {
		if f == nil {
			return errors.New("WithObserver: the function is nil")
		}
		c.observers = append(c.observers, f)
		return nil
	}
}

// WithLogger logs one record per attempt: at level debug if the attempt succeeded, at level warn if not. The attributes
// are op, attempt, status, code, request_id, duration and wait, with the meaning of the fields of [Attempt]. One more
// record, once per client and at level warn, has the attributes op, deprecation and sunset if HeyGen announced the end
// of an operation. Nothing else of a request or a response is logged.
func WithLogger(l *slog.Logger) Option {
	if l == nil {
		return func(*config) error { return errors.New("WithLogger: the logger is nil") }
	}
	return WithObserver(logAttempts(l))
}

// CheckAPIKey returns an error if key cannot be an API key: if it is empty, or not printable ASCII without spaces.
// [NewClient] makes the same check. The error is [ErrInvalidRequest] and does not quote the key.
func CheckAPIKey(key string) error {
	invalid := func(r rune) bool { return r <= ' ' || r > '~' }
	if key == "" || strings.ContainsFunc(key, invalid) {
		return fmt.Errorf("%w: the API key is empty, or has a space, a line break or a character beyond ASCII; "+
			"check how it was copied", ErrInvalidRequest)
	}
	return nil
}

// ParseBaseURL parses the URL of a server as [WithBaseURL] does. It accepts an https URL, or an http URL of a loopback
// host, without credentials, query or fragment. The error does not quote the URL, which may hold credentials.
func ParseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil || base.Hostname() == "" {
		return nil, errors.New("the base URL is not absolute; give one such as https://host")
	}
	if base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "" {
		return nil, errors.New("the base URL has credentials, a query or a fragment; remove them")
	}
	local := base.Scheme == "http" && loopback.Is(base.Hostname())
	if base.Scheme != "https" && !local {
		return nil, errors.New("the base URL is not https; http is allowed on loopback only, to keep the API key secret")
	}
	return base, nil
}

// ownUserAgent is the client's own product with the version of this module.
var ownUserAgent = sync.OnceValue(func() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range append(info.Deps, &info.Main) {
			if module.Path == "github.com/heygen-go/heygen" && strings.HasPrefix(module.Version, "v") {
				version = module.Version
			}
		}
	}
	return "heygen-go/" + version
})
