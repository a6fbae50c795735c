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
	const yaml = "openapi: 3.1.0\npaths:\n  /a: {get: {}}\n"
	const converted = `{"openapi":"3.1.0","paths":{"/a":{"get":{}}}}`
	indent := func(text, by string) string {
		return by + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+by) + "\n"
	}
	version3 := func(info string) string { return "# A\n\n## OpenAPI\n\n````" + info + "\n" + yaml + "````\n\nMore.\n" }
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

		"YAML page":                               {version3("yaml /openapi.json get /a"), converted},
		"YAML page without an operation":          {version3("yaml"), converted},
		"YAML page without a file":                {version3("yaml GET /a"), converted},
		"YAML page with quotes":                   {version3(`yaml "/openapi.json" "get" "/a"`), converted},
		"YAML page with an info string in quotes": {version3(`yaml "openapi.json GET /a" title="post it"`), converted},
		"YAML page with attributes":               {version3("YML /o.json Get /a {1,3} title=\"A\" theme={null}"), converted},
		"YAML page with attributes at once":       {version3("yaml{1,3} expandable"), converted},
		"YAML page with a path as in a URL": {
			strings.ReplaceAll(version3("yaml get /%7Ba%7D"), "  /a:", "  /{a}:"), strings.ReplaceAll(converted, "/a", "/{a}"),
		},
		"YAML page on CRLF lines": {strings.ReplaceAll(version3("yaml"), "\n", "\r\n"), converted},
		"YAML page with another level of heading": {
			strings.Replace(version3("yaml"), "## OpenAPI", "##### openapi ##", 1), converted,
		},
		"YAML page with front matter": {"---\nopenapi: get /a\n---\n" + version3("yaml"), converted},
		"YAML page with tildes":       {"# OpenAPI\n~~~ yaml /o.json get /a\n" + yaml + "~~~~\n", converted},
		"YAML page with examples first": {
			"```json\n" + definition + "```\n## OpenAPI\n```json\n{\"data\": {}}\n```\n```yaml\na: [\n```\n" +
				"```json Example of POST /b\n{}\n```\n" + version3("yaml /o.json get /a"), converted,
		},
		"YAML page with both headings": {
			"# OpenAPI definition\n```yaml\n" + yaml + "x: 1\n```\n" + version3("yaml"), converted,
		},
		"YAML page in a list": {"## OpenAPI\n\n1. See:\n\n" + indent("````yaml\n"+yaml+"````\n", "   "), converted},
		"YAML page in a quote": {
			"## OpenAPI\n" + indent("````yaml get /a\n"+strings.Replace(yaml, "\n", "\n\n", 1)+"````\n", "> "), converted,
		},
		"YAML page in a callout": {
			"## OpenAPI\n<Note>\n" + indent("````yaml\n"+yaml+"````\n", "\t") + "</Note>\n", converted,
		},
		"YAML page with a fence in a description": {
			version3("yaml get /a\ninfo:\n  description: |\n    ```sh\n    x\n    ```\n\n   # OpenAPI"),
			`{"info":{"description":"` + "```sh\\nx\\n```\\n" + `"},"openapi":"3.1.0","paths":{"/a":{"get":{}}}}`,
		},
		"YAML page with a short fence and one in a description": {
			"## OpenAPI\n```yaml\n" + yaml + "info:\n  description: |\n    ```\n    x\n    ```\n```\n",
			converted[:len(converted)-1] + `,"info":{"description":"` + "```\\nx\\n```\\n" + `"}}`,
		},
		"page of version 3 with JSON": {"## OpenAPI\n```json /o.json get /a\n" + definition + "```\n", definition},
		"page of version 3 with several operations": {
			"## OpenAPI\n```json get /b\n" + `{"openapi": "3.1.0", "paths": {"/a": {"get": {}}, "/b": {"get": {}}}}` + "\n```\n",
			`{"openapi": "3.1.0", "paths": {"/a": {"get": {}}, "/b": {"get": {}}}}` + "\n",
		},

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
		"YAML with a comment that is a heading": {"# OpenAPI\n" + yaml, converted},
		"YAML with a description that has a heading": {
			yaml + "info:\n  description: |\n    ## OpenAPI\n    ```json\n    {}\n    ```\n",
			converted[:len(converted)-1] + `,"info":{"description":"##OpenAPI\n` + "```json\\n{}\\n```\\n" + `"}}`,
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
		"page without the heading, YAML":   {"# A\n````yaml\nopenapi: 3.1.0\n````\n", "neither the heading"},
		"page with a heading of a section": {"#" + head + definition + "```\n", "neither the heading"},
		"page with a block before the heading": {
			"```json\n" + definition + "```\n# OpenAPI definition\n", "no json code block follows",
		},
		"page with YAML": {
			"# OpenAPI definition\n```yaml\nopenapi: 3.1.0\npaths: {/a: {get: {}}}\n```\n", "no json code block follows",
		},
		"page of version 3 without a block": {"## OpenAPI\n```sh\nopenapi: 3\n```\n", "and no yaml or json code block"},
		"page of version 3 with another operation": {
			"## OpenAPI\n````yaml /o.json post /a\nopenapi: 3.1.0\npaths: {/a: {get: {}}}\n````\n```json\n" + definition +
				"```\n",
			"begins at line 3: it lacks the operation POST /a, which its code block names",
		},
		"page of version 3 with another path": {
			"## OpenAPI\n```json get /a/\n" + definition + "```\n", "it lacks the operation GET /a/,",
		},
		"page of version 3 with broken YAML": {
			"# A\n\n## OpenAPI\n```json\n{}\n```\n  ````yaml get /a\n  openapi: 3.1.0\n  info:\n  \ta: 1\n  ````\n",
			"begins at line 8: not YAML: yaml: line 10: found character",
		},
		"page of version 3 with a member twice": {
			"\n## OpenAPI\n````yaml\nopenapi: 3.1.0\npaths:\n  /a: {}\n  /a: {}\n````\n",
			`begins at line 4: the object in line 6 has the member "/a" twice`,
		},
		"page of version 3 that is cut off": {
			"## OpenAPI\n```json\n{}\n```\n````yaml\nopenapi: 3.1.0\npaths: {/a: {get: {}}}\n```\n", "line 5 is never closed",
		},
		"page of version 3 with OpenAPI 3.0": {
			"## OpenAPI\n````yaml get /a\nopenapi: 3.0.3\n````\n", "line 3: OpenAPI version 3.0.3 is not supported",
		},
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
