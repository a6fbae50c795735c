package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/webhook"
	heygen "github.com/heygen-go/heygen/wrapper"
)

var sendsJSON = map[string]string{"Content-Type": "application/json"}

// sendJSON sends a request to the control, which must respond with a status and, unless that is 204, with JSON.
func (p page) sendJSON(t *testing.T, method, path, body string, status int, into any) {
	t.Helper()
	resp, got := do(t, method, p.URL+path, []byte(body), sendsJSON)
	if resp.StatusCode != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, got, status)
	}
	if status == http.StatusNoContent {
		return
	}
	if err := json.Unmarshal(got, into); err != nil || resp.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s %s: %v: %v %s", method, path, err, resp.Header, got)
	}
}

// receive serves a receiver that verifies with e1's secret, and moves e1 there.
func (p page) receive(t *testing.T) (received func() []webhook.Event) {
	t.Helper()
	verifier, err := webhook.NewVerifier("whsec_sandbox")
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan webhook.Event, 100)
	handler, err := webhook.NewHandler(verifier, func(_ context.Context, event webhook.Event) error {
		events <- event
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	p.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1", URL: server.URL, Secret: heygen.NewSecret("whsec_sandbox")})
	return func() (all []webhook.Event) {
		for len(events) > 0 {
			all = append(all, <-events)
		}
		return all
	}
}

type endpointList struct{ Endpoints []heygen.WebhookEndpoint }

func TestControlSetsEndpoints(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	var got endpointList
	p.sendJSON(t, http.MethodGet, "/_/endpoints", "", 200, &got)
	if len(got.Endpoints) != 1 || got.Endpoints[0].Secret.Reveal() != "whsec_sandbox" {
		t.Errorf("at the start: %+v", got)
	}
	p.sendJSON(t, http.MethodPut, "/_/endpoints",
		`{"endpoints":[{"endpoint_id":"b","status":"disabled"},{"endpoint_id":"a"}]}`, 200, &got)
	if len(got.Endpoints) != 2 || got.Endpoints[0].EndpointID != "a" || got.Endpoints[0].Secret.IsZero() {
		t.Errorf("afterwards: %+v", got)
	}
	if b, ok := p.Endpoint("b"); !ok || b.Status != heygen.WebhookEndpointStatusDisabled {
		t.Errorf("b is %+v", b)
	}
	if resp, body := do(t, http.MethodHead, p.URL+"/_/endpoints", nil, nil); resp.StatusCode != 200 || len(body) > 0 {
		t.Errorf("HEAD: %d %s", resp.StatusCode, body)
	}
	_, snapshot := do(t, http.MethodGet, p.URL+"/_/endpoints", nil, nil)
	p.sendJSON(t, http.MethodPut, "/_/endpoints", string(snapshot), 200, &got) // what it returns it also takes
}

func TestControlScriptsFaults(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	p.sendJSON(t, http.MethodPost, "/_/faults", `{
		"next": ["error 503 5000 busy", ["shape 429 v1", "retry-after 2s"]],
		"rules": [{"id_prefix": "e", "every": 2, "fault": "respond 418"}]
	}`, 204, nil)
	var statuses []int
	for range 4 {
		resp, _ := do(t, http.MethodPatch, p.URL+contractPath, []byte(`{"endpoint_id":"e1"}`), map[string]string{
			"Content-Type": "application/json", "X-Api-Key": p.APIKey,
		})
		statuses = append(statuses, resp.StatusCode)
	}
	if want := []int{503, 429, 200, 418}; !slices.Equal(statuses, want) {
		t.Errorf("responded %v, want %v", statuses, want)
	}
	var got struct{ Calls []shownCall }
	p.sendJSON(t, http.MethodGet, "/_/calls", "", 200, &got)
	if len(got.Calls) != 4 || got.Calls[0].Fault != "error 503 5000 busy" ||
		got.Calls[0].Request != `{"endpoint_id":"e1"}` || got.Calls[0].Header.Get("X-Api-Key") != "[redacted]" {
		t.Errorf("calls %+v", got.Calls)
	}
}

func TestControlEmitsEvents(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	received := p.receive(t)
	p.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e2"}) // not on this machine
	ok := []int{200}
	for body, want := range map[string]struct {
		statuses []int
		fault    string
		data     string // of the event that is handled; "" if none is
	}{
		`{"event_type":"a","event_data":{"n": 1e999, "s":"\u00e9"}}`:  {ok, "", `{"n": 1e999, "s":"\u00e9"}`},
		`{"event_type":"b","event_data":null}`:                        {ok, "", "null"},
		`{"event_type":"unknown","endpoint_id":"e1"}`:                 {ok, "", "{}"},
		`{"event_type":"a","endpoint_id":"e1","faults":["unsigned"]}`: {[]int{401}, "unsigned", ""},
		`{"event_type":"c","faults":["stale -10m","replayed"]}`:       {[]int{200, 200}, "stale -10m0s with replayed", "{}"},
		` { "event_type": "<&>", "faults": [], "event_data": [1, {"a":"\u2028"}]}`: {
			ok, "", `[1, {"a":"\u2028"}]`,
		},
	} {
		var got struct{ Deliveries []shownDelivery }
		p.sendJSON(t, http.MethodPost, "/_/events", body, 200, &got)
		if len(got.Deliveries) != 1 {
			t.Errorf("%s: %+v", body, got)
			continue
		}
		delivery := got.Deliveries[0]
		var statuses []int
		for _, attempt := range delivery.Attempts {
			statuses = append(statuses, attempt.Status)
		}
		if !slices.Equal(statuses, want.statuses) || delivery.Fault != want.fault || delivery.EndpointID != "e1" ||
			delivery.Delivered != (statuses[0] == 200) {
			t.Errorf("%s: %+v, want %+v", body, delivery, want)
		}
		var data string
		for _, event := range received() {
			data += string(event.Data)
		}
		if data != want.data {
			t.Errorf("%s: received %s, want %s", body, data, want.data)
		}
	}
	var got struct{ Deliveries []shownDelivery }
	p.sendJSON(t, http.MethodGet, "/_/deliveries", "", 200, &got)
	if len(got.Deliveries) != 6 || got.Deliveries[5].Number != 6 {
		t.Errorf("deliveries %+v", got)
	}
	p.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	p.sendJSON(t, http.MethodPost, "/_/events", `{"event_type":"a"}`, 200, &got)
	if got.Deliveries == nil || len(got.Deliveries) != 0 {
		t.Errorf("without a receiver: %+v", got)
	}
}

// A type that is known has the data that others recorded.
func TestControlKnowsEvents(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	received := p.receive(t)
	var got struct{ Deliveries []shownDelivery }
	p.sendJSON(t, http.MethodPost, "/_/events", `{"event_type":"avatar_video.success"}`, 200, &got)
	if events := received(); len(events) != 1 || events[0].Details().URL == "" {
		t.Errorf("received %+v", events)
	}
}

func TestControlLeftovers(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	var got struct{ Problems []string }
	p.sendJSON(t, http.MethodGet, "/_/problems", "", 200, &got)
	if got.Problems == nil || len(got.Problems) != 0 {
		t.Errorf("at the start: %q", got.Problems)
	}
	p.sendJSON(t, http.MethodPost, "/_/faults", `{"next":["respond 200"]}`, 204, nil)
	do(t, http.MethodGet, p.URL+"/nowhere", nil, nil)
	p.sendJSON(t, http.MethodPost, "/_/faults", `{"next":["reset"],"rules":[{"id_prefix":"x","fault":"reset"}]}`, 204, nil)
	p.sendJSON(t, http.MethodGet, "/_/problems", "", 200, &got)
	if len(got.Problems) != 3 || got.Problems[0] != "a scripted fault was never used: reset" {
		t.Errorf("problems %q", got.Problems)
	}
}

// Reset makes the sandbox as it was at the start, with the same secrets.
func TestControlResets(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	_, before := do(t, http.MethodGet, p.URL+"/_/endpoints", nil, nil)
	for _, body := range []string{"", "{}", " {}\n"} {
		p.receive(t)
		p.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e2"})
		p.Next(heygentest.FaultHang())
		var emitted any
		p.sendJSON(t, http.MethodPost, "/_/events", `{"event_type":"a","endpoint_id":"e1"}`, 200, &emitted)
		p.sendJSON(t, http.MethodPost, "/_/reset", body, 204, nil)
		_, after := do(t, http.MethodGet, p.URL+"/_/endpoints", nil, nil)
		if string(before) != string(after) {
			t.Errorf("endpoints %s, want %s", after, before)
		}
		var found problemList
		if p.Verify(&found); len(p.Calls())+len(p.Deliveries())+len(found) > 0 {
			t.Errorf("calls %v, deliveries %v, problems %q", p.Calls(), p.Deliveries(), found)
		}
	}
}

// Every refusal is JSON with all mistakes, and changes nothing.
func TestControlRefusals(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	p.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "off", Status: heygen.WebhookEndpointStatusDisabled, URL: "http://127.0.0.1:1/",
	})
	before := string(p.Snapshot())
	long := strings.Repeat("x", maxControlBody)
	const other = "https://example.com"
	var all strings.Builder
	for _, test := range []struct {
		method, path, body string
		header             map[string]string
	}{
		{http.MethodGet, "/_/event", "", nil},
		{http.MethodPost, "/_/endpoint", "{}", sendsJSON},
		{http.MethodDelete, "/_/endpoints", "", nil},
		{http.MethodPost, "/_/state.json", "{}", sendsJSON},
		{http.MethodOptions, "/_/events", "", map[string]string{"Origin": other, "Access-Control-Request-Method": "POST"}},
		{http.MethodGet, "/_/endpoints", "", map[string]string{"Sec-Fetch-Site": "cross-site"}},
		{http.MethodPost, "/_/reset", "", map[string]string{"Origin": other, "Content-Type": "application/json"}},
		{http.MethodPost, "/_/reset", "{}", nil},
		{http.MethodPost, "/_/reset", "{}", map[string]string{"Content-Type": "text/plain"}},
		{http.MethodPost, "/_/reset", "a=b", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
		{http.MethodPost, "/_/reset", `{"endpoints":[]}`, sendsJSON},
		{http.MethodPut, "/_/endpoints", "", sendsJSON},
		{http.MethodPut, "/_/endpoints", "{", sendsJSON},
		{http.MethodPut, "/_/endpoints", "[]", sendsJSON},
		{http.MethodPut, "/_/endpoints", "{}", sendsJSON},
		{http.MethodPut, "/_/endpoints", `{"endpoints":[{"endpoint_id":"a","uri":"x"}]}`, sendsJSON},
		{http.MethodPut, "/_/endpoints", `{"endpoints":[{"endpoint_id":5}]}`, sendsJSON},
		{http.MethodPut, "/_/endpoints", `{"endpoints":[{"endpoint_id":"a","events":"all"}]}`, sendsJSON},
		{http.MethodPut, "/_/endpoints", `{"endpoints":[{"endpoint_id":"a","created_at":5}]}`, sendsJSON},
		{http.MethodPut, "/_/endpoints", `{"endpoints":[]} {}`, sendsJSON},
		{http.MethodPut, "/_/endpoints", `{"endpoints":[
			{},{"endpoint_id":"a","status":"paused"},{"endpoint_id":"b"},{"endpoint_id":"b"}]}`, sendsJSON},
		{http.MethodPost, "/_/faults", "", sendsJSON},
		{http.MethodPost, "/_/faults", "next: [hang]", sendsJSON},
		{http.MethodPost, "/_/faults", `{
			"next":["explode", 5],
			"rules":[{"every":0},{"fault":"respond"}],"then":[]}`, sendsJSON},
		{http.MethodPost, "/_/events", "", sendsJSON},
		{http.MethodPost, "/_/events", "{}", sendsJSON},
		{http.MethodPost, "/_/events", "[]", sendsJSON},
		{http.MethodPost, "/_/events", "null", sendsJSON},
		{http.MethodPost, "/_/events", `{"event_type":"a","event_type":"b"}`, sendsJSON},
		{http.MethodPost, "/_/events", `{
			"event_type":" ","endpoint_id":null,"faults":["explode",5,"stale","twice"],"type":"a"}`, sendsJSON},
		{http.MethodPost, "/_/events", `{"event_type":5,"faults":"twice"}`, sendsJSON},
		{http.MethodPost, "/_/events", `{"event_type":"a","faults":null}`, sendsJSON},
		{http.MethodPost, "/_/events", `{"event_type":"a","endpoint_id":"nobody"}`, sendsJSON},
		{http.MethodPost, "/_/events", `{"event_type":"a","endpoint_id":"off"}`, sendsJSON},
		{http.MethodPost, "/_/events", `{"event_type":"a","endpoint_id":"e1"}`, sendsJSON},
		{http.MethodPost, "/_/events", `{"event_type":"a","event_data":"` + long + `"}`, sendsJSON},
	} {
		resp, body := do(t, test.method, p.URL+test.path, []byte(test.body), test.header)
		var got struct{ Error refusal }
		if err := json.Unmarshal(body, &got); err != nil || got.Error.Message == "" || resp.StatusCode < 400 {
			t.Errorf("%s %s: %v", test.method, test.path, err)
		}
		for name := range resp.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s %s: header %s", test.method, test.path, name)
			}
		}
		fmt.Fprintf(&all, "%s %s %.100s\n  %d %s\n", test.method, test.path,
			strings.Join(strings.Fields(test.body), " "), resp.StatusCode, got.Error.Message)
		for _, mistake := range got.Error.Mistakes {
			fmt.Fprintf(&all, "  - %s\n", mistake)
		}
	}
	var found problemList
	if p.Verify(&found); string(p.Snapshot()) != before || len(found)+len(p.Deliveries())+len(p.Calls()) > 0 {
		t.Errorf("something was changed: %s, %q, %v", p.Snapshot(), found, p.Deliveries())
	}
	golden(t, "control-refusals.txt", all.String())
}

// A page of another site, under a name of its own for this machine, gets nothing.
func TestControlIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	p := newPage(t)
	for path, methods := range (&control{}).actions() {
		for method := range methods {
			resp, body := do(t, method, p.URL+path, []byte("{}"), map[string]string{
				"Host": "sandbox.example.com", "Content-Type": "application/json",
			})
			if resp.StatusCode != http.StatusMisdirectedRequest || strings.Contains(string(body), "whsec_") {
				t.Errorf("%s %s: %d %s", method, path, resp.StatusCode, body)
			}
		}
	}
}

// The page of documentation has every path with its methods, and every fault.
func TestControlIsDocumented(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "sandbox-http.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for path, methods := range (&control{}).actions() {
		for method := range methods {
			ofPage := strings.HasSuffix(path, ".json")
			if !ofPage && !strings.Contains(text, "\n| `"+method+" "+path+"` | ") {
				t.Errorf("%s %s is missing", method, path)
			}
		}
	}
	for _, kind := range deliveryFaultKinds {
		if !strings.Contains(text, "\n| `"+kind.usage+"` | ") {
			t.Errorf("the fault %s is missing", kind.usage)
		}
	}
}
