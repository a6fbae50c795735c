package wire_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/heygen-go/heygen/wire"
)

// response has a Timestamp as the generated structs do.
type response struct {
	CreatedAt wire.Timestamp `json:"created_at,omitempty,omitzero"`
	Secret    wire.Secret    `json:"secret,omitempty,omitzero"`
}

func utc(hour, minute, second, nanosecond int) time.Time {
	return time.Date(2025, time.October, 22, hour, minute, second, nanosecond, time.UTC)
}

func east(hours int) *time.Location { return time.FixedZone("", hours*60*60) }

var readableTimes = []struct {
	text string
	want time.Time
}{
	// As HeyGen writes it, and with microseconds.
	{"2025-10-22T08:31:48", utc(8, 31, 48, 0)},
	{"2025-10-22T08:31:48.769845", utc(8, 31, 48, 769845000)},

	{"2025-10-22T08:31:48.1", utc(8, 31, 48, 100000000)},
	{"2025-10-22T08:31:48.12", utc(8, 31, 48, 120000000)},
	{"2025-10-22T08:31:48.123", utc(8, 31, 48, 123000000)},
	{"2025-10-22T08:31:48.1234", utc(8, 31, 48, 123400000)},
	{"2025-10-22T08:31:48.12345", utc(8, 31, 48, 123450000)},
	{"2025-10-22T08:31:48.1234567", utc(8, 31, 48, 123456700)},
	{"2025-10-22T08:31:48.12345678", utc(8, 31, 48, 123456780)},
	{"2025-10-22T08:31:48.123456789", utc(8, 31, 48, 123456789)},
	{"2025-10-22T08:31:48.000000001", utc(8, 31, 48, 1)},

	{"2025-10-22T08:31:48Z", utc(8, 31, 48, 0)},
	{"2025-10-22T08:31:48z", utc(8, 31, 48, 0)},
	{"2025-10-22t08:31:48z", utc(8, 31, 48, 0)},
	{"2025-10-22t08:31:48", utc(8, 31, 48, 0)},
	{"2025-10-22 08:31:48", utc(8, 31, 48, 0)},
	{"2025-10-22 08:31:48Z", utc(8, 31, 48, 0)},
	{"2025-10-22T08:31:48.769845Z", utc(8, 31, 48, 769845000)},
	{"2025-10-22T08:31:48+00:00", utc(8, 31, 48, 0)},
	{"2025-10-22T08:31:48+02:00", utc(6, 31, 48, 0).In(east(2))},
	{"2025-10-22T08:31:48+0200", utc(6, 31, 48, 0).In(east(2))},
	{"2025-10-22 08:31:48.5+0200", utc(6, 31, 48, 500000000).In(east(2))},
	{"2025-10-22T08:31:48-05:00", utc(13, 31, 48, 0).In(east(-5))},
	{"2024-02-29T00:00:00", time.Date(2024, time.February, 29, 0, 0, 0, 0, time.UTC)},
}

func TestTimestampReadsEveryFormThatWasSeen(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, checkReadableTimes)
}

// A zone-less time is UTC, and the zone of any other is the one it names, wherever the program runs.
func TestTimestampDoesNotDependOnTheLocalZone(t *testing.T) { //nolint:paralleltest // sets time.Local
	before := time.Local
	t.Cleanup(func() { time.Local = before })
	for _, hours := range []int{-11, 2, 9} {
		time.Local = east(hours)
		for _, c := range codecs {
			checkReadableTimes(t, c)
		}
	}
}

func checkReadableTimes(t *testing.T, c codec) {
	t.Helper()
	for _, tt := range readableTimes {
		var got wire.Timestamp
		mustUnmarshal(t, c, `"`+tt.text+`"`, &got)
		if !got.Time.Equal(tt.want) {
			t.Errorf("%s reads as %v, want %v", tt.text, got.Time, tt.want)
		}
		_, gotOffset := got.Time.Zone()
		if _, want := tt.want.Zone(); gotOffset != want {
			t.Errorf("%s is %d seconds east of UTC, want %d", tt.text, gotOffset, want)
		}
		if got.Raw != tt.text || got.String() != tt.text {
			t.Errorf("%s keeps the text %q, as a string %q", tt.text, got.Raw, got.String())
		}
		if got.IsZero() {
			t.Errorf("%s IsZero", tt.text)
		}
		if marshalled := mustMarshal(t, c, got); marshalled != `"`+tt.text+`"` {
			t.Errorf("%s marshals as %s", tt.text, marshalled)
		}
	}
}

// What the time cannot be read from is kept as it came, and costs nothing else.
func TestTimestampKeepsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // what is kept, by the JSON of it
		`1761121908`: "1761121908", `true`: "true", `{"s":1}`: `{"s":1}`, `null`: "", `""`: "",
		`"2025-10-22T08:31:48\n"`: "2025-10-22T08:31:48\n",
	}
	for _, text := range []string{
		"soon", " ", "2025-10-22", "2025-10-22T08:31", "2025-10-22T8:31:48", "2025-10-22T08:31:48,5", "2025-10-22T08:31:48.",
		"2025-10-22T08:31:48.1234567890", "2025-02-30T08:31:48", "2025-02-29T08:31:48Z", "2025-13-01T08:31:48",
		"2025-10-22T24:00:00", "2025-10-22T08:31:48 CET", "2025-10-22T08:31:48+02", "2025-10-22  08:31:48",
		" 2025-10-22T08:31:48", "２０２５-10-22T08:31:48",
	} {
		tests[`"`+text+`"`] = text
	}
	inBothCodecs(t, func(t *testing.T, c codec) {
		for text, raw := range tests {
			got := response{CreatedAt: wire.Timestamp{Time: utc(1, 2, 3, 0), Raw: "before"}}
			mustUnmarshal(t, c, `{"created_at":`+text+`,"secret":"kept"}`, &got)
			if !got.CreatedAt.Time.IsZero() {
				t.Errorf("%s reads as %v, want no time", text, got.CreatedAt.Time)
			}
			if got.CreatedAt.Raw != raw || got.CreatedAt.String() != raw || got.CreatedAt.IsZero() != (raw == "") {
				t.Errorf("%s: keeps %q, as a string %q, want %q", text, got.CreatedAt.Raw, got.CreatedAt, raw)
			}
			want := "null"
			if raw != "" {
				want = strconv.Quote(raw)
			}
			if marshalled := mustMarshal(t, c, got.CreatedAt); marshalled != want {
				t.Errorf("%s: marshals as %s, want %s", text, marshalled, want)
			}
			if got.Secret.Reveal() != "kept" {
				t.Errorf("%s: costs the rest of the response", text)
			}
		}
	})
}

func TestAbsentTimestampStaysAbsent(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		var got response
		mustUnmarshal(t, c, `{}`, &got)
		if !got.CreatedAt.IsZero() || got.CreatedAt.String() != "" {
			t.Errorf("a missing time reads as %#v", got.CreatedAt)
		}
		if marshalled := mustMarshal(t, c, got); marshalled != `{}` {
			t.Errorf("a missing time marshals as %s, want {}", marshalled)
		}
	})
}

func TestTimestampWithoutTextMarshalsItsTime(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		tests := []struct {
			timestamp wire.Timestamp
			want      string
		}{
			{wire.Timestamp{Time: utc(8, 31, 48, 0)}, `"2025-10-22T08:31:48Z"`},
			{wire.Timestamp{Time: utc(6, 31, 48, 5000).In(east(2))}, `"2025-10-22T08:31:48.000005+02:00"`},
			{wire.Timestamp{Time: utc(8, 31, 48, 0), Raw: "the text wins"}, `"the text wins"`},
			{wire.Timestamp{}, `null`},
		}
		for _, tt := range tests {
			if got := mustMarshal(t, c, tt.timestamp); got != tt.want {
				t.Errorf("%#v marshals as %s, want %s", tt.timestamp, got, tt.want)
			}
		}
	})
}
