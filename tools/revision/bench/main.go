// Command bench measures what comparing a document and generating from it cost: the present one, and ones of 50 and of
// 500 operations in its style. It prints a line "RATIO name value bar" for each value with a bar and exits with 1 if
// one is past its bar; a line "FIGURE name value unit" is a value without one.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// report prints what was measured and remembers whether a bar was missed.
type report struct {
	out    io.Writer
	missed bool
}

func (r *report) ratio(name string, value, bar float64) {
	note := ""
	if value > bar {
		note, r.missed = " PAST THE BAR", true
	}
	fmt.Fprintf(r.out, "RATIO %s %.3f %.2f%s\n", name, value, bar, note)
}

func (r *report) figure(name string, value float64, unit string) {
	fmt.Fprintf(r.out, "FIGURE %s %.3f %s\n", name, value, unit)
}

func main() {
	rounds := flag.Int("rounds", 3, "runs of each kind")
	root := flag.String("C", "../..", "the repository's root `directory`")
	record := flag.String("record", "", "also write the results to this Markdown `file`")
	flag.Parse()
	var results strings.Builder
	r := &report{out: io.MultiWriter(os.Stdout, &results)}
	fmt.Fprintf(r.out, "%s, %s/%s, %d processors, %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.GOMAXPROCS(0), time.Now().UTC().Format(time.DateOnly))
	err := measure(context.Background(), r, *root, *rounds)
	if err == nil && *record != "" {
		err = os.WriteFile(filepath.Join(*root, *record), fmt.Appendf(nil, page, results.String(), "```"), 0o644)
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	case r.missed:
		os.Exit(1)
	}
}

func measure(ctx context.Context, r *report, root string, rounds int) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "heygen-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	diff, generate, err := run(ctx, root, scratch, rounds)
	if err != nil {
		return err
	}
	r.ratio("diff-seconds", diff[present].seconds, 3)
	r.ratio("diff-seconds-500", diff[many].seconds, 12)
	r.ratio("diff-megabytes-500", diff[many].megabytes, 512)
	r.ratio("generate-seconds", generate[present].seconds, 1)
	r.ratio("generate-seconds-500", generate[many].seconds, 3)
	r.figure("generate-megabytes-500", generate[many].megabytes, "MB")
	for _, c := range []struct {
		name  string
		costs map[int]cost
	}{{"diff", diff}, {"generate", generate}} {
		r.figure(c.name+"-seconds-50", c.costs[few].seconds, "s")
		r.figure(c.name+"-megabytes-50", c.costs[few].megabytes, "MB")
		r.ratio(c.name+"-growth-seconds", c.costs[many].seconds/c.costs[few].seconds/(many/few), 1)
		r.ratio(c.name+"-growth-megabytes", c.costs[many].megabytes/c.costs[few].megabytes/(many/few), 1)
	}
	return nil
}

const page = `# Benchmarks of an update

Written by "make bench-record"; not edited by hand. A RATIO has a value and a bar that it must not pass, a FIGURE has a
unit. Times are medians, warm; memory is that of the largest process.

- **diff**: "make spec-diff" of the present document with a member added.
- **generate**: "make generate" from the same.
- **-50**, **-500**: the same with 50 and 500 operations like the first.
- **growth**: what ten times the operations cost, divided by ten, from 50 to 500: 1 is linear.

%[2]stext
%[1]s%[2]s
`
