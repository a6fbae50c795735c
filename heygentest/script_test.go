package heygentest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
)

// statuses sends a request for each id and returns the statuses of the responses.
func statuses(t *testing.T, sandbox *heygentest.Server, ids ...string) (got []int) {
	t.Helper()
	for _, id := range ids {
		code, _ := send(t, sandbox, `{"endpoint_id":"`+id+`"}`, nil)
		got = append(got, code)
	}
	return got
}

func status(code int) heygentest.Fault { return heygentest.FaultResponse(code, nil, "") }

func TestWhichCallsMeetAFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*heygentest.Server)
		ids     []string
		want    []int
	}{
		"a script, in order": {func(s *heygentest.Server) {
			s.Next(status(429), heygentest.Fault{})
			s.Next(status(418))
		}, []string{"e1", "x", "x", "e1"}, []int{429, 404, 418, 200}},
		"every call": {func(s *heygentest.Server) { s.On(heygentest.Rule{}, status(500)) },
			[]string{"e1", "x"}, []int{500, 500}},
		"every third call": {func(s *heygentest.Server) { s.On(heygentest.Rule{Every: 3}, status(500)) },
			[]string{"e1", "x", "e1", "e1", "e1", "x", "e1"}, []int{200, 404, 500, 200, 200, 500, 200}},
		"a prefix of the id": {func(s *heygentest.Server) { s.On(heygentest.Rule{IDPrefix: "slow-"}, status(500)) },
			[]string{"e1", "slow-1", "slow-", "slow", "SLOW-1"}, []int{200, 500, 500, 404, 404}},
		"every second call with a prefix": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{IDPrefix: "e", Every: 2}, status(500))
		}, []string{"e1", "x", "e1", "x", "e1", "e1"}, []int{200, 404, 500, 404, 200, 500}},
		"the first rule wins, and both count": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{Every: 2}, status(500))
			s.On(heygentest.Rule{Every: 3}, status(503))
		}, slices.Repeat([]string{"e1"}, 9), []int{200, 500, 503, 500, 200, 500, 200, 500, 503}},
		"a script wins, and rules count": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{Every: 2}, status(500))
			s.Next(status(418), status(418))
		}, []string{"e1", "e1", "e1", "e1"}, []int{418, 418, 200, 500}},
		"a normal call is a fault, too": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{IDPrefix: "e"}, heygentest.Fault{})
			s.On(heygentest.Rule{}, status(500))
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
	for range 1000 { // some of them within one second
		if resp, body, _ := exchange(t, sandbox, `{"endpoint_id":"e1"}`, nil); resp.StatusCode == 429 {
			if resp.Header.Get("Retry-After") != "1" || strings.TrimSpace(body) != `{"code":429,"message":"Too many requests"}` {
				t.Errorf("%v %s", resp.Header, body)
			}
			return
		}
	}
	t.Error("none of a thousand calls was limited")
}

// failures is a heygentest.TB that keeps the texts of errors.
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
			s.Next(status(418), heygentest.FaultHang(), heygentest.Fault{})
			s.Next(heygentest.FaultError(500, 5, "a"))
			statuses(t, s, "e1")
		}, []string{
			"heygentest: a scripted fault was never used: hang",
			"heygentest: a scripted fault was never used: normal",
			"heygentest: a scripted fault was never used: error 500 5 a",
		}},
		"rules whose turn never came": {func(s *heygentest.Server) {
			s.On(heygentest.Rule{IDPrefix: "slow-"}, heygentest.FaultHang())
			s.On(heygentest.Rule{Every: 3}, heygentest.FaultReset())
			s.On(heygentest.Rule{Every: 2}, heygentest.Fault{})
			statuses(t, s, "e1", "e1")
		}, []string{
			`heygentest: the rule "every call with an id that begins with \"slow-\": hang" selected none of 0 calls`,
			`heygentest: the rule "one in 3 calls: reset" selected none of 2 calls`,
		}},
		"unexpected calls": {func(s *heygentest.Server) {
			s.Next(status(418))
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

// The record keeps 1000 calls; Verify reports all that broke the contract.
func TestVerifyReportsCallsThatAreNoLongerKept(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for i := range 1015 {
		body := `{"endpoint_id":"e1"}`
		if i < 15 {
			body = `{}`
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Api-Key", sandbox.APIKey)
		sandbox.ServeHTTP(httptest.NewRecorder(), r)
	}
	if calls := sandbox.Calls(); len(calls) != 1000 || calls[0].Number != 16 {
		t.Errorf("%d calls, the first is %d", len(calls), calls[0].Number)
	}
	var got failures
	if sandbox.Verify(&got); len(got) != 11 || got[10] != "heygentest: 5 more unexpected calls" {
		t.Errorf("got %q", got)
	}
}
