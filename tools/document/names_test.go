package document_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

// The names and descriptions leave the contract as it is.
func TestNamesDoNotChangeTheContract(t *testing.T) {
	t.Parallel()
	corrected := api(t, "corrected.json")
	named, err := document.Name(corrected, api(t, "names.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	before, after := decode(t, corrected), decode(t, named)
	if reflect.DeepEqual(before, after) {
		t.Error("the names change nothing")
	}
	if got, want := contractOf(after), contractOf(before); !reflect.DeepEqual(got, want) {
		t.Errorf("the contract becomes\n%v\nwas\n%v", got, want)
	}
}

// contractOf returns a document without its prose (summary and description texts) and its extensions.
func contractOf(node any) any {
	switch node := node.(type) {
	case object:
		kept := object{}
		for name, child := range node {
			if properties, ok := child.(object); ok && name == "properties" {
				schemas := object{} // by the names of members, which are not keywords
				for property, schema := range properties {
					schemas[property] = contractOf(schema)
				}
				kept[name] = schemas
				continue
			}
			_, isText := child.(string)
			if isText && (name == "summary" || name == "description") || strings.HasPrefix(name, "x-") {
				continue
			}
			kept[name] = contractOf(child)
		}
		return kept
	case []any:
		kept := make([]any, len(node))
		for i, child := range node {
			kept[i] = contractOf(child)
		}
		return kept
	default:
		return node
	}
}

const nameHeader = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n"

func TestNameRefusesNamesThatFitNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ names, want string }{
		"a target that is gone": {
			nameHeader + "  - {target: $.gone.member, update: {x-go-name: Gone}}\n", "names: nothing matches $.gone.member",
		},
		"a target of no syntax": {nameHeader + "  - {target: '$[', update: {x-go-name: A}}\n", "names: target $["},
		"the name it has":       {nameHeader + "  - {target: $.kept, update: {type: string}}\n", "names: "},
		"another dialect": {
			strings.Replace(nameHeader, "1.1.0", "1.0.0", 1) + "  - {target: $.kept, remove: true}\n", "overlay: 1.1.0",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			named, err := document.Name([]byte(`{"kept": {"type": "string"}}`), []byte(tt.names))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that holds %q; named\n%s", err, tt.want, named)
			}
		})
	}
}

func TestNameReportsEveryNameThatFitsNothing(t *testing.T) {
	t.Parallel()
	_, err := document.Name([]byte(`{"kept": {"type": "string"}}`), []byte(nameHeader+
		"  - {target: $.gone, update: {x-go-name: A}}\n  - {target: $.lost, update: {x-go-name: B}}\n"))
	if err == nil || !strings.Contains(err.Error(), "$.gone") || !strings.Contains(err.Error(), "$.lost") {
		t.Errorf("error %v", err)
	}
}

func TestNameCutsTheGoNameOffADescription(t *testing.T) {
	t.Parallel()
	named, err := document.Name([]byte(`{"a": {"summary": "s"}}`), []byte(nameHeader+
		"  - {target: $.a, update: {summary: GetA gets a., description: \"A is\\nlong.\"}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := object{"summary": "gets a.", "description": "is\nlong."}
	if got := decode(t, named)["a"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A description begins with the Go name that oapi-codegen writes, so that the comment is what names.yaml says.
func TestGeneratedCommentsAreThoseOfTheNames(t *testing.T) {
	t.Parallel()
	var names struct {
		Actions []struct {
			Update struct{ Description string }
		}
	}
	if err := yaml.Unmarshal(api(t, "names.yaml"), &names); err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join("..", "..", "generated", "heygen.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`[\s/]+`)
	comments := words.ReplaceAllString(string(code), " ")
	for _, action := range names.Actions {
		if want := words.ReplaceAllString(action.Update.Description, " "); !strings.Contains(comments, want) {
			t.Errorf("no comment is %q", want)
		}
	}
}

// named returns a document with one operation, as the generator reads it, without spaces.
func named(t *testing.T, operation string) string {
	t.Helper()
	got, err := document.Name([]byte(`{"paths": {"/a": {"get": {` + operation + `}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(" ", "", "\n", "").Replace(string(got))
}

func TestInlineBodiesGetNames(t *testing.T) {
	t.Parallel()
	const thing = `{"type":"object","properties":{"a":{"type":"string"}}}`
	const moved = `{"type":"object","properties":{"a":{"type":"string"}},"x-moved-from":"/paths/~1a/get/`
	const body = `{"content": {"application/json": {"schema": ` + thing + `}}}`
	tests := map[string]struct{ operation, want string }{
		"request": {
			`"operationId": "x", "requestBody": ` + body,
			`"schemas":{"x-request":` + moved + `requestBody/content/application~1json/schema"}}`,
		},
		"first success": {
			`"operationId": "x", "responses": {"400": ` + body + `, "201": ` + body + `, "202": ` + body + `}`,
			`"schemas":{"x-response":` + moved + `responses/201/content/application~1json/schema"}}`,
		},
		"reference": {`"operationId": "x", "requestBody": ` + body, `"schema":{"$ref":"#/components/schemas/x-request"}`},
		"name that is taken": {
			`"operationId": "x", "requestBody": ` + body +
				`}}}, "components": {"schemas": {"XRequest": true}}, "x": {"x": {"x": {`,
			`"schemas":{"XRequest":true,"x-request-body":` + moved,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := named(t, tt.operation); !strings.Contains(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestHeadersThatTheClientSetsAreNoParameters(t *testing.T) {
	t.Parallel()
	got := named(t, `"parameters": [{"in": "header", "name": "X-Api-Key"}, {"in": "query", "name": "accept"},
		{"in": "header", "name": "Content-Type"}, {"in": "header", "name": "X-Trace"}]`)
	const want = `"parameters":[{"in":"query","name":"accept"},{"in":"header","name":"X-Trace"}]`
	if !strings.Contains(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
