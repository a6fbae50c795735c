package tests

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

// newClientV3 makes a client of a sandbox that judges every exchange by the document of version 3, and hardly waits
// between attempts.
func newClientV3(t *testing.T, sandbox *heygentest.Server, opts ...v3.Option) *v3.Client {
	t.Helper()
	client, err := v3.NewClient(sandbox.APIKey, append([]v3.Option{
		v3.WithBaseURL(sandbox.URL), judgedBy(t, openapi.CorrectedV3()),
		v3.WithRetry(v3.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Millisecond}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// callsOfVersion3 has a call of each method of the client for the endpoint of newSandbox, by the operation as a
// collector calls it.
var callsOfVersion3 = map[string]func(context.Context, *v3.Client) error{
	"POST /v3/webhooks/endpoints": func(ctx context.Context, c *v3.Client) error {
		_, err := c.CreateWebhookEndpoint(ctx, v3.CreateWebhookEndpointRequest{URL: "https://example.com/hook"})
		return err
	},
	"PATCH /v3/webhooks/endpoints/{endpoint_id}": func(ctx context.Context, c *v3.Client) error {
		_, err := c.UpdateWebhookEndpoint(ctx,
			v3.UpdateWebhookEndpointRequest{EndpointID: endpointID, Events: v3.AllEvents()})
		return err
	},
	"DELETE /v3/webhooks/endpoints/{endpoint_id}": func(ctx context.Context, c *v3.Client) error {
		return c.DeleteWebhookEndpoint(ctx, endpointID)
	},
	"POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret": func(ctx context.Context, c *v3.Client) error {
		_, err := c.RotateWebhookSecret(ctx, endpointID)
		return err
	},
	"GET /v3/webhooks/endpoints": func(ctx context.Context, c *v3.Client) error {
		for _, err := range c.ListWebhookEndpoints(ctx) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"GET /v3/webhooks/event-types": func(ctx context.Context, c *v3.Client) error {
		_, err := c.ListWebhookEventTypes(ctx)
		return err
	},
	"GET /v3/webhooks/events": func(ctx context.Context, c *v3.Client) error {
		for _, err := range c.ListWebhookEvents(ctx, v3.EventFilter{Type: "a", EntityID: "x"}) {
			if err != nil {
				return err
			}
		}
		return nil
	},
}

// Each method succeeds, and fails with a wrong API key and in every documented way; every exchange is judged.
func TestEveryCallOfVersion3KeepsTheContract(t *testing.T) {
	t.Parallel()
	means := map[int]error{
		http.StatusBadRequest: v3.ErrInvalidRequest, http.StatusUnauthorized: v3.ErrUnauthorized,
		http.StatusPaymentRequired: v3.ErrPayment, http.StatusForbidden: v3.ErrForbidden,
		http.StatusNotFound: v3.ErrNotFound, http.StatusConflict: v3.ErrConflict,
		http.StatusTooManyRequests: v3.ErrRateLimited, http.StatusInternalServerError: v3.ErrServer,
	}
	if methods := reflect.TypeFor[*v3.Client]().NumMethod(); methods != len(callsOfVersion3) {
		t.Errorf("the client has %d methods, and the tests call %d", methods, len(callsOfVersion3))
	}
	paths := load(t, openapi.CorrectedV3()).Paths
	for name, call := range callsOfVersion3 {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := newSandbox(t)
			client := newClientV3(t, sandbox, v3.WithRetry(v3.RetryPolicy{}))
			method, path, _ := strings.Cut(name, " ")
			responses := paths.Find(path).GetOperation(method).Responses
			failures := map[int]error{}
			if responses.Default() != nil {
				maps.Copy(failures, means)
			}
			for documented := range responses.Map() {
				if status, err := strconv.Atoi(documented); err == nil && status >= http.StatusBadRequest {
					failures[status] = cmp.Or(means[status], v3.ErrAPI)
				}
			}
			for status, want := range failures {
				sandbox.Next(heygentest.FaultErrorV3(status, "a_new_word", "No"))
				err := call(t.Context(), client)
				e, ok := errors.AsType[*v3.Error](err)
				if !ok || !errors.Is(err, want) || e.Code != "a_new_word" || e.StatusCode != status {
					t.Errorf("error %v, want %v", err, want)
				}
			}
			wrongKey := newClientV3(t, sandbox, v3.WithAPIKeyFunc(constant("wrong")))
			if err := call(t.Context(), wrongKey); !errors.Is(err, v3.ErrUnauthorized) {
				t.Errorf("error %v with a wrong key", err)
			}
			if err := call(t.Context(), client); err != nil {
				t.Error(err)
			}
		})
	}
}

// The life of an endpoint, each step of which the sandbox confirms.
func TestTheLifeOfAnEndpoint(t *testing.T) {
	t.Parallel()
	sandbox := newSandbox(t)
	client, ctx := newClientV3(t, sandbox), t.Context()
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(receiver.Close)
	kept := func(id string) v3.WebhookEndpoint {
		e, _ := sandbox.Endpoint(id)
		return v3.WebhookEndpoint{
			EndpointID: e.EndpointID, URL: e.URL, Status: string(e.Status), Events: e.Events, Secret: e.Secret,
			CreatedAt: e.CreatedAt,
		}
	}
	same := func(step string, got *v3.WebhookEndpoint, err error, withSecret bool) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		want := kept(got.EndpointID)
		if got.URL != want.URL || got.Status != want.Status || !got.Events.Equal(want.Events) ||
			!got.CreatedAt.Time.Equal(want.CreatedAt.Time) || !strings.HasSuffix(got.CreatedAt.Raw, "Z") ||
			got.Secret.IsZero() == withSecret || withSecret && !got.Secret.Equal(want.Secret) {
			t.Errorf("%s: got %+v, the sandbox has %+v", step, got, want)
		}
	}

	created, err := client.CreateWebhookEndpoint(ctx, v3.CreateWebhookEndpointRequest{
		URL: receiver.URL, Events: v3.OnlyEvents("avatar_video.success"), EntityID: "project-1",
	})
	same("create", created, err, true)
	id := created.EndpointID

	updated, err := client.UpdateWebhookEndpoint(ctx,
		v3.UpdateWebhookEndpointRequest{EndpointID: id, URL: receiver.URL + "/ü?q=<&>"})
	same("update of the URL", updated, err, false)
	if !updated.Events.Equal(created.Events) {
		t.Errorf("the update of the URL made the events %s", updated.Events)
	}
	for _, events := range []v3.Events{v3.OnlyEvents(), v3.OnlyEvents("b", "c"), v3.AllEvents()} {
		updated, err = client.UpdateWebhookEndpoint(ctx, v3.UpdateWebhookEndpointRequest{EndpointID: id, Events: events})
		same("update of the events", updated, err, false)
		if !updated.Events.Equal(events) {
			t.Errorf("the events are %s, want %s", updated.Events, events)
		}
	}
	_, err = client.UpdateWebhookEndpoint(ctx, v3.UpdateWebhookEndpointRequest{EndpointID: id, URL: "/hook"})
	if e, ok := errors.AsType[*v3.Error](err); !ok || !errors.Is(err, v3.ErrInvalidRequest) || e.Param != "url" {
		t.Errorf("error %v of a relative URL", err)
	}

	rotated, err := client.RotateWebhookSecret(ctx, id)
	if err != nil || rotated.EndpointID != id || rotated.Secret.Equal(created.Secret) ||
		!rotated.Secret.Equal(kept(id).Secret) {
		t.Errorf("rotated: %+v, error %v", rotated, err)
	}

	if _, err := sandbox.Deliver(ctx, id, heygentest.Event("avatar_video.success")); err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.Deliver(ctx, id, heygentest.Event("avatar_video.fail")); err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[v3.EventFilter]string{
		{}:                          "avatar_video.success avatar_video.fail",
		{Type: "avatar_video.fail"}: "avatar_video.fail",
		{EntityID: "project-1"}:     "avatar_video.success avatar_video.fail",
		{EntityID: "project-2"}:     "",
	} {
		var got []string
		for event, err := range client.ListWebhookEvents(ctx, filter) {
			if err != nil || event.ID == "" || event.CreatedAt.Time.IsZero() || !json.Valid(event.Data) {
				t.Fatalf("event %+v, error %v", event, err)
			}
			got = append(got, event.Type)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%+v finds the events %q, want %s", filter, got, want)
		}
	}
	types, err := client.ListWebhookEventTypes(ctx)
	if err != nil || len(types) == 0 || types[0].Type == "" {
		t.Errorf("event types %+v, error %v", types, err)
	}

	if err := client.DeleteWebhookEndpoint(ctx, id); err != nil {
		t.Error(err)
	}
	for operation, err := range map[string]error{
		"delete": client.DeleteWebhookEndpoint(ctx, id),
		"update": second(client.UpdateWebhookEndpoint(ctx, v3.UpdateWebhookEndpointRequest{EndpointID: id, URL: "x"})),
		"rotate": second(client.RotateWebhookSecret(ctx, id)),
	} {
		if !errors.Is(err, v3.ErrNotFound) || !errors.Is(err, v3.ErrAPI) {
			t.Errorf("%s after the end: error %v", operation, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A list of 250 endpoints takes three requests, and a loop that ends early no further one.
func TestTheClientListsInPages(t *testing.T) {
	t.Parallel()
	sandbox := newSandbox(t)
	var want []string
	for i := range 250 {
		id := fmt.Sprintf("%032d", i)
		sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id, URL: "https://example.com/" + id})
		want = append(want, id)
	}
	want = append(want, endpointID)
	client := newClientV3(t, sandbox)
	list := client.ListWebhookEndpoints(t.Context())
	for _, end := range []int{251, 1, 100, 101, 251} {
		before := len(sandbox.Calls())
		var got []string
		for endpoint, err := range list {
			if err != nil || !endpoint.Secret.IsZero() {
				t.Fatalf("endpoint %+v, error %v", endpoint, err)
			}
			if got = append(got, endpoint.EndpointID); len(got) == end {
				break
			}
		}
		if !slices.Equal(got, want[:end]) {
			t.Errorf("a loop of %d: got %q", end, got)
		}
		if calls := len(sandbox.Calls()) - before; calls != (end+99)/100 {
			t.Errorf("a loop of %d took %d requests", end, calls)
		}
	}
}

// The response to a rotation is lost, and the client asks again. With an Idempotency-Key HeyGen repeats the response
// with the secret that it made first. Without the key it makes another secret, and the first one never arrives.
func TestARepeatedRotationLosesNoSecret(t *testing.T) {
	t.Parallel()
	for name, withKey := range map[string]bool{"with the key": true, "without the key": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := newSandbox(t)
			before, _ := sandbox.Endpoint(endpointID)
			var made []v3.Secret // after each request
			client := newClientV3(t, sandbox, v3.WithTransport(func(base http.RoundTripper) http.RoundTripper {
				return roundTripper(func(req *http.Request) (*http.Response, error) {
					if !withKey {
						req = req.Clone(req.Context())
						req.Header.Del("Idempotency-Key")
					}
					resp, err := base.RoundTrip(req)
					endpoint, _ := sandbox.Endpoint(endpointID)
					made = append(made, endpoint.Secret)
					return resp, err
				})
			}))
			sandbox.Next(heygentest.FaultResetLate())
			rotated, err := client.RotateWebhookSecret(t.Context(), endpointID)
			if err != nil || len(made) != 2 {
				t.Fatalf("%d requests, error %v", len(made), err)
			}
			first, current := made[0], made[1]
			if first.Equal(before.Secret) || !rotated.Secret.Equal(current) {
				t.Error("the client returned another secret than the current one")
			}
			if rotated.Secret.Equal(first) != withKey {
				t.Errorf("the first new secret arrived: %t, want %t", !withKey, withKey)
			}
		})
	}
}

// Two calls are two rotations, unless the caller gives both the same key.
func TestTheCallersIdempotencyKey(t *testing.T) {
	t.Parallel()
	client, ctx := newClientV3(t, newSandbox(t)), t.Context()
	var secrets []v3.Secret
	for _, opts := range [][]v3.CallOption{
		nil, nil, {v3.WithIdempotencyKey("k1")}, {v3.WithIdempotencyKey("k1")}, {v3.WithIdempotencyKey("k2")},
	} {
		rotated, err := client.RotateWebhookSecret(ctx, endpointID, opts...)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, rotated.Secret)
	}
	for i := range secrets[1:] {
		if same := secrets[i].Equal(secrets[i+1]); same != (i == 2) {
			t.Errorf("calls %d and %d have the same secret: %t", i+1, i+2, same)
		}
	}
}

// messages calls f with each message of the document of version 3 that has content, and with the examples of it. status
// is 0 for a request.
func messages(t *testing.T, f func(method, path string, status int, examples [][]byte)) {
	t.Helper()
	for path, item := range load(t, openapi.CorrectedV3()).Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.RequestBody != nil {
				f(method, path, 0, examplesIn(t, operation.RequestBody.Value.Content))
			}
			for status, documented := range operation.Responses.Map() {
				code, err := strconv.Atoi(strings.ReplaceAll(status, "XX", "00"))
				if err != nil { // of "default"
					code = http.StatusTeapot
				}
				f(method, path, code, examplesIn(t, documented.Value.Content))
			}
		}
	}
}

func examplesIn(t *testing.T, content openapi3.Content) (bodies [][]byte) {
	t.Helper()
	media := content.Get("application/json")
	if media == nil {
		return nil
	}
	values := []any{media.Example}
	for _, named := range media.Examples {
		values = append(values, named.Value.Value)
	}
	for _, value := range values {
		if value == nil {
			continue
		}
		body, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	return bodies
}

// Every example of the document of version 3 is valid. As long as the document is written from facts, every message has
// one; the vendor's may lack some.
func TestTheExamplesOfVersion3(t *testing.T) {
	t.Parallel()
	fromFacts := strings.Contains(string(read(t, "api/v3/provenance.json")), `"written_from_facts"`)
	kit, second := contractOf(t, openapi.CorrectedV3()), newSecondOpinion(t, openapi.CorrectedV3())
	checked := 0
	messages(t, func(method, path string, status int, examples [][]byte) {
		if fromFacts && len(examples) == 0 {
			t.Errorf("%s %s %d has no example", method, path, status)
		}
		for _, body := range examples {
			checked++
			var err error
			if url := strings.ReplaceAll(path, "{endpoint_id}", endpointID); status == 0 {
				req := request(t, method, url, body)
				err = errors.Join(kit.CheckRequest(req), second.checkRequest(req))
			} else {
				req := request(t, method, url, nil)
				resp := response(req, example{status: status, body: body})
				err = errors.Join(kit.CheckResponse(req, resp), second.checkResponse(req, resp))
			}
			if err != nil {
				t.Errorf("%s %s %d: %v", method, path, status, err)
			}
		}
	})
	if checked == 0 {
		t.Error("the document has no example")
	}
}

// The client reads every example of a success, and of a failure what is in it.
func TestTheClientReadsTheExamplesOfVersion3(t *testing.T) {
	t.Parallel()
	read := 0
	messages(t, func(method, path string, status int, examples [][]byte) {
		call := callsOfVersion3[method+" "+path]
		if status == 0 || call == nil {
			return
		}
		for _, body := range examples {
			read++
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Has("token") {
					body = []byte(`{"data":[]}`) // the page after the example
				}
				w.WriteHeader(status)
				_, _ = w.Write(body)
			}))
			defer server.Close()
			client, err := v3.NewClient("key", v3.WithBaseURL(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			if err := call(t.Context(), client); (err == nil) != (status/100 == 2) || err != nil && !errors.Is(err, v3.ErrAPI) {
				t.Errorf("%s %s %d: error %v", method, path, status, err)
			}
		}
	})
	if read < len(callsOfVersion3) {
		t.Errorf("%d examples", read)
	}
}
