package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

func (p *program) contractCommand() *cli.Command {
	return &cli.Command{
		Name:  "contract",
		Usage: "judge whether HeyGen, or who stands in for it, and its clients keep the contract",
		Description: "Each command ends with a report and with exit code 0 if all it judged kept the contract.\n" +
			"It is 1 for a finding, and where nothing was judged. A finding names the party to blame: client,\n" +
			"server or document. What only the published document is to blame for is reported, but no failure.\n\n" +
			"Exit codes: " + exitCodes,
		Commands:     []*cli.Command{p.checkCommand(), p.harCommand(), p.proxyCommand()},
		OnUsageError: usageError,
	}
}

// judgeFlags are those of every command that judges.
func judgeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:  "document",
			Usage: "`DOCUMENT` to judge by: corrected, published, or the file of another one",
			Value: "corrected",
		},
		&cli.StringFlag{
			Name:      "report",
			Usage:     "`FORMAT` of the report: text, json or junit; with json, also of errors",
			Value:     "text",
			Validator: oneOf("report"),
		},
	}
}

// judge is a contract and what came of judging by it.
type judge struct {
	*contract.Contract
	seen contract.Collector
	more []contract.FindingSummary // what no contract says
	path string                    // of the document, for reports
}

func newJudge(ctx context.Context, cmd *cli.Command, opts ...contract.Option) (*judge, error) {
	var document []byte
	j := &judge{path: cmd.String("document")}
	switch j.path {
	case "corrected":
		document, j.path = openapi.Corrected(), "api/corrected.json"
	case "published":
		document, j.path = openapi.Published(), "openapi.json"
	default:
		var err error
		document, err = until(ctx, "the document", func() ([]byte, error) { return os.ReadFile(j.path) })
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("--document is neither corrected nor published, nor a file: %w", err)
		}
		if err != nil {
			return nil, unreadable(cmd, err)
		}
	}
	var err error
	if j.path == "openapi.json" {
		opts = append(opts, contract.WithCorrected(openapi.Corrected()))
	}
	j.Contract, err = contract.Load(document, append(opts, contract.WithAllowedDeviations(), contract.WithCollector(&j.seen))...)
	if err != nil {
		return nil, usageFailure(cmd, "the document cannot be used: %s", oneLine(err))
	}
	return j, nil
}

// oneLine is the text of an error of package contract.
func oneLine(err error) string {
	return strings.ReplaceAll(strings.TrimPrefix(err.Error(), "contract: "), "\n", "; ")
}

// report prints the report. The error is that the contract was broken, or that nothing was judged.
func (j *judge) report(p *program, cmd *cli.Command) error {
	summary := j.seen.Summary()
	summary.Findings = append(summary.Findings, j.more...)
	write := map[string]func(io.Writer, contract.Summary) error{
		"text": report.Text, "json": report.JSON, "junit": report.JUnit,
	}[cmd.String("report")]
	if err := write(p.stdout, summary); err != nil {
		return unwritable(err)
	}
	judged, findings := 0, summary.Omitted
	for _, operation := range summary.Operations {
		for _, message := range operation.Messages {
			judged += message.Seen
		}
	}
	for _, f := range summary.Findings {
		if !f.Allowed {
			findings++
		}
	}
	switch {
	case findings > 0:
		return &failure{
			Kind: kindContract, Message: fmt.Sprintf("the contract is broken: %s", count(findings, "finding")),
			next: "the report says where, and which party is to blame",
		}
	case judged == 0:
		return &failure{
			Kind: kindContract, Message: "nothing was judged, so nothing is known",
			next: "see that there are exchanges with " + contractPath,
		}
	}
	return nil
}
