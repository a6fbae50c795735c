// Command update does what "make update" needs of Go, in a git worktree that scripts/update gives it: it prints what
// spec-diff prints, vendors the page with its provenance, drops obsolete corrections, and writes the CHANGELOG entry.
//
//	update [-C directory] [-drop] DOC
//
// It changes nothing if the page is the vendored one. The exit status is 2 if something is wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/heygen-go/heygen/tools/specdiff"
)

func main() {
	root := flag.String("C", ".", "the repository's root `directory`")
	drop := flag.Bool("drop", false, "remove the corrections that the document makes obsolete")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *root, flag.Arg(0), *drop, time.Now())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "update:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, root, doc string, drop bool, day time.Time) error {
	page, err := specdiff.Read(ctx, doc, os.Stderr)
	if err != nil {
		return err
	}
	vendored, err := specdiff.IsVendored(root, page)
	if err != nil {
		return err
	}
	if vendored {
		fmt.Println("The page is the vendored one: nothing changes.")
		return nil
	}
	report, err := specdiff.Compare(ctx, root, page)
	if err != nil {
		return err
	}
	if err := report.WriteText(os.Stdout); err != nil {
		return err
	}
	if err := specdiff.DropObsolete(root, report, drop); err != nil {
		return err
	}
	if !report.Same() {
		if err := specdiff.AddToChangelog(root, report, day); err != nil {
			return err
		}
	}
	return specdiff.Vendor(root, page, day)
}
