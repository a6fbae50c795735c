package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/tests/bench/report"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// measureCommand measures the command line: its size, its start, and apply beside a plain loop over the client.
func measureCommand(r *report.Report, _ int) error {
	const starts, rounds = 21, 7
	dir, err := os.MkdirTemp("", "heygen-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	_, err = goTool("build", "-trimpath", "-ldflags", "-s -w", "-o", dir, "./cmd/heygen-webhook", "./tests/bench/loop")
	if err != nil {
		return err
	}
	command, loop := filepath.Join(dir, "heygen-webhook"), filepath.Join(dir, "loop")
	info, err := os.Stat(command)
	if err != nil {
		return err
	}
	r.Ratio("command-megabytes", float64(info.Size())/1e6, 20)
	var started []float64
	for range starts {
		seconds, err := timed(program(command, "--help"))
		if err != nil {
			return err
		}
		started = append(started, seconds*1e3)
	}
	r.Ratio("command-start-milliseconds", middle(started), 30)
	return measureApply(r, rounds, dir, command, loop)
}

// measureApply lets both change the same endpoints of one sandbox, in turns, each in a process of its own.
func measureApply(r *report.Report, rounds int, dir, command, loop string) error {
	const endpoints, concurrency = 10_000, 8
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	var state bytes.Buffer
	for i := range endpoints {
		sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: fmt.Sprint("e", i)})
		fmt.Fprintf(&state, `{"endpoint_id":"e%d","url":"https://example.com/hook/%[1]d"}`+"\n", i)
	}
	input := filepath.Join(dir, "endpoints.jsonl")
	if err := os.WriteFile(input, state.Bytes(), 0o600); err != nil {
		return err
	}
	var applied, looped []float64
	for round := range rounds {
		results := filepath.Join(dir, fmt.Sprint("results-", round))
		apply := program(command, "apply", "--file", input, "--results", results,
			"--base-url", sandbox.URL, "--concurrency", strconv.Itoa(concurrency))
		apply.Env = append(os.Environ(), "HEYGEN_API_KEY="+sandbox.APIKey)
		plain := program(loop, sandbox.URL, sandbox.APIKey,
			strconv.Itoa(endpoints), strconv.Itoa(concurrency))
		both := []struct {
			cmd     *exec.Cmd
			seconds *[]float64
		}{{plain, &looped}, {apply, &applied}}
		if round%2 == 1 {
			slices.Reverse(both)
		}
		for _, one := range both {
			seconds, err := timed(one.cmd)
			if err != nil {
				return err
			}
			*one.seconds = append(*one.seconds, seconds)
		}
	}
	r.Figure("apply-10000-endpoints", middle(applied), "s")
	r.Figure("loop-10000-endpoints", middle(looped), "s")
	r.Ratio("apply-to-plain-loop", middle(applied)/middle(looped), 1.5)
	return nil
}

func program(path string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), path, args...) //nolint:gosec // one that was just built
}

// timed runs a program and returns the seconds it took.
func timed(cmd *exec.Cmd) (float64, error) {
	start := time.Now()
	if output, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, output)
	}
	return time.Since(start).Seconds(), nil
}
