package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/revision"
	"github.com/heygen-go/heygen/tools/revision/internal/table"
	"github.com/heygen-go/heygen/tools/revision/internal/transaction"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// root is a repository that is made from the page in testdata/base.
var root string

func TestMain(m *testing.M) { os.Exit(table.RunTests(m, filepath.Join("..", ".."), &root)) }

// vendored is the name of the page of the webhook endpoint's update in api/.
const vendored = "update-a-webhook-endpoint.md"

func TestStatusSaysWhatTheReportSays(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		old, new string // what is replaced in the vendored page
		status   int
		same     bool
		golden   string
	}{
		"same":        {"", "", exitFine, true, "same"},
		"other prose": {"Invalid URL", "Wrong URL", exitFine, false, ""},
		"member added": {
			`"username": {`, `"colour": {"type": "string"},
                        "username": {`, exitFine, false, "added",
		},
		"header renamed": {`"name": "x-api-key"`, `"name": "x-key"`, exitBreaks, false, "renamed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := revised(t, tt.old, tt.new)
			for _, format := range []string{"text", "markdown", "json"} {
				file := filepath.Join(t.TempDir(), "report.json")
				status, stdout, stderr := call(t, "-C", root, "-format", format, "-report", file, page)
				if status != tt.status || stderr != "" {
					t.Errorf("%s: status %d, want %d; standard error %q", format, status, tt.status, stderr)
				}
				if said := strings.Contains(stdout, "nothing changes"); format != "json" && said != tt.same {
					t.Errorf("%s: says that nothing changes: %v, want %v", format, said, tt.same)
				}
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				var report revision.Report
				decoder := json.NewDecoder(bytes.NewReader(content))
				decoder.DisallowUnknownFields()
				if err := decoder.Decode(&report); err != nil {
					t.Fatal(err)
				}
				if format == "json" && stdout != string(content) {
					t.Errorf("printed is\n%s\nwritten\n%s", stdout, content)
				}
				if (report.Semver == revision.NoStep) != tt.same {
					t.Errorf("the next release is %s", report.Semver)
				}
				if tt.golden != "" {
					golden(t, tt.golden+"."+format, stdout)
				}
			}
		})
	}
}

func TestFailureIsStatusTwo(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "notes.md")
	if err := os.WriteFile(text, []byte("# Notes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		want string // in the standard error
	}{
		"no document":    {nil, "name one document"},
		"empty document": {[]string{""}, "name one document"},
		"two documents":  {[]string{"a", "b"}, "name one document"},
		"unknown flag":   {[]string{"-x", "a"}, "-x"},
		"unknown format": {[]string{"-C", root, "-format", "xml", text}, `format "xml": want text, markdown or json`},
		"no such file":   {[]string{"-C", root, "missing.md"}, "missing.md"},
		"no definition":  {[]string{"-C", root, text}, "definition"},
		"no repository":  {[]string{"-C", t.TempDir(), filepath.Join(root, "api", vendored)}, "provenance.json"},
		"report unwritten": {
			[]string{"-C", root, "-report", filepath.Join(text, "report.json"), "api/" + vendored}, "report.json",
		},
		"another version": {[]string{"-C", root, revised(t, `"openapi": "3.1.0"`, `"openapi": "2.0"`)}, "3.1"},
		"broken":          {[]string{"-C", root, revised(t, `"openapi": "3.1.0",`, `"openapi": `)}, "not JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, stderr := call(t, tt.args...)
			if status != exitFailed || !strings.Contains(stderr, tt.want) {
				t.Errorf("status %d, want %d; standard error %q, want %q in it", status, exitFailed, stderr, tt.want)
			}
		})
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	t.Parallel()
	if status, _, stderr := call(t, "-h"); status != exitFine || !strings.Contains(stderr, "-report") {
		t.Errorf("status %d, standard error %q", status, stderr)
	}
}

// What make says is what a script sees. The tree is the same afterwards, to the byte.
//
//nolint:paralleltest // it looks at the whole tree
func TestMakePrintsTheStatusAndChangesNothing(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("no make")
	}
	before := tree(t)
	for page, want := range map[string]string{
		"api/" + vendored: "",
		revised(t, `"name": "x-api-key"`, `"name": "x-key"`): "Error 3",
		"api/names.yaml": "Error 2",
	} {
		command := exec.CommandContext(t.Context(), "make", "spec-diff", "DOC="+page)
		command.Dir = root
		command.Env = transaction.Environment()
		output, err := command.CombinedOutput()
		if (err == nil) != (want == "") || !strings.Contains(string(output), want) {
			t.Errorf("make spec-diff DOC=%s: %v, want %q in\n%s", page, err, want, output)
		}
	}
	if after := tree(t); after != before {
		t.Errorf("the tree was\n%s\nand is\n%s", before, after)
	}
}

// tree says what is in the working tree: its state, and the digest of every file.
func tree(t *testing.T) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-c", "git status --porcelain -uall && "+
		"git ls-files -z --cached --others --exclude-standard | xargs -0 cksum")
	command.Dir, command.Env = root, transaction.Environment()
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return string(output)
}

func call(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, complaint bytes.Buffer
	status = run(t.Context(), args, &out, &complaint)
	return status, out.String(), complaint.String()
}

// revised writes the vendored page with a part replaced, under its name.
func revised(t *testing.T, old, replacement string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "api", vendored))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page, []byte(old)) {
		t.Fatalf("the page holds no %q", old)
	}
	if old != "" {
		page = bytes.Replace(page, []byte(old), []byte(replacement), 1)
	}
	name := filepath.Join(t.TempDir(), vendored)
	if err := os.WriteFile(name, page, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s\n(run go test ./cmd/spec-diff -update if that is right)", path, got, want)
	}
}
