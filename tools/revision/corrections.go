package revision

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

// correct makes the corrections that apply, and says what became of each.
func correct(revised, corrections []byte, became *Corrections) ([]byte, error) {
	*became = Corrections{Applied: []string{}, Obsolete: []Correction{}, Lost: []Correction{}, Candidates: []Candidate{}}
	actions, err := actionsOf(corrections)
	if err != nil {
		return nil, err
	}
	var root object
	if err := json.Unmarshal(revised, &root); err != nil {
		return nil, err
	}
	ids := map[string]bool{} // of those that do not apply
	for {
		corrected, err := document.Correct(revised, corrections)
		unmatched := (*document.UnmatchedError)(nil)
		if err != nil && !errors.As(err, &unmatched) {
			return nil, err
		}
		if err == nil {
			for _, a := range actions {
				if a.Pointer != "" && !ids[a.ID] {
					became.Applied = append(became.Applied, a.ID)
				}
			}
			became.Candidates, err = remaining(root, revised, corrections, actions)
			return corrected, err
		}
		first := actions[slices.IndexFunc(actions, func(a action) bool { return a.ID == unmatched.ID })]
		if now, gone := look(root, first.Pointer); gone || !unmatched.Guard {
			became.Lost = append(became.Lost, Correction{ID: first.ID, Pointer: first.Pointer})
		} else {
			became.Obsolete = append(became.Obsolete, Correction{ID: first.ID, Pointer: first.Pointer, Now: now})
		}
		ids[first.ID] = true
		if corrections, err = Drop(corrections, []string{first.ID}); err != nil {
			return nil, err
		}
	}
}

// remaining are the contradictions that the corrections leave.
func remaining(root object, revised, corrections []byte, actions []action) ([]Candidate, error) {
	applied, err := document.Correct(revised, corrections)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, a := range actions {
		taken[a.ID] = true
	}
	return candidates(root, applied, taken)
}

// look returns what a document says at a pointer, as JSON, and whether even the place around it is gone.
func look(root object, pointer string) (now string, gone bool) {
	found := resolve(root, "#"+pointer)
	if found == nil {
		around := pointer[:strings.LastIndexByte(pointer, '/')]
		return "", around != "" && resolve(root, "#"+around) == nil
	}
	text, _ := json.Marshal(found) // it was JSON
	return string(text), false
}

// action is one of an overlay. Those of a correction follow one another, and the first has the pointer.
type action struct {
	ID      string
	Pointer string
	line    int // from 1
}

func actionsOf(corrections []byte) ([]action, error) {
	var overlay struct {
		Actions []yaml.Node
	}
	if err := yaml.Unmarshal(corrections, &overlay); err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	var actions []action
	for _, node := range overlay.Actions {
		var head struct {
			ID      string `yaml:"x-correction"`
			Pointer string `yaml:"x-pointer"`
		}
		if err := node.Decode(&head); err != nil {
			return nil, fmt.Errorf("corrections: line %d: %w", node.Line, err)
		}
		actions = append(actions, action{head.ID, head.Pointer, node.Line})
	}
	return actions, nil
}

// Drop returns the corrections, YAML, without those of the ids: without the lines of their actions, the rest as it was.
func Drop(corrections []byte, ids []string) ([]byte, error) {
	actions, err := actionsOf(corrections)
	if err != nil {
		return nil, err
	}
	lines := slices.Collect(bytes.Lines(corrections))
	dropped := make([]bool, len(lines)+1)
	found := map[string]bool{}
	for i, a := range actions {
		if !slices.Contains(ids, a.ID) {
			continue
		}
		found[a.ID] = true
		end := len(lines)
		if i+1 < len(actions) {
			end = actions[i+1].line - 1
		}
		for line := a.line - 1; line < end; line++ {
			// A comment at the indentation of the list is about what follows.
			if strings.HasPrefix(string(lines[line]), "  #") || strings.HasPrefix(string(lines[line]), "#") {
				break
			}
			dropped[line] = true
		}
	}
	for _, id := range ids {
		if !found[id] {
			return nil, fmt.Errorf("corrections: there is no %q", id)
		}
	}
	var kept []byte
	for i, line := range lines {
		if !dropped[i] {
			kept = append(kept, line...)
		}
	}
	return append(bytes.TrimRight(kept, "\n"), '\n'), nil
}
