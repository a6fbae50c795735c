// Command bench measures what the client costs. It prints a line "RATIO name value bar" for each comparison with a
// bar and exits with 1 if a value is past its bar; a line "FIGURE name value unit" is a figure without one.
//
// Times are ratios of the medians of runs that take turns, so that a machine that slows down slows all of them.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
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

// atLeast is a ratio whose bar is a floor.
func (r *report) atLeast(name string, value, bar float64) {
	note := ""
	if value < bar {
		note, r.missed = " PAST THE BAR", true
	}
	fmt.Fprintf(r.out, "RATIO %s %.3f %.2f (at least)%s\n", name, value, bar, note)
}

func (r *report) figure(name string, value float64, unit string) {
	fmt.Fprintf(r.out, "FIGURE %s %.6g %s\n", name, value, unit)
}

func main() {
	rounds := flag.Int("rounds", 41, "runs of each contender")
	record := flag.String("record", "", "also write the results to this Markdown `file`")
	flag.Parse()
	var results strings.Builder
	r := &report{out: io.MultiWriter(os.Stdout, &results)}
	fmt.Fprintf(r.out, "%s, %s/%s, %d processors (%s), %s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.GOMAXPROCS(0), processor(), time.Now().UTC().Format(time.DateOnly))
	for _, measure := range []func(*report, int) error{
		measureCall, measureContract, measureThroughput, measureSandbox, measureConsumer, measureCommand,
	} {
		if err := measure(r, *rounds); err != nil {
			fail(err)
		}
	}
	if *record != "" {
		if err := os.WriteFile(*record, fmt.Appendf(nil, page, results.String(), "```"), 0o644); err != nil {
			fail(err)
		}
	}
	if r.missed {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(2)
}

// processor is the name Linux has for it.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, _ := strings.Cut(string(info), "model name\t: ")
	name, _, _ := strings.Cut(rest, "\n")
	return cmp.Or(name, "unknown")
}

const page = `# Benchmarks

Written by "make bench-record"; not edited by hand. A RATIO has a value and a bar that it must not pass, a FIGURE has a
unit. Ratios are what to compare: times of a shared machine vary, and its contenders took turns.

- **call**: one update over a transport in memory, with the documented 200 and 1,024 different bodies. baseline is the
  least a careful person writes by hand (tests/bench/call.go), stock the client oapi-codegen makes by default.
- **contract**: one check of the documented 200 by the corrected document, beside openapi3filter.ValidateResponse.
- **sandbox-updates**: updates of the sandbox over loopback. The sandbox judges every exchange.
- **sandbox-by-**: the same updates over 8 and 64 connections that are kept, beside a net/http handler that reads the
  request and writes the same bytes. client is a client of net/http, sockets a load generator of our own that costs
  nearly nothing (tests/bench/sandbox.go).
- **command**: the command line, stripped: its size, the start of --help, and apply beside a plain loop over the client
  with the same concurrency, in turns against one sandbox, each in a process of its own.
- **consumer**: what an importer of the client pays. MINIMUM lists the modules whose version it raises if the importer
  uses them; it downloads and links none but the JSON library.

%[2]stext
%[1]s%[2]s
`
