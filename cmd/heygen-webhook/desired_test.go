package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// bodiesOf reads a desired state, and returns what is to be sent and what is wrong.
func bodiesOf(t *testing.T, input string, confirmed map[string]string) (bodies string, faults []fault) {
	t.Helper()
	d, err := readDesired(strings.NewReader(input), confirmed)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	content, err := io.ReadAll(d.file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(content), "\n"); n != d.unsent {
		t.Errorf("%d bodies, want %d", n, d.unsent)
	}
	return string(content), d.faults
}

func TestDesiredStateComesInSeveralForms(t *testing.T) {
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
	tests := map[string]string{
		"JSON lines": "\n" + `{"endpoint_id":"e1","url":"https://example.com/a?b=1#c"}` + "\n\n" +
			`  {"events":"all","endpoint_id":"e2"}` + "\r\n" +
			`{"endpoint_id":"e3","events":["a","b"],"url":"http://example.com"}`,
		"byte order mark": "\ufeff" + `{"endpoint_id":"e1","url":"https://example.com/a?b=1#c"}` + "\n" +
			`{"events":"all","endpoint_id":"e2"}` + "\n" +
			`{"endpoint_id":"e3","events":["a","b"],"url":"http://example.com"}`,
		"YAML list":                   items,
		"YAML list in a document":     "---\n" + items + "...\n",
		"YAML list with Windows ends": strings.ReplaceAll(items, "\n", "\r\n"),
		"YAML list away from margin":  "  " + strings.ReplaceAll(items, "\n", "\n  "),
		"YAML documents": "endpoint_id: e1\nurl: https://example.com/a?b=1#c\n---\n# second\nendpoint_id: e2\nevents: all\n" +
			"...\n---\n---\nevents:\n- a\n- b\nendpoint_id: e3\nurl: >-\n  http://example.com\n",
		"YAML in flow": `[{endpoint_id: e1, url: 'https://example.com/a?b=1#c'}, {endpoint_id: e2, events: all},` + "\n" +
			` {endpoint_id: e3, events: [a, b], url: "http://example.com"}]`,
		"YAML documents in flow": "--- {endpoint_id: e1, url: 'https://example.com/a?b=1#c'}\n" +
			"--- {endpoint_id: e2, events: all}\n--- {endpoint_id: e3, events: [a, b], url: 'http://example.com'}",
	}
	for name, input := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if bodies, faults := bodiesOf(t, input, nil); bodies != want || len(faults) > 0 {
				t.Errorf("%v\n%s\nwant\n%s", faults, bodies, want)
			}
		})
	}
}

func TestEveryFaultIsNamedWithItsLine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, input string
		want        []string
	}{
		{"JSON lines", `{"endpoint_id":"e1","events":"all"}
{"endpoint_id":"e2","ulr":"https://example.com"}
{"endpoint_id":"e3","events":null}
{"endpoint_id":"e4",
 "events":"all"}
{"endpoint_id":"e1","url":"example.com"}
{"endpoint_id":"e6","url":"https://example.com","url":"https://example.com"}
[]
`, []string{
			`2: unknown member "ulr"`, "2: there is nothing to change", "3: events is null", "4: no JSON", "5: no JSON",
			"6: url is not an absolute", `6: endpoint "e1" is already in line 1`, `7: member "url" is already in line 7`,
			"8: no JSON object",
		}},
		{"YAML", `# list
- endpoint_id: 12
  events: all
- endpoint_id: e2
  url: ftp://example.com
- {endpoint_id: e3
- endpoint_id: e4
  events:
- endpoint_id: e5
  events: []
  events: [a]
- url: https://example.com
-
  <<: {endpoint_id: e7}
  events: every
- e8
- endpoint_id: &id e9
  url: 2026-01-01
- endpoint_id: e10
  events: [7, true]
- endpoint_id: *id
- endpoint_id: {}
  events: [a, ""]
`, []string{
			"2: endpoint_id is a number", "5: url is not an absolute", "6: what begins here is no YAML", "8: events is null",
			"10: events is an empty list", `11: member "events" is already in line 10`, "12: endpoint_id is missing",
			`14: unknown member "<<"`, "15: events is a string", "14: endpoint_id is missing", "16: no endpoint",
			"18: url is a date", "20: events holds a number", "21: what begins here is no YAML: unknown anchor",
			"22: endpoint_id is an object", "23: events holds an empty event type",
		}},
		{"YAML documents", "endpoint_id: e1\nevents: all\n---\nfoo\n---\nendpoint_id: e1\nevents: all\nx: {}\n", []string{
			"4: no endpoint", `8: unknown member "x"`, `6: endpoint "e1" is already in line 1`,
		}},
		{"list and document", "- endpoint_id: e1\n  events: all\nendpoint_id: e2\n", []string{
			"1: what begins here is no YAML",
		}},
		{"two in one", "--- {endpoint_id: e1, events: all}\n{endpoint_id: e2, events: all}\n", []string{
			"1: what begins here is no YAML",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, faults := bodiesOf(t, test.input, nil)
			for i := range max(len(faults), len(test.want)) {
				var got, want string
				if i < len(faults) {
					got = fmt.Sprintf("%d: %s", faults[i].Line, faults[i].Problem)
				}
				if i < len(test.want) {
					want = test.want[i]
				}
				if !strings.HasPrefix(got, want) || want == "" {
					t.Errorf("fault %q, want %q", got, want)
				}
			}
		})
	}
}

func TestAnEndpointIsNotLongerThanMemoryAllows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxItem)
	for name, input := range map[string]string{
		"JSON": "\n" + `{"endpoint_id":"` + long + "\"}\n" + `{"endpoint_id":"e2"}`,
		"YAML": "\n- endpoint_id: " + long + "\n- endpoint_id: e2",
		"YAML list": "\n  - endpoint_id: e1\n    events:" + strings.Repeat("\n    - "+long[:1000], 1100) +
			"\n---\nendpoint_id: e2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, faults := bodiesOf(t, input, nil)
			if len(faults) != 2 || faults[0].Line != 2 || !strings.Contains(faults[0].Problem, "is longer than") ||
				!strings.Contains(faults[1].Problem, "nothing to change") {
				t.Errorf("faults %.300v", faults)
			}
		})
	}
}

func TestWhatIsConfirmedIsNotSentUnlessItChanged(t *testing.T) {
	t.Parallel()
	const e1, e2 = `{"endpoint_id":"e1","events":null}` + "\n", `{"endpoint_id":"e2","events":null}` + "\n"
	confirmed := map[string]string{
		"e1": hashOf([]byte(strings.TrimSpace(e1))), "e2": hashOf([]byte(`{"endpoint_id":"e2","events":["a"]}`)),
	}
	bodies, faults := bodiesOf(t, "- {endpoint_id: e1, events: all}\n- {endpoint_id: e2, events: all}", confirmed)
	if bodies != e2 || len(faults) > 0 {
		t.Errorf("%v %s", faults, bodies)
	}
}

// manyEndpoints is a desired state of n endpoints that is made while it is read. At its end it measures the heap.
type manyEndpoints struct {
	n, next int
	line    []byte
	heap    uint64
}

func (m *manyEndpoints) Read(data []byte) (int, error) {
	if len(m.line) == 0 {
		if m.next == m.n {
			m.heap = liveHeap()
			return 0, io.EOF
		}
		m.line = fmt.Appendf(m.line, `{"endpoint_id":"%032x","url":"https://example.com/hook/%[1]d","events":"all"}`+"\n",
			m.next)
		m.next++
	}
	n := copy(data, m.line)
	m.line = m.line[n:]
	return n, nil
}

// liveHeap is what is in use, in bytes.
func liveHeap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
