package document_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

const (
	stateHead   = `{"openapi":"3.1.0","paths":{"/p":{"get":{"responses":`
	stateBefore = stateHead + `{"200":{}}}}},"schema":{"type":"string","default":0}}`
)

// Corrections, of which the second is about several things, each with a comment that stays.
const stateCorrections = `overlay: 1.1.0
info: {title: t, version: 1.0.0}
actions:
  # One.
  - x-correction: one
    description: The default is wrong.
    x-evidence: none
    x-pointer: /schema/default
    target: $.schema[?@ == 0]
    remove: true
  # Two.
  - x-correction: two
    description: Two failures are missing, and null.
    x-evidence: none
    x-pointer: /schema/type
    target: $.schema[?@ == 'string']
    remove: true
  - x-correction: two
    target: $.schema
    update: {type: [string, 'null']}
  - x-correction: two
    target: $.paths['/p'].get.responses
    update: {'401': {description: a}, '403': {description: b}}
  - x-correction: other
    description: It always applies.
    x-evidence: none
    x-pointer: /paths
    target: $.paths
    update: {x-other: 1}
`

func TestStateOfACorrection(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		revised string
		one     document.State
		two     document.State
		missing []string // by the second
	}{
		"nothing changed": {stateBefore, document.Applies, document.Applies, nil},
		"all fixed": {
			stateHead + `{"200":{},"401":{},"403":{"description":"other words"}}}}},"schema":{"type":["null","string"]}}`,
			document.Obsolete, document.Obsolete, nil,
		},
		"fixed in part": {
			stateHead + `{"200":{},"401":{}}}}},"schema":{"type":["string","null"],"default":0}}`,
			document.Applies, document.FixedInPart, []string{"/paths/~1p/get/responses/403"},
		},
		"null is still missing": {
			stateHead + `{"401":{},"403":{}}}}},"schema":{"type":["string"],"default":0}}`,
			document.Applies, document.FixedInPart, []string{"/schema/type with null"},
		},
		"another value": {
			stateHead + `{"200":{}}}}},"schema":{"type":"string","default":1}}`, document.Changed, document.Applies, nil,
		},
		"moved": {
			stateHead + `{"401":{},"403":{}}}}},"schemas":{"s":{"type":"string","default":0}},"schema":{"$ref":"#/schemas/s"}}`,
			document.Changed, document.FixedInPart, []string{"/schema/type with null"},
		},
		"gone": {stateHead + `{"200":{}}}}}}`, document.Lost, document.Lost, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			corrected, standings, err := document.Standings([]byte(stateBefore), []byte(tt.revised), []byte(stateCorrections))
			if err != nil {
				t.Fatal(err)
			}
			if len(standings) != 3 || standings[0].State != tt.one || standings[1].State != tt.two ||
				!slices.Equal(standings[1].Missing, tt.missing) {
				t.Errorf("got %+v, want %s, and %s without %q", standings, tt.one, tt.two, tt.missing)
			}
			if !strings.Contains(string(corrected), "x-other") {
				t.Errorf("the correction that applies was not applied:\n%s", corrected)
			}
		})
	}
}

// A correction that is wrong itself has no state: dropping it would hide the mistake.
func TestBrokenCorrectionHasNoState(t *testing.T) {
	t.Parallel()
	broken := strings.Replace(stateCorrections, "$.schema[?@ == 0]", "$.[", 1)
	if _, standings, err := document.Standings([]byte(stateBefore), []byte(stateBefore), []byte(broken)); err == nil ||
		!strings.Contains(err.Error(), `"one"`) {
		t.Errorf("got %v, %v", standings, err)
	}
}

func TestDropLeavesAllOtherLines(t *testing.T) {
	t.Parallel()
	got, err := document.Drop([]byte(stateCorrections), []string{"one"})
	from, to := strings.Index(stateCorrections, "  - x-correction: one"), strings.Index(stateCorrections, "  # Two.")
	if want := stateCorrections[:from] + stateCorrections[to:]; err != nil || string(got) != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, got, want)
	}
	if _, err := document.Drop([]byte(stateCorrections), []string{"three"}); err == nil {
		t.Error("dropped a correction that is not there")
	}
}
