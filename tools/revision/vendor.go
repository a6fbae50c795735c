package revision

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/heygen-go/heygen/tools/document"
)

// IsVendored reports whether a page is, byte for byte, the one that the repository at root has in its place.
func IsVendored(root string, page Page) (bool, error) {
	pages, err := vendoredPages(root)
	if err != nil {
		return false, err
	}
	at := placeOf(pages, page)
	return at < len(pages) && bytes.Equal(pages[at].Content, page.Content), nil
}

// Vendor puts a page where Compare would, and records in the provenance that it was handed over on a day.
func Vendor(root string, page Page, day time.Time) error {
	pages, err := vendoredPages(root)
	if err != nil {
		return err
	}
	name := filepath.Join(root, "api", "provenance.json")
	provenance, err := document.ReadProvenance(name)
	if err != nil {
		return err
	}
	at := placeOf(pages, page)
	if at == len(pages) {
		if _, err := os.Lstat(filepath.Join(root, "api", page.Name)); err == nil {
			return fmt.Errorf("api/%s is there already and is no page: give the new page another name", page.Name)
		}
		provenance.Pages = append(provenance.Pages, document.Page{Page: page.Name})
	}
	pages = place(pages, page)
	definition, err := sourceOf(page.Definition)
	if err != nil {
		return err
	}
	published, err := union(pages)
	if err != nil {
		return err
	}
	provenance.DocumentSHA256 = digest(published)
	provenance.Pages[at] = document.Page{
		Page: pages[at].Name, Source: page.Source, Version: definition.Version, HandedOver: day.Format(time.DateOnly),
		PageSHA256: digest(page.Content), DefinitionSHA256: definition.SHA256,
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(provenance); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "api", pages[at].Name), page.Content, 0o644); err != nil {
		return err
	}
	return os.WriteFile(name, text.Bytes(), 0o644)
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
