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
// Every failure is an [*Error]. It says what was called, the HTTP status, HeyGen's own code and explanation, and answers
// errors.Is by what happened: [ErrNotFound], [ErrInvalidURL], [ErrRateLimited] and the others. Success is a 2xx whose
// body is an object with code 100 and the data asked for; anything else is an error, also under HTTP 200.
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
// printed. What is not redacted: JSON of a [WebhookEndpoint], and [Error.Body].
//
// # Concurrency
//
// A [Client] is safe for concurrent use. Calls share its transport and nothing else.
//
// # Status of the API
//
// This is version 1 of HeyGen's API. HeyGen has announced its support until 2026-10-31; version 3 has other paths.
package heygen

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/heygen-go/heygen/generated"
)

// DefaultBaseURL is HeyGen's server, as the published document names it.
const DefaultBaseURL = "https://api.heygen.com"

// Client calls HeyGen's API. It is made by [NewClient] and safe for concurrent use.
type Client struct {
	base      *url.URL
	http      *http.Client
	apiKey    func(context.Context) (string, error)
	timeout   time.Duration // of one attempt
	retry     RetryPolicy
	userAgent string
	log       logger
}

// UpdateWebhookEndpoint changes the callback URL and the events of a webhook endpoint and returns the endpoint as it is
// then. A field of req that is left at its zero value is not sent.
//
// HeyGen probes a new URL with an OPTIONS request and a limit of one second; a receiver that does not answer it is a
// likely cause of [ErrInvalidURL]. An id HeyGen does not know is [ErrNotFound]; an empty id is [ErrInvalidRequest], and
// nothing is sent.
func (c *Client) UpdateWebhookEndpoint(ctx context.Context, req UpdateWebhookEndpointRequest) (*WebhookEndpoint, error) {
	return Do[WebhookEndpoint](ctx, c, "UpdateWebhookEndpoint", func(base *url.URL) (*http.Request, error) {
		if req.EndpointID == "" {
			return nil, errors.New("the endpoint id is empty")
		}
		return generated.NewUpdateWebhookEndpointRequest(base, req)
	})
}
