package heygen_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// Here a network in memory stands in for sockets, so that testing/synctest can stop the clock: a wait takes exactly as
// long as the client says, and no time otherwise.

// network takes the steps of a script, one per request and then the last one again, and records the requests.
type network struct {
	script []step

	mu      sync.Mutex
	arrived []arrival
}

type step func(*http.Request) (*http.Response, error)

type arrival struct {
	at     time.Time
	header http.Header // as the client may still change it
	body   string
	length int64
}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err // as net/http does
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	n.mu.Lock()
	n.arrived = append(n.arrived, arrival{time.Now(), req.Header, string(body), req.ContentLength})
	next := n.script[min(len(n.arrived), len(n.script))-1]
	n.mu.Unlock()
	return next(req)
}

// waits are the times between the requests.
func (n *network) waits() []time.Duration {
	var waits []time.Duration
	for i := 1; i < len(n.arrived); i++ {
		waits = append(waits, n.arrived[i].at.Sub(n.arrived[i-1].at))
	}
	return waits
}

// responds responds with a status, a body and a header of names and values in turn.
func responds(status int, body string, header ...string) step {
	return func(req *http.Request) (*http.Response, error) {
		resp := &http.Response{
			StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
		}
		for i := 0; i < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

var succeeds = responds(http.StatusOK, documented)

// refuses asks for a wait before the next attempt.
func refuses(status int, retryAfter string) step {
	return responds(status, `{"code":5,"message":"not now"}`, "Retry-After", retryAfter)
}

func fails(err error) step {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// breaksOff fails within the body.
func breaksOff(status int, err error) step {
	return func(req *http.Request) (*http.Response, error) {
		resp, _ := responds(status, "")(req)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(documented[:40]), failingReader{err}))
		return resp, nil
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// hangs never responds.
func hangs(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// hangsInBody responds and never finishes.
func hangsInBody(req *http.Request) (*http.Response, error) {
	resp, _ := responds(http.StatusOK, "")(req)
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(documented[:40]), hangingReader{req.Context()}))
	return resp, nil
}

type hangingReader struct{ ctx context.Context }

func (r hangingReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}

// newClient makes a client of a network in memory that keeps to the default policy. Its host exists nowhere.
func newClient(t testing.TB, transport http.RoundTripper, opts ...heygen.Option) *heygen.Client {
	t.Helper()
	own := []heygen.Option{
		heygen.WithBaseURL("https://heygen.invalid"), heygen.WithHTTPClient(&http.Client{Transport: transport}),
	}
	client, err := heygen.NewClient(testKey, append(own, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// outcome is the result of a call.
type outcome struct {
	*network

	err  error
	took time.Duration
}

// callIn makes a call in a bubble, in which time passes by waiting alone.
func callIn(
	t *testing.T, script []step, call func(context.Context, *heygen.Client) error, opts ...heygen.Option,
) (o outcome) {
	t.Helper()
	o.network = &network{script: script}
	synctest.Test(t, func(t *testing.T) {
		client, begin := newClient(t, o.network, opts...), time.Now()
		o.err = call(t.Context(), client)
		o.took = time.Since(begin)
	})
	return o
}

// update makes an update in a bubble.
func update(t *testing.T, script []step, opts ...heygen.Option) outcome {
	t.Helper()
	return callIn(t, script, send, opts...)
}

func send(ctx context.Context, client *heygen.Client) error {
	_, err := client.UpdateWebhookEndpoint(ctx, request)
	return err
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	want := heygen.RetryPolicy{MaxAttempts: 3, BaseDelay: 250 * time.Millisecond, MaxDelay: 10 * time.Second}
	if got := heygen.DefaultRetryPolicy(); got != want {
		t.Errorf("the default policy is %+v", got)
	}
	for name, test := range map[string]struct {
		opts     []heygen.Option
		attempts int
	}{
		"by default":           {nil, 3},
		"the zero policy":      {[]heygen.Option{heygen.WithRetry(heygen.RetryPolicy{})}, 1},
		"one":                  {[]heygen.Option{heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 1})}, 1},
		"five, default delays": {[]heygen.Option{heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 5})}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := update(t, []step{responds(503, "")}, test.opts...)
			e := asError(t, got.err)
			if e.Attempts != test.attempts || len(got.arrived) != test.attempts {
				t.Errorf("%d attempts reported, %d requests, want %d", e.Attempts, len(got.arrived), test.attempts)
			}
		})
	}
}

// A wait is anywhere between 0 and a bound that doubles: the first 250 ms, and never more than 10 s.
func TestWaitsAreFullyRandom(t *testing.T) {
	t.Parallel()
	const calls = 200
	for name, test := range map[string]struct {
		policy heygen.RetryPolicy
		bounds []time.Duration
	}{
		"default delays": {heygen.RetryPolicy{MaxAttempts: 9}, []time.Duration{
			250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
			10 * time.Second, 10 * time.Second,
		}},
		"own delays": {
			heygen.RetryPolicy{MaxAttempts: 4, BaseDelay: 3 * time.Hour, MaxDelay: 7 * time.Hour},
			[]time.Duration{3 * time.Hour, 6 * time.Hour, 7 * time.Hour},
		},
		"a cap below the base": {
			heygen.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Hour, MaxDelay: time.Minute},
			[]time.Duration{time.Minute, time.Minute},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shortest, longest := slices.Clone(test.bounds), make([]time.Duration, len(test.bounds))
			for range calls {
				got := update(t, []step{responds(503, "")}, heygen.WithRetry(test.policy)).waits()
				if len(got) != len(test.bounds) {
					t.Fatalf("%d waits, want %d", len(got), len(test.bounds))
				}
				for i, wait := range got {
					shortest[i], longest[i] = min(shortest[i], wait), max(longest[i], wait)
				}
			}
			for i, bound := range test.bounds {
				if longest[i] > bound || longest[i] < bound/10*9 || shortest[i] > bound/10 {
					t.Errorf("wait %d was between %v and %v, want 0 and %v", i+1, shortest[i], longest[i], bound)
				}
			}
		})
	}
}

// A request that is in progress gets as much time as the policy has.
func TestARequestInProgressIsWaitedFor(t *testing.T) {
	t.Parallel()
	inProgress := responds(409, `{"error":{"code":"request_in_progress"}}`)
	got := update(t, []step{inProgress, inProgress, succeeds})
	if want := []time.Duration{250 * time.Millisecond, 500 * time.Millisecond}; !slices.Equal(got.waits(), want) {
		t.Errorf("waits %v, want %v", got.waits(), want)
	}
}

// date writes a time of the bubble, which begins on the first of January 2000, as an HTTP header does.
func date(sinceBegin time.Duration, layout string) string {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(sinceBegin).Format(layout)
}

// FuzzRetryAfter has what can be in the header. The cap is that of the policy.
func TestRetryAfterBeyondThePolicyEndsTheCall(t *testing.T) {
	t.Parallel()
	got := update(t, []step{refuses(429, "2"), succeeds},
		heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 3, MaxDelay: time.Second}))
	if e := asError(t, got.err); !errors.Is(e, heygen.ErrRateLimited) || e.Attempts != 1 || got.took != 0 ||
		e.RetryAfter != 2*time.Second {
		t.Errorf("%v: %d attempts in %v, Retry-After %v", e, e.Attempts, got.took, e.RetryAfter)
	}
}

// sendWithin limits the whole call.
func sendWithin(limit time.Duration) func(context.Context, *heygen.Client) error {
	return func(ctx context.Context, client *heygen.Client) error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return send(ctx, client)
	}
}

func TestTheDeadlineIsNeverSleptPast(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit    time.Duration
		script   []step
		attempts int
		took     time.Duration
	}{
		"Retry-After beyond the deadline": {2 * time.Second, []step{refuses(503, "3"), succeeds}, 1, 0},
		"Retry-After at the deadline":     {3 * time.Second, []step{refuses(503, "3"), succeeds}, 1, 0},
		"the second wait beyond it": {
			5 * time.Second, []step{refuses(503, "3"), refuses(503, "3"), succeeds}, 2, 3 * time.Second,
		},
		"a random wait beyond it": {1, []step{responds(503, ""), succeeds}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := callIn(t, test.script, sendWithin(test.limit))
			e := asError(t, got.err)
			if e.StatusCode != 503 || !errors.Is(e, heygen.ErrServer) || errors.Is(e, context.DeadlineExceeded) {
				t.Errorf("%v: not the error of the last attempt", e)
			}
			if e.Attempts != test.attempts || got.took != test.took {
				t.Errorf("%d attempts in %v, want %d in %v", e.Attempts, got.took, test.attempts, test.took)
			}
		})
	}
	got := callIn(t, []step{responds(503, ""), succeeds}, sendWithin(time.Second),
		heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 2, BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64}))
	if e := asError(t, got.err); e.StatusCode != 503 || got.took != 0 {
		t.Errorf("a policy of the longest delays there are: %v after %v", e, got.took)
	}
	got = callIn(t, []step{refuses(503, "3"), succeeds}, sendWithin(3*time.Second+1))
	if got.err != nil || got.took != 3*time.Second {
		t.Errorf("a wait that ends before the deadline: %v after %v", got.err, got.took)
	}
}

func TestCancellingEndsAWait(t *testing.T) {
	t.Parallel()
	for _, reason := range []error{nil, errors.New("the shop has closed")} {
		t.Run(fmt.Sprint("reason ", reason), func(t *testing.T) {
			t.Parallel()
			script := []step{refuses(429, "1"), refuses(503, "7"), succeeds}
			got := callIn(t, script, func(ctx context.Context, client *heygen.Client) error {
				ctx, cancel := context.WithCancelCause(ctx)
				time.AfterFunc(2*time.Second, func() { cancel(reason) })
				return send(ctx, client)
			})
			e := asError(t, got.err)
			if !errors.Is(e, context.Canceled) || reason != nil && !errors.Is(e, reason) {
				t.Errorf("error %v", e)
			}
			if e.StatusCode != 503 || e.RetryAfter != 7*time.Second || e.Attempts != 2 || e.Code != "5" {
				t.Errorf("%v: lost what the last attempt came to", e)
			}
			if got.took != 2*time.Second || len(got.arrived) != 2 {
				t.Errorf("ended after %v and %d requests", got.took, len(got.arrived))
			}
		})
	}
}

// The cause of a cancellation may quote the key, and then no attempt has sent it yet, or the next attempt has none.
func TestTheKeyInACauseIsRedacted(t *testing.T) {
	t.Parallel()
	for name, cancelAfter := range map[string]time.Duration{
		"before an attempt": 0, "while an attempt waits": time.Second, "between attempts": 3 * time.Second,
		"while the second key is asked for": 6 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reason := errors.New("the shop of " + testKey + " has closed")
			late := func(req *http.Request) (*http.Response, error) {
				if cancelAfter == time.Second {
					return hangs(req)
				}
				time.Sleep(2 * time.Second)
				return refuses(503, "3")(req)
			}
			got := callIn(t, []step{late}, func(ctx context.Context, client *heygen.Client) error {
				ctx, cancel := context.WithCancelCause(ctx)
				if cancelAfter == 0 {
					cancel(reason)
				}
				time.AfterFunc(cancelAfter, func() { cancel(reason) })
				return send(ctx, client)
			}, withKeys(constant(testKey, nil), func(ctx context.Context) (string, error) {
				<-ctx.Done()
				return "", ctx.Err()
			}))
			e := asError(t, got.err)
			if !errors.Is(e, context.Canceled) || !errors.Is(e, reason) {
				t.Errorf("error %v", e)
			}
			if text := fmt.Sprintf("%v %+v %#v %v", e, e, e, e.Err); strings.Contains(text, testKey) {
				t.Errorf("the key is in %s", text)
			}
		})
	}
}

func TestTheErrorIsThatOfTheLastAttempt(t *testing.T) {
	t.Parallel()
	got := update(t, []step{refuses(429, "1"), fails(io.EOF), responds(502, "<html>", "Retry-After", "4")})
	e := asError(t, got.err)
	if e.Attempts != 3 || e.StatusCode != 502 || e.Code != "" || e.RetryAfter != 4*time.Second ||
		!errors.Is(e, heygen.ErrServer) || errors.Is(e, heygen.ErrRateLimited) || errors.Is(e, io.EOF) {
		t.Errorf("%v: %+v", e, *e)
	}
	got = update(t, []step{refuses(503, "1"), responds(404, notFound)})
	if e := asError(t, got.err); e.Attempts != 2 || e.StatusCode != 404 || e.RetryAfter != 0 ||
		!errors.Is(e, heygen.ErrNotFound) || errors.Is(e, heygen.ErrServer) {
		t.Errorf("%v: %+v", e, *e)
	}
}

func TestEveryAttemptSendsTheSame(t *testing.T) {
	t.Parallel()
	got := update(t, []step{responds(503, ""), fails(io.EOF), succeeds})
	if got.err != nil || len(got.arrived) != 3 {
		t.Fatalf("%d requests, error %v", len(got.arrived), got.err)
	}
	const body = `{"endpoint_id":"e1","url":"https://example.com/hook"}`
	header := http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "X-Api-Key": {testKey},
		"User-Agent": got.arrived[0].header["User-Agent"],
	}
	for i, a := range got.arrived {
		if !reflect.DeepEqual(a.header, header) || a.body != body || a.length != int64(len(body)) {
			t.Errorf("attempt %d sent %+v", i+1, a)
		}
	}
}

// create makes a call by a method of the test's choice.
func create(method string, body io.Reader) func(*url.URL) (*http.Request, error) {
	return func(base *url.URL) (*http.Request, error) {
		return http.NewRequest(method, base.JoinPath("v1", "things").String(), body)
	}
}

// What is sent again, and what such a failure is called. A POST is not, unless HeyGen refused it for now or no
// connection was made, because a second one might do it twice.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	op := func(op string, err error) step { return fails(&net.OpError{Op: op, Net: "tcp", Err: err}) }
	system := func(call string, err error) step { return op(call, os.NewSyscallError(call, err)) }
	const never, unlessPOST, always = "never", "unless POST", "always"
	tests := []struct {
		name      string
		first     step
		repeated  string
		transport bool // whether it is ErrTransport
	}{
		{"400", responds(400, ""), never, false},
		{"401", responds(401, ""), never, false},
		{"403", responds(403, ""), never, false},
		{"404", responds(404, ""), never, false},
		{"408", responds(408, ""), never, false},
		{"409", responds(409, ""), never, false},
		{"409 in progress", responds(409, `{"error":{"code":"request_in_progress"}}`), always, false},
		{"409 of another word", responds(409, `{"error":{"code":"conflict"}}`), never, false},
		{"400 in progress", responds(400, `{"error":{"code":"request_in_progress"}}`), never, false},
		{"422", responds(422, ""), never, false},
		{"425", responds(425, ""), never, false},
		{"429", responds(429, ""), always, false},
		{"500", responds(500, ""), never, false},
		{"501", responds(501, ""), never, false},
		{"502", responds(502, ""), unlessPOST, false},
		{"503", responds(503, ""), always, false},
		{"504", responds(504, ""), unlessPOST, false},
		{"505", responds(505, ""), never, false},
		{"302", responds(302, ""), never, false},
		{"404 that asks for a wait", refuses(404, "1"), never, false},
		{"200 with an error code", responds(200, notFound), never, false},
		{"200 of another shape", responds(200, "{}"), never, false},
		{"200 that is too large", responds(200, strings.Repeat(" ", 1<<20+1)), never, false},

		{"refused connection", system("dial", syscall.ECONNREFUSED), always, true},
		{"reset dial", system("dial", syscall.ECONNRESET), always, true},
		{"unknown host", op("dial", &net.DNSError{Err: "no such host"}), always, true},
		{"refused by a proxy's host", op("proxyconnect", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), always, true},
		{"reset by a proxy", op("proxyconnect", syscall.ECONNRESET), unlessPOST, true},
		{"reset", system("read", syscall.ECONNRESET), unlessPOST, true},
		{"aborted", system("read", syscall.ECONNABORTED), unlessPOST, true},
		{"broken pipe", system("write", syscall.EPIPE), unlessPOST, true},
		{"reset on Windows", system("read", syscall.Errno(10054)), unlessPOST, true},
		{"aborted on Windows", system("write", syscall.Errno(10053)), unlessPOST, true},
		{"reset in a body on Windows", breaksOff(200, syscall.Errno(10054)), unlessPOST, true},
		{"closed", fails(io.EOF), unlessPOST, true},
		{"HTTP/2 of a transport of one's own", fails(errors.New("stream error: stream ID 1; CANCEL; received from peer")),
			unlessPOST, true},
		{"HTTP/2 error of the client", fails(errors.New("stream error: stream ID 1; PROTOCOL_ERROR")), never, false},
		{"a text that the server sent", fails(errors.New(`malformed status code "GOAWAY"`)), never, false},
		{"closed while idle", fails(errors.New("http: server closed idle connection")), unlessPOST, true},
		{"closed within the header", fails(io.ErrUnexpectedEOF), unlessPOST, true},
		{"reset in a body", breaksOff(200, syscall.ECONNRESET), unlessPOST, true},
		{"reset in the body of a 503", breaksOff(503, syscall.ECONNRESET), always, true},
		{"reset in the body of a 404", breaksOff(404, syscall.ECONNRESET), never, true},
		{"body cut short", breaksOff(200, io.ErrUnexpectedEOF), never, true},
		{"read timeout", op("read", os.ErrDeadlineExceeded), never, true},
		{"host unreachable", system("write", syscall.EHOSTUNREACH), never, true},
		{"certificate", fails(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), never, true},
		{"TLS alert", op("remote error", tls.AlertError(40)), never, true},
		{"error of one's own", fails(ownError{}), never, false},
	}
	for _, test := range tests {
		for _, method := range []string{http.MethodPatch, http.MethodDelete, http.MethodPost, "POST with a key"} {
			t.Run(test.name+", "+method, func(t *testing.T) {
				t.Parallel()
				got := callIn(t, []step{test.first, responds(418, "")}, func(ctx context.Context, c *heygen.Client) error {
					_, err := heygen.Do[struct{}](ctx, c, "Create", func(base *url.URL) (*http.Request, error) {
						method, _, withKey := strings.Cut(method, " ")
						req, err := create(method, strings.NewReader("{}"))(base)
						if withKey {
							req.Header.Set("Idempotency-Key", "k1")
						}
						return req, err
					})
					return err
				})
				want := 1
				if test.repeated == always || test.repeated == unlessPOST && method != http.MethodPost {
					want = 2
				}
				for _, a := range got.arrived {
					if key := a.header.Get("Idempotency-Key"); (key == "k1") != strings.HasSuffix(method, "key") {
						t.Errorf("key %q", key)
					}
				}
				e := asError(t, got.err)
				if len(got.arrived) != want || e.Attempts != want || (e.StatusCode == 418) != (want == 2) {
					t.Errorf("%d requests, want %d; error %v", len(got.arrived), want, e)
				}
				if want == 1 && errors.Is(e, heygen.ErrTransport) != test.transport {
					t.Errorf("ErrTransport is not %t of %v", test.transport, e)
				}
			})
		}
	}
}

func TestABodyThatCannotBeReplayedIsSentOnce(t *testing.T) {
	t.Parallel()
	got := callIn(t, []step{responds(503, ""), succeeds}, func(ctx context.Context, c *heygen.Client) error {
		body := io.MultiReader(strings.NewReader("{}")) // for which net/http makes no GetBody
		_, err := heygen.Do[struct{}](ctx, c, "Create", create(http.MethodPut, body))
		return err
	})
	if e := asError(t, got.err); e.StatusCode != 503 || e.Attempts != 1 || got.arrived[0].body != "{}" {
		t.Errorf("%v: %d attempts, the first with %q", e, e.Attempts, got.arrived[0].body)
	}
}

func TestABodyThatIsNilInPlaceOfItsCopyEndsTheCall(t *testing.T) {
	t.Parallel()
	got := callIn(t, []step{responds(503, ""), succeeds}, func(ctx context.Context, c *heygen.Client) error {
		_, err := heygen.Do[struct{}](ctx, c, "Create", func(base *url.URL) (*http.Request, error) {
			req, err := create(http.MethodPut, strings.NewReader("{}"))(base)
			req.GetBody = func() (io.ReadCloser, error) { return nil, nil }
			return req, err
		})
		return err
	})
	if e := asError(t, got.err); e.Attempts != 1 || len(got.arrived) != 1 || !strings.Contains(e.Error(), "no body") {
		t.Errorf("%v: %d requests", e, len(got.arrived))
	}
}

func TestABodyThatFailsToBeReplayedEndsTheCall(t *testing.T) {
	t.Parallel()
	got := callIn(t, []step{responds(503, ""), succeeds}, func(ctx context.Context, c *heygen.Client) error {
		_, err := heygen.Do[struct{}](ctx, c, "Create", func(base *url.URL) (*http.Request, error) {
			req, err := create(http.MethodPut, strings.NewReader("{}"))(base)
			req.GetBody = func() (io.ReadCloser, error) { return nil, fmt.Errorf("%w: %s", ownError{}, testKey) }
			return req, err
		})
		return err
	})
	e := asError(t, got.err)
	if !errors.Is(e, ownError{}) || e.Attempts != 1 || len(got.arrived) != 1 {
		t.Errorf("%v: %d attempts, %d requests", e, e.Attempts, len(got.arrived))
	}
	if text := fmt.Sprintf("%v %#v", e, e.Err); strings.Contains(text, testKey) {
		t.Errorf("the key is in %s", text)
	}
}

func TestARequestWithoutBodyIsRepeated(t *testing.T) {
	t.Parallel()
	got := callIn(t, []step{responds(503, ""), succeeds}, func(ctx context.Context, c *heygen.Client) error {
		_, err := heygen.Do[heygen.WebhookEndpoint](ctx, c, "Get", create(http.MethodGet, nil))
		return err
	})
	if got.err != nil || len(got.arrived) != 2 {
		t.Errorf("error %v after %d requests", got.err, len(got.arrived))
	}
}

// An attempt that takes too long, reading the body included, is not made again: it has had its time.
func TestAnAttemptIsLimited(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]step{"no response": hangs, "endless body": hangsInBody} {
		for limit, opts := range map[time.Duration][]heygen.Option{
			30 * time.Second: nil, time.Minute: {heygen.WithTimeout(time.Minute)},
		} {
			t.Run(fmt.Sprint(name, " ", limit), func(t *testing.T) {
				t.Parallel()
				got := update(t, []step{first, succeeds}, opts...)
				e := asError(t, got.err)
				if !errors.Is(e, heygen.ErrTransport) || !errors.Is(e, context.DeadlineExceeded) || !e.Retryable() {
					t.Errorf("error %v, retryable %t", e, e.Retryable())
				}
				if got.took != limit || e.Attempts != 1 {
					t.Errorf("%d attempts in %v, want 1 in %v", e.Attempts, got.took, limit)
				}
			})
		}
	}
}

// oddReader is a body that does not do what a reader must.
type oddReader func([]byte) (int, error)

func (r oddReader) Read(p []byte) (int, error) { return r(p) }
func (oddReader) Close() error                 { return nil }

// An attempt ends with its timeout, whatever the body does.
func TestABodyThatIgnoresTheContext(t *testing.T) {
	t.Parallel()
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	for name, test := range map[string]struct {
		read oddReader
		want error
		says string
	}{
		"blocks":      {func([]byte) (int, error) { <-never; return 0, nil }, context.DeadlineExceeded, "in time"},
		"has nothing": {func([]byte) (int, error) { return 0, nil }, context.DeadlineExceeded, "in time"},
		"trickles": {func(p []byte) (int, error) { time.Sleep(time.Millisecond); p[0] = ' '; return 1, nil },
			context.DeadlineExceeded, "in time"},
		"too much":  {func(p []byte) (int, error) { return len(p) + 1, nil }, heygen.ErrTransport, "impossible count"},
		"less than": {func([]byte) (int, error) { return -1, nil }, heygen.ErrTransport, "impossible count"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if test.says == "in time" {
				timeout = 50 * time.Millisecond
			}
			client := newClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: test.read}, nil
			}), heygen.WithTimeout(timeout))
			e := asError(t, send(t.Context(), client))
			if !errors.Is(e, test.want) || !strings.Contains(e.Error(), test.says) || e.StatusCode != 200 || e.Attempts != 1 {
				t.Errorf("error %v", e)
			}
		})
	}
}

// A panic is the caller's, who may recover it.
func TestAPanicOfATransportStaysOne(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]step{
		"in RoundTrip": func(*http.Request) (*http.Response, error) { panic("my own") },
		"in Read": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: oddReader(func([]byte) (int, error) { panic("my own") })}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != "my own" {
					t.Errorf("recovered %v", got)
				}
			}()
			_ = send(t.Context(), newClient(t, roundTripper(step)))
		})
	}
}

func TestWaitsDoNotCountAgainstAnAttempt(t *testing.T) {
	t.Parallel()
	got := update(t, []step{refuses(503, "9"), refuses(503, "9"), succeeds}, heygen.WithTimeout(time.Second))
	if got.err != nil || got.took != 18*time.Second {
		t.Errorf("error %v after %v", got.err, got.took)
	}
}

// The end of the caller's context is no failure of the transport, whatever it ends.
func TestTheContextEndsAnAttempt(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]step{"no response": hangs, "endless body": hangsInBody} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := callIn(t, []step{first, succeeds}, sendWithin(7*time.Second))
			e := asError(t, got.err)
			if !errors.Is(e, context.DeadlineExceeded) || errors.Is(e, heygen.ErrTransport) || !e.Retryable() {
				t.Errorf("error %v, retryable %t", e, e.Retryable())
			}
			if got.took != 7*time.Second || len(got.arrived) != 1 {
				t.Errorf("ended after %v and %d requests", got.took, len(got.arrived))
			}
		})
	}
}

func TestAContextThatIsDoneSendsNothing(t *testing.T) {
	t.Parallel()
	reason := errors.New("the shop has closed")
	for name, test := range map[string]struct {
		done func(context.Context) (context.Context, context.CancelFunc)
		want []error
	}{
		"cancelled": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			cancel(reason)
			return ctx, func() {}
		}, []error{context.Canceled, reason}},
		"past its deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, -time.Second)
		}, []error{context.DeadlineExceeded}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := callIn(t, []step{succeeds}, func(ctx context.Context, client *heygen.Client) error {
				ctx, cancel := test.done(ctx)
				defer cancel()
				return send(ctx, client)
			})
			e := asError(t, got.err)
			for _, want := range test.want {
				if !errors.Is(e, want) {
					t.Errorf("%v: not %q", e, want)
				}
			}
			if errors.Is(e, heygen.ErrTransport) || e.StatusCode != 0 || len(got.arrived) != 0 || got.took != 0 {
				t.Errorf("%v: %d requests in %v", e, len(got.arrived), got.took)
			}
		})
	}
}

// withKeys gives each attempt the next of the keys.
func withKeys(keys ...func(context.Context) (string, error)) heygen.Option {
	return heygen.WithAPIKeyFunc(func(ctx context.Context) (string, error) {
		next := keys[0]
		keys = keys[1:]
		return next(ctx)
	})
}

func constant(key string, err error) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return key, err }
}

func TestTheKeyIsAskedForBeforeEachAttempt(t *testing.T) {
	t.Parallel()
	got := update(t, []step{responds(503, ""), fails(io.EOF), succeeds},
		withKeys(constant("one", nil), constant("two", nil), constant("three", nil)))
	var sent []string
	for _, a := range got.arrived {
		sent = append(sent, a.header.Get("X-Api-Key"))
	}
	if want := []string{"one", "two", "three"}; got.err != nil || !slices.Equal(sent, want) {
		t.Errorf("keys %q, want %q; error %v", sent, want, got.err)
	}
}

func TestAnErrorOfTheKeyFunctionEndsTheCall(t *testing.T) {
	t.Parallel()
	got := update(t, []step{succeeds}, withKeys(constant("", ownError{})))
	if e := asError(t, got.err); !errors.Is(e, ownError{}) || errors.Is(e, heygen.ErrTransport) || e.Retryable() ||
		!strings.Contains(e.Error(), "getting the API key") || len(got.arrived) != 0 {
		t.Errorf("%v: %d requests", e, len(got.arrived))
	}
	got = update(t, []step{responds(503, ""), succeeds}, withKeys(constant("one", nil), constant("", ownError{})))
	if e := asError(t, got.err); !errors.Is(e, ownError{}) || len(got.arrived) != 1 {
		t.Errorf("%v: %d requests", e, len(got.arrived))
	}
	// Not even what would be the network's failure is repeated, or called so.
	for _, err := range []error{
		&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, io.EOF,
		&url.Error{Op: "Get", URL: "https://vault.example/planted", Err: syscall.ECONNRESET},
	} {
		got = update(t, []step{succeeds}, heygen.WithAPIKeyFunc(constant("", err)))
		if e := asError(t, got.err); !errors.Is(e, err) || errors.Is(e, heygen.ErrTransport) || e.Attempts > 1 {
			t.Errorf("%v: %d attempts", e, e.Attempts)
		}
	}
	for _, key := range []string{"", "bad key", "bad\nkey", "bäd"} {
		got = update(t, []step{succeeds}, withKeys(constant(key, nil)))
		if e := asError(t, got.err); !errors.Is(e, heygen.ErrInvalidRequest) || len(got.arrived) != 0 ||
			key != "" && strings.Contains(e.Error(), key) {
			t.Errorf("key %q: %v, %d requests", key, e, len(got.arrived))
		}
	}
}

func TestTheKeyFunctionEndsWithTheAttempt(t *testing.T) {
	t.Parallel()
	got := update(t, []step{succeeds}, withKeys(func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}))
	if e := asError(t, got.err); !errors.Is(e, context.DeadlineExceeded) || got.took != 30*time.Second {
		t.Errorf("%v after %v", e, got.took)
	}
}

// Callers of one client each get their own attempts, waits and responses.
func TestConcurrentCallsAreIndependent(t *testing.T) {
	t.Parallel()
	const callers = 60
	synctest.Test(t, func(t *testing.T) {
		// The caller with the id n gets n%4 refusals, with a Retry-After of 1+n%7 seconds.
		var mu sync.Mutex
		attempts := map[string]int{}
		client := newClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			var sent struct {
				ID int `json:"endpoint_id,string"`
			}
			if err := json.NewDecoder(req.Body).Decode(&sent); err != nil {
				return nil, err
			}
			id := strconv.Itoa(sent.ID)
			mu.Lock()
			defer mu.Unlock()
			if attempts[id]++; attempts[id] <= sent.ID%4 {
				return refuses(503, strconv.Itoa(1+sent.ID%7))(req)
			}
			return responds(200, `{"code":100,"data":{"endpoint_id":"`+id+`"}}`)(req)
		}))
		var calls sync.WaitGroup
		for n := range callers {
			calls.Go(func() {
				begin, id := time.Now(), strconv.Itoa(n)
				endpoint, err := client.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: id})
				refusals, wait := n%4, time.Duration(1+n%7)*time.Second
				if took, want := time.Since(begin), wait*time.Duration(min(refusals, 2)); took != want {
					t.Errorf("call %d took %v, want %v", n, took, want)
				}
				if refusals == 3 {
					if e := asError(t, err); e.Attempts != 3 || e.RetryAfter != wait {
						t.Errorf("call %d: %v", n, e)
					}
				} else if err != nil || endpoint.EndpointID != id {
					t.Errorf("call %d: %+v, %v", n, endpoint, err)
				}
			})
		}
		calls.Wait()
	})
}

// What a log record holds is all that is ever logged.
func TestLogRecords(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
	slowly := func(req *http.Request) (*http.Response, error) {
		time.Sleep(time.Second)
		return responds(503, `{"code":5,"message":"secret"}`, "Retry-After", "2", "X-Request-Id", "r1")(req)
	}
	ok := responds(200, documented, "X-Request-Id", "r2")
	got := callIn(t, []step{slowly, ok, fails(ownError{})}, func(ctx context.Context, c *heygen.Client) error {
		return errors.Join(send(ctx, c), send(ctx, c))
	}, heygen.WithLogger(slog.New(handler)))
	if e := asError(t, got.err); e.Attempts != 1 {
		t.Fatal(got.err)
	}
	const call = " op=UpdateWebhookEndpoint attempt="
	want := `time=2000-01-01T00:00:01.000Z level=WARN msg="heygen call failed"` + call +
		"1 status=503 code=5 request_id=r1 duration=1s wait=2s\n" +
		`time=2000-01-01T00:00:03.000Z level=DEBUG msg="heygen call succeeded"` + call +
		"2 status=200 code=100 request_id=r2 duration=0s wait=0s\n" +
		`time=2000-01-01T00:00:03.000Z level=WARN msg="heygen call failed"` + call +
		"1 status=0 code=\"\" request_id=\"\" duration=0s wait=0s\n"
	if log.String() != want {
		t.Errorf("logged:\n%s\nwant:\n%s", &log, want)
	}
}
