package specdiff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heygen-go/heygen/tools/document"
)

// IsVendored reports whether a page is, byte for byte, the one that the repository at root has in its place.
func IsVendored(root string, page Page) (bool, error) {
	pages, err := vendoredPages(root)
	if err != nil {
		return false, err
	}
	_, at := placeIn(pages, page)
	return at < len(pages) && bytes.Equal(pages[at].Content, page.Content), nil
}

// Vendor puts a page where Compare would and records in the provenance that it was handed over on a day.
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
	pages, at := placeIn(pages, page)
	if at == len(provenance.Pages) {
		if _, err := os.Lstat(filepath.Join(root, "api", page.Name)); err == nil {
			return fmt.Errorf("api/%s is there already and is no vendored page: give the new page another name", page.Name)
		}
		provenance.Pages = append(provenance.Pages, document.Page{})
	}
	published, err := union(pages)
	if err != nil {
		return err
	}
	definition := sourceOf(page.Definition)
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

// DropObsolete removes the corrections of the repository at root that a report calls obsolete, if drop says so. A
// correction that does not apply and stays is an error: a document that lacks what it corrects is not made.
func DropObsolete(root string, report *Report, drop bool) error {
	var obsolete, stops []string
	for _, c := range report.Corrections {
		switch {
		case c.State == document.Obsolete && drop:
			obsolete = append(obsolete, c.ID)
		case c.State != document.Applies:
			stops = append(stops, fmt.Sprintf("\n  %s is %s: %s", c.ID, c.State, explained(c, plain)))
		}
	}
	if len(stops) > 0 {
		return errors.New("corrections do not apply:" + strings.Join(stops, ""))
	}
	if len(obsolete) == 0 {
		return nil
	}
	name := filepath.Join(root, "api", "corrections.yaml")
	corrections, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if corrections, err = document.Drop(corrections, obsolete); err != nil {
		return err
	}
	return os.WriteFile(name, corrections, 0o644)
}
