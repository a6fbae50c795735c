package document

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Provenance records where the published document comes from (api/provenance.json).
type Provenance struct {
	DocumentSHA256 string   `json:"document_sha256"` // of openapi.json's bytes, which identifies a revision
	Pages          []Origin `json:"pages"`           // in the order in which they make up openapi.json
}

// Origin records where a page comes from.
type Origin struct {
	Page             string `json:"page"`              // file name beside the provenance, as it was handed over
	Source           string `json:"source,omitempty"`  // file name or URL it was read from, if known
	Version          string `json:"version"`           // its info.version, which does not identify a revision
	HandedOver       string `json:"handed_over"`       // date, YYYY-MM-DD
	PageSHA256       string `json:"page_sha256"`       // of the page's bytes
	DefinitionSHA256 string `json:"definition_sha256"` // of the definition's bytes, as Extract returns them
}

// pageName is what vendored pages are called: no package, configuration or hidden file is.
var pageName = regexp.MustCompile(`^[a-z0-9-]+\.md$`)

// ReadProvenance reads a provenance file.
func ReadProvenance(name string) (*Provenance, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var provenance Provenance
	if err := json.Unmarshal(content, &provenance); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(provenance.Pages) == 0 {
		return nil, fmt.Errorf("%s: it lists no pages", name)
	}
	for _, page := range provenance.Pages {
		if !pageName.MatchString(page.Page) {
			return nil, fmt.Errorf("%s: the page %q: want a name of the form [a-z0-9-]+.md", name, page.Page)
		}
	}
	return &provenance, nil
}

// Page is a published page of an operation.
type Page struct {
	Name       string // of its file: [a-z0-9-]+.md
	Definition []byte // the OpenAPI definition, JSON
	Content    []byte // the page itself
	Source     string // file name or URL it was read from
}

// VendoredPages returns the pages that the repository at root is made from.
func VendoredPages(root string) ([]Page, error) {
	provenance, err := ReadProvenance(filepath.Join(root, "api", "provenance.json"))
	if err != nil {
		return nil, err
	}
	var pages []Page
	for _, origin := range provenance.Pages {
		content, err := os.ReadFile(filepath.Join(root, "api", origin.Page))
		if err != nil {
			return nil, err
		}
		definition, err := Extract(content)
		if err != nil {
			return nil, fmt.Errorf("api/%s: %w", origin.Page, err)
		}
		pages = append(pages, Page{Name: origin.Page, Definition: definition, Content: content, Source: origin.Source})
	}
	return pages, nil
}
