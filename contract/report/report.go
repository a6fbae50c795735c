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

// Text writes a table of what was exercised, with the members that never were, and then the findings by party.
func Text(w io.Writer, s contract.Summary) error {
	var text strings.Builder
	for _, operation := range s.Operations {
		fmt.Fprintln(&text, name(operation))
		for _, message := range operation.Messages {
			writeMessage(&text, message)
		}
	}
	for _, party := range parties {
		writeFindings(&text, s, party)
	}
	if s.Omitted > 0 {
		fmt.Fprintf(&text, "findings, not kept: %d\n", s.Omitted)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func writeMessage(text *strings.Builder, message contract.MessageSummary) {
	fmt.Fprintf(text, "  %-14s ", message.Message)
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
	var notes []string
	if f.Times > 1 {
		notes = append(notes, times(f.Times))
	}
	notes = append(notes, f.Exchanges...)
	if len(f.Exchanges) > 0 && len(f.Exchanges) < f.Times {
		notes = append(notes, "...")
	}
	if f.Allowed {
		notes = append(notes, "allowed")
	}
	if len(notes) > 0 {
		text += " (" + strings.Join(notes, ", ") + ")"
	}
	return text
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

func name(operation contract.OperationSummary) string {
	return cmp.Or(operation.Operation, "no operation of the document")
}
