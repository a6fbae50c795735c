package revision

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestWhatBecomesOfACorrection(t *testing.T) {
	t.Parallel()
	const members = "/paths/~1v1~1webhook~1endpoint.update/patch/responses/200/content/application~1json" +
		"/schema/properties/data/properties"
	const pointer = members + "/entity_id/type"
	published, corrections := base(t)
	actions, err := actionsOf(corrections)
	if err != nil {
		t.Fatal(err)
	}
	all := 0
	for _, a := range actions {
		if a.Pointer != "" {
			all++
		}
	}
	for name, tt := range map[string]struct {
		revise         func(members, entityID object)
		obsolete, lost []Correction
	}{
		"nothing": {func(_, _ object) {}, nil, nil},
		"fixed": {
			func(_, entityID object) { entityID["type"] = []any{"string", "null"} },
			[]Correction{{"entity-id-null", pointer, `["string","null"]`}}, nil,
		},
		"without the value": {
			func(_, entityID object) { delete(entityID, "type") },
			[]Correction{{"entity-id-null", pointer, ""}}, nil,
		},
		"without the member": {
			func(members, _ object) { delete(members, "entity_id") },
			nil, []Correction{{"entity-id-null", pointer, ""}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var root object
			if err := json.Unmarshal(published, &root); err != nil {
				t.Fatal(err)
			}
			at := resolve(root, "#"+members).(object)
			tt.revise(at, at["entity_id"].(object))
			revised, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			var became Corrections
			if _, err := correct(revised, corrections, &became); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(became.Obsolete, tt.obsolete) || !slices.Equal(became.Lost, tt.lost) {
				t.Errorf("obsolete %v, lost %v, want %v and %v", became.Obsolete, became.Lost, tt.obsolete, tt.lost)
			}
			if want := all - len(tt.obsolete) - len(tt.lost); len(became.Applied) != want {
				t.Errorf("%d apply, want %d: %q", len(became.Applied), want, became.Applied)
			}
		})
	}
}

// A correction that is wrong itself is neither obsolete nor lost: dropping it would hide the mistake.
func TestBrokenCorrectionStops(t *testing.T) {
	t.Parallel()
	const broken = `overlay: 1.1.0
info: {title: t, version: 1.0.0}
actions:
  - {x-correction: a, description: d, x-evidence: e, x-pointer: /p, target: "$.[", update: {}}
`
	var became Corrections
	if _, err := correct([]byte(`{"openapi":"3.1.0"}`), []byte(broken), &became); err == nil ||
		!strings.Contains(err.Error(), `"a"`) {
		t.Errorf("got %v, %v", became, err)
	}
}
