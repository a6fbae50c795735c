package heygentest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/heygen-go/heygen/generated/server"
	serverv3 "github.com/heygen-go/heygen/generated/v3/server"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// operations implements the operations of version 1 for the generated server, which [Sandbox.respond] calls with the
// sandbox locked. An operation that has no method here gets 501.
type operations struct {
	server.Unimplemented
	sandbox *Sandbox
}

// newOperations returns the generated server for the operations of si. It expects requests that the contract has
// checked, with a checkedBody.
func newOperations(si server.StrictServerInterface) http.Handler {
	return server.Handler(server.NewStrictHandlerWithOptions(si, nil, server.StrictHTTPServerOptions{
		ResponseErrorHandlerFunc: operationFailed,
	}))
}

// operationFailed responds for an operation that returned an error, which is a defect of the sandbox unless it is a
// failure, or the operation has no code.
func operationFailed(w http.ResponseWriter, r *http.Request, err error) {
	if failed, ok := errors.AsType[failure](err); ok {
		failed.write(w, r)
		return
	}
	if errors.As(err, new(server.UnimplementedError)) || errors.As(err, new(serverv3.UnimplementedError)) {
		message := "heygentest: " + err.Error()
		failure{http.StatusNotImplemented, codeUnimplemented, "not_implemented", "", message}.write(w, r)
		return
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
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
		return nil, notFound
	}
	if !o.sandbox.update(&endpoint, request.Body.URL, request.Body.Events) {
		return nil, invalidURL
	}
	return server.UpdateWebhookEndpoint200JSONResponse{Code: codeSuccess, Data: endpoint}, nil
}

// update changes the members of an endpoint that were sent, and keeps it. It reports false if it refuses the URL.
func (s *Sandbox) update(endpoint *heygen.WebhookEndpoint, address *string, events wire.Events) bool {
	if address != nil {
		if !s.accepts(*address) {
			return false
		}
		endpoint.URL = *address
	}
	if !events.IsZero() {
		endpoint.Events = events
	}
	s.keep(*endpoint)
	return true
}

// keep keeps an endpoint once its response has been checked.
func (s *Sandbox) keep(endpoint heygen.WebhookEndpoint) {
	s.commit = func() { s.endpoints[endpoint.EndpointID] = endpoint }
}

// accepts reports whether an endpoint can have a URL.
func (s *Sandbox) accepts(address string) bool { return isAbsolute(address) && address != s.refused }

// isAbsolute reports whether text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
