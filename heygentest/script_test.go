package heygentest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// statuses sends a request for each id, and returns what came.
func statuses(t *testing.T, sandbox *heygentest.Server, ids ...string) (got []int) {
	t.Helper()
	for _, id := range ids {
		status, _ := send(t, sandbox, `{"endpoint_id":"`+id+`"}`, nil)
		got = append(got, status)
	}
	return got
}

func tea(status int) heygentest.Fault { return heygentest.FaultResponse(status, nil, "") }

func TestRulesSayWhichCallsMeetAFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*heygentest.Server)
		ids     []string
		want    []int
	}{
		"every call": {func(s *heygentest.Server) { s.On(heygentest.Rule{}, tea(500)) },
			[]string{"e1", "x"}, []int{500, 500}},
		"every third call": {func(s *heygentest.Server) { s.On(heygentest.Rule{Every: 3}, tea(500)) },
			[]string{"e1", "x", "e1", "e1", "e1", "x", "e1"}, []int{200, 404, 500, 200, 200, 500, 200}},
		"a prefix of the id": {func(s *heygentest.Server) { s.On(heygentest.Rule{IDPrefix: "slow-"}, tea(500)) },
			[]string{"e1", "slow-1", "slow-", "slow", "SLOW-1"}, []int{200, 500, 500, 404, 404}},
		"every second call with a prefix": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{IDPrefix: "e", Every: 2}, tea(500))
		}, []string{"e1", "x", "e1", "x", "e1", "e1"}, []int{200, 404, 500, 404, 200, 500}},
		"the first rule wins, and both count": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{Every: 2}, tea(500))
			s.On(heygentest.Rule{Every: 3}, tea(503))
		}, slices.Repeat([]string{"e1"}, 9), []int{200, 500, 503, 500, 200, 500, 200, 500, 503}},
		"a script wins, and rules count": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{Every: 2}, tea(500))
			s.Next(tea(418), tea(418))
		}, []string{"e1", "e1", "e1", "e1"}, []int{418, 418, 200, 500}},
		"a normal call is a fault, too": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{IDPrefix: "e"}, heygentest.Fault{})
			s.On(heygentest.Rule{}, tea(500))
		}, []string{"e1", "x"}, []int{200, 500}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			test.prepare(sandbox)
			if got := statuses(t, sandbox, test.ids...); !slices.Equal(got, test.want) {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestTheRateLimit(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithRateLimit(1))
	var limited bool
	for range 1000 { // some of them within one second
		if resp, body, _ := answerTo(t, sandbox); resp.StatusCode == 429 {
			limited = true
			if resp.Header.Get("Retry-After") != "1" || strings.TrimSpace(body) != `{"code":429,"message":"Too many requests"}` {
				t.Errorf("%v %s", resp.Header, body)
			}
			break
		}
	}
	if !limited {
		t.Error("a thousand calls, and none was one too many")
	}
}

// failures is a testing.TB that remembers.
type failures []string

func (*failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

func TestVerify(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(*heygentest.Server)
		want []string
	}{
		"nothing": {func(*heygentest.Server) {}, nil},
		"all as expected": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{IDPrefix: "e1"}, heygentest.FaultRetryAfter(1))
			s.Next(heygentest.FaultShape(500, heygentest.ShapeHTML))
			statuses(t, s, "e1", "e1", "unknown")
			send(t, s, `{"endpoint_id":"e1"}`, key("wrong"))
		}, nil},
		"faults that were not used": {func(s *heygentest.Server) {
			s.Next(tea(418), heygentest.FaultHang(), heygentest.Fault{})
			s.Next(heygentest.FaultError(500, 5, "a"))
			statuses(t, s, "e1")
		}, []string{
			"heygentest: no call took the scripted fault 1 of 3 that are left: hang",
			"heygentest: no call took the scripted fault 2 of 3 that are left: normal",
			"heygentest: no call took the scripted fault 3 of 3 that are left: error 500 5 a",
		}},
		"rules whose turn never came": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{IDPrefix: "slow-"}, heygentest.FaultHang())
			s.On(heygentest.Rule{Every: 3}, heygentest.FaultReset())
			s.On(heygentest.Rule{Every: 2}, heygentest.Fault{})
			statuses(t, s, "e1", "e1")
		}, []string{
			`heygentest: no call met the rule "every 1. call with an id that begins with \"slow-\": hang", ` +
				`which is about 0 calls`,
			`heygentest: no call met the rule "every 3. call: reset", which is about 2 calls`,
		}},
		"unexpected calls": {func(s *heygentest.Server) {
			s.Next(heygentest.FaultResponse(418, nil, ""))
			send(t, s, `{"endpoint_id":5}`, nil)
			send(t, s, `{"endpoint_id":"e1"}`, at("/v3/webhooks"))
			send(t, s, `{"endpoint_id":"e1"}`, func(r *http.Request) { r.Header.Del("X-Api-Key") })
		}, []string{
			"heygentest: unexpected call 1, PATCH \"" + path + "\": contract: client: request body /endpoint_id: type: " +
				"want string, got number",
			"heygentest: unexpected call 2, PATCH \"/v3/webhooks\": contract: client: request path: path: " +
				"the document has no such path",
			"heygentest: unexpected call 3, PATCH \"" + path + "\": contract: client: request header x-api-key: security: " +
				"missing",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			test.do(sandbox)
			var got failures
			if sandbox.Verify(&got); !slices.Equal(got, test.want) {
				t.Errorf("got\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

func TestVerifyKnowsMoreCallsThanAreKept(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for range 15 {
		send(t, sandbox, `{}`, nil)
	}
	for range 1000 {
		send(t, sandbox, `{"endpoint_id":"e1"}`, nil)
	}
	var got failures
	if sandbox.Verify(&got); len(got) != 11 || got[10] != "heygentest: 5 more unexpected calls" {
		t.Errorf("got %q", got)
	}
}

// The record of calls, a call that lasts, and what is told when it has ended.
func TestOnCall(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	ended := make(chan struct{}, 3)
	sandbox := start(t, heygentest.WithObserver(func(call heygentest.Call) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, fmt.Sprint(call.Number, call.Status, call.RequestID, call.Fault, call.Took > 0,
			call.Header.Get("X-Api-Key")))
		ended <- struct{}{}
	}))
	sandbox.Next(heygentest.Fault{}, heygentest.FaultReset(), tea(503))
	for range 3 {
		_, _ = client(t, sandbox).UpdateWebhookEndpoint(t.Context(), update)
		<-ended
	}
	want := []string{"1 200sandbox-1true[redacted]", "2 0resettrue[redacted]", "3 503respond 503true[redacted]"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
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

func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

func TestAddEndpointRefusesWhatTheContractDoesNotPermit(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for want, endpoint := range map[string]heygen.WebhookEndpoint{
		"the endpoint has no id": {},
		`endpoint "e2": contract: PATCH /v1/webhook/endpoint.update: server: response 200 body /data/status: enum: `: {
			EndpointID: "e2", Status: "unlisted", Secret: wire.NewSecret("whsec_hidden"),
		},
		`endpoint "e3": contract: PATCH /v1/webhook/endpoint.update: server: response 200 body /data/created_at`: {
			EndpointID: "e3", CreatedAt: heygen.Timestamp{Raw: "yesterday"},
		},
		`endpoint "\xff": `: {EndpointID: "\xff"},
	} {
		got := panicOf(func() { sandbox.AddEndpoint(endpoint) })
		if !strings.HasPrefix(got, "heygentest: AddEndpoint: ") || !strings.Contains(got, want) ||
			strings.Contains(got, "whsec_hidden") {
			t.Errorf("panics with %q, want %q", got, want)
		}
		if _, added := sandbox.Endpoint(endpoint.EndpointID); added {
			t.Errorf("%q was added", endpoint.EndpointID)
		}
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]heygentest.Option{
		`WithAddr: "0.0.0.0:0" is not a loopback address: give one such as 127.0.0.1:`: heygentest.WithAddr("0.0.0.0:0"),
		`WithAddr: ":8080" is not a loopback address`:                                  heygentest.WithAddr(":8080"),
		`WithAddr: "192.0.2.1:0" is not`:                                               heygentest.WithAddr("192.0.2.1:0"),
		"WithAddr: address nowhere: missing port":                                      heygentest.WithAddr("nowhere"),
		"WithLatency: the duration is negative":                                        heygentest.WithLatency(-1),
		"WithRateLimit: the number is less than 1":                                     heygentest.WithRateLimit(0),
		"OnCall: the function is nil":                                                  heygentest.WithObserver(nil),
		"WithHandler: the function is nil":                                             heygentest.WithHandler(nil),
	} {
		s, err := heygentest.Start(option)
		if s != nil || err == nil || !strings.HasPrefix(err.Error(), "heygentest: "+want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestAnAddressOfChoice(t *testing.T) {
	t.Parallel()
	first := start(t, heygentest.WithAddr("localhost:0"))
	address := strings.TrimPrefix(first.URL, "http://")
	if s, err := heygentest.Start(heygentest.WithAddr(address)); s != nil || err == nil {
		t.Errorf("two sandboxes at %s", address)
	}
	first.Close()
	again := start(t, heygentest.WithAddr(address))
	if again.URL != first.URL || !slices.Equal(statuses(t, again, "e1"), []int{200}) {
		t.Errorf("%s, want %s", again.URL, first.URL)
	}
}
