package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Provenance records where the published document comes from (api/provenance.json).
type Provenance struct {
	DocumentSHA256 string   `json:"document_sha256"` // of the published document's bytes, which identifies a revision
	Pages          []Origin `json:"pages"`           // in the order in which they make up that document
}

// Origin records where a page comes from.
type Origin struct {
	Page             string `json:"page"`                         // file name beside the provenance, as it was handed over
	Source           string `json:"source,omitempty"`             // file name or URL it was read from, if known
	Facts            []Fact `json:"written_from_facts,omitempty"` // of a page that is not the vendor's
	Version          string `json:"version"`                      // its info.version, which does not identify a revision
	HandedOver       string `json:"handed_over"`                  // date, YYYY-MM-DD
	PageSHA256       string `json:"page_sha256"`                  // of the page's bytes
	DefinitionSHA256 string `json:"definition_sha256"`            // of the definition's bytes, as Extract returns them
}

// Fact is a page of the vendor's from which a page was written in other words.
type Fact struct {
	Page string `json:"page"` // its address
	Read string `json:"read"` // date, YYYY-MM-DD
}

// API is a version of HeyGen's API. Names are relative to the root of the repository.
type API struct {
	Dir       string // of the pages, provenance.json, the names and the corrections, if there are any
	Generated string // directory of the Go packages
	Paths     string // how the paths begin that are taken of a definition; "" takes all
}

// The versions of the API that are vendored.
var (
	V1 = API{Dir: "api", Generated: "generated"}
	V3 = API{Dir: "api/v3", Generated: "generated/v3", Paths: "/v3/webhooks/"}
)

// APIs are all of them, by name.
var APIs = map[string]API{"v1": V1, "v3": V3}

// Corrected is the name of the corrected document.
func (a API) Corrected() string { return a.Dir + "/corrected.json" }

// Extract is [Extract] of the paths of this version.
func (a API) Extract(page []byte) ([]byte, error) {
	definition, err := Extract(page)
	if err != nil || a.Paths == "" {
		return definition, err
	}
	return Take(definition, a.Paths)
}

// Corrections returns the corrections of the repository at root, which are nil if there are none.
func (a API) Corrections(root string) ([]byte, error) {
	corrections, err := os.ReadFile(filepath.Join(root, a.Dir, "corrections.yaml"))
	if errors.Is(err, fs.ErrNotExist) && a != V1 {
		return nil, nil
	}
	return corrections, err
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

// VendoredPages returns the pages from which the repository at root is made.
func (a API) VendoredPages(root string) ([]Page, error) {
	provenance, err := ReadProvenance(filepath.Join(root, a.Dir, "provenance.json"))
	if err != nil {
		return nil, err
	}
	var pages []Page
	for _, origin := range provenance.Pages {
		content, err := os.ReadFile(filepath.Join(root, a.Dir, origin.Page))
		if err != nil {
			return nil, err
		}
		definition, err := a.Extract(content)
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", a.Dir, origin.Page, err)
		}
		pages = append(pages, Page{Name: origin.Page, Definition: definition, Content: content, Source: origin.Source})
	}
	return pages, nil
}
