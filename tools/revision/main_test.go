package revision_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/heygen-go/heygen/tools/revision/internal/table"
)

// root is a repository that is made from the page in testdata/base. What is vendored may change, and the tests hold.
var root string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	directory, err := os.MkdirTemp("", "heygen-revision-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(directory) }()
	root = filepath.Join(directory, "tree")
	if err := table.Checkout(context.Background(), ".", root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
