package heygen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func TestObserversSeeEveryAttempt(t *testing.T) {
	t.Parallel()
	slowly := func(req *http.Request) (*http.Response, error) {
		time.Sleep(time.Second)
		return responds(503, `{"code":5,"message":"m"}`, "Retry-After", "2", "X-Request-Id", "r1")(req)
	}
	script := []step{slowly, fails(io.EOF), responds(200, documented, "X-Request-Id", "r3")}
	type key struct{}
	var order []string
	var seen []heygen.Attempt
	got := callIn(t, script, func(ctx context.Context, client *heygen.Client) error {
		return send(context.WithValue(ctx, key{}, "v"), client)
	},
		heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 3, BaseDelay: 1}),
		heygen.WithObserver(func(ctx context.Context, a heygen.Attempt) {
			order = append(order, fmt.Sprint("first ", a.Number, ctx.Value(key{})))
			seen = append(seen, a)
		}),
		heygen.WithObserver(func(_ context.Context, a heygen.Attempt) {
			order = append(order, fmt.Sprint("second ", a.Number))
		}))
	if got.err != nil {
		t.Fatal(got.err)
	}
	if want := "first 1v, second 1, first 2v, second 2, first 3v, second 3"; strings.Join(order, ", ") != want {
		t.Errorf("called %s, want %s", strings.Join(order, ", "), want)
	}
	for i, want := range []heygen.Attempt{
		{Number: 1, StatusCode: 503, Code: "5", RequestID: "r1", Duration: time.Second, Wait: 2 * time.Second},
		{Number: 2},
		{Number: 3, StatusCode: 200, Code: "100", RequestID: "r3"},
	} {
		want.Op = "UpdateWebhookEndpoint"
		a := seen[i]
		if i < 2 {
			if e := asError(t, a.Err); e.Attempts != i+1 || e.Op != want.Op || e.StatusCode != want.StatusCode {
				t.Errorf("attempt %d: error %v", i+1, a.Err)
			}
		} else if a.Err != nil {
			t.Errorf("attempt %d: error %v", i+1, a.Err)
		}
		a.Err = nil
		if i == 1 {
			a.Wait = 0 // random
		}
		if a != want {
			t.Errorf("attempt %d is %+v, want %+v", i+1, a, want)
		}
	}
}

func TestACallWithoutARequestHasNoAttempt(t *testing.T) {
	t.Parallel()
	client := newClient(t, &network{}, heygen.WithObserver(func(context.Context, heygen.Attempt) {
		t.Error("an attempt was reported")
	}))
	if _, err := client.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{}); err == nil {
		t.Error("no error")
	}
}

// The error of an attempt stays as the observer got it, also if the call ends with another cause.
func TestAnObservedErrorIsNotChanged(t *testing.T) {
	t.Parallel()
	var seen error
	got := callIn(t, []step{refuses(503, "5")}, func(ctx context.Context, client *heygen.Client) error {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(time.Second, cancel)
		return send(ctx, client)
	}, heygen.WithObserver(func(_ context.Context, a heygen.Attempt) { seen = a.Err }))
	if !errors.Is(got.err, context.Canceled) || errors.Is(seen, context.Canceled) || !errors.Is(seen, heygen.ErrServer) {
		t.Errorf("the call's error is %v, the attempt's %v", got.err, seen)
	}
}

// observing keeps the last attempt.
func observing(seen *heygen.Attempt) heygen.Option {
	return heygen.WithObserver(func(_ context.Context, a heygen.Attempt) { *seen = a })
}

// Deprecation and Sunset are reported once for each client, whatever else the response is.
func TestTheEndOfAnOperationIsReportedOnce(t *testing.T) {
	t.Parallel()
	const sunset = "Sat, 31 Oct 2026 00:00:00 GMT"
	page := func(status int, header ...string) step { return responds(status, `{"data":[]}`, header...) }
	for name, test := range map[string]struct {
		first, second       step
		deprecation, sunset string // on the second attempt
	}{
		"both":       {page(503), page(200, "Deprecation", "@1793404800", "Sunset", sunset), "@1793404800", sunset},
		"a failure":  {page(503), page(404, "Sunset", sunset), "", sunset},
		"a redirect": {fails(io.EOF), page(302, "Deprecation", "true"), "true", ""},
		"cut off": {page(503), func(req *http.Request) (*http.Response, error) {
			resp, err := breaksOff(200, io.ErrUnexpectedEOF)(req)
			resp.Header.Set("Sunset", sunset)
			return resp, err
		}, "", sunset},
		"nothing to show": {page(503, "Sunset", " \t"), page(200, "Deprecation", "true"), "true", ""},
		"the key": {page(503), page(200, "Sunset", testKey+" \n\x1b"+strings.Repeat("x", 99)),
			"", "[redacted] " + strings.Repeat("x", 53)},
		"a secret": {
			page(503), responds(200, `{"data":[{"secret":"plainsecret"}]}`, "Sunset", "plainsecret"), "", "[redacted]",
		},
	} {
		for call, send := range map[string]func(context.Context, *heygen.Client) error{
			"Do": func(ctx context.Context, c *heygen.Client) error {
				_, err := heygen.Do[struct{}](ctx, c, "List", list)
				return err
			},
			"DoV3": func(ctx context.Context, c *heygen.Client) error {
				_, err := heygen.DoV3[struct{}](ctx, c, "List", list)
				return err
			},
		} {
			var seen []heygen.Attempt
			var log bytes.Buffer
			again := page(200, "Deprecation", "true", "Sunset", sunset)
			callIn(t, []step{test.first, test.second, again}, func(ctx context.Context, c *heygen.Client) error {
				return errors.Join(send(ctx, c), send(ctx, c))
			}, heygen.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
				heygen.WithObserver(func(_ context.Context, a heygen.Attempt) { seen = append(seen, a) }))
			for i, a := range seen {
				want := [2]string{}
				if i == 1 {
					want = [2]string{test.deprecation, test.sunset}
				}
				if got := [2]string{a.Deprecation, a.Sunset}; got != want {
					t.Errorf("%s, %s: attempt %d reports %q, want %q", call, name, i+1, got, want)
				}
			}
			record := fmt.Sprintf("level=WARN msg=%q op=List deprecation=%s sunset=%s\n",
				"heygen announced the end of an operation", quoted(test.deprecation), quoted(test.sunset))
			if len(seen) < 3 || strings.Count(log.String(), "sunset=") != 1 || !strings.Contains(log.String(), record) {
				t.Errorf("%s, %s: %d attempts; logged:\n%swant\n%s", call, name, len(seen), &log, record)
			}
		}
	}
}

// quoted is a text as slog writes it.
func quoted(text string) string {
	if text != "" && !strings.ContainsAny(text, " =") {
		return text
	}
	return strconv.Quote(text)
}

// Calls that end at once report the end of an operation once.
func TestConcurrentCallsReportTheEndOnce(t *testing.T) {
	t.Parallel()
	var reported atomic.Int32
	client := newClient(t, &network{script: []step{responds(200, documented, "Sunset", "soon")}},
		heygen.WithObserver(func(_ context.Context, a heygen.Attempt) {
			if a.Sunset != "" {
				reported.Add(1)
			}
		}))
	var calls sync.WaitGroup
	for _, c := range []*heygen.Client{client, new(*client)} {
		for range 8 {
			calls.Go(func() {
				if err := send(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
	}
	calls.Wait()
	if n := reported.Load(); n != 1 {
		t.Errorf("reported %d times", n)
	}
}

// The request id of a success is shown, so it must not be the key or the endpoint's secret.
func TestARequestIDIsRedacted(t *testing.T) {
	t.Parallel()
	for _, planted := range []string{testKey, testSecret} {
		for _, status := range []int{200, 404} {
			var seen heygen.Attempt
			client := newClient(t, &network{script: []step{responds(status, documented, "X-Request-Id", planted)}},
				observing(&seen))
			_ = send(t.Context(), client)
			if seen.RequestID != "[redacted]" {
				t.Errorf("request id %q after a %d", seen.RequestID, status)
			}
		}
	}
}

// What is not in the table of the package comment.
func TestAnErrorHasOneKind(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want heygen.Kind
	}{
		"403":                         {call(t, responds(403, `{"code":400573}`)), "auth"},
		"401 with another code":       {call(t, responds(401, notFound)), "auth"},
		"503 with another code":       {call(t, responds(503, notFound)), "not-found"},
		"invalid request":             {call(t, responds(400, `{"code":400175}`)), "api"},
		"500 without credit":          {call(t, responds(500, `{"error":{"code":"insufficient_credit"}}`)), "payment"},
		"429 without credit":          {call(t, responds(429, `{"error":{"code":"insufficient_credit"}}`)), "rate-limited"},
		"409 of a gateway":            {call(t, responds(409, "<html>")), "malformed"},
		"connection lost":             {call(t, fails(io.EOF)), "transport"},
		"error of one's own":          {call(t, fails(ownError{})), "other"},
		"made by hand, without cause": {&heygen.Error{}, "other"},
	} {
		if got := asError(t, test.err).Kind(); got != test.want {
			t.Errorf("%s: %v is %q, want %q", name, test.err, got, test.want)
		}
	}
}

func TestWhetherTheRequestWasSent(t *testing.T) {
	t.Parallel()
	dial := fails(&net.OpError{Op: "dial", Err: errors.New("refused")})
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"refused by the client":              {refused(t), false},
		"failed dial":                        {update(t, []step{dial}).err, false},
		"no API key":                         {update(t, nil, withKeys(constant("", ownError{}))).err, false},
		"context that is done":               {send(done, newClient(t, &network{})), false},
		"a response":                         {call(t, responds(404, notFound)), true},
		"lost connection":                    {call(t, fails(io.EOF)), true},
		"lost connection, then failed dials": {update(t, []step{fails(io.EOF), dial}).err, true},
		"transport of one's own":             {call(t, fails(ownError{})), true},
		"made by hand":                       {&heygen.Error{StatusCode: 500}, true},
		"made by hand, without status":       {&heygen.Error{}, false},
	} {
		if got := asError(t, test.err).Sent(); got != test.want {
			t.Errorf("%s: %v: sent is %t", name, test.err, got)
		}
	}
}

// net/http reports whether it had a connection, also if the attempt timed out.
func TestWhetherNetHTTPSentTheRequest(t *testing.T) {
	t.Parallel()
	never := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of the failed handshake
	secure.StartTLS()
	t.Cleanup(secure.Close)
	silent := func(_ http.ResponseWriter, r *http.Request) { hang(r) }
	for name, test := range map[string]struct {
		client func(*testing.T) *heygen.Client
		want   bool
	}{
		"a dial that hangs": {func(t *testing.T) *heygen.Client {
			return serve(t, silent, heygen.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: never}}))
		}, false},
		"a certificate that is not trusted": {func(t *testing.T) *heygen.Client {
			return serve(t, silent, heygen.WithBaseURL(secure.URL), heygen.WithHTTPClient(&http.Client{}))
		}, false},
		"a server that hangs": {func(t *testing.T) *heygen.Client { return serve(t, silent) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			err := send(ctx, test.client(t))
			if e := asError(t, err); e.Sent() != test.want {
				t.Errorf("%v: sent is %t", e, e.Sent())
			}
		})
	}
}

// A zero Client fails with an error, and not in generated code.
func TestAZeroClient(t *testing.T) {
	t.Parallel()
	for _, client := range []*heygen.Client{nil, {}} {
		if err := send(t.Context(), client); !errors.Is(err, heygen.ErrInvalidRequest) ||
			!strings.Contains(err.Error(), "NewClient") {
			t.Errorf("error %v", err)
		}
		if _, err := heygen.DoV3[page](t.Context(), client, "List", list); !errors.Is(err, heygen.ErrInvalidRequest) {
			t.Errorf("version 3: error %v", err)
		}
	}
}

// An option changes the configuration of a client that is made, and not a client that exists.
func TestAnOptionCanBeUsedTwice(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	observe := heygen.WithObserver(func(context.Context, heygen.Attempt) { calls.Add(1) })
	first := newClient(t, &network{script: []step{succeeds}}, observe)
	second := newClient(t, &network{script: []step{succeeds}}, observe)
	for _, client := range []*heygen.Client{first, second} {
		if err := send(t.Context(), client); err != nil {
			t.Error(err)
		}
	}
	if calls.Load() != 2 {
		t.Errorf("observed %d attempts of 2 clients", calls.Load())
	}
}

// The timeout of the caller's http.Client limits an attempt, too.
func TestTheTimeoutOfAnHTTPClient(t *testing.T) {
	t.Parallel()
	for want, timeouts := range map[time.Duration][2]time.Duration{
		2 * time.Second:  {2 * time.Second, 7 * time.Second},
		3 * time.Second:  {7 * time.Second, 3 * time.Second},
		30 * time.Second: {0, 0},
	} {
		opts := []heygen.Option{heygen.WithHTTPClient(&http.Client{
			Transport: roundTripper(hangs), Timeout: timeouts[0],
		})}
		if timeouts[1] > 0 {
			opts = append(opts, heygen.WithTimeout(timeouts[1]))
		}
		got := update(t, nil, opts...)
		if !errors.Is(got.err, context.DeadlineExceeded) || got.took != want {
			t.Errorf("ended after %v, want %v: %v", got.took, want, got.err)
		}
	}
}

// Requests made by hand lack what a builder gives them.
func TestRequestsMadeByHand(t *testing.T) {
	t.Parallel()
	sent := &network{script: []step{responds(200, `{"code":100,"data":[{"endpoint_id":"e1"}]}`)}}
	client := newClient(t, sent, heygen.WithBaseURL("https://heygen.invalid/prefix"))
	bare := func(base *url.URL) (*http.Request, error) {
		return &http.Request{Method: http.MethodGet, URL: base.JoinPath("v1/webhook/endpoint.list")}, nil
	}
	for name, build := range map[string]func(*url.URL) (*http.Request, error){
		"by http.NewRequest": create(http.MethodGet, nil), "without a header": bare,
	} {
		endpoints, err := heygen.Do[[]heygen.WebhookEndpoint](t.Context(), client, "ListWebhookEndpoints", build)
		if err != nil || len(*endpoints) != 1 || (*endpoints)[0].EndpointID != "e1" {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, a := range sent.arrived {
		want := http.Header{
			"Accept": {"application/json"}, "X-Api-Key": {testKey}, "User-Agent": a.header["User-Agent"],
		}
		if !reflect.DeepEqual(a.header, want) {
			t.Errorf("sent the header %v", a.header)
		}
	}
	for name, build := range map[string]func(*url.URL) (*http.Request, error){
		"a request without a URL": func(*url.URL) (*http.Request, error) { return &http.Request{}, nil },
		"no request":              func(*url.URL) (*http.Request, error) { return nil, nil },
		"no function":             nil,
	} {
		if _, err := heygen.Do[struct{}](t.Context(), client, "Nothing", build); !errors.Is(err, heygen.ErrInvalidRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The client's own transport keeps a connection for every concurrent call.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const callers, calls = 32, 2000
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(respond(200, documented))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client, err := heygen.NewClient(testKey, heygen.WithBaseURL(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	var left atomic.Int32
	left.Store(calls)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for left.Add(-1) >= 0 {
				if err := send(t.Context(), client); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	// A few more are dialed while the first calls end, and net/http gives up a connection that is slow on a busy machine.
	// With its default of two idle connections there would be some hundreds.
	if n := opened.Load(); n > 3*callers {
		t.Errorf("%d connections for %d callers", n, callers)
	}
}
