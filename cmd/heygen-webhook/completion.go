package main

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// scripts has the script of each shell. They ask the program itself, and never let the shell evaluate the line that is
// completed: it may hold a redirection, or a command to substitute.
//
//go:embed completion
var scripts embed.FS

func (p *program) completionCommand() *cli.Command {
	command := &cli.Command{
		Name:         "completion",
		Usage:        "print the completion script of a shell",
		Description:  "The help of each shell says where its script belongs.\n\nExit codes: " + exitCodes,
		OnUsageError: usageError,
	}
	for _, shell := range []struct{ name, load string }{
		{"bash", "In ~/.bashrc:\n\n" +
			"   eval \"$(" + name + " completion bash)\"\n\nIt needs no package such as bash-completion."},
		{"zsh", "In ~/.zshrc, after compinit:\n\n   source <(" + name + " completion zsh)"},
		{"fish", "Once:\n\n   " + name + " completion fish > ~/.config/fish/completions/" + name + ".fish"},
		{"pwsh", "In $PROFILE, for PowerShell 7.3 or newer:\n\n   " +
			name + " completion pwsh | Out-String | Invoke-Expression"},
	} {
		command.Commands = append(command.Commands, withExamples(&cli.Command{
			Name:         shell.name,
			Usage:        "print the completion script of " + shell.name,
			UsageText:    name + " completion " + shell.name,
			Description:  shell.load + "\n\nExit codes: " + exitCodes,
			OnUsageError: usageError,
			Action: func(context.Context, *cli.Command) error {
				script, err := scripts.ReadFile("completion/" + shell.name)
				if err == nil {
					_, _ = p.stdout.Write(script) // a failed write is remembered
				}
				return err
			},
		}, name+" completion "+shell.name))
	}
	return command
}

// choices are the values of the flags that take one of a few.
var choices = map[string][]string{
	"output":   {"text", "json"},
	"report":   {"text", "json", "junit", "sarif"},
	"document": {"corrected", "published"}, // or a file
}

// oneOf is the validator of a flag that takes nothing but one of its choices.
func oneOf(flag string) func(string) error {
	return func(value string) error {
		if list := choices[flag]; !slices.Contains(list, value) {
			last := len(list) - 1
			return fmt.Errorf("it must be %s or %s", strings.Join(list[:last], ", "), list[last])
		}
		return nil
	}
}

// completeWord is the first word of what a completion script runs. It is followed by the words of a command line, up to
// the one that is completed, which may be empty.
const completeWord = "__complete"

// complete prints what can stand for the last word: a candidate a line, and behind a tab what it does. It prints
// nothing where a file or a free text is wanted.
func (p *program) complete(words []string) {
	cmd, last := p.root(), len(words)-1
	if last < 0 {
		return
	}
	waiting := "" // the flag whose value is next
	for _, word := range words[:last] {
		switch sub := cmd.Command(word); {
		case waiting != "":
			waiting = ""
		case word == "--":
			return
		case sub != nil:
			cmd = sub
		default:
			waiting = flagThatWaits(cmd, word)
		}
	}
	current := words[last]
	flag, _, joined := strings.Cut(current, "=")
	offer := func(candidate, usage string) {
		if strings.HasPrefix(candidate, current) {
			fmt.Fprintf(p.stdout, "%s\t%s\n", candidate, strings.ReplaceAll(usage, "`", ""))
		}
	}
	switch {
	case waiting != "":
		for _, value := range choices[waiting] {
			offer(value, "")
		}
	case joined && strings.HasPrefix(flag, "-"):
		for _, value := range choices[flagThatWaits(cmd, flag)] {
			offer(flag+"="+value, "")
		}
	case strings.HasPrefix(current, "-"):
		for _, flag := range cmd.Flags {
			if documented, ok := flag.(cli.DocGenerationFlag); ok {
				offer("--"+flag.Names()[0], documented.GetUsage())
			}
		}
		offer("--help", "show help")
	default:
		for _, sub := range cmd.Commands {
			offer(sub.Name, sub.Usage)
		}
	}
}

// flagThatWaits is the name of the flag that a word names, if its value is to follow.
func flagThatWaits(cmd *cli.Command, word string) string {
	for _, flag := range cmd.Flags {
		documented, ok := flag.(cli.DocGenerationFlag)
		named := slices.Contains(flag.Names(), strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"))
		if strings.HasPrefix(word, "-") && named && ok && documented.TakesValue() {
			return flag.Names()[0]
		}
	}
	return ""
}
