package tests

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Each function that a reader of the package pages starts from is called in an example that runs: every function, but
// for those that make an option or a fault.
func TestEveryStartHasAnExample(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"wire", "wrapper", "wrapper/v3", "webhook", "contract", "contract/report", "heygentest"} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			files := token.NewFileSet()
			var parsed []*ast.File
			called := map[string]bool{}
			paths, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*.go"))
			if err != nil || len(paths) == 0 {
				t.Fatalf("%d files, error %v", len(paths), err)
			}
			for _, path := range paths {
				file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
				if err != nil {
					t.Fatal(err)
				}
				parsed = append(parsed, file)
			}
			pages, err := doc.NewFromFiles(files, parsed, module+"/"+dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, example := range doc.Examples(slices.DeleteFunc(parsed, func(file *ast.File) bool {
				return !strings.HasSuffix(files.Position(file.Pos()).Filename, "_test.go")
			})...) {
				ast.Inspect(example.Code, func(node ast.Node) bool {
					if name, ok := node.(*ast.SelectorExpr); ok && (example.Output != "" || example.EmptyOutput) {
						called[name.Sel.Name] = true
					}
					return true
				})
			}
			starts := slices.Clone(pages.Funcs)
			for _, made := range pages.Types {
				if !slices.Contains([]string{"Option", "Fault", "DeliveryFault"}, made.Name) {
					starts = append(starts, made.Funcs...)
				}
				if slices.Contains([]string{"Client", "Contract", "Collector", "Server"}, made.Name) {
					starts = append(starts, made.Methods...)
				}
			}
			for _, start := range starts {
				if !called[start.Name] {
					t.Errorf("no example calls %s", start.Name)
				}
			}
			if len(starts) == 0 {
				t.Error("there is nothing to start from")
			}
		})
	}
}
