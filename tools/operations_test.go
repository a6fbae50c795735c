package tools_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

// A page for another operation, put beside the first, is enough to call it: everything still compiles, and what calls
// the new operations, testdata/operations/called_test.go, passes.
//
//nolint:paralleltest // it builds the whole repository, as the drift test does
func TestPagesOfNewOperationsNeedNoHandwork(t *testing.T) {
	root := t.TempDir()
	for name, content := range workingTree(t) {
		write(t, filepath.Join(root, name), content)
	}
	operations := filepath.Join("testdata", "operations")
	addPages(t, root, operations, "list-webhook-endpoints.md", "delete-a-webhook-endpoint.md", "things.md")
	generate(t, root)
	test, err := os.ReadFile(filepath.Join(operations, "called_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "tests", "operations", "called_test.go"), string(test))
	for _, arguments := range []string{
		"build ./...", "test ./tests/operations", "test -run ^TestImports$/^generated ./tests",
	} {
		command := exec.CommandContext(t.Context(), "go", strings.Fields(arguments)...)
		command.Dir = root
		command.Env = append(os.Environ(), "PWD="+root, "GOFLAGS=-mod=readonly", "GOWORK=off")
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", arguments, err, output)
		}
	}
}

// addPages puts pages beside those there are.
func addPages(t *testing.T, root, from string, names ...string) {
	t.Helper()
	record := filepath.Join(root, "api", "provenance.json")
	provenance, err := document.ReadProvenance(record)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		page, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, "api", name), string(page))
		provenance.Pages = append(provenance.Pages, document.Page{Page: name})
	}
	content, err := json.Marshal(provenance)
	if err != nil {
		t.Fatal(err)
	}
	write(t, record, string(content))
}
