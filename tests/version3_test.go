package tests

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/heygentest"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

// newClientV3 makes a client of a sandbox that judges every exchange by the document of version 3, and hardly waits
// between attempts.
func newClientV3(t *testing.T, sandbox *heygentest.Server, opts ...v3.Option) *v3.Client {
	t.Helper()
	return sandbox.ClientV3(append([]v3.Option{
		judgedBy(t, openapi.CorrectedV3()), v3.WithRetry(v3.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Millisecond}),
	}, opts...)...)
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
