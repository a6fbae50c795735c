package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/heygen-go/heygen/tools/revision/internal/table"
)

const (
	vendored = "update-a-webhook-endpoint.md"
	basePage = "../../testdata/base/api/" + vendored // what the trees of the tests are made from
)

var signals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL}

// commands are what the stand-ins stand in for, by the steps that run them.
var commands = map[string]string{
	"generate": "go generate", "goldens": "go test", "build": "go build", "test": "make test",
}

// stepNames are those of the program, and the one that a transaction adds.
func stepNames() (names []string) {
	for _, step := range (&update{}).steps() {
		names = append(names, step.Name)
	}
	return append(names, "move in")
}

// Without this one, the others would hold for a program that does nothing.
func TestUpdateThatNothingInterruptsChangesTheTree(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	old := look(t, tree)
	status, stderr := start(t, tree, "", nil, revisedPage(t)).end(t)
	if want := "step: " + strings.Join(stepNames(), "\nstep: ") + "\n"; status != 0 || stderr != want {
		t.Errorf("status %d, it says\n%s\nwant\n%s", status, stderr, want)
	}
	var changed []string
	for name, file := range look(t, tree) {
		if old[name] != file {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	if want := []string{"CHANGELOG.md", "api/provenance.json", "api/" + vendored}; !slices.Equal(changed, want) {
		t.Errorf("it changes %q, want %q", changed, want)
	}
}

// Whatever interrupts an update in whatever step, the tree stays as it is, and the next update goes through.
func TestUpdateInterruptedWhereAStepBegins(t *testing.T) {
	t.Parallel()
	for _, step := range stepNames() {
		for _, s := range signals {
			t.Run(fmt.Sprintf("%s in %s", s, step), func(t *testing.T) {
				t.Parallel()
				tree, page := newTree(t), revisedPage(t)
				unharmed(t, tree, func() {
					p := start(t, tree, step, nil, page)
					p.await(t, step)
					interrupt(t, p, s, step)
				})
				if s == syscall.SIGKILL {
					goesThrough(t, tree, page)
				}
			})
		}
	}
}

func TestUpdateInterruptedWhileACommandRuns(t *testing.T) {
	t.Parallel()
	for step, command := range commands {
		for _, s := range signals {
			t.Run(fmt.Sprintf("%s in %s", s, step), func(t *testing.T) {
				t.Parallel()
				tree, page, f := newTree(t), revisedPage(t), newFIFOs(t)
				unharmed(t, tree, func() {
					p := start(t, tree, "", []string{"STAND_IN_WAITS=" + command, "STAND_IN_FIFOS=" + string(f)}, page)
					begun := f.begun(t)
					interrupt(t, p, s, step)
					if s == syscall.SIGKILL {
						// What it started lives on, and nobody else works where that does.
						status, stderr := start(t, tree, "", nil, page).end(t)
						if status != exitFailed || !strings.Contains(stderr, "still runs") {
							t.Errorf("status %d, %s", status, stderr)
						}
						f.release(t)
					}
					awaitEnd(t, begun)
				})
				if s == syscall.SIGKILL {
					awaitUnlocked(t, tree)
					goesThrough(t, tree, page)
				}
			})
		}
	}
}

func TestUpdateInterruptedWhileAPageIsFetched(t *testing.T) {
	t.Parallel()
	for _, s := range signals {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			tree, asked := newTree(t), make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				close(asked)
				<-r.Context().Done()
			}))
			defer server.Close()
			unharmed(t, tree, func() {
				p := start(t, tree, "", nil, server.URL+"/"+vendored)
				<-asked
				interrupt(t, p, s, "read")
			})
		})
	}
}

// interrupt checks what an interrupted update says, and that only a killed one leaves something in the git directory.
func interrupt(t *testing.T, p *process, s syscall.Signal, step string) {
	t.Helper()
	p.signal(t, s)
	status, stderr := p.end(t)
	if s == syscall.SIGKILL {
		if status != -1 {
			t.Errorf("status %d, %s", status, stderr)
		}
		return
	}
	want := "update: interrupted in step " + step + ": nothing was changed\n"
	if status != exitFailed || !strings.HasSuffix(stderr, "\n"+want) {
		t.Errorf("status %d, it says\n%s\nwant %s", status, stderr, want)
	}
	if _, err := os.Stat(filepath.Join(p.tree, ".git", "heygen-update", "tree")); err == nil {
		t.Error("it leaves the scratch copy")
	}
}

// unharmed checks that a tree and git's index are the same afterwards.
func unharmed(t *testing.T, tree string, do func()) {
	t.Helper()
	old := look(t, tree)
	do()
	if got := look(t, tree); !reflect.DeepEqual(got, old) {
		for name, file := range got {
			if old[name] != file {
				t.Errorf("%s is\n%s\nand was\n%s", name, file, old[name])
			}
		}
		t.Errorf("the tree has %d files, and had %d", len(got), len(old))
	}
}

// goesThrough checks that an update does what it should.
func goesThrough(t *testing.T, tree, page string) {
	t.Helper()
	if status, stderr := start(t, tree, "", nil, page).end(t); status != 0 {
		t.Errorf("the next update: status %d, %s", status, stderr)
	}
	got, want := read(t, filepath.Join(tree, "api", vendored)), read(t, page)
	if !bytes.Equal(got, want) {
		t.Errorf("after the next update the page is\n%s", got)
	}
}

func TestFailedStepLeavesTheTreeAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const look = "nothing was changed; read the log, mend the code or the corrections, and run again (log: "
	page := string(read(t, basePage))
	tests := map[string]struct {
		settings []string
		page     string   // instead of one of other prose
		want     []string // in what it says
	}{
		"read": {page: "# Notes\n", want: []string{"update: step read: ", "definition"}},
		"compare": {
			page: strings.Replace(page, `"servers": [`, `"servers": [null, `, 1), want: []string{"update: step compare: "},
		},
		"corrections": {
			page: strings.Replace(page, `"operationId": "update-a-webhook-endpoint"`, `"operationId": "other"`, 1),
			want: []string{"update: step corrections: ", "operation-id is obsolete", "DROP=1"},
		},
		"generate": {
			settings: []string{"STAND_IN_FAILS=go generate"},
			want:     []string{"update: step generate: go generate ./...: exit status 1; " + look},
		},
		"goldens": {
			settings: []string{"STAND_IN_FAILS=go test"},
			want:     []string{"update: step goldens: TestStandIn failed: go test ", look},
		},
		"build": {
			settings: []string{"STAND_IN_FAILS=go build"},
			want:     []string{"update: step build: go build ./...: exit status 1; " + look},
		},
		"test": {
			settings: []string{"STAND_IN_FAILS=make test"},
			want:     []string{"update: step test: TestStandIn failed: make test race=: exit status 1; " + look},
		},
		"test of a document that contradicts itself": {
			settings: []string{"STAND_IN_FAILS=make test"},
			page:     strings.Replace(page, `"enabled",`, `"paused",`, 1),
			want: []string{
				"update: step test: TestStandIn failed: ", "(1 candidates above)",
				"paste the entries at the end of api/corrections.yaml, and run again; " + look,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, doc := copyOf(t, whole), revisedPage(t)
			if tt.page != "" {
				writeFile(t, doc, tt.page)
			}
			unharmed(t, tree, func() {
				status, stderr := start(t, tree, "", tt.settings, doc).end(t)
				for _, want := range tt.want {
					if status != exitFailed || !strings.Contains(stderr, want) {
						t.Errorf("status %d, it says\n%s\nwant %q", status, stderr, want)
					}
				}
			})
		})
	}
}

// What a killed update had decided, the next one completes before it looks at anything else.
func TestNextUpdateCompletesAKilledOne(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	name := filepath.Join(tree, "CHANGELOG.md")
	type file struct {
		Mode    fs.FileMode
		Content []byte
	}
	journal, err := json.Marshal([]map[string]any{{
		"Name": "CHANGELOG.md", "Old": file{0o644, read(t, name)}, "New": file{0o644, []byte("decided\n")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(tree, ".git", "heygen-update", "journal.json"), string(journal))
	status, stderr := start(t, tree, "", nil).end(t)
	if status != exitFailed || !strings.Contains(stderr, "name one document") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if got := read(t, name); string(got) != "decided\n" {
		t.Errorf("the file is\n%s", got)
	}
}

// revisedPage writes the vendored page with other prose. That of the same definition is an update with cheap steps.
func revisedPage(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), vendored)
	writeFile(t, name, string(read(t, basePage))+"\nOther prose.\n")
	return name
}

// newTree returns a repository of what an update reads and changes.
func newTree(t *testing.T) string {
	t.Helper()
	return copyOf(t, part)
}

func copyOf(t *testing.T, template func() (string, error)) string {
	t.Helper()
	directory, err := template()
	if err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(t.TempDir(), "tree")
	if err := os.CopyFS(tree, os.DirFS(directory)); err != nil {
		t.Fatal(err)
	}
	return tree
}

// Repositories to copy, which takes less time than to make them.
var (
	whole = sync.OnceValues(func() (string, error) {
		directory := filepath.Join(shared, "whole")
		return directory, table.Checkout(context.Background(), filepath.Join("..", ".."), directory)
	})
	part = sync.OnceValues(func() (string, error) {
		from, err := whole()
		if err != nil {
			return "", err
		}
		directory := filepath.Join(shared, "part")
		if err := os.CopyFS(directory, os.DirFS(from)); err != nil {
			return "", err
		}
		for _, line := range []string{
			"git rm -rq .", "git checkout -q HEAD -- api openapi.json CHANGELOG.md",
			"git -c user.name=t -c user.email=t@example.com commit -qm part",
		} {
			if err := table.Run(context.Background(), directory, line); err != nil {
				return "", err
			}
		}
		return directory, nil
	})
)

// look returns the mode and the content of every file of a tree, by name, and git's index.
func look(t *testing.T, tree string) map[string]string {
	t.Helper()
	files := map[string]string{"git's index": string(read(t, filepath.Join(tree, ".git", "index")))}
	err := fs.WalkDir(os.DirFS(tree), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == ".git" {
			if err == nil {
				err = fs.SkipDir
			}
			return err
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

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
