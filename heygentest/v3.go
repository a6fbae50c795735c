package heygentest

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	strictjson "github.com/go-json-experiment/json"

	generatedv3 "github.com/heygen-go/heygen/generated/v3"
	"github.com/heygen-go/heygen/generated/v3/server"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// operationsV3 implements the operations of version 3 for the generated server, as operations does those of version 1.
type operationsV3 struct {
	server.Unimplemented
	sandbox *Sandbox
}

// newOperationsV3 returns the generated server for the operations of si. It expects requests as newOperations does.
func newOperationsV3(si server.StrictServerInterface) http.Handler {
	return server.Handler(server.NewStrictHandlerWithOptions(si, nil, server.StrictHTTPServerOptions{
		ResponseErrorHandlerFunc: operationFailed,
	}))
}

// CreateWebhookEndpoint keeps a new endpoint and returns its secret.
func (o operationsV3) CreateWebhookEndpoint(_ context.Context, request server.CreateWebhookEndpointRequestObject,
) (server.CreateWebhookEndpointResponseObject, error) {
	sent := request.Body
	if !o.sandbox.accepts(sent.URL) {
		return nil, invalidURLV3
	}
	endpoint := heygen.WebhookEndpoint{
		EndpointID: newID(), URL: sent.URL, Events: sent.Events,
		CreatedAt: heygen.Timestamp{Time: time.Now().Truncate(time.Second)},
	}
	if sent.EntityID != "" {
		endpoint.EntityID = &sent.EntityID
	}
	endpoint, err := o.sandbox.complete(endpoint)
	if err != nil {
		return nil, err
	}
	o.sandbox.keep(endpoint)
	return server.CreateWebhookEndpoint200JSONResponse{Data: showV3(endpoint, endpoint.Secret)}, nil
}

// UpdateWebhookEndpoint changes the members that were sent, and nothing else. A url that is null was not sent.
func (o operationsV3) UpdateWebhookEndpoint(_ context.Context, request server.UpdateWebhookEndpointRequestObject,
) (server.UpdateWebhookEndpointResponseObject, error) {
	endpoint, ok := o.sandbox.endpoints[request.EndpointID]
	switch sent := request.Body; {
	case !ok:
		return nil, notFound
	case sent.URL == nil && sent.Events.IsZero():
		return nil, nothingSentV3
	case !o.sandbox.update(&endpoint, sent.URL, sent.Events):
		return nil, invalidURLV3
	}
	return server.UpdateWebhookEndpoint200JSONResponse{Data: showV3(endpoint, wire.Secret{})}, nil
}

// DeleteWebhookEndpoint forgets an endpoint.
func (o operationsV3) DeleteWebhookEndpoint(_ context.Context, request server.DeleteWebhookEndpointRequestObject,
) (server.DeleteWebhookEndpointResponseObject, error) {
	if _, ok := o.sandbox.endpoints[request.EndpointID]; !ok {
		return nil, notFound
	}
	o.sandbox.commit = func() { delete(o.sandbox.endpoints, request.EndpointID) }
	return server.DeleteWebhookEndpoint200JSONResponse{Data: map[string]any{}}, nil
}

// RotateWebhookSecret gives an endpoint a new secret, which signs every delivery that begins afterwards.
func (o operationsV3) RotateWebhookSecret(_ context.Context, request server.RotateWebhookSecretRequestObject,
) (server.RotateWebhookSecretResponseObject, error) {
	endpoint, ok := o.sandbox.endpoints[request.EndpointID]
	if !ok {
		return nil, notFound
	}
	endpoint.Secret = newSecret()
	o.sandbox.keep(endpoint)
	return server.RotateWebhookSecret200JSONResponse{
		Data: generatedv3.WebhookSecret{EndpointID: endpoint.EndpointID, Secret: endpoint.Secret},
	}, nil
}

// ListWebhookEndpoints returns endpoints in the order of their ids.
func (o operationsV3) ListWebhookEndpoints(_ context.Context, request server.ListWebhookEndpointsRequestObject,
) (server.ListWebhookEndpointsResponseObject, error) {
	ids := slices.Sorted(maps.Keys(o.sandbox.endpoints))
	show := func(id string) generatedv3.WebhookEndpoint { return showV3(o.sandbox.endpoints[id], wire.Secret{}) }
	shown, next, ok := pageOf("endpoints", ids, strings.Clone, show, request.Params.Limit, request.Params.Token)
	if !ok {
		return nil, unknownTokenV3
	}
	return server.ListWebhookEndpoints200JSONResponse{Data: shown, HasMore: next != nil, NextToken: next}, nil
}

// ListWebhookEventTypes returns the types whose data [Event] knows.
func (operationsV3) ListWebhookEventTypes(context.Context, server.ListWebhookEventTypesRequestObject,
) (server.ListWebhookEventTypesResponseObject, error) {
	types := make([]generatedv3.EventType, 0, len(knownEvents))
	for _, name := range EventTypes() {
		types = append(types, generatedv3.EventType{Type: name, Description: knownEvents[name].description})
	}
	return server.ListWebhookEventTypes200JSONResponse{Data: types}, nil
}

// ListWebhookEvents returns what was delivered, in the order in which the deliveries ended. The entity is that of the
// endpoint.
func (o operationsV3) ListWebhookEvents(_ context.Context, request server.ListWebhookEventsRequestObject,
) (server.ListWebhookEventsResponseObject, error) {
	var chosen []pastEvent
	for _, event := range o.sandbox.events {
		eventType, entity := request.Params.EventType, request.Params.EntityID
		if (eventType == nil || event.Type == *eventType) && (entity == nil || event.entityID == *entity) {
			chosen = append(chosen, event)
		}
	}
	show := func(event pastEvent) generatedv3.Event { return event.Event }
	shown, next, ok := pageOf("events", chosen, pastEvent.position, show, request.Params.Limit, request.Params.Token)
	if !ok {
		return nil, unknownTokenV3
	}
	return server.ListWebhookEvents200JSONResponse{Data: shown, HasMore: next != nil, NextToken: next}, nil
}

// showV3 returns an endpoint as version 3 shows it. Its times have a zone.
func showV3(endpoint heygen.WebhookEndpoint, secret wire.Secret) generatedv3.WebhookEndpoint {
	return generatedv3.WebhookEndpoint{
		EndpointID: endpoint.EndpointID, URL: endpoint.URL, Status: string(endpoint.Status), Events: endpoint.Events,
		CreatedAt: timeV3(endpoint.CreatedAt.Time), Secret: secret,
	}
}

func timeV3(at time.Time) wire.Timestamp {
	return wire.Timestamp{Raw: at.UTC().Format(time.RFC3339Nano)}
}

// maxPage is about the most bytes of a page that has several items: clients read 1 MiB.
const maxPage = 512 << 10

// pageOf returns a page of a list that is in the order of its keys, as it is shown, and the token of the next page, nil
// at the end; or false for a token of no page of the list. A token names the key that its page comes after, so that no
// item is left out if another one is deleted between two pages.
func pageOf[T, S any](list string, items []T, key func(T) string, show func(T) S, limit *int, token *string,
) ([]S, *string, bool) {
	prefix, size := list+" after ", 10
	if token != nil {
		text, err := base64.RawURLEncoding.DecodeString(*token)
		after, known := strings.CutPrefix(string(text), prefix)
		if err != nil || !known {
			return nil, nil, false
		}
		start, _ := slices.BinarySearchFunc(items, after, func(item T, after string) int {
			return cmp.Or(cmp.Compare(key(item), after), -1) // to begin after the item with the key
		})
		items = items[start:]
	}
	if limit != nil {
		size = *limit
	}
	page := []S{}
	for length := 0; len(page) < min(size, len(items)); {
		item := show(items[len(page)])
		text, _ := json.Marshal(item) // an item without JSON fails the check of the response
		if length += len(text); length > maxPage && len(page) > 0 {
			break
		}
		page = append(page, item)
	}
	if len(page) == len(items) {
		return page, nil, true
	}
	next := base64.RawURLEncoding.EncodeToString([]byte(prefix + key(items[len(page)-1])))
	return page, &next, true
}

// pastEvent is an event of the history.
type pastEvent struct {
	generatedv3.Event
	number   int
	entityID string // of the endpoint; "" for none
}

func (e pastEvent) position() string { return fmt.Sprintf("%012d", e.number) }

// newPastEvent returns the event of a delivery. Data that is no object is left out, because the contract wants one, and
// that of a body of which the delivery has a part only.
func newPastEvent(delivery Delivery, entityID *string) pastEvent {
	var members struct {
		Data json.RawMessage `json:"event_data"`
	}
	var object map[string]any
	event := generatedv3.Event{ID: delivery.EventID, Type: delivery.EventType, CreatedAt: timeV3(delivery.Start)}
	if json.Unmarshal(delivery.Body, &members) == nil &&
		strictjson.Unmarshal(members.Data, &object) == nil && object != nil { // encoding/json takes a name twice
		event.Data = members.Data
	}
	past := pastEvent{Event: event, number: delivery.Number}
	if entityID != nil {
		past.entityID = *entityID
	}
	return past
}
