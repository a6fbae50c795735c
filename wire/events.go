// Package wire holds the value types of HeyGen's JSON that JSON Schema cannot express: [Events], [Timestamp] and
// [Secret]. Package heygen hands them on under the same names.
package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Events is what a webhook endpoint is subscribed to: every event (JSON null), the listed ones (a JSON list, which may
// be empty), or, as the zero value, nothing said (no JSON at all: not sent in a request, not reported in a reply).
//
// Event types are an open set; none is checked.
type Events struct {
	all   bool
	types []string // nil unless a list
}

// AllEvents is the subscription to every event, JSON null.
func AllEvents() Events { return Events{all: true} }

// OnlyEvents is the subscription to the listed event types, a JSON list. Without types it is the empty list, of which
// HeyGen does not document the effect.
func OnlyEvents(types ...string) Events { return Events{types: append([]string{}, types...)} }

// IsZero reports whether nothing was said about events: not sent, or not reported.
func (e Events) IsZero() bool { return !e.all && e.types == nil }

// All reports whether the subscription is to every event.
func (e Events) All() bool { return e.all }

// Types returns a copy of the listed event types, in the order and with the duplicates of the list: non-nil for an
// empty list, nil for every event and for the zero value.
func (e Events) Types() []string { return slices.Clone(e.types) }

// Includes reports whether the subscription covers an event type: always if it is to every event, never if it is the
// zero value.
func (e Events) Includes(eventType string) bool { return e.all || slices.Contains(e.types, eventType) }

// Equal reports whether both say the same, with lists in the same order.
func (e Events) Equal(other Events) bool {
	return e.all == other.all && e.IsZero() == other.IsZero() && slices.Equal(e.types, other.types)
}

// String is "all", the list in brackets, or "unset" for the zero value.
func (e Events) String() string {
	switch {
	case e.all:
		return "all"
	case e.types == nil:
		return "unset"
	default:
		return fmt.Sprintf("%q", e.types)
	}
}

// MarshalJSON returns null or a list. The zero value has no JSON: it is an error, so that a struct field without
// omitzero cannot send the null that subscribes an endpoint to everything. So is an event type that is not UTF-8.
func (e Events) MarshalJSON() ([]byte, error) {
	switch {
	case e.all:
		return []byte("null"), nil
	case e.types == nil:
		return nil, errors.New("wire: unset Events have no JSON: tag the field omitzero, or use AllEvents or OnlyEvents")
	case slices.ContainsFunc(e.types, func(eventType string) bool { return !utf8.ValidString(eventType) }):
		return nil, errors.New("wire: an event type is not valid UTF-8")
	default:
		return json.Marshal(e.types)
	}
}

// UnmarshalJSON reads null as every event and a list of strings as that list.
func (e *Events) UnmarshalJSON(data []byte) error {
	var types []string
	if err := json.Unmarshal(data, &types); err != nil {
		return errors.New("wire: events is neither null nor a list of strings")
	}
	if slices.Contains(types, "") { // it may have been a null
		var list []*string
		if err := json.Unmarshal(data, &list); err != nil || slices.Contains(list, nil) {
			return errors.New("wire: events holds a null")
		}
	}
	*e = Events{all: types == nil, types: types}
	return nil
}
