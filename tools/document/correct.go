package document

import (
	"errors"
	"fmt"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// Correct returns the published document after the corrections, an OpenAPI Overlay, in their order. A target that
// matches nothing is an error. Extensions that name Go are dropped first: only names.yaml names Go. Nil corrections are
// none.
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
		if err := applyAction(all, action, root); err != nil {
			return nil, newFailedError(action, err)
		}
	}
	return root, nil
}

// failedError is a correction that does not apply.
type failedError struct {
	id    string
	stale bool // the target that holds the guard matches nothing
	lost  bool // another target matches nothing
	cause error
}

func newFailedError(action overlay.Action, cause error) *failedError {
	target, isUnmatched := errors.AsType[unmatchedTarget](cause)
	isGuard := action.Description != "" // the first action of a correction
	failed := failedError{correctionID(action), isUnmatched && isGuard, isUnmatched && !isGuard, cause}
	switch {
	case failed.stale:
		failed.cause = fmt.Errorf("%w: the published document no longer has the value that the correction removes; look at "+
			"%s there: if the vendor fixed the defect, delete the correction, else point it at where the defect is now",
			target, extension(action, "x-pointer"))
	case failed.lost:
		failed.cause = fmt.Errorf("%w, a target after the guard: correct the correction", target)
	}
	return &failed
}

func (e *failedError) Error() string { return fmt.Sprintf("correction %q: %v", e.id, e.cause) }

// parseCorrections reads the corrections and checks that each has its reason, evidence and pointer.
func parseCorrections(corrections []byte) (*overlay.Overlay, error) {
	if corrections == nil {
		return &overlay.Overlay{}, nil
	}
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

func correctionID(action overlay.Action) string { return extension(action, "x-correction") }

func extension(action overlay.Action, name string) string {
	text, _ := action.Extensions[name].(string)
	return text
}
