package wire_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// testCase is one case of the table; testdata/README.md says how it is written.
type testCase struct {
	at   string // file and line
	name string

	// What the caller does.
	operation string   // "", which is the update of version 1, or a key of operations
	request   string   // JSON of an UpdateWebhookEndpointRequest, or of what the operation of version 3 takes
	sends     string   // the body that must arrive; request if empty
	targets   []string // the path and query of each request of version 3, and the last of every further one
	idemKey   string   // the Idempotency-Key that the caller gives
	key, base string
	timeout   time.Duration // of an attempt; 0 for the client's
	deadline  time.Duration // of the call; 0 for none

	// What the server does.
	listen  string // "", "refuse", "tls", "trusted-tls" or "http2 HANDLER"
	scripts [][]step

	// What the caller must see.
	want       []string // in the words of describe
	says, veil []string // what the text of the error holds, and what it must not hold
}

// plain are the values that can stand in a name and in a pattern of -run; else their numbers do.
var plain = regexp.MustCompile(`^[\w.-]+$`)

// step is one thing the server does on a connection.
type step struct{ verb, arg string }

// endless reports whether the server sends without end.
func (c testCase) endless() bool {
	return slices.ContainsFunc(slices.Concat(c.scripts...), func(s step) bool { return s.verb == "repeat" })
}

// The verbs of steps and outcomes.
var (
	steps    = strings.Fields("unread header answer gzip send slow repeat hang reset cancel")
	outcomes = strings.Fields("succeeds fails refused endpoint_id url username space_id entity_id status events " +
		"created_at created_at_text secret code message request-id retry-after retryable attempts " +
		"param doc_url items entry")
)

// load reads every case of testdata.
func load(t *testing.T) []testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parse(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, parsed...)
	}
	lines := map[string]string{}
	for _, c := range cases {
		if other, taken := lines[c.name]; taken {
			t.Fatalf("%s: the name %s is that of %s", c.at, c.name, other)
		}
		lines[c.name] = c.at
	}
	return cases
}

// parse reads the cases of a file: paragraphs, of which an "each" line makes several.
func parse(file, text string) ([]testCase, error) {
	var cases []testCase
	line := 1
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		at := fmt.Sprintf("%s:%d", file, line)
		line += strings.Count(paragraph, "\n") + 2
		values := []string{""}
		var lines []string
		for text := range strings.Lines(paragraph) {
			text = strings.TrimSuffix(text, "\n")
			if list, ok := strings.CutPrefix(text, "each "); ok {
				values = strings.Fields(list)
			} else if text != "" && !strings.HasPrefix(text, "#") {
				lines = append(lines, text)
			}
		}
		if len(lines) == 0 {
			continue
		}
		for i, value := range values {
			c := testCase{at: at, scripts: [][]step{nil}, base: "http://$HOST/prefix", key: "$KEY",
				request: `{"endpoint_id":"e1","url":"https://example.com/hook"}`}
			for _, line := range lines {
				replacement := value
				if strings.HasPrefix(line, "case ") && !plain.MatchString(strings.Join(values, "")) {
					replacement = strconv.Itoa(i + 1)
				}
				verb, arg, _ := strings.Cut(strings.ReplaceAll(line, "$EACH", replacement), " ")
				if err := c.set(verb, arg); err != nil {
					return nil, fmt.Errorf("%s: %s: %w", at, verb, err)
				}
			}
			if c.targets == nil {
				c.targets = []string{operations[c.operation].target}
			}
			if c.name == "" || len(c.want) == 0 {
				return nil, fmt.Errorf("%s: a case needs a name and an outcome", at)
			}
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// set takes over one line of a case.
func (c *testCase) set(verb, arg string) (err error) {
	switch verb {
	case "case":
		c.name = arg
	case "operation":
		c.operation = arg
	case "request":
		c.request = arg
	case "sends":
		c.sends = arg
	case "target":
		c.targets = append(c.targets, arg)
	case "idempotency-key":
		c.idemKey = arg
	case "key":
		c.key, err = strconv.Unquote(arg)
	case "base":
		c.base = arg
	case "timeout":
		c.timeout, err = time.ParseDuration(arg)
	case "deadline":
		c.deadline, err = time.ParseDuration(arg)
	case "listen":
		c.listen = arg
	case "next":
		c.scripts = append(c.scripts, nil)
	case "says":
		c.says = append(c.says, arg)
	case "hides":
		c.veil = append(c.veil, arg)
	default:
		last := &c.scripts[len(c.scripts)-1]
		switch {
		case verb == "succeeds" && arg == "documented":
			c.want = append(c.want, documentedOutcome...)
		case slices.Contains(outcomes, verb):
			c.want = append(c.want, strings.TrimSuffix(verb+" "+arg, " "))
		case slices.Contains(steps, verb):
			*last = append(*last, step{verb, arg})
		default:
			err = fmt.Errorf("no such word")
		}
	}
	return err
}
