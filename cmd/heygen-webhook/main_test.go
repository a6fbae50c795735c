package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

var update = flag.Bool("update", false, "write the golden transcripts in testdata")

const (
	testKey    = "key-7d1f0c55a2"
	testSecret = "whsec_ZvRV3QFE12WZ"
)

// endOfV1Line is what update and apply print on stderr before they use version 1 of the API.
const endOfV1Line = "heygen-webhook: version 1 of HeyGen's API is past its announced end, 2026-10-31: " +
	"use --api v3 or heygen-webhook endpoints update\n"

// scene is the environment that a test runs the program in.
type scene struct {
	server *heygentest.Server
	env    map[string]string
}

// newScene starts a sandbox that holds the endpoint e1 and to which the environment points.
func newScene(t *testing.T, faults ...heygentest.Fault) scene {
	t.Helper()
	server := heygentest.NewServer(heygentest.WithAPIKey(testKey))
	t.Cleanup(server.Close)
	server.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "e1",
		URL:        "https://example.com/old",
		Events:     heygen.OnlyEvents("avatar_video.success"),
		Secret:     heygen.NewSecret(testSecret),
	})
	server.Next(faults...)
	return scene{server, map[string]string{"HEYGEN_API_KEY": testKey, "HEYGEN_BASE_URL": server.URL}}
}

func (s scene) with(env map[string]string) scene {
	s.env = maps.Clone(s.env)
	maps.Copy(s.env, env)
	return s
}

type outcome struct {
	code           int
	stdout, stderr string
}

func (s scene) run(t *testing.T, args ...string) outcome {
	t.Helper()
	return s.runUntil(t.Context(), t, args...)
}

// runUntil runs the program. Its output must not have the key, a control character of terminals or, unless asked for,
// the secret.
func (s scene) runUntil(ctx context.Context, t *testing.T, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	getenv := func(name string) string { return s.env[name] }
	code := run(ctx, append([]string{name}, args...), &stdout, &stderr, getenv)
	o := outcome{code, stdout.String(), stderr.String()}
	hidden := []string{testKey, "sandbox-key", "\x1b"}
	if !strings.Contains(strings.Join(args, " "), "--show-secret") {
		hidden = append(hidden, testSecret, "whsec_")
	}
	for _, text := range hidden {
		if strings.Contains(o.stdout+o.stderr, text) {
			t.Errorf("%q prints %q:\n%s%s", args, text, o.stdout, o.stderr)
		}
	}
	return o
}

// transcript runs the program and returns the text that a terminal would show.
func (s scene) transcript(t *testing.T, args ...string) string {
	t.Helper()
	return shown(args, s.run(t, args...))
}

func shown(args []string, o outcome) string {
	quoted := []string{name}
	for _, arg := range args {
		if arg == "" || strings.ContainsAny(arg, " &?*~$\"'") {
			arg = "'" + arg + "'"
		}
		quoted = append(quoted, arg)
	}
	text := fmt.Sprintf("$ %s\n%s", strings.Join(quoted, " "), o.stdout)
	if o.stderr != "" {
		text += "--- stderr ---\n" + o.stderr
	}
	return text + fmt.Sprintf("--- exit code %d ---\n", o.code)
}

// Texts that differ between runs and builds.
var (
	port      = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	userAgent = regexp.MustCompile(`heygen-go/(devel|v\d[\w.+-]*)`)
)

// golden compares with testdata/file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	got = port.ReplaceAllString(got, "127.0.0.1:PORT")
	got = userAgent.ReplaceAllString(got, "heygen-go/VERSION")
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s\nwant:\n%s", path, got, want)
	}
}

// Help needs neither a key nor a server, and fits the line of a terminal that is not narrow.
func TestHelp(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"help.txt":            nil,
		"help-update.txt":     {"update", "--help"},
		"help-apply.txt":      {"apply", "--help"},
		"help-sandbox.txt":    {"sandbox", "--help"},
		"help-listen.txt":     {"listen", "--help"},
		"help-deliver.txt":    {"deliver", "--help"},
		"help-completion.txt": {"completion", "--help"},

		"help-endpoints.txt":               {"endpoints", "--help"},
		"help-endpoints-list.txt":          {"endpoints", "list", "--help"},
		"help-endpoints-create.txt":        {"endpoints", "create", "--help"},
		"help-endpoints-update.txt":        {"endpoints", "update", "--help"},
		"help-endpoints-delete.txt":        {"endpoints", "delete", "--help"},
		"help-endpoints-rotate-secret.txt": {"endpoints", "rotate-secret", "--help"},
		"help-event-types.txt":             {"event-types", "--help"},
		"help-events.txt":                  {"events", "--help"},

		"help-contract.txt":       {"contract", "--help"},
		"help-contract-check.txt": {"contract", "check", "--help"},
		"help-contract-har.txt":   {"contract", "har", "--help"},
		"help-contract-proxy.txt": {"contract", "proxy", "--help"},

		"help-contract-receiver.txt": {"contract", "receiver", "--help"},

		"help-spec.txt":            {"spec", "--help"},
		"help-spec-show.txt":       {"spec", "show", "--help"},
		"help-spec-deviations.txt": {"spec", "deviations", "--help"},
	}
	for file, args := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			text := newScene(t).with(map[string]string{"HEYGEN_API_KEY": ""}).transcript(t, args...)
			golden(t, file, strings.ReplaceAll(text, moduleVersion(), "VERSION"))
			for line := range strings.SplitSeq(text, "\n") {
				if len(line) > 120 {
					t.Errorf("%d columns: %s", len(line), line)
				}
			}
		})
	}
}

func TestHelpIsTheSameInEveryForm(t *testing.T) {
	t.Parallel()
	for _, forms := range [][][]string{
		{{}, {"--help"}, {"-h"}, {"help"}},
		{{"update", "--help"}, {"update", "-h"}, {"help", "update"}, {"update", "help"}, {"update", "--url", "x", "--help"}},
	} {
		want := newScene(t).run(t, forms[0]...)
		for _, args := range forms {
			if got := newScene(t).run(t, args...); got != want || got.code != 0 || got.stderr != "" {
				t.Errorf("%q: %+v\nwant %+v", args, got, want)
			}
		}
	}
}
