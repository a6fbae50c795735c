package contract_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// tracked is a body that records whether it was closed, and has no other method.
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

// server returns a base that gives every request one response, and the bodies that it got.
func server(body io.ReadCloser) (base roundTripper, got *[]string) {
	got = new([]string)
	return func(req *http.Request) (*http.Response, error) {
		sent, err := io.ReadAll(req.Body)
		*got = append(*got, string(sent))
		resp := response(200, "")
		resp.Body = body
		return resp, err
	}, got
}

// A body without GetBody is sent whole, and the rules can compare it with the response.
func TestTransportSendsWhatItChecked(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string][]string{
		`{"endpoint_id":"e1"}`: nil, `{"endpoint_id":"e2"}`: {"server: " + otherEndpoint},
	} {
		body := &tracked{Reader: strings.NewReader(success(""))}
		base, got := server(body)
		resp, err := load(t, correctedDocument).Transport(base).RoundTrip(received(&tracked{Reader: strings.NewReader(sent)}))
		wantTexts(t, err, want...)
		if len(*got) != 1 || (*got)[0] != sent {
			t.Errorf("the server got %q", *got)
		}
		if want == nil {
			wantBody(t, resp.Body, success(""))
		} else if resp != nil || !body.closed.Load() {
			t.Errorf("response %v; body closed: %v", resp, body.closed.Load())
		}
	}
}

func TestTransportSendsNoBrokenRequest(t *testing.T) {
	t.Parallel()
	base, got := server(http.NoBody)
	body := &tracked{Reader: strings.NewReader(`{}`)}
	_, err := load(t, correctedDocument).Transport(base).RoundTrip(received(body))
	wantTexts(t, err, "client: request body: required")
	if len(*got) != 0 || !body.closed.Load() {
		t.Errorf("the server got %q; body closed: %v", *got, body.closed.Load())
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

	none := roundTripper(func(*http.Request) (*http.Response, error) { return nil, nil }) //nolint:nilnil // the mistake
	resp, err := c.Transport(none).RoundTrip(request(`{"endpoint_id":"e1"}`))
	if resp != nil || err == nil || errors.As(err, new(*contract.Violation)) {
		t.Errorf("neither a response nor an error: got %v, %v", resp, err)
	}

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"code"`)
	}))
	defer server.Close()
	client := &http.Client{Transport: c.Transport(nil)}
	resp, err = exchange(nil).do(t, client, server.URL)
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
	req := received(body)
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
	server := httptest.NewServer(http.HandlerFunc(exchange(func(x *traffic) { x.got = success(`,"events":null`) }).serve))
	defer server.Close()
	client := &http.Client{Transport: c.Transport(server.Client().Transport)}
	var callers sync.WaitGroup
	for caller := range 16 {
		callers.Go(func() {
			for range 20 {
				id, want := "e1", "document: response 200 body /data/events: type"
				if caller%2 == 0 {
					id, want = "\xff", "client: request body /endpoint_id: json"
				}
				x := exchange(func(x *traffic) { x.sent = `{"endpoint_id":"` + id + `"}` })
				_, err := x.do(t, client, server.URL)
				wantTexts(t, err, want)
			}
		})
	}
	callers.Wait()
}
