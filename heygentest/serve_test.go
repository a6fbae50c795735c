package heygentest

import (
	"bytes"
	"context"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heygen-go/heygen/generated/server"
	serverv3 "github.com/heygen-go/heygen/generated/v3/server"
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
	sandbox.operationsV3 = newOperationsV3(serverv3.Unimplemented{})
	for want, r := range map[string]*http.Request{
		`{"code":501,"message":"heygentest: UpdateWebhookEndpoint is not implemented"}`: newUpdate(t, `{"endpoint_id":"e1"}`),
		`{"error":{"code":"not_implemented","doc_url":null,"message":"heygentest: RotateWebhookSecret is not implemented",` +
			`"param":null}}`: newRotation(t, "k"),
	} {
		w := httptest.NewRecorder()
		sandbox.ServeHTTP(w, r)
		if got := strings.TrimSpace(w.Body.String()); w.Code != 501 || got != want {
			t.Errorf("got %d %s, want 501 %s", w.Code, got, want)
		}
	}
}

// newRotation returns a request for a new secret of the endpoint e1.
func newRotation(t *testing.T, key string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v3/webhooks/endpoints/e1/rotate-secret", nil)
	r.Header.Set("X-Api-Key", "sandbox-key")
	r.Header.Set("Idempotency-Key", key)
	return r
}

// A success is repeated for 24 hours, and of more than 1000 the last ones.
func TestTheBoundsOfIdempotencyKeys(t *testing.T) {
	t.Parallel()
	newSandbox(t) // compiles the contract outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		sandbox := newSandbox(t)
		sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
		secrets := map[string]string{}
		rotates := func(key string) (anew bool) {
			w := httptest.NewRecorder()
			sandbox.ServeHTTP(w, newRotation(t, key))
			anew = w.Body.String() != secrets[key]
			secrets[key] = w.Body.String()
			return anew
		}
		rotates("a")
		time.Sleep(24*time.Hour - time.Second)
		if rotates("a") {
			t.Error("within 24 hours: not repeated")
		}
		time.Sleep(time.Second)
		if !rotates("a") || rotates("a") {
			t.Error("after 24 hours: repeated, or not kept anew")
		}
		for i := range maxKeys - 1 {
			rotates(strconv.Itoa(i))
		}
		if rotates("a") {
			t.Error("one of 1000: not repeated")
		}
		if rotates("more"); !rotates("a") || rotates("1") || len(sandbox.keys.done) != maxKeys ||
			len(sandbox.keys.order) != maxKeys {
			t.Errorf("one of 1001 is repeated; %d are kept", len(sandbox.keys.done))
		}
		if len(sandbox.keys.underWay) > 0 {
			t.Errorf("under way: %v", sandbox.keys.underWay)
		}
	})
}

// wrong makes the changes of version 3, with responses that the contract does not allow.
type wrong struct{ operationsV3 }

func (o wrong) DeleteWebhookEndpoint(ctx context.Context, r serverv3.DeleteWebhookEndpointRequestObject,
) (serverv3.DeleteWebhookEndpointResponseObject, error) {
	_, err := o.operationsV3.DeleteWebhookEndpoint(ctx, r)
	return serverv3.DeleteWebhookEndpoint200JSONResponse{}, err // without data
}

func (o wrong) RotateWebhookSecret(ctx context.Context, r serverv3.RotateWebhookSecretRequestObject,
) (serverv3.RotateWebhookSecretResponseObject, error) {
	_, err := o.operationsV3.RotateWebhookSecret(ctx, r)
	return serverv3.RotateWebhookSecret200JSONResponse{}, err
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
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	before := string(sandbox.Snapshot())
	sandbox.operationsV3 = newOperationsV3(wrong{operationsV3{sandbox: sandbox}})
	deletion := newRotation(t, "")
	deletion.Method, deletion.URL.Path = http.MethodDelete, "/v3/webhooks/endpoints/e1"
	for _, r := range []*http.Request{newRotation(t, "k"), deletion} {
		w := httptest.NewRecorder()
		if sandbox.ServeHTTP(w, r); w.Code != 500 || string(sandbox.Snapshot()) != before || len(sandbox.keys.done) > 0 {
			t.Errorf("%s: %d %s, endpoints %s", r.Method, w.Code, w.Body, sandbox.Snapshot())
		}
	}
}
