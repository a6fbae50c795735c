package heygentest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
)

func TestCallsAreRecorded(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithAPIKey("whsec_key"))
	send(t, sandbox, `{"endpoint_id":"e1"}`, func(r *http.Request) {
		r.URL.RawQuery = "a=b"
		r.Header.Set("Authorization", "Bearer whsec_key")
		r.Header.Add("Cookie", "a=whsec_key")
	})
	send(t, sandbox, "", func(r *http.Request) { r.Method = http.MethodDelete })
	send(t, sandbox, strings.Repeat("x", 100<<10), key("whsec_other"))
	calls := sandbox.Calls()
	if len(calls) != 3 {
		t.Fatalf("got %d calls", len(calls))
	}
	first := calls[0]
	if first.Method != http.MethodPatch || first.RequestURI != path+"?a=b" ||
		string(first.RequestBody) != `{"endpoint_id":"e1"}` ||
		first.Header.Get("Content-Type") != "application/json" || first.Header.Get("X-Api-Key") != "[redacted]" {
		t.Errorf("got %+v", first)
	}
	if calls[1].Method != http.MethodDelete || calls[1].RequestBody != nil || len(calls[2].RequestBody) != 64<<10 {
		t.Errorf("got %+v and a body of %d bytes", calls[1], len(calls[2].RequestBody))
	}
	if !strings.Contains(string(first.ResponseBody), `"endpoint_id":"e1"`) ||
		!strings.HasPrefix(string(calls[1].ResponseBody), "heygentest: there is no operation DELETE") {
		t.Errorf("responses %s and %s", first.ResponseBody, calls[1].ResponseBody)
	}
	if shown := fmt.Sprintf("%+v", calls); strings.Contains(shown, "whsec_") {
		t.Error("a key is shown")
	}
	first.Header.Set("X-Changed", "x")
	first.RequestBody[0], first.ResponseBody[0] = 'x', 'x'
	if again := sandbox.Calls()[0]; again.Header.Get("X-Changed") != "" || again.RequestBody[0] != '{' ||
		again.ResponseBody[0] != '{' {
		t.Error("callers share a call with the sandbox")
	}
}

// The record has a slow body as a whole, and the first 64 KiB of an oversized one.
func TestResponsesOfFaultsAreRecorded(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultSlowBody(time.Millisecond), heygentest.FaultOversize())
	for i := range 2 {
		_, sent := send(t, sandbox, `{"endpoint_id":"e1"}`, nil)
		recorded := sandbox.Calls()[i].ResponseBody
		if strings.TrimSpace(string(recorded)) != sent || len(recorded) > 64<<10 {
			t.Errorf("recorded %s, sent %s", recorded, sent)
		}
	}
}

func TestACallRecordsItsFaultAndItsFindings(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.Fault{}, heygentest.FaultShape(502, heygentest.ShapeHTML))
	sandbox.Next(heygentest.FaultMember("/data/status", 1))
	for range 3 {
		send(t, sandbox, `{"endpoint_id":"e1"}`, nil)
	}
	send(t, sandbox, `{"endpoint_id":1}`, nil)
	var got []string
	for _, call := range sandbox.Calls() {
		line := fmt.Sprint(call.StatusCode, " ", call.RequestID, " ", call.Fault)
		for _, finding := range call.Findings {
			line += " " + string(finding.Party) + " " + finding.Keyword
		}
		got = append(got, line)
	}
	want := []string{
		"200 sandbox-1 ", "502  shape 502 html server content-type", `200 sandbox-3 set /data/status 1 server type`,
		"400 sandbox-4  client type",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// A client that sends large headers and targets for hours must not fill the memory.
func TestTheRecordIsBounded(t *testing.T) {
	t.Parallel()
	sandbox, err := heygentest.New()
	if err != nil {
		t.Fatal(err)
	}
	const calls, bound = 60, 80 << 20
	for i := range calls {
		r := httptest.NewRequest(http.MethodGet, "/"+strings.Repeat("x", 500<<10), nil)
		r.Header.Set("X-Large", strings.Repeat("x", 1100<<10))
		r.Header.Set("X-Number", strconv.Itoa(i))
		sandbox.ServeHTTP(httptest.NewRecorder(), r)
	}
	kept := sandbox.Calls()
	size := 0
	for _, call := range kept {
		size += len(call.RequestURI) + len(call.Header.Get("X-Large")) + len(call.ResponseBody)
	}
	last := kept[len(kept)-1]
	if size > bound || len(kept) < 20 || last.Number != calls || last.Header.Get("X-Number") != "59" {
		t.Errorf("%d calls of %d bytes, the last is %d", len(kept), size, last.Number)
	}
	for range 1100 {
		sandbox.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
	if kept = sandbox.Calls(); len(kept) != 1000 || kept[0].Number != calls+101 || kept[999].StatusCode != 404 {
		t.Errorf("%d calls, the first is %d", len(kept), kept[0].Number)
	}
	var told failures
	sandbox.Verify(&told)
	if n := len(strings.Join(told, "")); n > 64<<10 {
		t.Errorf("Verify prints %d bytes", n)
	}
}

// The record of a call is complete when the observer gets it, also without a response.
func TestObserver(t *testing.T) {
	t.Parallel()
	ended := make(chan heygentest.Call, 1)
	sandbox := start(t, heygentest.WithObserver(func(call heygentest.Call) { ended <- call }))
	sandbox.Next(heygentest.Fault{}, heygentest.FaultReset(), status(503))
	for _, want := range []string{"1 200 sandbox-1 ", "2 0  reset", "3 503  respond 503"} {
		_, _ = client(sandbox).UpdateWebhookEndpoint(t.Context(), update)
		call := <-ended
		got := fmt.Sprint(call.Number, " ", call.StatusCode, " ", call.RequestID, " ", call.Fault)
		if got != want || call.Start.IsZero() || call.Duration <= 0 || call.Header.Get("X-Api-Key") != "[redacted]" {
			t.Errorf("got %q %+v, want %q", got, call, want)
		}
	}
}
