// Package document makes this module's OpenAPI documents: the published one from the vendor's page, and the
// corrected one from the published one and the corrections.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Extract returns the OpenAPI definition of a published page: the bytes between the lines of the first fenced json
// block that follows the heading "OpenAPI definition", exactly as they stand.
func Extract(page []byte) ([]byte, error) {
	const heading = "# OpenAPI definition"
	var definition []byte
	seenHeading, inside := false, false
	number, opened := 0, 0
	for line := range bytes.Lines(page) {
		number++
		text := string(bytes.TrimSpace(line))
		switch {
		case inside && text == "```":
			if err := checkDefinition(definition); err != nil {
				return nil, fmt.Errorf("the definition that begins at line %d: %w", opened+1, err)
			}
			return definition, nil
		case inside:
			definition = append(definition, line...)
		case text == heading:
			seenHeading = true
		case seenHeading && text == "```json":
			inside, opened = true, number
		}
	}
	switch {
	case inside:
		return nil, fmt.Errorf("the code block that begins at line %d is never closed: is the page cut off?", opened)
	case seenHeading:
		return nil, fmt.Errorf("no json code block follows the heading %q", heading)
	default:
		return nil, fmt.Errorf("no heading %q: is this the page of an operation?", heading)
	}
}

func checkDefinition(definition []byte) error {
	var head struct {
		OpenAPI string `json:"openapi"`
	}
	if err := json.Unmarshal(definition, &head); err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	if head.OpenAPI == "" {
		return errors.New("not an OpenAPI document: it has no member openapi")
	}
	return nil
}
