package revision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/heygen-go/heygen/tools/document"
)

// Page is a published page of an operation.
type Page struct {
	Name       string // of its file
	Definition []byte // the OpenAPI definition, JSON
	Content    []byte // the page itself
	Source     string // file name or URL it was read from
}

// Compare reports what the repository at root would become with a page: with the page in the place of the vendored one
// of the same operation, or else beside the others. It changes nothing.
func Compare(ctx context.Context, root string, page Page) (*Report, error) {
	pages, err := vendoredPages(root)
	if err != nil {
		return nil, err
	}
	published, err := os.ReadFile(filepath.Join(root, "openapi.json"))
	if err != nil {
		return nil, err
	}
	oldCorrected, err := os.ReadFile(filepath.Join(root, "api", "corrected.json"))
	if err != nil {
		return nil, err
	}
	corrections, err := os.ReadFile(filepath.Join(root, "api", "corrections.yaml"))
	if err != nil {
		return nil, err
	}
	revised, err := union(place(pages, page))
	if err != nil {
		return nil, err
	}
	report := &Report{Document: newAxis(nil), Go: newAxis(nil), Client: newAxis(nil), Semver: NoStep}
	if report.From, err = sourceOf(published); err != nil {
		return nil, err
	}
	if report.To, err = sourceOf(revised); err != nil {
		return nil, err
	}
	corrected, err := correct(revised, corrections, &report.Corrections)
	if err != nil {
		return nil, err
	}
	if report.Same() {
		return report, nil
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) { report.Document, err = Document(published, revised); return err })
	all.Go(func() (err error) { report.Go, err = GoAPI(ctx, root, corrected); return err })
	all.Go(func() (err error) { report.Client, err = Client(oldCorrected, corrected); return err })
	if err := all.Wait(); err != nil {
		return nil, err
	}
	report.Semver = nextStep(report.Document, report.Go, report.Client)
	return report, nil
}

// place puts a page among the vendored ones, or else behind them.
func place(pages []Page, page Page) []Page {
	at := placeOf(pages, page)
	if at == len(pages) {
		return append(pages, page)
	}
	page.Name = pages[at].Name
	pages[at] = page
	return pages
}

// placeOf is the page of the same name, or else the first that shares a path or an operation id, or else behind them.
func placeOf(pages []Page, page Page) int {
	names := operationNames(page.Definition)
	sameName := func(old Page) bool { return old.Name == page.Name }
	if at := slices.IndexFunc(pages, sameName); at >= 0 {
		return at
	}
	for at, old := range pages {
		for name := range operationNames(old.Definition) {
			if names[name] {
				return at
			}
		}
	}
	return len(pages)
}

// operationNames are the paths and the operation ids of a definition.
func operationNames(definition []byte) map[string]bool {
	var root object
	if json.Unmarshal(definition, &root) != nil {
		return nil // whoever reads it next says so
	}
	names := map[string]bool{}
	for _, at := range operationsOf(root) {
		operation, _ := resolve(root, "#"+at).(object)
		if id, _ := operation["operationId"].(string); id != "" {
			names["operationId "+id] = true
		}
	}
	paths, _ := root["paths"].(object)
	for path := range paths {
		names["path "+path] = true
	}
	return names
}

// vendoredPages are the pages the module is made from.
func vendoredPages(root string) ([]Page, error) {
	provenance, err := document.ReadProvenance(filepath.Join(root, "api", "provenance.json"))
	if err != nil {
		return nil, err
	}
	var pages []Page
	for _, page := range provenance.Pages {
		content, err := os.ReadFile(filepath.Join(root, "api", page.Page))
		if err != nil {
			return nil, err
		}
		definition, err := document.Extract(content)
		if err != nil {
			return nil, fmt.Errorf("api/%s: %w", page.Page, err)
		}
		pages = append(pages, Page{Name: page.Page, Definition: definition, Content: content, Source: page.Source})
	}
	return pages, nil
}

func union(pages []Page) ([]byte, error) {
	var definitions []document.Definition
	for _, page := range pages {
		definitions = append(definitions, document.Definition{Page: page.Name, JSON: page.Definition})
	}
	return document.Union(definitions)
}

func sourceOf(definition []byte) (Source, error) {
	var head struct {
		Info struct {
			Version string `json:"version"`
		} `json:"info"`
	}
	if err := json.Unmarshal(definition, &head); err != nil {
		return Source{}, err
	}
	sum := sha256.Sum256(definition)
	return Source{Version: head.Info.Version, SHA256: hex.EncodeToString(sum[:])}, nil
}
