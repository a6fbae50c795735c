// Command generate makes everything that is made from api/. openapi.json holds the definitions of the published pages,
// api/corrected.json is that with the corrections applied, and docs/deviations.md has the corrections for readers.
// generated/ and the request builders of tests/operations come from oapi-codegen. -C names the root of the repository,
// which is otherwise the parent of the working directory.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/generate"
)

func main() {
	root := flag.String("C", "..", "the repository's root `directory`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *root)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", document.Plain(err.Error())) // it can quote the document
		os.Exit(1)
	}
}

// run writes nothing unless everything can be made.
func run(ctx context.Context, root string) error {
	files, err := documents(root)
	if err != nil {
		return err
	}
	code, err := generate.Module(ctx, root, files[correctedName])
	if err != nil {
		return fmt.Errorf("%s: %w", correctedName, err)
	}
	operations, err := generate.Operations(ctx, root)
	if err != nil {
		return fmt.Errorf("tests/operations/openapi.yaml: %w", err)
	}
	maps.Copy(files, code)
	maps.Copy(files, operations)
	return write(root, files)
}

const correctedName = "api/corrected.json"

// documents returns the documents.
func documents(root string) (generate.Files, error) {
	pages, err := document.VendoredPages(root)
	if err != nil {
		return nil, err
	}
	published, err := document.Union(pages)
	if err != nil {
		return nil, fmt.Errorf("union of the pages: %w", err)
	}
	corrections, err := os.ReadFile(filepath.Join(root, "api", "corrections.yaml"))
	if err != nil {
		return nil, err
	}
	corrected, err := document.Correct(published, corrections)
	if err != nil {
		return nil, fmt.Errorf("api/corrections.yaml: %w", err)
	}
	deviations, err := document.Deviations(corrections)
	if err != nil {
		return nil, fmt.Errorf("api/corrections.yaml: %w", err)
	}
	return generate.Files{"openapi.json": published, correctedName: corrected, "docs/deviations.md": deviations}, nil
}

func write(root string, files generate.Files) error {
	for name, content := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
