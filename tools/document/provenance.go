package document

import (
	"encoding/json"
	"fmt"
	"os"
)

// Provenance says where the published document comes from (api/provenance.json).
type Provenance struct {
	Page           string `json:"page"`            // file name beside the provenance, as it was handed over
	Version        string `json:"version"`         // the document's info.version, which does not identify a revision
	HandedOver     string `json:"handed_over"`     // date, YYYY-MM-DD
	PageSHA256     string `json:"page_sha256"`     // of the page's bytes
	DocumentSHA256 string `json:"document_sha256"` // of openapi.json's bytes, which identifies a revision
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
	return &provenance, nil
}
