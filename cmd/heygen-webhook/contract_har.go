package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/contract"
)

func (p *program) harCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "har",
		Usage:     "judge recorded traffic, an HTTP archive (HAR 1.2)",
		UsageText: name + " contract har FILE [options]",
		ArgsUsage: "FILE",
		Description: "FILE is an archive of a browser, a proxy or a client, or - for standard input. What it holds beside\n" +
			"exchanges with the API is counted and not judged. Needs no key and sends nothing.\n\n" +
			"Exit codes: " + exitCodes,
		Flags: judgeFlags(),
		ArgValidator: func(_ context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() != 1 || cmd.Args().First() == "" {
				return usageFailure(cmd, "give one FILE, or - for standard input")
			}
			return nil
		},
		OnUsageError: usageError,
		Action:       p.har,
	},
		name+" contract har traffic.har",
		name+" contract har --report junit - < traffic.har",
	)
}

func (p *program) har(ctx context.Context, cmd *cli.Command) error {
	j, err := newJudge(ctx, cmd)
	if err != nil {
		return err
	}
	path := cmd.Args().First()
	entries, err := until(ctx, "the archive", func() ([]contract.HAREntry, error) {
		file, err := openInput(path)
		if err != nil {
			return nil, usageFailure(cmd, "%v", err)
		}
		defer file.Close() //nolint:errcheck // it is only read
		entries, err := j.CheckHAR(file)
		if err != nil {
			return nil, usageFailure(cmd, "%s: %s", inputName(path), oneLine(err))
		}
		return entries, nil
	})
	if err != nil {
		return err
	}
	unjudged := map[string]int{}
	for _, entry := range entries {
		if entry.Unjudged != "" {
			unjudged[string(entry.Unjudged)]++
		}
	}
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(unjudged)) {
		reasons = append(reasons, fmt.Sprintf("%s: %d", reason, unjudged[reason]))
	}
	if len(reasons) > 0 {
		p.say("of %s not judged, or not whole: %s", entriesText(len(entries)), strings.Join(reasons, ", "))
	}
	return j.report(p, cmd)
}

func entriesText(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprint(n, " entries")
}
