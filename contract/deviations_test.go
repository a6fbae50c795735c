package contract_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

func TestDeviationsAreTheCorrections(t *testing.T) {
	t.Parallel()
	var published any
	if err := json.Unmarshal(openapi.Published, &published); err != nil {
		t.Fatal(err)
	}
	var corrections []string
	for _, found := range regexp.MustCompile(`(?m)^  - x-correction: (\S+)$`).FindAllSubmatch(openapi.Corrections, -1) {
		corrections = append(corrections, string(found[1]))
	}
	corrections = slices.Compact(corrections) // one may take several actions
	var ids []string
	for _, d := range contract.Deviations() {
		if d.ID == "" || d.Reason == "" || d.Evidence == "" {
			t.Errorf("incomplete: %+v", d)
		}
		ids = append(ids, d.ID)
		if _, ok := lookup(published, d.Pointer); !ok {
			t.Errorf("%s: the published document has nothing at %s", d.ID, d.Pointer)
		}
	}
	if len(ids) == 0 || !slices.Equal(ids, corrections) {
		t.Errorf("got %q, want %q", ids, corrections)
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
