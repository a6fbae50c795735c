package specdiff

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heygen-go/heygen/tools/document"
)

// addToChangelog adds an entry on the report to the section Changed of Unreleased in the CHANGELOG of the repository at
// root. It is for those who use the module: what they have to look at in their code, and what is new.
func addToChangelog(root string, report *Report, day time.Time) error {
	name := filepath.Join(root, "CHANGELOG.md")
	changelog, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	released, unreleased, ok := strings.Cut(string(changelog), "## Unreleased\n")
	if !ok {
		return errors.New(`CHANGELOG.md has no section "## Unreleased"`)
	}
	older := ""
	if end := strings.Index(unreleased, "\n## "); end >= 0 {
		unreleased, older = unreleased[:end+1], unreleased[end+1:]
	}
	const heading = "### Changed\n\n"
	before, after, ok := strings.Cut(unreleased, heading)
	if !ok {
		before, after = "\n", unreleased
	}
	return os.WriteFile(name, []byte(released+"## Unreleased\n"+before+heading+report.entry(day)+after+older), 0o644)
}

func (r *Report) entry(day time.Time) string {
	var b strings.Builder
	client := "client"
	if r.API == document.V3 {
		client = "client for version 3"
	}
	fmt.Fprintf(&b, "- The %s is made from the document that HeyGen published by %s (info.version %s).",
		client, day.Format(time.DateOnly), plain(r.To.Version))
	if r.Go.Verdict == None && r.Document.Verdict != Breaking && r.Client.Verdict == None {
		b.WriteString(" Nothing changes for your code.")
	}
	b.WriteString("\n")
	for _, part := range []struct {
		title   string
		level   Verdict
		changes []Change
	}{
		{"Change your code where it uses these", Breaking, r.Go.Changes},
		{"New in the Go API", Compatible, r.Go.Changes},
		{"HeyGen takes or returns something else; look at code that depends on it", Breaking, r.Document.Changes},
		{"The contract and the sandbox ask for less than before", Breaking, r.Corrected},
		{"New operations without a method; call them with `heygen.Do`", Compatible, r.Client.Changes},
	} {
		listed := 0
		for _, change := range part.changes {
			if change.Level != part.level || change.ID == idBuildFailed || change.ID == idGenerationFailed {
				continue // code that does not build is mended before anybody gets it
			}
			if listed++; listed == 1 {
				fmt.Fprintf(&b, "  - %s:\n", part.title)
			}
			if listed > maxInEntry {
				b.WriteString("    - and more: see the document\n")
				break
			}
			text := code(change.Text)
			if change.Text == "added" || change.Text == "removed" {
				text = change.Text
			}
			fmt.Fprintf(&b, "    - %s: %s\n", code(change.Where), text)
		}
	}
	return b.String()
}

const maxInEntry = 10 // changes
