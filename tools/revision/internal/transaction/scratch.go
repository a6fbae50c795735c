package transaction

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Scratch is the directory of the copy. It is always the same one, so that go's caches know it.
func (t *Transaction) Scratch() string { return filepath.Join(t.state, "tree") }

// removeStale refuses while something runs in the scratch copy that outlived the transaction that started it.
func (t *Transaction) removeStale() error {
	stale, err := os.Open(t.Scratch())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = stale.Close() }()
	if err := lock(stale); err != nil {
		return fmt.Errorf("what a killed update started still runs (%w): wait for it", err)
	}
	return os.RemoveAll(t.Scratch())
}

func (t *Transaction) copy(ctx context.Context) (err error) {
	if t.before, err = readTree(ctx, t.tree); err != nil {
		return err
	}
	if err := os.Mkdir(t.Scratch(), 0o750); err != nil {
		return err
	}
	if t.scratch, err = os.Open(t.Scratch()); err != nil {
		return err
	}
	if err := lock(t.scratch); err != nil {
		return err
	}
	if t.log, err = os.Create(filepath.Join(t.state, logName)); err != nil {
		return err
	}
	if err := writeTree(t.Scratch(), t.before); err != nil {
		return err
	}
	return t.Command(ctx, "git", "init", "--quiet") // for tests that ask git what belongs to the tree
}

// Command runs a command in the scratch copy; its output goes to the log. When ctx ends, it is killed with all that it
// started.
func (t *Transaction) Command(ctx context.Context, name string, arguments ...string) error {
	command := exec.CommandContext(ctx, name, arguments...) //nolint:gosec // the steps name their commands
	command.Dir = t.Scratch()
	command.Env = Environment()
	command.Stdout, command.Stderr = t.log, t.log
	command.ExtraFiles = []*os.File{t.scratch}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	line := strings.Join(append([]string{name}, arguments...), " ")
	fmt.Fprintln(t.log, "$", line)
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w", line, err)
	}
	return nil
}

// Log is what the commands printed.
func (t *Transaction) Log() (string, error) {
	content, err := os.ReadFile(t.log.Name())
	return string(content), err
}

func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
