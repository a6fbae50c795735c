package heygen

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/heygen-go/heygen/generated/v3"
	"github.com/heygen-go/heygen/wire"
	v1 "github.com/heygen-go/heygen/wrapper"
)

// DefaultBaseURL is HeyGen's server.
const DefaultBaseURL = v1.DefaultBaseURL

// The generated types, and the types of their fields, under names of this package.
type (
	// CreateWebhookEndpointRequest is [generated.CreateWebhookEndpointRequest], where its fields are documented: URL,
	// Events and EntityID.
	CreateWebhookEndpointRequest = generated.CreateWebhookEndpointRequest
	// WebhookEndpoint is [generated.WebhookEndpoint], where its fields are documented: EndpointID, URL, Status, Events,
	// Secret and CreatedAt.
	WebhookEndpoint = generated.WebhookEndpoint
	// WebhookSecret is [generated.WebhookSecret], where its fields are documented: EndpointID and Secret.
	WebhookSecret = generated.WebhookSecret
	// EventType is [generated.EventType], where its fields are documented: Type and Description.
	EventType = generated.EventType
	// Event is [generated.Event], where its fields are documented: ID, Type, Data and CreatedAt.
	Event = generated.Event

	// WebhookEndpointStatus is text, because HeyGen may send other values than those that were seen.
	WebhookEndpointStatus = string

	// Events is [wire.Events], where its methods are documented.
	Events = wire.Events
	// Timestamp is [wire.Timestamp], where its fields and methods are documented.
	Timestamp = wire.Timestamp
	// Secret is [wire.Secret], where its methods are documented.
	Secret = wire.Secret
)

// The statuses that were seen.
const (
	WebhookEndpointStatusEnabled  WebhookEndpointStatus = "enabled"
	WebhookEndpointStatusDisabled WebhookEndpointStatus = "disabled"
)

// AllEvents is [wire.AllEvents], the subscription to every event.
func AllEvents() Events { return wire.AllEvents() }

// OnlyEvents is [wire.OnlyEvents], the subscription to the listed event types.
func OnlyEvents(types ...string) Events { return wire.OnlyEvents(types...) }

// NewSecret is [wire.NewSecret]. It makes a Secret, for example for the endpoint of a test.
func NewSecret(text string) Secret { return wire.NewSecret(text) }

// The types of the client for version 1 that are those of this one.
type (
	// Option is [v1.Option]: it changes how [NewClient] makes a client.
	Option = v1.Option
	// RetryPolicy is [v1.RetryPolicy]: it limits the attempts of a call.
	RetryPolicy = v1.RetryPolicy
	// Attempt is [v1.Attempt], which the function of [WithObserver] gets.
	Attempt = v1.Attempt
	// Error is [v1.Error], the error of every failed call.
	Error = v1.Error
	// Kind is [v1.Kind], one word for what happened.
	Kind = v1.Kind
)

// The causes of a failed call, for errors.Is. The package for version 1 documents each: [v1.ErrAPI] and so on.
var (
	ErrInvalidRequest    = v1.ErrInvalidRequest
	ErrUnauthorized      = v1.ErrUnauthorized
	ErrForbidden         = v1.ErrForbidden
	ErrPayment           = v1.ErrPayment
	ErrNotFound          = v1.ErrNotFound
	ErrConflict          = v1.ErrConflict
	ErrInvalidURL        = v1.ErrInvalidURL
	ErrRateLimited       = v1.ErrRateLimited
	ErrServer            = v1.ErrServer
	ErrAPI               = v1.ErrAPI
	ErrMalformedResponse = v1.ErrMalformedResponse
	ErrResponseTooLarge  = v1.ErrResponseTooLarge
	ErrRedirect          = v1.ErrRedirect
	ErrTransport         = v1.ErrTransport
)

// The kinds of an [Error].
const (
	KindUsage       = v1.KindUsage
	KindAuth        = v1.KindAuth
	KindPayment     = v1.KindPayment
	KindNotFound    = v1.KindNotFound
	KindConflict    = v1.KindConflict
	KindInvalidURL  = v1.KindInvalidURL
	KindRateLimited = v1.KindRateLimited
	KindServer      = v1.KindServer
	KindAPI         = v1.KindAPI
	KindMalformed   = v1.KindMalformed
	KindTooLarge    = v1.KindTooLarge
	KindRedirect    = v1.KindRedirect
	KindTransport   = v1.KindTransport
	KindTimeout     = v1.KindTimeout
	KindCanceled    = v1.KindCanceled
	KindOther       = v1.KindOther
)

// WithBaseURL is [v1.WithBaseURL]: another server than [DefaultBaseURL].
func WithBaseURL(base string) Option { return v1.WithBaseURL(base) }

// WithHTTPClient is [v1.WithHTTPClient]: the transport and the timeout of hc.
func WithHTTPClient(hc *http.Client) Option { return v1.WithHTTPClient(hc) }

// WithTransport is [v1.WithTransport]: a transport around the client's.
func WithTransport(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return v1.WithTransport(wrap)
}

// WithAPIKeyFunc is [v1.WithAPIKeyFunc]: a function that returns the API key of each attempt.
func WithAPIKeyFunc(f func(context.Context) (string, error)) Option { return v1.WithAPIKeyFunc(f) }

// WithTimeout is [v1.WithTimeout]: a limit of each attempt, instead of 30 s.
func WithTimeout(perAttempt time.Duration) Option { return v1.WithTimeout(perAttempt) }

// WithRetry is [v1.WithRetry]: another policy than [DefaultRetryPolicy].
func WithRetry(p RetryPolicy) Option { return v1.WithRetry(p) }

// WithUserAgent is [v1.WithUserAgent]: a product before the client's own in the User-Agent header.
func WithUserAgent(product string) Option { return v1.WithUserAgent(product) }

// WithObserver is [v1.WithObserver]: a function that gets each attempt.
func WithObserver(f func(context.Context, Attempt)) Option { return v1.WithObserver(f) }

// WithLogger is [v1.WithLogger]: a record for each attempt.
func WithLogger(l *slog.Logger) Option { return v1.WithLogger(l) }

// DefaultRetryPolicy is [v1.DefaultRetryPolicy]: three attempts, 250 ms and 10 s.
func DefaultRetryPolicy() RetryPolicy { return v1.DefaultRetryPolicy() }

// CheckAPIKey is [v1.CheckAPIKey]: it returns an error if key cannot be an API key.
func CheckAPIKey(key string) error { return v1.CheckAPIKey(key) }

// ParseBaseURL is [v1.ParseBaseURL]: it parses the URL of a server as [WithBaseURL] does.
func ParseBaseURL(text string) (*url.URL, error) { return v1.ParseBaseURL(text) }
