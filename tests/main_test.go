package tests

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

// exercised sums up what the tests judged by the corrected document.
var exercised contract.Collector

// TestMain prints what the tests exercised. A documented message that no test ever saw fails a run of all tests.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if f := flag.Lookup("test.run"); code == 0 && (f == nil || f.Value.String() == "") {
		summary := exercised.Summary()
		if err := report.Text(os.Stdout, summary); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		for _, name := range summary.NeverSeen() {
			fmt.Fprintf(os.Stderr, "no test ever saw the documented %s\n", name)
			code = 1
		}
	}
	os.Exit(code)
}
