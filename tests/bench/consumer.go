package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/heygen-go/heygen/tests/bench/report"
)

// measureConsumer measures what an importer of the client pays beyond its own code. It runs in the repository's root.
func measureConsumer(r *report.Report, _ int) error {
	const consumer = "tests/testdata/consumer"
	dir, err := os.MkdirTemp("", "heygen-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	sizes := map[string]float64{}
	for _, program := range []string{"importer", "handwritten"} {
		binary := filepath.Join(dir, program)
		if _, err := goTool("build", "-trimpath", "-o", binary, "./tests/bench/"+program); err != nil {
			return err
		}
		info, err := os.Stat(binary)
		if err != nil {
			return err
		}
		sizes[program] = float64(info.Size())
		r.Figure("consumer-binary-"+program, sizes[program]/1e6, "MB")
	}
	// 1.10 was the aim. The JSON library that reads names and duplicates strictly costs more than that by itself.
	r.Ratio("consumer-binary-to-handwritten", sizes["importer"]/sizes["handwritten"], 1.15)

	packages, err := goTool("list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./wrapper")
	if err != nil {
		return err
	}
	r.Figure("consumer-packages", float64(len(strings.Fields(packages))), "packages beyond the standard library")
	sums, err := os.ReadFile(filepath.Join(consumer, "go.sum"))
	if err != nil {
		return err
	}
	r.Figure("consumer-go.sum", float64(bytes.Count(sums, []byte("\n"))), "lines")
	modules, err := goTool("list", "-C", consumer, "-m", "-f",
		"{{if not (or .Main .Replace)}}{{.Path}} {{.Version}}{{end}}", "all")
	if err != nil {
		return err
	}
	raised := slices.DeleteFunc(strings.Split(modules, "\n"), func(module string) bool { return module == "" })
	r.Figure("consumer-minimum-versions", float64(len(raised)), "modules whose version it sets a minimum for")
	for _, module := range raised {
		r.Line("MINIMUM", module)
	}
	return nil
}

// goTool runs the go command and returns what it prints.
func goTool(args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "go", args...) //nolint:gosec // the go command
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}
