package heygentest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func TestAddEndpointFillsInWhatIsMissing(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "bare"})
	e, ok := sandbox.Endpoint("bare")
	if !ok || e.URL == "" || !e.Events.All() || e.Status != heygen.WebhookEndpointStatusEnabled || e.Secret.IsZero() ||
		e.CreatedAt.Raw != "2025-10-22T08:31:48" || e.CreatedAt.Time.IsZero() ||
		e.Username == "" || e.SpaceID == "" || e.EntityID != nil {
		t.Errorf("got %+v", e)
	}
	if _, ok := sandbox.Endpoint("none"); ok {
		t.Error("an endpoint that was not added")
	}

	entity := "entity"
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "full", URL: "https://example.com", Events: heygen.OnlyEvents(), Username: "u", SpaceID: "s",
		Status: heygen.WebhookEndpointStatusDisabled, Secret: wire.NewSecret("mine"), EntityID: &entity,
		CreatedAt: heygen.Timestamp{Raw: "2024-01-01T00:00:00Z"},
	})
	entity = "changed"
	got, err := client(sandbox).UpdateWebhookEndpoint(t.Context(),
		heygen.UpdateWebhookEndpointRequest{EndpointID: "full"})
	if err != nil {
		t.Fatal(err)
	}
	if got.URL != "https://example.com" || got.Events.String() != "[]" || got.Username != "u" || got.SpaceID != "s" ||
		got.Status != heygen.WebhookEndpointStatusDisabled || got.Secret.Reveal() != "mine" || *got.EntityID != "entity" ||
		got.CreatedAt.Raw != "2024-01-01T00:00:00Z" {
		t.Errorf("got %+v", got)
	}
	if e, _ := sandbox.Endpoint("full"); e.EntityID != nil {
		*e.EntityID = "changed"
	}
	if e, _ := sandbox.Endpoint("full"); *e.EntityID != "entity" {
		t.Error("callers share an entity id with the sandbox")
	}
}

func TestEveryEndpointHasASecretOfItsOwn(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "a"})
	if err := sandbox.Restore(fmt.Appendf(nil, `{"endpoints":[{"endpoint_id":"b"},{"endpoint_id":"c"},%s]}`,
		`{"endpoint_id":"d","secret":"mine"}`)); err != nil {
		t.Fatal(err)
	}
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "a"})
	seen := map[string]string{}
	for _, id := range []string{"a", "b", "c", "d"} {
		endpoint, _ := sandbox.Endpoint(id)
		secret := endpoint.Secret.Reveal()
		if twin := seen[secret]; twin != "" || id != "d" && (!strings.HasPrefix(secret, "whsec_") || len(secret) < 26) {
			t.Errorf("%s has the secret %q, as %q", id, secret, twin)
		}
		seen[secret] = id
	}
	if seen["mine"] != "d" {
		t.Error("a secret of a snapshot was replaced")
	}
}

func TestAddEndpointRefusesWhatTheContractDoesNotAllow(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for want, endpoint := range map[string]heygen.WebhookEndpoint{
		"the endpoint has no id": {},
		"server: response 200 body /data/status: enum: ": {
			EndpointID: "e2", Status: "unlisted", Secret: wire.NewSecret("whsec_hidden"),
		},
		"server: response 200 body /data/created_at: ": {
			EndpointID: "e3", CreatedAt: heygen.Timestamp{Raw: "yesterday"},
		},
		"invalid UTF-8": {EndpointID: "\xff"},
	} {
		got := panicOf(func() { sandbox.AddEndpoint(endpoint) })
		prefix := "heygentest: AddEndpoint: "
		if endpoint.EndpointID != "" {
			prefix += fmt.Sprintf("endpoint %q: ", endpoint.EndpointID)
		}
		if !strings.HasPrefix(got, prefix) || !strings.Contains(got, want) || strings.Contains(got, "whsec_hidden") {
			t.Errorf("panics with %q, want %q", got, want)
		}
		if _, added := sandbox.Endpoint(endpoint.EndpointID); added {
			t.Errorf("%q was added", endpoint.EndpointID)
		}
	}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	entity := "entity"
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "a", Events: heygen.OnlyEvents(), EntityID: &entity, Secret: wire.NewSecret("whsec_<é>"),
		CreatedAt: heygen.Timestamp{Raw: "2024-01-01T00:00:00.5Z"}, Status: heygen.WebhookEndpointStatusDisabled,
	})
	before := sandbox.Snapshot()
	if a, _, ok := strings.Cut(string(before), `"e1"`); !ok || !strings.Contains(a, `"secret": "whsec_<é>"`) {
		t.Errorf("snapshot %s", before)
	}
	if got := statuses(t, sandbox, "e1", "a"); !slices.Equal(got, []int{200, 200}) {
		t.Fatal(got)
	}
	send(t, sandbox, `{"endpoint_id":"e1","url":"https://example.com/new"}`, nil)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "late"})
	if err := sandbox.Restore(before); err != nil {
		t.Fatal(err)
	}
	if _, late := sandbox.Endpoint("late"); late || string(sandbox.Snapshot()) != string(before) {
		t.Errorf("restored %s", sandbox.Snapshot())
	}
	other := start(t)
	if err := other.Restore(before); err != nil || string(other.Snapshot()) != string(before) {
		t.Errorf("another sandbox: %v", err)
	}
	if err := other.Restore([]byte(`{"endpoints":[]}`)); err != nil || string(other.Snapshot()) != `{
  "endpoints": []
}` {
		t.Errorf("%v %s", err, other.Snapshot())
	}
	if err := other.Restore([]byte(`{"endpoints":[{"endpoint_id":"short"}]}`)); err != nil {
		t.Error(err)
	}
	if e, _ := other.Endpoint("short"); e.Secret.IsZero() || e.URL == "" || !e.Events.All() {
		t.Errorf("what was left out is %+v", e)
	}
}

func TestSnapshotsThatAreRefused(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	before := string(sandbox.Snapshot())
	for text, want := range map[string]string{
		``: "unexpected EOF", `[]`: "JSON array", `{}`: "no list of endpoints",
		`null`:                         "no list of endpoints",
		`{"endpoints":null}`:           "no list of endpoints",
		`{"endpoints":[],"faults":[]}`: `unknown object member name "faults"`,
		`{"endpoints":[{"endpoint_id":"a","a":1}]}`:                    `unknown object member name "a"`,
		`{"endpoints":[{}]}`:                                           "the endpoint has no id",
		`{"endpoints":[{"endpoint_id":"a"},{"endpoint_id":"a"}]}`:      `endpoint "a" is there twice`,
		`{"endpoints":[{},{"endpoint_id":"a"},{"status":"enabled"}]}`:  "no id\n/endpoints/2: the endpoint has no id",
		`{"endpoints":[{"endpoint_id":"a","status":"unlisted"}]}`:      "/data/status: enum",
		`{"endpoints":[{"endpoint_id":"a","created_at":"yesterday"}]}`: "/data/created_at",
		`{"endpoints":[{"endpoint_id":"a"}]} {}`:                       "invalid character",
	} {
		err := sandbox.Restore([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), "heygentest: Restore: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if string(sandbox.Snapshot()) != before {
		t.Error("a snapshot that was refused changed something")
	}
}
