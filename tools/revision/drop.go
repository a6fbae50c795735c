package revision

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Drop returns the corrections, YAML, without those of the ids: without the lines of their actions, the rest as it was.
func Drop(corrections []byte, ids []string) ([]byte, error) {
	var overlay struct {
		Actions []yaml.Node
	}
	if err := yaml.Unmarshal(corrections, &overlay); err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	lines := slices.Collect(bytes.Lines(corrections))
	dropped := make([]bool, len(lines)+1)
	found := map[string]bool{}
	for i, action := range overlay.Actions {
		var head struct {
			ID string `yaml:"x-correction"`
		}
		if err := action.Decode(&head); err != nil {
			return nil, fmt.Errorf("corrections: line %d: %w", action.Line, err)
		}
		if !slices.Contains(ids, head.ID) {
			continue
		}
		found[head.ID] = true
		end := len(lines)
		if i+1 < len(overlay.Actions) {
			end = overlay.Actions[i+1].Line - 1
		}
		for line := action.Line - 1; line < end; line++ {
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
