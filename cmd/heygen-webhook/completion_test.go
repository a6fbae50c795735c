package main

import (
	"slices"
	"strings"
	"testing"
)

func TestCompletionNeedsNoKey(t *testing.T) {
	t.Parallel()
	for shell, want := range map[string]string{
		"bash": "complete -o bashdefault -o default -F _heygen_webhook heygen-webhook\n",
		"zsh":  "#compdef heygen-webhook\n",
		"fish": "complete -c heygen-webhook ",
		"pwsh": "Register-ArgumentCompleter -Native -CommandName heygen-webhook ",
	} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			o := newScene(t).with(map[string]string{"HEYGEN_API_KEY": ""}).run(t, "completion", shell)
			if o.code != 0 || o.stderr != "" || !strings.Contains(o.stdout, want) {
				t.Errorf("%+v\nwant %q in stdout", o, want)
			}
		})
	}
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		words string // separated by blanks; the last is completed
		want  []string
	}{
		{"", []string{"update", "apply", "sandbox", "contract", "spec", "completion", "version"}},
		{"ver", []string{"version"}},
		{"contract ", []string{"check", "har", "proxy"}},
		{"contract proxy --r", []string{"--refuse", "--report"}},
		{"contract har --report ", []string{"text", "json", "junit", "sarif"}},
		{"contract har -report s", []string{"sarif"}},
		{"contract har --report=j", []string{"--report=json", "--report=junit"}},
		{"contract har --report=text --document ", []string{"corrected", "published"}},
		{"version --", []string{"--output", "--help"}},
		{"version --output text --out", []string{"--output"}},
		{"update --endpoint-id update --all", []string{"--all-events"}}, // a value is not a command
		{"update --all-events --sand", []string{"--sandbox"}},

		// The shell completes files, or nothing.
		{"update ", nil},
		{"update --url ", nil},
		{"update --url --a", nil},
		{"update --dry-run=", nil},
		{"update --unknown=", nil},
		{"contract har ", nil},
		{"apply -f ", nil},
		{"contract har -- --", nil},
		{"-", []string{"--help"}},
		{"nothing --re", []string{}},
	}
	for _, test := range tests {
		t.Run(test.words, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			o := s.run(t, append([]string{completeWord}, strings.Split(test.words, " ")...)...)
			var got []string
			for line := range strings.Lines(o.stdout) {
				candidate, _, described := strings.Cut(line, "\t")
				if got = append(got, candidate); !described {
					t.Errorf("no tab in %q", line)
				}
			}
			if o.code != 0 || o.stderr != "" || !slices.Equal(got, test.want) {
				t.Errorf("%+v\nwant %q", o, test.want)
			}
			if calls := s.server.Calls(); len(calls) != 0 {
				t.Errorf("%d calls", len(calls))
			}
		})
	}
	if o := newScene(t).run(t, completeWord); o != (outcome{}) {
		t.Errorf("without a word: %+v", o)
	}
}
