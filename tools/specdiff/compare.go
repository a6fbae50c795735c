package specdiff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/generate"
)

// Compare reports what the repository at root would become with a page of a version of the API: with the page in the
// place of the vendored one of the same operation, or else beside the others. It changes nothing. A step that fails or
// takes too long because of the document is one that breaks, with the reason; the others are reported all the same.
func Compare(ctx context.Context, root string, api document.API, page document.Page) (*Report, error) {
	return compareWithin(ctx, reportLimit, root, api, page)
}

// stepLimit is how long one step may take, and reportLimit all of them after the documents are read. The vendored page
// takes two seconds.
const (
	stepLimit   = 30 * time.Second
	reportLimit = 60 * time.Second
)

// errTooSlow is why a step is not finished, or not begun, at the end of the reportLimit.
var errTooSlow = errors.New("the whole comparison takes too long")

// interrupted returns why ctx is done before the reportLimit.
func interrupted(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errTooSlow) {
		return cause
	}
	return nil
}

func compareWithin(
	ctx context.Context, limit time.Duration, root string, api document.API, page document.Page,
) (*Report, error) {
	d, err := generate.Within(ctx, stepLimit, func(context.Context) (*documents, error) {
		return readDocuments(root, api, page)
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTooSlow)
	defer cancel()
	if d.report.Same() {
		return d.report, d.compare(ctx)
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return d.compare(ctx) })
	all.Go(func() (err error) { d.report.Go, err = GoAPI(ctx, root, api, d.corrected); return err })
	all.Go(func() (err error) {
		d.report.Client, err = axis(ctx, "client-not-checked", func() (Axis, error) {
			return Client(api, d.readableOld, d.readableCorrected)
		})
		return err
	})
	return d.report, all.Wait()
}

// documents are what a comparison is about. What is readable is for the libraries, without what they cannot read.
type documents struct {
	report                                                             *Report
	revised, corrected, corrections                                    []byte
	readablePublished, readableRevised, readableOld, readableCorrected []byte
}

// readDocuments makes the documents and finds the states of the corrections.
func readDocuments(root string, api document.API, page document.Page) (*documents, error) {
	pages, err := api.VendoredPages(root)
	if err != nil {
		return nil, err
	}
	var d documents
	if d.corrections, err = api.Corrections(root); err != nil {
		return nil, err
	}
	published, err := document.Union(pages)
	if err != nil {
		return nil, err
	}
	old, err := document.Correct(published, d.corrections)
	if err != nil {
		return nil, fmt.Errorf("%s/corrections.yaml: %w", api.Dir, err)
	}
	placed, _ := placeIn(pages, page)
	var conflicts []document.Note
	if d.revised, conflicts, err = document.Join(placed); err != nil {
		return nil, err
	}
	d.report = &Report{
		API: api, From: sourceOf(published), To: sourceOf(d.revised), Go: newAxis(nil), Client: newAxis(nil),
		Notes: []document.Note{},
	}
	for _, c := range conflicts {
		d.report.note(document.Note{Where: c.Where, Text: "an update would stop: " + c.Text + "; the first is compared here"})
	}
	if d.corrected, d.report.Corrections, err = document.Standings(published, d.revised, d.corrections); err != nil {
		return nil, err
	}
	goExtensions, err := document.GoExtensions(d.revised)
	if err != nil {
		return nil, err
	}
	for _, at := range goExtensions {
		d.report.note(document.Note{Where: at, Text: "it is dropped: only " + api.Dir + "/names.yaml names Go"})
	}
	readable := func(definition []byte) (made []byte, notes []document.Note) {
		made, notes, wrong := document.Readable(definition)
		err = errors.Join(err, wrong)
		return made, notes
	}
	d.readablePublished, _ = readable(published)
	d.readableOld, _ = readable(old)
	var ofRevised, ofCorrected []document.Note
	d.readableRevised, ofRevised = readable(d.revised)
	d.readableCorrected, ofCorrected = readable(d.corrected)
	d.report.note(append(ofRevised, ofCorrected...)...)
	return &d, err
}

// compare compares the documents alone.
func (d *documents) compare(ctx context.Context) (err error) {
	const id = "document-not-compared"
	if d.report.Document, err = axis(ctx, id, func() (Axis, error) {
		return Document(d.readablePublished, d.readableRevised)
	}); err != nil {
		return err
	}
	changed, err := axis(ctx, id, func() (Axis, error) { return Document(d.readableOld, d.readableCorrected) })
	if err != nil {
		return err
	}
	d.report.Corrected = without(changed.Changes, d.report.Document.Changes)
	d.report.Contradictions = []Contradiction{}
	var notes []document.Note
	found, err := generate.Within(ctx, stepLimit, func(context.Context) (found []Contradiction, err error) {
		found, notes, err = Contradictions(d.revised, d.readableCorrected, d.corrections)
		return found, err
	})
	switch {
	case interrupted(ctx) != nil:
		return interrupted(ctx)
	case err != nil:
		d.report.note(document.Note{Text: "its examples are not judged: " + err.Error()})
	default:
		d.report.Contradictions = found
		d.report.note(notes...)
	}
	return nil
}

// axis returns what a comparison finds, or, if it fails or takes too long, that it does: somebody has to look then. The
// error is that of ctx.
func axis(ctx context.Context, id string, compare func() (Axis, error)) (Axis, error) {
	found, err := generate.Within(ctx, stepLimit, func(context.Context) (Axis, error) { return compare() })
	if err := interrupted(ctx); err != nil {
		return Axis{}, err
	}
	if err != nil {
		return newAxis([]Change{{ID: id, Level: Breaking, Text: err.Error()}}), nil //nolint:nilerr // it is the result
	}
	return found, nil
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
	names := map[string]bool{}
	for name, operation := range operations(root) {
		_, path, _ := strings.Cut(name, " ")
		names["path "+path] = true
		if id, _ := document.Follow(operation, "operationId").(string); id != "" {
			names["id "+id] = true
		}
	}
	return names
}

// operations are those of a document, by names such as PATCH /v1/webhook/endpoint.update.
func operations(root any) map[string]any {
	found := map[string]any{}
	for path, item := range objectOf(document.Follow(root, "paths")) {
		item, _ = document.Dereference(root, item, "")
		for _, method := range document.Methods {
			if operation := document.Follow(item, method); operation != nil {
				found[strings.ToUpper(method)+" "+path] = operation
			}
		}
	}
	return found
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

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
