package wire_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"slices"
	"strings"

	heygen "github.com/heygen-go/heygen/wrapper"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

// operations are the operations of the cases, with the method of their requests and, unless a case says otherwise, the
// path and the query.
var operations = map[string]struct{ method, target string }{
	"":          {http.MethodPatch, "/v1/webhook/endpoint.update"},
	"nothing":   {http.MethodPatch, "/v1/webhook/endpoint.update"},
	"post":      {http.MethodPost, "/v1/webhook/endpoint.update"},
	"get":       {http.MethodGet, "/v1/webhook/endpoint.update"},
	"v3-create": {http.MethodPost, "/v3/webhooks/endpoints"},
	"v3-update": {http.MethodPatch, "/v3/webhooks/endpoints/e1"},
	"v3-delete": {http.MethodDelete, "/v3/webhooks/endpoints/e1"},
	"v3-rotate": {http.MethodPost, "/v3/webhooks/endpoints/e1/rotate-secret"},
	"v3-list":   {http.MethodGet, "/v3/webhooks/endpoints?limit=100"},
	"v3-events": {http.MethodGet, "/v3/webhooks/events?limit=100"},
	"v3-types":  {http.MethodGet, "/v3/webhooks/event-types"},
}

func (c testCase) isVersion3() bool { return strings.HasPrefix(c.operation, "v3-") }

func callVersion3(ctx context.Context, client *v3.Client, c testCase, text []byte) (got result) {
	var request struct {
		EndpointID string    `json:"endpoint_id"`
		URL        string    `json:"url"`
		Events     v3.Events `json:"events"`
		EntityID   string    `json:"entity_id"`
		EventType  string    `json:"event_type"`
	}
	if got.err = json.Unmarshal(text, &request); got.err != nil {
		return got
	}
	var opts []v3.CallOption
	if c.idemKey != "" {
		opts = append(opts, v3.WithIdempotencyKey(c.idemKey))
	}
	var endpoint *v3.WebhookEndpoint
	switch c.operation {
	case "v3-create":
		endpoint, got.err = client.CreateWebhookEndpoint(ctx, v3.CreateWebhookEndpointRequest{
			URL: request.URL, Events: request.Events, EntityID: request.EntityID}, opts...)
	case "v3-update":
		endpoint, got.err = client.UpdateWebhookEndpoint(ctx, v3.UpdateWebhookEndpointRequest{
			EndpointID: request.EndpointID, URL: request.URL, Events: request.Events})
	case "v3-delete":
		got.err = client.DeleteWebhookEndpoint(ctx, request.EndpointID)
	case "v3-rotate":
		var rotated *v3.WebhookSecret
		if rotated, got.err = client.RotateWebhookSecret(ctx, request.EndpointID, opts...); rotated != nil {
			got.endpoint = heygen.WebhookEndpoint{EndpointID: rotated.EndpointID, Secret: rotated.Secret}
			got.returned = rotated
		}
	case "v3-list":
		collect(&got, client.ListWebhookEndpoints(ctx), func(e v3.WebhookEndpoint) (id, entry string) {
			if !e.Events.IsZero() {
				entry = e.Events.String()
			}
			return e.EndpointID, join(e.URL, e.Status, entry, e.CreatedAt.String())
		})
	case "v3-events":
		filter := v3.EventFilter{Type: request.EventType, EntityID: request.EntityID}
		collect(&got, client.ListWebhookEvents(ctx, filter), func(e v3.Event) (id, entry string) {
			return e.ID, join(e.Type, e.CreatedAt.String(), string(e.Data))
		})
	case "v3-types":
		types, err := client.ListWebhookEventTypes(ctx)
		got.items, got.returned, got.err = []string{}, types, err
		for _, eventType := range types {
			got.items, got.entry = append(got.items, eventType.Type), eventType.Description
		}
	}
	if endpoint != nil {
		got.returned = endpoint
		got.endpoint = heygen.WebhookEndpoint{
			EndpointID: endpoint.EndpointID, URL: endpoint.URL, Status: heygen.WebhookEndpointStatus(endpoint.Status),
			Events: endpoint.Events, CreatedAt: endpoint.CreatedAt, Secret: endpoint.Secret,
		}
	}
	return got
}

// join separates the words that are not empty.
func join(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}

// collect reads a list to its end.
func collect[T any](got *result, list iter.Seq2[T, error], describe func(T) (id, entry string)) {
	var returned []T
	got.items = []string{}
	for item, err := range list {
		if err != nil {
			got.err = err
			continue // nothing comes after it, or the case fails for one item too many
		}
		id, entry := describe(item)
		returned, got.items, got.entry = append(returned, item), append(got.items, id), entry
	}
	got.returned = returned
}
