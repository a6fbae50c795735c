package generate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

type object = map[string]any

type sample struct {
	Name      string
	Path      string
	Method    string
	Operation object
	More      object
	Names     []object
	Refused   []string
	Errors    int
	Calls     string // lines: an expression => the request
}

func samples(t *testing.T) []sample {
	t.Helper()
	text, err := os.ReadFile("testdata/documents.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	if err := yaml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// definition returns the document of a sample.
func (s sample) definition(t *testing.T) []byte {
	t.Helper()
	operation := object{"operationId": "get_q", "responses": object{"200": object{"description": "d"}}}
	maps.Copy(operation, s.Operation)
	definition := object{
		"openapi": "3.1.0", "info": object{"title": "t", "version": "1"},
		"paths": object{cmp.Or(s.Path, "/q"): object{cmp.Or(s.Method, "get"): operation}},
	}
	merge(definition, s.More)
	text, err := yaml.Marshal(definition)
	if err != nil {
		t.Fatal(err)
	}
	converted, err := document.Extract(text)
	if err != nil {
		t.Fatal(err)
	}
	return converted
}

func merge(into, from object) {
	for name, value := range from {
		if old, isObject := into[name].(object); isObject {
			merge(old, value.(object))
		} else {
			into[name] = value
		}
	}
}

func (s sample) overlay(t *testing.T) []byte {
	t.Helper()
	if s.Names == nil {
		return nil
	}
	text, err := json.Marshal(object{
		"overlay": "1.1.0", "info": object{"title": "t", "version": "1"}, "actions": s.Names,
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Each document compiles, client and server, or is refused at the places that are wrong with it. Of many that compile,
// the go command builds the client, too, and the request builders are called.
func TestDocumentsCompileOrAreRefused(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	c, built := New(root), program{root: root, files: Files{}}
	for i, s := range samples(t) {
		overlays := [][]byte{s.overlay(t)}
		files, err := c.files(t.Context(), s.definition(t),
			output{configs: clientConfigs, overlays: overlays}, output{configs: serverConfigs, overlays: overlays})
		if s.Refused == nil {
			if err != nil {
				t.Errorf("%s: it is refused:\n%v", s.Name, err)
				continue
			}
			for name, code := range files {
				if line := breaksOut.Find(code); line != nil {
					t.Errorf("%s: %s has the line %q", s.Name, name, line)
				}
			}
			if s.Calls != "" {
				built.add(fmt.Sprintf("d%d", i), s, files["generated/heygen.gen.go"])
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: it is not refused\n%s", s.Name, files["generated/heygen.gen.go"])
			continue
		}
		for _, want := range s.Refused {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: want %q in\n%v", s.Name, want, err)
			}
		}
		if got := strings.Count(err.Error(), "\n") + 1; s.Errors != 0 && got != s.Errors {
			t.Errorf("%s: %d errors, want %d:\n%v", s.Name, got, s.Errors, err)
		}
	}
	built.run(t)
}

// breaksOut is a line that generated code has only if a text of the document ended its comment, or began one that the
// go command reads.
var breaksOut = regexp.MustCompile(`(?m)^\s*//(line |export |\w+:).*$|^\s*#include.*$|^(var|func init).*$|^import "C"$`)

// A path parameter must not have the name of what its builder or its handler uses: document.Name renames it.
func TestPathParametersHideNothing(t *testing.T) {
	t.Parallel()
	all := samples(t)
	i := slices.IndexFunc(all, func(s sample) bool { return s.Name == "what functions use" })
	files, err := New("../..").files(t.Context(), all[i].definition(t),
		output{configs: clientConfigs}, output{configs: serverConfigs})
	if err != nil {
		t.Fatal(err)
	}
	isRenamed := func(parameter string) bool {
		named, err := document.Name(sample{Path: "/q/{" + parameter + "}", Operation: object{"parameters": []object{
			{"name": parameter, "in": "path", "required": true, "schema": object{"type": "string"}},
		}}}.definition(t))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(named, []byte(`"x-go-name"`))
	}
	for name, code := range files {
		file, err := parser.ParseFile(token.NewFileSet(), "", code, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			function, isFunction := declaration.(*ast.FuncDecl)
			if !isFunction || function.Name.Name != "GetQ" && !strings.HasPrefix(function.Name.Name, "NewGetQ") {
				continue
			}
			ast.Inspect(function, func(node ast.Node) bool {
				if selector, ok := node.(*ast.SelectorExpr); ok {
					node = selector.X // the selected name hides nothing
				}
				used, ok := node.(*ast.Ident)
				if ok && !token.IsExported(used.Name) && used.Name != "_" && used.Name != "id" && !isRenamed(used.Name) {
					t.Errorf("%s: %s uses %s, and a path parameter of that name is not renamed", name, function.Name.Name, used.Name)
				}
				return true
			})
		}
	}
}

// program is a Go program of generated packages that prints the requests which their builders make.
type program struct {
	root  string
	files Files // by their names, relative to root, where they are not
	calls strings.Builder
	wants []string
}

const imported = "github.com/heygen-go/heygen/"

func (p *program) add(name string, s sample, client []byte) {
	code := bytes.Replace(client, []byte("package generated\n"), []byte("package "+name+"\n"), 1)
	p.files["tests/calls/"+name+"/client.go"] = code
	var calls strings.Builder
	fmt.Fprintf(&calls, "package %s\n\nfunc Calls(base *url.URL, print func(*http.Request, error)) {\n", name)
	for line := range strings.Lines(s.Calls) {
		call, want, _ := strings.Cut(strings.TrimSpace(line), " => ")
		fmt.Fprintf(&calls, "\tprint(%s)\n", call)
		p.wants = append(p.wants, s.Name+": "+want)
	}
	calls.WriteString("}\n")
	p.files["tests/calls/"+name+"/calls.go"] = []byte(strings.Replace(calls.String(), "\n",
		"\nimport (\n\"encoding/json\"\n\"net/http\"\n\"net/url\"\n\"github.com/heygen-go/heygen/wire\"\n)\n"+
			"var _ json.RawMessage\nvar _ wire.Timestamp\n", 1))
	fmt.Fprintf(&p.calls, "\t%s.Calls(base, printer(%q))\n", name, s.Name)
}

func (p *program) run(t *testing.T) {
	t.Helper()
	var main strings.Builder
	main.WriteString("package main\n\nimport (\n\"fmt\"\n\"io\"\n\"net/http\"\n\"net/url\"\n")
	for name := range p.files {
		if d := filepath.Base(filepath.Dir(name)); filepath.Base(name) == "calls.go" {
			fmt.Fprintf(&main, "%q\n", imported+"tests/calls/"+d)
		}
	}
	main.WriteString(`)

func printer(name string) func(*http.Request, error) {
	return func(r *http.Request, err error) {
		if err != nil {
			fmt.Printf("%s: error %v\n", name, err)
			return
		}
		body := []byte{}
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
			body = append([]byte(" "), body...)
		}
		fmt.Printf("%s: %s %s%s\n", name, r.Method, r.URL.RequestURI(), body)
	}
}

func main() {
	base := &url.URL{Scheme: "https", Host: "a"}
` + p.calls.String() + "}\n")
	p.files["tests/calls/main/main.go"] = []byte(main.String())

	scratch, replaced := t.TempDir(), map[string]string{}
	for name, content := range p.files {
		file := filepath.Join(scratch, fmt.Sprintf("%d.go", len(replaced)))
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		replaced[filepath.Join(p.root, name)] = file
	}
	overlay, err := json.Marshal(object{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(scratch, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "go", "run", "-overlay", filepath.Join(scratch, "overlay.json"),
		"./tests/calls/main")
	run.Dir = p.root
	run.Env = append(os.Environ(), "PWD="+p.root, "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
	printed, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	got := strings.Split(strings.TrimSpace(string(printed)), "\n")
	if len(got) != len(p.wants) {
		t.Fatalf("%d requests, want %d:\n%s", len(got), len(p.wants), printed)
	}
	for i, want := range p.wants {
		if got[i] != want {
			t.Errorf("got  %s\nwant %s", got[i], want)
		}
	}
}
