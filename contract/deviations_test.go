package contract_test

import (
	"encoding/json"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

func TestDeviationsAreTheCorrections(t *testing.T) {
	t.Parallel()
	var published any
	if err := json.Unmarshal(openapi.Published(), &published); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range contract.Deviations() {
		if d.ID == "" || d.Reason == "" || d.Evidence == "" || seen[d.ID] {
			t.Errorf("incomplete or repeated: %+v", d)
		}
		seen[d.ID] = true
		if _, ok := lookup(published, d.Pointer); !ok {
			t.Errorf("%s: the published document has nothing at %s", d.ID, d.Pointer)
		}
		if !strings.Contains(string(openapi.Corrections()), "x-correction: "+d.ID+"\n") {
			t.Errorf("%s is no correction", d.ID)
		}
	}
	for _, id := range []string{"request-events-null", "created-at-zone", "entity-id-null", "error-400-example"} {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
	list := contract.Deviations()
	list[0].ID = "changed"
	if contract.Deviations()[0].ID == "changed" {
		t.Error("callers share one list")
	}
}

func lookup(value any, pointer string) (any, bool) {
	for _, token := range strings.Split(pointer, "/")[1:] {
		object, _ := value.(map[string]any)
		var ok bool
		if value, ok = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]; !ok {
			return nil, false
		}
	}
	return value, true
}
