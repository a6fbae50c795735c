// Package tools_test holds the committed output of go generate to what it makes.
package tools_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Generation needs none of its own output and repairs any state of it, and what it makes is what is committed. Of the
// files that it makes some are missing here and some are broken.
func TestGenerateMakesWhatIsCommitted(t *testing.T) {
	t.Parallel()
	committed, root := workingTree(t), t.TempDir()
	outputs := 0
	for _, name := range slices.Sorted(maps.Keys(committed)) {
		content := committed[name]
		if isOutput(name) {
			if outputs++; outputs%2 == 0 {
				continue
			}
			content = "no longer " + content[:len(content)/2]
		}
		write(t, filepath.Join(root, name), content)
	}
	generate(t, root)
	compare(t, committed, readTree(t, root))
}

// Where pages lie there is no package, whose directives or code would run.
func TestNoPackageLiesAmongThePages(t *testing.T) {
	t.Parallel()
	isData := regexp.MustCompile(`^(v3/)?[a-z0-9-]+\.(md|json|yaml)$|^templates/.*\.tmpl$`)
	for name := range workingTree(t) {
		if rest, ok := strings.CutPrefix(name, "api/"); ok && !isData.MatchString(rest) {
			t.Errorf("%s is neither a document, a configuration nor a template", name)
		}
	}
}

// isOutput reports whether go generate makes a file.
func isOutput(name string) bool {
	return name == "openapi.json" || name == "docs/deviations.md" || name == "api/corrected.json" ||
		name == "api/v3/corrected.json" ||
		strings.HasSuffix(name, ".gen.go")
}

// workingTree returns the contents of the files git would commit, by their slash-separated names.
func workingTree(t *testing.T) map[string]string {
	t.Helper()
	// A checkout that is mounted into a container has another owner, which git would refuse.
	git := exec.CommandContext(t.Context(), "git", "-c", "safe.directory=*",
		"ls-files", "-z", "--cached", "--others", "--exclude-standard")
	git.Dir = ".."
	var complaint bytes.Buffer
	git.Stderr = &complaint
	names, err := git.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v: %s", err, &complaint)
	}
	tree := map[string]string{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not yet committed so
		}
		if err != nil {
			t.Fatal(err)
		}
		tree[name] = string(content)
	}
	return tree
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readTree(t *testing.T, root string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		tree[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func generate(t *testing.T, root string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "generate", "./...")
	command.Dir = root
	command.Env = append(os.Environ(), "PWD="+root, "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go generate ./...: %v\n%s", err, output)
	}
}

// compare looks at every file, because generation must not touch what is not its output either, go.sum for example.
func compare(t *testing.T, committed, generated map[string]string) {
	t.Helper()
	const remedy = `run "make generate" and commit what it changes`
	names := maps.Clone(committed)
	maps.Copy(names, generated)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		want, isCommitted := committed[name]
		got, isGenerated := generated[name]
		switch {
		case !isGenerated:
			t.Errorf("%s is committed but go generate does not make it: delete it", name)
		case !isCommitted:
			t.Errorf("%s is made by go generate but not committed: %s", name, remedy)
		case got != want:
			t.Errorf("%s differs from what go generate makes, first at line %d: %s", name, differentLine(want, got), remedy)
		}
	}
}

func differentLine(a, b string) int {
	line := 1
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			break
		}
		if a[i] == '\n' {
			line++
		}
	}
	return line
}
