package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// check runs the tests with no fault and with each, and writes what came of it.
func check(ctx context.Context, root string, mutants []mutant, out io.Writer) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	overlays, err := layOver(root, scratch, mutants)
	if err != nil {
		return err
	}
	if passed, output, err := test(ctx, root, ""); err != nil || !passed {
		return errors.Join(fmt.Errorf("the tests fail without a fault:\n%s", output), err)
	}

	var (
		workers  sync.WaitGroup
		next     = make(chan int)
		mu       sync.Mutex // of what follows
		killed   int
		problems []error
	)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				passed, output, err := test(ctx, root, overlays[i])
				mu.Lock()
				switch name := mutants[i].Name; {
				case err != nil:
					problems = append(problems, fmt.Errorf("mutant %q proves nothing: %w\n%s", name, err, output))
				case passed:
					fmt.Fprintln(out, "SURVIVED", name)
				default:
					killed++
					fmt.Fprintln(out, "killed", name)
				}
				mu.Unlock()
			}
		})
	}
	for i := range mutants {
		next <- i
	}
	close(next)
	workers.Wait()
	fmt.Fprintf(out, "%d of %d mutants killed\n", killed, len(mutants))
	if survived := len(mutants) - killed - len(problems); survived > 0 {
		problems = append(problems, fmt.Errorf("%d survived: add the tests that notice them", survived))
	}
	return errors.Join(problems...)
}

// layOver writes the mutants' files to a directory and returns the overlay of each, for -overlay.
func layOver(root, directory string, mutants []mutant) ([]string, error) {
	overlays := make([]string, len(mutants))
	var errs []error
	for i, m := range mutants {
		source, err := m.apply(root)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		file := filepath.Join(directory, fmt.Sprint(i, ".go"))
		overlays[i] = filepath.Join(directory, fmt.Sprint(i, ".json"))
		overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.File): file}})
		errs = append(errs, os.WriteFile(file, source, 0o600), os.WriteFile(overlays[i], overlay, 0o600))
	}
	return overlays, errors.Join(errs...)
}

// test reports whether the tests pass under an overlay, or "" for none. Tests that do not end in a minute fail. That
// the tests could not be run is an error.
func test(ctx context.Context, root, overlay string) (passed bool, output []byte, err error) {
	args := []string{"test", "-vet=off", "-failfast", "-timeout=60s", "-overlay=" + overlay}
	for _, directory := range packages {
		args = append(args, "./"+directory)
	}
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the file of the overlay is our own
	command.Dir = root
	command.Env = os.Environ()
	if overlay != "" {
		// So that a fault reaches no real host. Loopback has no proxy.
		command.Env = append(command.Env, "HTTP_PROXY=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9")
	}
	output, err = command.CombinedOutput()
	switch failed := (*exec.ExitError)(nil); {
	case err == nil:
		return true, output, nil
	case ctx.Err() != nil:
		return false, nil, ctx.Err()
	case !errors.As(err, &failed):
		return false, output, err
	case !bytes.Contains(output, []byte("\nFAIL\t")) && !bytes.HasPrefix(output, []byte("FAIL\t")),
		bytes.Contains(output, []byte("[build failed]")), bytes.Contains(output, []byte("[setup failed]")):
		return false, output, errors.New("the tests could not be built or run")
	}
	return false, output, nil
}
