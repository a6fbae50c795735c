// Command heygen-webhook lists, creates, changes and deletes HeyGen's webhook endpoints from the command line.
//
//	heygen-webhook endpoints list
//	heygen-webhook endpoints update --endpoint-id ID --url https://example.com/hook
//
// It also serves a fake HeyGen, receives and sends deliveries, checks exchanges and receivers, and prints the OpenAPI
// document of the API.
//
// Results go to stdout and errors to stderr, as text or, with --output json, as JSON in one line. Exit codes: 0 done,
// 1 failed, 2 usage, 3 authentication, 4 timeout, 130 canceled.
package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/urfave/cli/v3"
)

const name = "heygen-webhook"

func main() {
	signal.Ignore(syscall.SIGPIPE) // so that a closed stdout is an error of the write, and ends no call under way
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args, os.Stdout, os.Stderr, os.Getenv))
}

// program has the parts that the commands share.
type program struct {
	stdout *rememberingWriter
	stderr io.Writer
	getenv func(string) string
	json   bool     // stderr is JSON
	notes  []string // see note
}

// run is the whole program, and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	p := &program{
		stdout: &rememberingWriter{w: stdout, json: asksForJSON(args)}, stderr: stderr, getenv: getenv,
		json: asksForJSON(args),
	}
	err := p.root().Run(ctx, args)
	if p.stdout.err != nil && !isBrokenPipe(p.stdout.err) {
		err = unwritable(p.stdout.err)
	}
	if err != nil {
		return p.report(err)
	}
	if p.json && len(p.notes) > 0 {
		printJSON(p.stderr, stderrDocument{Notes: p.notes})
	}
	return 0
}

func (p *program) root() *cli.Command {
	root := &cli.Command{
		Name:    name,
		Usage:   "list, create, change and delete HeyGen's webhook endpoints",
		Version: moduleVersion(),
		Description: "Not affiliated with HeyGen. endpoints, event-types and events use version 3 of its API. update and\n" +
			"apply use version 1, which is past its announced end, " + endOfV1 + ", unless --api v3 is given.",
		Commands: []*cli.Command{
			p.endpointsCommand(), p.eventTypesCommand(), p.eventsCommand(), p.updateCommand(), p.applyCommand(),
			p.sandboxCommand(), p.listenCommand(), p.deliverCommand(), p.contractCommand(), p.specCommand(),
		},
		EnableShellCompletion: true,
		ConfigureShellCompletionCommand: func(cmd *cli.Command) {
			cmd.Hidden = false
			cmd.Usage = "print the completion script of bash, zsh, fish or pwsh"
			cmd.Description += "\nThe scripts are those of github.com/urfave/cli. Careful: the bash script\n" +
				"evaluates the typed line at every Tab. Tab after > file overwrites the file,\n" +
				"and Tab after $(command) runs the command. Type these after your last Tab."
			prepare(cmd)
		},
		Writer:         p.stdout,
		ErrWriter:      io.Discard,                                    // errors are reported in one place
		ArgValidator:   refuseArguments,                               // of every command
		ExitErrHandler: func(context.Context, *cli.Command, error) {}, // else cli ends the process
	}
	prepare(root)
	return root
}

// prepare gives a command, and each command below it, the parts that all have.
func prepare(cmd *cli.Command) {
	cmd.OnUsageError = usageError
	cmd.Description = strings.TrimPrefix(cmd.Description+"\n\nExit codes: "+exitCodes, "\n\n")
	for _, below := range cmd.Commands {
		prepare(below)
	}
}

// refuseArguments refuses arguments that are neither a flag nor a command.
func refuseArguments(_ context.Context, cmd *cli.Command) error {
	first := cmd.Args().First()
	switch {
	case cmd.Args().Len() == 0 || cmd.Name == "help":
		return nil
	case len(cmd.VisibleCommands()) > 0:
		return usageFailure(cmd, "there is no command %q", first)
	default:
		return usageFailure(cmd, "unexpected argument %q", first)
	}
}

// withExamples adds a section to the help of a command. The tests run each line of it.
func withExamples(cmd *cli.Command, lines ...string) *cli.Command {
	cmd.CustomHelpTemplate = cli.CommandHelpTemplate + "\nEXAMPLES:\n   " + strings.Join(lines, "\n   ") + "\n"
	return cmd
}

// moduleVersion is the version of the module that the program was built from.
func moduleVersion() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	return cmp.Or(build.Main.Version, "(devel)")
}
