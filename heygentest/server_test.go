package heygentest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const path = "/v1/webhook/endpoint.update"

// direct has connections of its own: an httptest.Server that closes also closes idle ones of http.DefaultTransport. It
// follows no redirect.
var direct = &http.Transport{}

// start starts a sandbox with the endpoint e1.
func start(t testing.TB, opts ...heygentest.Option) *heygentest.Server {
	t.Helper()
	sandbox := heygentest.NewServer(opts...)
	t.Cleanup(sandbox.Close)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "e1", URL: "https://example.org/old", Events: heygen.OnlyEvents("a", "b"),
		Secret: heygen.NewSecret("whsec_sandbox"),
	})
	return sandbox
}

// client returns a client that retries nothing.
func client(sandbox *heygentest.Server) *heygen.Client {
	return sandbox.Client(heygen.WithRetry(heygen.RetryPolicy{}))
}

// exchange sends a request that is valid unless change breaks it. It returns the response, its body, and the error of
// reading that.
func exchange(t testing.TB, sandbox *heygentest.Server, body string, change func(*http.Request),
) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, sandbox.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", sandbox.APIKey)
	if change != nil {
		change(req)
	}
	resp, err := direct.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	received, err := io.ReadAll(resp.Body)
	return resp, string(received), err
}

// send is exchange for a response whose body can be read.
func send(t testing.TB, sandbox *heygentest.Server, body string, change func(*http.Request)) (int, string) {
	t.Helper()
	resp, received, err := exchange(t, sandbox, body, change)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(received)
}

func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

func TestTheServerIsOnLoopback(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	u, err := url.Parse(sandbox.URL)
	if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.Port() == "" {
		t.Errorf("got %s, %v", sandbox.URL, err)
	}
}

// A sandbox is a handler, which a program mounts where it likes: requests for its own pages are not calls.
func TestASandboxOnAServerOfOnesOwn(t *testing.T) {
	t.Parallel()
	sandbox, err := heygentest.New(heygentest.WithAPIKey("k"))
	if err != nil {
		t.Fatal(err)
	}
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	mux := http.NewServeMux()
	mux.Handle("/api/", http.StripPrefix("/api", sandbox))
	mux.HandleFunc("/count", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, len(sandbox.Calls())) })
	server := httptest.NewServer(mux)
	t.Cleanup(func() { sandbox.Close(); server.Close() })
	c, err := heygen.NewClient("k", heygen.WithBaseURL(server.URL+"/api"))
	if err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		resp, err := server.Client().Get(server.URL + "/count")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || string(body) != fmt.Sprint(want) {
			t.Errorf("%s calls, %v, want %d", body, err, want)
		}
		if _, err := c.UpdateWebhookEndpoint(t.Context(), update); err != nil {
			t.Error(err)
		}
	}
	if call := sandbox.Calls()[0]; call.RequestURI != "/api"+path {
		t.Errorf("call %+v", call)
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	_, err := heygentest.New(heygentest.WithAPIKey(""), heygentest.WithLatency(-1), heygentest.WithRateLimit(0),
		heygentest.WithObserver(nil))
	const want = "heygentest: WithAPIKey: invalid request: the API key is empty, or has a space, a line break or a " +
		"character beyond ASCII; check how it was copied\nWithLatency: the duration is negative\n" +
		"WithRateLimit: the number is less than 1\nWithObserver: the function is nil"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestCloseEndsARequestThatNeverEnds(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(sandbox.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	request := "PATCH " + path + " HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n" +
		"X-Api-Key: " + sandbox.APIKey + "\r\nContent-Length: 100\r\n\r\n{"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() { sandbox.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("Close waits for a request that never ends")
	}
}
