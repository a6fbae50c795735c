package document

import (
	"bytes"
	"fmt"
)

// Deviations returns docs/deviations.md, Markdown: where the published document is wrong and why, one section for each
// correction.
func Deviations(corrections []byte) ([]byte, error) {
	all, err := parseCorrections(corrections)
	if err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	var page bytes.Buffer
	page.WriteString(`# Deviations

Where the published document (openapi.json) is corrected, and why. Made from api/corrections.yaml by "go generate"; do
not edit it by hand.
`)
	for _, action := range all.Actions {
		if action.Description != "" { // the first action of a correction
			fmt.Fprintf(&page, "\n## %s\n\n%s\n\n- Evidence: %s\n- In the published document: `%s`\n", correctionID(action),
				action.Description, extension(action, "x-evidence"), extension(action, "x-pointer"))
		}
	}
	return page.Bytes(), nil
}
