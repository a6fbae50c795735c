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

// printEndpoint prints the members that HeyGen reported.
func (p *program) printEndpoint(cmd *cli.Command, endpoint heygen.WebhookEndpoint) {
	if !cmd.Bool("show-secret") {
		endpoint.Secret = heygen.NewSecret(endpoint.Secret.String())
	}
	if cmd.String("output") == "json" {
		printJSON(p.stdout, endpoint)
		return
	}
	entity := ""
	if endpoint.EntityID != nil {
		entity = *endpoint.EntityID
	}
	for _, line := range []struct{ label, value string }{
		{"endpoint", endpoint.EndpointID},
		{"url", endpoint.URL},
		{"events", eventsText(endpoint.Events)},
		{"status", string(endpoint.Status)},
		{"secret", endpoint.Secret.Reveal()},
		{"created", endpoint.CreatedAt.String()},
		{"username", endpoint.Username},
		{"space", endpoint.SpaceID},
		{"entity", entity},
	} {
		if line.value != "" {
			fmt.Fprintf(p.stdout, "%-10s%s\n", line.label, printable(line.value))
		}
	}
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
	fmt.Fprintf(p.stdout, "\n%s\n", escapeJSON(req.Body))
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
		next:    "check where stdout goes; an update that was sent has been applied",
	}
}
