package specdiff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/generate"
)

const module = "github.com/heygen-go/heygen"

// The ids of changes after which there is no Go API to compare.
const (
	idGenerationFailed = "go-generation-failed"
	idBuildFailed      = "go-build-failed"
	idNotCompared      = "go-not-compared"
)

// GoAPI returns how the exported Go API of a version changes once the code is generated from another corrected
// document, and which packages of this module no longer compile then. root is the repository, which must compile.
// Nothing in it is changed.
func GoAPI(ctx context.Context, root string, api document.API, corrected []byte) (Axis, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return Axis{}, err
	}
	files, err := generate.New(root).Module(ctx, api, corrected)
	if err := interrupted(ctx); err != nil {
		return Axis{}, err
	}
	if err != nil {
		return newAxis(refusals(api, err)), nil
	}
	if areThere(root, files) {
		return newAxis(nil), nil
	}
	scratch, err := os.MkdirTemp("", "heygen-generate-")
	if err != nil {
		return Axis{}, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	overlay, err := writeOverlay(root, scratch, files)
	if err != nil {
		return Axis{}, err
	}
	// The packages whose API a document can change. The server's is for the sandbox alone.
	public := []string{module + "/" + api.Generated}
	public = append(public, strings.Replace(public[0], "generated", "wrapper", 1))
	var before, after map[string]*packages.Package
	both, loading := errgroup.WithContext(ctx)
	both.Go(func() (err error) { before, err = loadPackages(loading, root, "", public...); return err })
	both.Go(func() (err error) { after, err = loadPackages(loading, root, overlay, "./..."); return err })
	err = both.Wait()
	if errors.Is(context.Cause(ctx), errTooSlow) {
		return newAxis([]Change{{ID: idNotCompared, Level: Breaking, Text: errTooSlow.Error()}}), nil
	}
	if err != nil {
		return Axis{}, fmt.Errorf("go API: %w", err)
	}
	const separator = string(filepath.Separator)
	var changes []Change
	for _, name := range sortedKeys(after) {
		if problem := firstError(after[name]); problem != "" {
			changes = append(changes, Change{
				ID: idBuildFailed, Level: Breaking, Where: strings.TrimPrefix(name, module+"/"),
				Text: strings.NewReplacer(scratch+separator, "", root+separator, "").Replace(problem),
			})
		}
	}
	for _, name := range public {
		if before[name] == nil || after[name] == nil {
			return Axis{}, fmt.Errorf("go API: there is no package %s", name)
		}
		if len(after[name].Errors) > 0 {
			continue
		}
		compared, err := axis(ctx, idNotCompared, func() (Axis, error) {
			return newAxis(apiChanges(before[name].Types, after[name].Types)), nil
		})
		if err != nil {
			return Axis{}, err
		}
		changes = append(changes, compared.Changes...)
	}
	return newAxis(changes), nil
}

// areThere reports whether the repository at root has these files already.
func areThere(root string, files generate.Files) bool {
	for name, content := range files {
		if present, err := os.ReadFile(filepath.Join(root, name)); err != nil || !bytes.Equal(present, content) {
			return false
		}
	}
	return true
}

// refusals are the reasons of the generator: one change for each part of the document that it does not generate.
func refusals(api document.API, err error) (changes []Change) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			changes = append(changes, refusals(api, one)...)
		}
		return changes
	}
	return []Change{{idGenerationFailed, Breaking, api.Generated, strings.Join(strings.Fields(err.Error()), " ")}}
}

// writeOverlay writes what the option -overlay of the go command takes (go help build): files, under the same names in
// scratch, in the place of those of the repository at root.
func writeOverlay(root, scratch string, files generate.Files) (overlay string, err error) {
	replaced := map[string]string{}
	for name, content := range files {
		file := filepath.Join(scratch, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return "", err
		}
		replaced[filepath.Join(root, name)] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(scratch, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// loadPackages compiles and loads the generated packages and the wrapper. With an overlay (go help build) they may be
// broken: their Errors say so.
func loadPackages(ctx context.Context, root, overlay string, patterns ...string) (map[string]*packages.Package, error) {
	list, err := packages.Load(&packages.Config{
		Context: ctx, Dir: root, BuildFlags: []string{"-overlay=" + overlay},
		Env:  append(os.Environ(), "PWD="+root, "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off"),
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	byPath := map[string]*packages.Package{}
	for _, p := range list {
		byPath[p.PkgPath] = p
		if overlay == "" && len(p.Errors) > 0 {
			return nil, fmt.Errorf("%s does not compile: %w", p.PkgPath, p.Errors[0])
		}
	}
	return byPath, nil
}

// firstError is the first complaint of the compiler about a package, or "": that of a package which it imports is
// reported there.
func firstError(p *packages.Package) string {
	for _, imported := range p.Imports {
		if strings.HasPrefix(imported.PkgPath, module) && len(imported.Errors) > 0 {
			return ""
		}
	}
	if len(p.Errors) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(p.Errors[0].Msg), "\n") // after the name of the package
	return lines[min(1, len(lines)-1)]
}

// apiChanges takes apart messages such as "WebhookEndpoint.Name: changed from string to int".
func apiChanges(before, after *types.Package) (changes []Change) {
	for _, change := range apidiff.Changes(before, after).Changes {
		name, text, _ := strings.Cut(change.Message, ": ")
		made := Change{ID: "go-changed", Level: Breaking, Where: after.Name() + "." + name, Text: text}
		if text == "added" || text == "removed" {
			made.ID = "go-" + text
		}
		if change.Compatible {
			made.Level = Compatible
		}
		changes = append(changes, made)
	}
	return changes
}
