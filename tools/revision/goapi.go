package revision

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/exp/apidiff"
	"golang.org/x/sync/errgroup"

	"github.com/heygen-go/heygen/tools/document"
)

const module = "github.com/heygen-go/heygen"

// public are the packages whose API a document can change. Package wire is not generated, and what is in
// generated/server is for the sandbox alone.
var public = []string{module + "/generated", module + "/wrapper"}

// GoAPI says what the compilers of importers will say once the code is generated from another corrected document, and
// what the compiler says of this module then. root is the repository, which must compile and is left alone.
func GoAPI(ctx context.Context, root string, corrected []byte) (Axis, error) {
	scratch, err := os.MkdirTemp("", "heygen-generate-")
	if err != nil {
		return Axis{}, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	var compiled []listed
	var stopped *Change
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) { compiled, err = listModule(ctx, root); return err })
	both.Go(func() (err error) { stopped, err = generate(ctx, root, scratch, corrected); return err })
	if err := both.Wait(); err != nil {
		return Axis{}, fmt.Errorf("go API: %w", err)
	}
	if stopped != nil {
		return newAxis([]Change{*stopped}), nil
	}
	changes, err := compareAPI(ctx, root, scratch, compiled)
	if err != nil {
		return Axis{}, fmt.Errorf("go API: %w", err)
	}
	return newAxis(changes), nil
}

// generate runs the generator as gen.go does, in a directory of its own. A document it cannot digest is a change.
func generate(ctx context.Context, root, scratch string, corrected []byte) (*Change, error) {
	for _, name := range []string{"go.mod", "tools/go.mod", "tools/go.sum", "api"} {
		if err := copyTree(filepath.Join(root, name), filepath.Join(scratch, name)); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(scratch, "api", "corrected.json"), corrected, 0o644); err != nil {
		return nil, err
	}
	problem := document.CheckSupported(corrected)
	if problem == nil {
		_, problem = run(ctx, filepath.Join(root, "tools"), "go", "run", "./cmd/generate", "-C", scratch)
	}
	if problem == nil {
		return nil, nil
	}
	text := strings.ReplaceAll(problem.Error(), "\n", "; ")
	return &Change{ID: "go-generation-failed", Level: Breaking, Pointer: "generated", Text: text}, ctx.Err()
}

// listed is what go list says of a package, in an order in which imports come first.
type listed struct {
	ImportPath, Export string
	GoFiles, Imports   []string
	Error              *struct{ Err string }
}

var modules sync.Map // by their roots, functions that list all of a module

// listModule lists a module once: a program that compares many revisions compares them with the same code.
func listModule(ctx context.Context, root string) ([]listed, error) {
	once, _ := modules.LoadOrStore(root, sync.OnceValues(func() ([]listed, error) { return list(ctx, root, "./...") }))
	return once.(func() ([]listed, error))() // nothing else is stored
}

// list compiles packages and those they import.
func list(ctx context.Context, root string, patterns ...string) (packages []listed, err error) {
	output, err := run(ctx, root, append([]string{"go", "list", "-e", "-export", "-deps",
		"-json=ImportPath,Export,GoFiles,Imports,Error"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		if p.Error != nil {
			return nil, fmt.Errorf("%s does not compile: %s", p.ImportPath, strings.TrimSpace(p.Error.Err))
		}
		packages = append(packages, p)
	}
}

// compareAPI type-checks the generated packages and all of the module that imports them. What a document cannot change
// is taken from what the compiler has made already.
func compareAPI(ctx context.Context, root, scratch string, compiled []listed) (changes []Change, err error) {
	files := token.NewFileSet()
	exports := map[string]string{}
	for _, p := range compiled {
		exports[p.ImportPath] = p.Export
	}
	old := importer.ForCompiler(files, "gc", func(name string) (io.ReadCloser, error) {
		if exports[name] == "" { // the new code imports what the old did not
			packages, err := list(ctx, root, name)
			if err != nil {
				return nil, err
			}
			for _, p := range packages {
				exports[p.ImportPath] = p.Export
			}
		}
		return os.Open(exports[name])
	})
	fresh := freshPackages{old: old, checked: map[string]*types.Package{}}
	for _, p := range compiled {
		inModule := strings.HasPrefix(p.ImportPath, module+"/")
		generated := strings.HasPrefix(p.ImportPath, module+"/generated")
		if !generated && (!inModule || !slices.ContainsFunc(p.Imports, fresh.has)) {
			continue
		}
		from := root
		if generated {
			from = scratch
		}
		problems, err := fresh.check(files, p, from)
		if err != nil {
			return nil, err
		}
		if len(problems) > 0 {
			changes = append(changes, Change{
				ID: "go-build-failed", Level: Breaking, Pointer: strings.TrimPrefix(p.ImportPath, module+"/"),
				Text: strings.Join(problems[:min(len(problems), maxProblems)], "; "),
			})
		}
	}
	for _, name := range public {
		before, err := old.Import(name)
		if err != nil {
			return nil, err
		}
		after := fresh.checked[name]
		if after == nil {
			continue // it does not compile, as has been said
		}
		for _, change := range apidiff.Changes(before, after).Changes {
			changes = append(changes, apiChange(path.Base(name), change))
		}
	}
	return changes, nil
}

// maxProblems is how many messages of the compiler are shown of a package.
const maxProblems = 3

// freshPackages are packages as they are with the new generated code; nil if they do not compile.
type freshPackages struct {
	old     types.Importer
	checked map[string]*types.Package
}

func (f freshPackages) has(name string) bool { _, ok := f.checked[name]; return ok }

// Import returns a fresh package, or else one that a document cannot change.
func (f freshPackages) Import(name string) (*types.Package, error) {
	if p, ok := f.checked[name]; ok {
		return p, nil
	}
	return f.old.Import(name)
}

// check type-checks a package, whose files are below a directory as in the module, and returns what the compiler would
// complain of.
func (f freshPackages) check(files *token.FileSet, p listed, from string) (problems []string, err error) {
	f.checked[p.ImportPath] = nil
	for _, name := range p.Imports {
		if fresh, ok := f.checked[name]; ok && fresh == nil {
			return nil, nil // its complaint would be that of the package it imports
		}
	}
	within := strings.TrimPrefix(p.ImportPath, module+"/")
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		source, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(within), name))
		if err != nil {
			return nil, err
		}
		file, wrong := parser.ParseFile(files, path.Join(within, name), source, parser.SkipObjectResolution)
		if wrong != nil {
			problems = append(problems, wrong.Error())
		}
		parsed = append(parsed, file)
	}
	if len(problems) > 0 {
		return problems, nil
	}
	config := types.Config{Importer: f, Error: func(err error) { problems = append(problems, err.Error()) }}
	checked, err := config.Check(p.ImportPath, files, parsed, nil)
	if err == nil {
		f.checked[p.ImportPath] = checked
	}
	return problems, nil
}

// apiChange takes apart "WebhookEndpoint.Name: changed from string to int".
func apiChange(inPackage string, change apidiff.Change) Change {
	name, text, _ := strings.Cut(change.Message, ": ")
	kind := "go-changed"
	if text == "added" || text == "removed" {
		kind = "go-" + text
	}
	level := Breaking
	if change.Compatible {
		level = Compatible
	}
	return Change{ID: kind, Level: level, Pointer: inPackage + "." + name, Text: text}
}

// run runs a command in the root of a module. Its error is what the command complained of.
func run(ctx context.Context, directory string, command ...string) ([]byte, error) {
	var output, complaint bytes.Buffer
	c := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // gen.go says what to run
	c.Dir, c.Stdout, c.Stderr = directory, &output, &complaint
	c.Env = append(os.Environ(), "PWD="+directory, "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
	if err := c.Run(); err != nil {
		said := strings.Join(strings.Fields(complaint.String()), " ")
		return nil, errors.New(cmp.Or(strings.ReplaceAll(said, directory+string(filepath.Separator), ""), err.Error()))
	}
	return output.Bytes(), nil
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

// newAxis makes an axis of changes, the worst of which is its verdict.
func newAxis(changes []Change) Axis {
	axis := Axis{Verdict: None, Changes: append([]Change{}, changes...)}
	for _, change := range changes {
		if change.Level == Breaking || axis.Verdict == None {
			axis.Verdict = change.Level
		}
	}
	return axis
}
