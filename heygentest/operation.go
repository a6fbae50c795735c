package heygentest

import (
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"github.com/heygen-go/heygen/generated/server"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// operations is what HeyGen does, behind the generated router. An operation that has no method here is answered with
// 501.
type operations struct {
	server.Unimplemented
	sandbox *Sandbox
}

func newOperations(s *Sandbox) http.Handler {
	return server.Handler(operations{server.Unimplemented{Answer: unimplemented}, s})
}

func unimplemented(w http.ResponseWriter, _ *http.Request, operation string) {
	writeError(w, http.StatusNotImplemented, codeUnimplemented, "heygentest: the sandbox does not implement "+operation)
}

// UpdateWebhookEndpoint changes what was sent, and nothing else. The request has been judged.
func (o operations) UpdateWebhookEndpoint(w http.ResponseWriter, r *http.Request) {
	response, err := o.updateWebhookEndpoint(w.(*response), r)
	if err == nil {
		err = response.VisitUpdateWebhookEndpointResponse(w)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (o operations) updateWebhookEndpoint(resp *response, r *http.Request,
) (server.UpdateWebhookEndpointResponseObject, error) {
	var sent struct {
		EndpointID string        `json:"endpoint_id"`
		URL        *string       `json:"url"`
		Events     heygen.Events `json:"events"`
	}
	if err := json.UnmarshalRead(r.Body, &sent); err != nil {
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
	resp.before, resp.after = before, &after
	return server.UpdateWebhookEndpoint200JSONResponse{Code: codeSuccess, Data: after}, nil
}

// keep keeps what an answer says has changed, unless another was faster: then it changes nothing and returns false.
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

// isAbsolute reports whether a text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
