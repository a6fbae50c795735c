// Command bench measures what comparing a document and generating from it cost: the present one, and ones of 50 and of
// 500 operations in its style. It prints a line "RATIO name value bar" for each value with a bar and exits with 1 if
// one is past its bar; a line "FIGURE name value unit" is a value without one.
package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"

	"github.com/heygen-go/heygen/tests/bench/report"
)

func main() {
	rounds := flag.Int("rounds", 3, "runs of each kind")
	root := flag.String("C", "../..", "the repository's root `directory`")
	record := flag.String("record", "", "also write the results to this Markdown `file`, as seen from the root")
	flag.Parse()
	if *record != "" {
		*record = filepath.Join(*root, *record)
	}
	report.Main(*record, page, func(r *report.Report) error {
		return measure(context.Background(), r, *root, *rounds)
	})
}

func measure(ctx context.Context, r *report.Report, root string, rounds int) error {
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
	r.Ratio("diff-seconds", diff[present].seconds, 3)
	r.Ratio("diff-seconds-500", diff[many].seconds, 12)
	r.Ratio("diff-megabytes-500", diff[many].megabytes, 512)
	r.Ratio("generate-seconds", generate[present].seconds, 1)
	r.Ratio("generate-seconds-500", generate[many].seconds, 3)
	r.Figure("generate-megabytes-500", generate[many].megabytes, "MB")
	for _, c := range []struct {
		name  string
		costs map[int]cost
	}{{"diff", diff}, {"generate", generate}} {
		r.Figure(c.name+"-seconds-50", c.costs[few].seconds, "s")
		r.Figure(c.name+"-megabytes-50", c.costs[few].megabytes, "MB")
		r.Ratio(c.name+"-growth-seconds", c.costs[many].seconds/c.costs[few].seconds/(many/few), 1)
		r.Ratio(c.name+"-growth-megabytes", c.costs[many].megabytes/c.costs[few].megabytes/(many/few), 1)
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
