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

// operation is in the context of an operation at work. The generated server has decoded the body by then, but with
// names in any case, "URL" for url, and without telling an empty url from none.
type operation struct {
	body    []byte
	changed *heygen.WebhookEndpoint // to be kept, if the answer keeps the contract
}

type operationKey struct{}

// operate runs the operation that a request asks for, and returns the endpoint that it changes, or nil. The caller
// holds the lock.
func (s *Server) operate(w http.ResponseWriter, r *request) *heygen.WebhookEndpoint {
	op := &operation{body: r.body}
	s.operations.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), operationKey{}, op)))
	return op.changed
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
	endpoint, ok := o.sandbox.endpoints[sent.EndpointID]
	if !ok {
		return server.UpdateWebhookEndpoint404JSONResponse{
			Code: codeNotFound, Message: "Webhook endpoint not found",
		}, nil
	}
	if sent.URL != nil {
		if !isAbsolute(*sent.URL) {
			return server.UpdateWebhookEndpoint400JSONResponse{
				Code: codeInvalidURL, Message: "Url of this webhook endpoint is invalid",
			}, nil
		}
		endpoint.URL = *sent.URL
	}
	if !sent.Events.IsZero() {
		endpoint.Events = sent.Events
	}
	op.changed = &endpoint
	return server.UpdateWebhookEndpoint200JSONResponse{Code: codeSuccess, Data: endpoint}, nil
}

// isAbsolute reports whether a text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
