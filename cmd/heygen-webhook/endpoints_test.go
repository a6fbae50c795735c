package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
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

func TestEndpointsComeInSeveralForms(t *testing.T) {
	t.Parallel()
	const want = `{"endpoint_id":"e1","url":"https://example.com/a?b=1#c"}
{"endpoint_id":"e2","events":null}
{"endpoint_id":"e3","events":["a","b"],"url":"http://example.com"}
`
	const items = `# hooks
- endpoint_id: e1
  url: "https://example.com/a?b=1#c"

# - a comment
-   endpoint_id: "e2"
    events: all
-
  endpoint_id: e3
  url: http://example.com
  events:
  - a
  - b
`
	const jsonLines = `{"endpoint_id":"e1","url":"https://example.com/a?b=1#c"}` + "\n\n" +
		`  {"events":"all","endpoint_id":"e2"}` + "\r\n" +
		`{"endpoint_id":"e3","events":["a","b"],"url":"http://example.com"}`
	tests := map[string]string{
		"JSON lines":                  "\n" + jsonLines,
		"JSON over lines":             strings.ReplaceAll(jsonLines, ",", "\n\t,\n"),
		"byte order mark":             "\ufeff" + jsonLines,
		"null":                        strings.ReplaceAll(jsonLines, `"all"`, "null"),
		"YAML list":                   items,
		"YAML list in a document":     "---\n" + items + "...\n",
		"YAML list with Windows ends": strings.ReplaceAll(items, "\n", "\r\n"),
		"YAML list away from margin":  "  " + strings.ReplaceAll(items, "\n", "\n  "),
		"YAML with a directive":       "%YAML 1.2\n---\n" + items,
		"YAML with a version of old":  "# hooks\r\n%YAML 1.1 # of 2005\r\n---\r\n" + items,
		"YAML documents, each with a directive": "%YAML 1.2\n---\nendpoint_id: e1\nurl: https://example.com/a?b=1#c\n...\n" +
			"%YAML\t1.2  # again\n---\n{endpoint_id: e2, events: all}\n...\n--- # no directive\n- endpoint_id: e3\n" +
			"  url: http://example.com\n  events: [a, b]\n",
		"YAML with tags": "- !!map {!!str endpoint_id: !!str e1, url: !!str https://example.com/a?b=1#c}\n" +
			"- {endpoint_id: e2, events: !!null ~}\n- {endpoint_id: e3, events: !!seq [a, !!str b], url: http://example.com}\n",
		"YAML null": strings.ReplaceAll(items, "events: all", "events: ~"),
		"YAML documents": "endpoint_id: e1\nurl: https://example.com/a?b=1#c\n---\n# second\nendpoint_id: e2\nevents: all\n" +
			"---\nevents:\n- a\n- b\nendpoint_id: e3\nurl: >-\n  http://example.com\n",
		"YAML in flow": `[{endpoint_id: e1, url: 'https://example.com/a?b=1#c'}, {endpoint_id: e2, events: all},` + "\n" +
			` {endpoint_id: e3, events: [a, b], url: "http://example.com"}]`,
	}
	for name, input := range maps.Clone(tests) {
		tests[name+" after a byte order mark"] = byteOrderMark + strings.TrimPrefix(input, byteOrderMark)
	}
	tests["JSON list"] = "[" + strings.NewReplacer("}\n", "},\n", "}\r\n", "},\r\n").Replace(jsonLines) + "]"
	for name, input := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests, mistakes := readEndpoints([]byte(input))
			var bodies strings.Builder
			for _, req := range requests {
				fmt.Fprintf(&bodies, "%s\n", bodyOf(req))
			}
			if bodies.String() != want || len(mistakes) > 0 {
				t.Errorf("%v\n%s\nwant\n%s", mistakes, &bodies, want)
			}
		})
	}
}

// An alias stands for its anchor, also across items. A brace may begin YAML. JSON has escapes that YAML lacks.
func TestAliasesAndEscapesAreRead(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		"- {endpoint_id: e1, events: &e [a, &b b]}\n- {endpoint_id: e2, events: *e}\n- {endpoint_id: e3, events: [*b]}": "" +
			`{"endpoint_id":"e1","events":["a","b"]}{"endpoint_id":"e2","events":["a","b"]}{"endpoint_id":"e3","events":["b"]}`,
		"{endpoint_id: e1, events: all}":                     `{"endpoint_id":"e1","events":null}`,
		"endpoint_id: e1\nevents: [\"a\n%YAML 1.2\n b\"]\n":  `{"endpoint_id":"e1","events":["a %YAML 1.2 b"]}`,
		`{"endpoint_id":"\ud83d\ude00\u0065","events":null}`: "{\"endpoint_id\":\"\U0001f600e\",\"events\":null}",
	} {
		requests, mistakes := readEndpoints([]byte(input))
		var bodies []byte
		for _, req := range requests {
			bodies = append(bodies, bodyOf(req)...)
		}
		if string(bodies) != want || len(mistakes) > 0 {
			t.Errorf("%v\n%s\nwant\n%s", mistakes, bodies, want)
		}
	}
}

func TestEveryMistakeIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		input string
		want  []string
	}{
		"JSON lines": {`{"endpoint_id":"e1","events":"all"}
{"endpoint_id":"e2","ulr":"https://example.com"}
{"endpoint_id":"e4",
 "events":"every"}
{"endpoint_id":"e1","url":"example.com"}
{"endpoint_id":"e6","url":"https://example.com","url":"https://example.com"}
[]
{"endpoint_id":"e7",}
`, []string{
			`2: unknown member "ulr": there are endpoint_id, events, url`, "2: there is nothing to change",
			"4: events is a string: it must be all or null for every event, or a list",
			"5: url is not an absolute", `5: endpoint "e1" is already in line 1`, `6: member "url" is already in line 6`,
			"8: not JSON: ",
		}},
		"YAML": {`# list
- endpoint_id: 12
  events: all
- endpoint_id: e2
  url: ftp://example.com
- endpoint_id: e4
  events:
- endpoint_id: e5
  events: []
  events: [a]
- url: https://example.com
- events: every
- e8
- endpoint_id: e9
  url: 2026-01-01
- endpoint_id: e10
  events: [7, true]
- endpoint_id: {}
  events: [a, ""]
- endpoint_id: " "
  events: [a, all]
- endpoint_id: e11
  events: false
- endpoint_id: e12
- endpoint_id: !id e13
  url: []
`, []string{
			"2: endpoint_id is a number: it must be a string", "5: url is not an absolute", "7: events has no value",
			"9: events is an empty list", `10: member "events" is already in line 9`, "11: endpoint_id is missing",
			"12: events is a string", "12: endpoint_id is missing",
			"13: a string instead of an object with endpoint_id, events, url",
			"15: url is a date", "17: events has an item that is a number", "18: endpoint_id is an object",
			"19: events has an empty event type", "20: endpoint_id is empty", "21: events has all in a list",
			"23: events is true or false", "24: there is nothing to change", "25: endpoint_id is of tag !id",
			"26: url is a list",
		}},
		"YAML documents": {"endpoint_id: e1\nevents: all\n---\nfoo\n---\nendpoint_id: e1\nevents: all\nx: {}\n", []string{
			"4: a string instead of an object", `6: endpoint "e1" is already in line 1`, `8: unknown member "x"`,
		}},
		"no YAML":   {"- endpoint_id: e1\n- {endpoint_id: e2\n", []string{"3: not YAML: did not find"}},
		"no anchor": {"- endpoint_id: *e\n", []string{"1: not YAML: unknown anchor 'e' referenced"}},
		"directive": {"%YAML 2.0\n---\n- endpoint_id: e1\n", []string{
			"1: not YAML: the %YAML directive names another version than 1.1 and 1.2",
		}},
		"UTF-16, little-endian": {"\xff\xfe-\x00 \x00", []string{"1: a zero byte: is the file UTF-16?"}},
		"UTF-16, big-endian":    {"\xfe\xff\x00-\x00 ", []string{"1: a zero byte: is the file UTF-16?"}},
		"UTF-16 of JSON":        {"{\x00}\x00", []string{"1: a zero byte: is the file UTF-16?"}},
		"UTF-32":                {"\xff\xfe\x00\x00{\x00\x00\x00", []string{"1: a zero byte: is the file UTF-16?"}},
		"alias as a name": {"- {endpoint_id: &url e1, events: all}\n- {endpoint_id: e2, *url : https://e.com}\n", []string{
			`2: unknown member "e1"`, "2: there is nothing to change",
		}},
		"names of other types": {"- {endpoint_id: e1, events: all, 7: x, [a]: y, ~: z, !!binary YQ==: a}\n", []string{
			"1: a number instead of the name of a member", "1: a list instead of the name", "1: null instead of the name",
			"1: of tag !!binary instead of the name",
		}},
		"tags": {"- !endpoint {endpoint_id: e1, events: all}\n- {endpoint_id: !!binary ZTE=, events: !!set {a}}\n" +
			"- {endpoint_id: e3, events: !list [a]}\n- {endpoint_id: !include e4, events: all}\n", []string{
			"1: of tag !endpoint instead of an object", "2: endpoint_id is of tag !!binary", "2: events is of tag !!set",
			"3: events is of tag !list", "4: endpoint_id is of tag !include",
		}},
		"times": {"- {endpoint_id: 2026-11-28, url: 2026-11-28T10:00:00Z}\n", []string{
			"1: endpoint_id is a date", "1: url is a date",
		}},
		"alias of a list": {"- &a [x]\n- *a\n", []string{
			"1: a list instead of an object", "2: a list instead of an object",
		}},
		"list in itself": {"&a\n- *a\n", []string{"2: "}},
		"reserved directive": {"%FOO bar\n---\n- endpoint_id: e1\n", []string{
			"1: not YAML: found unknown directive name",
		}},
		"merge key in flow": {"- {<<: {endpoint_id: e}, events: all}\n- {'<<': x, endpoint_id: e, events: all}\n", []string{
			"1: a merge key (<<), which is not supported", `2: unknown member "<<"`,
		}},
		"name case":  {`{"endpoint_id":"e1","events":null,"URL":"https://example.com"}`, []string{`1: unknown member "URL"`}},
		"cut":        {"{\"endpoint_id\":\"e1\",\n\"events\":", []string{"2: not JSON: "}},
		"not UTF-8":  {"{\"endpoint_id\":\"e1\",\"url\":\"https://e.com/\xff\"}", []string{"1: not JSON: invalid UTF-8"}},
		"text after": {`{"endpoint_id":"e1","events":null} x`, []string{"1: not JSON: "}},
		"merge key": {"- &base\n  endpoint_id: e1\n  events: all\n- <<: *base\n  endpoint_id: e2\n", []string{
			"4: a merge key (<<), which is not supported: write the members, or give a value an anchor",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requests, mistakes := readEndpoints([]byte(test.input))
			if len(requests) > 0 {
				t.Errorf("requests %v", requests)
			}
			for i := range max(len(mistakes), len(test.want)) {
				var got, want string
				if i < len(mistakes) {
					got = fmt.Sprintf("%d: %s", mistakes[i].Line, mistakes[i].Problem)
				}
				if i < len(test.want) {
					want = test.want[i]
				}
				if !strings.HasPrefix(got, want) || want == "" {
					t.Errorf("mistake %q, want %q", got, want)
				}
			}
		})
	}
}

// canceledAfterReading is a context that is done when it is asked for the second time.
type canceledAfterReading struct {
	context.Context
	asked *int
}

func (c canceledAfterReading) Done() <-chan struct{} {
	if *c.asked++; *c.asked == 1 {
		return nil
	}
	done := make(chan struct{})
	close(done)
	return done
}

func TestParsingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	path := write(t, "large.yaml", strings.Repeat("- {endpoint_id: e1, events: all}\n", 20_000))
	ctx := canceledAfterReading{t.Context(), new(int)}
	_, err := endpointsFromFile(ctx, &cli.Command{}, path)
	if f, ok := errors.AsType[*failure](err); !ok || f.Kind != heygen.KindCanceled {
		t.Errorf("error %v", err)
	}
}

// A few bytes of aliases must not fill the memory.
func TestAliasesAreBounded(t *testing.T) {
	t.Parallel()
	input := "- {endpoint_id: e, events: &e [" + strings.Repeat("a,", 2000) + "]}\n"
	for i := range 1000 {
		input += fmt.Sprintf("- {endpoint_id: e%d, events: *e}\n", i)
	}
	requests, mistakes := readEndpoints([]byte(input))
	if len(requests) > 0 || len(mistakes) != 1 || mistakes[0].Problem != "the aliases repeat more than 100000 values" {
		t.Errorf("%d requests, %v", len(requests), mistakes)
	}
	input = "next: [&f [" + strings.Repeat("hang,", 2000) + "]" + strings.Repeat(", *f", 1000) + "]"
	if _, mistakes := readScript([]byte(input)); len(mistakes) != 1 {
		t.Errorf("%v", mistakes)
	}
}

// A file of any bytes is read, or refused with lines that are in it.
func FuzzReadEndpoints(f *testing.F) {
	f.Add([]byte("- endpoint_id: e1\n  events: all\n"))
	f.Add([]byte(`{"endpoint_id":"e1","events":["a"]}` + "\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		requests, mistakes := readEndpoints(data)
		for _, mistake := range mistakes {
			if mistake.Line < 1 || mistake.Line > bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte("\r"))+2 {
				t.Errorf("%+v in %q", mistake, data)
			}
		}
		for _, req := range requests {
			if req.EndpointID == "" || !json.Valid(bodyOf(req)) {
				t.Errorf("%+v of %q", req, data)
			}
		}
	})
}

// The three states of events survive, and nothing is sent that is not in the file.
func TestFromSendsTheRequestInAFile(t *testing.T) {
	t.Parallel()
	const id = `"endpoint_id":"e1"`
	const url = `"url":"https://example.com/a"`
	for content, body := range map[string]string{
		`{` + id + `,` + url + `}`:        `{` + id + `,` + url + `}`,
		`{` + id + `,"events":null}`:      `{` + id + `,"events":null}`,
		`{` + id + `,"events":"all"}`:     `{` + id + `,"events":null}`,
		`{"events":["a","b"],` + id + `}`: `{` + id + `,"events":["a","b"]}`,
		"endpoint_id: e1\nevents: [a]\n":  `{` + id + `,"events":["a"]}`,

		" {\n\"events\": [\"a\"],\n" + id + ",\n\"url\": \"https://example.com/\\u0061\"\n}\n": "" +
			`{` + id + `,"events":["a"],` + url + `}`,
	} {
		s := newScene(t)
		o := s.run(t, "update", "--from", write(t, "request.json", content))
		if o.code != 0 || o.stderr != endOfV1Line {
			t.Fatalf("%s: %+v", content, o)
		}
		if calls := s.server.Calls(); len(calls) != 1 || string(calls[0].RequestBody) != body {
			t.Errorf("%s: calls %+v, want one with %s", content, calls, body)
		}
	}
}

func TestFromRefusesFilesWithoutOneRequest(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"":                           "has no endpoint",
		"\n\n":                       "has no endpoint",
		"[]":                         "has no endpoint",
		"null":                       "has no endpoint",
		"7":                          "line 1: a number instead of an object",
		`{"events":null}`:            "line 1: endpoint_id is missing",
		`{"endpoint_id":"e1"}` + "x": "has 2 mistakes; nothing was sent",
		`{"endpoint_id":"e1","events":null}{"endpoint_id":"e2","events":null}`: "has 2 endpoints: update changes one",
	} {
		s := newScene(t)
		o := s.run(t, "update", "--from", write(t, "request.json", content))
		if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, want) || len(s.server.Calls()) > 0 {
			t.Errorf("%q: %+v\nwant %q", content, o, want)
		}
	}
}

func TestFromExcludesTheFlagsItReplaces(t *testing.T) {
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
