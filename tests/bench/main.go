// Command bench measures what the client costs. It prints a line "RATIO name value bar" for each comparison with a
// bar and exits with 1 if a value is past its bar; a line "FIGURE name value unit" is a figure without one.
//
// Times are ratios of the medians of runs that take turns, so that a machine that slows down slows all of them.
package main

import (
	"flag"

	"github.com/heygen-go/heygen/tests/bench/report"
)

func main() {
	rounds := flag.Int("rounds", 41, "runs of each contender")
	record := flag.String("record", "", "also write the results to this Markdown `file`")
	flag.Parse()
	report.Main(*record, page, func(r *report.Report) error {
		for _, measure := range []func(*report.Report, int) error{
			measureCall, measureContract, measureThroughput, measureSandbox, measureConsumer, measureCommand,
		} {
			if err := measure(r, *rounds); err != nil {
				return err
			}
		}
		return nil
	})
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
