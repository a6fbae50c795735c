// Command mutants checks the tests of packages wrapper and wire: it lays the faults of mutants.yaml over the code, one
// at a time, and runs the tests, of which at least one must fail each time. A fault that none notices has survived.
//
// It prints a line for each mutant and the score, and exits with 1 if one survived, does not compile or no longer fits
// the code. No file of the repository is changed.
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
)

//go:embed mutants.yaml
var list []byte

func main() {
	root := flag.String("C", "..", "the repository's root `directory`")
	only := flag.String("run", "", "apply only the mutants whose name matches a `regexp`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *root, *only, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, root, only string, out io.Writer) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	mutants, err := read(list)
	if err != nil {
		return err
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !chosen.MatchString(m.Name) })
	if len(mutants) == 0 {
		return fmt.Errorf("no mutant's name matches %q", only)
	}
	return check(ctx, root, mutants, out)
}
