package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// fault is what is wrong in a file, and where.
type fault struct {
	Line    int    `json:"line"`
	Problem string `json:"problem"`
}

// member is one of the members of an object, and the line in which it begins.
type member struct {
	name  string
	line  int
	value any // string, nil for null, []any of these, or mistyped
}

// mistyped names the type of a value that no member can have.
type mistyped string

func typeName(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case []any:
		return "a list"
	default:
		return fmt.Sprint(value)
	}
}

// requestFrom makes a request of an object that begins in a line, and says all that is wrong with it. What events can
// be is up to eventsFrom.
func requestFrom(
	line int, members []member, eventsFrom func(value any) (heygen.Events, string),
) (req heygen.UpdateWebhookEndpointRequest, faults []fault) {
	lines := map[string]int{}
	for _, m := range members {
		var problem string
		first, twice := lines[m.name]
		switch {
		case twice:
			problem = fmt.Sprintf("member %q is already in line %d", m.name, first)
		case m.name == "endpoint_id":
			req.EndpointID, problem = nonEmpty(m)
		case m.name == "url":
			req.URL, problem = nonEmpty(m)
		case m.name == "events":
			req.Events, problem = eventsFrom(m.value)
		default:
			problem = fmt.Sprintf("unknown member %q: there are endpoint_id, url and events", m.name)
		}
		if lines[m.name] = m.line; problem != "" {
			faults = append(faults, fault{m.line, problem})
		}
	}
	if lines["endpoint_id"] == 0 {
		faults = append(faults, fault{line, "endpoint_id is missing"})
	}
	if lines["url"] == 0 && lines["events"] == 0 {
		faults = append(faults, fault{line, "there is nothing to change: give url or events"})
	}
	return req, faults
}

func nonEmpty(m member) (text, problem string) {
	text, ok := m.value.(string)
	switch {
	case !ok:
		return "", fmt.Sprintf("%s is %s: it must be a string, in quotes", m.name, typeName(m.value))
	case strings.TrimSpace(text) == "":
		return "", m.name + " is empty"
	}
	return text, ""
}

// listFrom refuses an empty list, as --events does.
func listFrom(list []any) (events heygen.Events, problem string) {
	types := make([]string, len(list))
	for i, value := range list {
		var ok bool
		switch types[i], ok = value.(string); {
		case !ok:
			return events, fmt.Sprintf("events holds %s: an event type is a string, in quotes", typeName(value))
		case strings.TrimSpace(types[i]) == "":
			return events, "events holds an empty event type"
		}
	}
	if len(list) == 0 {
		return events, "events is an empty list, and HeyGen does not document what that does: name event types"
	}
	return heygen.OnlyEvents(types...), ""
}

// membersOfJSON reads an object with nothing behind it. The data begin in the given line.
func membersOfJSON(data []byte, line int) ([]member, *fault) {
	decoder := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true)) // requestFrom sees them
	at := func() int {
		rest := data[decoder.InputOffset():]
		blanks := len(rest) - len(bytes.TrimLeft(rest, ", \t\r\n"))
		return line + bytes.Count(data[:len(data)-len(rest)+blanks], []byte("\n"))
	}
	syntax := func(err error) *fault {
		if failed, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			return &fault{line + bytes.Count(data[:failed.ByteOffset], []byte("\n")), "no JSON: " + failed.Err.Error()}
		}
		return &fault{at(), "no JSON: it ends too early"}
	}
	if decoder.PeekKind() != '{' {
		return nil, &fault{at(), "no JSON object"}
	}
	_, _ = decoder.ReadToken()
	var members []member
	for decoder.PeekKind() != '}' {
		m := member{line: at()}
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, syntax(err)
		}
		m.name = name.String()
		var value any
		if err := json.UnmarshalDecode(decoder, &value); err != nil {
			return nil, syntax(err)
		}
		m.value = typed(value)
		members = append(members, m)
	}
	_, _ = decoder.ReadToken()
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &fault{at(), "something follows the JSON object"}
	}
	return members, nil
}

// typed keeps of a JSON value what a member can be.
func typed(value any) any {
	switch value := value.(type) {
	case nil, string:
		return value
	case []any:
		for i := range value {
			value[i] = typed(value[i])
		}
		return value
	case float64:
		return mistyped("a number")
	case bool:
		return mistyped("true or false")
	default:
		return mistyped("an object")
	}
}
