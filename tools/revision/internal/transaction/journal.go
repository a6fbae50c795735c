package transaction

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// journalName is a file that holds every change of an update. It appears whole, by a rename, and from then on the
// update is decided: whoever finds it completes it.
const journalName = "journal.json"

// reached is where the tests interrupt.
var reached = func(string) {}

// moveIn makes the changes in a tree, all or none.
func moveIn(directory, state string, all []change) error {
	content, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := replace(state, journalName, &file{0o600, content, time.Time{}}); err != nil {
		return err
	}
	reached("journal")
	if err := apply(directory, all); err != nil {
		undo := make([]change, len(all))
		for i, c := range all {
			undo[i] = change{c.Name, c.New, c.Old}
		}
		if failed := apply(directory, undo); failed != nil {
			return fmt.Errorf("%w; nor could that be undone: %w; run update again to complete it", err, failed)
		}
		return errors.Join(err, os.Remove(filepath.Join(state, journalName)))
	}
	return os.Remove(filepath.Join(state, journalName))
}

// completeJournal reports whether there was something to complete.
func completeJournal(directory, state string) (bool, error) {
	name := filepath.Join(state, journalName)
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		// Nothing was decided, but it may have been begun.
		if err := os.Remove(filepath.Join(state, temporaryOf(journalName))); !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		return false, nil
	}
	var all []change
	if err == nil {
		err = json.Unmarshal(content, &all)
	}
	if err == nil {
		err = apply(directory, all)
	}
	if err != nil {
		return false, fmt.Errorf("an interrupted update cannot be completed: %w; bring that file back with git, or, "+
			"to give the update up, delete %s and bring everything back", err, name)
	}
	return true, os.Remove(name)
}

// apply first makes sure that nobody else has changed what it replaces. What is done already it passes over.
func apply(directory string, all []change) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	var missing []change
	for _, c := range all {
		now, err := readFile(root, c.Name)
		switch {
		case err != nil:
			return err
		case now.same(c.New):
		case now.same(c.Old):
			missing = append(missing, c)
		default:
			return fmt.Errorf("%s has changed meanwhile", c.Name)
		}
	}
	for _, c := range missing {
		if err := replaceIn(root, c.Name, c.New); err != nil {
			return err
		}
		reached(c.Name)
	}
	return nil
}

func replace(directory, name string, content *file) error {
	root, err := os.OpenRoot(directory)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return replaceIn(root, name, content)
}

// replaceIn leaves the old file or the new one, whenever it is interrupted; root keeps it in the tree.
func replaceIn(root *os.Root, name string, f *file) error {
	if f == nil {
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return syncDirectory(root, path.Dir(name))
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	temporary := temporaryOf(name)
	if err := root.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeSynced(root, temporary, f); err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	reached("temporary of " + name)
	if err := root.Rename(temporary, name); err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	return syncDirectory(root, path.Dir(name))
}

func temporaryOf(name string) string { return path.Join(path.Dir(name), "."+path.Base(name)+".update") }

func writeSynced(root *os.Root, name string, f *file) error {
	opened, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(f.Content).WriteTo(opened)
	return errors.Join(err, opened.Chmod(f.Mode.Perm()), opened.Sync(), opened.Close())
}

func syncDirectory(root *os.Root, name string) error {
	directory, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
