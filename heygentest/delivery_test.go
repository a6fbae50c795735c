package heygentest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/webhook"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// receiving serves a receiver of the endpoint e1 of a sandbox.
func receiving(
	t *testing.T, sandbox *heygentest.Server, work func(context.Context, webhook.Event) error,
) *atomic.Int64 {
	t.Helper()
	const secret = "whsec_delivery"
	verifier, err := webhook.NewVerifier(secret)
	if err != nil {
		t.Fatal(err)
	}
	calls := new(atomic.Int64)
	handler, err := webhook.NewHandler(verifier, func(ctx context.Context, event webhook.Event) error {
		calls.Add(1)
		if work == nil {
			return nil
		}
		return work(ctx, event)
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1", URL: server.URL, Secret: heygen.NewSecret(secret)})
	return calls
}

func deliveredWith(delivery heygentest.Delivery) (list []int) {
	for _, attempt := range delivery.Attempts {
		list = append(list, attempt.StatusCode)
	}
	slices.Sort(list)
	return list
}

func TestDeliveryFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults   []heygentest.DeliveryFault
		statuses [][]int
		calls    int64
	}{
		"none":         {nil, [][]int{{200}}, 1},
		"unsigned":     {[]heygentest.DeliveryFault{heygentest.DeliverUnsigned()}, [][]int{{401}}, 0},
		"other-secret": {[]heygentest.DeliveryFault{heygentest.DeliverOtherSecret()}, [][]int{{401}}, 0},
		"tampered":     {[]heygentest.DeliveryFault{heygentest.DeliverTampered()}, [][]int{{401}}, 0},
		"re-encoded":   {[]heygentest.DeliveryFault{heygentest.DeliverReencoded()}, [][]int{{401}}, 0},
		"stale 10m0s":  {[]heygentest.DeliveryFault{heygentest.DeliverStale(10 * time.Minute)}, [][]int{{200}}, 1},
		"twice":        {[]heygentest.DeliveryFault{heygentest.DeliverTwice()}, [][]int{{200, 200}, {200, 409}}, 1},
		"replayed":     {[]heygentest.DeliveryFault{heygentest.DeliverReplayed()}, [][]int{{200, 200}}, 1},
		"headers-v1":   {[]heygentest.DeliveryFault{heygentest.DeliverHeadersV1()}, [][]int{{200}}, 1},
		"headers-v3":   {[]heygentest.DeliveryFault{heygentest.DeliverHeadersV3()}, [][]int{{200}}, 1},
		"headers-v3 with twice": {
			[]heygentest.DeliveryFault{heygentest.DeliverHeadersV3(), heygentest.DeliverTwice()},
			[][]int{{200, 200}, {200, 409}}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			calls := receiving(t, sandbox, nil)
			delivery, err := sandbox.Deliver(t.Context(), "e1", heygentest.Event("avatar_video.success"), test.faults...)
			if err != nil {
				t.Fatal(err)
			}
			if got := deliveredWith(
				delivery,
			); !slices.ContainsFunc(
				test.statuses,
				func(want []int) bool { return slices.Equal(got, want) },
			) {
				t.Errorf("statuses %v, want %v", got, test.statuses)
			}
			if got := calls.Load(); got != test.calls {
				t.Errorf("%d calls, want %d", got, test.calls)
			}
			if name != "none" && delivery.Fault != name {
				t.Errorf("fault %q", delivery.Fault)
			}
			var problems problems
			if sandbox.Verify(&problems); len(problems) > 0 {
				t.Errorf("Verify: %v", problems)
			}
		})
	}
}

// problems are what Verify reports.
type problems []string

func (*problems) Helper() {}
func (p *problems) Errorf(format string, args ...any) {
	*p = append(*p, fmt.Sprintf(format, args...))
}

func TestFailedDeliveryComesAgain(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	failed := false
	calls := receiving(t, sandbox, func(context.Context, webhook.Event) error {
		if !failed {
			failed = true
			return errors.New("no database")
		}
		return nil
	})
	delivery, err := sandbox.Deliver(t.Context(), "e1", heygentest.Event("avatar_video.fail"))
	if err != nil {
		t.Fatal(err)
	}
	if got := deliveredWith(delivery); !slices.Equal(got, []int{200, 500}) || calls.Load() != 2 {
		t.Errorf("statuses %v, %d calls", got, calls.Load())
	}
	if waits := []time.Duration{
		delivery.Attempts[0].Wait,
		delivery.Attempts[1].Wait,
	}; waits[0] != 0 ||
		waits[1] != time.Minute {
		t.Errorf("waits %v", waits)
	}
	if got := sandbox.Deliveries(); len(got) != 1 || got[0].Number != 1 || !got[0].Delivered() ||
		got[0].EventType != "avatar_video.fail" {
		t.Errorf("deliveries %+v", got)
	}
}

func TestHangUpComesAgain(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	receiving(t, sandbox, nil)
	for range 100 { // a response can arrive first
		delivery, err := sandbox.Deliver(t.Context(), "e1", heygentest.Event("x"), heygentest.DeliverHangUp())
		if err != nil {
			t.Fatal(err)
		}
		first := delivery.Attempts[0]
		if first.StatusCode != 0 || first.Err != "hung up" || !delivery.Delivered() {
			t.Fatalf("attempts %+v", delivery.Attempts)
		}
	}
}

func TestVerifyNamesDeliveries(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	status := 200
	receiver := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }),
	)
	t.Cleanup(receiver.Close)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1", URL: receiver.URL})
	deliver := func(faults ...heygentest.DeliveryFault) {
		t.Helper()
		if _, err := sandbox.Deliver(t.Context(), "e1", heygentest.Event("x"), faults...); err != nil {
			t.Fatal(err)
		}
	}
	deliver(heygentest.DeliverUnsigned()) // a receiver that checks nothing
	status = 302                          // is no 2xx, and is not followed
	deliver()
	deliver(heygentest.DeliverOnce())
	var got problems
	sandbox.Verify(&got)
	if len(got) != 3 || !strings.Contains(got[0], "unsigned: the receiver accepted what HeyGen did not sign") ||
		!strings.Contains(got[1], "no attempt of 5 got a 2xx; the last: status 302") ||
		!strings.Contains(got[2], "no attempt of 1") {
		t.Errorf("Verify: %q", got)
	}
}

func TestDeliverRefuses(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "far", URL: "https://example.org/hook"})
	sandbox.AddEndpoint(
		heygen.WebhookEndpoint{EndpointID: "off", URL: "http://127.0.0.1:1/", Status: heygen.WebhookEndpointStatusDisabled},
	)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "near", URL: "http://127.0.0.1:1/"})
	event := heygentest.Event("x")
	for _, test := range []struct {
		id, event, want string
	}{
		{"none", string(event), "no endpoint"},
		{"far", string(event), "not on loopback"},
		{"off", string(event), "disabled"},
		{"near", `{}`, "event_type"},
		{"near", `[]`, "event_type"},
		{"near", `{"event_type":1}`, "event_type"},
		{"near", `{"event_type":"x","event_data":"` + strings.Repeat("x", 1<<20) + `"}`, "1 MiB"},
	} {
		if _, err := sandbox.Deliver(
			t.Context(),
			test.id,
			[]byte(test.event),
		); err == nil ||
			!strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %.40s: %v", test.id, test.event, err)
		}
	}
	if _, err := sandbox.Emit(t.Context(), []byte(`{}`)); err == nil {
		t.Error("Emit takes what is no event")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sandbox.Deliver(ctx, "near", event); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	if got := sandbox.Deliveries(); len(got) != 0 {
		t.Errorf("recorded: %+v", got)
	}
}

func TestEmit(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	receiving(t, sandbox, nil)
	endpoint, _ := sandbox.Endpoint("e1")
	for id, edit := range map[string]func(*heygen.WebhookEndpoint){
		"e2":  func(e *heygen.WebhookEndpoint) { e.Events = heygen.OnlyEvents("x", "y") },
		"e3":  func(e *heygen.WebhookEndpoint) { e.Events = heygen.OnlyEvents("y") },
		"e4":  func(e *heygen.WebhookEndpoint) { e.Events = heygen.OnlyEvents() },
		"off": func(e *heygen.WebhookEndpoint) { e.Status = heygen.WebhookEndpointStatusDisabled },
		"far": func(e *heygen.WebhookEndpoint) { e.URL = "https://example.org/" },
	} {
		other := endpoint
		other.EndpointID = id
		edit(&other)
		sandbox.AddEndpoint(other)
	}
	deliveries, err := sandbox.Emit(t.Context(), heygentest.Event("x"))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, delivery := range deliveries {
		ids = append(ids, delivery.EndpointID)
	}
	if !slices.Equal(ids, []string{"e1", "e2"}) {
		t.Errorf("delivered to %v", ids)
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	for _, eventType := range []string{
		"avatar_video.success", "avatar_video.fail", "avatar_video_caption.success", "video_translate.success",
		"video_translate.fail",
		"personalized_video", "brand_new.thing", `od"d`,
	} {
		body, again := heygentest.Event(eventType), heygentest.Event(eventType)
		var event struct {
			Type string          `json:"event_type"`
			Data json.RawMessage `json:"event_data"`
		}
		if err := json.Unmarshal(body, &event); err != nil || event.Type != eventType || event.Data[0] != '{' {
			t.Errorf("%s: %s, %v", eventType, body, err)
		}
		if string(event.Data) != "{}" && string(body) == string(again) {
			t.Errorf("%s: the ids are not fresh: %s", eventType, body)
		}
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithProbe())
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	client := sandbox.Client(heygen.WithRetry(heygen.RetryPolicy{}))
	serve := func(handler http.HandlerFunc) string {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return server.URL
	}
	var method atomic.Value
	for name, test := range map[string]struct {
		url  string
		want error
	}{
		"200": {serve(func(_ http.ResponseWriter, r *http.Request) { method.Store(r.Method) }), nil},
		"204": {serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), nil},
		"405": {serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(405) }), heygen.ErrInvalidURL},
		"redirect": {
			serve(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/other", http.StatusTemporaryRedirect)
			}),
			heygen.ErrInvalidURL,
		},
		"nobody":       {"http://127.0.0.1:1/", heygen.ErrInvalidURL},
		"too late":     {serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), heygen.ErrInvalidURL},
		"another host": {"https://example.org/hook", nil},
	} {
		endpoint, err := client.UpdateWebhookEndpoint(
			t.Context(),
			heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: test.url},
		)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if err == nil && endpoint.URL != test.url {
			t.Errorf("%s: the URL is %s", name, endpoint.URL)
		}
	}
	if method.Load() != http.MethodOptions {
		t.Errorf("probed by %v", method.Load())
	}
	// A URL that stays as it is was probed before.
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e2", URL: "http://127.0.0.1:1/"})
	if _, err := client.UpdateWebhookEndpoint(
		t.Context(),
		heygen.UpdateWebhookEndpointRequest{EndpointID: "e2", URL: "http://127.0.0.1:1/"},
	); err != nil {
		t.Error(err)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	receiving(t, sandbox, nil)
	if _, err := client(
		sandbox,
	).UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: "none"}); err == nil {
		t.Error("an endpoint that is not there")
	}
	if _, err := sandbox.Deliver(t.Context(), "e1", heygentest.Event("x"), heygentest.DeliverOnce()); err != nil {
		t.Fatal(err)
	}
	sandbox.Next(heygentest.FaultHang())
	sandbox.On(heygentest.Rule{}, heygentest.FaultHang())
	sandbox.Reset()
	if len(sandbox.Calls()) != 0 || len(sandbox.Deliveries()) != 0 {
		t.Error("something is recorded")
	}
	sandbox.Verify(t)
	if _, err := client(
		sandbox,
	).UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"}); err != nil {
		t.Errorf("the endpoints and the sandbox work on: %v", err)
	}
	if calls := sandbox.Calls(); len(calls) != 1 || calls[0].Number != 2 {
		t.Errorf("calls %+v", calls)
	}
}
