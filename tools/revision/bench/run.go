package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/revision/internal/transaction"
)

// Operations of the documents that are measured.
const (
	present = 1
	few     = 50
	many    = 500
)

const vendored = "update-a-webhook-endpoint.md"

// cost is what a command takes with all that it runs.
type cost struct{ seconds, megabytes float64 }

// run compares with, and generates from, documents that take turns. It returns the medians by operations.
func run(ctx context.Context, root, scratch string, rounds int) (diff, generate map[int]cost, err error) {
	tree := filepath.Join(scratch, "tree")
	if err := transaction.Copy(ctx, root, tree); err != nil {
		return nil, nil, err
	}
	original, err := os.ReadFile(filepath.Join(tree, "api", vendored))
	if err != nil {
		return nil, nil, err
	}
	diffs, generations := map[int][]cost{}, map[int][]cost{}
	for round := range rounds + 1 {
		for _, operations := range []int{present, few, many} {
			revised, err := withOperations(original, operations)
			if err != nil {
				return nil, nil, err
			}
			name := filepath.Join(scratch, vendored)
			if err := errors.Join(os.WriteFile(name, revised, 0o600),
				os.WriteFile(filepath.Join(tree, "api", vendored), revised, 0o600)); err != nil {
				return nil, nil, err
			}
			d, err := spend(ctx, root, "make", "spec-diff", "DOC="+name)
			if err != nil {
				return nil, nil, err
			}
			g, err := spend(ctx, tree, "make", "generate")
			if err != nil {
				return nil, nil, err
			}
			if round > 0 { // the first round warms up
				diffs[operations] = append(diffs[operations], d)
				generations[operations] = append(generations[operations], g)
			}
		}
	}
	return medians(diffs), medians(generations), nil
}

// spend runs a command. That a document breaks something is no failure.
func spend(ctx context.Context, directory, name string, args ...string) (cost, error) {
	var output bytes.Buffer
	command := exec.CommandContext(ctx, name, args...) //nolint:gosec // it is make
	command.Dir, command.Stdout, command.Stderr = directory, &output, &output
	command.Env = append(os.Environ(), "PWD="+directory, "MAKEFLAGS=", "MAKELEVEL=")
	start := time.Now()
	err := command.Run()
	seconds := time.Since(start).Seconds()
	if err != nil && !strings.Contains(output.String(), "Error 3") {
		return cost{}, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &output)
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, errors.New("this system does not tell the memory of a process")
	}
	return cost{seconds, float64(usage.Maxrss) / 1024}, nil
}

func medians(costs map[int][]cost) map[int]cost {
	middle := func(all []cost, of func(cost) float64) float64 {
		var values []float64
		for _, c := range all {
			values = append(values, of(c))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	result := map[int]cost{}
	for operations, all := range costs {
		result[operations] = cost{
			middle(all, func(c cost) float64 { return c.seconds }), middle(all, func(c cost) float64 { return c.megabytes }),
		}
	}
	return result
}

// withOperations returns the page with a member added, so that it is another, and with copies of its operation.
func withOperations(page []byte, operations int) ([]byte, error) {
	definition, err := document.Extract(page)
	if err != nil {
		return nil, err
	}
	definition = bytes.Replace(definition,
		[]byte(`"username": {`), []byte(`"colour": {"type": "string"}, "username": {`), 1)
	var root map[string]any
	if err := json.Unmarshal(definition, &root); err != nil {
		return nil, err
	}
	paths, _ := root["paths"].(map[string]any)
	first, _ := paths["/v1/webhook/endpoint.update"].(map[string]any)
	operation, _ := first["patch"].(map[string]any)
	if operation == nil {
		return nil, errors.New("the page does not hold the operation to copy")
	}
	for i := 1; i < operations; i++ {
		another := maps.Clone(operation)
		another["operationId"] = fmt.Sprintf("update-a-thing-%d", i)
		paths[fmt.Sprintf("/v1/thing%d/endpoint.update", i)] = map[string]any{"patch": another}
	}
	text, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "# Update\n\n# OpenAPI definition\n\n```json\n%s\n```\n", text), nil
}
