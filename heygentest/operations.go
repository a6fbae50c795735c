package heygentest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"github.com/heygen-go/heygen/generated/server"
)

// operations is what HeyGen does, behind the generated server.
type operations struct{ sandbox *Server }

func newOperations(s *Server) http.Handler {
	middlewares := []server.StrictMiddlewareFunc{withBody}
	return server.Handler(server.NewStrictHandler(operations{s}, middlewares))
}

type bodyKey struct{}

// withBody keeps the body of a request in the context. The generated server has decoded it by then, but with names in
// any case, "URL" for url, and without telling an empty url from none.
func withBody(next server.StrictHandlerFunc, _ string) server.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(body)
		if err != nil {
			return nil, err
		}
		return next(context.WithValue(ctx, bodyKey{}, data), w, r, request)
	}
}

// UpdateWebhookEndpoint changes what was sent, and nothing else.
func (o operations) UpdateWebhookEndpoint(ctx context.Context, _ server.UpdateWebhookEndpointRequestObject,
) (server.UpdateWebhookEndpointResponseObject, error) {
	body, _ := ctx.Value(bodyKey{}).([]byte)
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, err
	}
	var sent server.UpdateWebhookEndpointRequest
	_, sendsURL := members["url"]
	for name, field := range map[string]any{
		"endpoint_id": &sent.EndpointID, "url": &sent.URL, "events": &sent.Events,
	} {
		if value, ok := members[name]; ok {
			if err := json.Unmarshal(value, field); err != nil {
				return nil, err
			}
		}
	}
	o.sandbox.mu.Lock()
	defer o.sandbox.mu.Unlock()
	endpoint, ok := o.sandbox.endpoints[sent.EndpointID]
	if !ok {
		return server.UpdateWebhookEndpoint404JSONResponse{
			Code: codeNotFound, Message: "Webhook endpoint not found",
		}, nil
	}
	if sendsURL {
		if !isAbsolute(sent.URL) {
			return server.UpdateWebhookEndpoint400JSONResponse{
				Code: codeInvalidURL, Message: "Url of this webhook endpoint is invalid",
			}, nil
		}
		endpoint.URL = sent.URL
	}
	if !sent.Events.IsZero() {
		endpoint.Events = sent.Events
	}
	o.sandbox.endpoints[sent.EndpointID] = endpoint
	return server.UpdateWebhookEndpoint200JSONResponse{Code: 100, Data: endpoint}, nil
}

// isAbsolute reports whether a text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
