package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// Each kind of error, as text and as JSON.
func TestErrors(t *testing.T) {
	t.Parallel()
	const html = "<html><body>not found</body></html>"
	change := []string{"update", "--endpoint-id", "e1", "--all-events", "--retries", "0"}
	tests := []struct {
		file  string // in testdata, without "error-" and ".txt"
		args  []string
		fault heygentest.Fault
		env   map[string]string
		code  int
	}{
		{"usage", []string{"update", "--endpoint-id", "e1"}, heygentest.Fault{}, nil, 2},
		{"usage-from", []string{"update", "--from", "testdata/faulty.json"}, heygentest.Fault{}, nil, 2},
		{"usage-base-url", append(change, "--base-url", "http://example.com"), heygentest.Fault{}, nil, 2},
		{"auth", change, heygentest.Fault{}, map[string]string{"HEYGEN_API_KEY": "key-of-somebody-else"}, 3},
		{"auth-no-key", change, heygentest.Fault{}, map[string]string{"HEYGEN_API_KEY": ""}, 3},
		{"auth-forbidden", change, heygentest.FaultError(403, 400573, "Permission denied"), nil, 3},
		{"auth-no-message", change, heygentest.FaultResponse(401, nil, `{"code":400112}`), nil, 3},
		{"auth-gateway-401", change, heygentest.FaultResponse(401, nil, ""), nil, 3},
		{"auth-gateway-403", change, heygentest.FaultResponse(403, nil, html), nil, 3},
		{"auth-404", change, heygentest.FaultError(404, 401056, "Token expired"), nil, 3},
		{"not-found", []string{"update", "--endpoint-id", "e2", "--all-events"}, heygentest.Fault{}, nil, 1},
		{
			"not-found-sandbox", []string{"update", "--sandbox", "--endpoint-id", "e1", "--all-events"},
			heygentest.Fault{}, nil, 1,
		},
		{"invalid-url", change, heygentest.FaultError(400, 400542, "Url of this webhook endpoint is invalid"), nil, 1},
		{
			"rate-limited", change,
			heygentest.FaultResponse(429, http.Header{"Retry-After": {"90"}}, `{"code":400000,"message":"Slow down"}`), nil, 1,
		},
		{"rate-limited-no-date", change, heygentest.FaultResponse(429, nil, ""), nil, 1},
		{"server", change, heygentest.FaultResponse(503, http.Header{"X-Request-Id": {"r-1"}}, html), nil, 1},
		{"api", change, heygentest.FaultError(200, 400999, "Not today"), nil, 1},
		{"malformed", change, heygentest.FaultResponse(200, nil, `{"code":100}`), nil, 1},
		{"malformed-gateway", change, heygentest.FaultResponse(400, nil, html), nil, 1},
		{"malformed-404", change, heygentest.FaultResponse(404, nil, html), nil, 1},
		{"malformed-410", change, heygentest.FaultResponse(410, nil, ""), nil, 1},
		{"too-large", change, heygentest.FaultResponse(200, nil, strings.Repeat(" ", 1<<20+1)), nil, 1},
		{
			"redirect", change,
			heygentest.FaultResponse(302, http.Header{"Location": {"https://example.org/?key"}}, ""), nil, 1,
		},
		{"transport", change, heygentest.FaultResponse(200, http.Header{"Content-Length": {"9"}}, "{"), nil, 1},
		{"timeout", append(change, "--timeout", "50ms"), heygentest.FaultHang(), nil, 4},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, test.fault, test.fault).with(test.env)
			asJSON := append(slices.Clip(test.args), "--output", "json")
			golden(t, "error-"+test.file+".txt", s.transcript(t, test.args...)+"\n"+s.transcript(t, asJSON...))

			o := newScene(t, test.fault).with(test.env).run(t, asJSON...)
			kind := errorOf(t, o).Kind
			if o.code != test.code || o.stdout != "" || !strings.HasPrefix(test.file, string(kind)) {
				t.Errorf("exit code %d, kind %s, stdout %q", o.code, kind, o.stdout)
			}
		})
	}
}

// errorOf is the one error on stderr.
func errorOf(t *testing.T, o outcome) failure {
	t.Helper()
	var report stderrDocument
	decoder := json.NewDecoder(strings.NewReader(o.stderr))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&report); err != nil || report.Error == nil || strings.Count(o.stderr, "\n") != 1 {
		t.Fatalf("stderr is not one error in one line: %v in %q", err, o.stderr)
	}
	return *report.Error
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	change := []string{"update", "--endpoint-id", "e1", "--all-events"}
	tests := []struct {
		name    string
		args    []string
		message string // a part of it
		command string // whose help is pointed to
	}{
		{"unknown command", []string{"upgrade"}, `there is no command "upgrade"`, ""},
		{"unknown command with a flag", []string{"upgrade", "--url", "x"}, `there is no command "upgrade"`, ""},
		{"unknown flag", []string{"--verbose"}, "not defined: -verbose", ""},
		{"unknown flag of update", append(change, "--verbose"), "not defined: -verbose", " update"},
		{"unknown flag that a terminal would obey", []string{"--\x1b[2J"}, `not defined: -\x1b[2J`, ""},
		{"unknown help", []string{"help", "upgrade"}, "No help topic for 'upgrade'", ""},
		{"unknown flag of help", []string{"help", "--verbose"}, "not defined: -verbose", ""},
		{"unknown flag of completion", []string{"completion", "--verbose"}, "not defined: -verbose", " completion"},
		{"unknown shell", []string{"completion", "tcsh"}, `there is no command "tcsh"`, " completion"},
		{"stray argument", append(change, "e2"), `unexpected argument "e2"`, " update"},
		{"stray argument after --", append(change, "--", "--url"), `unexpected argument "--url"`, " update"},
		{"stray event", []string{"update", "--endpoint-id", "e1", "--events", "a,", "b"}, `argument "b"`, " update"},
		{"no value", []string{"update", "--endpoint-id"}, "needs an argument: --endpoint-id", " update"},
		{"no id", []string{"update", "--all-events"}, "--endpoint-id is missing", " update"},
		{"empty id", append(change[:1:1], "--endpoint-id", "", "--all-events"), "--endpoint-id is", " update"},
		{"two ids", append(change, "--endpoint-id", "e2"), "duplicate", " update"},
		{"nothing to change", change[:3:3], "there is nothing to change", " update"},
		{"nothing to change after all", append(change[:3:3], "--all-events=false"), "nothing to", " update"},
		{"empty URL", append(change, "--url", ""), "--url is not an absolute http or https URL", " update"},
		{"relative URL", append(change, "--url", "example.com/hook"), "--url is not an absolute", " update"},
		{"events twice", append(change, "--events", "a"), "exclude each other", " update"},
		{"no events and all", append(change, "--events", ""), "exclude each other", " update"},
		{"no events", append(change[:3:3], "--events", ""), "does not document its effect", " update"},
		{"no events with =", append(change[:3:3], "--events="), "does not document", " update"},
		{"events of spaces", append(change[:3:3], "--events", " "), "does not document", " update"},
		{"all among others", append(change[:3:3], "--events", "all,a"), "write all alone", " update"},
		{"empty event at the end", append(change[:3:3], "--events", "a,"), "empty event type", " update"},
		{"an event of spaces", append(change[:3:3], "--events", "a, ,b"), "empty event type", " update"},
		{"empty event", append(change[:3:3], "--events", "a,,b"), "empty event type", " update"},
		{"empty event in a flag", append(change[:3:3], "--events", "a", "--events="), "empty event", " update"},
		{"timeout of 0", append(change, "--timeout", "0s"), "must be 1ms or more", " update"},
		{"timeout without unit", append(change, "--timeout", "30"), "missing unit", " update"},
		{"negative retries", append(change, "--retries", "-1"), "must be from 0 to 100", " update"},
		{"too many retries", append(change, "--retries", "101"), "must be from 0 to 100", " update"},
		{"the most retries", append(change, "--retries", strconv.Itoa(math.MaxInt)), "must be from 0 to 100", " update"},
		{"retries beyond 64 bits", append(change, "--retries", "18446744073709551616"), "out of range", " update"},
		{"timeout beyond 64 bits", append(change, "--timeout", "99999999999h"), "invalid duration", " update"},
		{"base URL not https", append(change, "--base-url", "http://example.com"), "not https", " update"},
		{"base URL empty", append(change, "--base-url", ""), "is not absolute", " update"},
		{"no file", []string{"update", "--from", "testdata"}, "is a directory", " update"},
		{"missing file", []string{"update", "--from", "no-file"}, "no-file", " update"},
		{"two servers", append(change, "--sandbox", "--base-url", "https://example.com"), "exclude", " update"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			o := s.run(t, test.args...)
			problem, hint, _ := strings.Cut(o.stderr, "\n")
			want := "  see heygen-webhook" + test.command + " --help\n"
			if o.code != 2 || o.stdout != "" || !strings.Contains(problem, test.message) || hint != want {
				t.Errorf("%+v\nwant exit code 2, %q and %q", o, test.message, want)
			}
			o = s.run(t, append(test.args, "--output=json")...)
			e := errorOf(t, o)
			if e.Kind != heygen.KindUsage || strings.Contains(e.Message, "\n") || o.code != 2 || o.stdout != "" {
				t.Errorf("as JSON: %+v", o)
			}
			if calls := s.server.Calls(); len(calls) != 0 {
				t.Errorf("%d calls", len(calls))
			}
		})
	}
}

func TestErrorsAreJSONIfTheArgumentsAskForIt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args   []string
		asJSON bool
	}{
		{[]string{"update", "--output", "json", "--bogus"}, true},
		{[]string{"update", "--bogus", "--output=json"}, true},
		{[]string{"update", "-output", "json", "--bogus"}, true},
		{[]string{"update", "--output", "yaml"}, false},
		{[]string{"update", "--output"}, false},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			o := newScene(t).run(t, test.args...)
			if asJSON := strings.HasPrefix(o.stderr, `{"error":`); asJSON != test.asJSON || o.code != 2 {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestRetryAfterADateIsSaidAsADuration(t *testing.T) {
	t.Parallel()
	date := time.Now().Add(90 * time.Minute).UTC().Format(http.TimeFormat)
	s := newScene(t, heygentest.FaultResponse(429, http.Header{"Retry-After": {date}}, ""))
	o := s.run(t, "update", "--endpoint-id", "e1", "--all-events")
	if !regexp.MustCompile(`\n  try again in 1h(29m\d+|30m0)s\n$`).MatchString(o.stderr) {
		t.Errorf("%+v", o)
	}
}

func TestCanceledWhileTheServerHangs(t *testing.T) {
	t.Parallel()
	var transcripts []string
	for _, args := range [][]string{
		{"update", "--endpoint-id", "e1", "--all-events"},
		{"update", "--endpoint-id", "e1", "--all-events", "--output", "json"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client has gone
			cancel()
			<-r.Context().Done()
		}))
		o := newScene(t).with(map[string]string{"HEYGEN_BASE_URL": server.URL}).runUntil(ctx, t, args...)
		server.Close()
		if o.code != 130 {
			t.Errorf("exit code %d", o.code)
		}
		transcripts = append(transcripts, shown(args, o))
	}
	golden(t, "error-canceled.txt", strings.Join(transcripts, "\n"))
}

func TestErrorsSayWhetherAnythingWasSent(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	done, cancel := context.WithCancel(t.Context())
	cancel()

	tests := []struct {
		name    string
		ctx     context.Context
		baseURL string
		args    []string
		kind    kind
	}{
		{"no server", t.Context(), closed.URL, []string{"--retries", "0"}, heygen.KindTransport},
		{"canceled before", done, closed.URL, nil, heygen.KindCanceled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t).with(map[string]string{"HEYGEN_BASE_URL": test.baseURL})
			args := append([]string{"update", "--endpoint-id", "e1", "--all-events", "--output", "json"}, test.args...)
			e := errorOf(t, s.runUntil(test.ctx, t, args...))
			if e.Kind != test.kind || !strings.Contains(e.Message, unsent) || strings.Contains(e.Message, repeatable) {
				t.Errorf("%+v, want %s and %q", e, test.kind, unsent)
			}
		})
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestUnwritableStdoutIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--help"},
		{"completion", "bash"},
		{"update", "--endpoint-id", "e1", "--all-events"},
		{"update", "--endpoint-id", "e1", "--all-events", "--output", "json"},
		{"update", "--endpoint-id", "e1", "--all-events", "--dry-run"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			var stderr strings.Builder
			getenv := func(name string) string { return s.env[name] }
			code := run(t.Context(), append([]string{name}, args...), brokenWriter{}, &stderr, getenv)
			if code != 1 || !strings.Contains(stderr.String(), "stdout cannot be written: no space left") {
				t.Errorf("exit code %d, stderr %q", code, stderr.String())
			}
		})
	}
}
