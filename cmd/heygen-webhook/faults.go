package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/heygen-go/heygen/heygentest"
)

// faultKind is a kind of fault in a text: T is one of a response of the sandbox, or of a delivery by it.
type faultKind[T any] struct {
	usage  string // its name and its arguments, "error STATUS CODE [MESSAGE]"
	effect string // what the other side sees

	parse func(*arguments) T
}

func (k faultKind[T]) name() string {
	name, _, _ := strings.Cut(k.usage, " ")
	return name
}

// faultKinds are all kinds of faults, in the order of the help.
var faultKinds = []faultKind[heygentest.Fault]{
	{"respond STATUS [BODY]", "this status and body, without a content type", func(a *arguments) heygentest.Fault {
		return heygentest.FaultResponse(a.status(), nil, a.rest())
	}},
	{"error STATUS CODE [MESSAGE]", "HeyGen's error envelope; a failure also under status 200",
		func(a *arguments) heygentest.Fault { return heygentest.FaultError(a.status(), a.number(), a.rest()) }},
	{"error-v3 STATUS WORD [MESSAGE]", "HeyGen's error of version 3: error-v3 409 request_in_progress",
		func(a *arguments) heygentest.Fault { return heygentest.FaultErrorV3(a.status(), a.code(), a.rest()) }},
	{"shape STATUS SHAPE", "a failure as one of " + shapeNames(),
		func(a *arguments) heygentest.Fault { return heygentest.FaultShape(a.status(), a.shape()) }},
	{"redirect STATUS URL", "a redirect, which must not be followed", func(a *arguments) heygentest.Fault {
		return heygentest.FaultRedirect(a.status(), a.word("URL"))
	}},
	{"retry-after DURATION", "Retry-After in seconds", func(a *arguments) heygentest.Fault {
		return heygentest.FaultRetryAfter(a.duration())
	}},
	{"retry-after-date DURATION", "Retry-After as a date", func(a *arguments) heygentest.Fault {
		return heygentest.FaultRetryAfterDate(a.duration())
	}},
	{"delay DURATION", "a late response", func(a *arguments) heygentest.Fault {
		return heygentest.FaultDelay(a.duration())
	}},
	{"hang", "no response", func(*arguments) heygentest.Fault { return heygentest.FaultHang() }},
	{"reset", "the connection is reset", func(*arguments) heygentest.Fault { return heygentest.FaultReset() }},
	{"reset-late", "the same, after the call has had its effect", func(*arguments) heygentest.Fault {
		return heygentest.FaultResetLate()
	}},
	{"slow-body DURATION", "a body in pieces, the last after this time", func(a *arguments) heygentest.Fault {
		return heygentest.FaultSlowBody(a.duration())
	}},
	{"truncate", "a body that breaks off", func(*arguments) heygentest.Fault { return heygentest.FaultTruncate() }},
	{"oversize", "a body over 1 MiB", func(*arguments) heygentest.Fault { return heygentest.FaultOversize() }},
	{"header NAME [VALUE]", "a header with this value, or none of this name", func(a *arguments) heygentest.Fault {
		return heygentest.FaultHeader(a.word("NAME"), a.rest())
	}},
	{"set POINTER JSON", `a member with this value: set /data/status "paused"`, func(a *arguments) heygentest.Fault {
		return heygentest.FaultMember(a.pointer(), a.json())
	}},
	{"remove POINTER", "without a member: remove /data/secret", func(a *arguments) heygentest.Fault {
		return heygentest.FaultMissingMember(a.pointer())
	}},
}

// shapes are the shapes that a faults file can name.
var shapes = []heygentest.Shape{
	heygentest.ShapeCodeMsg, heygentest.ShapeDetail, heygentest.ShapeEmpty, heygentest.ShapeForeign,
	heygentest.ShapeHTML, heygentest.ShapeJSONString, heygentest.ShapeV1, heygentest.ShapeV2, heygentest.ShapeV3,
}

func shapeNames() string {
	var names []string
	for _, shape := range shapes {
		names = append(names, string(shape))
	}
	return strings.Join(names, ", ")
}

// parseFault reads a fault from a faults file: the name of a kind and its arguments, separated by spaces, such as
// "error 503 5000 busy" or "slow-body 2s". "normal" is the normal behaviour. heygentest.Fault.String writes this form.
func parseFault(text string) (heygentest.Fault, error) {
	if strings.TrimSpace(text) == "normal" {
		return heygentest.Fault{}, nil
	}
	return parseFaultOf(faultKinds, text, "no fault is called %q; there are normal, %s")
}

// parseFaultOf reads a fault of one of the kinds. unknown is the format of the error for another name.
func parseFaultOf[T any](kinds []faultKind[T], text, unknown string) (fault T, err error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	var names []string
	for _, kind := range kinds {
		if kind.name() == name {
			return kind.parseArguments(rest)
		}
		names = append(names, kind.name())
	}
	return fault, fmt.Errorf(unknown, name, strings.Join(names, ", "))
}

func (k faultKind[T]) parseArguments(text string) (none T, err error) {
	a := &arguments{text: strings.TrimSpace(text)}
	fault := k.parse(a)
	if a.text != "" {
		a.wrong("nothing more, not " + strconv.Quote(a.text))
	}
	if a.err != nil {
		return none, fmt.Errorf("%s: %w", k.usage, a.err)
	}
	return fault, nil
}

// faultHelp lists kinds of faults for the help.
func faultHelp[T any](kinds []faultKind[T]) string {
	var list strings.Builder
	for _, kind := range kinds {
		fmt.Fprintf(&list, "   %-31s%s\n", kind.usage, kind.effect)
	}
	return strings.TrimSuffix(list.String(), "\n")
}

// arguments is the text after the name of a fault. Each method reads one argument. The first mistake is the error; the
// method then returns a value that is safe to use.
type arguments struct {
	text string
	err  error
}

func (a *arguments) wrong(want string) {
	if a.err == nil {
		a.err = errors.New("want " + want)
	}
}

func (a *arguments) word(name string) string {
	word := a.text
	if end := strings.IndexFunc(word, unicode.IsSpace); end >= 0 {
		word = word[:end]
	}
	if a.text = strings.TrimSpace(a.text[len(word):]); word == "" {
		a.wrong("a " + name)
	}
	return word
}

func (a *arguments) rest() string {
	rest := a.text
	a.text = ""
	return rest
}

func (a *arguments) number() int {
	number, err := strconv.Atoi(a.word("number"))
	if err != nil {
		a.wrong("a number")
	}
	return number
}

func (a *arguments) status() int {
	status := a.number()
	if status < 200 || status > 599 {
		a.wrong("a status from 200 to 599")
		return 200 // heygentest accepts no other
	}
	return status
}

// code returns a code of version 3. heygentest accepts no empty one.
func (a *arguments) code() string { return cmp.Or(a.word("WORD"), "none") }

func (a *arguments) duration() time.Duration {
	d, err := time.ParseDuration(a.word("duration"))
	if err != nil || d < 0 {
		a.wrong("a duration such as 2s or 300ms")
	}
	return d
}

func (a *arguments) shape() heygentest.Shape {
	shape := heygentest.Shape(a.word("shape"))
	if !slices.Contains(shapes, shape) {
		a.wrong("one of the shapes " + shapeNames())
		return heygentest.ShapeV1
	}
	return shape
}

func (a *arguments) pointer() string {
	pointer := a.word("pointer")
	if !strings.HasPrefix(pointer, "/") {
		a.wrong("a JSON pointer such as /data/status")
		return "/"
	}
	return pointer
}

func (a *arguments) json() json.RawMessage {
	value := json.RawMessage(a.rest())
	if !json.Valid(value) {
		a.wrong(`JSON such as "text" or null`)
		return json.RawMessage("null")
	}
	return value
}
