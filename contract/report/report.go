// Package report writes what a contract.Collector summed up: for people (Text), for machines (JSON) and for a CI server
// (JUnit). No format holds a value from a message.
//
//	var seen contract.Collector
//	c, err := contract.New(contract.WithCollector(&seen))
//	... // c.Transport, c.Handler, c.Proxy and c.CheckHAR
//	err = report.JUnit(file, seen.Summary())
package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/heygen-go/heygen/contract"
)

var parties = []contract.Party{contract.PartyClient, contract.PartyServer, contract.PartyDocument}

// JSON writes the summary as it is, indented.
func JSON(w io.Writer, s contract.Summary) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(s)
}

// Text writes a table of what was exercised, with the members that never were, then the findings by party, and then
// what was not checked.
func Text(w io.Writer, s contract.Summary) error {
	var text strings.Builder
	for _, operation := range s.Operations {
		fmt.Fprintln(&text, nameOf(operation.Operation))
		width := len("response 200  ")
		for _, message := range operation.Messages {
			width = max(width, len(message.Message))
		}
		for _, message := range operation.Messages {
			fmt.Fprintf(&text, "  %-*s ", width, message.Message)
			writeSeen(&text, message)
		}
	}
	for _, party := range parties {
		writeFindings(&text, s, party)
	}
	if s.Omitted > 0 {
		fmt.Fprintf(&text, "findings, not kept: %d\n", s.Omitted)
	}
	if len(s.Unjudged) > 0 {
		fmt.Fprintf(&text, "not checked, or only in part: %d\n", total(s.Unjudged))
	}
	for _, u := range s.Unjudged {
		fmt.Fprintf(&text, "  %s: %s\n", nameOf(u.Operation), reason(u))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func writeSeen(text *strings.Builder, message contract.MessageSummary) {
	switch {
	case !message.Documented:
		fmt.Fprintf(text, "seen %s, not documented\n", times(message.Seen))
		return
	case message.Seen == 0:
		fmt.Fprintln(text, "NEVER SEEN")
		return
	}
	fmt.Fprintf(text, "seen %s", times(message.Seen))
	if never := neverSeen(message); len(never) > 0 {
		fmt.Fprintf(text, ", never with %s", strings.Join(never, " "))
	}
	fmt.Fprintln(text)
}

func writeFindings(text *strings.Builder, s contract.Summary, party contract.Party) {
	var lines []string
	for _, f := range s.Findings {
		if f.Party == party {
			lines = append(lines, strings.TrimSpace(f.Operation+" "+line(f)))
		}
	}
	fmt.Fprintf(text, "findings, %s: %d\n", party, len(lines))
	for _, line := range lines {
		fmt.Fprintf(text, "  %s\n", line)
	}
}

// line is a finding without its party and its operation.
func line(f contract.FindingSummary) string {
	text := fmt.Sprintf("%s: %s: %s", strings.TrimSpace(f.Where+" "+f.Pointer), f.Keyword, f.Detail)
	notes := occurrences(f.Times, f.Exchanges)
	if f.Allowed {
		notes = append(notes, "allowed")
	}
	return text + inBrackets(notes)
}

// reason says why something was not checked, without its operation.
func reason(u contract.UnjudgedSummary) string {
	return string(u.Reason) + inBrackets(occurrences(u.Times, u.Exchanges))
}

// occurrences says how often something occurred, if more than once, and in which exchanges first.
func occurrences(n int, exchanges []string) (notes []string) {
	if n > 1 {
		notes = append(notes, times(n))
	}
	notes = append(notes, exchanges...)
	if len(exchanges) > 0 && len(exchanges) < n {
		notes = append(notes, "...")
	}
	return notes
}

func inBrackets(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}

func total(unjudged []contract.UnjudgedSummary) (n int) {
	for _, u := range unjudged {
		n += u.Times
	}
	return n
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// neverSeen returns the members of a message that never occurred.
func neverSeen(message contract.MessageSummary) (members []string) {
	for _, member := range message.Members {
		if member.Seen == 0 {
			members = append(members, member.Pointer)
		}
	}
	return members
}

func nameOf(operation string) string { return cmp.Or(operation, "no operation of the document") }
