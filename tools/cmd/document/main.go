// Command document writes openapi.json, which holds the definitions of the published pages; api/corrected.json, which
// is that with the corrections applied; and docs/deviations.md, the corrections for readers. -C names the root of the
// repository, which is otherwise the parent of the working directory.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/heygen-go/heygen/tools/document"
)

func main() {
	root := flag.String("C", "..", "the repository's root `directory`")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "document:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	pages, err := document.VendoredPages(root)
	if err != nil {
		return err
	}
	published, err := document.Union(pages)
	if err != nil {
		return fmt.Errorf("union of the pages: %w", err)
	}
	corrections, err := os.ReadFile(filepath.Join(root, "api", "corrections.yaml"))
	if err != nil {
		return err
	}
	corrected, err := document.Correct(published, corrections)
	if err != nil {
		return fmt.Errorf("api/corrections.yaml: %w", err)
	}
	deviations, err := document.Deviations(corrections)
	if err != nil {
		return fmt.Errorf("api/corrections.yaml: %w", err)
	}
	for _, output := range []struct {
		name    string
		content []byte
	}{
		{"openapi.json", published}, {"api/corrected.json", corrected}, {"docs/deviations.md", deviations},
	} {
		if err := writeChanged(filepath.Join(root, filepath.FromSlash(output.name)), output.content); err != nil {
			return err
		}
	}
	return nil
}

// writeChanged does not touch a file that holds content already, so that its time stamp says when it last changed.
func writeChanged(name string, content []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, content) {
		return nil
	}
	return os.WriteFile(name, content, 0o644)
}
