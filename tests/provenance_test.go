// Package tests holds the black-box tests over the whole: contract, goldens, imports, a consumer and the README.
package tests

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// read returns a file of the repository, named from its root.
func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestVendoredFilesAreWhatWasHandedOver(t *testing.T) {
	t.Parallel()
	var provenance struct {
		DocumentSHA256 string `json:"document_sha256"`
		Pages          []struct {
			Page       string `json:"page"`
			Version    string `json:"version"`
			PageSHA256 string `json:"page_sha256"`
		} `json:"pages"`
	}
	if err := json.Unmarshal(read(t, "api/provenance.json"), &provenance); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"openapi.json": provenance.DocumentSHA256}
	versions := map[string]bool{}
	for _, page := range provenance.Pages {
		files["api/"+page.Page] = page.PageSHA256
		versions[page.Version] = true
	}
	for name, want := range files {
		sum := sha256.Sum256(read(t, name))
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s has sha256 %s, api/provenance.json says %s: restore the file, or vendor a new page with "+
				"\"make update\"", name, got, want)
		}
	}
	var document struct {
		Info struct {
			Version string `json:"version"`
		} `json:"info"`
	}
	err := json.Unmarshal(read(t, "openapi.json"), &document)
	if got := document.Info.Version; err != nil || !versions[got] {
		t.Errorf("version %q, error %v, api/provenance.json says %v", got, err, versions)
	}
}
