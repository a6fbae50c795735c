// The names of the whole public surface, so that the program does not compile after a name or a type has changed.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

var _ = []heygen.Option{
	heygen.WithBaseURL(heygen.DefaultBaseURL),
	heygen.WithHTTPClient(&http.Client{}),
	heygen.WithTransport(func(base http.RoundTripper) http.RoundTripper { return base }),
	heygen.WithAPIKeyFunc(func(context.Context) (string, error) { return "", nil }),
	heygen.WithTimeout(30 * time.Second),
	heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 1, BaseDelay: time.Second, MaxDelay: time.Second}),
	heygen.WithUserAgent("consumer3/1"),
	heygen.WithLogger(slog.Default()),
	heygen.WithObserver(func(context.Context, heygen.Attempt) {}),
}

var _ = heygen.Attempt{
	Op: "", Number: 1, StatusCode: 0, Code: "", RequestID: "", Duration: time.Second, Wait: time.Second, Err: nil,
	Deprecation: "", Sunset: "",
}

var _ = []heygen.Kind{
	heygen.KindUsage, heygen.KindAuth, heygen.KindNotFound, heygen.KindInvalidURL, heygen.KindRateLimited,
	heygen.KindServer, heygen.KindAPI, heygen.KindMalformed, heygen.KindTooLarge, heygen.KindRedirect,
	heygen.KindTransport, heygen.KindTimeout, heygen.KindCanceled, heygen.KindOther,
	heygen.KindConflict, heygen.KindPayment,
}

var _ = heygen.WebhookEndpoint{
	EndpointID: "", URL: "",
	Status: heygen.WebhookEndpointStatusEnabled + heygen.WebhookEndpointStatusDisabled,
	Events: heygen.Events{}, CreatedAt: heygen.Timestamp{Time: time.Time{}, Raw: ""}, Secret: heygen.Secret{},
}

var _ = heygen.Error{
	Op: "", StatusCode: 0, Code: "", Message: "", RequestID: "", RetryAfter: time.Second, Attempts: 0, Err: nil,
	Param: "", DocURL: "",
}

var _ = []error{
	heygen.ErrInvalidRequest, heygen.ErrUnauthorized, heygen.ErrForbidden, heygen.ErrNotFound, heygen.ErrInvalidURL,
	heygen.ErrRateLimited, heygen.ErrServer, heygen.ErrAPI, heygen.ErrMalformedResponse, heygen.ErrResponseTooLarge,
	heygen.ErrRedirect, heygen.ErrTransport, heygen.ErrConflict, heygen.ErrPayment,
}

var (
	_ func() heygen.RetryPolicy      = heygen.DefaultRetryPolicy
	_ func(string) error             = heygen.CheckAPIKey
	_ func(string) (*url.URL, error) = heygen.ParseBaseURL
	_ func(string) heygen.Secret     = heygen.NewSecret
)

func _(ctx context.Context, client *heygen.Client, e *heygen.Error) {
	var (
		events   heygen.Events    = heygen.OnlyEvents("a", "b")
		secret   heygen.Secret    = heygen.Secret{}
		response *struct{}        = nil
		_        bool             = events.IsZero() || events.All() || events.Includes("a")
		_        []string         = events.Types()
		_        bool             = secret.IsZero() || secret.Equal(secret)
		_        string           = secret.Reveal()
		_        bool             = e.Retryable() || e.Sent() || errors.Is(e, heygen.ErrAPI)
		_        heygen.Kind      = e.Kind()
		_        []byte           = e.Body()
		_        error            = e
		_        func(error) bool = e.Is
	)
	response, err := heygen.Do[struct{}](ctx, client, "Ping", func(base *url.URL) (*http.Request, error) {
		return http.NewRequest(http.MethodGet, base.String(), nil)
	})
	_, _ = response, err

	key := heygen.WithIdempotencyKey("key")
	var endpoint *heygen.WebhookEndpoint
	endpoint, err = client.CreateWebhookEndpoint(ctx, heygen.CreateWebhookEndpointRequest{
		URL: "", Events: events, EntityID: "",
	}, key)
	endpoint, err = client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{
		EndpointID: "", URL: "", Events: events,
	})
	err = client.DeleteWebhookEndpoint(ctx, "")
	rotated, err := client.RotateWebhookSecret(ctx, "", key)
	types, err := client.ListWebhookEventTypes(ctx)
	var (
		_ heygen.WebhookSecret = *rotated
		_ []heygen.EventType   = types
		_ []string             = []string{rotated.EndpointID, rotated.Secret.Reveal(), types[0].Type, types[0].Description}

		_ heygen.WebhookEndpointStatus             = endpoint.Status
		_ heygen.CallOption                        = key
		_ iter.Seq2[heygen.WebhookEndpoint, error] = client.ListWebhookEndpoints(ctx)
		_ iter.Seq2[heygen.Event, error]           = client.ListWebhookEvents(ctx, heygen.EventFilter{Type: "", EntityID: ""})
		_                                          = heygen.Event{ID: "", Type: "", Data: json.RawMessage{}, CreatedAt: heygen.Timestamp{}}
	)
}
