// Command generate writes generated/ and the request builders of tests/operations with oapi-codegen. -C names the root
// of the repository, which is otherwise the parent of the working directory.
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

// output is a file that oapi-codegen makes of a document and of its names, if there are any.
type output struct {
	document, names string
	args            []string // of oapi-codegen, without the document
}

var outputs = []output{
	{"api/corrected.json", "api/names.yaml", []string{"-config", "api/generated.yaml", "-o", "generated/heygen.gen.go"}},
	{"api/corrected.json", "api/names.yaml", []string{"-config", "api/generated-server.yaml"}},
	{"tests/operations/openapi.yaml", "", []string{
		"-config", "api/generated.yaml", "-package", "operations", "-o", "tests/operations/operations.gen.go",
	}},
}

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
	scratch, err := os.MkdirTemp("", "heygen-generate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	errs := make([]error, len(outputs))
	var all sync.WaitGroup
	for i, output := range outputs {
		all.Go(func() {
			if err := output.generate(root, filepath.Join(scratch, fmt.Sprintf("%d.json", i))); err != nil {
				errs[i] = fmt.Errorf("%s: %w", output.document, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// generate writes the output. It writes the document with its names to the file input.
func (o output) generate(root, input string) error {
	content, err := os.ReadFile(filepath.Join(root, o.document))
	if err != nil {
		return err
	}
	definition, err := document.Extract(content)
	if err != nil {
		return err
	}
	if err := document.CheckSupported(definition); err != nil {
		return err
	}
	var names []byte
	if o.names != "" {
		if names, err = os.ReadFile(filepath.Join(root, o.names)); err != nil {
			return err
		}
	}
	named, err := document.Name(definition, names)
	if err != nil {
		return err
	}
	if err := os.WriteFile(input, named, 0o600); err != nil {
		return err
	}
	args := append([]string{"tool", "-modfile=tools/go.mod", "oapi-codegen"}, o.args...)
	//nolint:noctx,gosec // it ends by itself; what it runs is in this file
	command := exec.Command("go", append(args, input)...)
	command.Dir = root
	command.Env = append(os.Environ(), "PWD="+root)
	if output, err := command.CombinedOutput(); err != nil {
		output = bytes.ReplaceAll(bytes.TrimSpace(output), []byte(input), []byte(o.document))
		return fmt.Errorf("oapi-codegen: %w\n%s", err, output)
	}
	return nil
}
