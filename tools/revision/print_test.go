package revision_test

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/revision"
)

var updateGolden = flag.Bool("update", false, "rewrite the golden files")

// full is a report with everything a report can hold, and a document that tries to be more than text.
var full = revision.Report{
	From: revision.Source{Version: "4.0.8", SHA256: strings.Repeat("0123456789abcdef", 4)},
	To:   revision.Source{Version: "4.1|`x`\x1b[2J", SHA256: strings.Repeat("fedcba9876543210", 4)},
	Document: revision.Axis{Verdict: revision.Breaking, Changes: []revision.Change{
		{ID: "server-changed", Level: revision.Breaking, Text: "the server is ``https://a.example``"},
		{
			ID: "enum-extended", Level: revision.Compatible, Direction: "response", Pointer: "/paths/~1a",
			Text: "@somebody <b>adds</b>\n`paused`",
		},
	}},
	Go: revision.Axis{Verdict: revision.Compatible, Changes: []revision.Change{
		{ID: "go-added", Level: revision.Compatible, Pointer: "generated.A.B", Text: "added"},
	}},
	Client: revision.Axis{Verdict: revision.None, Changes: []revision.Change{}},
	Corrections: revision.Corrections{
		Applied:  []string{"a", "b"},
		Obsolete: []revision.Correction{{ID: "c", Pointer: "/c", Now: `"null"`}, {ID: "d", Pointer: "/d"}},
		Lost:     []revision.Correction{{ID: "e", Pointer: "/e"}},
		Candidates: []revision.Candidate{
			{Pointer: "/f", Text: "/g is null; the schema says string", Entry: "  - x: |\n    ```\n"},
			{Pointer: "/h", Text: "/i is null; the schema says `x`\x1b[2J"},
		},
	},
	Semver: revision.Minor,
}

func TestReportIsPrinted(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*revision.Report, io.Writer) error{
		"report.txt":  (*revision.Report).WriteText,
		"report.md":   (*revision.Report).WriteMarkdown,
		"report.json": (*revision.Report).WriteJSON,
	} {
		var got strings.Builder
		if err := write(&full, &got); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *updateGolden {
			if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := string(read(t, path)); got.String() != want {
			t.Errorf("%s: got\n%s\nwant\n%s\n(run go test . -update if that is right)", path, &got, want)
		}
	}
}

// The text of a pull request is limited, so that of Markdown is, too.
func TestMarkdownStaysShort(t *testing.T) {
	t.Parallel()
	report := full
	report.Go.Changes = make([]revision.Change, 5000)
	report.Corrections.Candidates = make([]revision.Candidate, 5000)
	var got strings.Builder
	if err := report.WriteMarkdown(&got); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- and 4900 more\n", "- and 4990 more candidates\n"} {
		if !strings.Contains(got.String(), want) || got.Len() > 65536 {
			t.Errorf("%d bytes, want %q in\n%.500s", got.Len(), want, &got)
		}
	}
}
