package document_test

import (
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

func TestExtractTakesADefinitionAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, want string }{
		"JSON":                      {definition, definition},
		"JSON behind a byte mark":   {"\uFEFF" + definition, definition},
		"JSON on CRLF lines":        {"{\r\n\"openapi\":\"3.1.0\"}\r\n", "{\r\n\"openapi\":\"3.1.0\"}\r\n"},
		"JSON that tells of a page": {`{"openapi": "3.1.0", "x": "\n# OpenAPI definition\n"}`, ""},
		"YAML": {
			"# a comment\n---\nopenapi: 3.1.0\ninfo:\n  version: '4'\n  title: t\n",
			"{\n  \"openapi\": \"3.1.0\",\n  \"info\": {\n    \"version\": \"4\",\n    \"title\": \"t\"\n  }\n}\n",
		},
		"YAML on CRLF lines": {
			"openapi: 3.1.0\r\nx: [1]\r\n",
			"{\n  \"openapi\": \"3.1.0\",\n  \"x\": [\n    1\n  ]\n}\n",
		},
		"YAML with the version as a number": {"openapi: 3.1\n", "{\n  \"openapi\": \"3.1\"\n}\n"},
		"YAML with a fence in a text": {
			"openapi: 3.1.0\nx: |\n  ```json\n  {}\n  ```\n",
			"{\n  \"openapi\": \"3.1.0\",\n  \"x\": \"```json\\n{}\\n```\\n\"\n}\n",
		},
		"YAML with types of its own": {
			"openapi: 3.1.0\n200: {d: 2025-10-22, h: 0x10, f: .5, n: ~, b: true, s: '200'}\n",
			"{\n  \"openapi\": \"3.1.0\",\n  \"200\": {\n    \"d\": \"2025-10-22\",\n    \"h\": 16,\n    \"f\": 0.5,\n" +
				"    \"n\": null,\n    \"b\": true,\n    \"s\": \"200\"\n  }\n}\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.want == "" {
				tt.want = tt.content
			}
			got, err := document.Extract([]byte(tt.content))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExtractRefusesWhatIsNoDefinition(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, wantErr string }{
		"blanks":               {" \r\n", "it is empty"},
		"HTML":                 {"<!doctype html>\n<p>openapi: 3</p>", "line 1: it is HTML"},
		"JSON cut off":         {"{\n\"openapi\": \"3.1.0\",\n\"info\": {", "line 3: not JSON"},
		"JSON broken":          {"{\n\"openapi\" \"3.1.0\"}", "line 2: not JSON"},
		"JSON of another kind": {"{\n\"code\": 100}", "line 1: not an OpenAPI document"},
		"Swagger 2": {
			"{\n\n\"swagger\": \"2.0\"}",
			"line 3: not an OpenAPI document of version 3.1: it is Swagger 2.0",
		},
		"OpenAPI 3.0":         {"{\n\"openapi\": \"3.0.3\"}", "line 2: OpenAPI version 3.0.3 is not supported: want 3.1"},
		"OpenAPI 3.2":         {"{\"openapi\": \"3.2.0\"}", "line 1: OpenAPI version 3.2.0 is not supported"},
		"YAML of Swagger 2":   {"# a\nswagger: 2.0\n", "line 2: not an OpenAPI document of version 3.1: it is Swagger 2.0"},
		"YAML of OpenAPI 3.0": {"info: {}\nopenapi: 3.0.3\n", "line 2: OpenAPI version 3.0.3"},
		"YAML broken":         {"openapi: 3.1.0\ninfo: [\n", "not YAML: yaml: line 2"},
		"YAML with an alias":  {"openapi: 3.1.0\na: &a {}\nb: *a\n", "line 3: the alias *a"},
		"YAML of two documents": {
			"openapi: 3.1.0\n---\nopenapi: 3.1.0\n", "something follows the first",
		},
		"YAML with an infinite number": {"openapi: 3.1.0\nx: .inf\n", "line 2: the number .inf"},
		"YAML of another kind":         {"kind: Service\n", "no heading"},
		"prose":                        {"openapi is a format\n", "no heading"},
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
