package heygentest_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

var update = heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: "https://example.com/new"}

type (
	endpoint = *heygen.WebhookEndpoint
	failure  = *heygen.Error
)

// What the client returns for each fault, whether the update happened, and the text of the fault.
func TestFaultsAgainstTheClient(t *testing.T) {
	t.Parallel()
	malformed, server, api := heygen.ErrMalformedResponse, heygen.ErrServer, heygen.ErrAPI
	for text, test := range map[string]struct {
		fault   heygentest.Fault
		want    error
		updated bool
		check   func(endpoint, failure) bool // may be nil
	}{
		"":                {heygentest.Fault{}, nil, true, nil},
		"respond 200 tea": {heygentest.FaultResponse(200, nil, "tea"), malformed, false, nil},
		"respond 204":     {heygentest.FaultResponse(204, nil, ""), malformed, false, nil},
		"error 200 400131 no": {heygentest.FaultError(200, 400131, "no"), api, false, func(_ endpoint, e failure) bool {
			return e.Message == "no"
		}},
		"error 503 5000": {heygentest.FaultError(503, 5000, ""), server, false, func(_ endpoint, e failure) bool {
			return e.Code == "5000"
		}},
		"shape 500 v1":          {heygentest.FaultShape(500, heygentest.ShapeV1), api, false, isScripted},
		"shape 500 v2":          {heygentest.FaultShape(500, heygentest.ShapeV2), api, false, isScripted},
		"shape 500 v3":          {heygentest.FaultShape(500, heygentest.ShapeV3), api, false, isScripted},
		"shape 500 code-msg":    {heygentest.FaultShape(500, heygentest.ShapeCodeMsg), api, false, isScripted},
		"shape 500 json-string": {heygentest.FaultShape(500, heygentest.ShapeJSONString), api, false, isScripted},
		"shape 500 detail":      {heygentest.FaultShape(500, heygentest.ShapeDetail), server, false, hasStatus(500)},
		"shape 502 foreign":     {heygentest.FaultShape(502, heygentest.ShapeForeign), server, false, hasStatus(502)},
		"shape 502 html":        {heygentest.FaultShape(502, heygentest.ShapeHTML), server, false, hasStatus(502)},
		"shape 503 empty":       {heygentest.FaultShape(503, heygentest.ShapeEmpty), server, false, hasStatus(503)},
		"shape 200 html":        {heygentest.FaultShape(200, heygentest.ShapeHTML), malformed, false, hasStatus(200)},
		"redirect 307 http://127.0.0.1:1/": {
			heygentest.FaultRedirect(307, "http://127.0.0.1:1/"), heygen.ErrRedirect, false, hasStatus(307),
		},
		"reset":                         {heygentest.FaultReset(), syscall.ECONNRESET, false, nil},
		"delay 1ms":                     {heygentest.FaultDelay(time.Millisecond), nil, true, nil},
		"slow-body 10ms":                {heygentest.FaultSlowBody(10 * time.Millisecond), nil, true, nil},
		"truncate":                      {heygentest.FaultTruncate(), heygen.ErrTransport, true, nil},
		"oversize":                      {heygentest.FaultOversize(), heygen.ErrResponseTooLarge, true, nil},
		"retry-after 2s":                {heygentest.FaultRetryAfter(2 * time.Second), nil, true, nil},
		"retry-after-date 2s":           {heygentest.FaultRetryAfterDate(2 * time.Second), nil, true, nil},
		"header Content-Type text/html": {heygentest.FaultHeader("Content-Type", "text/html"), nil, true, nil},
		"header Content-Type":           {heygentest.FaultHeader("Content-Type", ""), nil, true, nil},
		`set /data/created_at "2025-10-22T08:31:48"`: {
			heygentest.FaultMember("/data/created_at", "2025-10-22T08:31:48"), nil, true, created("2025-10-22T08:31:48Z"),
		},
		`set /data/created_at "2023-04-03T05:40:46.769845"`: {
			heygentest.FaultMember("/data/created_at", "2023-04-03T05:40:46.769845"), nil, true,
			created("2023-04-03T05:40:46.769845Z"),
		},
		`set /data/created_at "2025-10-22T08:31:48+02:00"`: {
			heygentest.FaultMember("/data/created_at", "2025-10-22T08:31:48+02:00"), nil, true,
			created("2025-10-22T06:31:48Z"),
		},
		"set /data/created_at null": {
			heygentest.FaultMember("/data/created_at", nil), nil, true,
			func(e endpoint, _ failure) bool { return e.CreatedAt.IsZero() },
		},
		"set /data/secret null": {
			heygentest.FaultMember("/data/secret", nil), nil, true,
			func(e endpoint, _ failure) bool { return e.Secret.IsZero() },
		},
		"set /data null":   {heygentest.FaultMember("/data", nil), malformed, true, nil},
		"set /code 400131": {heygentest.FaultMember("/code", 400131), api, true, nil},
		`set /data/status "paused"`: {
			heygentest.FaultMember("/data/status", "paused"), nil, true,
			func(e endpoint, _ failure) bool { return e.Status == "paused" },
		},
		`set /data/color {"a":[1]}`: {heygentest.FaultMember("/data/color", map[string][]int{"a": {1}}), nil, true, nil},
		`set /data/events ["brand.new"]`: {
			heygentest.FaultMember("/data/events", []string{"brand.new"}), nil, true,
			func(e endpoint, _ failure) bool { return e.Events.Includes("brand.new") },
		},
		"set /nowhere/a/b 1": {heygentest.FaultMember("/nowhere/a/b", 1), nil, true, nil},
		"set /code/a 1":      {heygentest.FaultMember("/code/a", 1), nil, true, nil},
		"remove /data/username": {
			heygentest.FaultMissingMember("/data/username"), nil, true,
			func(e endpoint, _ failure) bool { return e.Username == "" },
		},
		"remove /code": {heygentest.FaultMissingMember("/code"), malformed, true, nil},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			if got := test.fault.String(); got != text {
				t.Errorf("the text of the fault is %q", got)
			}
			sandbox.Next(test.fault)
			endpoint, err := client(sandbox).UpdateWebhookEndpoint(t.Context(), update)
			var e *heygen.Error
			if !errors.Is(err, test.want) || err != nil && !errors.As(err, &e) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			if test.check != nil && !test.check(endpoint, e) {
				t.Errorf("endpoint %+v, error %+v", endpoint, e)
			}
			if kept, _ := sandbox.Endpoint("e1"); (kept.URL == update.URL) != test.updated {
				t.Errorf("the sandbox has %s", kept.URL)
			}
		})
	}
}

func isScripted(_ endpoint, e failure) bool {
	return e.StatusCode == 500 && e.Code != "" && e.Message == "scripted failure"
}

func hasStatus(status int) func(endpoint, failure) bool {
	return func(_ endpoint, e failure) bool { return e.StatusCode == status }
}

func created(at string) func(endpoint, failure) bool {
	return func(e endpoint, _ failure) bool {
		return e.CreatedAt.Time.UTC().Format(time.RFC3339Nano) == at
	}
}

func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	html := heygentest.FaultShape(503, heygentest.ShapeHTML)
	v1 := heygentest.FaultShape(429, heygentest.ShapeV1)
	for name, test := range map[string]struct {
		fault heygentest.Fault
		good  func(resp *http.Response, body string, err error) bool
	}{
		"HTML": {html, func(r *http.Response, _ string, _ error) bool {
			return r.StatusCode == 503 && r.Header.Get("Content-Type") == "text/html; charset=utf-8"
		}},
		"nothing": {heygentest.FaultShape(503, heygentest.ShapeEmpty), func(r *http.Response, body string, _ error) bool {
			return r.Header["Content-Type"] == nil && body == ""
		}},
		"a body without a content type": {heygentest.FaultResponse(200, nil, "<html>"),
			func(r *http.Response, body string, err error) bool {
				return err == nil && body == "<html>" && r.Header["Content-Type"] == nil
			}},
		"a header with two values": {heygentest.FaultResponse(204, http.Header{"X-Request-Id": {"r1", "r2"}}, ""),
			func(r *http.Response, _ string, _ error) bool {
				return r.StatusCode == 204 && slices.Equal(r.Header["X-Request-Id"], []string{"r1", "r2"})
			}},
		"a Content-Length that is too large": {heygentest.FaultResponse(200, http.Header{"Content-Length": {"100"}}, "short"),
			func(_ *http.Response, body string, err error) bool {
				return body == "short" && errors.Is(err, io.ErrUnexpectedEOF)
			}},
		"Retry-After in seconds, rounded up": {v1.With(heygentest.FaultRetryAfter(1500 * time.Millisecond)),
			func(r *http.Response, _ string, _ error) bool {
				return r.StatusCode == 429 && r.Header.Get("Retry-After") == "2"
			}},
		"Retry-After of 292 years": {v1.With(heygentest.FaultRetryAfter(math.MaxInt64)),
			func(r *http.Response, _ string, _ error) bool { return r.Header.Get("Retry-After") == "9223372037" }},
		"Retry-After as a date": {v1.With(heygentest.FaultRetryAfterDate(time.Hour)),
			func(r *http.Response, _ string, _ error) bool {
				at, err := http.ParseTime(r.Header.Get("Retry-After"))
				left := time.Until(at)
				return err == nil && left > 59*time.Minute && left <= time.Hour
			}},
		"a body cut off": {html.With(heygentest.FaultTruncate()), func(r *http.Response, body string, err error) bool {
			return errors.Is(err, io.ErrUnexpectedEOF) && int64(len(body)) == r.ContentLength/2
		}},
		"too large, and still JSON": {heygentest.FaultOversize(), func(_ *http.Response, body string, _ error) bool {
			return len(body) == 1<<20+1 && strings.HasPrefix(body, `{"code":100,`)
		}},
		"another content type": {heygentest.FaultHeader("Content-Type", "text/plain"),
			func(r *http.Response, _ string, _ error) bool { return r.Header.Get("Content-Type") == "text/plain" }},
		"no content type": {heygentest.FaultHeader("Content-Type", ""),
			func(r *http.Response, _ string, _ error) bool { return r.Header["Content-Type"] == nil }},
		"a redirect": {heygentest.FaultRedirect(302, "http://other.invalid/a"),
			func(r *http.Response, _ string, _ error) bool {
				return r.StatusCode == 302 && r.Header.Get("Location") == "http://other.invalid/a"
			}},
		"a member whose name has a slash": {heygentest.FaultMember("/data/a~1b~0", true),
			func(_ *http.Response, body string, _ error) bool { return strings.Contains(body, `"a/b~":true`) }},
		"three faults": {
			heygentest.Fault{}.With(heygentest.FaultMember("/message", "a")).With(heygentest.FaultHeader("X-Request-Id", "r")).
				With(heygentest.FaultSlowBody(time.Millisecond)),
			func(r *http.Response, body string, _ error) bool {
				return r.Header.Get("X-Request-Id") == "r" && strings.Contains(body, `"message":"a"`)
			}},
		"a body without members stays unchanged": {html.With(heygentest.FaultMember("/a", 1)),
			func(_ *http.Response, body string, _ error) bool { return strings.HasPrefix(body, "<html>") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			sandbox.Next(test.fault)
			if resp, body, err := exchange(t, sandbox, `{"endpoint_id":"e1"}`, nil); !test.good(resp, body, err) {
				t.Errorf("%d %v %.200q %v", resp.StatusCode, resp.Header, body, err)
			}
		})
	}
}

func TestFaultsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func(){
		`unknown shape "v9"`:                            func() { heygentest.FaultShape(500, "v9") },
		`the pointer "a" does not begin with a slash`:   func() { heygentest.FaultMissingMember("a") },
		"FaultMember: json: unsupported type":           func() { heygentest.FaultMember("/a", func() {}) },
		"On: Every is negative":                         func() { start(t).On(heygentest.Rule{Every: -1}, status(500)) },
		"Client: heygen: WithTimeout: the timeout is n": func() { start(t).Client(heygen.WithTimeout(-1)) },
		"WithAPIKey: invalid request: the API key is":   func() { heygentest.NewServer(heygentest.WithAPIKey("")) },
		"the API key is empty, or has a space":          func() { heygentest.NewServer(heygentest.WithAPIKey("a\r\nb")) },
		"0 is not a status":                             func() { heygentest.FaultResponse(0, nil, "") },
		"-1 is not a status":                            func() { heygentest.FaultError(-1, 1, "") },
		"103 is not a status":                           func() { heygentest.FaultShape(103, heygentest.ShapeV1) },
		"1000 is not a status":                          func() { heygentest.FaultRedirect(1000, "/") },
	} {
		if got := panicOf(build); !strings.Contains(got, "heygentest: ") || !strings.Contains(got, want) {
			t.Errorf("panics with %q, want %q", got, want)
		}
	}
}

func TestTheTextOfAFaultIsBounded(t *testing.T) {
	t.Parallel()
	long := heygentest.FaultResponse(200, nil, strings.Repeat("ü", 1000)).String()
	if len(long) > 210 || !strings.HasSuffix(long, "...") {
		t.Errorf("%d bytes: %s", len(long), long)
	}
	both := heygentest.FaultError(503, 5, "busy").With(heygentest.FaultRetryAfter(time.Second))
	if got := both.String(); got != "error 503 5 busy with retry-after 1s" {
		t.Error(got)
	}
	if got := (heygentest.Fault{}).With(heygentest.FaultHang()).With(heygentest.Fault{}).String(); got != "hang" {
		t.Error(got)
	}
}

// ending are the faults that hold a call.
var ending = map[string]heygentest.Fault{
	"hang": heygentest.FaultHang(), "delay": heygentest.FaultDelay(time.Hour),
}

// begin sends an update and returns once the sandbox has recorded it. done receives the error of the call.
func begin(t *testing.T, sandbox *heygentest.Server) (cancel func(), done <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	result := make(chan error, 1)
	c := client(sandbox)
	go func() {
		_, err := c.UpdateWebhookEndpoint(ctx, update)
		result <- err
	}()
	for range 10_000 { // nothing signals an arrival
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
		sandbox.Next(fault)
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
		sandbox.Next(fault)
		_, done := begin(t, sandbox)
		sandbox.Close()
		sandbox.Close() // twice does no harm
		if err := <-done; !errors.Is(err, heygen.ErrTransport) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
