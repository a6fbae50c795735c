package heygentest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/heygen-go/heygen/generated/server"
)

// operations implements HeyGen's operations for the generated server, which [Sandbox.respond] calls with the sandbox
// locked. An operation that has no method here gets 501.
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
	endpoint, ok := o.sandbox.endpoints[request.Body.EndpointID]
	if !ok {
		return server.UpdateWebhookEndpoint404JSONResponse{
			Code: codeNotFound, Message: "Webhook endpoint not found",
		}, nil
	}
	if sent := request.Body.URL; sent != nil {
		if !isAbsolute(*sent) || *sent == o.sandbox.refused {
			return server.UpdateWebhookEndpoint400JSONResponse{
				Code: codeInvalidURL, Message: "Url of this webhook endpoint is invalid",
			}, nil
		}
		endpoint.URL = *sent
	}
	if sent := request.Body.Events; !sent.IsZero() {
		endpoint.Events = sent
	}
	o.sandbox.updated = &endpoint
	return server.UpdateWebhookEndpoint200JSONResponse{Code: codeSuccess, Data: endpoint}, nil
}

// isAbsolute reports whether text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
