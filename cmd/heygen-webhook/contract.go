package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

func (p *program) contractCommand() *cli.Command {
	return &cli.Command{
		Name:  "contract",
		Usage: "check exchanges of clients and HeyGen, or a stand-in, against the contract of the API",
		Description: "Each command ends with a report, and with exit code 0 if everything kept the contract. It is 1\n" +
			"after a finding, and if no response was checked. A finding names the party to blame: client, server or\n" +
			"document. A finding that only the published document is to blame for is reported, but is no failure.\n" +
			"What could not be checked, such as a response that broke off, is counted and is no failure.",
		Commands: []*cli.Command{p.checkCommand(), p.harCommand(), p.proxyCommand(), p.receiverCommand()},
	}
}

// checkerFlags are those of every command that checks exchanges.
func checkerFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:  "document",
			Usage: "`DOCUMENT` to check against: corrected, published, or a file",
			Value: "corrected",
		},
		reportFlag(),
	}
}

func reportFlag() cli.Flag {
	return &cli.StringFlag{
		Name:      "report",
		Usage:     "`FORMAT` of the report: text, json or junit; with json, also of errors",
		Value:     "text",
		Validator: oneOf("text", "json", "junit"),
	}
}

// checker is a contract, and the results of checking exchanges against it.
type checker struct {
	*contract.Contract
	seen contract.Collector
	more []contract.FindingSummary // those that no contract makes
}

// newChecker returns the checker of the document that a user names; corrected makes the contract without one.
func newChecker(ctx context.Context, cmd *cli.Command, corrected func(...contract.Option) (*contract.Contract, error),
	opts ...contract.Option,
) (*checker, error) {
	c := &checker{}
	opts = append(opts, contract.WithAllowedDeviations(), contract.WithCollector(&c.seen))
	var err error
	switch path := cmd.String("document"); path {
	case "corrected":
		c.Contract, err = corrected(opts...)
	case "published":
		c.Contract, err = contract.Load(openapi.Published(), append(opts, contract.WithCorrected(openapi.Corrected()))...)
	default:
		document, unread := readInput(ctx, cmd, path)
		if unread != nil {
			return nil, unread
		}
		c.Contract, err = contract.Load(document, opts...)
	}
	if err != nil {
		return nil, usageFailure(cmd, "the document cannot be used: %s", oneLine(err))
	}
	return c, nil
}

// oneLine is the text of an error of a package of this module, without the name of the package.
func oneLine(err error) string {
	text := err.Error()
	for _, prefix := range []string{"heygen: ", "contract: ", "heygentest: ", "webhook: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.ReplaceAll(text, "\n", "; ")
}

// report prints the report. The error is that the contract was broken, or that no response was checked.
func (c *checker) report(p *program, cmd *cli.Command) error {
	summary := c.seen.Summary()
	summary.Findings = append(summary.Findings, c.more...)
	return p.reportSummary(cmd, summary,
		"see that there are exchanges with paths of the document, such as "+contractPath+", and that the server responds")
}

// reportSummary prints a report. next is what to do if no response was checked.
func (p *program) reportSummary(cmd *cli.Command, summary contract.Summary, next string) error {
	write := map[string]func(io.Writer, contract.Summary) error{
		"text": report.Text, "json": report.JSON, "junit": report.JUnit,
	}[cmd.String("report")]
	if err := write(p.stdout, summary); err != nil {
		return unwritable(err)
	}
	p.sayUnjudged(summary)
	findings := summary.Omitted
	for _, f := range summary.Findings {
		if !f.Allowed {
			findings++
		}
	}
	switch {
	case findings > 0:
		return &failure{
			Kind: kindContract, Message: fmt.Sprintf("the contract is broken: %s", count(findings, "finding")),
			next: "the report names the place and the party to blame",
		}
	case summary.Responses() == 0:
		return &failure{
			Kind: kindContract, Message: "no response was checked, so nothing is known of the server",
			next: next,
		}
	}
	return nil
}

// sayUnjudged counts by reason what was not checked; the report has the rest.
func (p *program) sayUnjudged(summary contract.Summary) {
	unjudged := map[contract.Unjudged]int{}
	for _, u := range summary.Unjudged {
		unjudged[u.Reason] += u.Times
	}
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(unjudged)) {
		reasons = append(reasons, fmt.Sprintf("%s: %d", reason, unjudged[reason]))
	}
	if len(reasons) > 0 {
		p.say("exchanges not checked, or only in part: %s", strings.Join(reasons, ", "))
	}
}

func (p *program) harCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "har",
		Usage:     "check recorded traffic, an HTTP archive (HAR 1.2)",
		UsageText: name + " contract har FILE [options]",
		ArgsUsage: "FILE",
		Description: "FILE is an archive of a browser, a proxy or a client, or - for standard input. Entries that are not\n" +
			"exchanges with the API, or whose bodies were not recorded, are counted and not checked. Needs no key\n" +
			"and sends nothing.",
		Flags: checkerFlags(),
		ArgValidator: func(_ context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 || cmd.Args().First() == "" {
				return usageFailure(cmd, "give one FILE, or - for standard input")
			}
			return nil
		},
		Action: p.har,
	},
		name+" contract har traffic.har",
		name+" contract har --report junit - < traffic.har",
	)
}

func (p *program) har(ctx context.Context, cmd *cli.Command) error {
	c, err := newChecker(ctx, cmd, contract.New)
	if err != nil {
		return err
	}
	path := cmd.Args().First()
	archive, err := readInput(ctx, cmd, path)
	if err != nil {
		return err
	}
	if _, err := c.CheckHAR(bytes.NewReader(archive)); err != nil {
		return usageFailure(cmd, "%s: %s", inputName(path), oneLine(err))
	}
	return c.report(p, cmd)
}
