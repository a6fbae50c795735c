// Package heygen is a client for version 3 of HeyGen's webhook endpoint API. It is the client for version 1, package
// heygen in github.com/heygen-go/heygen/wrapper, with other operations: that package documents the retries, the secrecy
// and the concurrency of the calls, which are the same, and its names are here, too. So an import changes the version:
//
//	import heygen "github.com/heygen-go/heygen/wrapper/v3"
//
//	client, err := heygen.NewClient(os.Getenv("HEYGEN_API_KEY"))
//	endpoint, err := client.CreateWebhookEndpoint(ctx, heygen.CreateWebhookEndpointRequest{
//		URL:    "https://example.com/hook",
//		Events: heygen.OnlyEvents("avatar_video.success"),
//	})
//	keep(endpoint.Secret.Reveal()) // HeyGen does not send it again
//
// docs/version-3.md has what else changes. This package is made from the document in api/v3, which was written from
// facts, because HeyGen's own was not there.
//
// # Errors
//
// Every failed call returns an *[Error]. Success is a 2xx whose body is an object with the expected data and without an
// error; everything else is an error, also under HTTP 200. HeyGen's codes are words. For example:
//
//	status  code                   errors.Is is true of           Kind
//	400     invalid_parameter      ErrInvalidRequest, ErrAPI      api
//	401     unauthorized           ErrUnauthorized, ErrAPI        auth
//	401     authentication_failed  ErrUnauthorized, ErrAPI        auth
//	402     insufficient_credit    ErrPayment, ErrAPI             payment
//	404     webhook_not_found      ErrNotFound, ErrAPI            not-found
//	409     request_in_progress    ErrConflict, ErrAPI            conflict
//	429     rate_limit_exceeded    ErrRateLimited, ErrAPI         rate-limited
//	500     internal_error         ErrServer, ErrAPI              server
//
// [Error.Param] is the parameter or member that HeyGen calls wrong, [Error.DocURL] the address of its explanation.
//
// # Idempotency
//
// Every POST carries an Idempotency-Key, the same in each attempt of a call, so that HeyGen acts once however often it
// gets the request: it repeats the first response for 24 hours. That is why a POST is repeated like any other call.
// Without the key, a second attempt to rotate a secret would void the secret that the first one made. While the first
// request is under way HeyGen responds with 409 request_in_progress, and the client tries again as often as the retry
// policy allows. [WithIdempotencyKey] gives a key that outlives the call.
package heygen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/heygen-go/heygen/generated/v3"
	v1 "github.com/heygen-go/heygen/wrapper"
)

// Client calls version 3 of HeyGen's API. [NewClient] makes one; every call of a zero Client fails with
// [ErrInvalidRequest]. A Client is safe for concurrent use.
type Client struct {
	client *v1.Client
}

// NewClient makes a client that authenticates with an API key. Make one client and share it: each has its own idle
// connections unless [WithHTTPClient] says otherwise.
//
// NewClient does no I/O and reads no environment. It returns the errors of the key and of all options joined. An empty
// key is an error unless [WithAPIKeyFunc] is given, which takes precedence over the key.
func NewClient(apiKey string, opts ...Option) (*Client, error) {
	client, err := v1.NewClient(apiKey, opts...)
	if err != nil {
		return nil, err
	}
	return &Client{client}, nil
}

// base returns the client that sends the requests. It is nil, and refuses them, if c was not made by NewClient.
func (c *Client) base() *v1.Client {
	if c == nil {
		return nil
	}
	return c.client
}

// Do calls an operation for which the client has no method, and does everything that a method does: authentication,
// retries, the Idempotency-Key of a POST, limits, and decoding. It returns the data of the response. If T is struct{},
// the data is not looked at.
//
// op is the operation's name in errors and logs. build makes the request under a base URL, as for Do of version 1.
func Do[T any](ctx context.Context, c *Client, op string, build func(base *url.URL) (*http.Request, error),
	opts ...CallOption,
) (*T, error) {
	build = withKey(build, opts)
	if _, withoutData := any(new(T)).(*struct{}); withoutData {
		return v1.DoV3[T](ctx, c.base(), op, build)
	}
	type body struct {
		Data T `json:"data"`
	}
	got, err := v1.DoV3[body](ctx, c.base(), op, build)
	if err != nil {
		return nil, err
	}
	return &got.Data, nil
}

// CreateWebhookEndpoint registers a webhook endpoint and returns it with its secret, which HeyGen does not send again.
// If the response has no secret, [Client.RotateWebhookSecret] makes one.
//
// HeyGen probes the URL with an OPTIONS request and a limit of one second; a receiver that does not respond to it is a
// likely cause of a refusal. The error is [ErrInvalidRequest], and nothing is sent, if there is no URL or a text is not
// valid UTF-8.
func (c *Client) CreateWebhookEndpoint(ctx context.Context, r CreateWebhookEndpointRequest, opts ...CallOption,
) (*WebhookEndpoint, error) {
	return Do[WebhookEndpoint](ctx, c, "CreateWebhookEndpoint", func(base *url.URL) (*http.Request, error) {
		if r.URL == "" {
			return nil, errors.New("the URL is empty")
		}
		if err := checkText(r.URL, r.EntityID); err != nil {
			return nil, err
		}
		return generated.NewCreateWebhookEndpointRequest(base, nil, r)
	}, opts...)
}

// UpdateWebhookEndpointRequest names a webhook endpoint and the changes to it, one at least. A field that has its zero
// value is not sent, and what is not sent stays as it is.
type UpdateWebhookEndpointRequest struct {
	EndpointID string // of the endpoint to change; required
	URL        string // the new callback URL
	Events     Events // the new subscription, which replaces the one before as a whole
}

// UpdateWebhookEndpoint changes the callback URL and the events of a webhook endpoint and returns the endpoint after
// the change, without its secret.
//
// The error is [ErrNotFound] if HeyGen does not know the id. It is [ErrInvalidRequest], and nothing is sent, if the id
// is empty, there is nothing to change, or a text is not valid UTF-8.
func (c *Client) UpdateWebhookEndpoint(ctx context.Context, r UpdateWebhookEndpointRequest) (*WebhookEndpoint, error) {
	return Do[WebhookEndpoint](ctx, c, "UpdateWebhookEndpoint", func(base *url.URL) (*http.Request, error) {
		if r.URL == "" && r.Events.IsZero() {
			return nil, errors.New("there is neither a URL nor events to change")
		}
		if err := checkText(r.EndpointID, r.URL); err != nil {
			return nil, err
		}
		return generated.NewUpdateWebhookEndpointRequest(base, r.EndpointID,
			generated.UpdateWebhookEndpointRequest{URL: r.URL, Events: r.Events})
	})
}

// DeleteWebhookEndpoint removes a webhook endpoint: HeyGen delivers nothing to it any more. The error is [ErrNotFound]
// if HeyGen does not know the id, which a repeated call can also mean.
func (c *Client) DeleteWebhookEndpoint(ctx context.Context, endpointID string) error {
	_, err := Do[struct{}](ctx, c, "DeleteWebhookEndpoint", func(base *url.URL) (*http.Request, error) {
		if err := checkText(endpointID); err != nil {
			return nil, err
		}
		return generated.NewDeleteWebhookEndpointRequest(base, endpointID)
	})
	return err
}

// RotateWebhookSecret gives a webhook endpoint a new secret and returns it. The old one is void at once, and HeyGen
// does not send the new one again. The error is [ErrNotFound] if HeyGen does not know the id, and
// [ErrMalformedResponse] if the response has no secret: it is lost then, and another call makes the next one.
func (c *Client) RotateWebhookSecret(ctx context.Context, endpointID string, opts ...CallOption,
) (*WebhookSecret, error) {
	const op = "RotateWebhookSecret"
	rotated, err := Do[WebhookSecret](ctx, c, op, func(base *url.URL) (*http.Request, error) {
		if err := checkText(endpointID); err != nil {
			return nil, err
		}
		return generated.NewRotateWebhookSecretRequest(base, endpointID, nil)
	}, opts...)
	if err == nil && rotated.Secret.IsZero() {
		return nil, malformed(op, "there is no secret; the call may have taken effect")
	}
	return rotated, err
}

// malformed is the error of a success that lacks what the caller asked for.
func malformed(op, reason string) *Error {
	return &Error{
		Op: op, StatusCode: http.StatusOK, Attempts: 1, Err: fmt.Errorf("%w: %s", ErrMalformedResponse, reason),
	}
}

// checkText refuses text that JSON or a URL would change.
func checkText(texts ...string) error {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return errors.New("a text of the request is not valid UTF-8")
		}
	}
	return nil
}
