package heygen

import (
	"github.com/heygen-go/heygen/generated"
	"github.com/heygen-go/heygen/wire"
)

// The generated types, handed on as they are: a field that HeyGen adds appears here with the next generation.
type (
	// UpdateWebhookEndpointRequest names a webhook endpoint and what to change about it.
	UpdateWebhookEndpointRequest = generated.UpdateWebhookEndpointRequest
	// WebhookEndpoint is a registered webhook endpoint.
	WebhookEndpoint = generated.WebhookEndpoint
	// WebhookEndpointStatus says whether HeyGen delivers to the endpoint. A value not listed here is kept as it came.
	WebhookEndpointStatus = generated.WebhookEndpointStatus
)

// The statuses that were ever seen.
const (
	WebhookEndpointStatusEnabled  = generated.WebhookEndpointStatusEnabled
	WebhookEndpointStatusDisabled = generated.WebhookEndpointStatusDisabled
)

// The value types of HeyGen's JSON.
type (
	// Events is what an endpoint is subscribed to: every event, the listed ones, or, as the zero value, nothing said.
	Events = wire.Events
	// Timestamp is a time as HeyGen writes it; one without a zone is UTC.
	Timestamp = wire.Timestamp
	// Secret is an endpoint's signing secret, redacted wherever it is printed.
	Secret = wire.Secret
)

// AllEvents is the subscription to every event, JSON null.
func AllEvents() Events { return wire.AllEvents() }

// OnlyEvents is the subscription to the listed event types. Without types it is the empty list, of which HeyGen does
// not document the effect.
func OnlyEvents(types ...string) Events { return wire.OnlyEvents(types...) }

// NewSecret makes a Secret of a text, for example for a fake endpoint in a test.
func NewSecret(text string) Secret { return wire.NewSecret(text) }
