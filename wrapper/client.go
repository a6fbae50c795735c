// Package heygen is a client for HeyGen's webhook endpoint API.
//
// The directory is called wrapper and the package heygen, which is what reads well where it is called:
//
//	import heygen "github.com/heygen-go/heygen/wrapper"
//
//	client, err := heygen.NewClient(os.Getenv("HEYGEN_API_KEY"))
//	endpoint, err := client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{
//		EndpointID: id,
//		URL:        "https://example.com/hook",
//		Events:     heygen.AllEvents(),
//	})
//
// # Errors
//
// Every failed call returns an *[Error]. It says what was called, the HTTP status, HeyGen's own code and explanation,
// and answers errors.Is by what happened: [ErrNotFound], [ErrInvalidURL], [ErrRateLimited] and the others. Success is a
// 2xx whose body is an object with code 100 and the data asked for; anything else is an error, also under HTTP 200.
//
// # Retries
//
// A call is attempted at most three times unless [WithRetry] says otherwise. Repeated are calls that ended in 429, 502,
// 503 or 504, in a dial that failed, in a reset connection or in one closed before the response. An update assigns
// values, so repeating it leaves the same state; a POST is repeated only after 429, 503 or a failed dial. Not repeated
// are other statuses, TLS failures, attempts that timed out, errors of a transport of yours, and anything once the
// context is done.
//
// The wait is what Retry-After asks for, or else random between 0 and a bound that begins at 250 ms, doubles with each
// attempt and stops at 10 s. A Retry-After beyond that cap ends the call, as does a wait that would pass the context's
// deadline: the error is then that of the last attempt.
//
// # Secrecy
//
// The API key goes to the base URL's host only: redirects are refused, and HTTPS is required but on loopback. Neither
// the key nor an endpoint's signing secret is in an error text or a log record; [Secret] redacts itself wherever it is
// printed. What is not redacted: JSON of a [WebhookEndpoint], and so a JSON log of a map, slice or struct that holds
// one; [Error.Body]; and what else HeyGen writes into an explanation.
//
// # Concurrency
//
// A [Client] is safe for concurrent use. Calls share its transport and nothing else.
//
// # Status of the API
//
// This is version 1 of HeyGen's API. The support HeyGen announced for it ended on 2026-10-31; version 3 has other
// paths.
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
	"unicode/utf8"

	"github.com/heygen-go/heygen/generated"
	"github.com/heygen-go/heygen/wire"
)

// DefaultBaseURL is HeyGen's server, as the published document names it.
const DefaultBaseURL = "https://api.heygen.com"

// Client calls HeyGen's API. It is made by [NewClient] and safe for concurrent use.
type Client struct {
	base      *url.URL
	http      http.Client
	wraps     []func(http.RoundTripper) http.RoundTripper // innermost first
	apiKey    func(context.Context) (string, error)
	timeout   time.Duration // of one attempt
	retry     RetryPolicy
	userAgent string
	log       *slog.Logger // or nil
}

// NewClient makes a client that calls HeyGen with an API key. Make one and share it: each keeps its own idle
// connections unless [WithHTTPClient] gives it some.
//
// NewClient does no I/O and reads no environment. All errors of the key and the options come joined in one. An empty
// key is an error unless [WithAPIKeyFunc] is given, which wins.
func NewClient(apiKey string, opts ...Option) (*Client, error) {
	c := &Client{timeout: 30 * time.Second, retry: DefaultRetryPolicy(), userAgent: ownUserAgent()}
	var errs []error
	for _, opt := range append([]Option{WithBaseURL(DefaultBaseURL)}, opts...) {
		errs = append(errs, opt(c))
	}
	if c.apiKey == nil {
		errs = append(errs, checkAPIKey(apiKey))
		c.apiKey = func(context.Context) (string, error) { return apiKey, nil }
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("heygen: %w", err)
	}
	c.http.Transport = wrapTransport(c.http.Transport, c.wraps)
	return c, nil
}

// UpdateWebhookEndpoint changes the callback URL and the events of a webhook endpoint and returns the endpoint as it is
// then. A field of r that is left at its zero value is not sent; a request with an id alone is sent, too, since the
// API allows it.
//
// HeyGen probes a new URL with an OPTIONS request and a limit of one second; a receiver that does not answer it is a
// likely cause of [ErrInvalidURL]. An id HeyGen does not know is [ErrNotFound]; an empty id is [ErrInvalidRequest], and
// nothing is sent.
func (c *Client) UpdateWebhookEndpoint(ctx context.Context, r UpdateWebhookEndpointRequest) (*WebhookEndpoint, error) {
	return Do[WebhookEndpoint](ctx, c, "UpdateWebhookEndpoint", func(base *url.URL) (*http.Request, error) {
		if r.EndpointID == "" || !utf8.ValidString(r.EndpointID) || !utf8.ValidString(r.URL) {
			return nil, errors.New("the endpoint id is empty, or it or the URL is not valid UTF-8")
		}
		return generated.NewUpdateWebhookEndpointRequest(base, r)
	})
}

// The generated types and the values in them, handed on as they are: a field that HeyGen adds appears here with the
// next generation.
type (
	// UpdateWebhookEndpointRequest names a webhook endpoint, EndpointID, and what to change about it: URL, a string,
	// and Events. A field that is left at its zero value is not sent.
	UpdateWebhookEndpointRequest = generated.UpdateWebhookEndpointRequest
	// WebhookEndpoint is a registered webhook endpoint: the strings EndpointID, URL, Username and SpaceID; EntityID, a
	// *string that is usually nil; Status; Events; CreatedAt, a Timestamp; and Secret. What HeyGen did not report is
	// zero.
	WebhookEndpoint = generated.WebhookEndpoint
	// WebhookEndpointStatus says whether HeyGen delivers to the endpoint. A value not listed here is kept as it came.
	WebhookEndpointStatus = generated.WebhookEndpointStatus

	// Events is what an endpoint is subscribed to: every event (All), the listed ones (Types), or, as the zero value
	// (IsZero), nothing said: not sent, or not reported. Includes answers for one event type.
	Events = wire.Events
	// Timestamp is a time as HeyGen writes it: Time, in UTC if the text names no zone and zero if it cannot be read,
	// and the text, Raw.
	Timestamp = wire.Timestamp
	// Secret is an endpoint's signing secret. Reveal returns it; whatever prints it shows [redacted]. JSON carries it,
	// so a log that writes JSON of a value that holds it reveals it.
	Secret = wire.Secret
)

// The statuses that HeyGen documents.
const (
	WebhookEndpointStatusEnabled  = generated.WebhookEndpointStatusEnabled
	WebhookEndpointStatusDisabled = generated.WebhookEndpointStatusDisabled
)

// AllEvents is the subscription to every event, JSON null.
func AllEvents() Events { return wire.AllEvents() }

// OnlyEvents is the subscription to the listed event types. Without types it is the empty list, of which HeyGen does
// not document the effect.
func OnlyEvents(types ...string) Events { return wire.OnlyEvents(types...) }

// NewSecret makes a Secret of a text, for example for a fake endpoint in a test.
func NewSecret(text string) Secret { return wire.NewSecret(text) }

// Option changes what [NewClient] makes. NewClient returns the errors of the options it refuses.
type Option func(*Client) error

// option is an Option whose argument has been checked.
func option(ok bool, problem string, set func(*Client)) Option {
	return func(c *Client) error {
		if !ok {
			return errors.New(problem)
		}
		set(c)
		return nil
	}
}

// WithBaseURL sends the calls to another server than [DefaultBaseURL]: an https URL, or an http one on loopback. Its
// path, if any, goes in front of the paths of the API.
func WithBaseURL(url string) Option {
	return func(c *Client) (err error) { c.base, err = parseBaseURL(url); return err }
}

// WithHTTPClient uses a copy of hc; hc itself is never changed. Redirects stay refused.
func WithHTTPClient(hc *http.Client) Option {
	return option(hc != nil, "WithHTTPClient: the client is nil", func(c *Client) { c.http = *hc })
}

// WithTransport puts a transport around the client's: the Transport method of a contract, for example, or a function
// that calls otelhttp.NewTransport. It sees every attempt. Given several times, the last is the outermost. An error of
// its own ends the call at once and is found by errors.As.
func WithTransport(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return option(wrap != nil, "WithTransport: the wrap is nil", func(c *Client) { c.wraps = append(c.wraps, wrap) })
}

// WithAPIKeyFunc asks f for the API key before each attempt, so that a key can be rotated. Its context ends with the
// attempt. An error of f ends the call.
func WithAPIKeyFunc(f func(context.Context) (string, error)) Option {
	return option(f != nil, "WithAPIKeyFunc: the function is nil", func(c *Client) { c.apiKey = f })
}

// WithTimeout limits each attempt, reading the body included. The default is 30 s. Waits between attempts do not count;
// limit the whole call by its context.
func WithTimeout(perAttempt time.Duration) Option {
	return option(perAttempt > 0, "WithTimeout: the timeout is not positive", func(c *Client) { c.timeout = perAttempt })
}

// WithRetry replaces [DefaultRetryPolicy]. RetryPolicy{} is one attempt.
func WithRetry(p RetryPolicy) Option {
	return option(p.MaxAttempts >= 0 && p.BaseDelay >= 0 && p.MaxDelay >= 0, "WithRetry: a number is negative",
		func(c *Client) { c.retry = p })
}

// WithUserAgent puts a product, such as "shop/1.4", in front of the User-Agent.
func WithUserAgent(product string) Option {
	valid := strings.TrimSpace(product) != "" && !strings.ContainsFunc(product, unicode.IsControl)
	return option(valid, "WithUserAgent: the product is empty or holds a control character",
		func(c *Client) { c.userAgent = product + " " + ownUserAgent() })
}

// WithLogger logs a record per attempt: at level debug if it succeeded, else warn. Its attributes are op, attempt,
// status, code, request_id, duration and wait, which is 0 if no attempt follows. Nothing else of a request or a
// response is logged.
func WithLogger(l *slog.Logger) Option {
	return option(l != nil, "WithLogger: the logger is nil", func(c *Client) { c.log = l })
}

// checkAPIKey never quotes the key.
func checkAPIKey(key string) error {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%w: the API key is empty or not ASCII without blanks: trim it, or copy it", ErrInvalidRequest)
	}
	return nil
}

// parseBaseURL never quotes the URL, which may hold credentials.
func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil || base.Hostname() == "" {
		return nil, errors.New("the base URL is not an absolute URL: want https://host")
	}
	if base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "" {
		return nil, errors.New("the base URL holds credentials, a query or a fragment: remove them")
	}
	loopback := strings.EqualFold(base.Hostname(), "localhost") || net.ParseIP(base.Hostname()).IsLoopback()
	if base.Scheme != "https" && (base.Scheme != "http" || !loopback) {
		return nil, errors.New("the base URL is not https: want that, or http on loopback, to keep the API key secret")
	}
	return base, nil
}

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
