package main

import (
	"strings"

	"github.com/urfave/cli/v3"
)

// withExamples adds a section to the help of a command. The tests run each line of it.
func withExamples(cmd *cli.Command, lines ...string) *cli.Command {
	cmd.CustomHelpTemplate = cli.CommandHelpTemplate + "\nEXAMPLES:\n   " + strings.Join(lines, "\n   ") + "\n"
	return cmd
}
