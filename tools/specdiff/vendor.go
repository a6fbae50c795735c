package specdiff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/heygen-go/heygen/tools/document"
)

// Vendor puts a page where Compare, which made the report, assumed it, and records in the provenance that it was handed
// over on a day. It drops the obsolete corrections if drop is set, and adds an entry to the CHANGELOG. If the page is
// the vendored one, byte for byte, it changes nothing.
func Vendor(root string, page document.Page, report *Report, drop bool, day time.Time) error {
	pages, err := report.API.VendoredPages(root)
	if err != nil {
		return err
	}
	if _, at := placeIn(pages, page); at < len(pages) && bytes.Equal(pages[at].Content, page.Content) {
		return nil
	}
	if err := dropObsolete(root, report, drop); err != nil {
		return err
	}
	if !report.Same() {
		if err := addToChangelog(root, report, day); err != nil {
			return err
		}
	}
	return putInPlace(root, report.API, pages, page, day)
}

func putInPlace(root string, api document.API, pages []document.Page, page document.Page, day time.Time) error {
	name := filepath.Join(root, api.Dir, "provenance.json")
	provenance, err := document.ReadProvenance(name)
	if err != nil {
		return err
	}
	pages, at := placeIn(pages, page)
	if at == len(provenance.Pages) {
		if _, err := os.Lstat(filepath.Join(root, api.Dir, page.Name)); err == nil {
			return fmt.Errorf("%s/%s is there and is no vendored page: give the new page another name", api.Dir, page.Name)
		}
		provenance.Pages = append(provenance.Pages, document.Origin{})
	}
	published, err := document.Union(pages)
	if err != nil {
		return err
	}
	definition := sourceOf(page.Definition)
	provenance.DocumentSHA256 = digest(published)
	provenance.Pages[at] = document.Origin{
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
	if err := os.WriteFile(filepath.Join(root, api.Dir, pages[at].Name), page.Content, 0o644); err != nil {
		return err
	}
	return os.WriteFile(name, text.Bytes(), 0o644)
}

// dropObsolete removes the corrections of the repository at root that a report calls obsolete, if drop says so. A
// correction that does not apply and stays is an error: a document that lacks what it corrects is not made.
func dropObsolete(root string, report *Report, drop bool) error {
	var obsolete []string
	var stops []error
	for _, c := range report.Corrections {
		switch {
		case c.State == document.Obsolete && drop:
			obsolete = append(obsolete, c.ID)
		case c.State != document.Applies:
			stops = append(stops, fmt.Errorf("correction %s is %s: %s", c.ID, c.State, report.explained(c, plain)))
		}
	}
	if len(stops) > 0 {
		return errors.Join(stops...)
	}
	if len(obsolete) == 0 {
		return nil
	}
	corrections, err := report.API.Corrections(root)
	if err != nil {
		return err
	}
	if corrections, err = document.Drop(corrections, obsolete); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, report.API.Dir, "corrections.yaml"), corrections, 0o644)
}
