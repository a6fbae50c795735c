package contract_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// serve answers every request with one response, and returns what it received.
func serve(t *testing.T, status int, body string) (base string, got func() []string) {
	t.Helper()
	var mu sync.Mutex
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("server: %v", err)
		}
		mu.Lock()
		bodies = append(bodies, string(sent))
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return bodies
	}
}

func patch(t testing.TB, base string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	return good(req)
}

// tracked is a body that knows whether it was closed, and hides what else it can do.
type tracked struct {
	io.Reader
	closed atomic.Bool
}

func (b *tracked) Close() error {
	b.closed.Store(true)
	return nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestTransportPassesAGoodExchange(t *testing.T) {
	t.Parallel()
	const sent = `{"endpoint_id":"e1"}`
	c := load(t, correctedDocument)
	for name, body := range map[string]io.Reader{
		"with GetBody": strings.NewReader(sent), "without": &tracked{Reader: strings.NewReader(sent)},
	} {
		base, received := serve(t, 200, success(""))
		client := &http.Client{Transport: c.Transport(nil)}
		resp, err := client.Do(patch(t, base, body))
		if err != nil {
			t.Fatal(err)
		}
		wantBody(t, resp.Body, success(""))
		if got := received(); len(got) != 1 || got[0] != sent {
			t.Errorf("%s: the server got %q", name, got)
		}
	}
}

func TestTransportSendsNoBrokenRequest(t *testing.T) {
	t.Parallel()
	base, received := serve(t, 200, success(""))
	client := &http.Client{Transport: load(t, correctedDocument).Transport(nil)}
	body := &tracked{Reader: strings.NewReader(`{}`)}
	_, err := client.Do(patch(t, base, body))
	wantTexts(t, err, "client: request body: required")
	if got := received(); len(got) != 0 || !body.closed.Load() {
		t.Errorf("the server got %q; body closed: %v", got, body.closed.Load())
	}
}

func TestTransportClosesABrokenResponse(t *testing.T) {
	t.Parallel()
	body := &tracked{Reader: strings.NewReader(`{"code":100}`)}
	base := roundTripper(func(*http.Request) (*http.Response, error) {
		resp := response(200, "")
		resp.Body = body
		return resp, nil
	})
	resp, err := load(t, correctedDocument).Transport(base).RoundTrip(request(`{"endpoint_id":"e1"}`))
	wantTexts(t, err, "server: response 200 body: data-on-success")
	if resp != nil || !body.closed.Load() {
		t.Errorf("response %v; body closed: %v", resp, body.closed.Load())
	}
}

func TestTransportPassesErrorsOfItsBase(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	base := roundTripper(func(req *http.Request) (*http.Response, error) {
		_ = req.Body.Close()
		return nil, errBroken
	})
	_, err := c.Transport(base).RoundTrip(request(`{"endpoint_id":"e1"}`))
	if err != errBroken { //nolint:errorlint // as it is, not wrapped
		t.Errorf("got %v", err)
	}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"code"`)
	}))
	defer server.Close()
	client := &http.Client{Transport: c.Transport(nil)}
	resp, err := client.Do(patch(t, server.URL, strings.NewReader(`{"endpoint_id":"e1"}`)))
	if err != nil {
		t.Fatalf("a response that breaks off: %v", err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || string(got) != `{"code"` || err != io.ErrUnexpectedEOF { //nolint:errorlint // as it is
		t.Errorf("a response that breaks off: status %d, %q, error %v", resp.StatusCode, got, err)
	}

	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	c.Proxy(target).ServeHTTP(w, received(strings.NewReader(`{"endpoint_id":"e1"}`)))
	if w.Code != 502 || w.Body.String() != "contract: the response of the target, status 200, broke off\n" {
		t.Errorf("a response that breaks off, through the proxy: got %d, %q", w.Code, w.Body)
	}
}

func TestTransportLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	body := &tracked{Reader: strings.NewReader(`{"endpoint_id":"e1"}`)}
	req := patch(t, "http://127.0.0.1", body)
	headers := fmt.Sprint(req.Header)
	base := roundTripper(func(sent *http.Request) (*http.Response, error) {
		sent.Header.Set("X-Added", "by base")
		wantBody(t, sent.Body, `{"endpoint_id":"e1"}`)
		return response(200, success("")), nil
	})
	resp, err := load(t, correctedDocument).Transport(base).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	wantBody(t, resp.Body, success(""))
	if req.Body != io.ReadCloser(body) || req.GetBody != nil || fmt.Sprint(req.Header) != headers {
		t.Errorf("the request was changed: %v", req)
	}
}

func TestContractIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	c := load(t, publishedDocument)
	base, _ := serve(t, 200, success(`,"events":null`))
	client := &http.Client{Transport: c.Transport(nil)}
	var callers sync.WaitGroup
	for caller := range 16 {
		callers.Go(func() {
			for range 20 {
				id, want := "e1", "document: response 200 body /data/events: type"
				if caller%2 == 0 {
					id, want = "\xff", "client: request body /endpoint_id: json"
				}
				_, err := client.Do(patch(t, base, strings.NewReader(`{"endpoint_id":"`+id+`"}`)))
				wantTexts(t, err, want)
			}
		})
	}
	callers.Wait()
	client.CloseIdleConnections()
}
