package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const vendored = "api/update-a-webhook-endpoint.md"

// whole is a repository of the part of the working tree that an update needs. Its page has a defect of its own,
// x-defect, and a correction of it, so that the tests hold whatever page is vendored. template is the same without the
// code and without a configuration to generate it, which takes most of the time: the report says so. bin has a go
// command without the slow parts: it does not build and test, it does not generate, and its spec-diff is this program.
// With GENERATE=yes spec-diff and generate are those of the tree.
var whole, template, bin string

func TestMain(m *testing.M) {
	if os.Getenv("SPEC_DIFF") == "yes" {
		main()
	}
	scratch, err := os.MkdirTemp("", "heygen-update-test-")
	if err == nil {
		whole, template = filepath.Join(scratch, "whole"), filepath.Join(scratch, "template")
		bin = filepath.Join(scratch, "bin")
		err = makeTemplates(context.Background())
	}
	status := 1
	if err == nil {
		status = m.Run()
	} else {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
	}
	_ = os.RemoveAll(scratch)
	os.Exit(status)
}

func makeTemplates(ctx context.Context) error {
	root := filepath.Join("..", "..", "..")
	names, err := outputOf(ctx, root,
		"git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(names, "\x00"), "\x00") {
		if !needed.MatchString(name) || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not yet committed so
		}
		if err != nil {
			return err
		}
		switch name {
		case vendored:
			content = bytes.Replace(content, []byte("{\n"), []byte("{\n  \"x-defect\": \"wrong\",\n"), 1)
		case "api/corrections.yaml":
			content = append(content, correction...)
		}
		if err := write(filepath.Join(whole, name), content); err != nil {
			return err
		}
		if isCode.MatchString(name) {
			continue
		}
		if err := write(filepath.Join(template, name), content); err != nil {
			return err
		}
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	standIn := strings.NewReplacer("GO", goCommand, "PROGRAM", program).Replace(`#!/bin/sh
case "$1 $ELSEWHERE" in 'generate yes') echo 'package evil' >api/evil.go ;; esac
case "$1 $GENERATE" in
build* | test* | 'generate ') exit ;;
esac
case "$GENERATE$*" in '-C tools tool spec-diff '* | '-C tools run ./cmd/spec-diff '*)
	shift 4
	SPEC_DIFF=yes exec PROGRAM "$@"
	;;
esac
exec GO "$@"
`)
	if err := write(filepath.Join(bin, "go"), []byte(standIn)); err != nil {
		return err
	}
	for _, line := range []string{
		"git init -q", "git add .", "git -c user.name=t -c user.email=t@example.com commit -qm base", "git repack -qad",
	} {
		for _, tree := range []string{whole, template} {
			if _, err := outputOf(ctx, tree, strings.Fields(line)...); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	needed = regexp.MustCompile(
		`^[^/]*$|^(api|contract|docs|generated|internal|scripts|tools|wire|wrapper)/`)
	isCode = regexp.MustCompile(`^api/generated.yaml$|^(contract|generated|internal|tools|wire|wrapper)/`)
)

const correction = `
  - x-correction: defect
    description: It is not wrong.
    x-evidence: none
    x-pointer: /x-defect
    target: $[?@ == 'wrong']
    remove: true
`

func TestUpdate(t *testing.T) {
	t.Parallel()
	tree := copyOf(t, whole)
	const unfinished = "\nNot committed.\n"
	mustWrite(t, filepath.Join(tree, "CHANGELOG.md"), read(t, tree, "CHANGELOG.md")+unfinished)
	mustWrite(t, filepath.Join(tree, "notes.txt"), "not tracked")
	before := look(t, tree)
	page := strings.Replace(read(t, tree, vendored), "{\n", "{\n  \"x-other\": 1,\n", 1)
	mustWrite(t, filepath.Join(tree, "page.md"), page) // in the tree, so DOC is relative to it
	output, err := update(t, tree, "DOC=page.md", "GENERATE=yes", "TESTS=grep -q x-other openapi.json")
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var changed []string
	for name, content := range look(t, tree) {
		if before[name] != content && name != "page.md" {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	want := []string{
		"CHANGELOG.md", "api/corrected.json", "api/provenance.json", vendored, "docs/deviations.md", "openapi.json",
	}
	if !slices.Equal(changed, want) {
		t.Errorf("it changes %q, want %q", changed, want)
	}
	if read(t, tree, vendored) != page {
		t.Error("the vendored page is not the one that was handed over")
	}
	changelog := read(t, tree, "CHANGELOG.md")
	if !strings.Contains(changelog, "Nothing changes for your code.") || !strings.HasSuffix(changelog, unfinished) {
		t.Errorf("the CHANGELOG is\n%s", changelog)
	}
	onlyWorktree(t, tree)
}

func TestUpdateDropsAnObsoleteCorrection(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	fixed := strings.Replace(read(t, tree, vendored), "  \"x-defect\": \"wrong\",\n", "", 1)
	unharmed(t, tree, func(doc string) {
		output, err := update(t, tree, "DOC="+doc, "TESTS=true")
		if err == nil || !strings.Contains(output, "defect is obsolete") || !strings.Contains(output, "DROP=1") {
			t.Errorf("%v\n%s", err, output)
		}
	}, fixed)
	page := filepath.Join(t.TempDir(), "page.md")
	mustWrite(t, page, fixed)
	if output, err := update(t, tree, "DOC="+page, "DROP=1", "TESTS=true"); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if strings.Contains(read(t, tree, "api/corrections.yaml"), "x-correction: defect") {
		t.Error("the correction is still there")
	}
}

// What the update cannot do it does not do in part.
func TestUpdateThatStopsLeavesTheTree(t *testing.T) {
	t.Parallel()
	page := read(t, template, vendored)
	more := page + "\nMore prose.\n"
	tests := map[string]struct {
		page     string
		dirty    string // a file with a change that is not committed
		settings []string
		want     string
	}{
		"no document":    {settings: []string{"DOC="}, want: "name one document"},
		"no definition":  {page: "# Notes\n", want: "the page of an operation?"},
		"not changed":    {page: page, want: "nothing changes"},
		"failing tests":  {page: more, settings: []string{"TESTS=exit 1"}, want: "stopped: bash -c exit 1"},
		"dirty page":     {page: more, dirty: vendored, want: "commit or stash these:\n M " + vendored},
		"code in api":    {page: more, settings: []string{"ELSEWHERE=yes"}, want: "api/evil.go"},
		"name with code": {settings: []string{"DOC=$(touch hacked);`touch hacked`.md"}, want: "no such file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newTree(t)
			if tt.dirty != "" {
				mustWrite(t, filepath.Join(tree, tt.dirty), page+"\nOther prose.\n")
			}
			unharmed(t, tree, func(doc string) {
				settings := append([]string{"DOC=" + doc, "TESTS=true"}, tt.settings...)
				output, err := update(t, tree, settings...)
				if (err != nil) != (name != "not changed") || !strings.Contains(output, tt.want) {
					t.Errorf("%v, it prints\n%s\nwant %q", err, output, tt.want)
				}
			}, tt.page)
		})
	}
}

// An update that is interrupted in its last step, when all files are made, leaves the tree, and the next one succeeds.
func TestUpdateThatIsKilledLeavesTheTree(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			tree, fifo := newTree(t), filepath.Join(t.TempDir(), "fifo")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			page := read(t, tree, vendored) + "\nMore prose.\n"
			unharmed(t, tree, func(doc string) {
				started := begin(t, tree, "DOC="+doc, "TESTS=echo begun; exec cat "+fifo)
				started.signalAfter(t, "begun", s)
				if s == syscall.SIGKILL { // what it started lives on
					release, err := os.OpenFile(fifo, os.O_WRONLY, 0)
					if err != nil {
						t.Fatal(err)
					}
					_ = release.Close()
				}
				started.fails(t)
			}, page)
			if s == syscall.SIGTERM {
				onlyWorktree(t, tree)
				return // the next update would find the tree as the first one did
			}
			doc := filepath.Join(t.TempDir(), "page.md")
			mustWrite(t, doc, page)
			if output, err := update(t, tree, "DOC="+doc, "TESTS=true"); err != nil || read(t, tree, vendored) != page {
				t.Errorf("the next update: %v\n%s", err, output)
			}
		})
	}
}

// A second signal ends an update whose step does not end by the first.
func TestUpdateEndsBySecondSignal(t *testing.T) {
	t.Parallel()
	tree, fifo := newTree(t), filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	unharmed(t, tree, func(doc string) {
		started := begin(t, tree, "DOC="+doc,
			"TESTS=trap 'echo first' TERM; echo begun; while :; do read -r <>"+fifo+"; done")
		started.signalAfter(t, "begun", syscall.SIGINT)
		started.signalAfter(t, "first", syscall.SIGINT)
		started.fails(t)
	}, read(t, tree, vendored)+"\nMore prose.\n")
	onlyWorktree(t, tree)
}

// A signal ends spec-diff, whatever it waits for.
func TestSpecDiffEndsBySignal(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "page.md")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, "-C", template, fifo)
	command.Env = append(environment(), "SPEC_DIFF=yes")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(fifo, os.O_WRONLY, 0) // once it reads
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = writer.Close() })
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _ = command.Wait(); command.ProcessState.ExitCode() != exitFailed ||
		!strings.Contains(stderr.String(), "interrupt") {
		t.Errorf("it ends with %v\n%s", command.ProcessState, &stderr)
	}
}

// An update of a page that is written to get out writes where an update writes, or nowhere.
func TestUpdateOfAHostilePage(t *testing.T) {
	t.Parallel()
	allowed := regexp.MustCompile(
		`^(api/[a-z0-9-]+\.(md|json|yaml)|generated/.*\.gen\.go|openapi\.json|CHANGELOG\.md|docs/deviations\.md)$`,
	)
	const code = `x\n//go:generate touch hacked\nfunc init() { panic(1) } /* \u2028 */ ` + "`" + `\r\n*/`
	for name, replacement := range map[string]string{
		"extensions": `"x-go-type": "evil.T", "x-go-type-import": {"path": "os/exec", "name": "evil"}, "x-go-name": "Evil",
			"x-oapi-codegen-extra-tags": {"json": "x"}`,
		"text": `"title": "` + code + `", "x-` + code + `": 1, "externalDocs": {"url": "https://example.com", ` +
			`"description": "` + code + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := copyOf(t, whole)
			const member = `"type": "string"`
			page := strings.ReplaceAll(read(t, tree, vendored), member, member+", "+replacement)
			doc := filepath.Join(t.TempDir(), "..evil.go")
			mustWrite(t, doc, page)
			before := look(t, tree)
			output, err := update(t, tree, "DOC="+doc, "GENERATE=yes", "TESTS=true", "DROP=1")
			for name, content := range look(t, tree) {
				switch {
				case before[name] == content:
				case !allowed.MatchString(name):
					t.Errorf("it writes %s\n%s", name, output)
				case strings.HasSuffix(name, ".go") && regexp.MustCompile(`(?m)^//go:generate|^func `+
					`init|os/exec`).MatchString(content):
					t.Errorf("%s has code of the page:\n%s", name, content)
				}
			}
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// With KEEP=1 the commands that the update prints bring the mended worktree into the tree.
func TestUpdateKeepsItsWorktree(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	page := read(t, tree, vendored) + "\nMore prose.\n"
	var output string
	unharmed(t, tree, func(doc string) {
		var err error
		if output, err = update(t, tree, "DOC="+doc, "KEEP=1", "TESTS=false"); err == nil {
			t.Errorf("it succeeded\n%s", output)
		}
	}, page)
	_, rest, _ := strings.Cut(output, "The worktree is kept: ")
	worktree, rest, _ := strings.Cut(rest, "\n")
	_, commands, ok := strings.Cut(rest, "here:\n")
	if !ok {
		t.Fatalf("it does not say how to go on:\n%s", output)
	}
	mustWrite(t, filepath.Join(worktree, "mended.txt"), "mended")
	if output, err := outputOf(t.Context(), tree, "bash", "-ec", commands); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if read(t, tree, vendored) != page || read(t, tree, "mended.txt") != "mended" {
		t.Error("the tree does not have what the worktree had")
	}
	if _, err := os.Stat(worktree); err == nil {
		t.Error("the worktree is still there")
	}
	_ = os.RemoveAll(filepath.Dir(worktree))
}

// A vendored page is named after DOC. A name that a server chooses could be that of a Go file, which go generate reads.
func TestServerDoesNotNameThePage(t *testing.T) {
	t.Parallel()
	tree := newTree(t)
	page := strings.NewReplacer("/v1/webhook/endpoint.update", "/v1/other", "update-a-webhook-endpoint", "other").
		Replace(read(t, tree, vendored))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/evil.go" {
			http.Redirect(w, r, "/evil.go", http.StatusFound)
			return
		}
		if r.Referer() != "" || r.Header.Get("Authorization") == "" {
			t.Errorf("the redirected request has the headers %v", r.Header)
		}
		_, _ = io.WriteString(w, page)
	}))
	t.Cleanup(server.Close)
	before := look(t, tree)
	address := strings.Replace(server.URL, "://", "://me:s3cret@", 1) + "/Other%20Page!.go?token=s3cret#s3cret"
	output, err := update(t, tree, "DOC="+address, "TESTS=true")
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if strings.Contains(output, "s3cret") {
		t.Errorf("it prints what is secret:\n%s", output)
	}
	var added []string
	for name, content := range look(t, tree) {
		if _, ok := before[name]; !ok {
			added = append(added, name)
		}
		if strings.Contains(content, "s3cret") {
			t.Errorf("%s has what is secret", name)
		}
	}
	if want := []string{"api/other-page.md"}; !slices.Equal(added, want) {
		t.Errorf("it adds %q, want %q", added, want)
	}
}

// The weekly workflow updates a clone and proposes the result, or says why there is none.
//
//nolint:paralleltest,tparallel // the subtests share a tree, because the first two change nothing
func TestWeeklyProposal(t *testing.T) {
	t.Parallel()
	page := read(t, template, vendored)
	fixed := strings.Replace(page, "  \"x-defect\": \"wrong\",\n", "", 1)
	tree := newTree(t)
	for _, tt := range []struct {
		name, page string
		files      string // that the proposed commit changes
		args       string // of gh, but for the branches
	}{
		{"the same", page, "", ""},
		{"stopped", fixed, "", "--body-file - --draft"},
		{"moved", strings.Replace(page, "{\n", "{\n  \"x-other\": 1,\n", 1), vendored, "--body-file -"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			scratch := t.TempDir()
			origin, doc := filepath.Join(scratch, "origin"), filepath.Join(scratch, "page.md")
			mustWrite(t, doc, tt.page)
			mustWrite(t, filepath.Join(scratch, "gh"), "#!/bin/sh\necho \"$@\" >"+scratch+"/args; cat >"+scratch+"/body\n")
			script := `git init -q --bare "$1" && git push -q "$1" HEAD
				output=$(scripts/document-update "$2" "$3/update")
				[ -n "$output" ] || exit 0
				git clone -q "$1" "$3/clone" && cd "$3/clone"
				scripts/document-propose "${output#branch=}" "$3/update"
				scripts/document-propose "${output#branch=}" "$3/update"
				git show --format= --name-only "${output#branch=}"`
			command := exec.CommandContext(t.Context(), "bash", "-euc", script, "", origin, doc, scratch)
			command.Dir = tree
			command.Env = append(environment(), "PATH="+scratch+":"+bin+":"+os.Getenv("PATH"), "TESTS=true")
			output, err := command.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			args, _ := os.ReadFile(filepath.Join(scratch, "args"))
			body, _ := os.ReadFile(filepath.Join(scratch, "body"))
			if tt.args == "" {
				if len(args) > 0 {
					t.Errorf("it proposes %s", args)
				}
				return
			}
			if !strings.HasSuffix(string(args), tt.args+"\n") || !bytes.Contains(body, []byte("### Published document")) ||
				!strings.Contains(string(output), "proposed already") {
				t.Errorf("gh %s\n%s\n%s", args, body, output)
			}
			if strings.Contains(string(output), vendored) != (tt.files != "") {
				t.Errorf("the commit changes %q, want %q", output, tt.files)
			}
			if tt.files == "" && !bytes.Contains(body, []byte("defect is obsolete")) {
				t.Errorf("it does not say why it stopped:\n%s", body)
			}
		})
	}
}

func onlyWorktree(t *testing.T, tree string) {
	t.Helper()
	worktrees, err := outputOf(t.Context(), tree, "git", "worktree", "list")
	if err != nil || strings.Count(worktrees, "\n") != 1 {
		t.Errorf("worktrees are left: %v\n%s", err, worktrees)
	}
}

func newTree(t *testing.T) string {
	t.Helper()
	return copyOf(t, template)
}

func copyOf(t *testing.T, repository string) string {
	t.Helper()
	tree := filepath.Join(t.TempDir(), "tree")
	if _, err := outputOf(t.Context(), repository, "cp", "-r", ".", tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// unharmed checks that a tree and what git has staged are the same after do, which is given a file with the page.
func unharmed(t *testing.T, tree string, do func(doc string), page string) {
	t.Helper()
	doc := filepath.Join(t.TempDir(), "page.md")
	mustWrite(t, doc, page)
	before := look(t, tree)
	do(doc)
	if after := look(t, tree); !maps.Equal(after, before) {
		t.Errorf("the tree changed: it has %d files, and had %d", len(after), len(before))
	}
}

// look returns the contents of a tree's files by name, and of git's index.
func look(t *testing.T, tree string) map[string]string {
	t.Helper()
	staged, err := outputOf(t.Context(), tree, "git", "ls-files", "--stage")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"git's index": staged}
	err = filepath.WalkDir(tree, func(name string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && entry.Name() == ".git" {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		files[strings.TrimPrefix(name, tree+"/")] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func update(t *testing.T, tree string, settings ...string) (output string, err error) {
	t.Helper()
	content, err := command(t, tree, settings...).CombinedOutput()
	return string(content), err
}

func command(t *testing.T, tree string, settings ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(tree, "scripts", "update"))
	command.Env = append(environment(), "PATH="+bin+":"+os.Getenv("PATH"))
	command.Env = append(command.Env, settings...)
	return command
}

// begun is an update under way.
type begun struct {
	command *exec.Cmd
	output  *bufio.Reader
}

func begin(t *testing.T, tree string, settings ...string) begun {
	t.Helper()
	command := command(t, tree, settings...)
	stdout, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return begun{command, bufio.NewReader(stdout)}
}

// signalAfter sends a signal when the update has printed a line.
func (b begun) signalAfter(t *testing.T, want string, s syscall.Signal) {
	t.Helper()
	for line := ""; line != want+"\n"; {
		var err error
		if line, err = b.output.ReadString('\n'); err != nil {
			t.Fatalf("it ended before %q: %v", want, err)
		}
	}
	if err := b.command.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// fails waits for the end of the update and of all that it started.
func (b begun) fails(t *testing.T) {
	t.Helper()
	if _, err := io.Copy(io.Discard, b.output); err != nil {
		t.Error(err)
	}
	if err := b.command.Wait(); err == nil {
		t.Error("it succeeded")
	}
}

func outputOf(ctx context.Context, directory string, words ...string) (string, error) {
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = directory, environment()
	output, err := command.Output()
	return string(output), err
}

// environment is that of a user without settings of git's and without those of a make that runs the tests.
func environment() []string {
	rest := slices.DeleteFunc(os.Environ(), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "MAKE") ||
			slices.Contains([]string{"DOC", "API", "DROP", "KEEP", "TESTS"}, name)
	})
	return append(rest,
		"GOFLAGS=-mod=readonly -trimpath", "GOWORK=off", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
}

func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if bytes.HasPrefix(content, []byte("#!")) {
		mode = 0o755
	}
	return os.WriteFile(name, content, mode)
}

func mustWrite(t *testing.T, name, content string) {
	t.Helper()
	if err := write(name, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, tree, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(tree, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
