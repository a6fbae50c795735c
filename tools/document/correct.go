package document

import (
	"errors"
	"fmt"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Correct returns the published document after the corrections, an OpenAPI Overlay, in their order. A target that
// matches nothing is an [UnmatchedError]. Extensions that name Go are dropped first: only api/names.yaml names Go.
func Correct(published, corrections []byte) ([]byte, error) {
	all, err := parseCorrections(corrections)
	if err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	root, err := correct(published, all, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	return format(root)
}

// correct applies the corrections that are chosen by their ids.
func correct(published []byte, all *overlay.Overlay, chosen func(id string) bool) (*yaml.Node, error) {
	root, err := parse(published)
	if err != nil {
		return nil, fmt.Errorf("published document: %w", err)
	}
	dropGoExtensions(root.Content[0])
	for _, action := range all.Actions {
		id := correctionID(action)
		if !chosen(id) {
			continue
		}
		err := applyAction(all, action, root)
		if target, ok := errors.AsType[unmatchedTarget](err); ok {
			err = &UnmatchedError{
				ID: id, Guard: action.Description != "", target: string(target), pointer: extension(action, "x-pointer"),
			}
		}
		if err != nil {
			return nil, &failedError{id, err}
		}
	}
	return root, nil
}

// failedError is a correction that does not apply.
type failedError struct {
	id    string
	cause error
}

func (e *failedError) Error() string { return fmt.Sprintf("correction %q: %v", e.id, e.cause) }
func (e *failedError) Unwrap() error { return e.cause }

// parseCorrections reads the corrections and checks that each has its reason, evidence and pointer.
func parseCorrections(corrections []byte) (*overlay.Overlay, error) {
	all, err := parseOverlay(corrections)
	if err != nil {
		return nil, err
	}
	seen, previous := map[string]bool{}, ""
	for i, action := range all.Actions {
		id := correctionID(action)
		switch {
		case id == "":
			return nil, fmt.Errorf("action %d (%s) has no x-correction", i+1, action.Target)
		case id == previous:
			continue
		case seen[id]:
			return nil, fmt.Errorf("the actions of %q do not follow one another", id)
		case action.Description == "" || extension(action, "x-evidence") == "" || extension(action, "x-pointer") == "":
			return nil, fmt.Errorf("%q needs a description, an x-evidence and an x-pointer", id)
		}
		seen[id], previous = true, id
	}
	return all, nil
}

// UnmatchedError is a target of a correction that matches nothing.
type UnmatchedError struct {
	ID    string // of the correction
	Guard bool   // whether the target is that of the first action, which holds the guard

	target, pointer string
}

func (e *UnmatchedError) Error() string {
	if !e.Guard {
		return fmt.Sprintf("nothing matches %s, a target after the guard: correct the correction", e.target)
	}
	return fmt.Sprintf("nothing matches %s: the published document no longer has the value that the correction removes; "+
		"look at %s there: if the vendor fixed the defect, delete the correction, "+
		"else point it at where the defect is now", e.target, e.pointer)
}

func correctionID(action overlay.Action) string { return extension(action, "x-correction") }

func extension(action overlay.Action, name string) string {
	text, _ := action.Extensions[name].(string)
	return text
}
