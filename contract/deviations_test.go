package contract_test

import (
	"testing"

	"github.com/heygen-go/heygen/contract"
)

func TestDeviationsAreTheCorrections(t *testing.T) {
	t.Parallel()
	list, err := contract.Deviations(corrections)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range list {
		if d.ID == "" || d.Pointer == "" || d.Reason == "" || d.Evidence == "" || seen[d.ID] {
			t.Errorf("incomplete or repeated: %+v", d)
		}
		seen[d.ID] = true
	}
	for _, id := range []string{"request-events-null", "created-at-zone", "entity-id-null", "error-400-example"} {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
	if list, err := contract.Deviations([]byte("actions: 1")); err == nil {
		t.Errorf("got %v of an overlay without actions", list)
	}
}
