// Command update makes this repository's client from a new revision of a published page: it vendors the page, corrects
// and generates, builds, tests and writes the CHANGELOG entry, all in a scratch copy, and moves the result into the
// working tree when everything has succeeded. Otherwise the tree stays as it is. It commits nothing.
//
//	update [-C directory] [-drop] [-tests target] DOC
//
// DOC is what spec-diff takes. The exit status is 0 if the tree is up to date, and 2 if it was left alone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/heygen-go/heygen/tools/revision"
	"github.com/heygen-go/heygen/tools/revision/internal/transaction"
)

const exitFailed = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("update", flag.ContinueOnError)
	flags.SetOutput(stderr)
	directory := flags.String("C", ".", "the repository's root `directory`, which DOC is relative to")
	drop := flags.Bool("drop", false, "remove the corrections that the document no longer needs")
	tests := flags.String("tests", "test", "`target` of make that runs the tests")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return exitFailed
	}
	u := update{doc: flags.Arg(0), drop: *drop, target: *tests, day: time.Now(), stdout: stdout, stderr: stderr}
	err := u.all(ctx, *directory, flags.NArg())
	if errors.Is(err, transaction.ErrNothingToDo) {
		fmt.Fprintln(stdout, "It is the document this module is made from: nothing changes.")
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "update:", err)
		return exitFailed
	}
	return 0
}

// all completes an interrupted update before it looks at the arguments, so that "make update" alone does that.
func (u *update) all(ctx context.Context, directory string, documents int) (err error) {
	if u.Transaction, err = transaction.Begin(ctx, directory, u.stdout); err != nil {
		return err
	}
	defer func() {
		if failed := u.Close(); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	if documents != 1 || u.doc == "" {
		return errors.New("name one document: make update DOC=path, or an http(s) URL")
	}
	u.doc = revision.Within(directory, u.doc)
	return u.Run(ctx, u.steps(), u.stderr)
}
