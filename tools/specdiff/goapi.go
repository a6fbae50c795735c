package specdiff

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"
)

const module = "github.com/heygen-go/heygen"

// public are the packages whose API a document can change. generated/server is for the sandbox alone.
var public = []string{module + "/generated", module + "/wrapper"}

// GoAPI says what the compilers of importers will say once the code is generated from another corrected document, and
// what the compiler says of this module then. root is the repository, which must compile and is left alone.
func GoAPI(ctx context.Context, root string, corrected []byte) (Axis, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return Axis{}, err
	}
	scratch, err := os.MkdirTemp("", "heygen-generate-")
	if err != nil {
		return Axis{}, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	var before, after map[string]*packages.Package
	var stopped error
	both, loading := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		before, err = loadPackages(loading, root, "")
		return err
	})
	both.Go(func() (err error) {
		var overlay string
		if overlay, stopped = generate(loading, root, scratch, corrected); stopped == nil {
			after, err = loadPackages(loading, root, overlay)
		}
		return err
	})
	if err := both.Wait(); err != nil {
		return Axis{}, fmt.Errorf("go API: %w", err)
	}
	if stopped != nil {
		refused := Change{ID: "go-generation-failed", Level: Breaking, Where: "generated", Text: stopped.Error()}
		return newAxis([]Change{refused}), ctx.Err()
	}
	var changes []Change
	for _, name := range sortedKeys(after) {
		if problem := firstError(after[name]); problem != "" {
			changes = append(changes, Change{
				ID: "go-build-failed", Level: Breaking, Where: strings.TrimPrefix(name, module+"/"),
				Text: strings.ReplaceAll(problem, root+string(filepath.Separator), ""),
			})
		}
	}
	for _, name := range public {
		if before[name] == nil || after[name] == nil {
			return Axis{}, fmt.Errorf("go API: there is no package %s", name)
		}
		if len(after[name].Errors) == 0 {
			changes = append(changes, apiChanges(before[name].Types, after[name].Types)...)
		}
	}
	return newAxis(changes), nil
}

// inputs are what the generator reads.
var inputs = []string{"api", "tests/operations", "go.mod", "go.sum", "tools/go.mod", "tools/go.sum"}

// generate runs the generator as gen.go does, in a directory of its own, and returns the name of a file for -overlay of
// the go command, which puts what it made in the place of generated/. An error is what the generator complains of.
func generate(ctx context.Context, root, scratch string, corrected []byte) (overlay string, err error) {
	for _, name := range inputs {
		if err := copyTree(filepath.Join(root, name), filepath.Join(scratch, name)); err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(filepath.Join(scratch, "api", "corrected.json"), corrected, 0o644); err != nil {
		return "", err
	}
	tools := filepath.Join(root, "tools")
	//nolint:gosec // scratch is a directory of ours
	command := exec.CommandContext(ctx, "go", "run", "./cmd/generate", "-C", scratch)
	var complaint bytes.Buffer
	command.Dir, command.Env, command.Stderr = tools, environment(tools), &complaint
	if err := command.Run(); err != nil {
		return "", errors.New(cmp.Or(strings.Join(strings.Fields(complaint.String()), " "), err.Error()))
	}
	replaced := map[string]string{}
	err = filepath.WalkDir(filepath.Join(scratch, "generated"), func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			replaced[filepath.Join(root, strings.TrimPrefix(name, scratch))] = name
		}
		return err
	})
	if err != nil {
		return "", err
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
func loadPackages(ctx context.Context, root, overlay string) (map[string]*packages.Package, error) {
	list, err := packages.Load(&packages.Config{
		Context: ctx, Dir: root, Env: environment(root), BuildFlags: []string{"-overlay=" + overlay},
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports,
	}, "./...")
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

func environment(directory string) []string {
	return append(os.Environ(), "PWD="+directory, "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
}

// apiChanges takes apart messages such as "WebhookEndpoint.Name: changed from string to int".
func apiChanges(before, after *types.Package) (changes []Change) {
	for _, change := range apidiff.Changes(before, after).Changes {
		name, text, _ := strings.Cut(change.Message, ": ")
		made := Change{ID: "go-changed", Level: Breaking, Where: path.Base(after.Name()) + "." + name, Text: text}
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

// copyTree copies a file or a directory.
func copyTree(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}
