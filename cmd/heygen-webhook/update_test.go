package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/heygen-go/heygen/heygentest"
)

func TestUpdatePrintsTheEndpoint(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"update-text.txt":        {},
		"update-json.txt":        {"--output", "json"},
		"update-text-secret.txt": {"--show-secret"},
		"update-json-secret.txt": {"--show-secret", "--output", "json"},
	}
	for file, args := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"update", "--endpoint-id", "e1", "--url", "https://example.com/hook?a=1&b=2"}, args...)
			golden(t, file, newScene(t).transcript(t, args...))
		})
	}
}

// Every member but the three that the client needs can be missing, and a text can have control characters.
func TestUpdatePrintsWhatIsReported(t *testing.T) {
	t.Parallel()
	body := `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.com/\u001b[2J","status":"paused",` +
		`"entity_id":"en-1","events":[]}}`
	s := newScene(t, heygentest.FaultResponse(200, nil, body), heygentest.FaultResponse(200, nil, body))
	args := []string{"update", "--endpoint-id", "e1", "--url", "https://example.com"}
	golden(t, "update-sparse.txt", s.transcript(t, args...)+"\n"+s.transcript(t, append(args, "--output=json")...))
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_API_KEY": "", "HEYGEN_BASE_URL": "https://example.invalid"})
	args := []string{"update", "--sandbox", "--endpoint-id", "demo", "--events", "avatar_video.success,avatar_video.fail"}
	golden(t, "sandbox.txt", s.transcript(t, args...)+"\n"+s.transcript(t, append(args, "--output", "json")...))
}

func TestDryRunSendsNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	args := []string{"update", "--dry-run", "--endpoint-id", "e1", "--url", "https://example.com/hook", "--all-events"}
	golden(t, "dry-run.txt", s.transcript(t, args...)+"\n"+s.transcript(t, append(args, "--output", "json")...))
	if calls := s.server.Calls(); len(calls) != 0 {
		t.Errorf("%d calls", len(calls))
	}
}

// With --sandbox it is the request that the sandbox would get.
func TestDryRunOfTheSandbox(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_API_KEY": ""})
	input := write(t, "endpoints.yaml", three)
	for _, args := range [][]string{{"update", "--endpoint-id", "demo", "--all-events"}, {"apply", "--file", input}} {
		o := s.run(t, append(args, "--dry-run", "--sandbox")...)
		if o.code != 0 || !strings.Contains(o.stdout, `"events":null`) || len(s.server.Calls()) > 0 {
			t.Errorf("%+v", o)
		}
		if strings.Contains(o.stdout, "PATCH ") && !strings.Contains(o.stdout, "PATCH http://127.0.0.1:") {
			t.Errorf("not sent to the sandbox: %s", o.stdout)
		}
		if _, err := os.Stat(input + resultsSuffix); err == nil {
			t.Error("a dry run made a results file")
		}
	}
}

// JSON has no character that a terminal obeys or does not show, wherever it came from, and the same values.
func TestJSONIsEscaped(t *testing.T) {
	t.Parallel()
	const odd = "\u202e\u2066\u200f\u0085\u009b\u007f\u2028\ufeff\U000e0001"
	const shown = "é日😀"
	for name, args := range map[string][]string{
		"response": {"update", "--endpoint-id", "e1", "--all-events"},
		"error":    {"update", "--endpoint-id", "e2", "--all-events"},
		"request":  {"update", "--dry-run", "--endpoint-id", "e1" + odd + shown, "--all-events"},
		"usage":    {"update", "--endpoint-id", "e1", odd + shown},
		"apply":    {"apply", "--file", write(t, "x"+odd+shown, `{"endpoint_id":"`+odd+shown+`","events":"all"}`)},
		"dry run":  {"apply", "--dry-run", "--file", write(t, "x", `{"endpoint_id":"`+odd+shown+`","events":"all"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := heygentest.FaultResponse(200, nil,
				`{"code":100,"data":{"endpoint_id":"e1","url":"`+odd+shown+`","status":"s"}}`)
			if name == "error" {
				fault = heygentest.FaultResponse(200, http.Header{"X-Request-Id": {"r"}}, `{"code":"`+shown+`","message":"m"}`)
			}
			s := newScene(t, fault)
			o := s.run(t, append(args, "--output", "json")...)
			text := o.stdout + o.stderr
			if name == "apply" {
				results, err := os.ReadFile(args[2] + resultsSuffix)
				if text += string(results); err != nil {
					t.Error(err)
				}
			}
			if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
				t.Errorf("%q", text)
			}
			if !strings.Contains(text, shown) {
				t.Errorf("no %s in %q", shown, text)
			}
			for line := range strings.Lines(text) {
				if !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %q", line)
				}
			}
		})
	}
	value := "a\n" + odd + shown
	var decoded string
	var text bytes.Buffer
	printJSON(&text, value)
	if err := json.Unmarshal(text.Bytes(), &decoded); err != nil || decoded != value {
		t.Errorf("%v: %q, want %q", err, decoded, value)
	}
}

// The request that --dry-run prints is the one that is sent without it.
func TestDryRunPrintsWhatIsSent(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	args := []string{"update", "--endpoint-id", "e1", "--events", "a", "--output", "json"}
	var printed capturedRequest
	dry := s.with(map[string]string{"HEYGEN_API_KEY": ""}).run(t, append(args, "--dry-run")...)
	if err := json.Unmarshal([]byte(dry.stdout), &printed); err != nil {
		t.Fatalf("%v in %+v", err, dry)
	}
	if o := s.run(t, args...); o.code != 0 {
		t.Fatalf("%+v", o)
	}
	call := s.server.Calls()[0]
	got := printed.Method + " " + printed.URL + " " + string(printed.Body)
	if want := call.Method + " " + s.server.URL + call.RequestURI + " " + string(call.RequestBody); got != want {
		t.Errorf("printed %s, sent %s", got, want)
	}
	for name, value := range printed.Headers {
		if call.Header.Get(name) != value {
			t.Errorf("header %s: printed %q, sent %q", name, value, call.Header.Get(name))
		}
	}
}

func TestFlagsSayWhatIsSent(t *testing.T) {
	t.Parallel()
	const id = `"endpoint_id":"e1"`
	tests := []struct {
		name string
		args []string
		body string
	}{
		{"url", []string{"--url", "https://example.com/a"}, `{` + id + `,"url":"https://example.com/a"}`},
		{"url with =", []string{"--url=https://example.com/?a=b"}, `{` + id + `,"url":"https://example.com/?a=b"}`},
		{"one event", []string{"--events", "a"}, `{` + id + `,"events":["a"]}`},
		{"events with commas", []string{"--events", "a,b"}, `{` + id + `,"events":["a","b"]}`},
		{"events with spaces", []string{"--events", " a , b "}, `{` + id + `,"events":["a","b"]}`},
		{"events repeated", []string{"--events", "a", "--events", "b,c"}, `{` + id + `,"events":["a","b","c"]}`},
		{"all events", []string{"--all-events"}, `{` + id + `,"events":null}`},
		{"all as a type", []string{"--events", "all"}, `{` + id + `,"events":null}`},
		{"all events taken back", []string{"--all-events=false", "--events", "a"}, `{` + id + `,"events":["a"]}`},
		{
			"url and events", []string{"--events", "a", "--url", "https://example.com/a"},
			`{` + id + `,"events":["a"],"url":"https://example.com/a"}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			o := s.run(t, append([]string{"update", "--endpoint-id", "e1"}, test.args...)...)
			if o.code != 0 || o.stderr != endOfV1Line {
				t.Fatalf("%+v", o)
			}
			if calls := s.server.Calls(); len(calls) != 1 || string(calls[0].RequestBody) != test.body {
				t.Errorf("calls %+v, want one with %s", calls, test.body)
			}
		})
	}
}

func TestBaseURLFlagWinsOverTheEnvironment(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s = s.with(map[string]string{"HEYGEN_BASE_URL": "http://example.invalid"})
	o := s.run(t, "update", "--endpoint-id", "e1", "--all-events", "--base-url", s.server.URL)
	if o.code != 0 {
		t.Errorf("%+v", o)
	}
}

func TestBaseURLIsHeyGenUnlessGiven(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_BASE_URL": ""})
	o := s.run(t, "update", "--endpoint-id", "e1", "--all-events", "--dry-run")
	if !strings.HasPrefix(o.stdout, "PATCH https://api.heygen.com/v1/webhook/endpoint.update\n") {
		t.Errorf("%+v", o)
	}
}

func TestRetriesAreRepeatsAfterTheFirstAttempt(t *testing.T) {
	t.Parallel()
	unavailable := heygentest.FaultError(503, 500000, "later")
	tests := []struct {
		name     string
		args     []string
		attempts int
		stderr   string // the end of its first line
	}{
		{"none", []string{"--retries", "0"}, 1, "later (HTTP 503, code 500000)\n"},
		{"one", []string{"--retries", "1"}, 2, "later (HTTP 503, code 500000, 2 attempts)\n"},
		{"the default", nil, 3, "later (HTTP 503, code 500000, 3 attempts)\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, unavailable, unavailable, unavailable, unavailable)
			o := s.run(t, append([]string{"update", "--endpoint-id", "e1", "--all-events"}, test.args...)...)
			if calls := len(s.server.Calls()); calls != test.attempts {
				t.Errorf("%d calls, want %d", calls, test.attempts)
			}
			if o.code != 1 || !strings.Contains(o.stderr, test.stderr) {
				t.Errorf("%+v, want %q", o, test.stderr)
			}
		})
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		content string
		mode    os.FileMode
		code    int
		stderr  string // a part of it
	}{
		{"key", testKey, 0o600, 0, ""},
		{"line break", testKey + "\n", 0o400, 0, ""},
		{"line breaks of Windows", "\r\n" + testKey + "\r\n", 0o600, 0, ""},
		{"wrong key", "key-of-somebody-else", 0o600, 3, "check the API key"},
		{"empty", "\n", 0o600, 3, "the API key"},
		{"spaces", testKey + " \n", 0o600, 3, "the API key"},
		{"two lines", testKey + "\n" + testKey, 0o600, 3, "the API key"},
		{"byte order mark", "\ufeff" + testKey, 0o600, 0, ""},
		{"too large", strings.Repeat("k", 1<<17), 0o600, 2, "too large for its API key"},
		{"readable by the group", testKey, 0o640, 0, ""},
		{"mounted by a container", testKey, 0o440, 0, ""},
		{"readable by everybody", testKey, 0o604, 2, "others can read the API key"},
		{"readable by everybody, with a hint", testKey, 0o444, 2, "\n  chmod 600 "},
		{"writable by the group", testKey, 0o620, 2, "others can write the API key"},
		{"writable by everybody", testKey, 0o602, 2, "others can write the API key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && test.mode&0o026 != 0 {
				test.code, test.stderr = 0, "" // there the mode says nothing
			}
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			s := newScene(t).with(map[string]string{"HEYGEN_API_KEY": "the-file-wins"})
			o := s.run(t, "update", "--endpoint-id", "e1", "--all-events", "--api-key-file", path)
			if o.code != test.code || !strings.Contains(o.stderr, test.stderr) || test.code == 0 && o.stderr != endOfV1Line {
				t.Errorf("%+v, want code %d and %q", o, test.code, test.stderr)
			}
		})
	}
}

func TestKeyFileIsAFileOrAPipe(t *testing.T) {
	t.Parallel()
	for _, path := range []string{t.TempDir(), os.DevNull} {
		o := newScene(t).run(t, "update", "--endpoint-id", "e1", "--all-events", "--api-key-file", path)
		if o.code != 2 || !strings.Contains(o.stderr, "takes a file or a pipe") || strings.Contains(o.stderr, "chmod") {
			t.Errorf("%s: %+v", path, o)
		}
	}
}

// A key can be refused by HeyGen, by a gateway and by the client.
func TestErrorsOfTheKeyNameItsSourceOnce(t *testing.T) {
	t.Parallel()
	for _, refused := range []struct {
		key   string
		fault heygentest.Fault
	}{
		{"key-of-somebody-else", heygentest.Fault{}},
		{"key", heygentest.FaultResponse(401, nil, "<html>")},
		{"key", heygentest.FaultResponse(403, nil, "<html>")},
		{"key with spaces", heygentest.Fault{}},
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(refused.key), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			args          []string
			source, other string
		}{
			{nil, "HEYGEN_API_KEY", "--api-key-file"},
			{[]string{"--api-key-file", path}, "--api-key-file", "HEYGEN_API_KEY"},
		} {
			s := newScene(t, refused.fault).with(map[string]string{"HEYGEN_API_KEY": refused.key})
			o := s.run(t, append([]string{"update", "--endpoint-id", "e1", "--all-events"}, test.args...)...)
			if o.code != 3 || strings.Count(o.stderr, test.source) != 1 || strings.Contains(o.stderr, test.other) {
				t.Errorf("%q: %+v, want %s once and no %s", refused.key, o, test.source, test.other)
			}
		}
	}
}

func TestKeyInPlaceOfTheKeyFileIsNotPrinted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	o := s.run(t, "update", "--endpoint-id", "e1", "--all-events", "--api-key-file", testKey)
	if o.code != 2 || !strings.Contains(o.stderr, "cannot be opened") {
		t.Errorf("%+v", o)
	}
	o = s.run(t, "update", "--endpoint-id", "e1", "--all-events", "--api-key="+testKey)
	if o.code != 2 || !strings.Contains(o.stderr, "not defined: -api-key\n") {
		t.Errorf("%+v", o)
	}
}
