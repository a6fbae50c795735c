// Package revision compares two revisions of HeyGen's published document: what changed in the document, in the Go API
// that is generated from it, for this client as it is, and for the corrections.
package revision

// Report is the outcome of a comparison.
type Report struct {
	From        Source      `json:"from"`
	To          Source      `json:"to"`
	Document    Axis        `json:"document"` // what changed in the document
	Go          Axis        `json:"go"`       // what an importer's compiler will say
	Client      Axis        `json:"client"`   // what breaks this client as it is
	Corrections Corrections `json:"corrections"`
	Semver      Step        `json:"semver"` // of the next release
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

// Change is one difference. Its level is that of the axis it would make alone.
type Change struct {
	ID        string  `json:"id"` // kind of change, a stable name such as "response-property-type-changed"
	Level     Verdict `json:"level"`
	Direction string  `json:"direction,omitempty"` // "request", "response" or ""
	// JSON pointer in the new document, or in the old one for what was removed; on the Go axis a package or a name in it
	Pointer string `json:"pointer"`
	Text    string `json:"text"`
}

// Corrections says what became of the corrections, by their ids.
type Corrections struct {
	Applied    []string     `json:"applied"`
	Obsolete   []Correction `json:"obsolete"`   // the vendor fixed the defect
	Lost       []Correction `json:"lost"`       // the place they correct is gone
	Candidates []Candidate  `json:"candidates"` // examples of the new document that its schemas refuse
}

// Correction is one that no longer applies.
type Correction struct {
	ID      string `json:"id"`
	Pointer string `json:"pointer"`
	Now     string `json:"now"` // what the document says there now, JSON; "" if nothing
}

// Candidate is a contradiction that no correction covers.
type Candidate struct {
	Pointer string `json:"pointer"` // of what the schema says
	Text    string `json:"text"`    // what the example is, and what the schema says
	Entry   string `json:"entry"`   // guarded actions, YAML, for the end of corrections.yaml; "" if it takes a decision
}

// Step is the part of a semantic version that the next release raises.
type Step string

// The steps, in rising order.
const (
	NoStep Step = "none"
	Patch  Step = "patch"
	Minor  Step = "minor"
	Major  Step = "major"
)
