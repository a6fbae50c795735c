// Command generate makes everything that is made from api/ and, of version 3 of the API, from api/v3. openapi.json
// holds the definitions of the published pages, corrected.json is that with the corrections applied, and
// docs/deviations.md has the corrections for readers; the first and the last are of version 1 alone. generated/ comes
// from oapi-codegen. -C names the root of the repository, which is otherwise the parent of the working directory.
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
	g, files := generate.New(root), generate.Files{}
	for _, api := range []document.API{document.V1, document.V3} {
		made, err := documents(root, api)
		if err != nil {
			return err
		}
		code, err := g.Module(ctx, api, made[api.Corrected()])
		if err != nil {
			return fmt.Errorf("%s: %w", api.Corrected(), err)
		}
		maps.Copy(files, made)
		maps.Copy(files, code)
	}
	return write(root, files)
}

// documents returns the documents of a version of the API.
func documents(root string, api document.API) (generate.Files, error) {
	pages, err := api.VendoredPages(root)
	if err != nil {
		return nil, err
	}
	published, err := document.Union(pages)
	if err != nil {
		return nil, fmt.Errorf("union of the pages: %w", err)
	}
	corrections, err := api.Corrections(root)
	if err != nil {
		return nil, err
	}
	corrected, err := document.Correct(published, corrections)
	if err != nil {
		return nil, fmt.Errorf("%s/corrections.yaml: %w", api.Dir, err)
	}
	files := generate.Files{api.Corrected(): corrected}
	if api == document.V1 {
		files["openapi.json"] = published
		if files["docs/deviations.md"], err = document.Deviations(corrections); err != nil {
			return nil, fmt.Errorf("%s/corrections.yaml: %w", api.Dir, err)
		}
	}
	return files, nil
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
