package tests

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every Go block of the README is a file that compiles.
func TestREADMECompiles(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir, overlay := t.TempDir(), map[string]string{}
	var packages []string
	for i, block := range goBlocks(string(read(t, "README.md"))) {
		if strings.HasPrefix(block, "package main\n") && !strings.Contains(block, "func main()") {
			block += "\nfunc main() {}\n"
		}
		file := filepath.Join(dir, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
			t.Fatal(err)
		}
		pkg := fmt.Sprintf("readme-block-%d", i)
		overlay[filepath.Join(root, pkg, "block.go")] = file
		packages = append(packages, "./"+pkg)
	}
	if len(packages) == 0 {
		t.Fatal("the README has no Go block")
	}
	replace, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	goTool(t, ".", append([]string{"build", "-overlay=" + file}, packages...)...)
}

func goBlocks(markdown string) []string {
	var blocks []string
	for _, part := range strings.Split(markdown, "```go\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}
