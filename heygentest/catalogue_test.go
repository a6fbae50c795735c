package heygentest_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func parseFault(t *testing.T, text string) heygentest.Fault {
	t.Helper()
	fault, err := heygentest.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	return fault
}

type (
	endpoint = *heygen.WebhookEndpoint
	failure  = *heygen.Error
)

// What the client makes of each fault, and whether the update happened.
func TestFaultsAimedAtAClient(t *testing.T) {
	t.Parallel()
	malformed, server, api := heygen.ErrMalformedResponse, heygen.ErrServer, heygen.ErrAPI
	for text, test := range map[string]struct {
		want    error
		happens bool
		check   func(endpoint, failure) bool // may be nil
	}{
		"normal":          {nil, true, nil},
		"respond 200 tea": {malformed, false, nil},
		"respond 204":     {malformed, false, nil},
		"error 200 400131 no": {api, false, func(_ endpoint, e failure) bool {
			return e.Message == "no"
		}},
		"error 503 5000": {server, false, func(_ endpoint, e failure) bool {
			return e.Code == "5000"
		}},
		"shape 500 v1":                     {api, false, saysFailure},
		"shape 500 v2":                     {api, false, saysFailure},
		"shape 500 v3":                     {api, false, saysFailure},
		"shape 500 code-msg":               {api, false, saysFailure},
		"shape 500 json-string":            {api, false, saysFailure},
		"shape 500 detail":                 {server, false, hasStatus(500)},
		"shape 502 foreign":                {server, false, hasStatus(502)},
		"shape 502 html":                   {server, false, hasStatus(502)},
		"shape 503 empty":                  {server, false, hasStatus(503)},
		"shape 200 html":                   {malformed, false, hasStatus(200)},
		"redirect 307 http://127.0.0.1:1/": {heygen.ErrRedirect, false, hasStatus(307)},
		"reset":                            {heygen.ErrTransport, false, nil},
		"delay 1ms":                        {nil, true, nil},
		"slow-body 10ms":                   {nil, true, nil},
		"truncate":                         {heygen.ErrTransport, true, nil},
		"oversize":                         {heygen.ErrResponseTooLarge, true, nil},
		"retry-after 2s":                   {nil, true, nil},
		"retry-after-date 2s":              {nil, true, nil},
		"header Content-Type text/html":    {nil, true, nil},
		"header Content-Type":              {nil, true, nil},
		`set /data/created_at "2025-10-22T08:31:48"`:        {nil, true, created("2025-10-22T08:31:48Z")},
		`set /data/created_at "2023-04-03T05:40:46.769845"`: {nil, true, created("2023-04-03T05:40:46.769845Z")},
		`set /data/created_at "2025-10-22T08:31:48+02:00"`:  {nil, true, created("2025-10-22T06:31:48Z")},
		"set /data/created_at null": {nil, true, func(e endpoint, _ failure) bool {
			return e.CreatedAt.IsZero()
		}},
		"set /data/secret null": {nil, true, func(e endpoint, _ failure) bool {
			return e.Secret.IsZero()
		}},
		"set /data/url null": {nil, true, func(e endpoint, _ failure) bool {
			return e.URL == ""
		}},
		"set /data null":   {malformed, true, nil},
		"set /code 400131": {api, true, nil},
		`set /data/status "paused"`: {nil, true, func(e endpoint, _ failure) bool {
			return e.Status == "paused"
		}},
		`set /data/color {"a":[1]}`: {nil, true, nil},
		`set /data/events ["brand.new"]`: {nil, true, func(e endpoint, _ failure) bool {
			return e.Events.Includes("brand.new")
		}},
		"set /nowhere/a/b 1": {nil, true, nil},
		"set /code/a 1":      {nil, true, nil},
		"remove /data/username": {nil, true, func(e endpoint, _ failure) bool {
			return e.Username == ""
		}},
		"remove /data/status": {nil, true, func(e endpoint, _ failure) bool {
			return e.Status == ""
		}},
		"remove /code": {malformed, true, nil},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			fault := parseFault(t, text)
			if got := fault.String(); got != text && text != "normal" {
				t.Errorf("the text of the fault is %q", got)
			}
			sandbox.Next(fault)
			endpoint, err := client(t, sandbox).UpdateWebhookEndpoint(t.Context(), update)
			var e *heygen.Error
			if !errors.Is(err, test.want) || err != nil && !errors.As(err, &e) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			if test.check != nil && !test.check(endpoint, e) {
				t.Errorf("endpoint %+v, error %+v", endpoint, e)
			}
			if kept, _ := sandbox.Endpoint("e1"); (kept.URL == update.URL) != test.happens {
				t.Errorf("the sandbox has %s", kept.URL)
			}
		})
	}
}

func saysFailure(_ endpoint, e failure) bool {
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

func TestFaultsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func(){
		`no shape is called "v9"; there are code-msg, `: func() { heygentest.FaultShape(500, "v9") },
		`the pointer "a" does not begin with a slash`:   func() { heygentest.FaultMissingMember("a") },
		"SetMember: json: unsupported type":             func() { heygentest.FaultMember("/a", func() {}) },
		"On: Every is negative":                         func() { start(t).On(heygentest.Rule{Every: -1}, tea(500)) },
	} {
		if got := panicOf(build); !strings.Contains(got, "heygentest: ") || !strings.Contains(got, want) {
			t.Errorf("panics with %q, want %q", got, want)
		}
	}
}

// answerTo sends an update and returns what came, and the error of reading it.
func answerTo(t *testing.T, sandbox *heygentest.Server) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, sandbox.URL+path,
		strings.NewReader(`{"endpoint_id":"e1"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", sandbox.APIKey)
	resp, err := direct.Transport.RoundTrip(req) // which follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	html, v1 := heygentest.FaultShape(503, heygentest.ShapeHTML), heygentest.FaultShape(429, heygentest.ShapeV1)
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
		"Retry-After in seconds, rounded up": {v1.With(heygentest.FaultRetryAfter(1500 * time.Millisecond)),
			func(r *http.Response, _ string, _ error) bool {
				return r.StatusCode == 429 && r.Header.Get("Retry-After") == "2"
			}},
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
		"a redirect": {heygentest.FaultRedirect(302, "http://other.invalid/a"), func(r *http.Response, _ string, _ error) bool {
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
		"an answer without members keeps what it has": {html.With(heygentest.FaultMember("/a", 1)),
			func(_ *http.Response, body string, _ error) bool { return strings.HasPrefix(body, "<html>") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			sandbox.Next(test.fault)
			if resp, body, err := answerTo(t, sandbox); !test.good(resp, body, err) {
				t.Errorf("%d %v %.200q %v", resp.StatusCode, resp.Header, body, err)
			}
		})
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

func TestACallSaysWhatBecameOfIt(t *testing.T) {
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
		line := call.RequestID + " " + call.Fault
		for _, finding := range call.Findings {
			line += " " + string(finding.Party) + " " + finding.Keyword
		}
		got = append(got, line)
	}
	want := []string{
		"sandbox-1 ", " shape 502 html server content-type", `sandbox-3 set /data/status 1 server type`,
		"sandbox-4  client type",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if calls := sandbox.Calls(); calls[1].Status != 502 || calls[1].Number != 2 || calls[1].Began.IsZero() {
		t.Errorf("%+v", calls[1])
	}
}
