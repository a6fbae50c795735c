package heygen

import (
	"github.com/heygen-go/heygen/generated"
	"github.com/heygen-go/heygen/wire"
)

// The generated types, and the types of their fields, under names of this package.
type (
	// UpdateWebhookEndpointRequest is [generated.UpdateWebhookEndpointRequest], where its fields are documented:
	// EndpointID, URL and Events.
	UpdateWebhookEndpointRequest = generated.UpdateWebhookEndpointRequest
	// WebhookEndpoint is [generated.WebhookEndpoint], where its fields are documented: EndpointID, URL, Status, Events,
	// Secret, CreatedAt, Username, SpaceID and EntityID.
	WebhookEndpoint = generated.WebhookEndpoint
	// WebhookEndpointStatus is [generated.WebhookEndpointStatus].
	WebhookEndpointStatus = generated.WebhookEndpointStatus

	// Events is [wire.Events], where its methods are documented.
	Events = wire.Events
	// Timestamp is [wire.Timestamp], where its fields and methods are documented.
	Timestamp = wire.Timestamp
	// Secret is [wire.Secret], where its methods are documented.
	Secret = wire.Secret
)

// The statuses that HeyGen documents. A [WebhookEndpointStatus] can have other values.
const (
	WebhookEndpointStatusEnabled  = generated.WebhookEndpointStatusEnabled
	WebhookEndpointStatusDisabled = generated.WebhookEndpointStatusDisabled
)

// AllEvents is [wire.AllEvents], the subscription to every event.
func AllEvents() Events { return wire.AllEvents() }

// OnlyEvents is [wire.OnlyEvents], the subscription to the listed event types. HeyGen does not document what an empty
// list does; for every event use [AllEvents].
func OnlyEvents(types ...string) Events { return wire.OnlyEvents(types...) }

// NewSecret is [wire.NewSecret]. It makes a Secret, for example for the endpoint of a test.
func NewSecret(text string) Secret { return wire.NewSecret(text) }
