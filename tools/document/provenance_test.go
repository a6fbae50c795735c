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
	api := filepath.Join("..", "..", "api")
	provenance, err := document.ReadProvenance(filepath.Join(api, "provenance.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range provenance.Pages {
		content, err := os.ReadFile(filepath.Join(api, page.Page))
		if err != nil {
			t.Fatal(err)
		}
		definition, err := document.Extract(content)
		if err != nil {
			t.Fatal(err)
		}
		var head struct {
			Info struct {
				Version string `json:"version"`
			} `json:"info"`
		}
		if err := json.Unmarshal(definition, &head); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(definition)
		if got := hex.EncodeToString(sum[:]); got != page.DefinitionSHA256 || head.Info.Version != page.Version {
			t.Errorf("the definition of %s has version %s and sha256 %s, api/provenance.json says %s and %s",
				page.Page, head.Info.Version, got, page.Version, page.DefinitionSHA256)
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
