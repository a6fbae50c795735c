// Package report prints what the benchmarks of this repository measure: a line "RATIO name value bar" for each value
// with a bar, and a line "FIGURE name value unit" for one without.
package report

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// Report remembers whether a bar was missed.
type Report struct {
	out    io.Writer
	missed bool
}

// Ratio is a value that must not be above its bar.
func (r *Report) Ratio(name string, value, bar float64) {
	note := ""
	if value > bar {
		note, r.missed = " PAST THE BAR", true
	}
	fmt.Fprintf(r.out, "RATIO %s %.3f %.2f%s\n", name, value, bar, note)
}

// AtLeast is a ratio whose bar is a floor.
func (r *Report) AtLeast(name string, value, bar float64) {
	note := ""
	if value < bar {
		note, r.missed = " PAST THE BAR", true
	}
	fmt.Fprintf(r.out, "RATIO %s %.3f %.2f (at least)%s\n", name, value, bar, note)
}

// Figure is a value without a bar.
func (r *Report) Figure(name string, value float64, unit string) {
	fmt.Fprintf(r.out, "FIGURE %s %.6g %s\n", name, value, unit)
}

// Line is more about the figure before it.
func (r *Report) Line(words ...any) { fmt.Fprintln(r.out, words...) }

// Main measures, writes the results to the file record, if it has a name, and ends the program: with 1 if a bar was
// missed, with 2 if it could not measure. page is the file's text: a format for the results and for a fence.
func Main(record, page string, measure func(*Report) error) {
	var results strings.Builder
	r := &Report{out: io.MultiWriter(os.Stdout, &results)}
	fmt.Fprintf(r.out, "%s, %s/%s, %d processors (%s), %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.GOMAXPROCS(0), processor(), time.Now().UTC().Format(time.DateOnly))
	err := measure(r)
	if err == nil && record != "" {
		err = os.WriteFile(record, fmt.Appendf(nil, page, results.String(), "```"), 0o644)
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	case r.missed:
		os.Exit(1)
	}
}

// processor is the name Linux has for it.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, _ := strings.Cut(string(info), "model name\t: ")
	name, _, _ := strings.Cut(rest, "\n")
	return cmp.Or(name, "unknown")
}
