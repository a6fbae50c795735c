package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// served is the program while it serves the sandbox.
type served struct {
	BaseURL string `json:"base_url"`
	APIKey  string `json:"api_key"`
	stop    func() (code int, stderr string)
}

func startSandbox(t *testing.T, args ...string) served {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, writer := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{name, "sandbox"}, args...), writer, &stderr, func(string) string { return "" })
		_ = writer.Close()
		ended <- code
	}()
	var s served
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &s) != nil {
		t.Fatalf("%v: %s, exit code %d, %s", err, line, <-ended, &stderr)
	}
	s.stop = func() (int, string) {
		cancel()
		return <-ended, stderr.String()
	}
	t.Cleanup(cancel)
	return s
}

// send sends an update and returns the status of the response.
func (s served) send(t *testing.T, id string) (status int, header http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch,
		s.BaseURL+"/v1/webhook/endpoint.update?token=hidden-token", strings.NewReader(`{"endpoint_id":"`+id+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", s.APIKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, resp.Header
}

var measured = regexp.MustCompile(`time=\S+|duration=\S+`)

func TestSandboxServesUntilItIsEnded(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, "--endpoint-id", "e1", "--endpoint-id", "slow-1", "--faults", "testdata/faults.yaml")
	var got []int
	for _, id := range []string{"e1", "slow-1", "slow-1", "e1", "demo"} {
		status, header := s.send(t, id)
		if got = append(got, status); (status == 429) != (header.Get("Retry-After") == "2") {
			t.Errorf("%d with %v", status, header)
		}
	}
	if want := []int{503, 429, 200, 200, 404}; !slices.Equal(got, want) {
		t.Errorf("responded %d, want %d", got, want)
	}
	code, log := s.stop()
	if code != 0 || strings.Contains(log, s.APIKey) || strings.Contains(log, "hidden-token") {
		t.Errorf("exit code %d, log\n%s", code, log)
	}
	golden(t, "sandbox-log.txt", measured.ReplaceAllStringFunc(log, func(text string) string {
		name, _, _ := strings.Cut(text, "=")
		return name + "=X"
	}))
	if _, err := http.Get(s.BaseURL); err == nil {
		t.Error("it still serves")
	}
}

func TestSandboxHoldsTheDemoEndpointUnlessTold(t *testing.T) {
	t.Parallel()
	s := startSandbox(t, "--rate-limit", "1000", "--latency", "1ms")
	if status, _ := s.send(t, "demo"); status != 200 {
		t.Error(status)
	}
}

func TestSandboxIsOnTheAddressAskedFor(t *testing.T) {
	t.Parallel()
	first := startSandbox(t, "--addr", "localhost:0")
	address := strings.TrimPrefix(first.BaseURL, "http://")
	o := newScene(t).run(t, "sandbox", "--addr", address)
	if o.code != 1 || !strings.Contains(o.stderr, "give another --addr") {
		t.Errorf("%+v", o)
	}
	first.stop()
	if again := startSandbox(t, "--addr", address); again.BaseURL != first.BaseURL {
		t.Errorf("%s, want %s", again.BaseURL, first.BaseURL)
	}
}

// A state has the endpoints; with --probe, a URL on this machine must respond before an endpoint moves there.
func TestSandboxStateAndProbe(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.json")
	content := []byte(`{"endpoints":[{"endpoint_id":"e7","secret":"whsec_known"}]}`)
	if err := os.WriteFile(state, content, 0o600); err != nil {
		t.Fatal(err)
	}
	const deaf = "http://127.0.0.1:1/"
	for _, test := range []struct {
		args   []string
		status int
	}{{[]string{"--state", state}, 200}, {[]string{"--state", state, "--probe"}, 400}} {
		s := startSandbox(t, test.args...)
		_, snapshot := do(t, http.MethodGet, s.BaseURL+"/_/endpoints", nil, nil)
		var got endpointList
		if err := json.Unmarshal(snapshot, &got); err != nil || len(got.Endpoints) != 1 ||
			got.Endpoints[0].EndpointID != "e7" || got.Endpoints[0].Secret.Reveal() != "whsec_known" {
			t.Errorf("%q: %v %s", test.args, err, snapshot)
		}
		resp, body := do(t, http.MethodPatch, s.BaseURL+contractPath, []byte(`{"endpoint_id":"e7","url":"`+deaf+`"}`),
			map[string]string{"Content-Type": "application/json", "X-Api-Key": s.APIKey})
		if resp.StatusCode != test.status {
			t.Errorf("%q: %d %s, want %d", test.args, resp.StatusCode, body, test.status)
		}
	}
}

// Version 1 says when it ends, and version 3 goes on with the same endpoints.
func TestSandboxSunset(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		date, header string
		status       int
	}{
		{"2026-10-31", "Sat, 31 Oct 2026 00:00:00 GMT", 410},
		{"2126-10-31T02:00:00+02:00", "Thu, 31 Oct 2126 00:00:00 GMT", 200},
	} {
		s := startSandbox(t, "--endpoint-id", "e1", "--sunset", test.date)
		if status, header := s.send(t, "e1"); status != test.status || header.Get("Sunset") != test.header {
			t.Errorf("%s: %d with %v", test.date, status, header)
		}
		resp, body := do(t, http.MethodGet, s.BaseURL+"/v3/webhooks/endpoints", nil,
			map[string]string{"X-Api-Key": s.APIKey})
		if resp.StatusCode != 200 || !strings.Contains(string(body), `"endpoint_id":"e1"`) ||
			resp.Header.Get("Sunset") != "" {
			t.Errorf("%s: version 3 responds %d %s", test.date, resp.StatusCode, body)
		}
	}
}

func TestSandboxRefusals(t *testing.T) {
	t.Parallel()
	var all string
	for _, args := range [][]string{
		{"--addr", "0.0.0.0:0"},
		{"--addr", ":8080"},
		{"--addr", "127.0.0.1"},
		{"--endpoint-id", ""},
		{"--latency", "-1s", "--rate-limit", "0"},
		{"--faults", "testdata/no-such-file.yaml"},
		{"--faults", "testdata/faults-wrong.yaml"},
		{"--sunset", "tomorrow"},
		{"--sunset", ""},
		{"--state", "testdata/no-such-file.json"},
		{"--state", "testdata/state-wrong.json"},
		{"--state", "testdata/faults.yaml"},
		{"--state", "testdata/state-wrong.json", "--endpoint-id", "e1"},
	} {
		all += newScene(t).transcript(t, append([]string{"sandbox"}, args...)...) + "\n"
	}
	golden(t, "sandbox-refusals.txt", all)
}

func TestSandboxStopsWhenItsFirstLineCannotBeWritten(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	_ = reader.Close()
	var stderr bytes.Buffer
	code := run(t.Context(), []string{name, "sandbox"}, writer, &stderr, func(string) string { return "" })
	if code != 1 || !strings.Contains(stderr.String(), "stdout cannot be written") {
		t.Errorf("%d %s", code, &stderr)
	}
}

func TestScriptsAreYAMLOrJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ next, rules int }{
		"next: [hang]": {1, 0},
		"next:\n- hang\n- [reset, retry-after 2s]": {2, 0},
		"next: []":                {0, 0},
		"next: [&a hang, *a]":     {2, 0},
		"rules:\n- fault: normal": {0, 1},
		`{"next": ["respond 418 {\"a\":1}"], "rules": [{"id_prefix": "a", "every": 2, "fault": ["hang", "hang"]}]}`: {1, 1},
	} {
		if s, mistakes := readScript([]byte(text)); len(mistakes) != 0 || len(s.next) != want.next ||
			len(s.rules) != want.rules {
			t.Errorf("%s: %+v %v", text, s, mistakes)
		}
	}
}

func TestMistakesInAScript(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mistake{
		"":                              {1, "the file is empty: give next or rules"},
		"# nothing":                     {1, "the file is empty: give next or rules"},
		"- hang":                        {1, " instead of an object with next, rules"},
		"\nhang":                        {2, " instead of an object with next, rules"},
		"next: hang":                    {1, "a string instead of a list"},
		"next:\n- a: [":                 {3, "not YAML: "},
		"next: []\n---\nnext: []":       {3, "a second document begins: the file must have one"},
		"next: []\n---\nnext: [":        {4, "not YAML: "},
		"next: []\n\nnext: []":          {3, `member "next" is already in line 1`},
		"rules:\n  - every: 1":          {2, "the rule has no fault"},
		"rules:\n- fault: hang\n  a: 1": {3, `unknown member "a": there are every, fault, id_prefix`},
		"next:\n-":                      {2, "null instead of the text of a fault such as hang, or a list of texts"},
	} {
		_, mistakes := readScript([]byte(text))
		if len(mistakes) != 1 || mistakes[0].Line != want.Line || !strings.Contains(mistakes[0].Problem, want.Problem) {
			t.Errorf("%q: %v, want %v", text, mistakes, want)
		}
	}
}

func FuzzReadScript(f *testing.F) {
	for _, file := range []string{"faults.yaml", "faults-wrong.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, mistakes := readScript(data)
		for _, mistake := range mistakes {
			if mistake.Line < 1 || mistake.Line > len(data)+1 || mistake.Problem == "" {
				t.Errorf("%+v", mistake)
			}
		}
		if len(mistakes) == 0 && len(data) == 0 {
			t.Errorf("%+v of nothing", s)
		}
	})
}
