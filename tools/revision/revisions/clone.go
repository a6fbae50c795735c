package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/heygen-go/heygen/tools/revision/internal/table"
	"github.com/heygen-go/heygen/tools/revision/internal/transaction"
)

// A clone is updated to one revision after the other. It stays where it is, so that what go has built there need not
// be built again.
type clone struct{ base, directory string }

func (c *clone) make(ctx context.Context) error {
	_, err := run(ctx, c.base, "git", "clone", "-q", c.base, c.directory)
	return err
}

// refusal is what update says of a step that failed.
var refusal = regexp.MustCompile(`(?m)^update: step ([a-z ]+): `)

// update says what became of the clone, and what make and the log of a failure said, and takes the clone back.
func (c *clone) update(ctx context.Context, r table.Revision, tests string) (outcome, said string, err error) {
	content, err := r.Content(c.base)
	if err != nil {
		return "", "", err
	}
	page := filepath.Join(filepath.Dir(c.directory), r.File)
	if err := os.WriteFile(page, content, 0o600); err != nil {
		return "", "", err
	}
	before, err := files(c.directory)
	if err != nil {
		return "", "", err
	}
	arguments := []string{"update", "DOC=" + page, "TESTS=" + tests}
	if r.Drop {
		arguments = append(arguments, "DROP=1")
	}
	said, failed := run(ctx, c.directory, "make", arguments...)
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	if log, err := os.ReadFile(filepath.Join(c.directory, ".git", "heygen-update", "log")); err == nil {
		said += "its log:\n" + string(log)
	}
	after, err := files(c.directory)
	if err != nil {
		return "", "", err
	}
	touched := !maps.Equal(before, after)
	refused := refusal.FindStringSubmatch(said)
	switch {
	case failed == nil && touched && c.has(content):
		outcome = table.Updated
	case failed == nil && !touched:
		outcome = table.Unchanged
	case failed != nil && !touched && refused != nil:
		outcome = table.Refused + refused[1]
	default:
		outcome = fmt.Sprintf("error %v, touched: %v", failed, touched)
	}
	_, reset := run(ctx, c.directory, "git", "reset", "-q", "--hard")
	_, clean := run(ctx, c.directory, "git", "clean", "-qfdx")
	return outcome, said, errors.Join(reset, clean)
}

// has reports whether one of the vendored pages is the content.
func (c *clone) has(content []byte) bool {
	names, _ := filepath.Glob(filepath.Join(c.directory, "api", "*.md")) // the pattern is well-formed
	for _, name := range names {
		if page, err := os.ReadFile(name); err == nil && bytes.Equal(page, content) {
			return true
		}
	}
	return false
}

// files are the modes and contents of a tree's files, by their names.
func files(directory string) (map[string]string, error) {
	all := map[string]string{}
	err := filepath.WalkDir(directory, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git":
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(name) //nolint:gosec // nobody else writes into the clone
		all[name] = info.Mode().String() + string(content)
		return err
	})
	return all, err
}

// run returns what a command prints. It is killed with all that it started when ctx ends.
func run(ctx context.Context, directory, name string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, name, arguments...) //nolint:gosec // it is git or make
	command.Dir = directory
	command.Env = transaction.Environment()
	output, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", name, arguments[0], err, lastLine(string(output)))
	}
	return string(output), err
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}
