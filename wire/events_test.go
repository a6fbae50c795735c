package wire_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/wire"
)

// subscription holds Events as the generated structs do.
type subscription struct {
	Events wire.Events `json:"events,omitzero"`
}

// eventStates are all the things Events can say, with their JSON in a subscription.
var eventStates = []struct {
	name   string
	events wire.Events
	json   string
	isZero bool
	all    bool
	types  []string // nil means nil, not empty
	text   string
}{
	{name: "unset", events: wire.Events{}, json: `{}`, isZero: true, text: "unset"},
	{name: "all", events: wire.AllEvents(), json: `{"events":null}`, all: true, text: "all"},
	{name: "none", events: wire.OnlyEvents(), json: `{"events":[]}`, types: []string{}, text: "[]"},
	{name: "one", events: wire.OnlyEvents("a.x"), json: `{"events":["a.x"]}`, types: []string{"a.x"}, text: `["a.x"]`},
	{
		name:   "order and duplicates",
		events: wire.OnlyEvents("b", "a", "b", ""),
		json:   `{"events":["b","a","b",""]}`,
		types:  []string{"b", "a", "b", ""},
		text:   `["b","a","b",""]`,
	},
	{
		name:   "any text",
		events: wire.OnlyEvents("é\n\"ü\" 😀"),
		json:   `{"events":["é\n\"ü\" 😀"]}`,
		types:  []string{"é\n\"ü\" 😀"},
		text:   `["é\n\"ü\" 😀"]`,
	},
}

func TestEventsSayOneOfThreeThings(t *testing.T) {
	t.Parallel()
	for _, tt := range eventStates {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.events.IsZero(); got != tt.isZero {
				t.Errorf("IsZero() = %v, want %v", got, tt.isZero)
			}
			if got := tt.events.All(); got != tt.all {
				t.Errorf("All() = %v, want %v", got, tt.all)
			}
			got := tt.events.Types()
			if !slices.Equal(got, tt.types) || (got == nil) != (tt.types == nil) {
				t.Errorf("Types() = %#v, want %#v", got, tt.types)
			}
			if got := tt.events.String(); got != tt.text {
				t.Errorf("String() = %s, want %s", got, tt.text)
			}
		})
	}
}

func TestEventsRoundTripInAField(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		for _, tt := range eventStates {
			if got := mustMarshal(t, c, subscription{tt.events}); got != tt.json {
				t.Errorf("%s marshals as %s, want %s", tt.name, got, tt.json)
			}
			var got subscription
			mustUnmarshal(t, c, tt.json, &got)
			if !got.Events.Equal(tt.events) {
				t.Errorf("%s reads as %v, want %v", tt.json, got.Events, tt.events)
			}
			if tt.isZero {
				continue // which has no JSON
			}
			if alone := mustMarshal(t, c, tt.events); `{"events":`+alone+`}` != tt.json {
				t.Errorf("%s marshals alone as %s", tt.name, alone)
			}
		}
	})
}

func TestEventsReplaceWhatWasThere(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		for _, before := range eventStates {
			for _, after := range eventStates[1:] { // a missing member leaves the field alone
				got := subscription{before.events}
				mustUnmarshal(t, c, after.json, &got)
				if !got.Events.Equal(after.events) {
					t.Errorf("%s over %v reads as %v, want %v", after.json, before.events, got.Events, after.events)
				}
			}
		}
	})
}

func TestUnsetEventsHaveNoJSON(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		for name, v := range map[string]any{
			"alone":     wire.Events{},
			"in a list": []wire.Events{{}},
			"in a field without omitzero": struct {
				Events wire.Events `json:"events"`
			}{},
		} {
			got, err := c.marshal(v)
			if err == nil {
				t.Errorf("%s: marshals as %s, want an error: null would subscribe to everything", name, got)
			} else if !strings.Contains(err.Error(), "omitzero") {
				t.Errorf("%s: error %q does not say what to do", name, err)
			}
		}
	})
}

func TestEventsRefuseOtherJSON(t *testing.T) {
	t.Parallel()
	inBothCodecs(t, func(t *testing.T, c codec) {
		for _, text := range []string{
			`"a-value"`, `1`, `true`, `{}`, `{"0":"a-value"}`,
			`[null]`, `["a-value",null]`, `[1]`, `[true]`, `[["a-value"]]`, `[{}]`,
		} {
			got := wire.OnlyEvents("before")
			err := c.unmarshal([]byte(text), &got)
			switch {
			case err == nil:
				t.Errorf("%s reads as %v, want an error", text, got)
			case !strings.Contains(err.Error(), "wire: events"):
				t.Errorf("%s: error %q does not say what is wrong", text, err)
			case strings.Contains(err.Error(), "a-value"):
				t.Errorf("%s: error %q quotes the body", text, err)
			case !got.Equal(wire.OnlyEvents("before")):
				t.Errorf("%s was refused but left %v", text, got)
			}
		}
	})
}

func TestEventsRefuseBrokenJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `[`, `["a"`, `nul`, `[] []`} {
		if got := new(wire.Events); got.UnmarshalJSON([]byte(text)) == nil {
			t.Errorf("%q reads as %v, want an error", text, got)
		}
	}
}

func TestEventsShareNothing(t *testing.T) {
	t.Parallel()
	given := []string{"a", "b"}
	events := wire.OnlyEvents(given...)
	given[0] = "changed"
	events.Types()[1] = "changed"
	_ = append(events.Types()[:0], "changed")
	if got, want := events.Types(), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("Types() = %q after changes from outside, want %q", got, want)
	}
}

func TestEventsIncludes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		events wire.Events
		want   bool
	}{
		{wire.Events{}, false},
		{wire.AllEvents(), true},
		{wire.OnlyEvents(), false},
		{wire.OnlyEvents("a.success"), true},
		{wire.OnlyEvents("b", "a.success"), true},
		{wire.OnlyEvents("A.success", "a.success ", "a.success.x", "a"), false},
	}
	for _, tt := range tests {
		if got := tt.events.Includes("a.success"); got != tt.want {
			t.Errorf("%v.Includes(a.success) = %v, want %v", tt.events, got, tt.want)
		}
	}
	if wire.OnlyEvents("a").Includes("") {
		t.Error("a list includes the empty event type")
	}
}

func TestEventsAreEqualOnlyToThemselves(t *testing.T) {
	t.Parallel()
	others := []wire.Events{wire.OnlyEvents("b", "a", "b"), wire.OnlyEvents("a", "b", "b", "")}
	for _, state := range eventStates {
		others = append(others, state.events)
	}
	for i, a := range others {
		for j, b := range others {
			if got := a.Equal(b); got != (i == j) {
				t.Errorf("%v.Equal(%v) = %v", a, b, got)
			}
		}
	}
}
