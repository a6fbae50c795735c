package specdiff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/heygen-go/heygen/tools/document"
)

// Compare reports what the repository at root would become with a page: with the page in the place of the vendored one
// of the same operation, or else beside the others. It changes nothing.
func Compare(ctx context.Context, root string, page document.Page) (*Report, error) {
	report, old, corrected, err := compareDocuments(root, page)
	if err != nil || report.Same() {
		return report, err
	}
	names, err := os.ReadFile(filepath.Join(root, "api", "names.yaml"))
	if err != nil {
		return nil, err
	}
	if report.Unnamed, err = unnamed(old, corrected, names); err != nil {
		return nil, err
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) { report.Go, err = GoAPI(ctx, root, corrected); return err })
	all.Go(func() (err error) { report.Client, err = Client(old, corrected); return err })
	return report, all.Wait()
}

// compareDocuments compares the documents alone, and returns the old and the new corrected one.
func compareDocuments(root string, page document.Page) (report *Report, old, corrected []byte, err error) {
	pages, err := document.VendoredPages(root)
	if err != nil {
		return nil, nil, nil, err
	}
	corrections, err := os.ReadFile(filepath.Join(root, "api", "corrections.yaml"))
	if err != nil {
		return nil, nil, nil, err
	}
	published, err := document.Union(pages)
	if err != nil {
		return nil, nil, nil, err
	}
	placed, _ := placeIn(pages, page)
	revised, err := document.Union(placed)
	if err != nil {
		return nil, nil, nil, err
	}
	if old, err = document.Correct(published, corrections); err != nil {
		return nil, nil, nil, fmt.Errorf("api/corrections.yaml: %w", err)
	}
	report = &Report{From: sourceOf(published), To: sourceOf(revised), Go: newAxis(nil), Client: newAxis(nil)}
	if corrected, report.Corrections, err = document.Standings(published, revised, corrections); err != nil {
		return nil, nil, nil, err
	}
	if report.Contradictions, err = Contradictions(revised, corrected, corrections); err != nil {
		return nil, nil, nil, err
	}
	if report.Document, err = Document(published, revised); err != nil {
		return nil, nil, nil, fmt.Errorf("published document: %w", err)
	}
	changed, err := Document(old, corrected)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("corrected document: %w", err)
	}
	report.Corrected = without(changed.Changes, report.Document.Changes)
	return report, old, corrected, nil
}

// placeIn puts a page in the place of the vendored one of the same name, or else of the first that shares a path or an
// operation id, or else after them, and returns where it is.
func placeIn(pages []document.Page, page document.Page) (placed []document.Page, at int) {
	at = slices.IndexFunc(pages, func(old document.Page) bool { return old.Name == page.Name })
	if at < 0 {
		operations := operationsOf(page.Definition)
		at = slices.IndexFunc(pages, func(old document.Page) bool {
			for name := range operationsOf(old.Definition) {
				if operations[name] {
					return true
				}
			}
			return false
		})
	}
	if at < 0 {
		return append(slices.Clone(pages), page), len(pages)
	}
	placed = slices.Clone(pages)
	page.Name = pages[at].Name
	placed[at] = page
	return placed, at
}

// operationsOf are the paths that have an operation, and the operation ids of a definition.
func operationsOf(definition []byte) map[string]bool {
	var root any
	_ = json.Unmarshal(definition, &root) // document.Extract has read it
	paths, _ := document.Follow(root, "paths").(map[string]any)
	names := map[string]bool{}
	for path, item := range paths {
		for _, method := range document.Methods {
			operation := document.Follow(item, method)
			if operation == nil {
				continue
			}
			names["path "+path] = true
			if id, _ := document.Follow(operation, "operationId").(string); id != "" {
				names["id "+id] = true
			}
		}
	}
	return names
}

func sourceOf(definition []byte) Source {
	var head struct {
		Info struct {
			Version string `json:"version"`
		} `json:"info"`
	}
	_ = json.Unmarshal(definition, &head) // document.Extract has read it
	return Source{Version: head.Info.Version, SHA256: digest(definition)}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// unnamed returns the members of components that are new and that names.yaml has no action for.
func unnamed(old, corrected, names []byte) ([]string, error) {
	var before, after any
	if err := errors.Join(json.Unmarshal(old, &before), json.Unmarshal(corrected, &after)); err != nil {
		return nil, err
	}
	list := []string{}
	schemas, _ := document.Lookup(after, "/components/schemas").(map[string]any)
	for _, schema := range sortedKeys(schemas) {
		members, _ := document.Follow(schemas[schema], "properties").(map[string]any)
		for _, member := range sortedKeys(members) {
			known := document.Follow(before, "components", "schemas", schema, "properties", member) != nil
			target := "target: $.components.schemas." + schema + ".properties." + member + "\n"
			if !known && !strings.Contains(string(names), target) {
				list = append(list, schema+"."+member)
			}
		}
	}
	return list, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
