package document

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

// noActions is an empty list of actions, which the library refuses.
var noActions = regexp.MustCompile(`(?m)^actions:[ \t]*(\[\]|null|~)?[ \t]*\r?\n?(\s*(#.*)?\n?)*\z`)

// parseOverlay reads an OpenAPI Overlay. It may have no action: the vendor can have fixed every defect.
func parseOverlay(text []byte) (*overlay.Overlay, error) {
	parsed, err := overlay.ParseReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if err := parsed.Validate(); err != nil && !noActions.Match(text) {
		return nil, err
	}
	if !parsed.UsesRFC9535() {
		return nil, errors.New(`want "overlay: 1.1.0": older dialects match nothing without an error`)
	}
	return parsed, nil
}

// unmatchedTarget is the target, or the source of a copy, that matches nothing.
type unmatchedTarget string

func (target unmatchedTarget) Error() string { return "nothing matches " + string(target) }

// applyAction applies one action. The library's own strictness names neither the action nor, for a warning, the cause.
// It panics where a document has another form than a target or an update expects.
func applyAction(all *overlay.Overlay, action overlay.Action, root *yaml.Node) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("it does not apply: %v", reason)
		}
	}()
	for _, target := range []string{action.Target, action.Copy} {
		if target == "" {
			continue
		}
		path, err := all.NewPath(target, nil)
		if err != nil {
			return fmt.Errorf("target %s: %w", target, err)
		}
		if len(path.Query(root)) == 0 {
			return unmatchedTarget(target)
		}
	}
	one := *all
	one.Actions = []overlay.Action{action}
	warnings, err := one.ApplyToStrict(root)
	if err != nil {
		return err
	}
	if len(warnings) > 0 {
		return errors.New(warnings[0])
	}
	return nil
}
