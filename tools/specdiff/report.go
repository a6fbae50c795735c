// Package specdiff compares a new revision of HeyGen's published page with the vendored one: what changes in the
// document, in the Go API that is generated from it, for the client as it is, and for the corrections.
package specdiff

import (
	"slices"

	"github.com/heygen-go/heygen/tools/document"
)

// Report is the result of a comparison.
type Report struct {
	API         document.API        `json:"-"`
	From        Source              `json:"from"`
	To          Source              `json:"to"`
	Document    Axis                `json:"document"`    // what the vendor changed in the published document
	Go          Axis                `json:"go"`          // what an importer's compiler will say
	Client      Axis                `json:"client"`      // what breaks this client as it is
	Corrections []document.Standing `json:"corrections"` // never nil
	// What changes in the corrected document and not in the published one: what the corrections no longer say.
	Corrected      []Change        `json:"corrected"`
	Contradictions []Contradiction `json:"contradictions"` // of the new document, which no correction covers
	Notes          []document.Note `json:"notes"`          // what of the new document is not read as it says; never nil
}

func (r *Report) note(notes ...document.Note) { r.Notes = withNew(r.Notes, notes...) }

// withNew returns a list with the values that it lacks.
func withNew[T comparable](list []T, values ...T) []T {
	for _, value := range values {
		if !slices.Contains(list, value) {
			list = append(list, value)
		}
	}
	return list
}

// Source identifies a revision. Its version does not: two published documents that differ both say 4.0.8.
type Source struct {
	Version string `json:"version"` // info.version
	SHA256  string `json:"sha256"`  // of the published definition
}

// Axis is one way to look at the change.
type Axis struct {
	Verdict Verdict  `json:"verdict"`
	Changes []Change `json:"changes"` // never nil
}

// Verdict says what a change means to those who have the old revision.
type Verdict string

// The verdicts, in rising order.
const (
	None       Verdict = "none"
	Compatible Verdict = "compatible"
	Breaking   Verdict = "breaking"
)

// Change is one difference. Its level is the verdict of the axis if there were no other.
type Change struct {
	ID    string  `json:"id"` // kind of change, a stable name such as "response-property-type-changed"
	Level Verdict `json:"level"`
	Where string  `json:"where"` // an operation, a JSON pointer, or a package or a name in it; "" for the whole document
	Text  string  `json:"text"`
}

// Breaks reports whether an axis breaks.
func (r *Report) Breaks() bool {
	return r.Document.Verdict == Breaking || r.Go.Verdict == Breaking || r.Client.Verdict == Breaking
}

// Same reports whether the two revisions have the same definition.
func (r *Report) Same() bool { return r.From == r.To }

// In returns the corrections in a state.
func (r *Report) In(state document.State) (list []document.Standing) {
	for _, s := range r.Corrections {
		if s.State == state {
			list = append(list, s)
		}
	}
	return list
}

// newAxis makes an axis of changes, the worst of which is its verdict.
func newAxis(changes []Change) Axis {
	axis := Axis{Verdict: None, Changes: append([]Change{}, changes...)}
	for _, change := range changes {
		if change.Level == Breaking || axis.Verdict == None {
			axis.Verdict = change.Level
		}
	}
	return axis
}

// without returns the changes that are not among others.
func without(changes, others []Change) []Change {
	seen := map[Change]bool{}
	for _, change := range others {
		seen[change] = true
	}
	return slices.DeleteFunc(append([]Change{}, changes...), func(c Change) bool { return seen[c] })
}
