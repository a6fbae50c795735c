package revision_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/heygen-go/heygen/tools/revision"
	"github.com/heygen-go/heygen/tools/revision/internal/table"
)

// A page for another operation, vendored beside the first, is enough to call it: everything still compiles, and what
// calls the new operations, testdata/operations/called_test.go, passes.
func TestPagesOfNewOperationsNeedNoHandwork(t *testing.T) {
	t.Parallel()
	tree := filepath.Join(t.TempDir(), "tree")
	if err := os.CopyFS(tree, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	operations := filepath.Join("testdata", "operations")
	for _, name := range []string{"list-webhook-endpoints.md", "delete-a-webhook-endpoint.md", "things.md"} {
		page, err := revision.Read(t.Context(), filepath.Join(operations, name), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := revision.Vendor(tree, page, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(tree, "tests", "operations"), os.DirFS(operations)); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"go generate ./...", "go build ./...", "go test -vet=off ./tests/operations",
		"go test -vet=off -run ^TestImports$/^generated ./tests",
	} {
		if err := table.Run(t.Context(), tree, line); err != nil {
			t.Fatal(err)
		}
	}
}
