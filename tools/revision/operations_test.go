package revision_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/tools/revision"
	"github.com/heygen-go/heygen/tools/revision/internal/transaction"
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
		words := strings.Fields(line)
		command := exec.CommandContext(t.Context(), words[0], words[1:]...)
		command.Dir = tree
		command.Env = append(transaction.Environment(), "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, output)
		}
	}
}
