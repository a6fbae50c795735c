//go:build shells && unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is typed before Tab is pressed, and the last word then.
var completions = []struct{ typed, want string }{
	{"upd", "update"},
	{"contract pro", "proxy"},
	{"completion fi", "fish"},
	{"update --endp", "--endpoint-id"},
	{"update --endpoint-id 'a b' --all-e", "--all-events"},
	{"update --url https://example.com/hook --output j", "json"},
	{"contract har --report sa", "sarif"},
	{"contract har --report=ju", "--report=junit"},
	{"contract har --report=junit --doc", "--document"},
	{"contract har traf", "traffic.har"},
	{"apply --file endp", "endpoints.yaml"},
}

// In bash, zsh and fish somebody types; PowerShell is asked what it would offer.
func TestShellsComplete(t *testing.T) {
	t.Parallel()
	for shell, load := range map[string]string{
		"bash --norc --noprofile -i": "source <($PROGRAM completion bash)",
		"zsh -f -i":                  "autoload -Uz compinit; compinit -D -u; source <($PROGRAM completion zsh)",
		"fish --no-config -i":        "$PROGRAM completion fish | source",
	} {
		name, _, _ := strings.Cut(shell, " ")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustHave(t, name, "script")
			keys := load + "\n"
			for _, c := range completions {
				keys += "heygen-webhook " + c.typed + "\t\n"
			}
			// What stands in a line that is not run must not be run by its completion.
			keys += "heygen-webhook update --url $(touch evaluated) --endp\t\x15\nexit\n"
			home, screen := typeInto(t, shell, keys)
			ran, err := os.ReadFile(filepath.Join(home, "ran"))
			if err != nil {
				t.Fatalf("%v\n%s", err, screen)
			}
			var want strings.Builder
			for _, c := range completions {
				fmt.Fprintln(&want, c.want)
			}
			if string(ran) != want.String() {
				t.Errorf("ran with\n%s\nwant\n%s\n%s", ran, &want, screen)
			}
			if _, err := os.Stat(filepath.Join(home, "evaluated")); err == nil {
				t.Error("completion has evaluated the line")
			}
		})
	}
	t.Run("pwsh", func(t *testing.T) {
		t.Parallel()
		mustHave(t, "pwsh")
		for _, c := range completions {
			cmd := command(t, newScene(t), `pwsh -NoProfile -NonInteractive -Command "$COMPLETE"`)
			cmd.Env = append(cmd.Env, "LINE=heygen-webhook "+c.typed, "COMPLETE=heygen-webhook completion pwsh | Out-String | "+
				"Invoke-Expression; (TabExpansion2 $env:LINE $env:LINE.Length).CompletionMatches.CompletionText")
			output, err := cmd.CombinedOutput()
			if got := strings.TrimPrefix(strings.TrimSpace(string(output)), "./"); err != nil || got != c.want {
				t.Errorf("%s: %v, %q, want %q", c.typed, err, got, c.want)
			}
		}
	})
}

func mustHave(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing, so nothing is known of completion in it", program)
		}
	}
}

// typeInto types into the terminal of a shell, in which a script stands for the program: it writes down its last word,
// in the file ran of the home, unless it is asked for candidates.
func typeInto(t *testing.T, shell, keys string) (home string, screen []byte) {
	t.Helper()
	cmd := command(t, newScene(t), `script -qec "`+shell+`" /dev/null`)
	directory, err := build()
	if err != nil {
		t.Fatal(err)
	}
	stand, program := t.TempDir(), filepath.Join(directory, name)
	script := `#!/bin/sh
[ "$1" = ` + completeWord + ` ] && exec "$PROGRAM" "$@"
for word; do :; done
echo "$word" >>"$HOME/ran"
`
	if err := os.WriteFile(filepath.Join(stand, name), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "PATH="+stand+":"+os.Getenv("PATH"), "PROGRAM="+program, "TERM=xterm")
	cmd.Stdin = strings.NewReader(keys)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &output)
	}
	return cmd.Dir, output.Bytes()
}
