package document

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Correct applies the corrections, an OpenAPI Overlay, to the published document. A correction whose guard matches
// nothing is an error: it names the correction, which the vendor's document no longer needs or has moved away from.
// Schemas that have no name by then get one.
func Correct(published, corrections []byte) ([]byte, error) {
	root, err := apply(published, corrections)
	if err != nil {
		return nil, err
	}
	nameSchemas(root)
	return formatCorrected(root)
}

// Apply is Correct as far as the corrections go: the document that one more correction, behind them, would correct.
func Apply(published, corrections []byte) ([]byte, error) {
	root, err := apply(published, corrections)
	if err != nil {
		return nil, err
	}
	return formatCorrected(root)
}

func apply(published, corrections []byte) (*yaml.Node, error) {
	root, err := parse(published)
	if err != nil {
		return nil, fmt.Errorf("published document: %w", err)
	}
	actions, err := parseCorrections(corrections)
	if err != nil {
		return nil, err
	}
	// One action at a time, because ApplyToStrict names neither the correction nor, for a warning, the cause.
	for _, action := range actions.Actions {
		if err := applyAction(actions, action, root); err != nil {
			return nil, fmt.Errorf("correction %q: %w", correctionID(action), err)
		}
	}
	return root, nil
}

func formatCorrected(root *yaml.Node) ([]byte, error) {
	corrected, err := format(root)
	if err != nil {
		return nil, fmt.Errorf("corrected document: %w", err)
	}
	return corrected, nil
}

func parseCorrections(corrections []byte) (*overlay.Overlay, error) {
	parsed, err := overlay.ParseReader(bytes.NewReader(corrections))
	if err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	if err := parsed.Validate(); err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	if !parsed.UsesRFC9535() {
		return nil, errors.New(`corrections: want "overlay: 1.1.0"; older dialects match nothing without saying so`)
	}
	seen := map[string]bool{}
	previous := ""
	for i, action := range parsed.Actions {
		id := correctionID(action)
		switch {
		case id == "":
			return nil, fmt.Errorf("corrections: action %d (%s) has no x-correction", i+1, action.Target)
		case id == previous:
			continue
		case seen[id]:
			return nil, fmt.Errorf("corrections: the actions of %q do not follow one another", id)
		case action.Description == "" || extension(action, "x-evidence") == "" || extension(action, "x-pointer") == "":
			return nil, fmt.Errorf("corrections: %q needs a description, an x-evidence and an x-pointer", id)
		}
		seen[id], previous = true, id
	}
	return parsed, nil
}

func applyAction(all *overlay.Overlay, action overlay.Action, root *yaml.Node) error {
	path, err := all.NewPath(action.Target, nil)
	if err != nil {
		return fmt.Errorf("target %s: %w", action.Target, err)
	}
	unmatched := &UnmatchedError{
		ID: correctionID(action), Guard: action.Description != "",
		target: action.Target, pointer: extension(action, "x-pointer"),
	}
	if len(path.Query(root)) == 0 {
		return unmatched
	}
	if action.Copy != "" {
		source, err := all.NewPath(action.Copy, nil)
		if err != nil {
			return fmt.Errorf("copy %s: %w", action.Copy, err)
		}
		if len(source.Query(root)) == 0 {
			unmatched.target = action.Copy
			return unmatched
		}
	}
	one := *all
	one.Actions = []overlay.Action{action}
	warnings, err := one.ApplyToStrict(root)
	if err != nil {
		return err
	}
	if len(warnings) > 0 {
		return fmt.Errorf("%s", warnings[0])
	}
	return nil
}

// UnmatchedError says that a target of a correction matches nothing.
type UnmatchedError struct {
	ID    string // of the correction
	Guard bool   // the target is that of the first action, which holds the guard

	target, pointer string
}

func (e *UnmatchedError) Error() string {
	if !e.Guard {
		return fmt.Sprintf("nothing matches %s, a target behind the guard: correct the correction", e.target)
	}
	return fmt.Sprintf("nothing matches %s: the published document no longer has the value it corrects; "+
		"look at %s there: if the vendor fixed the defect, delete the correction, "+
		"else point it at where the defect is now", e.target, e.pointer)
}

func correctionID(action overlay.Action) string { return extension(action, "x-correction") }

func extension(action overlay.Action, name string) string {
	text, _ := action.Extensions[name].(string)
	return text
}
