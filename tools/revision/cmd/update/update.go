package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heygen-go/heygen/tools/revision"
	"github.com/heygen-go/heygen/tools/revision/internal/transaction"
)

// An update is one run.
type update struct {
	*transaction.Transaction
	doc    string
	drop   bool   // remove obsolete corrections
	target string // of make, that runs the tests
	day    time.Time
	stdout io.Writer
	stderr io.Writer

	page   revision.Page
	report *revision.Report
}

func (u *update) steps() []transaction.Step {
	const look = "read the log, mend the code or the corrections, and run again"
	return []transaction.Step{
		{Name: "read", Do: u.read},
		{Name: "compare", Do: u.compare},
		{Name: "corrections", Do: u.correct},
		{Name: "vendor", Do: u.vendor},
		{Name: "generate", Do: u.command("go", "generate", "./..."), Next: look},
		{Name: "build", Do: u.command("go", "build", "./..."), Next: look},
		{Name: "goldens", Do: u.hinting(u.goldens), Next: look},
		{Name: "check", Do: func(ctx context.Context) error { return u.CheckReplaceable(ctx, changelogName) }},
		{Name: "test", Do: u.hinting(u.test), Next: look},
		{Name: "changelog", Do: u.changelog},
	}
}

// goldenTests are those whose golden files list what the document says.
const goldenTests = "^(TestDeviationsPage|TestPublishedExamplesContradictTheirDocument|TestSpecAndVersion|TestReports)$"

func (u *update) goldens(ctx context.Context) error {
	return u.tests(ctx, "go", "test", "-vet=off", "./tests", "./cmd/heygen-webhook", "-run", goldenTests, "-update")
}

func (u *update) command(name string, arguments ...string) func(context.Context) error {
	return func(ctx context.Context) error { return u.Command(ctx, name, arguments...) }
}

func (u *update) read(ctx context.Context) (err error) {
	if u.page, err = revision.Read(ctx, u.doc, u.stderr); err != nil {
		return err
	}
	vendored, err := revision.IsVendored(u.Scratch(), u.page)
	if vendored {
		return transaction.ErrNothingToDo
	}
	return err
}

func (u *update) compare(ctx context.Context) (err error) {
	if u.report, err = revision.Compare(ctx, u.Scratch(), u.page); err != nil {
		return err
	}
	return u.report.WriteText(u.stdout)
}

// correct stops at corrections that no longer apply, or removes those that the document no longer needs.
func (u *update) correct(context.Context) error {
	var stops []string
	for _, lost := range u.report.Corrections.Lost {
		stops = append(stops, fmt.Sprintf("%s has lost its target %s: point it at where the defect is now, or delete it, "+
			"in api/corrections.yaml", lost.ID, lost.Pointer))
	}
	var obsolete []string
	for _, c := range u.report.Corrections.Obsolete {
		obsolete = append(obsolete, c.ID)
		if !u.drop {
			stops = append(stops, fmt.Sprintf("%s is obsolete: the document now says %s at %s; "+
				"run again with DROP=1 to remove it", c.ID, c.Says(), c.Pointer))
		}
	}
	if len(stops) > 0 {
		return errors.New(strings.Join(stops, "\n  "))
	}
	if len(obsolete) == 0 {
		return nil
	}
	name := filepath.Join(u.Scratch(), "api", "corrections.yaml")
	corrections, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if corrections, err = revision.Drop(corrections, obsolete); err != nil {
		return err
	}
	return os.WriteFile(name, corrections, 0o644)
}

func (u *update) vendor(context.Context) error { return revision.Vendor(u.Scratch(), u.page, u.day) }

// test runs without the race detector: a document starts no goroutine.
func (u *update) test(ctx context.Context) error { return u.tests(ctx, "make", u.target, "race=") }

// tests runs tests and names those that fail.
func (u *update) tests(ctx context.Context, name string, arguments ...string) error {
	err := u.Command(ctx, name, arguments...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	log, unread := u.Log()
	if unread != nil {
		return errors.Join(err, unread)
	}
	if names := failedTests(log); len(names) > 0 {
		return fmt.Errorf("%s failed: %w", strings.Join(names, ", "), err)
	}
	return err
}

// hinting adds to a failure what may well be behind it.
func (u *update) hinting(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := do(ctx)
		if n := len(u.report.Corrections.Candidates); err != nil && n > 0 {
			err = fmt.Errorf("%w; the document contradicts its own examples (%d candidates above): "+
				"paste the entries at the end of api/corrections.yaml, and run again", err, n)
		}
		return err
	}
}

// failedTests are the names that go test printed; of a subtest's, the test's does.
func failedTests(log string) []string {
	var names []string
	for line := range strings.Lines(log) {
		if rest, ok := strings.CutPrefix(line, "--- FAIL: "); ok {
			name, _, _ := strings.Cut(rest, " ")
			names = append(names, name)
		}
	}
	return names
}

const changelogName = "CHANGELOG.md"

func (u *update) changelog(context.Context) error {
	name := filepath.Join(u.Scratch(), changelogName)
	content, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var entry bytes.Buffer
	if err := u.report.WriteEntry(&entry, u.day); err != nil {
		return err
	}
	return os.WriteFile(name, withEntry(content, entry.Bytes()), 0o644)
}
