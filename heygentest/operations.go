package heygentest

import (
	"context"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"github.com/heygen-go/heygen/generated/server"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// operations is what HeyGen does, behind the generated server.
type operations struct{ sandbox *Server }

func newOperations(s *Server) http.Handler {
	return server.Handler(server.NewStrictHandler(operations{s}, nil))
}

// operation is in the context of an operation at work, and what keep keeps afterwards. The body travels in it because
// the generated server decodes names in any case, "URL" for url, and does not tell an empty url from none.
type operation struct {
	body          []byte
	before, after *heygen.WebhookEndpoint // what the operation changes; nil if nothing
}

type operationKey struct{}

// keep keeps what an operation changed, unless another was faster: then it changes nothing and returns false.
func (s *Server) keep(op operation) bool {
	if op.after == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := op.before.EndpointID
	if s.endpoints[id] != op.before {
		return false
	}
	s.endpoints[id] = op.after
	return true
}

// UpdateWebhookEndpoint changes what was sent, and nothing else.
func (o operations) UpdateWebhookEndpoint(ctx context.Context, _ server.UpdateWebhookEndpointRequestObject,
) (server.UpdateWebhookEndpointResponseObject, error) {
	op, _ := ctx.Value(operationKey{}).(*operation)
	var sent struct {
		EndpointID string        `json:"endpoint_id"`
		URL        *string       `json:"url"`
		Events     heygen.Events `json:"events"`
	}
	if err := json.Unmarshal(op.body, &sent); err != nil {
		return nil, err
	}
	before := o.sandbox.endpoint(sent.EndpointID)
	if before == nil {
		return server.UpdateWebhookEndpoint404JSONResponse{
			Code: codeNotFound, Message: "Webhook endpoint not found",
		}, nil
	}
	after := *before
	if sent.URL != nil {
		if !isAbsolute(*sent.URL) {
			return server.UpdateWebhookEndpoint400JSONResponse{
				Code: codeInvalidURL, Message: "Url of this webhook endpoint is invalid",
			}, nil
		}
		after.URL = *sent.URL
	}
	if !sent.Events.IsZero() {
		after.Events = sent.Events
	}
	op.before, op.after = before, &after
	return server.UpdateWebhookEndpoint200JSONResponse{Code: codeSuccess, Data: after}, nil
}

// isAbsolute reports whether a text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
