package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Party is who broke the contract.
type Party string

// The parties.
const (
	Client   Party = "client"   // the request is wrong
	Server   Party = "server"   // the reply is wrong
	Document Party = "document" // the published document is wrong: by its corrections the message is right
)

// Finding is one breach of the contract. It never holds a value from a body.
type Finding struct {
	Party   Party
	Where   string // "request body", "request header x-api-key", "response 200 body", "response status" and the like
	Pointer string // RFC 6901 pointer into the body; "" for the whole of it, and for what is no body
	Keyword string // the schema's keyword, such as "type", the name of a rule, or "json", "status" and the like
	Detail  string // plain English
}

// String is the finding on one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", f.Party, strings.TrimSpace(f.Where+" "+f.Pointer), f.Keyword, f.Detail)
}

// Violation is the error of a broken contract. There is at least one finding.
type Violation struct {
	Findings []Finding
}

const (
	maxShown = 3   // findings in the text of a Violation
	maxText  = 512 // bytes of it
)

// Error is one line that shows the first findings.
func (v *Violation) Error() string {
	shown := v.Findings[:min(len(v.Findings), maxShown)]
	texts := make([]string, len(shown))
	for i, finding := range shown {
		texts[i] = finding.String()
	}
	text := "contract: " + strings.Join(texts, "; ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "..."
	}
	if more := len(v.Findings) - len(shown); more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// verdict turns what a check found into an error: nil or a *Violation.
func (c *Contract) verdict(req *http.Request, check func(*Contract) judgement) error {
	j := check(c)
	if c.corrected != nil && len(j.findings) > 0 {
		j.findings = blame(j.findings, check(c.corrected).findings)
	}
	found := j.findings
	if c.allowDeviations {
		found = slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Party == Document })
	}
	if c.collector != nil {
		c.collector.add(j, c.allowDeviations)
	}
	if len(found) == 0 {
		return nil
	}
	violation := &Violation{Findings: found}
	if c.onViolation != nil {
		c.onViolation(req, violation)
	}
	return violation
}

// blame gives to the document what was found by the published one and is, in the same place, right by the corrected
// one. A reply whose status only the corrected document knows is judged by that one. A schema that is wrong silences
// the rules in its place: what they find by the corrected document counts.
func blame(published, corrected []Finding) []Finding {
	samePlace := func(f, g Finding) bool { return f.Where == g.Where && f.Pointer == g.Pointer }
	for i, f := range published {
		if slices.ContainsFunc(corrected, func(g Finding) bool {
			return samePlace(f, g) && (isRule(f.Keyword) || !isRule(g.Keyword))
		}) {
			continue
		}
		published[i].Party = Document
		if f.Where == whereStatus {
			return append(published, corrected...)
		}
		for _, g := range corrected {
			if samePlace(f, g) {
				published = append(published, g)
			}
		}
	}
	return published
}
