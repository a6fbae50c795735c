// Package table is a table of revisions of the published page, each with one change and what is expected of it. They
// are made by program from a page in testdata/base, which an update does not replace: so the table holds for whatever
// page is vendored.
package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/revision"
	"github.com/heygen-go/heygen/tools/revision/internal/transaction"
)

// Revision is one of the page.
type Revision struct {
	Name  string
	Why   string // why what is expected follows from the change
	Edits []Edit // of the definition
	Page  string // a change of the page itself, by its name in pages
	File  string // the name under which it comes; "" for that of the vendored one
	Drop  bool   // DROP=1

	// What is expected.
	Error                string // held by that of comparing; then there is no report
	Document, Go, Client revision.Verdict
	Semver               revision.Step
	Obsolete, Lost       []string
	Candidates           int
	Update               string // Updated, Unchanged or Refused and a step
	Like                 string // another revision that an update takes the same way
}

// What becomes of an update.
const (
	Updated   = "updated"
	Unchanged = "unchanged"
	Refused   = "refused: "
)

const vendored = "update-a-webhook-endpoint.md"

// Load reads the table of the module in a directory.
func Load(module string) ([]Revision, error) {
	text, err := os.ReadFile(filepath.Join(module, "testdata", "revisions.yaml"))
	if err != nil {
		return nil, err
	}
	var file struct {
		Places    map[string]string
		Lists     yaml.Node // of ids, for aliases
		Revisions []Revision
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	for i, r := range file.Revisions {
		if r.File == "" {
			file.Revisions[i].File = vendored
		}
		for j, edit := range r.Edits {
			place, member, _ := strings.Cut(edit.At, " ")
			around, ok := file.Places[place]
			if !ok {
				return nil, fmt.Errorf("%s: there is no place %q", r.Name, place)
			}
			r.Edits[j].pointer = around + member
		}
	}
	return file.Revisions, nil
}

// Checkout makes a repository of the working tree that the module in a directory belongs to, with the page in
// testdata/base in the place of those that are vendored, and everything committed.
func Checkout(ctx context.Context, module, to string) error {
	if err := transaction.Copy(ctx, filepath.Join(module, "..", ".."), to); err != nil {
		return err
	}
	pages, _ := filepath.Glob(filepath.Join(to, "api", "*.md")) // the pattern is well-formed
	for _, name := range append(pages, filepath.Join(to, "api", "provenance.json"),
		filepath.Join(to, "api", "corrections.yaml")) {
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	base := os.DirFS(filepath.Join(module, "testdata", "base", "api"))
	if err := os.CopyFS(filepath.Join(to, "api"), base); err != nil {
		return err
	}
	for _, line := range []string{
		"go generate ./...", "git init -q", "git add .", "git -c user.name=t -c user.email=t@example.com commit -qm base",
		"git repack -qad", "git prune-packed -q", // few files, to copy and to clone
	} {
		if err := Run(ctx, to, line); err != nil {
			return err
		}
	}
	return nil
}

// RunTests runs the tests of a package with root naming a checkout, and returns their exit status.
func RunTests(tests interface{ Run() int }, module string, root *string) int {
	directory, err := os.MkdirTemp("", "heygen-table-")
	if err == nil {
		defer func() { _ = os.RemoveAll(directory) }()
		*root = filepath.Join(directory, "tree")
		err = Checkout(context.Background(), module, *root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return tests.Run()
}

// Run runs a command of words without blanks in a checkout, whatever the settings of go and git are here.
func Run(ctx context.Context, checkout, line string) error {
	words := strings.Fields(line)
	command := exec.CommandContext(ctx, words[0], words[1:]...) //nolint:gosec // tests say what to run
	command.Dir = checkout
	command.Env = append(transaction.Environment(), "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off",
		"GIT_CONFIG_GLOBAL=", "GIT_CONFIG_NOSYSTEM=1")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", line, err, output)
	}
	return nil
}

// Content is the page of a revision, made from the one that a checkout has. It differs from that one, unless nothing
// is changed about it.
func (r Revision) Content(checkout string) ([]byte, error) {
	page, err := os.ReadFile(filepath.Join(checkout, "api", vendored))
	if err != nil {
		return nil, err
	}
	if len(r.Edits) > 0 {
		definition, err := document.Extract(page)
		if err != nil {
			return nil, err
		}
		revised, err := edited(definition, r.Edits)
		if err != nil {
			return nil, err
		}
		page = bytes.Replace(page, definition, revised, 1)
	}
	if r.Page == "" {
		return page, nil
	}
	change, ok := pages[r.Page]
	if !ok {
		return nil, fmt.Errorf("there is no change of a page %q", r.Page)
	}
	changed, err := change(page)
	if err == nil && bytes.Equal(changed, page) {
		err = errors.New("the page stays as it is")
	}
	return changed, err
}
