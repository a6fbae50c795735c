package heygentest

import (
	"bytes"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

//nolint:paralleltest // it replaces the output of the log
func TestAnAnswerThatBreaksTheContractIsLoudAndChangesNothing(t *testing.T) {
	var logged bytes.Buffer
	defer log.SetOutput(log.Writer()) // evaluated now
	log.SetOutput(&logged)
	sandbox := NewServer()
	defer sandbox.Close()
	sandbox.endpoints["e2"] = &heygen.WebhookEndpoint{ // which AddEndpoint would refuse
		EndpointID: "e2", Status: "unlisted", Events: wire.AllEvents(), Secret: wire.NewSecret("whsec_hidden"),
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/v1/webhook/endpoint.update",
		strings.NewReader(`{"endpoint_id":"e2","url":"https://example.com"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", sandbox.APIKey)
	w := httptest.NewRecorder()
	sandbox.serve(w, r)
	for _, text := range []string{w.Body.String(), logged.String()} {
		if w.Code != 500 || !strings.Contains(text, "/data/status: enum") || strings.Contains(text, "whsec_hidden") {
			t.Errorf("got %d %s", w.Code, text)
		}
	}
	if e, _ := sandbox.Endpoint("e2"); e.URL != "" {
		t.Errorf("the update was kept: %+v", e)
	}
}
