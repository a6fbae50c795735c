package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// redacted stands for a secret or a key.
const redacted = "[redacted]"

func outputFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "output", Usage: usage, Value: "text", Validator: oneOf("text", "json")}
}

// oneOf is the validator of a flag that takes a few values.
func oneOf(values ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(values, value) {
			last := len(values) - 1
			return fmt.Errorf("it must be %s or %s", strings.Join(values[:last], ", "), values[last])
		}
		return nil
	}
}

// asksForJSON looks for --output json and --report json itself, because an error in other arguments must be JSON, too.
func asksForJSON(args []string) bool {
	for i, arg := range args {
		flag, value, joined := strings.Cut(arg, "=")
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		if value == "json" && slices.Contains([]string{"--output", "-output", "--report", "-report"}, flag) {
			return true
		}
	}
	return false
}

// printEndpoint prints the members that HeyGen reported of an endpoint, of either version of the API, or of its secret.
func (p *program) printEndpoint(cmd *cli.Command, endpoint any) {
	members := membersOf(cmd, endpoint)
	if cmd.String("output") == "json" {
		printJSON(p.stdout, members)
		return
	}
	text := func(member string) (text string) {
		_ = json.Unmarshal(members[member], &text) // null and a member that is missing leave it empty
		return text
	}
	var events heygen.Events
	_ = json.Unmarshal(members["events"], &events)
	for _, line := range []struct{ label, value string }{
		{"endpoint", text("endpoint_id")},
		{"url", text("url")},
		{"events", eventsText(events)},
		{"status", text("status")},
		{"secret", text("secret")},
		{"created", text("created_at")},
		{"username", text("username")},
		{"space", text("space_id")},
		{"entity", text("entity_id")},
	} {
		if line.value != "" {
			fmt.Fprintf(p.stdout, "%-10s%s\n", line.label, printable(line.value))
		}
	}
}

// membersOf returns the members of the JSON of a result, without its secret unless the flag asks for that.
func membersOf(cmd *cli.Command, result any) (members map[string]json.RawMessage) {
	text, _ := json.Marshal(result) // it was read from JSON
	_ = json.Unmarshal(text, &members)
	if secret := members["secret"]; secret != nil && string(secret) != "null" && !cmd.Bool("show-secret") {
		members["secret"] = json.RawMessage(`"` + redacted + `"`)
	}
	return members
}

func eventsText(events heygen.Events) string {
	switch types := events.Types(); {
	case events.IsZero():
		return ""
	case events.All():
		return "all"
	case len(types) == 0:
		return "none (an empty list)"
	default:
		return strings.Join(types, ", ")
	}
}

// printRequest prints a request in the form of HTTP/1.1, but with the whole URL, or as JSON.
func (p *program) printRequest(cmd *cli.Command, req *capturedRequest) {
	if cmd.String("output") == "json" {
		printJSON(p.stdout, req)
		return
	}
	fmt.Fprintf(p.stdout, "%s %s\n", req.Method, req.URL)
	for _, name := range slices.Sorted(maps.Keys(req.Headers)) {
		fmt.Fprintf(p.stdout, "%s: %s\n", name, req.Headers[name])
	}
	if req.Body != nil {
		fmt.Fprintf(p.stdout, "\n%s\n", escapeJSON(req.Body))
	}
}

// printJSON prints a value that has a JSON form in one line.
func printJSON(w io.Writer, value any) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	_, _ = w.Write(escapeJSON(text.Bytes())) // a failed write is remembered by w
}

// escapeJSON escapes, in JSON, the characters that a terminal obeys or does not show, such as those that turn the
// direction of writing. The values stay the same: such characters are inside strings only.
func escapeJSON(text []byte) []byte {
	var out []byte
	for _, r := range string(text) {
		switch {
		case r < 0x7f || unicode.IsPrint(r): // of those before the space, JSON has only line ends
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// printable quotes a text that could move the cursor of a terminal.
func printable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// say prints a line for a person to stderr, unless stderr must hold a single JSON document.
func (p *program) say(format string, args ...any) {
	if !p.json {
		fmt.Fprintf(p.stderr, name+": "+format+"\n", args...)
	}
}

// note is for what a user must know beside the result, whatever reads stderr: it says a line at once or, if stderr must
// hold a single JSON document, becomes a member of that.
func (p *program) note(format string, args ...any) {
	p.say(format, args...)
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

// stderrDocument is what stderr holds with --output json.
type stderrDocument struct {
	Error *failure `json:"error,omitempty"`
	Notes []string `json:"notes,omitempty"`
}

// rememberingWriter is stdout. It remembers its first failure, because cli drops the failures of its help. A reader
// that has gone, such as head, wants no more, which is no failure. With json, what is written is escaped as JSON.
type rememberingWriter struct {
	w    io.Writer
	json bool
	err  error
}

func (r *rememberingWriter) Write(data []byte) (int, error) {
	text := data
	if r.json {
		text = escapeJSON(data)
	}
	_, err := r.w.Write(text)
	if r.err == nil {
		r.err = err
	}
	if err != nil && !isBrokenPipe(err) {
		return 0, err
	}
	return len(data), nil
}

// isBrokenPipe reports whether the reader of a pipe has gone.
func isBrokenPipe(err error) bool {
	const brokenPipe, noData = syscall.Errno(109), syscall.Errno(232) // of Windows, which has no EPIPE
	windows := runtime.GOOS == "windows" && (errors.Is(err, brokenPipe) || errors.Is(err, noData))
	return windows || errors.Is(err, syscall.EPIPE)
}

func unwritable(err error) *failure {
	return &failure{
		Kind:    heygen.KindTransport,
		Message: fmt.Sprintf("stdout cannot be written: %v", err),
		next:    "check where stdout goes; what was sent has taken effect",
	}
}
