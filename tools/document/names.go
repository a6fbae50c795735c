package document

import (
	"bytes"
	"fmt"

	"github.com/speakeasy-api/openapi/overlay"
)

// Name lays Go names and doc comments, an OpenAPI Overlay, over the corrected document. Names for what is not there are
// left out.
func Name(corrected, names []byte) ([]byte, error) {
	root, err := parse(corrected)
	if err != nil {
		return nil, fmt.Errorf("corrected document: %w", err)
	}
	laid, err := overlay.ParseReader(bytes.NewReader(names))
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	if err := laid.Validate(); err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	if err := laid.ApplyTo(root); err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	return format(root)
}
