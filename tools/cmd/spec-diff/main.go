// Command spec-diff reports what a new revision of a published page would change: in the document, in the Go API, for
// the client as it is, and for the corrections. It changes nothing.
//
//	spec-diff [-C directory] [-format text|markdown|json] [-report file] DOC
//
// DOC is a page, a definition alone, JSON or YAML, or an http(s) URL of either. The exit status is 0 if nothing breaks,
// 3 if something does, and 2 if the documents could not be compared.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/heygen-go/heygen/tools/specdiff"
)

// Exit statuses.
const (
	exitFine   = 0
	exitFailed = 2
	exitBreaks = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("spec-diff", flag.ContinueOnError)
	flags.SetOutput(stderr)
	root := flags.String("C", ".", "the repository's root `directory`, which other names are relative to")
	format := flags.String("format", "text", "`format` of what is printed: text, markdown or json")
	file := flags.String("report", "", "also write the report as JSON to this `file`")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitFine
	} else if err != nil {
		return exitFailed
	}
	if flags.NArg() != 1 || flags.Arg(0) == "" {
		fmt.Fprintln(stderr, "spec-diff: name one document: make spec-diff DOC=path, or an http(s) URL")
		return exitFailed
	}
	breaks, err := diff(ctx, *root, flags.Arg(0), *format, *file, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "spec-diff:", err)
		return exitFailed
	case breaks:
		return exitBreaks
	}
	return exitFine
}

func diff(ctx context.Context, root, doc, format, file string, stdout, stderr io.Writer) (breaks bool, err error) {
	write, ok := map[string]func(*specdiff.Report, io.Writer) error{
		"text":     (*specdiff.Report).WriteText,
		"markdown": (*specdiff.Report).WriteMarkdown,
		"json":     (*specdiff.Report).WriteJSON,
	}[format]
	if !ok {
		return false, fmt.Errorf("format %q: want text, markdown or json", format)
	}
	if !strings.Contains(doc, "://") {
		doc = within(root, doc)
	}
	page, err := specdiff.Read(ctx, doc, stderr)
	if err != nil {
		return false, err
	}
	report, err := specdiff.Compare(ctx, root, page)
	if err != nil {
		return false, err
	}
	if file != "" {
		var text bytes.Buffer
		if err := report.WriteJSON(&text); err != nil {
			return false, err
		}
		if err := os.WriteFile(within(root, file), text.Bytes(), 0o644); err != nil {
			return false, err
		}
	}
	return report.Breaks(), write(report, stdout)
}

func within(root, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(root, name)
}
