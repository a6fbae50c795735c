package heygentest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

var update = heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: "https://example.com/new"}

func TestFaultsComeInOrderAndBeforeTheNormalBehaviour(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultError(429, 5, "slow down"), heygentest.Fault{})
	sandbox.Next(heygentest.FaultResponse(418, http.Header{"Content-Type": {"text/plain"}, "Retry-After": {"7"}}, "tea"))
	var got []string
	for range 4 {
		_, body := send(t, sandbox, `{"endpoint_id":"unknown"}`, key("wrong"))
		got = append(got, body)
	}
	want := []string{
		`{"code":5,"message":"slow down"}`, `{"code":400112,"message":"Unauthorized"}`, "tea",
		`{"code":400112,"message":"Unauthorized"}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if calls := sandbox.Calls(); len(calls) != 4 {
		t.Errorf("%d calls were recorded", len(calls))
	}
}

func TestAFaultReplacesTheUpdate(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultError(503, 5, "busy"))
	c := client(t, sandbox, heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 2, BaseDelay: 1, MaxDelay: 1}))
	if _, err := c.UpdateWebhookEndpoint(t.Context(), update); err != nil {
		t.Errorf("the second attempt: %v", err)
	}
	sandbox.Next(heygentest.FaultError(500, 5, "broken"))
	other := heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: "https://example.com/other"}
	if _, err := c.UpdateWebhookEndpoint(t.Context(), other); !errors.Is(err, heygen.ErrServer) {
		t.Errorf("got %v", err)
	}
	if e, _ := sandbox.Endpoint("e1"); e.URL != update.URL {
		t.Errorf("URL is %s", e.URL)
	}
}

func TestRespondWithIsExact(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultResponse(200, nil, "<html>"),
		heygentest.FaultResponse(204, http.Header{"X-Request-Id": {"r1", "r2"}}, ""),
		heygentest.FaultResponse(200, http.Header{"Content-Length": {"100"}}, "short"))
	get := func() *http.Response {
		resp, err := http.Get(sandbox.URL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	html := get()
	if body, err := io.ReadAll(html.Body); string(body) != "<html>" || err != nil || html.Header["Content-Type"] != nil {
		t.Errorf("got %v %q %v", html.Header, body, err)
	}
	empty := get()
	if ids := empty.Header["X-Request-Id"]; empty.StatusCode != 204 || !slices.Equal(ids, []string{"r1", "r2"}) {
		t.Errorf("got %d %v", empty.StatusCode, empty.Header)
	}
	if body, err := io.ReadAll(get().Body); string(body) != "short" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultReset())
	_, err := client(t, sandbox).UpdateWebhookEndpoint(t.Context(), update)
	if !errors.Is(err, syscall.ECONNRESET) || !errors.Is(err, heygen.ErrTransport) {
		t.Errorf("got %v", err)
	}
}

func TestDelayAnswersInTheEnd(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultDelay(time.Millisecond))
	if _, err := client(t, sandbox).UpdateWebhookEndpoint(t.Context(), update); err != nil {
		t.Error(err)
	}
}

// ending are the faults that do not answer by themselves.
var ending = map[string]func() heygentest.Fault{
	"hang": heygentest.FaultHang, "delay": func() heygentest.Fault { return heygentest.FaultDelay(time.Hour) },
}

// begin sends an update and returns once it has arrived; done gets its error.
func begin(t *testing.T, sandbox *heygentest.Server) (cancel func(), done <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	result := make(chan error, 1)
	c := client(t, sandbox)
	go func() {
		_, err := c.UpdateWebhookEndpoint(ctx, update)
		result <- err
	}()
	for range 10_000 { // nothing else tells that it has arrived
		if len(sandbox.Calls()) > 0 {
			return cancel, result
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("no call arrived")
	return cancel, result
}

func TestAClientThatGivesUpEndsTheCall(t *testing.T) {
	t.Parallel()
	for name, fault := range ending {
		sandbox := start(t)
		sandbox.Next(fault())
		cancel, done := begin(t, sandbox)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
		if e, _ := sandbox.Endpoint("e1"); e.URL == update.URL {
			t.Errorf("%s: the update was done", name)
		}
	}
}

func TestCloseEndsTheCall(t *testing.T) {
	t.Parallel()
	for name, fault := range ending {
		sandbox := start(t)
		sandbox.Next(fault())
		_, done := begin(t, sandbox)
		sandbox.Close()
		sandbox.Close() // twice does no harm
		if err := <-done; !errors.Is(err, heygen.ErrTransport) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
