package contract_test

import (
	"encoding/json"
	"testing"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/internal/jsonpointer"
)

func TestDeviationsAreTheCorrections(t *testing.T) {
	t.Parallel()
	var document any
	if err := json.Unmarshal(publishedDocument, &document); err != nil {
		t.Fatal(err)
	}
	list, err := contract.Deviations(corrections)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range list {
		if d.ID == "" || d.Reason == "" || d.Evidence == "" || seen[d.ID] {
			t.Errorf("incomplete or repeated: %+v", d)
		}
		seen[d.ID] = true
		if !has(document, d.Pointer) {
			t.Errorf("%s: the published document has nothing at %s", d.ID, d.Pointer)
		}
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

func has(value any, pointer string) bool {
	for _, token := range jsonpointer.Split(pointer) {
		object, _ := value.(map[string]any)
		var ok bool
		if value, ok = object[token]; !ok {
			return false
		}
	}
	return true
}
