package transaction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A file of a tree. A symbolic link has its target as content.
type file struct {
	Mode    fs.FileMode
	Content []byte

	modified time.Time
}

func (f *file) same(other *file) bool {
	if f == nil || other == nil {
		return f == other
	}
	return f.Mode == other.Mode && bytes.Equal(f.Content, other.Content)
}

// readTree returns the files that git would commit, by their slash-separated names.
func readTree(ctx context.Context, directory string) (map[string]*file, error) {
	names, err := git(ctx, directory, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	tree := map[string]*file{}
	for name := range strings.SplitSeq(strings.TrimSuffix(names, "\x00"), "\x00") {
		found, err := readFile(root, name)
		if err != nil {
			return nil, err
		}
		if found != nil {
			tree[name] = found
		}
	}
	return tree, nil
}

// readFile returns nil for what is no file, or a symbolic link that leads out of the tree.
func readFile(root *os.Root, name string) (*file, error) {
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := &file{Mode: info.Mode(), modified: info.ModTime()}
	switch info.Mode().Type() {
	case 0:
		found.Content, err = root.ReadFile(name)
	case fs.ModeSymlink:
		var target string
		target, err = root.Readlink(name)
		if filepath.IsAbs(target) || !filepath.IsLocal(filepath.Join(filepath.Dir(name), target)) {
			return nil, err
		}
		found.Content = []byte(target)
	default:
		return nil, nil
	}
	return found, err
}

// writeTree keeps the times of files, because go test looks at them before it repeats a result.
func writeTree(directory string, tree map[string]*file) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for name, f := range tree {
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		if f.Mode.Type() == fs.ModeSymlink {
			err = root.Symlink(string(f.Content), name)
		} else if err = root.WriteFile(name, f.Content, 0o600); err == nil {
			err = errors.Join(root.Chmod(name, f.Mode.Perm()), root.Chtimes(name, f.modified, f.modified))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A change is a file before and after; nil is none.
type change struct {
	Name     string
	Old, New *file
}

func changes(before, after map[string]*file) ([]change, error) {
	names := maps.Clone(before)
	maps.Copy(names, after)
	var all []change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := change{name, before[name], after[name]}
		if c.Old.same(c.New) {
			continue
		}
		if isLink(c.Old) || isLink(c.New) {
			return nil, fmt.Errorf("%s is a symbolic link: only regular files are replaced", name)
		}
		all = append(all, c)
	}
	return all, nil
}

func isLink(f *file) bool { return f != nil && f.Mode.Type() == fs.ModeSymlink }

// checkReplaceable fails if the tree is not what it was when it was copied, or git could not bring a file back.
func checkReplaceable(ctx context.Context, directory string, all []change) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	arguments := []string{"status", "--porcelain", "--no-renames", "-z", "--untracked-files=all", "--ignored", "--"}
	var blocked []string
	for _, c := range all {
		arguments = append(arguments, ":(literal,top)"+c.Name)
		now, err := readFile(root, c.Name)
		if err != nil {
			return err
		}
		if !now.same(c.Old) {
			blocked = append(blocked, c.Name)
		} else if _, err := root.Lstat(c.Name); now == nil && err == nil {
			return fmt.Errorf("%s is in the way: it is no regular file", c.Name)
		}
	}
	status, err := git(ctx, directory, arguments...)
	if err != nil {
		return err
	}
	for entry := range strings.SplitSeq(strings.TrimSuffix(status, "\x00"), "\x00") {
		if len(entry) > 3 { // two letters and a blank
			blocked = append(blocked, entry[3:])
		}
	}
	if len(blocked) == 0 {
		return nil
	}
	slices.Sort(blocked)
	return fmt.Errorf("uncommitted changes in %s, which would be replaced: commit or stash them, and run again",
		strings.Join(slices.Compact(blocked), ", "))
}

// git looks and never writes, not even the index.
func git(ctx context.Context, directory string, arguments ...string) (string, error) {
	// A checkout mounted into a container belongs to somebody else, which git would refuse.
	all := append([]string{"-c", "safe.directory=*", "--no-optional-locks"}, arguments...)
	command := exec.CommandContext(ctx, "git", all...) //nolint:gosec // none comes from outside
	command.Dir = directory
	command.Env = Environment()
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", arguments[0], err, bytes.TrimSpace(complaint.Bytes()))
	}
	return string(output), nil
}

// Environment is ours without what a surrounding make or git hook would tell its children.
func Environment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "PWD", "DOC", "DROP", "TESTS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES":
			return true
		}
		return strings.HasPrefix(name, "GIT_")
	})
}

// Copy copies the files of a tree that git would commit.
func Copy(ctx context.Context, tree, to string) error {
	files, err := readTree(ctx, tree)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o750); err != nil {
		return err
	}
	return writeTree(to, files)
}
