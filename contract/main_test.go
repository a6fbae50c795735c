package contract_test

import (
	_ "embed"
	"os"
	"testing"

	openapi "github.com/heygen-go/heygen"
)

// The documents that the kit is tested with. The vendored ones may change, and the tests hold; that those keep their
// own contract is tested in package tests.
var (
	//go:embed testdata/published.json
	published []byte
	//go:embed testdata/corrected.json
	corrected []byte
	//go:embed testdata/corrections.yaml
	corrections []byte
)

func TestMain(m *testing.M) {
	openapi.Published(), openapi.Corrected(), openapi.Corrections() = published, corrected, corrections
	os.Exit(m.Run())
}
