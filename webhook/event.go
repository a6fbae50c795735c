package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is what HeyGen delivers.
type Event struct {
	Type string          // event_type, for example "avatar_video.success"; HeyGen adds types, so expect unknown ones
	ID   string          // event_id, else the header Heygen-Event-Id, which is not signed; "" if there is neither
	Data json.RawMessage // event_data, to the byte; nil if it is missing
	Sent time.Time       // the header Heygen-Timestamp, which is not signed; zero if it is missing or unreadable
	Body []byte          // what was signed: the whole body
}

// lastSecond is the end of the year 9999. A time beyond it has no JSON.
const lastSecond = 253402300799

func newEvent(header http.Header, body []byte) (Event, error) {
	event := Event{Body: body}
	isObject := eachMember(body, func(name, value []byte) {
		switch text(name) {
		case "event_type":
			event.Type = text(value)
		case "event_id":
			event.ID = text(value)
		case "event_data":
			event.Data = slices.Clip(value) // an append must not change the body
		}
	})
	switch {
	case !isObject:
		return Event{}, fmt.Errorf("%w: it is not a JSON object", ErrMalformed)
	case event.Type == "":
		return Event{}, fmt.Errorf("%w: it has no text \"event_type\"", ErrMalformed)
	case event.ID == "":
		event.ID = first(header, "Heygen-Event-Id")
	}
	if seconds, err := strconv.ParseInt(first(header, "Heygen-Timestamp"), 10, 64); err == nil {
		event.Sent = time.Unix(min(max(seconds, 0), lastSecond), 0).UTC()
	}
	return event, nil
}

func first(header http.Header, name string) string {
	for _, value := range values(header, name) {
		return strings.TrimSpace(value)
	}
	return ""
}

// text returns a JSON string, and "" for every other value and for none.
func text(value []byte) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	if inner := value[1 : len(value)-1]; !bytes.ContainsRune(inner, '\\') && utf8.Valid(inner) {
		return string(inner) // as usual, and much faster than what follows
	}
	var s string
	_ = json.Unmarshal(value, &s) // cannot fail: the text around it is valid
	return s
}

const space = " \t\r\n"

// eachMember calls f with every member of a JSON object, its name still quoted, and reports whether a text is one.
// Unlike encoding/json it leaves the names as they are: that matches them without case, and HeyGen's are exact. A map
// would do that, too, but takes twice as long.
func eachMember(object []byte, f func(name, value []byte)) bool {
	rest := bytes.TrimLeft(object, space)
	if !json.Valid(object) || rest[0] != '{' {
		return false
	}
	for {
		rest = bytes.TrimLeft(rest[1:], space) // after a brace or a comma
		if rest[0] == '}' {
			return true
		}
		name := rest[:valueLength(rest)]
		rest = bytes.TrimLeft(rest[len(name):], space+":")
		value := rest[:valueLength(rest)]
		f(name, value)
		if rest = bytes.TrimLeft(rest[len(value):], space); rest[0] == '}' {
			return true
		}
	}
}

// valueLength returns the length of the value at the beginning of valid JSON.
func valueLength(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			i += stringLength(text[i:]) - 1
		case c == '{' || c == '[':
			depth++
			continue
		case depth == 0 && strings.IndexByte(space+",:}]", c) >= 0:
			return i // after a number or a word
		case c == '}' || c == ']':
			depth--
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}

// stringLength returns the length of the string at the beginning of valid JSON, with its quotes.
func stringLength(text []byte) int {
	for end := 1; ; end++ {
		end += bytes.IndexByte(text[end:], '"')
		escapes := end - len(bytes.TrimRight(text[:end], `\`))
		if escapes%2 == 0 {
			return end + 1
		}
	}
}
