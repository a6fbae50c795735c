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
		Name:        "version",
		Usage:       "print the versions of the program, of its document and of Go",
		UsageText:   name + " version [--output FORMAT]",
		Description: "The sha256 of the published document identifies its revision; several have the same version.",
		Flags:       []cli.Flag{outputFlag("`FORMAT`: text, or json in one line")},
		Action:      p.version,
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
	sum := fmt.Sprintf("%x", sha256.Sum256(openapi.Published()))
	if cmd.String("output") == "json" {
		printJSON(p.stdout, map[string]any{
			"version":  moduleVersion(),
			"document": map[string]string{"version": document.Info.Version, "sha256": sum},
			"go":       runtime.Version(),
		})
		return nil
	}
	fmt.Fprintf(p.stdout, "%s %s\ndocument %s, sha256 %s\n%s\n",
		name, moduleVersion(), document.Info.Version, sum, runtime.Version())
	return nil
}

// moduleVersion is the version of the module that the program was built from.
func moduleVersion() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	return cmp.Or(build.Main.Version, "(devel)")
}
