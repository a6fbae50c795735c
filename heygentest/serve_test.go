package heygentest

import (
	"bytes"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/generated/server"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func newSandbox(t *testing.T, opts ...Option) *Sandbox {
	t.Helper()
	sandbox, err := New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return sandbox
}

// newUpdate returns a request to a sandbox that is called without a socket.
func newUpdate(t *testing.T, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/v1/webhook/endpoint.update",
		strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", "sandbox-key")
	return r
}

// What a middleware in front of the sandbox sees of a request stays the same.
func TestTheRequestOfTheCallerIsNotChanged(t *testing.T) {
	t.Parallel()
	r := newUpdate(t, `{"endpoint_id":"e1"}`)
	r.Header.Set("Content-Encoding", "gzip")
	before, header := *r, r.Header.Clone()
	newSandbox(t).ServeHTTP(httptest.NewRecorder(), r)
	if r.Body != before.Body || r.Pattern != "" || !maps.EqualFunc(r.Header, header, slices.Equal) {
		t.Errorf("changed to %+v", r)
	}
}

func TestAnOperationWithoutCode(t *testing.T) {
	t.Parallel()
	sandbox := newSandbox(t)
	sandbox.operations = newOperations(server.Unimplemented{})
	w := httptest.NewRecorder()
	sandbox.ServeHTTP(w, newUpdate(t, `{"endpoint_id":"e1"}`))
	const want = `{"code":501,"message":"heygentest: UpdateWebhookEndpoint is not implemented"}`
	if got := strings.TrimSpace(w.Body.String()); w.Code != 501 || got != want {
		t.Errorf("got %d %s, want 501 %s", w.Code, got, want)
	}
}

//nolint:paralleltest // it replaces the output of package log
func TestAResponseThatBreaksTheContractIsLoggedAndChangesNothing(t *testing.T) {
	var logged bytes.Buffer
	defer log.SetOutput(log.Writer()) // evaluated now
	log.SetOutput(&logged)
	sandbox := newSandbox(t)
	sandbox.endpoints["e2"] = heygen.WebhookEndpoint{ // which AddEndpoint would refuse
		EndpointID: "e2", Status: "unlisted", Events: wire.AllEvents(), Secret: wire.NewSecret("whsec_hidden"),
	}
	w := httptest.NewRecorder()
	sandbox.ServeHTTP(w, newUpdate(t, `{"endpoint_id":"e2","url":"https://example.com"}`))
	for _, text := range []string{w.Body.String(), logged.String()} {
		if w.Code != 500 || !strings.Contains(text, "/data/status: enum") || strings.Contains(text, "whsec_hidden") {
			t.Errorf("got %d %s", w.Code, text)
		}
	}
	if e, _ := sandbox.Endpoint("e2"); e.URL != "" {
		t.Errorf("the update was kept: %+v", e)
	}
}
