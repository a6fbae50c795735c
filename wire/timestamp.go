package wire

import (
	"encoding/json"
	"strings"
	"time"
)

// Timestamp is a time as HeyGen writes it: without a zone, sometimes with microseconds, and in some responses as RFC
// 3339.
type Timestamp struct {
	Time time.Time // zero if absent or unreadable; in UTC if the text has no zone
	Raw  string    // the text as HeyGen sent it, which MarshalJSON returns
}

// IsZero reports whether there is neither a time nor a text.
func (t Timestamp) IsZero() bool { return t.Time.IsZero() && t.Raw == "" }

// String returns Raw, or the time as RFC 3339 if Raw is empty.
func (t Timestamp) String() string {
	if t.Raw != "" || t.Time.IsZero() {
		return t.Raw
	}
	return t.Time.Format(time.RFC3339Nano)
}

// MarshalJSON returns String as a JSON string, or null if that is empty.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.String())
}

// UnmarshalJSON never fails on valid JSON, because an unreadable time must not cost the caller the rest of the
// response. For such a time it leaves Time zero and keeps the text in Raw. For null it leaves both empty.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	*t = Timestamp{}
	if string(data) == "null" {
		return nil
	}
	text, ok := unquote(data)
	if !ok {
		text = string(data) // a number, say
	}
	*t = Timestamp{Time: parseTime(text), Raw: text}
	return nil
}

// zoneless is the layout of HeyGen's times.
const zoneless = "2006-01-02T15:04:05"

// parseTime returns the zero time for a text it cannot read.
func parseTime(text string) time.Time {
	if len(text) == len(zoneless) { // as nearly always: UnmarshalText takes a third of the time of time.Parse
		var parsed time.Time
		if parsed.UnmarshalText([]byte(text+"Z")) == nil {
			return parsed
		}
	}
	if len(text) < len(zoneless) || !strings.ContainsRune("Tt ", rune(text[10])) {
		return time.Time{}
	}
	seconds, rest := text[:10]+"T"+text[11:len(zoneless)], text[len(zoneless):]
	end := strings.IndexAny(rest+"Z", "Zz+-")
	fraction, zone := rest[:end], strings.ToUpper(rest[end:])
	// time.Parse would take a comma and any number of digits.
	if fraction != "" && (fraction[0] != '.' || len(fraction) == 1 || len(fraction) > len(".123456789")) {
		return time.Time{}
	}
	layout := zoneless
	switch {
	case strings.Contains(zone, ":"):
		layout += "Z07:00"
	case zone != "":
		layout += "Z0700"
	}
	// In UTC, so that the result does not depend on the machine's zone.
	parsed, err := time.ParseInLocation(layout, seconds+fraction+zone, time.UTC)
	if err != nil {
		return time.Time{}
	}
	return parsed
}
