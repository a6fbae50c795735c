package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write makes a file of a test's own.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The three states of events survive, and nothing is sent that is not in the file.
func TestFromSendsWhatTheFileHolds(t *testing.T) {
	t.Parallel()
	const id = `"endpoint_id":"e1"`
	tests := []struct{ name, content, body string }{
		{"no events", `{` + id + `,"url":"https://example.com/a"}`, `{` + id + `,"url":"https://example.com/a"}`},
		{"every event", `{` + id + `,"events":null}`, `{` + id + `,"events":null}`},
		{"listed events", `{"events":["a","b"],` + id + `}`, `{` + id + `,"events":["a","b"]}`},
		{
			"all members, over lines", " {\n\"events\": [\"a\"],\n" + id + ",\n\"url\": \"https://example.com/\\u0061\"\n}\n",
			`{` + id + `,"events":["a"],"url":"https://example.com/a"}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			o := s.run(t, "update", "--from", write(t, "request.json", test.content))
			if o.code != 0 || o.stderr != "" {
				t.Fatalf("%+v", o)
			}
			if calls := s.server.Calls(); len(calls) != 1 || string(calls[0].RequestBody) != test.body {
				t.Errorf("calls %+v, want one with %s", calls, test.body)
			}
		})
	}
}

func TestFromRefusesWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, content, want string }{
		{"empty", "", "line 1: no JSON object"},
		{"blank", "\n\n", "line 3: no JSON object"},
		{"list", `[]`, "line 1: no JSON object"},
		{"null", `null`, "line 1: no JSON object"},
		{"unknown member", "{\"endpoint_id\":\"e1\",\n\"ulr\":\"https://example.com\"}", `line 2: unknown member "ulr"`},
		{"name in another case", `{"endpoint_id":"e1","URL":"https://example.com"}`, `line 1: unknown member "URL"`},
		{
			"twice", "{\"endpoint_id\":\"e1\",\n\"events\":null,\n\n  \"events\":[\"a\"]}",
			`line 4: member "events" is already in line 2`,
		},
		{"id missing", `{"events":null}`, "line 1: endpoint_id is missing"},
		{"id empty", `{"endpoint_id":"","events":null}`, "line 1: endpoint_id is empty"},
		{"id null", `{"endpoint_id":null,"events":null}`, "endpoint_id is null: it must be a string"},
		{"id number", `{"endpoint_id":7,"events":null}`, "endpoint_id is a number: it must be a string"},
		{"url empty", `{"endpoint_id":"e1","url":""}`, "url is empty"},
		{"url object", `{"endpoint_id":"e1","url":{}}`, "url is an object: it must be a string"},
		{"url list", `{"endpoint_id":"e1","url":[]}`, "url is a list: it must be a string"},
		{"events text", `{"endpoint_id":"e1","events":"all"}`, "events is a string: it must be null for every event"},
		{"events bool", `{"endpoint_id":"e1","events":true}`, "events is true or false"},
		{"events empty", `{"endpoint_id":"e1","events":[]}`, "HeyGen does not document what that does"},
		{"event empty", `{"endpoint_id":"e1","events":["a"," "]}`, "events holds an empty event type"},
		{"event null", `{"endpoint_id":"e1","events":[null]}`, "events holds null"},
		{"event list", `{"endpoint_id":"e1","events":[["a"]]}`, "events holds a list"},
		{"nothing to change", `{"endpoint_id":"e1"}`, "there is nothing to change"},
		{"cut", "{\"endpoint_id\":\"e1\",\n\"events\":", "line 2: no JSON: "},
		{"comma", "{\"endpoint_id\":\"e1\",\n\"events\":null,}", "line 2: no JSON: "},
		{"two", `{"endpoint_id":"e1","events":null}` + "\n{}", "line 2: something follows the JSON object"},
		{"text behind", `{"endpoint_id":"e1","events":null} x`, "line 1: something follows the JSON object"},
		{"not UTF-8", `{"endpoint_id":"e1","url":"https://example.com/` + "\xff" + `"}`, "no JSON: invalid UTF-8"},
		{"too long", strings.Repeat(" ", maxRequest+1), "holds more than a request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			o := s.run(t, "update", "--from", write(t, "request.json", test.content))
			if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, test.want) {
				t.Errorf("%+v\nwant %q", o, test.want)
			}
			if calls := s.server.Calls(); len(calls) != 0 {
				t.Errorf("%d calls", len(calls))
			}
		})
	}
}

func TestFromExcludesTheFlagsItContradicts(t *testing.T) {
	t.Parallel()
	path := write(t, "request.json", `{"endpoint_id":"e1","events":null}`)
	for _, args := range [][]string{
		{"--endpoint-id", "e1"}, {"--url", "https://example.com"}, {"--events", "a"}, {"--all-events"},
	} {
		o := newScene(t).run(t, append([]string{"update", "--from", path}, args...)...)
		if want := "--from and " + args[0] + " exclude each other"; o.code != 2 || !strings.Contains(o.stderr, want) {
			t.Errorf("%+v\nwant %q", o, want)
		}
	}
}
