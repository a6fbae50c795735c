// Package tests holds the black-box tests over the whole: contract, goldens, imports, a consumer and the README.
package tests

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

// method is the operation that the client for version 1 has a method for, as a collector calls it. Those of version 3
// are the keys of callsOfVersion3.
const method = "PATCH /v1/webhook/endpoint.update"

// exercised sums up what the tests checked against the corrected documents.
var exercised contract.Collector

// TestMain is curl if it is called so, for the scripts of the documentation. Else it prints what the tests exercised. A
// run of all tests fails for a documented message that none of them saw.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "curl" {
		os.Exit(curl(os.Args[1:], os.Stdout, os.Stderr))
	}
	flag.Parse()
	code := m.Run()
	if code == 0 && all() {
		summary := exercised.Summary()
		if len(summary.Operations) == 0 {
			fmt.Fprintln(os.Stderr, "no test checked anything against a corrected document")
			code = 1
		}
		if err := report.Text(os.Stdout, summary); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		for _, name := range summary.NeverSeen() {
			words := strings.Fields(name)
			if operation := words[0] + " " + words[1]; operation != method && callsOfVersion3[operation] == nil {
				continue // the client has no method for it
			}
			fmt.Fprintf(os.Stderr, "no test ever saw the documented %s\n", name)
			code = 1
		}
	}
	os.Exit(code)
}

// all reports whether every test was to run.
func all() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// read returns a file of the repository, named from its root.
func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
