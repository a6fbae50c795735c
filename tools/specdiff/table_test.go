package specdiff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
	"github.com/heygen-go/heygen/tools/document"
)

const basePage = "testdata/base/api/update-a-webhook-endpoint.md"

// revision is one of the table in testdata/revisions.yaml.
type revision struct {
	Name, Why string
	Edits     []edit
	Page      string

	Error                   string
	Document                Verdict
	Obsolete, Changed, Lost []string
	InPart                  []string `yaml:"in-part"`
	Contradictions          int
}

// edit is a change at one place of the definition; exactly one of Add, Replace, Rename and Remove says which.
type edit struct {
	At      string // a place of the table and, after a space, a JSON pointer from there; "-" adds to a list
	Add     yaml.Node
	Replace yaml.Node
	Rename  string
	Remove  bool
}

// A revision is judged by what it means.
func TestRevisionsOfTheTable(t *testing.T) {
	t.Parallel()
	var table struct {
		Places    map[string]string
		Lists     yaml.Node // of ids, for aliases
		Revisions []revision
	}
	decoder := yaml.NewDecoder(bytes.NewReader(read(t, "testdata/revisions.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&table); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, r := range table.Revisions {
		if r.Name == "" || r.Why == "" {
			t.Errorf("a revision is called %q, because %q: want a name and a reason", r.Name, r.Why)
		}
		if r.Error == "" {
			compared++
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			r.check(t, table.Places)
		})
	}
	if compared < 62 {
		t.Errorf("%d revisions are compared, want 62 at least", compared)
	}
}

func (r revision) check(t *testing.T, places map[string]string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, r.content(t, places), 0o600); err != nil {
		t.Fatal(err)
	}
	page, err := Read(t.Context(), document.V1, file, io.Discard)
	var report *Report
	if err == nil {
		report, err = compared(t.Context(), page)
	}
	if r.Error != "" {
		if err == nil || !strings.Contains(err.Error(), r.Error) {
			t.Errorf("error %v, want one that holds %q", err, r.Error)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if report.Document.Verdict != r.Document {
		t.Errorf("%s, want %s: %+v", report.Document.Verdict, r.Document, report.Document.Changes)
	}
	for state, want := range map[document.State][]string{
		document.Obsolete: r.Obsolete, document.FixedInPart: r.InPart, document.Changed: r.Changed, document.Lost: r.Lost,
	} {
		var got []string
		for _, c := range report.In(state) {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q: %+v", state, got, want, report.In(state))
		}
	}
	if len(report.Contradictions) != r.Contradictions {
		t.Errorf("%d contradictions, want %d: %+v", len(report.Contradictions), r.Contradictions, report.Contradictions)
	}
}

func (r revision) content(t *testing.T, places map[string]string) []byte {
	t.Helper()
	page := read(t, basePage)
	if len(r.Edits) > 0 {
		definition := extract(t, page)
		page = bytes.Replace(page, definition, r.edited(t, definition, places), 1)
	}
	if r.Page == "" {
		return page
	}
	changed := pages[r.Page](t, page)
	if bytes.Equal(changed, page) {
		t.Fatal("the page stays as it is")
	}
	return changed
}

// edited returns a definition with its members in the order they had. An edit that changes nothing is an error.
func (r revision) edited(t *testing.T, definition []byte, places map[string]string) []byte {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(definition, &root); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Edits {
		name, member, _ := strings.Cut(e.At, " ")
		around, ok := places[name]
		if !ok {
			t.Fatalf("there is no place %q", name)
		}
		if err := e.apply(root.Content[0], jsonpointer.Split(around+member)); err != nil {
			t.Fatalf("%s: %v", e.At, err)
		}
	}
	text, err := yaml.Marshal(blockOf(&root))
	if err != nil {
		t.Fatal(err)
	}
	return extract(t, text) // YAML as JSON
}

// blockOf returns a copy of nodes without the style of JSON and without aliases: revisions share what an alias stands
// for.
func blockOf(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	block := *node
	block.Style, block.Anchor, block.Content = 0, "", nil
	for _, child := range node.Content {
		block.Content = append(block.Content, blockOf(child))
	}
	return &block
}

func (e edit) apply(node *yaml.Node, tokens []string) error {
	for _, token := range tokens[:len(tokens)-1] {
		at := find(node, token)
		if at < 0 {
			return fmt.Errorf("there is no %q", token)
		}
		node = node.Content[at]
	}
	name := tokens[len(tokens)-1]
	at, isList := find(node, name), node.Kind == yaml.SequenceNode
	switch {
	case (at < 0) == e.Add.IsZero():
		return errors.New("it is there already, or it is not there")
	case at < 0 && isList:
		node.Content = append(node.Content, &e.Add)
	case at < 0:
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, &e.Add)
	case !e.Replace.IsZero():
		node.Content[at] = &e.Replace
	case e.Rename != "" && !isList:
		node.Content[at-1].Value = e.Rename
	case e.Remove && isList:
		node.Content = slices.Delete(node.Content, at, at+1)
	case e.Remove:
		node.Content = slices.Delete(node.Content, at-1, at+1)
	default:
		return errors.New("it says no change")
	}
	return nil
}

// find is where in a node's content a member's value, or an entry, is; -1 if it is not there.
func find(node *yaml.Node, token string) int {
	if node.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(token); err == nil && i < len(node.Content) {
			return i
		}
		return -1
	}
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == token {
			return i + 1
		}
	}
	return -1
}

// pages are changes of the page itself.
var pages = map[string]func(*testing.T, []byte) []byte{
	"CRLF":         replace("\n", "\r\n"),
	"byte order":   replace("# Update", "\uFEFF# Update"),
	"callout":      replace("Scroll down", "Go down"),
	"front matter": replace("# Update", "---\ntitle: t\n---\n# Update"),
	"cut off":      func(_ *testing.T, page []byte) []byte { return page[:len(page)/2] },
	"OpenAPI 3.0":  replace(`"openapi": "3.1.0"`, `"openapi": "3.0.3"`),
	"Swagger":      replace(`"openapi": "3.1.0"`, `"swagger": "2.0"`),
	"YAML alone": func(t *testing.T, page []byte) []byte {
		t.Helper()
		var root yaml.Node
		if err := yaml.Unmarshal(extract(t, page), &root); err != nil {
			t.Fatal(err)
		}
		text, err := yaml.Marshal(blockOf(&root))
		if err != nil {
			t.Fatal(err)
		}
		return text
	},
	"sorted members": func(t *testing.T, page []byte) []byte {
		t.Helper()
		definition := extract(t, page)
		var root any
		if err := json.Unmarshal(definition, &root); err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(root, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Replace(page, definition, append(text, '\n'), 1)
	},
}

func replace(old, replacement string) func(*testing.T, []byte) []byte {
	return func(_ *testing.T, page []byte) []byte {
		return bytes.ReplaceAll(page, []byte(old), []byte(replacement))
	}
}

func extract(t *testing.T, page []byte) []byte {
	t.Helper()
	definition, err := document.Extract(page)
	if err != nil {
		t.Fatal(err)
	}
	return definition
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// compared compares a page with the base, the documents alone.
func compared(ctx context.Context, page document.Page) (*Report, error) {
	d, err := readDocuments("testdata/base", document.V1, page)
	if err != nil {
		return nil, err
	}
	return d.report, d.compare(ctx)
}
