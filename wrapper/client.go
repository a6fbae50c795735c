// Package heygen is a client for HeyGen's webhook endpoint API.
//
// The directory is called wrapper and the package heygen, so an import names it:
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
// Every failed call returns an *[Error], with the operation, the HTTP status, and HeyGen's own code and explanation.
// errors.Is finds what happened: [ErrNotFound], [ErrInvalidURL], [ErrRateLimited] and the others. Success is a 2xx
// whose body is an object with code 100 and the expected data, or in version 3 ([DoV3]) with data and no error.
// Everything else is an error, also under HTTP 200.
//
// Several errors can be true at once: one of HeyGen's code, one of the status, and one of the exchange. [Error.Kind] is
// one word, for metrics and switches. In these examples a word such as insufficient_credit stands for the body of
// version 3 with that code, {"error":{"code":"insufficient_credit"}}:
//
//	status  body                 errors.Is is true of                       Kind
//	200     {"code":400131}      ErrNotFound, ErrAPI                        not-found
//	200     {"code":400999}      ErrAPI                                     api
//	200     {}                   ErrMalformedResponse                       malformed
//	200     cut off              ErrTransport                               transport
//	200     too late             ErrTransport, context.DeadlineExceeded     timeout
//	200     over 1 MiB           ErrResponseTooLarge                        too-large
//	302     any                  ErrRedirect                                redirect
//	400     {"code":400542}      ErrInvalidURL, ErrAPI                      invalid-url
//	400     {"code":400999}      ErrInvalidRequest, ErrAPI                  api
//	400     <html>               ErrMalformedResponse                       malformed
//	400     invalid_parameter    ErrInvalidRequest, ErrAPI                  api
//	401     {"code":400112}      ErrUnauthorized, ErrAPI                    auth
//	401     <html>               ErrUnauthorized, ErrMalformedResponse      auth
//	402     insufficient_credit  ErrPayment, ErrAPI                         payment
//	403     {"code":400131}      ErrForbidden, ErrNotFound, ErrAPI          auth
//	404     {"code":400131}      ErrNotFound, ErrAPI                        not-found
//	404     {"code":400999}      ErrNotFound, ErrAPI                        not-found
//	404     <html>               ErrMalformedResponse                       malformed
//	409     {"code":400999}      ErrAPI                                     api
//	409     request_in_progress  ErrConflict, ErrAPI                        conflict
//	429     empty                ErrRateLimited, ErrMalformedResponse       rate-limited
//	500     {"code":400999}      ErrServer, ErrAPI                          server
//	503     <html>               ErrServer, ErrMalformedResponse            server
//	503     cut off              ErrServer, ErrTransport                    server
//	none    no connection        ErrTransport                               transport
//	none    too late             ErrTransport, context.DeadlineExceeded     timeout
//	none    past the deadline    context.DeadlineExceeded                   timeout
//	none    canceled             context.Canceled                           canceled
//	none    nothing was sent     ErrInvalidRequest                          usage
//
// # Retries
//
// A call has at most three attempts unless [WithRetry] says otherwise. The client repeats a call that ended in 429,
// 502, 503 or 504, in a failed dial, in a reset connection, or in a connection that was closed before the response. An
// HTTP/2 server's GOAWAY or RST_STREAM before the response is such an end. The client also repeats a call that ended in
// 409 with code request_in_progress: an earlier request with the same Idempotency-Key has not ended. An update assigns
// values, so repeating it leaves the same state. A POST without the header Idempotency-Key is repeated only after such
// a 409, 429, 503, a failed dial, or an HTTP/2 server's word that it did not process the request. The client does not
// repeat a call after another status, a TLS failure, an attempt that timed out, an error of a transport of yours, or
// the end of the context.
//
// An attempt that timed out is not repeated: HeyGen may still be working on it, and the caller has waited 30 s already.
// [WithTimeout] allows more time.
//
// [Error.Retryable] says whether the same call may work later, and is true for a timeout. For a 2xx whose body is
// incomplete, whose call may have taken effect, it is true if the connection was reset; then the client repeats the
// call. It is false if the body just ended early: a server or gateway that announces a wrong length would do so again.
//
// The wait is what Retry-After asks for. Without it, the wait is random between 0 and a bound that starts at 250 ms,
// doubles with each attempt and stops at 10 s; after a 409 it is the bound, to give the earlier request time. A
// Retry-After beyond that cap ends the call, and so does a wait that would pass the context's deadline: the error is
// then that of the last attempt.
//
// # Secrecy
//
// The API key is sent to the base URL's host only: redirects are refused, and HTTPS is required except on loopback. The
// key, and the signing secrets in the response, are redacted in error texts and log records; [Secret] redacts itself
// wherever it is printed. Not redacted are: JSON of a [WebhookEndpoint], and so a JSON log of a map, slice or struct
// that has one; [Error.Body]; and anything else that HeyGen writes into an explanation.
//
// # Concurrency
//
// A [Client] is safe for concurrent use. Calls share its transport, and report Deprecation and Sunset once.
//
// # Status of the API
//
// The methods call version 1 of HeyGen's API, whose end HeyGen announced for 2026-10-31. The client of version 3 is
// github.com/heygen-go/heygen/wrapper/v3. The first response with a header Deprecation or Sunset is reported to the
// observer and the log. The error of a 404 or 410 of version 1 without HeyGen's envelope names the end and version 3.
package heygen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/heygen-go/heygen/generated"
)

// DefaultBaseURL is HeyGen's server, as the published document names it.
const DefaultBaseURL = "https://api.heygen.com"

const defaultTimeout = 30 * time.Second // of one attempt

// Client calls HeyGen's API. [NewClient] makes one; every call of a zero Client fails with [ErrInvalidRequest]. A
// Client is safe for concurrent use.
type Client struct {
	config
	transport http.RoundTripper
	announced *atomic.Bool // whether Deprecation or Sunset was reported
}

// NewClient makes a client that authenticates with an API key. Make one client and share it: each has its own idle
// connections unless [WithHTTPClient] says otherwise.
//
// NewClient does no I/O and reads no environment. It returns the errors of the key and of all options joined. An empty
// key is an error unless [WithAPIKeyFunc] is given, which takes precedence over the key.
func NewClient(apiKey string, opts ...Option) (*Client, error) {
	c := config{timeout: defaultTimeout, retry: DefaultRetryPolicy(), userAgent: ownUserAgent()}
	errs := []error{WithBaseURL(DefaultBaseURL)(&c)}
	for _, opt := range opts {
		if opt == nil {
			errs = append(errs, errors.New("an option is nil"))
			continue
		}
		errs = append(errs, opt(&c))
	}
	if c.apiKey == nil {
		errs = append(errs, CheckAPIKey(apiKey))
		c.apiKey = func(context.Context) (string, error) { return apiKey, nil }
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("heygen: %w", err)
	}
	var base http.RoundTripper
	if c.http != nil {
		base = c.http.Transport
		if c.http.Timeout > 0 {
			c.timeout = min(c.timeout, c.http.Timeout)
		}
	}
	transport, err := wrapTransport(base, c.wraps)
	if err != nil {
		return nil, fmt.Errorf("heygen: %w", err)
	}
	return &Client{config: c, transport: transport, announced: new(atomic.Bool)}, nil
}

// UpdateWebhookEndpoint changes the callback URL and the events of a webhook endpoint and returns the endpoint after
// the change. A field of r with its zero value is not sent. A request with an id alone is sent, too, because the API
// allows it.
//
// HeyGen probes a new URL with an OPTIONS request and a limit of one second; a receiver that does not respond to it
// is a likely cause of [ErrInvalidURL]. The error is [ErrNotFound] if HeyGen does not know the id. It is
// [ErrInvalidRequest], and nothing is sent, if the id is empty or a text is not valid UTF-8.
func (c *Client) UpdateWebhookEndpoint(ctx context.Context, r UpdateWebhookEndpointRequest) (*WebhookEndpoint, error) {
	return Do[WebhookEndpoint](ctx, c, "UpdateWebhookEndpoint", func(base *url.URL) (*http.Request, error) {
		if r.EndpointID == "" {
			return nil, errors.New("the endpoint id is empty")
		}
		if !utf8.ValidString(r.EndpointID) || !utf8.ValidString(r.URL) {
			return nil, errors.New("the endpoint id or the URL is not valid UTF-8")
		}
		return generated.NewUpdateWebhookEndpointRequest(base, r)
	})
}
