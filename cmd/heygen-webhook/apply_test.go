package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// three is a desired state of three endpoints, of which the scene holds the first and last.
const three = "- {endpoint_id: e1, url: https://example.com/new}\n- {endpoint_id: e2, events: all}\n" +
	"- {endpoint_id: e3, events: [a]}\n"

// transcriptOf runs apply with a desired state, one call at a time, and adds the results to the transcript.
func (s scene) transcriptOf(t *testing.T, state string, args ...string) string {
	t.Helper()
	input := write(t, "endpoints.yaml", state)
	s.server.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e3"})
	text := s.transcript(t, append([]string{"apply", "--file", input}, args...)...)
	results, err := os.ReadFile(input + resultsSuffix)
	if err == nil {
		text += "--- endpoints.yaml" + resultsSuffix + " ---\n" + string(results)
	}
	for _, secret := range []string{testKey, "whsec_"} {
		if strings.Contains(string(results), secret) {
			t.Errorf("%q is in the results: %s", secret, results)
		}
	}
	return strings.NewReplacer(filepath.Dir(input)+string(filepath.Separator), "", s.server.URL, "SERVER").Replace(text)
}

func TestApply(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		state  string
		args   []string
		env    map[string]string
		faults []heygentest.Fault
	}{
		"continues": {three, []string{"--continue-on-error"}, nil, nil},
		"success":   {"- {endpoint_id: e1, url: https://example.com/new}\n- {endpoint_id: e3, events: [a]}\n", nil, nil, nil},
		"dry-run":   {three, []string{"--dry-run"}, map[string]string{"HEYGEN_API_KEY": ""}, nil},
		"stops":     {three, nil, nil, nil},
		"v3":        {three, []string{"--api", "v3", "--continue-on-error"}, nil, nil},
		"mistakes":  {"- endpoint_id: 7\n  ulr: x\n- {endpoint_id: e1, events: []}\n", nil, nil, nil},
		"empty":     {"# nothing\n", nil, nil, nil},
		"key":       {three, []string{"--continue-on-error"}, map[string]string{"HEYGEN_API_KEY": "key-of-another"}, nil},
		"no-key":    {three, nil, map[string]string{"HEYGEN_API_KEY": ""}, nil},
		"forbidden": {three, nil, nil, []heygentest.Fault{heygentest.FaultError(403, 400573, "Permission denied")}},
		"repeats": {three, []string{"--continue-on-error"}, nil, []heygentest.Fault{
			heygentest.FaultResponse(503, http.Header{"Retry-After": {"0"}}, ""), {},
			heygentest.FaultError(400, 400542, testSecret+" is no URL"),
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var texts []string
			for _, more := range [][]string{nil, {"--output", "json"}} {
				s := newScene(t, test.faults...).with(test.env)
				texts = append(texts, s.transcriptOf(t, test.state, append(test.args, more...)...))
			}
			golden(t, "apply-"+name+".txt", strings.Join(texts, "\n"))
		})
	}
}

func TestWrongUsageOfApply(t *testing.T) {
	t.Parallel()
	input := write(t, "endpoints.yaml", three)
	noResults := write(t, "other", three)
	tests := []struct {
		args []string
		want string
	}{
		{nil, "--file is missing or empty"},
		{[]string{"--file", ""}, "--file is missing or empty"},
		{[]string{"--file", input + "x"}, "no such file"},
		{[]string{"--file", filepath.Dir(input)}, "is a directory"},
		{[]string{"--file", "-"}, "--file - needs --results"},
		{[]string{"-f", input, "--results", noResults}, "is there already: --resume goes on with it"},
		{[]string{"-f", input, "--results", filepath.Join(input, "x")}, "the results file cannot be written"},
		{[]string{"-f", input, "--resume", noResults}, "line 1 is not a result of apply"},
		{[]string{"-f", input, "--resume", input + "x"}, "no such file"},
		{[]string{"-f", input, "--resume", ""}, "--resume is empty"},
		{[]string{"-f", input, "--resume", "a", "--results", "b"}, "exclude each other"},
		{[]string{"-f", input, "--resume", filepath.Dir(input)}, "is not a regular file"},
		{[]string{"-f", input, "--resume", os.DevNull}, "is not a regular file"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			o := s.run(t, append([]string{"apply"}, test.args...)...)
			if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, test.want) || len(s.server.Calls()) > 0 {
				t.Errorf("%+v, want %q", o, test.want)
			}
		})
	}
	if content, err := os.ReadFile(noResults); err != nil || string(content) != three {
		t.Errorf("%v: a file that holds no results was changed: %s", err, content)
	}
}

// idsOf are the endpoints of the calls that arrived, in order.
func idsOf(t *testing.T, calls []heygentest.Call) []string {
	t.Helper()
	ids := []string{}
	for _, call := range calls {
		var req heygen.UpdateWebhookEndpointRequest
		if err := json.Unmarshal(call.RequestBody, &req); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, req.EndpointID)
	}
	return ids
}

// Wherever the results end, a run that resumes them sends only the requests that they do not confirm.
func TestResumeCompletesResultsThatBreakOff(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, id := range []string{"e2", "e3"} {
		s.server.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
	}
	input := write(t, "endpoints.yaml", three)
	if o := s.run(t, "apply", "--file", input); o.code != 0 {
		t.Fatalf("%+v", o)
	}
	whole, err := os.ReadFile(input + resultsSuffix)
	if err != nil {
		t.Fatal(err)
	}
	seen := len(s.server.Calls())
	for n := 0; n <= len(whole); n += 1 + n%29 {
		path := write(t, "results", string(whole[:n]))
		if o := s.run(t, "apply", "--file", input, "--resume", path); o.code != 0 {
			t.Fatalf("%d bytes: %+v", n, o)
		}
		calls := s.server.Calls()
		got, want := idsOf(t, calls[seen:]), []string{"e1", "e2", "e3"}[bytes.Count(whole[:n], []byte("\n")):]
		if seen = len(calls); !slices.Equal(got, want) {
			t.Errorf("%d bytes: sent %v, want %v", n, got, want)
		}
		if content, err := os.ReadFile(path); err != nil || !bytes.Equal(content, whole) {
			t.Errorf("%d bytes: %v, results\n%s\nwant\n%s", n, err, content, whole)
		}
	}
}

func TestResumeSendsWhatFailedOrChanged(t *testing.T) {
	t.Parallel()
	line := func(outcome, id, body string) string {
		return fmt.Sprintf(`{"outcome":%q,"server":"SERVER","endpoint_id":%q,"desired":%q}`+"\n",
			outcome, id, hashOf([]byte(body)))
	}
	elsewhere := strings.NewReplacer("SERVER", "sandbox")
	const e1, e2 = `{"endpoint_id":"e1","url":"https://example.com/new"}`, `{"endpoint_id":"e2","events":null}`
	tests := []struct {
		name, results string
		sent          []string
	}{
		{"confirmed", line("updated", "e1", e1) + line("updated", "e2", e2), []string{"e3"}},
		{"another state", line("updated", "e1", e2) + line("updated", "e2", e2), []string{"e1", "e3"}},
		{"failed", line("failed", "e1", e1) + line("updated", "e2", e2), []string{"e1", "e3"}},
		{"updated after it failed", line("failed", "e1", e1) + line("updated", "e1", e1), []string{"e2", "e3"}},
		{"another state after it", line("updated", "e1", e1) + line("updated", "e1", e2), []string{"e1", "e2", "e3"}},
		{"may be another state", line("updated", "e1", e1) + line("failed", "e1", e2), []string{"e1", "e2", "e3"}},
		{"confirmed by another server", elsewhere.Replace(line("updated", "e1", e1)) + line("updated", "e2", e2),
			[]string{"e1", "e3"}},
		{"failed elsewhere", line("updated", "e1", e1) + elsewhere.Replace(line("failed", "e1", e1)), []string{"e2", "e3"}},
		{"endpoints of no interest", line("updated", "e9", e1), []string{"e1", "e2", "e3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			for _, id := range []string{"e2", "e3"} {
				s.server.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
			}
			input := write(t, "endpoints.yaml", three)
			results := write(t, "results", strings.ReplaceAll(test.results, "SERVER", s.server.URL))
			if o := s.run(t, "apply", "-f", input, "--resume", results); o.code != 0 {
				t.Errorf("%+v", o)
			}
			if got := idsOf(t, s.server.Calls()); !slices.Equal(got, test.sent) {
				t.Errorf("sent %v, want %v", got, test.sent)
			}
		})
	}
}

// Results of one version of the API confirm nothing of the other, and end what it confirmed: the endpoint has changed.
func TestResumeAcrossVersions(t *testing.T) {
	t.Parallel()
	const body = `{"endpoint_id":"e1","url":"https://example.com/new"}`
	line := func(outcome, api string) string {
		return fmt.Sprintf(`{"outcome":%q,"server":"SERVER",%s"endpoint_id":"e1","desired":%q}`+"\n",
			outcome, api, hashOf([]byte(body)))
	}
	old, v1, v3 := line("updated", ""), line("updated", `"api":"v1",`), line("updated", `"api":"v3",`)
	for _, test := range []struct {
		name, results, api string
		path               string // of the request; "" if none is sent
	}{
		{"version 3 after none said", old, "v3", "/v3/webhooks/endpoints/e1"},
		{"version 3 after version 1", v1, "v3", "/v3/webhooks/endpoints/e1"},
		{"version 3 after version 3", v1 + v3, "v3", ""},
		{"version 3 after both", v3 + v1, "v3", "/v3/webhooks/endpoints/e1"},
		{"version 1 after none said", old, "v1", ""},
		{"version 1 after version 1", v3 + v1, "v1", ""},
		{"version 1 after version 3", old + v3, "v1", "/v1/webhook/endpoint.update"},
		{"version 1 after a failure of version 3", v1 + line("failed", `"api":"v3",`), "v1", "/v1/webhook/endpoint.update"},
		{"version 1 after another one", line("updated", `"api":"v4",`), "v1", "/v1/webhook/endpoint.update"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			input := write(t, "endpoints.jsonl", body)
			results := write(t, "results", strings.ReplaceAll(test.results, "SERVER", s.server.URL))
			for range 2 { // the second run has nothing to send
				if o := s.run(t, "apply", "-f", input, "--resume", results, "--api", test.api); o.code != 0 {
					t.Fatalf("%+v", o)
				}
			}
			sent := ""
			for _, call := range s.server.Calls() {
				sent += call.RequestURI
			}
			endpoint, _ := s.server.Endpoint("e1")
			if changed := endpoint.URL == "https://example.com/new"; sent != test.path || changed != (sent != "") {
				t.Errorf("sent %q, want %q; the endpoint has %s", sent, test.path, endpoint.URL)
			}
		})
	}
}

// A run must not cut off what another run has written since the file was read.
func TestResultsThatGrowAreLeftAlone(t *testing.T) {
	t.Parallel()
	const half, added = `{"outcome":"upda`, "ted by another run\n"
	r := &results{path: write(t, "results", half)}
	if err := r.read(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.path, []byte(half+added), 0o600); err != nil {
		t.Fatal(err)
	}
	err := r.open(&cli.Command{Name: "apply"})
	if err == nil || !strings.Contains(err.Error(), "another run has written to it") {
		t.Errorf("error %v", err)
	}
	if content, _ := os.ReadFile(r.path); string(content) != half+added {
		t.Errorf("results %q", content)
	}
}

func TestDryRunLeavesTheResultsAlone(t *testing.T) {
	t.Parallel()
	const half = `{"outcome":"upd`
	s := newScene(t)
	input, results := write(t, "endpoints.yaml", three), write(t, "results", half)
	o := s.run(t, "apply", "-f", input, "--resume", results, "--dry-run")
	if content, err := os.ReadFile(results); err != nil || string(content) != half || o.code != 0 {
		t.Errorf("%+v, %v: %s", o, err, content)
	}
}

// The calls under way when a run is interrupted are finished and written down.
func TestInterruptedApply(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, more := range [][]string{nil, {"--output", "json"}} {
		s := newScene(t)
		ctx, cancel := context.WithCancel(t.Context())
		input := write(t, "endpoints.yaml", three)
		args := append([]string{"apply", "--file", input}, more...)
		front := s.withProxy(t, func(int) { cancel() })
		o := front.runUntil(ctx, t, args...)
		results, err := os.ReadFile(input + resultsSuffix)
		if endpoint, _ := s.server.Endpoint("e1"); err != nil || o.code != 130 || endpoint.URL != "https://example.com/new" {
			t.Errorf("%v, %+v", err, o)
		}
		text := shown(args, o) + "--- endpoints.yaml" + resultsSuffix + " ---\n" + string(results)
		text = strings.ReplaceAll(text, filepath.Dir(input)+string(filepath.Separator), "")
		// It is printed unless the call ends first. TestApplyFinishesItsCallsAtSIGINT holds it.
		texts = append(texts, strings.Replace(text, name+": "+interrupted+"\n", "", 1))
	}
	golden(t, "apply-interrupted.txt", strings.Join(texts, "\n"))
}

// withProxy puts a proxy in front of the sandbox. It calls arrived with the number of each call before it forwards it.
func (s scene) withProxy(t *testing.T, arrived func(call int)) scene {
	t.Helper()
	target, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{}
	proxy.ErrorLog = log.New(io.Discard, "", 0) // of clients that are killed
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived(int(calls.Add(1)))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return s.with(map[string]string{"HEYGEN_BASE_URL": server.URL})
}

// confirmedIn are the ids that a results file confirms.
func (s scene) confirmedIn(t *testing.T, path string) []string {
	t.Helper()
	r := results{path: path, destination: destination{s.env["HEYGEN_BASE_URL"], "v1"}}
	if err := r.read(); err != nil && !errors.Is(err, fs.ErrNotExist) { // it may have ended before there was one
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(r.confirmed))
}
