package contract

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// Party is who broke the contract.
type Party string

// The parties.
const (
	PartyClient   Party = "client"   // the request is wrong
	PartyServer   Party = "server"   // the response is wrong
	PartyDocument Party = "document" // the document is wrong: by that of WithCorrected the message is right
)

// Finding is one breach of the contract. It never holds a value from a message.
type Finding struct {
	Party   Party
	Where   string // "request body", "request header x-api-key", "response 200 body", "response status" and the like
	Pointer string // RFC 6901 pointer into the body; "" for the whole of it, and for what is no body
	Keyword string // the schema's keyword, such as "type", the name of a rule, or "json", "status" and the like
	Detail  string // plain English
}

// String returns the finding on one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", f.Party, strings.TrimSpace(f.Where+" "+f.Pointer), f.Keyword, f.Detail)
}

// Violation is the error of a message that breaks the contract. There is at least one finding.
type Violation struct {
	// Exchange names the exchange: "exchange 3" for the third that a Contract saw, counted from 1 when its request is
	// checked (contracts with one Collector count together), or "entry 0" for an archive's, counted from 0. It is "" for
	// CheckRequest and CheckResponse, which see one message.
	Exchange  string
	Operation string // "PATCH /v1/webhook/endpoint.update", or "" if the document has none for the request
	Message   string // "request", or "response 200" or "response 5XX" as the document names it
	Findings  []Finding
}

const (
	maxShown = 3   // findings in the text of a Violation
	maxText  = 512 // bytes of it
)

// Error is one line that names the exchange and the operation and shows the first findings.
func (v *Violation) Error() string {
	shown := v.Findings[:min(len(v.Findings), maxShown)]
	texts := make([]string, len(shown))
	for i, finding := range shown {
		texts[i] = finding.String()
	}
	text := "contract: " + v.Subject() + strings.Join(texts, "; ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "..."
	}
	if more := len(v.Findings) - len(shown); more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// Subject returns what the findings are about, to be put before one: "exchange 3: PATCH /v1/webhook/endpoint.update: ",
// without what is not known.
func (v *Violation) Subject() (text string) {
	for _, part := range []string{v.Exchange, v.Operation} {
		if part != "" {
			text += part + ": "
		}
	}
	return text
}

// verdict turns what a check of one message found into an error: nil or a *Violation.
func (c *Contract) verdict(exchange string, req *http.Request, check func(*Contract) (message, error)) error {
	m, err := check(c)
	if err != nil {
		return err
	}
	makePrintable(m.findings)
	if c.corrected != nil && len(m.findings) > 0 {
		if corrected, _ := check(c.corrected); corrected.operation != "" { // else it says nothing of the operation
			makePrintable(corrected.findings)
			m.findings = blame(m.findings, corrected.findings)
		}
	}
	if c.collector != nil {
		c.collector.add(exchange, m, c.allowDeviations)
	}
	found := m.findings
	if c.allowDeviations {
		found = slices.DeleteFunc(found, func(f Finding) bool { return f.Party == PartyDocument })
	}
	if len(found) == 0 {
		return nil
	}
	violation := &Violation{exchange, m.operation, m.name, found}
	if c.onViolation != nil {
		c.onViolation(req, violation)
	}
	return violation
}

// maxDetail is how long the detail of a finding is, in bytes: a document can list a hundred thousand values.
const maxDetail = 1 << 10

func makePrintable(findings []Finding) {
	for i, f := range findings {
		if len(f.Detail) > maxDetail {
			f.Detail = strings.ToValidUTF8(f.Detail[:maxDetail], "") + "..."
		}
		f.Where, f.Detail, f.Keyword = printable(f.Where), printable(f.Detail), printable(f.Keyword)
		findings[i] = f
	}
}

// printable returns a text as one line, without control characters and those that change how others are shown: a
// document can have some in its names.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// printableError is an error of several lines, each printable.
func printableError(about string, err error) error {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return errors.New(about + strings.Join(lines, "\n"))
}

// blame gives to the document each finding by the published document that the corrected one does not have in the same
// place. A response whose status only the corrected document lists is checked by that one. Where the schema of the
// published document is wrong, the rules reported nothing, so their findings by the corrected document are added.
func blame(published, corrected []Finding) []Finding {
	samePlace := func(f, g Finding) bool { return f.Where == g.Where && f.Pointer == g.Pointer }
	for i, f := range published {
		if slices.ContainsFunc(corrected, func(g Finding) bool {
			return samePlace(f, g) && (isRule(f.Keyword) || !isRule(g.Keyword))
		}) {
			continue
		}
		published[i].Party = PartyDocument
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
