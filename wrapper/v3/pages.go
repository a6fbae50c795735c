package heygen

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/heygen-go/heygen/generated/v3"
	v1 "github.com/heygen-go/heygen/wrapper"
)

// pageSize is how many items the client asks for at a time, the most that HeyGen allows.
const pageSize = 100

// ListWebhookEndpoints returns the webhook endpoints of the account, without their secrets. It asks for the next 100
// when the loop needs them. An error comes last, with a zero endpoint; the endpoints before it are valid.
//
//	for endpoint, err := range client.ListWebhookEndpoints(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(endpoint.EndpointID, endpoint.URL)
//	}
func (c *Client) ListWebhookEndpoints(ctx context.Context) iter.Seq2[WebhookEndpoint, error] {
	const op = "ListWebhookEndpoints"
	return pages[WebhookEndpoint](ctx, c, op, func(base *url.URL, limit *int, token *string) (*http.Request, error) {
		return generated.NewListWebhookEndpointsRequest(base,
			&generated.ListWebhookEndpointsParams{Limit: limit, Token: token})
	})
}

// ListWebhookEventTypes returns the event types to which an endpoint can subscribe.
//
// HeyGen documents no pages of this list, but has_more and next_token in it. If more follow, the client asks for them
// as in the other lists.
func (c *Client) ListWebhookEventTypes(ctx context.Context) (types []EventType, err error) {
	const op = "ListWebhookEventTypes"
	list := pages[EventType](ctx, c, op, func(base *url.URL, _ *int, token *string) (*http.Request, error) {
		req, err := generated.NewListWebhookEventTypesRequest(base)
		if err == nil && token != nil {
			req.URL.RawQuery = url.Values{"token": {*token}}.Encode()
		}
		return req, err
	})
	for eventType, err := range list {
		if err != nil {
			return nil, err
		}
		types = append(types, eventType)
	}
	return types, nil
}

// EventFilter selects past events. A field that is empty selects all.
type EventFilter struct {
	Type     string // such as "avatar_video.success"
	EntityID string // of the entity that the event is about
}

// ListWebhookEvents returns the events that HeyGen delivered. It asks for the next 100 when the loop needs them. An
// error comes last, with a zero event; the events before it are valid.
func (c *Client) ListWebhookEvents(ctx context.Context, filter EventFilter) iter.Seq2[Event, error] {
	const op = "ListWebhookEvents"
	return pages[Event](ctx, c, op, func(base *url.URL, limit *int, token *string) (*http.Request, error) {
		if err := checkText(filter.Type, filter.EntityID); err != nil {
			return nil, err
		}
		return generated.NewListWebhookEventsRequest(base, &generated.ListWebhookEventsParams{
			EventType: optional(filter.Type), EntityID: optional(filter.EntityID), Limit: limit, Token: token,
		})
	})
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// pages gets one page after another. HeyGen's last page has no next_token. It is an error if has_more is true without a
// next_token, or if a token repeats: the list would be cut off, or have no end.
func pages[T any](ctx context.Context, c *Client, op string,
	build func(base *url.URL, limit *int, token *string) (*http.Request, error),
) iter.Seq2[T, error] {
	type page struct {
		Data      []T     `json:"data"`
		HasMore   *bool   `json:"has_more"` // nil if HeyGen did not send it: then next_token decides
		NextToken *string `json:"next_token"`
	}
	return func(yield func(T, error) bool) {
		var none T
		var token *string
		seen := map[string]bool{}
		for {
			got, err := v1.DoV3[page](ctx, c.base(), op, func(base *url.URL) (*http.Request, error) {
				return build(base, new(pageSize), token)
			})
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range got.Data {
				if !yield(item, nil) {
					return
				}
			}
			token = got.NextToken
			switch isLast := token == nil || *token == ""; {
			case got.HasMore != nil && !*got.HasMore, got.HasMore == nil && isLast:
				return
			case isLast:
				yield(none, malformed(op, "has_more is true, but there is no next_token"))
				return
			case seen[*token]:
				yield(none, malformed(op, "next_token repeats, so the list would have no end"))
				return
			}
			seen[*token] = true
		}
	}
}
