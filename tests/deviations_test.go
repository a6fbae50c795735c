package tests

import (
	"bytes"
	"fmt"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

// docs/deviations.md says what the corrections say.
func TestDeviationsPage(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	page.WriteString(`# Deviations

Where the published document (openapi.json) is corrected, and why. Written by "go test ./tests -update" from
api/corrections.yaml; not edited by hand.
`)
	deviations, err := contract.Deviations(openapi.Corrections())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deviations {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n- Evidence: %s\n- In the published document: `%s`\n",
			d.ID, d.Reason, d.Evidence, d.Pointer)
	}
	golden(t, "../../docs/deviations.md", page.Bytes())
}
