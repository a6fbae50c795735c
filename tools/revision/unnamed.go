package revision

import (
	"bytes"
	"cmp"
	"encoding/json"
	"path"
	"strings"
)

var (
	// prose are the keywords that do not say what may be sent. A name is one of a parameter in a path.
	prose = set("description", "summary", "title", "example", "examples", "default", "externalDocs", "tags", "version",
		"contact", "license", "termsOfService", "openapi", "deprecated", "$comment", "name")
	// structure are the keywords that say where something is, and those of which all that matters is told elsewhere.
	structure = set("$ref", "$defs", "paths", "servers", "security")
	// members are the keywords whose members nobody misses who does not know them.
	members = set("properties", "content", "responses", "headers", "links", "callbacks")
	// alternatives are the keywords that permit more with each entry.
	alternatives = set("enum", "type", "anyOf", "oneOf")
)

// levels of what may be sent becoming less, and more: those who send a request need what they had, and those who read a
// response can expect no more.
var levels = map[string]struct{ restricted, widened Verdict }{
	"request": {Breaking, Compatible}, "response": {Compatible, Breaking},
}

// change tells a difference that no check names.
func (d difference) change() Change {
	change := Change{Level: Breaking, Direction: d.direction, Pointer: cmp.Or(d.pointer, d.oldPointer), Text: d.text()}
	about := cmp.Or(d.direction, "document")
	switch {
	case d.reordered || structure[d.keyword] || d.isUnused() || closing[d.keyword] && d.opens() == 0:
		change.ID, change.Level = "document-structure-changed", Compatible
	case prose[d.keyword] || strings.HasPrefix(d.keyword, "x-"):
		change.ID, change.Level = "document-text-changed", Compatible
	case members[d.keyword] && d.oldPointer == "":
		change.ID, change.Level = about+"-extended", Compatible
	case members[d.keyword] && d.pointer == "":
		change.ID = about + "-reduced"
		if failures := path.Base(change.Pointer); failures == "4XX" || failures == "5XX" {
			change.Level = Compatible // as oasdiff says of a single status
		}
	case d.direction == "" || d.unclear || !closing[d.keyword] && d.oldPointer != "" && d.pointer != "":
		change.ID = about + "-changed"
		change.Text += unknown
	case closing[d.keyword] && openness(d.new) == 0:
		change.ID, change.Level = about+"-object-closed", levels[d.direction].restricted
	case closing[d.keyword] && openness(d.old) == 0:
		change.ID, change.Level = about+"-object-opened", levels[d.direction].widened
	case d.restricts():
		change.ID, change.Level = about+"-restricted", levels[d.direction].restricted
	default:
		change.ID, change.Level = about+"-widened", levels[d.direction].widened
	}
	return change
}

const unknown = "; it cannot be told whether that breaks"

// isUnused reports whether it is in a component that no operation uses.
func (d difference) isUnused() bool {
	at := cmp.Or(d.pointer, d.oldPointer)
	return d.direction == "" &&
		strings.HasPrefix(at, "/components/") && !strings.HasPrefix(at, "/components/securitySchemes/")
}

// opens is positive if a closing keyword permits more members, and negative if it permits less.
func (d difference) opens() int { return openness(d.new) - openness(d.old) }

// restricts reports whether less is valid, where more or less is.
func (d difference) restricts() bool {
	if closing[d.keyword] {
		return d.opens() < 0
	}
	return (d.oldPointer == "") != alternatives[d.keyword]
}

// text says what was and what is.
func (d difference) text() string {
	what := d.keyword
	if at := cmp.Or(d.pointer, d.oldPointer); named[what] || strings.HasPrefix(at, "/components/") && d.isUnused() {
		what = unescape.Replace(path.Base(at))
	}
	switch {
	case d.reordered:
		return what + " has another order"
	case d.oldPointer == "":
		return what + " added: " + short(d.new)
	case d.pointer == "":
		return what + " removed: " + short(d.old)
	}
	return what + " changed from " + short(d.old) + " to " + short(d.new)
}

// short is a value as JSON, cut short.
func short(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // it came from JSON
	if runes := []rune(strings.TrimSpace(text.String())); len(runes) > maxShort {
		return string(runes[:maxShort]) + "…"
	}
	return strings.TrimSpace(text.String())
}

const maxShort = 80 // characters
