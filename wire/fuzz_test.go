package wire_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/heygen-go/heygen/wire"
)

// Null and a list of strings are read and survive a round trip; anything else is refused.
func FuzzEventsReceived(f *testing.F) {
	for _, data := range []string{
		`null`, `[]`, `["a"]`, `["b","a","b",""]`, `["\u00e9\ud83d\ude00<&>"]`, `["\ud800"]`, "[\"a\xff\"]",
		` [ "a" , "b" ] `,
		`[null]`, `["a",null]`, `["",null]`, `[1]`, `[["a"]]`, `{}`, `"a"`, `true`, `1`, ``, `[`, `["a"`, `[] []`, `nul`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var list []*string
		ok := json.Unmarshal(data, &list) == nil && !slices.Contains(list, nil)
		var got wire.Events
		if err := json.Unmarshal(data, &got); (err == nil) != ok {
			t.Fatalf("error %v, want one: %t", err, !ok)
		}
		if !ok {
			return
		}
		var types []string
		for _, eventType := range list {
			types = append(types, *eventType)
		}
		if got.IsZero() || got.All() != (list == nil) || !slices.Equal(got.Types(), types) {
			t.Errorf("reads as %v, want %q", got, types)
		}
		checkEventsRoundTrip(t, got)
		var strict wire.Events
		if err := jsonv2.Unmarshal(data, &strict); err == nil && !strict.Equal(got) {
			t.Errorf("reads as %v by the one package and %v by the other", got, strict)
		}
	})
}

func checkEventsRoundTrip(t *testing.T, events wire.Events) {
	t.Helper()
	for _, c := range codecs {
		sent := subscription{events}
		var got subscription
		mustUnmarshal(t, c, mustMarshal(t, c, sent), &got)
		if !got.Events.Equal(events) {
			t.Errorf("%s: %v after a round trip of %v", c.name, got.Events, events)
		}
	}
}

// What can be sent arrives as it is; what JSON cannot say is refused.
func FuzzEventsSent(f *testing.F) {
	for _, types := range []string{
		"", "a", "a,b", "b,a,b,", "é\n\"ü\" 😀,<&>", "\u2028", "\x00", "\xff", "a,\xed\xa0\x80", "null",
	} {
		f.Add(types)
	}
	f.Fuzz(func(t *testing.T, types string) {
		events := wire.OnlyEvents(strings.Split(types, ",")...)
		if utf8.ValidString(types) {
			checkEventsRoundTrip(t, events)
			return
		}
		for _, c := range codecs {
			if got, err := c.marshal(events); err == nil {
				t.Errorf("%s: %q marshals as %s", c.name, types, got)
			}
		}
	})
}

// readable is what a Timestamp reads: HeyGen's own form, and those of RFC 3339.
var readable = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)([Zz]|([+-]\d\d):?(\d\d))?$`)

// readTime is another reading of a time than the one of package wire.
func readTime(text string) time.Time {
	parts := readable.FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}
	}
	zone := "Z"
	if parts[4] != "" {
		zone = parts[4] + ":" + parts[5]
	}
	read, err := time.Parse(time.RFC3339, parts[1]+"T"+parts[2]+zone)
	if err != nil {
		return time.Time{}
	}
	return read
}

// Any JSON reads as a Timestamp, keeps its text and survives a round trip; the time is right, or unset.
func FuzzTimestamp(f *testing.F) {
	for _, tt := range readableTimes {
		f.Add([]byte(`"` + tt.text + `"`))
	}
	for _, data := range []string{
		`null`, `""`, `" "`, `"soon"`, `1761121908`, `true`, `{"s":1}`, `["2025-10-22T08:31:48"]`, `"2025-10-22"`,
		`"2025-10-22T8:31:48"`, `"2025-10-22T8:31:48.5"`, `"2025-10-22T8:31:48."`, `"2025-10-22T8:31:48Z"`,
		`"2025-10-22T08:31:48,5"`, `"2025-10-22T08:31:48."`, `"2025-10-22T08:31:48.+02:00"`, `"2025-10-22T08:31:48+02"`,
		`"2025-10-22T08:31:48+02:00:00"`, `"2025-10-22T08:31:48+24:00"`, `"2025-10-22T08:31:60"`, `"2025-10-22T24:00:00"`,
		`"2025-10-22T08:31:48.1234567890"`, `"2025-02-29T08:31:48"`, `"0000-01-01T00:00:00"`, `"0001-01-01T00:00:00"`,
		`"9999-12-31T23:59:59.999999999-23:59"`, `"2025-10-22\u00a008:31:48"`, `"2025-10-22\u005408:31:48"`,
		`"２０２５-10-22T08:31:48"`, `"\ud800"`, "\"\xff\"", ` "2025-10-22T08:31:48" `, `"a\\\"b"`,
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return // a decoder does not hand it on
		}
		var got wire.Timestamp
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("error %v", err)
		}
		var text *string
		switch isText := json.Unmarshal(data, &text) == nil; {
		case isText && text == nil:
			if !got.IsZero() {
				t.Errorf("null reads as %#v", got)
			}
		case isText && utf8.Valid(data):
			if want := readTime(*text); got.Raw != *text || !got.Time.Equal(want) || got.Time.IsZero() != want.IsZero() {
				t.Errorf("reads as %#v, want %v", got, want)
			} else if _, offset := want.Zone(); offset != offsetOf(got.Time) {
				t.Errorf("is %d seconds east of UTC, want %d", offsetOf(got.Time), offset)
			}
		case !isText:
			if !got.Time.IsZero() || got.Raw != strings.TrimSpace(string(data)) {
				t.Errorf("reads as %#v, want the text alone", got)
			}
		}
		if !utf8.ValidString(got.Raw) {
			return // which JSON cannot say, so that there is no way back
		}
		for _, c := range codecs {
			var again wire.Timestamp
			mustUnmarshal(t, c, mustMarshal(t, c, got), &again)
			if again.Raw != got.Raw || !again.Time.Equal(got.Time) {
				t.Errorf("%s: %#v after a round trip of %#v", c.name, again, got)
			}
		}
	})
}

func offsetOf(t time.Time) int {
	_, offset := t.Zone()
	return offset
}
