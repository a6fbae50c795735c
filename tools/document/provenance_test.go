package document_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

func TestProvenanceSaysWhatThePagesHold(t *testing.T) {
	t.Parallel()
	digest := func(content []byte) string {
		sum := sha256.Sum256(content)
		return hex.EncodeToString(sum[:])
	}
	root := filepath.Join("..", "..")
	for _, api := range document.APIs {
		provenance, err := document.ReadProvenance(filepath.Join(root, api.Dir, "provenance.json"))
		if err != nil {
			t.Fatal(err)
		}
		pages, err := api.VendoredPages(root)
		if err != nil {
			t.Fatal(err)
		}
		for i, origin := range provenance.Pages {
			var head struct {
				Info struct {
					Version string `json:"version"`
				} `json:"info"`
			}
			if err := json.Unmarshal(pages[i].Definition, &head); err != nil {
				t.Fatal(err)
			}
			page, definition := digest(pages[i].Content), digest(pages[i].Definition)
			if page != origin.PageSHA256 || definition != origin.DefinitionSHA256 || head.Info.Version != origin.Version {
				t.Errorf("%s/%s has sha256 %s, its definition version %s and sha256 %s; provenance.json says %s, %s and %s",
					api.Dir, origin.Page, page, head.Info.Version, definition,
					origin.PageSHA256, origin.Version, origin.DefinitionSHA256)
			}
		}
		published, err := document.Union(pages)
		if err != nil {
			t.Fatal(err)
		}
		if got := digest(published); got != provenance.DocumentSHA256 {
			t.Errorf("the document in %s has sha256 %s, provenance.json says %s", api.Dir, got, provenance.DocumentSHA256)
		}
	}
}

// What is called like code, or lies elsewhere, is no page.
func TestProvenanceNamesPagesAlone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"evil.go", "../page.md", "/etc/page.md", ".page.md", "a/b.md", "Page.md", ""} {
		file := filepath.Join(t.TempDir(), "provenance.json")
		content, err := json.Marshal(document.Provenance{Pages: []document.Origin{{Page: name}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := document.ReadProvenance(file); err == nil {
			t.Errorf("%q is taken for a page", name)
		}
	}
}
