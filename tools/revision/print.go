package revision

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

// Breaks reports whether an axis breaks.
func (r *Report) Breaks() bool {
	return r.Document.Verdict == Breaking || r.Go.Verdict == Breaking || r.Client.Verdict == Breaking
}

// Same reports whether the two revisions are one.
func (r *Report) Same() bool { return r.From == r.To }

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// axes are those of the report with their names.
func (r *Report) axes() []namedAxis {
	return []namedAxis{{"Document", r.Document}, {"Go API", r.Go}, {"This client", r.Client}}
}

type namedAxis struct {
	name string
	Axis
}

const same = "It is the document this module is made from: nothing changes."

// WriteText writes the report for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "from %s\nto   %s\n", r.From, r.To)
	if r.Same() {
		fmt.Fprintf(&b, "\n%s\n", same)
	}
	for _, axis := range r.axes() {
		fmt.Fprintf(&b, "\n%s: %s\n", axis.name, axis.Verdict)
		for _, change := range axis.Changes {
			fmt.Fprintf(&b, "  %-10s  %s\n              %s (%s)\n",
				change.Level, plain(change.where()), plain(change.Text), change.ID)
		}
	}
	c := r.Corrections
	fmt.Fprintf(&b, "\nCorrections: %d apply\n", len(c.Applied))
	for _, obsolete := range c.Obsolete {
		fmt.Fprintf(&b, "  obsolete    %s: the document now says %s at %s\n",
			obsolete.ID, obsolete.Says(), plain(obsolete.Pointer))
	}
	for _, lost := range c.Lost {
		fmt.Fprintf(&b, "  lost        %s: nothing is left of %s\n", lost.ID, plain(lost.Pointer))
	}
	for _, candidate := range c.Candidates {
		fmt.Fprintf(&b, "  candidate   %s\n              %s\n", plain(candidate.Pointer), plain(candidate.Text))
		if candidate.Entry != "" {
			fmt.Fprintf(&b, "\n%s\n", candidate.Entry)
		}
	}
	fmt.Fprintf(&b, "\nNext release: %s\n", step(r.Semver))
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes the report for a pull request. What comes from the document is code, so that it is shown and
// neither links, mentions nor formats.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## The document changes\n\n| from | to | next release |\n|---|---|---|\n| %s | %s | %s |\n",
		cell(r.From), cell(r.To), step(r.Semver))
	if r.Same() {
		fmt.Fprintf(&b, "\n%s\n", same)
	}
	for _, axis := range r.axes() {
		fmt.Fprintf(&b, "\n### %s: %s\n", axis.name, axis.Verdict)
		for i, change := range axis.Changes {
			if i == 0 {
				b.WriteString("\n")
			}
			if i == maxListed {
				fmt.Fprintf(&b, "- and %d more\n", len(axis.Changes)-i)
				break
			}
			fmt.Fprintf(&b, "- **%s** %s: %s (%s)\n", change.Level, code(change.where()), code(change.Text), change.ID)
		}
	}
	c := r.Corrections
	fmt.Fprintf(&b, "\n### Corrections: %d apply\n", len(c.Applied))
	if len(c.Obsolete)+len(c.Lost)+len(c.Candidates) > 0 {
		b.WriteString("\n")
	}
	for _, obsolete := range c.Obsolete {
		fmt.Fprintf(&b, "- **obsolete** %s: the document now says %s at %s\n",
			obsolete.ID, code(obsolete.Says()), code(obsolete.Pointer))
	}
	for _, lost := range c.Lost {
		fmt.Fprintf(&b, "- **lost** %s: nothing is left of %s\n", lost.ID, code(lost.Pointer))
	}
	for i, candidate := range c.Candidates {
		if i == maxEntries {
			fmt.Fprintf(&b, "- and %d more candidates\n", len(c.Candidates)-i)
			break
		}
		fmt.Fprintf(&b, "- **candidate** %s: %s\n", code(candidate.Pointer), code(candidate.Text))
		if candidate.Entry != "" {
			fmt.Fprintf(&b, "\n%s\n\n", fenced(candidate.Entry))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteEntry writes the report as an entry of a CHANGELOG: the verdicts, and what breaks importers or the client.
func (r *Report) WriteEntry(w io.Writer, day time.Time) error {
	var b strings.Builder
	fmt.Fprintf(&b, "- The published document of %s (%s).\n", day.Format(time.DateOnly), r.To)
	for _, axis := range r.axes() {
		fmt.Fprintf(&b, "  - %s: %s.\n", axis.name, axis.Verdict)
		listed := 0
		for _, change := range axis.Changes {
			if listed == maxInEntry {
				fmt.Fprintf(&b, "    - and more: %d changes in all\n", len(axis.Changes))
				break
			}
			if change.Level == axis.Verdict {
				listed++
				fmt.Fprintf(&b, "    - %s: %s\n", code(change.where()), code(change.Text))
			}
		}
	}
	if len(r.Corrections.Obsolete) > 0 {
		b.WriteString("  - Corrections the vendor made obsolete:")
		for i, correction := range r.Corrections.Obsolete {
			b.WriteString([]string{" ", ", "}[min(i, 1)] + code(correction.ID))
		}
		b.WriteString(".\n")
	}
	fmt.Fprintf(&b, "  - Next release: %s.\n", step(r.Semver))
	_, err := io.WriteString(w, b.String())
	return err
}

// maxInEntry is how many changes of an axis an entry of the CHANGELOG lists.
const maxInEntry = 10

// The text of a pull request is limited, so that of Markdown is.
const (
	maxListed  = 100 // changes of an axis
	maxEntries = 10  // candidates
)

func (c Change) where() string {
	return cmp.Or(strings.TrimSpace(c.Direction+" "+c.Pointer), "the document")
}

// String is the version with as much of the digest as identifies the document.
func (s Source) String() string {
	return fmt.Sprintf("version %s, sha256 %s", plain(s.Version), s.SHA256[:min(12, len(s.SHA256))])
}

func step(s Step) string {
	if s == NoStep {
		return "none needed"
	}
	return string(s)
}

// Says is what the document says there now, in one line and cut short, or "nothing".
func (c Correction) Says() string { return cmp.Or(cut(plain(c.Now)), "nothing") }

func cut(text string) string {
	if runes := []rune(text); len(runes) > maxSays {
		return string(runes[:maxSays]) + "…"
	}
	return text
}

const maxSays = 200 // characters

// plain makes text of a document fit for one line: without control characters, with which it could move the cursor.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
}

// cell is a code span in a table, in which a bar would end the cell.
func cell(s Source) string { return strings.ReplaceAll(code(s.String()), "|", `\|`) }

// code is a code span, fenced by more backticks than the text holds in a row.
func code(text string) string {
	text = plain(text)
	fence := fence(text, 1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " " // which Markdown takes away
	}
	return fence + text + fence
}

func fenced(text string) string {
	fence := fence(text, 3)
	return fence + "yaml\n" + strings.TrimRight(text, "\n") + "\n" + fence
}

func fence(text string, least int) string {
	run, longest := 0, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return strings.Repeat("`", max(least, longest+1))
}
