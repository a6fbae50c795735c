package heygen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

// network is a transport that responds without a socket. It keeps the requests.
type network struct {
	respond func(number int, req *http.Request) (status int, body string) // number is from 1

	mutex    sync.Mutex
	requests []*http.Request
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	n.mutex.Lock()
	n.requests = append(n.requests, req)
	number := len(n.requests)
	n.mutex.Unlock()
	status, body := n.respond(number, req)
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

// newClient makes a client of a network under a base URL with a path.
func newClient(t testing.TB, n *network) *heygen.Client {
	t.Helper()
	client, err := heygen.NewClient("key-0123456789", heygen.WithBaseURL("https://example.com/base%2Fx/"),
		heygen.WithHTTPClient(&http.Client{Transport: n}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func always(body string) *network {
	return &network{respond: func(int, *http.Request) (int, string) { return http.StatusOK, body }}
}

// callsOf has a call of each method with an id, which Create takes as a URL and the list of events as a filter.
func callsOf(ctx context.Context, c *heygen.Client, id string, opts ...heygen.CallOption) map[string]func() error {
	return map[string]func() error{
		"create": func() error {
			_, err := c.CreateWebhookEndpoint(ctx, heygen.CreateWebhookEndpointRequest{URL: id}, opts...)
			return err
		},
		"update": func() error {
			_, err := c.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: "x"})
			return err
		},
		"delete": func() error { return c.DeleteWebhookEndpoint(ctx, id) },
		"rotate": func() error {
			_, err := c.RotateWebhookSecret(ctx, id, opts...)
			return err
		},
		"list": func() error {
			for _, err := range c.ListWebhookEndpoints(ctx) {
				return err
			}
			return nil
		},
		"types": func() error {
			_, err := c.ListWebhookEventTypes(ctx)
			return err
		},
		"events": func() error {
			for _, err := range c.ListWebhookEvents(ctx, heygen.EventFilter{Type: id}) {
				return err
			}
			return nil
		},
		"Do": func() error {
			_, err := heygen.Do[struct{}](ctx, c, "Ping", ping(http.MethodPost), opts...)
			return err
		},
	}
}

// ping makes a request by hand, whose header is nil.
func ping(method string) func(*url.URL) (*http.Request, error) {
	return func(base *url.URL) (*http.Request, error) {
		return &http.Request{Method: method, URL: base.JoinPath("v3/ping")}, nil
	}
}

func TestAClientThatWasNotMade(t *testing.T) {
	t.Parallel()
	for _, client := range []*heygen.Client{nil, {}} {
		for name, call := range callsOf(t.Context(), client, "e1") {
			if err := call(); !errors.Is(err, heygen.ErrInvalidRequest) {
				t.Errorf("%s: error %v", name, err)
			}
		}
	}
}

// What cannot be sent as it is, or not at all, is refused before anything is sent.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	n := always(`{"data":{}}`)
	client, ctx := newClient(t, n), t.Context()
	calls := map[string]func() error{
		"nil build": func() error {
			_, err := heygen.Do[struct{}](ctx, client, "Ping", nil)
			return err
		},
		"nil request": func() error {
			_, err := heygen.Do[struct{}](ctx, client, "Ping", func(*url.URL) (*http.Request, error) { return nil, nil })
			return err
		},
		"key of a GET": func() error {
			_, err := heygen.Do[struct{}](ctx, client, "Ping", ping(http.MethodGet), heygen.WithIdempotencyKey("k"))
			return err
		},
		"invalid entity": func() error {
			_, err := client.CreateWebhookEndpoint(ctx, heygen.CreateWebhookEndpointRequest{URL: "x", EntityID: "\xff"})
			return err
		},
		"invalid event type": func() error {
			_, err := client.CreateWebhookEndpoint(ctx,
				heygen.CreateWebhookEndpointRequest{URL: "x", Events: heygen.OnlyEvents("\xff")})
			return err
		},
	}
	for name, call := range callsOf(ctx, client, "a\xff") {
		if name != "list" && name != "types" && name != "Do" {
			calls["not UTF-8: "+name] = call
		}
	}
	for _, id := range []string{"", ".", ".."} {
		for _, name := range []string{"update", "delete", "rotate"} {
			calls[fmt.Sprintf("%s %q", name, id)] = callsOf(ctx, client, id)[name]
		}
	}
	for name, opt := range map[string]heygen.CallOption{
		"nil option": nil, "empty key": heygen.WithIdempotencyKey(""), "key of two lines": heygen.WithIdempotencyKey("a\n"),
		"long key": heygen.WithIdempotencyKey(strings.Repeat("k", 256)),
	} {
		for _, method := range []string{"create", "rotate", "Do"} {
			calls[name+" "+method] = callsOf(ctx, client, "e1", opt)[method]
		}
	}
	for name, call := range calls {
		err := call()
		e, ok := errors.AsType[*heygen.Error](err)
		if !ok || !errors.Is(err, heygen.ErrInvalidRequest) || e.Kind() != heygen.KindUsage || e.Attempts != 0 || e.Sent() {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if len(n.requests) != 0 {
		t.Errorf("%d requests were sent", len(n.requests))
	}
}

// A POST has a key that no other call has, unless its request or the caller gives one. Other methods have none.
func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	n := always(`{"data":{}}`)
	client := newClient(t, n)
	post := func(header http.Header, opts ...heygen.CallOption) string {
		_, err := heygen.Do[struct{}](t.Context(), client, "Ping", func(base *url.URL) (*http.Request, error) {
			return &http.Request{Method: http.MethodPost, URL: base.JoinPath("ping"), Header: header}, nil
		}, opts...)
		if err != nil {
			t.Fatal(err)
		}
		return n.requests[len(n.requests)-1].Header.Get("Idempotency-Key")
	}
	one, two := post(nil), post(http.Header{})
	if len(one) < 20 || len(two) < 20 || one == two {
		t.Errorf("the keys are %q and %q", one, two)
	}
	if key := post(http.Header{"Idempotency-Key": {"own"}}); key != "own" {
		t.Errorf("the key of the request became %q", key)
	}
	longest := strings.Repeat("k", 255)
	if key := post(http.Header{"Idempotency-Key": {"own"}}, heygen.WithIdempotencyKey(longest)); key != longest {
		t.Errorf("the key of the call became %q", key)
	}
	shared := http.Header{}
	if one, two := post(shared), post(shared); one == two || shared.Get("Idempotency-Key") != "" {
		t.Errorf("with a header of two calls the keys are %q and %q, and the header has %q", one, two, shared)
	}
	if _, err := heygen.Do[struct{}](t.Context(), client, "Ping", ping(http.MethodPut)); err != nil {
		t.Fatal(err)
	}
	if key := n.requests[len(n.requests)-1].Header.Get("Idempotency-Key"); key != "" {
		t.Errorf("a PUT has the key %q", key)
	}
}

// An id is one segment of the path, below the path of the base URL.
func TestIDsInThePath(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"a/b": "a%2Fb", "%2F": "%252F", "../..": "..%2F..", "a?b#c": "a%3Fb%23c", "ä": "%C3%A4", "...": "...",
		strings.Repeat("e", 100_000): strings.Repeat("e", 100_000),
	} {
		n := always(`{"data":{}}`)
		if err := newClient(t, n).DeleteWebhookEndpoint(t.Context(), id); err != nil {
			t.Fatalf("%.20q: %v", id, err)
		}
		got := n.requests[0].URL.String()
		if got != "https://example.com/base%2Fx/v3/webhooks/endpoints/"+want {
			t.Errorf("%.20q: the URL is %.200s", id, got)
		}
	}
}

// Data that is not looked at may be anything but null.
func TestDoWithoutData(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{
		`{"data":{}}`: nil, `{"data":[1]}`: nil, `{"data":"x"}`: nil, `{"data":0}`: nil,
		`{"data":null}`: heygen.ErrMalformedResponse, `{}`: heygen.ErrMalformedResponse,
	} {
		got, err := heygen.Do[struct{}](t.Context(), newClient(t, always(body)), "Ping", ping(http.MethodGet))
		if !errors.Is(err, want) || (got == nil) != (want != nil) {
			t.Errorf("%s: %v, error %v", body, got, err)
		}
	}
}

func TestACanceledCall(t *testing.T) {
	t.Parallel()
	n := always(`{"data":{}}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range callsOf(ctx, newClient(t, n), "e1") {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if len(n.requests) != 0 {
		t.Errorf("%d requests were sent", len(n.requests))
	}
}

// endless responds with page after page of a list.
func endless(items int) *network {
	page := strings.TrimSuffix(strings.Repeat(`{"endpoint_id":"e1"},`, items), ",")
	return &network{respond: func(number int, _ *http.Request) (int, string) {
		return http.StatusOK, fmt.Sprintf(`{"data":[%s],"has_more":true,"next_token":"t%d"}`, page, number+1)
	}}
}

// A loop that ends asks for no further page, and the next loop over the same list begins anew.
func TestLoopsThatEnd(t *testing.T) {
	t.Parallel()
	n := endless(2)
	list := newClient(t, n).ListWebhookEndpoints(t.Context())
	for _, end := range []int{1, 2, 3, 5} {
		n.requests = nil
		items := 0
		for _, err := range list {
			if err != nil {
				t.Fatal(err)
			}
			if items++; items == end {
				break
			}
		}
		if want := (end + 1) / 2; len(n.requests) != want {
			t.Errorf("a loop of %d took %d requests, want %d", end, len(n.requests), want)
		}
		if token := n.requests[0].URL.Query().Get("token"); token != "" {
			t.Errorf("a loop begins at %s", token)
		}
	}
}

// The context ends the list after the items that are there, with one error.
func TestTheContextEndsAList(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	items, failures := 0, 0
	for endpoint, err := range newClient(t, endless(3)).ListWebhookEndpoints(ctx) {
		switch {
		case err == nil:
			items++
		case !errors.Is(err, context.Canceled) || endpoint.EndpointID != "":
			t.Errorf("endpoint %+v, error %v", endpoint, err)
		default:
			failures++
		}
		cancel()
	}
	if items != 3 || failures != 1 {
		t.Errorf("%d items and %d errors", items, failures)
	}
}

// Of a long list only the tokens are kept.
func TestALongListTakesLittleMemory(t *testing.T) { //nolint:paralleltest // it measures the heap
	const pages = 10_000
	n := endless(10)
	respond := n.respond
	n.respond = func(number int, req *http.Request) (int, string) {
		n.requests[number-1] = nil
		return respond(number, req)
	}
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before, grown, items := heap(), int64(0), 0
	for _, err := range newClient(t, n).ListWebhookEndpoints(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if items++; items == 10*pages {
			grown = int64(heap()) - int64(before) // while the list still is there
			break
		}
	}
	if grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

// One client serves many calls at once.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	n := &network{respond: func(_ int, req *http.Request) (int, string) {
		if strings.HasSuffix(req.URL.Path, "s") && req.Method == http.MethodGet {
			return http.StatusOK, `{"data":[]}`
		}
		return http.StatusOK, `{"data":{"endpoint_id":"e1","secret":"s"}}`
	}}
	client := newClient(t, n)
	var calls sync.WaitGroup
	for range 8 {
		for name, call := range callsOf(t.Context(), client, "e1") {
			calls.Go(func() {
				if err := call(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
	calls.Wait()
	keys := map[string]bool{}
	for _, req := range n.requests {
		if req.Method == http.MethodPost {
			keys[req.Header.Get("Idempotency-Key")] = true
		}
	}
	if len(keys) != 24 || keys[""] {
		t.Errorf("24 POSTs have %d keys", len(keys))
	}
}
