package heygentest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind is a kind of fault that [ParseFault] reads.
type FaultKind struct {
	Usage  string // its name and what follows that, "error STATUS CODE [MESSAGE]"
	Effect string // what the client sees

	parse func(*arguments) Fault
}

// catalogue is every kind of fault.
var catalogue = []FaultKind{
	{"respond STATUS [BODY]", "this status and body, without a content type", func(a *arguments) Fault {
		return RespondWith(a.status(), nil, a.rest())
	}},
	{"error STATUS CODE [MESSAGE]", "HeyGen's error envelope; a failure under status 200, too", func(a *arguments) Fault {
		return RespondWithError(a.status(), a.number(), a.rest())
	}},
	{"shape STATUS SHAPE", "a failure as one of " + shapeNames(),
		func(a *arguments) Fault { return RespondWithShape(a.status(), a.shape()) }},
	{"redirect STATUS URL", "a redirect, which must not be followed", func(a *arguments) Fault {
		return Redirect(a.status(), a.word("URL"))
	}},
	{"retry-after DURATION", "Retry-After in seconds", func(a *arguments) Fault { return RetryAfter(a.duration()) }},
	{"retry-after-date DURATION", "Retry-After as a date", func(a *arguments) Fault {
		return RetryAfterDate(a.duration())
	}},
	{"delay DURATION", "the answer comes late", func(a *arguments) Fault { return Delay(a.duration()) }},
	{"hang", "no answer", func(*arguments) Fault { return Hang() }},
	{"reset", "the connection is reset", func(*arguments) Fault { return Reset() }},
	{"slow-body DURATION", "the body comes in pieces, the last after this time", func(a *arguments) Fault {
		return SlowBody(a.duration())
	}},
	{"truncate", "the body breaks off", func(*arguments) Fault { return Truncate() }},
	{"oversize", "a body over 1 MiB", func(*arguments) Fault { return Oversize() }},
	{"header NAME [VALUE]", "another header, or none of this name", func(a *arguments) Fault {
		return SetHeader(a.word("NAME"), a.rest())
	}},
	{"set POINTER JSON", `a member with this value: set /data/status "paused"`, func(a *arguments) Fault {
		return SetMember(a.pointer(), a.json())
	}},
	{"remove POINTER", "without a member: remove /data/secret", func(a *arguments) Fault {
		return RemoveMember(a.pointer())
	}},
}

// FaultKinds lists what [ParseFault] reads.
func FaultKinds() []FaultKind { return slices.Clone(catalogue) }

func (k FaultKind) name() string {
	name, _, _ := strings.Cut(k.Usage, " ")
	return name
}

// ParseFault reads a fault that is data, for scripts in files: the name of a kind of [FaultKinds] and its arguments,
// with blanks between them, "error 503 5000 busy" or "slow-body 2s". "normal" is the normal behaviour. The error says
// what is expected.
func ParseFault(text string) (Fault, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if name == "normal" && rest == "" {
		return Fault{}, nil
	}
	var names []string
	for _, kind := range catalogue {
		if kind.name() == name {
			return parse(kind, rest)
		}
		names = append(names, kind.name())
	}
	return Fault{}, fmt.Errorf("no fault is called %q; there are normal, %s", name, strings.Join(names, ", "))
}

func parse(kind FaultKind, text string) (Fault, error) {
	a := &arguments{text: strings.TrimSpace(text)}
	fault := kind.parse(a)
	if a.text != "" {
		a.wrong("nothing more, not " + strconv.Quote(a.text))
	}
	if a.err != nil {
		return Fault{}, fmt.Errorf("%s: %w", kind.Usage, a.err)
	}
	return fault, nil
}

// arguments are what follows the name of a fault. The first that is wrong is the error, and something harmless is read
// in its place.
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
	word, rest, _ := strings.Cut(a.text, " ")
	if a.text = strings.TrimSpace(rest); word == "" {
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
		return http.StatusInternalServerError
	}
	return status
}

func (a *arguments) duration() time.Duration {
	d, err := time.ParseDuration(a.word("duration"))
	if err != nil || d < 0 {
		a.wrong("a duration such as 2s or 300ms")
	}
	return d
}

func (a *arguments) shape() Shape {
	shape := Shape(a.word("shape"))
	if _, ok := shapes[shape]; !ok {
		a.wrong("one of the shapes " + shapeNames())
		return V1
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
