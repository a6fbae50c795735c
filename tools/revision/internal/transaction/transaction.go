// Package transaction changes a git working tree by steps that work in a copy of it: when all of them have succeeded,
// what they changed is moved into the tree, all of it; otherwise the tree stays as it is, byte for byte.
package transaction

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Step is a part of the work.
type Step struct {
	Name string
	Do   func(context.Context) error
	Next string // what to do when it fails; "" if its errors say so
}

// ErrNothingToDo ends the work without a failure: returned by a step, it leaves the tree as it is.
var ErrNothingToDo = errors.New("nothing to do")

// Transaction is a change of a working tree.
type Transaction struct {
	tree    string // its root
	state   string // a directory in the git directory, so that neither git, go nor the tree knows of it
	lock    *os.File
	scratch *os.File // the scratch copy's directory; its lock is inherited by what runs there
	log     *os.File
	before  map[string]*file // the tree when it was copied
}

const logName = "log"

// Begin copies the files of a tree that git would commit. If a transaction was killed while it moved its changes in,
// it first completes that one, which it says. Close ends the transaction.
func Begin(ctx context.Context, tree string, says io.Writer) (t *Transaction, err error) {
	if tree, err = filepath.Abs(tree); err != nil {
		return nil, err
	}
	gitDirectory, err := git(ctx, tree, "rev-parse", "--absolute-git-dir")
	if err != nil {
		return nil, fmt.Errorf("%w: use a git checkout, which tells what is not committed", err)
	}
	t = &Transaction{tree: tree, state: filepath.Join(strings.TrimSuffix(gitDirectory, "\n"), "heygen-update")}
	if err := os.MkdirAll(t.state, 0o750); err != nil {
		return nil, err
	}
	if t.lock, err = os.OpenFile(filepath.Join(t.state, "lock"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if err := lock(t.lock); err != nil {
		_ = t.lock.Close()
		return nil, fmt.Errorf("another update of this tree is running (%w): wait for it", err)
	}
	completed, err := completeJournal(tree, t.state)
	if completed {
		fmt.Fprintln(says, "An interrupted update was completed: see git diff.")
	}
	if err == nil {
		err = t.removeStale()
	}
	if err == nil {
		err = t.copy(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Close removes everything but the log of work that failed.
func (t *Transaction) Close() error {
	var errs []error
	if t.scratch != nil {
		errs = append(errs, t.scratch.Close(), os.RemoveAll(t.Scratch()))
	}
	if t.log != nil {
		errs = append(errs, t.log.Close())
	}
	return errors.Join(append(errs, t.lock.Close())...)
}

// Run does the steps and moves in what they changed. An error names the step.
func (t *Transaction) Run(ctx context.Context, steps []Step, says io.Writer) error {
	steps = append(steps, Step{"move in", t.moveIn, ""})
	for _, step := range steps {
		fmt.Fprintln(says, "step:", step.Name)
		reached("step " + step.Name)
		err := ctx.Err()
		if err == nil {
			err = step.Do(ctx)
		}
		switch {
		case err == nil:
		case errors.Is(err, ErrNothingToDo):
			return errors.Join(err, os.Remove(t.log.Name()))
		case ctx.Err() != nil:
			return fmt.Errorf("interrupted in step %s: nothing was changed", step.Name)
		case step.Next != "":
			return fmt.Errorf("step %s: %w; nothing was changed; %s (log: %s)", step.Name, err, step.Next, t.log.Name())
		default:
			return fmt.Errorf("step %s: %w", step.Name, err)
		}
	}
	return os.Remove(t.log.Name())
}

// CheckReplaceable fails if the move would replace what is not committed: what the steps have changed so far, or the
// files called names.
func (t *Transaction) CheckReplaceable(ctx context.Context, names ...string) error {
	all, err := t.changes(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		all = append(all, change{name, t.before[name], t.before[name]})
	}
	return checkReplaceable(ctx, t.tree, all)
}

// moveIn cannot be interrupted once the journal is written.
func (t *Transaction) moveIn(ctx context.Context) error {
	all, err := t.changes(ctx)
	if err != nil {
		return err
	}
	if err := checkReplaceable(ctx, t.tree, all); err != nil {
		return err
	}
	return moveIn(t.tree, t.state, all)
}

// changes compares the scratch copy with the tree it was made of.
func (t *Transaction) changes(ctx context.Context) ([]change, error) {
	after, err := readTree(ctx, t.Scratch())
	if err != nil {
		return nil, err
	}
	return changes(t.before, after)
}
