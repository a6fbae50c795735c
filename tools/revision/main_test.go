package revision_test

import (
	"os"
	"testing"

	"github.com/heygen-go/heygen/tools/revision/internal/table"
)

// root is a repository that is made from the page in testdata/base. What is vendored may change, and the tests hold.
var root string

func TestMain(m *testing.M) { os.Exit(table.RunTests(m, ".", &root)) }
