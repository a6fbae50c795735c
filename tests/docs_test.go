package tests

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// pages returns the text of every page of documentation, by its name from the repository's root. The vendor's own page
// is not among them.
func pages(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" ||
			name != "." && strings.HasPrefix(entry.Name(), ".") || name == "api") {
			return fs.SkipDir
		}
		if err == nil && path.Ext(name) == ".md" {
			pages[name] = string(read(t, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 10 {
		t.Fatalf("only %d pages", len(pages))
	}
	return pages
}

// Every Go block of the documentation is a file that compiles.
func TestTheBlocksCompile(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir, overlay := t.TempDir(), map[string]string{}
	var packages []string
	for name, page := range pages(t) {
		for i, block := range blocks(page, "go") {
			if strings.HasPrefix(block, "package main\n") && !strings.Contains(block, "func main()") {
				block += "\nfunc main() {}\n"
			}
			pkg := fmt.Sprintf("%s-block-%d", strings.NewReplacer("/", "-", ".md", "").Replace(name), i)
			file := filepath.Join(dir, pkg+".go")
			if err := os.WriteFile(file, []byte(block), 0o600); err != nil {
				t.Fatal(err)
			}
			overlay[filepath.Join(root, pkg, "block.go")] = file
			packages = append(packages, "./"+pkg)
		}
	}
	if len(packages) == 0 {
		t.Fatal("there is no Go block")
	}
	replace, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, replace, 0o600); err != nil {
		t.Fatal(err)
	}
	goTool(t, ".", append([]string{"list", "-export", "-overlay=" + file}, packages...)...) // compiles, and links nothing
}

// blocks returns the fenced blocks of a language.
func blocks(markdown, language string) []string {
	var blocks []string
	for _, part := range strings.Split(markdown, "```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

var update = flag.Bool("update", false, "write what \"make run\" prints into the README")

// The README shows what "make run" prints.
func TestTheREADMEShowsARun(t *testing.T) {
	t.Parallel()
	dependencies(t, module+"/cmd/heygen-webhook") // with an empty cache this downloads, and "make run" is quiet about it
	run := exec.CommandContext(t.Context(), "make", "run")
	run.Dir = ".."
	run.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "MAKE") })
	output, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	const begin, end = "-update\" writes it. -->\n```text\n", "```\n"
	readme := string(read(t, "README.md"))
	head, rest, found := strings.Cut(readme, begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("the README has no block after %q", begin)
	}
	want := head + begin + string(output) + end + tail
	if *update {
		if err := os.WriteFile(filepath.Join("..", "README.md"), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if readme != want {
		t.Errorf("the README shows something else than \"make run\" prints (go test ./tests -run README -update):\n%s",
			output)
	}
}

// Every link of the documentation points at something: a file or folder of the repository, a heading of a page, or a
// https URL, which is not requested.
func TestTheLinksPointAtSomething(t *testing.T) {
	t.Parallel()
	pages := pages(t)
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join("..", filepath.FromSlash(name)))
		return err == nil
	}
	checked := 0
	for name, page := range pages {
		for _, link := range links(page) {
			checked++
			if problem := checkLink(name, link, pages, exists); problem != "" {
				t.Errorf("%s: link %s: %s", name, link, problem)
			}
		}
	}
	if checked == 0 {
		t.Error("no page has a link")
	}
}

func TestBrokenLinksAreFound(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"a.md":      "# A `code`, and more\n\n## Twice\n\n## Twice\n\n```\n# No heading\n```\n[b](docs/b.md) `[no](link)`",
		"docs/b.md": "# B\n\n[a][up]\n\n[up]: ../a.md#twice\n",
	}
	exists := func(name string) bool { _, ok := pages[name]; return ok || name == "docs" }
	for link, want := range map[string]string{
		"../a.md": "", "../docs": "", "#b": "", "../a.md#a-code-and-more": "", "../a.md#twice-1": "",
		"https://example.com/a": "",
		"a.md":                  "no such file", "../../a.md": "outside the repository", "#a": "no such heading",
		"../a.md#no-heading": "no such heading", "../a.md#twice-2": "no such heading",
		"http://example.com": "not an https URL", "https:///a": "not an https URL", "%zz": "not a URL",
	} {
		if got := checkLink("docs/b.md", link, pages, exists); got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
	if got := links(pages["a.md"] + pages["docs/b.md"]); strings.Join(got, " ") != "docs/b.md ../a.md#twice" {
		t.Errorf("links %q", got)
	}
}

// checkLink says what is wrong with a link of a page, or "".
func checkLink(page, link string, pages map[string]string, exists func(string) bool) string {
	target, err := url.Parse(link)
	switch {
	case err != nil:
		return "not a URL"
	case target.Scheme != "" || target.Host != "":
		if target.Scheme != "https" || target.Host == "" {
			return "not an https URL"
		}
		return ""
	}
	name := page
	if target.Path != "" {
		name = path.Join(path.Dir(page), target.Path)
	}
	switch {
	case !fs.ValidPath(name):
		return "outside the repository"
	case !exists(name):
		return "no such file"
	case target.Fragment != "" && !anchors(pages[name])[target.Fragment]:
		return "no such heading"
	}
	return ""
}

var (
	fence      = regexp.MustCompile("(?ms)^```.*?^```$")
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	inlineLink = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	definition = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)$`)
	heading    = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// links returns the targets of a page's links, without those in code.
func links(page string) (targets []string) {
	page = inlineCode.ReplaceAllString(fence.ReplaceAllString(page, ""), "")
	for _, form := range []*regexp.Regexp{inlineLink, definition} {
		for _, match := range form.FindAllStringSubmatch(page, -1) {
			targets = append(targets, match[1])
		}
	}
	return targets
}

// anchors returns what the headings of a page are called in a link, as GitHub makes it.
func anchors(page string) map[string]bool {
	anchors := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(page, ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, match[1])
		for i, base := 1, anchor; anchors[anchor]; i++ {
			anchor = fmt.Sprintf("%s-%d", base, i)
		}
		anchors[anchor] = true
	}
	return anchors
}
