package heygentest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const (
	rotateV3 = endpointsV3 + "/e1/rotate-secret"
	createV3 = `{"url":"https://example.org/new"}`
)

// rawV3 is a POST with a key whose response may be lost.
func rawV3(t *testing.T, sandbox *heygentest.Server, target, key string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sandbox.URL+target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", sandbox.APIKey)
	req.Header.Set("Idempotency-Key", key)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req) // it repeats nothing
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// A request that is repeated because its response was lost gets the first new secret, which is the only valid one.
func TestALostSecretIsRepeated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    heygentest.Fault
		happened bool
	}{
		"reset-late":  {heygentest.FaultResetLate(), true},
		"truncate":    {heygentest.FaultTruncate(), true},
		"set":         {heygentest.FaultMember("/data/secret", "wrong"), true},
		"delay, late": {heygentest.FaultDelay(time.Millisecond).With(heygentest.FaultResetLate()), true},
		"reset":       {heygentest.FaultReset(), false},
		"error-v3":    {heygentest.FaultErrorV3(500, "internal_error", ""), false},
		"html":        {heygentest.FaultShape(502, heygentest.ShapeHTML).With(heygentest.FaultResetLate()), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			before, _ := sandbox.Endpoint("e1")
			sandbox.Next(test.fault)
			lost := rawV3(t, sandbox, rotateV3, "k") // the error says whether the response was lost
			first, _ := sandbox.Endpoint("e1")
			if first.Secret.Equal(before.Secret) == test.happened {
				t.Fatalf("the secret is %s after %v", first.Secret.Reveal(), lost)
			}
			again := goodV3[shownV3](t, sandbox, "POST", rotateV3, "", idempotent("k"))
			last, _ := sandbox.Endpoint("e1")
			if *again.Secret != last.Secret.Reveal() || last.Secret.Equal(first.Secret) != test.happened {
				t.Errorf("the repeated request gets %s, the endpoint has %s", *again.Secret, last.Secret.Reveal())
			}
		})
	}
}

func TestWhatAKeyRepeats(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e2"})
	first := goodV3[shownV3](t, sandbox, "POST", endpointsV3, createV3, idempotent("a:1"))
	_, header, again := callV3(t, sandbox, "POST", endpointsV3, `{"url":"https://example.org/other"}`, idempotent("a:1"))
	calls := sandbox.Calls()
	if again != strings.TrimSpace(string(calls[0].ResponseBody)) || header.Get("Content-Type") != "application/json" ||
		header.Get("X-Request-Id") != "sandbox-2" {
		t.Errorf("the first response was %s, the second is %v %s", calls[0].ResponseBody, header, again)
	}
	for name, other := range map[string]shownV3{
		"another key":  goodV3[shownV3](t, sandbox, "POST", endpointsV3, createV3, idempotent("a:2")),
		"key in upper": goodV3[shownV3](t, sandbox, "POST", endpointsV3, createV3, idempotent("A:1")),
		"no key":       goodV3[shownV3](t, sandbox, "POST", endpointsV3, createV3),
		"other path":   goodV3[shownV3](t, sandbox, "POST", rotateV3, "", idempotent("a:1")),
	} {
		if other.EndpointID == first.EndpointID {
			t.Errorf("%s: the first response again", name)
		}
	}
	one := goodV3[shownV3](t, sandbox, "POST", rotateV3, "", idempotent("r"))
	two := goodV3[shownV3](t, sandbox, "POST", endpointsV3+"/e2/rotate-secret", "", idempotent("r"))
	if one.EndpointID != "e1" || two.EndpointID != "e2" {
		t.Errorf("one key for two endpoints: %+v, %+v", one, two)
	}

	// PATCH and DELETE have no key.
	for _, want := range []string{`["x"]`, `["y"]`} {
		got := goodV3[shownV3](t, sandbox, "PATCH", endpointsV3+"/e1", `{"events":`+want+`}`, idempotent("p"))
		if string(got.Events) != want {
			t.Errorf("the update to %s responds %+v", want, got)
		}
	}
	for _, want := range []int{200, 404} {
		if status, _, body := callV3(t, sandbox, "DELETE", endpointsV3+"/e2", "", idempotent("d")); status != want {
			t.Errorf("deleted with %d %s, want %d", status, body, want)
		}
	}

	// A success is repeated although the endpoint is gone. A failure is not: what was wrong may be right by now.
	goodV3[shownV3](t, sandbox, "POST", endpointsV3+"/e2/rotate-secret", "", idempotent("r"))
	late := endpointsV3 + "/late/rotate-secret"
	if status, _, body := callV3(t, sandbox, "POST", late, "", idempotent("l")); status != 404 {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := callV3(t, sandbox, "POST", endpointsV3, `{"url":"/"}`, idempotent("l")); status != 400 {
		t.Errorf("%d %s", status, body)
	}
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "late"})
	goodV3[shownV3](t, sandbox, "POST", late, "", idempotent("l"))
	goodV3[shownV3](t, sandbox, "POST", endpointsV3, createV3, idempotent("l"))

	// A wrong API key gets nothing that a right one created.
	status, _, refused := callV3(t, sandbox, "POST", endpointsV3, createV3, idempotent("a:1"), key("wrong"))
	if status != 401 {
		t.Errorf("with a wrong API key: %d %s", status, refused)
	}
	sandbox.Reset()
	if got := goodV3[shownV3](t, sandbox, "POST", endpointsV3, createV3, idempotent("a:1")); got.EndpointID ==
		first.EndpointID {
		t.Error("a key outlives a reset")
	}
}

// While the first request is under way, others with its key get 409; each of them may be sent again.
func TestAKeyThatIsUnderWay(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{}, 9) // more than one probe is wrong
	sandbox := start(t, heygentest.WithProbe())
	release := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-release
	}))
	t.Cleanup(receiver.Close)
	body := `{"url":"` + receiver.URL + `"}`
	first := make(chan shownV3)
	go func() { first <- goodV3[shownV3](t, sandbox, "POST", endpointsV3, body, idempotent("k")) }()
	<-begun
	status, _, conflict := callV3(t, sandbox, "POST", endpointsV3, body, idempotent("k"))
	if status != 409 || !strings.Contains(conflict, `"code":"request_in_progress"`) {
		t.Errorf("under way: %d %s", status, conflict)
	}
	goodV3[shownV3](t, sandbox, "POST", rotateV3, "", idempotent("k")) // another path
	close(release)
	again := <-first
	if repeated := goodV3[shownV3](t, sandbox, "POST", endpointsV3, body, idempotent("k")); repeated.EndpointID !=
		again.EndpointID || *repeated.Secret != *again.Secret {
		t.Errorf("first %+v, then %+v", again, repeated)
	}
	if more := len(begun); more > 0 {
		t.Errorf("%d requests that created nothing were probed", more)
	}
}

// A client that gives up may send its request again.
func TestAHangHoldsTheKeyUntilTheClientIsGone(t *testing.T) {
	t.Parallel()
	ended := make(chan heygentest.Call)
	sandbox := start(t, heygentest.WithObserver(func(call heygentest.Call) { ended <- call }))
	sandbox.Next(heygentest.FaultHang())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sandbox.URL+rotateV3, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", sandbox.APIKey)
	idempotent("k")(req)
	first := make(chan error)
	go func() {
		resp, err := direct.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		first <- err
	}()
	for len(sandbox.Calls()) == 0 { // until the first has arrived
		runtime.Gosched()
	}
	second := make(chan int)
	go func() {
		status, _, _ := callV3(t, sandbox, "POST", rotateV3, "", idempotent("k"))
		second <- status
	}()
	if <-ended; <-second != 409 {
		t.Error("the key is free while the first request hangs")
	}
	cancel()
	if <-ended; <-first == nil {
		t.Error("the first request has a response")
	}
	go func() { <-ended }()
	goodV3[shownV3](t, sandbox, "POST", rotateV3, "", idempotent("k"))
}

func TestConcurrentRequestsWithOneKey(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithLatency(10*time.Millisecond))
	const senders = 40
	statuses, bodies := make([]int, senders), make([]string, senders)
	var sending sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			statuses[i], _, bodies[i] = callV3(t, sandbox, "POST", endpointsV3, createV3, idempotent("k"))
		})
	}
	sending.Wait()
	created := map[string]bool{}
	for i, status := range statuses {
		switch status {
		case 200:
			created[bodies[i]] = true
		case 409:
		default:
			t.Errorf("%d %s", status, bodies[i])
		}
	}
	if list := goodV3[[]shownV3](t, sandbox, "GET", endpointsV3, ""); len(created) != 1 || len(list) != 2 {
		t.Errorf("%d different responses, endpoints %+v", len(created), list)
	}
}
