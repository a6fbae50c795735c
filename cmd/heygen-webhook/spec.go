package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

func (p *program) specCommand() *cli.Command {
	return &cli.Command{
		Name:  "spec",
		Usage: "print the OpenAPI document, or where it is corrected",
		Commands: []*cli.Command{
			withExamples(&cli.Command{
				Name:      "show",
				Usage:     "print the OpenAPI 3.1 document, JSON",
				UsageText: name + " spec show [--published | --api v3]",
				Description: "The published document contradicts its own examples. Printed is the corrected one, which this\n" +
					"program is made from. That of version 3 is not the vendor's: it was written from facts.",
				Flags: []cli.Flag{
					&cli.BoolFlag{Name: "published", Usage: "print it as the vendor published it"}, apiFlag(),
				},
				Action: p.showSpec,
			}, name+" spec show", name+" spec show --published", name+" spec show --api v3"),
			withExamples(&cli.Command{
				Name:      "deviations",
				Usage:     "list the deviations of the published document, with reasons",
				UsageText: name + " spec deviations [--output FORMAT]",
				Flags:     []cli.Flag{outputFlag("`FORMAT`: text, or json in one line")},
				Action:    p.showDeviations,
			}, name+" spec deviations", name+" spec deviations --output json"),
		},
	}
}

const noPublishedV3 = "there is no published document of version 3: published and --api v3 exclude each other"

func (p *program) showSpec(_ context.Context, cmd *cli.Command) error {
	document := openapi.Corrected()
	switch {
	case cmd.Bool("published") && !usesV1(cmd):
		return usageFailure(cmd, "%s", noPublishedV3)
	case cmd.Bool("published"):
		document = openapi.Published()
	case !usesV1(cmd):
		document = openapi.CorrectedV3()
	}
	_, _ = p.stdout.Write(document) // a failed write is remembered
	return nil
}

// deviation is the JSON of a contract.Deviation.
type deviation struct {
	ID       string `json:"id"`
	Pointer  string `json:"pointer"`
	Reason   string `json:"reason"`
	Evidence string `json:"evidence"`
}

func (p *program) showDeviations(_ context.Context, cmd *cli.Command) error {
	list := []deviation{}
	deviations, err := contract.Deviations(openapi.Corrections())
	if err != nil {
		return err
	}
	for _, d := range deviations {
		list = append(list, deviation(d))
	}
	if cmd.String("output") == "json" {
		printJSON(p.stdout, list)
		return nil
	}
	for _, d := range list {
		fmt.Fprintf(p.stdout, "%s\n  %s\n  evidence: %s\n  at: %s\n", d.ID, d.Reason, d.Evidence, d.Pointer)
	}
	return nil
}
