// Command spec-diff reports what a new revision of a published page would change: in the document, in the Go API, for
// the client as it is, and for the corrections.
//
//	spec-diff [-C directory] [-api v1|v3] [-format text|markdown|json] [-report file] [-vendor [-drop]] DOC
//
// DOC is a page, a definition alone, JSON or YAML, or an http(s) URL of either. The exit status is 0 if nothing breaks,
// 3 if something does, and 2 if the documents could not be compared.
//
// Without -vendor it changes nothing. With -vendor, which is for scripts/update, it also puts the page in its place,
// drops obsolete corrections and writes the CHANGELOG entry. Then the exit status is 0, or 2 if that failed.
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
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/specdiff"
)

// Exit statuses.
const (
	exitFine   = 0
	exitFailed = 2
	exitBreaks = 3
)

func main() {
	debug.SetGCPercent(400) // the documents stay in memory until the end: collecting them early takes a tenth of the time
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program, whatever it does
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// options are the command line.
type options struct {
	root, api, doc, format, report string
	vendor, drop                   bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("spec-diff", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.root, "C", ".", "the repository's root `directory`, which other names are relative to")
	flags.StringVar(&o.api, "api", "v1", "`version` of the API that the page is of: v1 or v3")
	flags.StringVar(&o.format, "format", "text", "`format` of what is printed: text, markdown or json")
	flags.StringVar(&o.report, "report", "", "also write the report as JSON to this `file`")
	flags.BoolVar(&o.vendor, "vendor", false, "put the page in its place")
	flags.BoolVar(&o.drop, "drop", false, "with -vendor: remove the corrections that the page makes obsolete")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitFine
	} else if err != nil {
		return exitFailed
	}
	if o.doc = flags.Arg(0); flags.NArg() != 1 || o.doc == "" {
		fmt.Fprintln(stderr, "spec-diff: name one document: make spec-diff DOC=path, or an http(s) URL")
		return exitFailed
	}
	breaks, err := o.diff(ctx, stdout, stderr)
	switch {
	case err != nil:
		for _, line := range lines(err) {
			fmt.Fprintln(stderr, "spec-diff:", line)
		}
		return exitFailed
	case breaks:
		return exitBreaks
	}
	return exitFine
}

func (o options) diff(ctx context.Context, stdout, stderr io.Writer) (breaks bool, err error) {
	write, ok := map[string]func(*specdiff.Report, io.Writer) error{
		"text":     (*specdiff.Report).WriteText,
		"markdown": (*specdiff.Report).WriteMarkdown,
		"json":     (*specdiff.Report).WriteJSON,
	}[o.format]
	if !ok {
		return false, fmt.Errorf("format %q: want text, markdown or json", o.format)
	}
	api, ok := document.APIs[o.api]
	if !ok {
		return false, fmt.Errorf("version %q of the API: want API=v1 or API=v3", o.api)
	}
	if !strings.Contains(o.doc, "://") {
		o.doc = within(o.root, o.doc)
	}
	page, err := specdiff.Read(ctx, api, o.doc, stderr)
	if err != nil {
		return false, err
	}
	report, err := specdiff.Compare(ctx, o.root, api, page)
	if err != nil {
		return false, err
	}
	if o.report != "" {
		var text bytes.Buffer
		if err := report.WriteJSON(&text); err != nil {
			return false, err
		}
		if err := os.WriteFile(within(o.root, o.report), text.Bytes(), 0o644); err != nil {
			return false, err
		}
	}
	if err := write(report, stdout); err != nil {
		return false, err
	}
	if o.vendor {
		return false, specdiff.Vendor(o.root, page, report, o.drop, time.Now())
	}
	return report.Breaks(), nil
}

// lines are what an error says, without control characters: it can quote the document.
func lines(err error) (list []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			list = append(list, lines(one)...)
		}
		return list
	}
	return []string{document.Plain(err.Error())}
}

func within(root, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(root, name)
}
