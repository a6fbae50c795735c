package heygentest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/heygen-go/heygen/generated/server"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// operations implements HeyGen's operations for the generated server. An operation that has no method here gets 501.
type operations struct {
	server.Unimplemented
	sandbox *Sandbox
}

// newOperations returns the generated server for the operations of si. It expects requests that the contract has
// checked, with a checkedBody.
func newOperations(si server.StrictServerInterface) http.Handler {
	return server.Handler(server.NewStrictHandlerWithOptions(si, nil, server.StrictHTTPServerOptions{
		ResponseErrorHandlerFunc: func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.As(err, new(server.UnimplementedError)) {
				writeError(w, http.StatusNotImplemented, codeUnimplemented, "heygentest: "+err.Error())
				return
			}
			http.Error(w, err.Error(), http.StatusInternalServerError)
		},
	}))
}

// checkedBody is a body and its JSON value. The generated server takes the value, so that it reads what the contract
// has checked: encoding/json would also accept member names in another case.
type checkedBody struct {
	io.ReadCloser
	value any
}

// ValidatedValue is the method that runtime.BindJSONBody looks for.
func (b checkedBody) ValidatedValue() any { return b.value }

// UpdateWebhookEndpoint changes the members that were sent, and nothing else. HeyGen does not document what happens to
// the others.
func (o operations) UpdateWebhookEndpoint(_ context.Context, request server.UpdateWebhookEndpointRequestObject,
) (server.UpdateWebhookEndpointResponseObject, error) {
	before := o.sandbox.endpoint(request.Body.EndpointID)
	if before == nil {
		return server.UpdateWebhookEndpoint404JSONResponse{
			Code: codeNotFound, Message: "Webhook endpoint not found",
		}, nil
	}
	after := *before
	if sent := request.Body.URL; sent != nil {
		if !isAbsolute(*sent) {
			return server.UpdateWebhookEndpoint400JSONResponse{
				Code: codeInvalidURL, Message: "Url of this webhook endpoint is invalid",
			}, nil
		}
		after.URL = *sent
	}
	if sent := request.Body.Events; !sent.IsZero() {
		after.Events = sent
	}
	return updated{
		server.UpdateWebhookEndpoint200JSONResponse{Code: codeSuccess, Data: after}, before, &after,
	}, nil
}

// updated is the response to an update. It also notes the change, which the sandbox keeps after it has checked the
// response.
type updated struct {
	server.UpdateWebhookEndpoint200JSONResponse
	before, after *heygen.WebhookEndpoint
}

func (u updated) VisitUpdateWebhookEndpointResponse(w http.ResponseWriter) error {
	if resp, ok := w.(*response); ok {
		resp.before, resp.after = u.before, u.after
	}
	return u.UpdateWebhookEndpoint200JSONResponse.VisitUpdateWebhookEndpointResponse(w)
}

// keep stores the change that a response reports. If another call has changed the endpoint meanwhile, keep stores
// nothing and returns false.
func (s *Sandbox) keep(resp *response) bool {
	if resp.after == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := resp.before.EndpointID
	if s.endpoints[id] != resp.before {
		return false
	}
	s.endpoints[id] = resp.after
	return true
}

// isAbsolute reports whether text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
