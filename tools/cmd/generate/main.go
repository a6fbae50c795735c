// Command generate writes generated/: it lays api/names.yaml over api/corrected.json and runs oapi-codegen with each of
// its configurations. -C names the root of the repository, which is otherwise the parent of the working directory.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/heygen-go/heygen/tools/document"
)

var configurations = []string{"api/generated.yaml", "api/generated-server.yaml"}

func main() {
	root := flag.String("C", "..", "the repository's root `directory`")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	corrected, err := os.ReadFile(filepath.Join(root, "api", "corrected.json"))
	if err != nil {
		return err
	}
	names, err := os.ReadFile(filepath.Join(root, "api", "names.yaml"))
	if err != nil {
		return err
	}
	if err := document.CheckSupported(corrected); err != nil {
		return fmt.Errorf("api/corrected.json: %w", err)
	}
	named, err := document.Name(corrected, names)
	if err != nil {
		return fmt.Errorf("api/names.yaml: %w", err)
	}
	scratch, err := os.MkdirTemp("", "heygen-named-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	input := filepath.Join(scratch, "openapi.json")
	if err := os.WriteFile(input, named, 0o600); err != nil {
		return err
	}
	errs := make([]error, len(configurations))
	var all sync.WaitGroup
	for i, configuration := range configurations {
		all.Go(func() { errs[i] = generate(root, configuration, input) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func generate(root, configuration, input string) error {
	//nolint:noctx,gosec // it ends by itself; what it runs is in this file
	command := exec.Command("go", "tool", "-modfile=tools/go.mod", "oapi-codegen", "-config", configuration, input)
	command.Dir = root
	command.Env = append(os.Environ(), "PWD="+root)
	if output, err := command.CombinedOutput(); err != nil {
		output = bytes.ReplaceAll(bytes.TrimSpace(output), []byte(input), []byte("api/corrected.json"))
		return fmt.Errorf("oapi-codegen -config %s: %w\n%s", configuration, err, output)
	}
	return nil
}
