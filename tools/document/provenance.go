package document

import (
	"encoding/json"
	"fmt"
	"os"
)

// Provenance records where the published document comes from (api/provenance.json).
type Provenance struct {
	DocumentSHA256 string `json:"document_sha256"` // of openapi.json's bytes, which identifies a revision
	Pages          []Page `json:"pages"`           // in the order in which they make up openapi.json
}

// Page is one published page.
type Page struct {
	Page             string `json:"page"`              // file name beside the provenance, as it was handed over
	Source           string `json:"source,omitempty"`  // file name or URL it was read from, if known
	Version          string `json:"version"`           // its info.version, which does not identify a revision
	HandedOver       string `json:"handed_over"`       // date, YYYY-MM-DD
	PageSHA256       string `json:"page_sha256"`       // of the page's bytes
	DefinitionSHA256 string `json:"definition_sha256"` // of the definition's bytes, as Extract returns them
}

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
	return &provenance, nil
}
