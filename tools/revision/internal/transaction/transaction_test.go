package transaction

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// points are the places at which the program can be interrupted, in order.
var (
	points = []string{
		"step write", "step command", "step check", "step move in", "temporary of journal.json",
		"journal", "temporary of changed", "changed", "temporary of new directory/added", "new directory/added", "removed",
	}
)

// decided is the first of the points from which on the change is made.
const decided = "journal"

func TestInterruptedTransactionIsAllOrNothing(t *testing.T) {
	t.Parallel()
	before, after := newTree(t), newTree(t)
	if status, stderr := start(t, after, "", "").end(t); status != 0 {
		t.Fatal(stderr)
	}
	old, changed := look(t, before), look(t, after)
	if reflect.DeepEqual(old, changed) {
		t.Fatal("the program changes nothing")
	}
	passed := false // the decision
	for _, point := range points {
		passed = passed || point == decided
		// Whoever writes the journal is past the last look at the signal.
		waits := passed || point == "temporary of journal.json"
		for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
			want := old
			if passed || waits && s != syscall.SIGKILL {
				want = changed
			}
			t.Run(fmt.Sprintf("%s at %s", s, point), func(t *testing.T) {
				t.Parallel()
				tree := newTree(t)
				index := indexOf(t, tree)
				p := start(t, tree, point, "")
				p.awaitPoint(t)
				p.signal(t, s)
				status, stderr := p.end(t)
				if s != syscall.SIGKILL {
					if waits && status != 0 || !waits && (status != 2 || !strings.HasPrefix(stderr, "interrupted in "+point)) {
						t.Errorf("status %d, %q", status, stderr)
					}
					if left := leftovers(t, tree); left != "" {
						t.Errorf("it leaves %s", left)
					}
				} else if !waits && !reflect.DeepEqual(look(t, tree), old) {
					t.Errorf("it leaves\n%s", look(t, tree))
				}
				complete(t, tree)
				if got := look(t, tree); !reflect.DeepEqual(got, want) {
					t.Errorf("the tree is\n%s\nwant\n%s", got, want)
				}
				if left := leftovers(t, tree); left != "" {
					t.Errorf("the next one leaves %s", left)
				}
				if !bytes.Equal(indexOf(t, tree), index) {
					t.Error("git's index is another")
				}
			})
		}
	}
}

// complete begins a transaction and ends it without a step.
func complete(t *testing.T, tree string) {
	t.Helper()
	next, err := Begin(t.Context(), tree, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestInterruptKillsWhatTheStepStarted(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			tree, fifos := newTree(t), newFIFOs(t)
			old := look(t, tree)
			p := start(t, tree, "", fifos)
			begun := awaitBegun(t, fifos)
			p.signal(t, s)
			if status, stderr := p.end(t); status != 2 || stderr != "interrupted in step command: nothing was changed\n" {
				t.Errorf("status %d, %q", status, stderr)
			}
			awaitEnd(t, begun)
			if got := look(t, tree); !reflect.DeepEqual(got, old) {
				t.Errorf("the tree is\n%s\nwant\n%s", got, old)
			}
		})
	}
}

// What a killed transaction started may go on; nobody else works in its directory until it has ended.
func TestKilledTransactionIsWaitedFor(t *testing.T) {
	t.Parallel()
	tree, fifos := newTree(t), newFIFOs(t)
	old := look(t, tree)
	p := start(t, tree, "", fifos)
	begun := awaitBegun(t, fifos)
	p.signal(t, syscall.SIGKILL)
	p.end(t)
	if got := look(t, tree); !reflect.DeepEqual(got, old) {
		t.Errorf("the tree is\n%s\nwant\n%s", got, old)
	}
	if _, err := Begin(t.Context(), tree, io.Discard); err == nil || !strings.Contains(err.Error(), "still runs") {
		t.Errorf("error %v while the command runs", err)
	}
	scratch, err := os.Open(filepath.Join(tree, ".git", "heygen-update", "tree"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(fifos, "wait"), []byte("go on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, begun)
	// Its lock is the last of it.
	if err := syscall.Flock(int(scratch.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	_ = scratch.Close()
	if status, stderr := start(t, tree, "", "").end(t); status != 0 {
		t.Errorf("status %d, %q", status, stderr)
	}
}

func TestSecondTransactionIsRefused(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	first := start(t, tree, "step check", "")
	first.awaitPoint(t)
	if status, stderr := start(t, tree, "", "").end(t); status != 2 || !strings.Contains(stderr, "another update") {
		t.Errorf("status %d, %q", status, stderr)
	}
	first.signal(t, syscall.SIGTERM)
	first.end(t)
}

func TestWhatIsNotCommittedIsNotReplaced(t *testing.T) {
	t.Parallel()
	write := func(name string) func(*testing.T, string) {
		return func(t *testing.T, tree string) { writeFile(t, filepath.Join(tree, name), "mine\n") }
	}
	tests := map[string]struct {
		prepare func(t *testing.T, tree string)
		want    string // in the error; "" if the change is made
	}{
		"changed": {write("changed"), "uncommitted changes in changed,"},
		"removed": {write("removed"), "uncommitted changes in removed,"},
		"both": {func(t *testing.T, tree string) {
			write("changed")(t, tree)
			write("removed")(t, tree)
		}, "in changed, removed,"},
		"another":           {write("another"), ""},
		"untracked":         {write("new directory/added"), "uncommitted changes in new directory/added,"},
		"untracked another": {write("new directory/another"), ""},
		"ignored": {func(t *testing.T, tree string) {
			writeFile(t, filepath.Join(tree, ".git", "info", "exclude"), "added\n")
			write("new directory/added")(t, tree)
		}, "uncommitted changes in new directory/added,"},
		"staged": {func(t *testing.T, tree string) {
			write("changed")(t, tree)
			callGit(t, tree, "add", "changed")
		}, "in changed,"},
		"deleted": {func(t *testing.T, tree string) {
			if err := os.Remove(filepath.Join(tree, "changed")); err != nil {
				t.Fatal(err)
			}
		}, "uncommitted changes in changed,"},
		"a link": {func(t *testing.T, tree string) {
			if err := os.Remove(filepath.Join(tree, "changed")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("another", filepath.Join(tree, "changed")); err != nil {
				t.Fatal(err)
			}
			callGit(t, tree, "commit", "-qam", "link")
		}, ""}, // the step writes through it, to another
		"a link out of the tree": {func(t *testing.T, tree string) {
			if err := os.Remove(filepath.Join(tree, "changed")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(t.TempDir(), "target"), filepath.Join(tree, "changed")); err != nil {
				t.Fatal(err)
			}
			callGit(t, tree, "commit", "-qam", "link")
		}, "changed is in the way"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			tt.prepare(t, tree)
			old := look(t, tree)
			status, stderr := start(t, tree, "", "").end(t)
			got := look(t, tree)
			if tt.want == "" {
				if status != 0 || reflect.DeepEqual(got, old) {
					t.Errorf("status %d, %q, the tree is\n%s", status, stderr, got)
				}
			} else if status != 2 || !strings.Contains(stderr, tt.want) || !reflect.DeepEqual(got, old) {
				t.Errorf("status %d, %q, want %q; the tree is\n%s\nwas\n%s", status, stderr, tt.want, got, old)
			}
		})
	}
}

// A change that the move meets half way is not lost.
func TestJournalIsNotCompletedOverAChange(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	p := start(t, tree, "changed", "")
	p.awaitPoint(t)
	p.signal(t, syscall.SIGKILL)
	p.end(t)
	writeFile(t, filepath.Join(tree, "removed"), "mine\n")
	old := look(t, tree)
	_, err := Begin(t.Context(), tree, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "removed has changed meanwhile") {
		t.Errorf("error %v", err)
	}
	if got := look(t, tree); !reflect.DeepEqual(got, old) {
		t.Errorf("the tree is\n%s\nwant\n%s", got, old)
	}
	callGit(t, tree, "checkout", "removed")
	var says bytes.Buffer
	next, err := Begin(t.Context(), tree, &says)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close() }()
	if !strings.Contains(says.String(), "completed") || look(t, tree)["changed"] != "-rwxr-xr-x new\n" {
		t.Errorf("it says %q, the tree is\n%s", &says, look(t, tree))
	}
}

func TestFailedMoveIsUndone(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	writeFile(t, filepath.Join(tree, "new directory", ".added.update", "in the way"), "")
	old := look(t, tree)
	if status, stderr := start(t, tree, "", "").end(t); status != 2 || !strings.Contains(stderr, ".added.update") {
		t.Errorf("status %d, %q", status, stderr)
	}
	if got := look(t, tree); !reflect.DeepEqual(got, old) {
		t.Errorf("the tree is\n%s\nwant\n%s", got, old)
	}
	complete(t, tree)
	if got := look(t, tree); !reflect.DeepEqual(got, old) {
		t.Errorf("the next one makes\n%s\nof\n%s", got, old)
	}
}

func TestStepsAndTheirFailures(t *testing.T) {
	t.Parallel()
	fail := Step{Name: "fail", Do: func(context.Context) error { return fs.ErrInvalid }}
	tests := map[string]struct {
		steps []Step
		want  string
	}{
		"a failure": {[]Step{fail}, "step fail: invalid argument"},
		"with what to do": {
			[]Step{{"fail", fail.Do, "try again"}},
			"step fail: invalid argument; nothing was changed; try again (log: ",
		},
		"nothing to do": {
			[]Step{{Name: "look", Do: func(context.Context) error { return ErrNothingToDo }}, fail},
			"nothing to do",
		},
		"no step": {nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transaction, err := Begin(t.Context(), newTree(t), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = transaction.Close() }()
			err = transaction.Run(t.Context(), tt.steps, io.Discard)
			if got := fmt.Sprint(err); (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(got, tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestWorktreeAndBlanksInNames(t *testing.T) {
	t.Parallel()
	tree := filepath.Join(t.TempDir(), "a work tree")
	callGit(t, newTree(t), "worktree", "add", "-q", "--detach", tree)
	if status, stderr := start(t, tree, "", "").end(t); status != 0 {
		t.Fatalf("status %d, %q", status, stderr)
	}
	if got := look(t, tree)["new directory/added"]; got != "-rw-r--r-- new\n" {
		t.Errorf("the new file is %q", got)
	}
}

func TestNoCheckoutIsRefused(t *testing.T) {
	t.Parallel()
	_, err := Begin(t.Context(), t.TempDir(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "git checkout") {
		t.Errorf("error %v", err)
	}
}

// newTree returns a checkout with everything committed.
func newTree(t *testing.T) string {
	t.Helper()
	directory, err := template()
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(t.TempDir(), "a tree")
	if err := os.CopyFS(tree, os.DirFS(directory)); err != nil {
		t.Fatal(err)
	}
	return tree
}

// template is a checkout to copy, which takes less time than git takes to make one.
var template = sync.OnceValues(func() (string, error) {
	directory := filepath.Join(templates, "tree")
	if err := os.Mkdir(directory, 0o750); err != nil {
		return "", err
	}
	for _, name := range []string{"changed", "removed", "another", ".gitignore"} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte("old\n"), 0o644); err != nil {
			return "", err
		}
	}
	for _, arguments := range [][]string{
		{"init", "-q"}, {"config", "user.name", "test"}, {"config", "user.email", "test@example.com"},
		{"add", "."}, {"commit", "-qm", "begin"},
	} {
		if _, err := git(context.Background(), directory, arguments...); err != nil {
			return "", err
		}
	}
	return directory, nil
})

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
}

func callGit(t *testing.T, directory string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", arguments...)
	command.Dir = directory
	command.Env = append(Environment(), "GIT_CONFIG_GLOBAL=", "GIT_CONFIG_NOSYSTEM=1")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", arguments, err, output)
	}
}

// look returns the mode and the content of every file of a tree, by name.
func look(t *testing.T, tree string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(tree), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == ".git" && entry.IsDir() {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if entry.IsDir() || name == ".git" {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var content []byte
		if entry.Type().IsRegular() {
			content, err = os.ReadFile(filepath.Join(tree, name))
		}
		files[name] = fmt.Sprintf("%s %s", info.Mode(), content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func indexOf(t *testing.T, tree string) []byte {
	t.Helper()
	index, err := os.ReadFile(filepath.Join(tree, ".git", "index"))
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// leftovers are what a transaction leaves, but for its lock and its log.
func leftovers(t *testing.T, tree string) string {
	t.Helper()
	var names []string
	entries, err := os.ReadDir(filepath.Join(tree, ".git", "heygen-update"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != "lock" && entry.Name() != logName {
			names = append(names, entry.Name())
		}
	}
	return strings.Join(names, ", ")
}

func newFIFOs(t *testing.T) string {
	t.Helper()
	directory := t.TempDir()
	for _, name := range []string{"begun", "wait"} {
		if err := syscall.Mkfifo(filepath.Join(directory, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// awaitBegun waits until the command runs.
func awaitBegun(t *testing.T, fifos string) *os.File {
	t.Helper()
	begun, err := os.Open(filepath.Join(fifos, "begun"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = begun.Close() })
	if _, err := io.ReadFull(begun, make([]byte, len("begun\n"))); err != nil {
		t.Fatal(err)
	}
	return begun
}

// awaitEnd waits until nothing of the command runs any more.
func awaitEnd(t *testing.T, begun *os.File) {
	t.Helper()
	if rest, err := io.ReadAll(begun); err != nil || len(rest) > 0 {
		t.Fatalf("%q, error %v", rest, err)
	}
}
