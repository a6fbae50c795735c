package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
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
	// A map, because encoding/json matches the names of a struct's fields without case, and HeyGen's are exact.
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		return Event{}, fmt.Errorf("%w: it is not a JSON object", ErrMalformed)
	}
	event := Event{
		Type: text(members["event_type"]),
		ID:   text(members["event_id"]),
		Data: members["event_data"],
		Body: body,
	}
	if event.Type == "" {
		return Event{}, fmt.Errorf("%w: it has no text \"event_type\"", ErrMalformed)
	}
	if event.ID == "" {
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
func text(value json.RawMessage) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	if inner := value[1 : len(value)-1]; !bytes.ContainsRune(inner, '\\') && utf8.Valid(inner) {
		return string(inner) // as usual, and much faster than what follows
	}
	var s string
	_ = json.Unmarshal(value, &s) // cannot fail: newEvent decoded it
	return s
}
