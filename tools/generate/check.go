package generate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/heygen-go/heygen/"

// A Generator makes Go packages of the repository at root. It compiles them in memory, because code that does not
// compile must not be written.
type Generator struct {
	root    string
	fset    *token.FileSet
	exports map[string]string         // files of what packages export, by import path
	others  types.Importer            // of these
	made    map[string]*types.Package // generated ones, by import path
}

// New returns a generator for the repository at root.
func New(root string) *Generator {
	g := &Generator{root: root, fset: token.NewFileSet(), exports: map[string]string{}, made: map[string]*types.Package{}}
	g.others = importer.ForCompiler(g.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(g.exports[path])
	})
	return g
}

// Import implements types.Importer.
func (g *Generator) Import(path string) (*types.Package, error) {
	if made := g.made[path]; made != nil {
		return made, nil
	}
	return g.others.Import(path)
}

// mistake is what is wrong with a line of generated code.
type mistake struct {
	line  int
	text  string
	other int // line of the other declaration of the same name, or 0
}

// check returns what is wrong with a generated file, which is the package of a path. A package comes ahead of those
// that import it.
func (g *Generator) check(ctx context.Context, path string, code []byte) ([]mistake, error) {
	file, err := parser.ParseFile(g.fset, "", code, parser.SkipObjectResolution)
	if list := (scanner.ErrorList)(nil); errors.As(err, &list) {
		return []mistake{{line: list[0].Pos.Line, text: list[0].Msg}}, nil // those after it come of it
	}
	if err := g.compileImports(ctx, file); err != nil {
		return nil, err
	}
	var mistakes []mistake
	config := types.Config{Importer: g, Error: func(err error) {
		complaint, _ := errors.AsType[types.Error](err)
		line := g.fset.Position(complaint.Pos).Line
		if strings.HasPrefix(complaint.Msg, "\t") && len(mistakes) > 0 { // goes on with the one before
			mistakes[len(mistakes)-1].other = line
			return
		}
		mistakes = append(mistakes, mistake{line: line, text: complaint.Msg})
	}}
	made, _ := config.Check(path, g.fset, []*ast.File{file}, nil)
	g.made[path] = made
	return slices.Concat(mistakes, g.fields(file), g.types(made)), nil
}

// compileImports compiles what a file imports. The go command keeps the result in its cache.
func (g *Generator) compileImports(ctx context.Context, file *ast.File) error {
	args := []string{"list", "-deps", "-export", "-f", "{{.ImportPath}}\t{{.Export}}", "--"}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if _, isKnown := g.exports[path]; !isKnown && g.made[path] == nil {
			args = append(args, path)
		}
	}
	if args[len(args)-1] == "--" {
		return nil
	}
	list := exec.CommandContext(ctx, "go", args...)
	list.Dir = g.root
	list.Env = append(os.Environ(), "PWD="+g.root, "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
	var complaint bytes.Buffer
	list.Stderr = &complaint
	output, err := list.Output()
	if err != nil {
		return fmt.Errorf("what the generated code imports: %w: %s", err, &complaint)
	}
	for line := range strings.Lines(string(output)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		g.exports[path] = file
	}
	return nil
}

// fields returns the fields that encoding/json would leave out, because their names are not exported.
func (g *Generator) fields(file *ast.File) (mistakes []mistake) {
	ast.Inspect(file, func(node ast.Node) bool {
		field, ok := node.(*ast.Field)
		if !ok || field.Tag == nil || len(field.Names) == 1 && field.Names[0].IsExported() {
			return true
		}
		tag, _ := strconv.Unquote(field.Tag.Value)
		if _, isMember := reflect.StructTag(tag).Lookup("json"); isMember {
			mistakes = append(mistakes, mistake{
				line: g.fset.Position(field.Pos()).Line, text: "the name has no letter that a Go name could begin with",
			})
		}
		return true
	})
	return mistakes
}

// types returns the types that encoding/json would encode without what is in them, because they lack the methods of the
// types that they are made of.
func (g *Generator) types(made *types.Package) (mistakes []mistake) {
	for _, name := range made.Scope().Names() {
		named, _ := made.Scope().Lookup(name).(*types.TypeName)
		if named == nil || named.IsAlias() {
			continue
		}
		of, isStruct := named.Type().Underlying().(*types.Struct)
		if !isStruct {
			continue
		}
		for i := range of.NumFields() {
			hidden := of.Field(i).Name() == "union" || of.Tag(i) == `json:"-"`
			if method, _, _ := types.LookupFieldOrMethod(named.Type(), true, made, "MarshalJSON"); hidden && method == nil {
				mistakes = append(mistakes, mistake{
					line: g.fset.Position(named.Pos()).Line, text: "oapi-codegen makes a type of it that encodes as {}",
				})
			}
		}
	}
	return mistakes
}
