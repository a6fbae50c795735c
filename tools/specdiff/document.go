package specdiff

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"github.com/heygen-go/heygen/internal/jsonpointer"
	"github.com/heygen-go/heygen/tools/document"
)

var (
	// stricter are the checks that oasdiff calls information and that break here: something that somebody may rely on is
	// gone, if only its name.
	stricter = []string{
		"api-operation-id-removed", "api-path-removed-with-deprecation", "api-removed-with-deprecation",
		"api-security-anonymous-access-added", "optional-response-header-removed",
		"request-parameter-removed-with-deprecation", "request-property-removed-with-deprecation",
		"response-optional-property-removed", "response-required-property-removed-with-deprecation",
	}
	// ignored are the checks that judge info.version by the other changes.
	ignored = []string{"api-version-not-bumped", "api-version-decreased", "api-major-version-not-bumped"}
)

// Document returns what changed between two OpenAPI definitions, JSON. The checks of oasdiff name and judge most
// changes: what they call an error or a warning is breaking here, and so are those of the list above. They do not look
// at servers and at objects that are closed to members they do not describe, so those are compared here. If none of it
// finds a change, the plain difference that oasdiff finds decides: if it is in more than texts, it is called breaking,
// because somebody has to look. The order of an object's members, and white space, are no change.
func Document(old, revised []byte) (Axis, error) {
	var before, after any
	if err := errors.Join(json.Unmarshal(old, &before), json.Unmarshal(revised, &after)); err != nil {
		return Axis{}, fmt.Errorf("document: %w", err)
	}
	if reflect.DeepEqual(before, after) {
		return newAxis(nil), nil
	}
	changes, err := checked(old, revised)
	if err != nil {
		return Axis{}, fmt.Errorf("oasdiff cannot compare the definitions: %w", err)
	}
	changes = append(changes, closingChanges(before, after)...)
	if len(changes) == 0 {
		unnamed, err := unnamedChange(old, revised)
		if err != nil {
			return Axis{}, fmt.Errorf("oasdiff cannot compare the definitions: %w", err)
		}
		changes = []Change{unnamed}
	}
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), // "breaking" comes first
			cmp.Compare(a.Where, b.Where), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Text, b.Text))
	})
	return newAxis(slices.Compact(changes)), nil
}

// checked returns the changes that the checks of oasdiff name, and the servers that were added and removed. Removing a
// server breaks.
func checked(old, revised []byte) (changes []Change, err error) {
	differs, sources, err := difference(old, revised, true)
	if err != nil {
		return nil, err
	}
	localize := checker.NewDefaultLocalizer()
	checks := checker.NewConfig(checker.GetAllChecks())
	for _, named := range checker.CheckBackwardCompatibilityUntilLevel(checks, differs, sources, checker.INFO) {
		id := named.GetId()
		// A date of sunset is judged by today's date, so that the same two documents would differ tomorrow.
		if slices.Contains(ignored, id) || strings.Contains(id, "sunset") && !strings.Contains(id, "removed") {
			continue
		}
		change := Change{
			ID: id, Level: Compatible, Text: named.GetUncolorizedText(localize),
			Where: strings.TrimSpace(named.GetOperation() + " " + named.GetPath()),
		}
		if named.GetLevel() >= checker.WARN || slices.Contains(stricter, id) {
			change.Level = Breaking
		}
		changes = append(changes, change)
	}
	if differs == nil || differs.ServersDiff == nil {
		return changes, nil
	}
	for _, url := range differs.ServersDiff.Deleted {
		changes = append(changes, Change{"server-removed", Breaking, "/servers", "removed the server " + url})
	}
	for _, url := range differs.ServersDiff.Added {
		changes = append(changes, Change{"server-added", Compatible, "/servers", "added the server " + url})
	}
	return changes, nil
}

// unnamedChange judges two definitions that differ in nothing that has a name.
func unnamedChange(old, revised []byte) (Change, error) {
	differs, _, err := difference(old, revised, false)
	if err != nil {
		return Change{}, err
	}
	if !differs.Empty() {
		return Change{
			ID: "document-changed", Level: Breaking,
			Text: "differs in more than texts, and no check of oasdiff names it: compare the definitions",
		}, nil
	}
	return Change{
		ID: "document-text-changed", Level: Compatible,
		Text: "differs in texts alone (descriptions, examples, titles, tags, extensions, the version)",
	}, nil
}

// difference returns what differs between two definitions. Without texts it leaves out what changes no exchange, and
// schemas in components, which count where they are used.
func difference(old, revised []byte, texts bool) (*diff.Diff, *diff.OperationsSourcesMap, error) {
	base, err := loaded("old", old)
	if err != nil {
		return nil, nil, err
	}
	revision, err := loaded("new", revised)
	if err != nil {
		return nil, nil, err
	}
	config := diff.NewConfig()
	if !texts {
		config = diff.NewConfig(diff.WithExcludeElements(diff.GetExcludeDiffOptions()))
		for _, spec := range []*openapi3.T{base.Spec, revision.Spec} {
			spec.Info = nil
			if spec.Components != nil {
				spec.Components.Schemas = nil
			}
		}
	}
	return diff.GetWithOperationsSourcesMap(config, base, revision)
}

// loaded reads a definition and nothing else: a reference to elsewhere is an error.
func loaded(name string, definition []byte) (*load.SpecInfo, error) {
	spec, err := load.NewSpecInfoFromData(openapi3.NewLoader(), definition, name)
	if err != nil {
		return nil, fmt.Errorf("the %s definition: %w", name, err)
	}
	return spec, nil
}

// closingChanges returns the objects of both documents that were closed or opened. Closing one breaks a sender of more
// members, opening one breaks a reader. In components it can be either, so both break.
func closingChanges(old, revised any) (changes []Change) {
	was, is := closed(old), closed(revised)
	compare := func(list, others []string, there any, id string, harmless string) {
		for _, at := range list {
			if document.Lookup(there, at) == nil || slices.Contains(others, at) {
				continue
			}
			change := Change{ID: id, Level: Breaking, Where: at, Text: "for members that the document does not describe"}
			if strings.Contains(at, harmless) {
				change.Level = Compatible
			}
			changes = append(changes, change)
		}
	}
	compare(is, was, old, "object-closed", "/responses/")
	compare(was, is, revised, "object-opened", "/requestBody/")
	return changes
}

// closed are the pointers of the schemas that take no other members than those they describe.
func closed(root any) (pointers []string) {
	var visit func(value any, at string)
	visit = func(value any, at string) {
		switch node := value.(type) {
		case map[string]any:
			if node["additionalProperties"] == false || node["unevaluatedProperties"] == false {
				pointers = append(pointers, at)
			}
			for _, name := range sortedKeys(node) {
				visit(node[name], jsonpointer.Append(at, name))
			}
		case []any:
			for i, entry := range node {
				visit(entry, jsonpointer.Append(at, strconv.Itoa(i)))
			}
		}
	}
	visit(root, "")
	return pointers
}
