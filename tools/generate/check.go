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

const generatedPackage = "github.com/heygen-go/heygen/generated"

// A checker compiles generated packages in memory, because code that does not compile must not be written.
type checker struct {
	root    string
	fset    *token.FileSet
	exports map[string]string         // files of what packages export, by import path
	others  types.Importer            // of these
	made    map[string]*types.Package // generated ones, by import path
}

func newChecker(root string) *checker {
	c := &checker{root: root, fset: token.NewFileSet(), exports: map[string]string{}, made: map[string]*types.Package{}}
	c.others = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(c.exports[path])
	})
	return c
}

// Import implements types.Importer.
func (c *checker) Import(path string) (*types.Package, error) {
	if made := c.made[path]; made != nil {
		return made, nil
	}
	return c.others.Import(path)
}

// mistake is what is wrong with a line of generated code.
type mistake struct {
	line  int
	text  string
	other int // line of the other declaration of the same name, or 0
}

// check returns what is wrong with a generated file, which is a package. Package generated comes ahead of those that
// import it.
func (c *checker) check(ctx context.Context, code []byte) ([]mistake, error) {
	file, err := parser.ParseFile(c.fset, "", code, parser.SkipObjectResolution)
	if list := (scanner.ErrorList)(nil); errors.As(err, &list) {
		return []mistake{{line: list[0].Pos.Line, text: list[0].Msg}}, nil // those after it come of it
	}
	if err := c.compileImports(ctx, file); err != nil {
		return nil, err
	}
	var mistakes []mistake
	config := types.Config{Importer: c, Error: func(err error) {
		complaint, _ := errors.AsType[types.Error](err)
		line := c.fset.Position(complaint.Pos).Line
		if strings.HasPrefix(complaint.Msg, "\t") && len(mistakes) > 0 { // goes on with the one before
			mistakes[len(mistakes)-1].other = line
			return
		}
		mistakes = append(mistakes, mistake{line: line, text: complaint.Msg})
	}}
	path := strings.TrimSuffix(generatedPackage, "generated") + file.Name.Name
	made, _ := config.Check(path, c.fset, []*ast.File{file}, nil)
	c.made[path] = made
	return slices.Concat(mistakes, c.fields(file), c.types(made)), nil
}

// compileImports compiles what a file imports. The go command keeps the result in its cache.
func (c *checker) compileImports(ctx context.Context, file *ast.File) error {
	args := []string{"list", "-deps", "-export", "-f", "{{.ImportPath}}\t{{.Export}}", "--"}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if _, isKnown := c.exports[path]; !isKnown && path != generatedPackage {
			args = append(args, path)
		}
	}
	if args[len(args)-1] == "--" {
		return nil
	}
	list := exec.CommandContext(ctx, "go", args...)
	list.Dir = c.root
	list.Env = append(os.Environ(), "PWD="+c.root, "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
	var complaint bytes.Buffer
	list.Stderr = &complaint
	output, err := list.Output()
	if err != nil {
		return fmt.Errorf("what the generated code imports: %w: %s", err, &complaint)
	}
	for line := range strings.Lines(string(output)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		c.exports[path] = file
	}
	return nil
}

// fields returns the fields that encoding/json would leave out, because their names are not exported.
func (c *checker) fields(file *ast.File) (mistakes []mistake) {
	ast.Inspect(file, func(node ast.Node) bool {
		field, ok := node.(*ast.Field)
		if !ok || field.Tag == nil || len(field.Names) == 1 && field.Names[0].IsExported() {
			return true
		}
		tag, _ := strconv.Unquote(field.Tag.Value)
		if _, isMember := reflect.StructTag(tag).Lookup("json"); isMember {
			mistakes = append(mistakes, mistake{
				line: c.fset.Position(field.Pos()).Line, text: "the name has no letter that a Go name could begin with",
			})
		}
		return true
	})
	return mistakes
}

// types returns the types that encoding/json would encode without what is in them, because they lack the methods of the
// types that they are made of.
func (c *checker) types(made *types.Package) (mistakes []mistake) {
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
					line: c.fset.Position(named.Pos()).Line, text: "oapi-codegen makes a type of it that encodes as {}",
				})
			}
		}
	}
	return mistakes
}
