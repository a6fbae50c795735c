// Package wire has the value types of HeyGen's JSON that JSON Schema cannot express: [Events], [Timestamp] and
// [Secret]. Package heygen re-exports them.
package wire

import (
	"encoding/json"
	"errors"
	"slices"
	"unicode/utf8"
)

// Events is the subscription of a webhook endpoint. It has three states: every event (JSON null), the listed event
// types (a JSON list, which may be empty), and unset, the zero value, which has no JSON: a request does not send it,
// and a response did not report it.
//
// HeyGen adds event types over time, so none is checked.
type Events struct {
	all   bool
	types []string // nil unless a list
}

// AllEvents is the subscription to every event, JSON null.
func AllEvents() Events { return Events{all: true} }

// OnlyEvents is the subscription to the listed event types, a JSON list. OnlyEvents() is the empty list: HeyGen does
// not document what that does, and it may not be the same as no subscription. For every event use [AllEvents].
func OnlyEvents(types ...string) Events { return Events{types: append([]string{}, types...)} }

// IsZero reports whether e is unset: a request does not send it, and a response did not report it.
func (e Events) IsZero() bool { return !e.all && e.types == nil }

// All reports whether the subscription is to every event.
func (e Events) All() bool { return e.all }

// Types returns a copy of the listed event types, with their order and duplicates. It is not nil for an empty list.
// It is nil for every event and for the zero value.
func (e Events) Types() []string { return slices.Clone(e.types) }

// Includes reports whether the subscription covers an event type. The subscription to every event covers all, the zero
// value none.
func (e Events) Includes(eventType string) bool { return e.all || slices.Contains(e.types, eventType) }

// Equal reports whether e and other have the same state, and lists the same event types in the same order.
func (e Events) Equal(other Events) bool {
	return e.all == other.all && e.IsZero() == other.IsZero() && slices.Equal(e.types, other.types)
}

// String returns "all", the list as JSON, or "unset" for the zero value.
func (e Events) String() string {
	switch {
	case e.all:
		return "all"
	case e.types == nil:
		return "unset"
	}
	list, _ := json.Marshal(e.types) // a []string always has JSON
	return string(list)
}

// MarshalJSON returns null or a list. For the zero value it returns an error, so that a struct field without omitzero
// cannot send the null that subscribes an endpoint to every event. An event type that is not UTF-8 is an error, too.
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

// UnmarshalJSON reads null as every event and a list of strings as that list. After an error, e is as before.
func (e *Events) UnmarshalJSON(data []byte) error {
	before := *e
	*e = Events{} // not to write into a list that a copy of e has, too
	if err := json.Unmarshal(data, &e.types); err != nil {
		*e = before
		return errors.New("wire: events is neither null nor a list of strings")
	}
	if slices.Contains(e.types, "") && hasNull(data) {
		*e = before
		return errors.New("wire: events has a null in its list")
	}
	e.all = e.types == nil
	return nil
}

// hasNull reports whether a JSON list has a null, which json.Unmarshal reads as "".
func hasNull(data []byte) bool {
	var list []*string
	err := json.Unmarshal(data, &list)
	return err != nil || slices.Contains(list, nil)
}
