package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v3"

	openapi "github.com/heygen-go/heygen"
)

func (p *program) versionCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "version",
		Usage:     "print the versions of the program, of its document and of Go",
		UsageText: name + " version [--output FORMAT]",
		Description: "A document is known by its sha256, which is that of the published one: its version does not change\n" +
			"with every revision.\n\nExit codes: " + exitCodes,
		Flags:        []cli.Flag{outputFlag()},
		OnUsageError: usageError,
		Action:       p.version,
	}, name+" version", name+" version --output json")
}

func (p *program) version(_ context.Context, cmd *cli.Command) error {
	var document struct {
		Info struct {
			Version string `json:"version"`
		} `json:"info"`
	}
	if err := json.Unmarshal(openapi.Published(), &document); err != nil {
		return err
	}
	module := ""
	if build, ok := debug.ReadBuildInfo(); ok {
		module = build.Main.Version
	}
	module = cmp.Or(module, "(devel)")
	sum := fmt.Sprintf("%x", sha256.Sum256(openapi.Published()))
	if cmd.String("output") == "json" {
		printJSON(p.stdout, map[string]any{
			"version":  module,
			"document": map[string]string{"version": document.Info.Version, "sha256": sum},
			"go":       runtime.Version(),
		})
		return nil
	}
	fmt.Fprintf(p.stdout, "%s %s\ndocument %s, sha256 %s\n%s\n",
		name, module, document.Info.Version, sum, runtime.Version())
	return nil
}
