package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

const (
	page       = "# OpenAPI definition\n\n```json\n" + definition + "```\n"
	definition = "{\"openapi\": \"3.1.0\", \"paths\": {\"/a\": {\"get\": {}}}, \"deprecated\": false}\n"
	corrected  = "{\n  \"openapi\": \"3.1.0\",\n  \"paths\": {\n    \"/a\": {\n      \"get\": {}\n    }\n  }\n}\n"
	provenance = `{"pages": [{"page": "page.md"}]}`

	corrections = `
overlay: 1.1.0
info: {title: t, version: '1'}
actions:
  - x-correction: not-deprecated
    description: It is not deprecated.
    x-evidence: none
    x-pointer: /deprecated
    target: $[?@ == false]
    remove: true
`
	deviation = "\n## not-deprecated\n\nIt is not deprecated.\n\n- Evidence: none\n" +
		"- In the published document: `/deprecated`\n"
)

// repository writes the files that documents reads, with some of them changed.
func repository(t *testing.T, changed map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, directory := range []string{"api", "docs"} {
		if err := os.Mkdir(filepath.Join(root, directory), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string]string{
		"api/provenance.json": provenance, "api/page.md": page, "api/corrections.yaml": corrections,
	}
	maps.Copy(files, changed)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestDocumentsAreMade(t *testing.T) {
	t.Parallel()
	files, err := documents(repository(t, map[string]string{"openapi.json": "stale"}), document.V1)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"openapi.json": definition, "api/corrected.json": corrected, "docs/deviations.md": deviation,
	} {
		if got := string(files[name]); !strings.HasSuffix(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A document that the generator refuses leaves the tree as it was.
func TestNothingIsWrittenOfADocumentThatIsRefused(t *testing.T) {
	t.Parallel()
	root := repository(t, map[string]string{
		"openapi.json": "old", "api/names.yaml": "", "api/names-server.yaml": "",
		"api/page.md": strings.Replace(page, `{}`, `{"requestBody": {"$ref": "#/gone"}}`, 1),
	})
	err := run(t.Context(), root)
	if err == nil || !strings.Contains(err.Error(), "api/corrected.json: /paths/~1a/get/requestBody: ") {
		t.Fatalf("error %v", err)
	}
	for name, want := range map[string]string{"openapi.json": "old", "api/corrected.json": "", "docs/deviations.md": ""} {
		if got, _ := os.ReadFile(filepath.Join(root, name)); string(got) != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func TestDocumentsNamesTheFileThatIsWrong(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changed map[string]string
		want    string
	}{
		"provenance is no JSON":    {map[string]string{"api/provenance.json": "page: page.md"}, "provenance.json"},
		"provenance lists no page": {map[string]string{"api/provenance.json": `{}`}, "lists no pages"},
		"page is missing":          {map[string]string{"api/provenance.json": `{"pages": [{"page": "gone.md"}]}`}, "gone.md"},
		"page has no definition":   {map[string]string{"api/page.md": "# Update\n"}, "page.md: it has neither the heading"},
		"corrections are obsolete": {
			map[string]string{"api/page.md": strings.Replace(page, "false", "true", 1)}, `correction "not-deprecated"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := repository(t, tt.changed)
			_, err := documents(root, document.V1)
			if err == nil {
				t.Fatal("it succeeded")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want one that holds %q", err, tt.want)
			}
		})
	}
}

func TestDocumentsNeedsAProvenanceAndCorrections(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"provenance.json", "corrections.yaml"} {
		root := repository(t, nil)
		if err := os.Remove(filepath.Join(root, "api", name)); err != nil {
			t.Fatal(err)
		}
		if _, err := documents(root, document.V1); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: error %v", name, err)
		}
	}
}
