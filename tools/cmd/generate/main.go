// Command generate writes generated/ and the request builders of tests/operations with oapi-codegen. -C names the root
// of the repository, which is otherwise the parent of the working directory.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/heygen-go/heygen/tools/document"
)

// source is a document, its names if there are any, and the arguments of oapi-codegen for each file made of both.
type source struct {
	document, names string
	outputs         [][]string
}

var sources = []source{
	{"api/corrected.json", "api/names.yaml", [][]string{
		{"-config", "api/generated.yaml", "-o", "generated/heygen.gen.go"},
		{"-config", "api/generated-server.yaml"},
	}},
	{"tests/operations/openapi.yaml", "", [][]string{
		{"-config", "api/generated.yaml", "-package", "operations", "-o", "tests/operations/operations.gen.go"},
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
	var all errgroup.Group
	for i, source := range sources {
		input := filepath.Join(scratch, fmt.Sprintf("%d.json", i))
		all.Go(func() error {
			if err := source.prepare(root, input); err != nil {
				return fmt.Errorf("%s: %w", source.document, err)
			}
			for _, args := range source.outputs {
				all.Go(func() error { return source.generate(root, input, args) })
			}
			return nil
		})
	}
	return all.Wait()
}

// prepare writes the generator's input: the document with its names.
func (s source) prepare(root, input string) error {
	content, err := os.ReadFile(filepath.Join(root, s.document))
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
	if s.names != "" {
		if names, err = os.ReadFile(filepath.Join(root, s.names)); err != nil {
			return err
		}
	}
	named, err := document.Name(definition, names)
	if err != nil {
		return err
	}
	return os.WriteFile(input, named, 0o600)
}

func (s source) generate(root, input string, args []string) error {
	args = append([]string{"tool", "-modfile=tools/go.mod", "oapi-codegen"}, append(args, input)...)
	//nolint:noctx,gosec // it ends by itself; what it runs is in this file
	command := exec.Command("go", args...)
	command.Dir = root
	command.Env = append(os.Environ(), "PWD="+root)
	if output, err := command.CombinedOutput(); err != nil {
		output = bytes.ReplaceAll(bytes.TrimSpace(output), []byte(input), []byte(s.document))
		return fmt.Errorf("oapi-codegen, of %s: %w\n%s", s.document, err, output)
	}
	return nil
}
