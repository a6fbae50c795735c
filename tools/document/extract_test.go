package document_test

import (
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

// definition is the smallest one, in an unusual layout.
const definition = "{\n  \"openapi\": \"3.1.0\",\n\t\"paths\": {\"/a\": {\"get\": {}}} \n}\n"

func TestExtractReturnsTheDefinition(t *testing.T) {
	t.Parallel()
	const page = "# OpenAPI definition\n```json\n" + definition + "```\n"
	const operation = "paths: {/a: {get: {}}}\n"
	tests := map[string]struct{ content, want string }{
		"page": {page, definition},
		"page with other things": {
			"# Update\n\n```json\n{\"a\": \"response\"}\n```\n\n# OpenAPI definition\n\nSee:\n\n```json\n" + definition +
				"```\n\n```json\n{\"openapi\": \"2\"}\n```\n", definition,
		},
		"page with another language first": {
			"# OpenAPI definition\n```yaml\nopenapi: 3\n```\n```json\n" + definition + "```", definition,
		},
		"page with an example first": {
			"# OpenAPI definition\n```json\n{\"code\": 100}\n```\n~~~ json\n{ … }\n~~~\n```json\n" + definition + "```\n",
			definition,
		},
		"page with front matter":      {"---\ntitle: x\nopenapi: get /a\n---\n" + page, definition},
		"page with a byte order mark": {"\uFEFF" + page, definition},
		"page with HTML":              {"<p>Update</p>\n\n" + page, definition},
		"page with the heading in a code block": {
			"````md\n# OpenAPI definition\n```json\n{}\n```\n````\n" + page, definition,
		},
		"page with a longer fence of tildes": {"# OpenAPI definition\n~~~~json\n" + definition + "~~~~~\n", definition},
		"page with an info string": {
			"# OpenAPI definition\n``` JSON title=\"x\"\n" + definition + "```\n", definition,
		},
		"page with an indented block": {"# OpenAPI definition\n    ```json\n" + definition + "    ```\n", definition},
		"page with code in a line": {
			"# OpenAPI definition\n```json``` is:\n```json\n" + definition + "```\n", definition,
		},
		"page on CRLF lines": {strings.ReplaceAll(page, "\n", "\r\n"), strings.ReplaceAll(definition, "\n", "\r\n")},

		"JSON":                        {definition, definition},
		"JSON with a byte order mark": {"\uFEFF" + definition, definition},
		"JSON that mentions a page": {
			`{"openapi": "3.1", "x": "\n# OpenAPI definition\n", "paths": {"/a": {"get": {}}}}`,
			`{"openapi": "3.1", "x": "\n# OpenAPI definition\n", "paths": {"/a": {"get": {}}}}`,
		},
		"YAML": {
			"# a comment\n---\nopenapi: 3.1.0\r\n" + operation + "x: {v: '4', d: 2025-10-22, n: ~, 200: [0.5]}\n",
			`{"openapi":"3.1.0","paths":{"/a":{"get":{}}},"x":{"v":"4","d":"2025-10-22","n":null,"200":[0.5]}}`,
		},
		"YAML with a fence": {
			"openapi: 3.1.0\n" + operation + "x: |\n  ```json\n  {}\n  ```\n",
			`{"openapi":"3.1.0","paths":{"/a":{"get":{}}},"x":"` + "```json\\n{}\\n```\\n" + `"}`,
		},
		"YAML with an alias": {
			"openapi: 3.1.0\n" + operation + "x: &x [1]\ny: *x\n",
			`{"openapi":"3.1.0","paths":{"/a":{"get":{}}},"x":[1],"y":[1]}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Extract([]byte(tt.content))
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "YAML") {
				got = []byte(strings.NewReplacer(" ", "", "\n", "").Replace(string(got)))
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExtractRefusesWhatHoldsNoDefinition(t *testing.T) {
	t.Parallel()
	const head = "# OpenAPI definition\n```json\n"
	tests := map[string]struct{ content, wantErr string }{
		"spaces":                           {" \r\n", "it is empty"},
		"prose":                            {"openapi is a format\n", "neither the heading"},
		"HTML":                             {"<!doctype html>\n<p>openapi: 3</p>", "it is HTML"},
		"page without the heading":         {"# Update\n```json\n" + definition + "```\n", "neither the heading"},
		"page with a heading of a section": {"#" + head + definition + "```\n", "neither the heading"},
		"page with a block before the heading": {
			"```json\n" + definition + "```\n# OpenAPI definition\n", "no json code block follows",
		},
		"page with YAML":                {"# OpenAPI definition\n```yaml\nopenapi: 3\n```\n", "no json code block follows"},
		"page with a block not closed":  {"\n" + head + definition, "line 3 is never closed"},
		"page with a block that is cut": {head + "{\n\"openapi\":\n```\n", "begins at line 3: not JSON in line 3"},
		"page with broken JSON": {
			"---\na: b\n---\n" + head + "{\n\"a\" 1\n}\n```\n", "begins at line 6: not JSON in line 2",
		},
		"page with two values":     {head + "{}{}\n```\n", "after top-level value"},
		"page with an empty block": {head + "```\n", "line 3: not JSON"},
		"page with a list":         {head + "[]\n```\n", "not an OpenAPI document"},
		"page with other JSON":     {head + "{\"code\": 100}\n```\n", "line 3: not an OpenAPI document"},
		"page without an operation": {
			head + "{\"openapi\": \"3.1.0\", \"paths\": {\"/a\": {}}}\n```\n", "it has no operation",
		},
		"JSON that is cut":              {"{\n\"openapi\": \"3.1.0\",\n\"info\": {", "not JSON in line 3"},
		"JSON with a member twice":      {`{"openapi": "3.1.0", "openapi": "3.1.0"}`, "duplicate object member name"},
		"JSON of Swagger 2":             {"{\"swagger\": \"2.0\"}", "it is Swagger 2.0"},
		"JSON of OpenAPI 3.0":           {"{\"openapi\": \"3.0.3\"}", "version 3.0.3 is not supported"},
		"JSON of OpenAPI 3.2":           {"{\"openapi\": \"3.2.0\"}", "version 3.2.0 is not supported"},
		"JSON with a number as version": {"{\"openapi\": 3.1}", "want the string"},
		"YAML of OpenAPI 3.0":           {"info: {}\nopenapi: 3.0.3\n", "version 3.0.3 is not supported"},
		"YAML that is broken":           {"openapi: 3.1.0\ninfo: [\n", "not YAML: yaml: line 2"},
		"YAML of two documents":         {"openapi: 3.1.0\n---\nopenapi: 3.1.0\n", "something follows the first"},
		"YAML within itself":            {"openapi: 3.1.0\nx: &x [*x]\n", "levels of objects"},
		"YAML with an infinite number":  {"openapi: 3.1.0\nx: .inf\n", "YAML that JSON cannot express"},
		"YAML of another kind":          {"kind: Service\n", "neither the heading"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Extract([]byte(tt.content))
			if err == nil {
				t.Fatalf("extracted %q, want an error", got)
			}
			if !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error %q, want one that holds %q", err, tt.wantErr)
			}
		})
	}
}
