package revision_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/revision"
	"github.com/heygen-go/heygen/tools/revision/internal/table"
)

// A revision is judged by what it means; "make revisions" updates to each.
func TestRevisionsOfTheTable(t *testing.T) {
	t.Parallel()
	revisions, err := table.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	updates := map[string]string{} // of the revisions that are updated to
	for _, r := range revisions {
		if r.Like == "" {
			updates[r.Name] = r.Update
		}
	}
	if len(updates) < 40 {
		t.Errorf("the table has %d revisions to update to, want 40 at least", len(updates))
	}
	seen := map[string]bool{}
	for _, r := range revisions {
		if seen[r.Name] || r.Name == "" || r.Why == "" {
			t.Errorf("a revision is called %q, because %q: want a name of its own and a reason", r.Name, r.Why)
		}
		if r.Like != "" && updates[r.Like] != r.Update {
			t.Errorf("%s is to be %q, and that it is like is %q", r.Name, r.Update, updates[r.Like])
		}
		seen[r.Name] = true
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			content, err := r.Content(root)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), r.File)
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := compare(t, file)
			if r.Error != "" {
				if err == nil || !strings.Contains(err.Error(), r.Error) {
					t.Errorf("error %v, want one that holds %q", err, r.Error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			expect(t, report, r)
		})
	}
}

func compare(t *testing.T, file string) (*revision.Report, error) {
	t.Helper()
	page, err := revision.Read(t.Context(), file, io.Discard)
	if err != nil {
		return nil, err
	}
	return revision.Compare(t.Context(), root, page)
}

func expect(t *testing.T, report *revision.Report, r table.Revision) {
	t.Helper()
	for _, axis := range []struct {
		name string
		got  revision.Axis
		want revision.Verdict
	}{{"document", report.Document, r.Document}, {"Go", report.Go, r.Go}, {"client", report.Client, r.Client}} {
		if axis.got.Verdict != axis.want {
			t.Errorf("%s: %s, want %s: %+v", axis.name, axis.got.Verdict, axis.want, axis.got.Changes)
		}
	}
	if report.Semver != r.Semver {
		t.Errorf("the next release is %s, want %s", report.Semver, r.Semver)
	}
	for _, list := range []struct {
		name string
		got  []revision.Correction
		want []string
	}{{"obsolete", report.Corrections.Obsolete, r.Obsolete}, {"lost", report.Corrections.Lost, r.Lost}} {
		var ids []string
		for _, c := range list.got {
			ids = append(ids, c.ID)
		}
		if !slices.Equal(ids, list.want) {
			t.Errorf("%s: %q, want %q", list.name, ids, list.want)
		}
	}
	if got := report.Corrections.Candidates; len(got) != r.Candidates {
		t.Errorf("%d candidates, want %d: %+v", len(got), r.Candidates, got)
	}
}
