// Command generate writes generated/ and the request builders of tests/operations with oapi-codegen. -C names the root
// of the repository, which is otherwise the parent of the working directory.
package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/heygen-go/heygen/tools/generate"
)

func main() {
	root := flag.String("C", "..", "the repository's root `directory`")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	corrected, err := os.ReadFile(filepath.Join(root, "api", "corrected.json"))
	if err != nil {
		return err
	}
	files, err := generate.Module(root, corrected)
	if err != nil {
		return fmt.Errorf("api/corrected.json: %w", err)
	}
	operations, err := generate.Operations(root)
	if err != nil {
		return fmt.Errorf("tests/operations/openapi.yaml: %w", err)
	}
	maps.Copy(files, operations)
	for name, content := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
