package specdiff

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/heygen-go/heygen/tools/document"
)

// WriteJSON writes the report as JSON. What a terminal would not print is escaped.
func (r *Report) WriteJSON(w io.Writer) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return err
	}
	var b strings.Builder
	for _, char := range text.String() {
		switch {
		case char == '\n' || unicode.IsPrint(char):
			b.WriteRune(char)
		case char > 0xFFFF:
			high, low := utf16.EncodeRune(char)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, char)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteText writes the report for a terminal.
func (r *Report) WriteText(w io.Writer) error {
	return r.write(w, style{section: "\n%s\n", item: "  %s\n", code: plain})
}

// WriteMarkdown writes the report for a pull request. What comes from the document is code, so that it is shown and
// neither links, mentions nor formats.
func (r *Report) WriteMarkdown(w io.Writer) error {
	return r.write(w, style{section: "\n### %s\n\n", item: "- %s\n", code: code, fence: true})
}

// style is how a report is written. Each format takes one text.
type style struct {
	section, item string
	code          func(string) string // of text from the document
	fence         bool                // entries are code blocks
}

// maxListed is how many changes of an axis are listed: the text of a pull request is limited.
const maxListed = 100

func (r *Report) write(w io.Writer, s style) error {
	var b strings.Builder
	section := func(format string, args ...any) { fmt.Fprintf(&b, s.section, fmt.Sprintf(format, args...)) }
	item := func(format string, args ...any) { fmt.Fprintf(&b, s.item, fmt.Sprintf(format, args...)) }
	// list writes the first of count items.
	list := func(count, most int, write func(i int)) {
		for i := range min(count, most) {
			write(i)
		}
		if count > most {
			item("and %d more", count-most)
		}
	}
	listChanges := func(changes []Change) {
		list(len(changes), maxListed, func(i int) {
			where, text := s.code(cmp.Or(changes[i].Where, "the document")), s.code(cutAt(changes[i].Text, maxText))
			item("%s: %s: %s (%s)", changes[i].Level, where, text, changes[i].ID)
		})
	}
	fmt.Fprintf(&b, "from %s\nto %s\n", s.code(r.From.String()), s.code(r.To.String()))
	if r.Same() {
		section("The definition is the one that this module is made from: nothing changes.")
	}
	for _, axis := range []struct {
		name string
		Axis
	}{{"Published document", r.Document}, {"Go API", r.Go}, {"This client", r.Client}} {
		section("%s: %s", axis.name, axis.Verdict)
		listChanges(axis.Changes)
	}
	section("Corrections: %d of %d apply", len(r.In(document.Applies)), len(r.Corrections))
	for _, c := range r.Corrections {
		if c.State != document.Applies {
			item("%s: %s: %s", c.State, c.ID, r.explained(c, s.code))
		}
	}
	if len(r.Corrected) > 0 {
		section("Corrected document: changes that are not the vendor's, because corrections no longer apply")
		listChanges(r.Corrected)
	}
	if len(r.Notes) > 0 {
		section("Not read as the document says it, or not judged")
		list(len(r.Notes), maxListed, func(i int) {
			item("%s: %s", s.code(cmp.Or(r.Notes[i].Where, "the document")), s.code(cut(r.Notes[i].Text)))
		})
	}
	if len(r.Contradictions) > 0 {
		section("The document contradicts its own examples, and no correction covers it")
		list(len(r.Contradictions), maxListed/10, func(i int) {
			c := r.Contradictions[i]
			item("%s: %s", s.code(c.Pointer), s.code(cut(c.Text)))
			if entry := strings.TrimRight(c.Entry, "\n"); entry != "" {
				if s.fence {
					mark := fence(entry, 3)
					entry = mark + "yaml\n" + entry + "\n" + mark
				}
				fmt.Fprintf(&b, "\n%s\n\n", entry)
			}
		})
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explained describes why a correction does not apply, and what to do.
func (r *Report) explained(c document.Standing, code func(string) string) string {
	now := code(cmp.Or(cut(c.Now), "nothing"))
	missing := make([]string, 0, len(c.Missing))
	for _, pointer := range c.Missing {
		missing = append(missing, code(pointer))
	}
	at, lacks, file := code(c.Pointer), strings.Join(missing, ", "), r.API.Dir+"/corrections.yaml"
	switch c.State {
	case document.Obsolete:
		return fmt.Sprintf("the document now has %s at %s; DROP=1 removes the correction", now, at)
	case document.FixedInPart:
		return fmt.Sprintf("the document now has %s at %s, but still lacks %s: reduce the correction to that, in %s",
			now, at, lacks, file)
	case document.Changed:
		return fmt.Sprintf("the document now has %s at %s, which is neither what the correction replaces nor what it makes: "+
			"adapt the correction or delete it, in %s", now, at, file)
	default:
		return fmt.Sprintf("nothing is left around %s: point the correction at where the defect is now or delete it, in %s",
			at, file)
	}
}

// String is the version with as much of the digest as identifies the document.
func (s Source) String() string {
	return fmt.Sprintf("version %s, sha256 %s", plain(s.Version), s.SHA256[:min(12, len(s.SHA256))])
}

const (
	maxShown = 200  // characters of a value
	maxText  = 2000 // characters of a change
)

func cut(text string) string { return cutAt(text, maxShown) }

func cutAt(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}

func plain(text string) string { return document.Plain(text) }

// code is a code span, fenced by more backticks than the text holds in a row.
func code(text string) string {
	text = plain(text)
	mark := fence(text, 1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " " // which Markdown takes away
	}
	return mark + text + mark
}

func fence(text string, least int) string {
	mark := strings.Repeat("`", least)
	for strings.Contains(text, mark) {
		mark += "`"
	}
	return mark
}
