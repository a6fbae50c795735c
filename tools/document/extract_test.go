package document_test

import (
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

const definition = "{\n  \"openapi\": \"3.1.0\",\n\t\"info\": {} \n}\n"

func TestExtractReturnsTheBytesBetweenTheFences(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ page, want string }{
		"alone": {
			"# OpenAPI definition\n\n```json\n" + definition + "```\n", definition,
		},
		"among other things": {
			"# Update\n\n```json\n{\"a\": \"response\"}\n```\n\n# OpenAPI definition\n\nSee:\n\n```json\n" + definition +
				"```\n\n```json\n{\"openapi\": \"2\"}\n```\n", definition,
		},
		"another language first": {
			"# OpenAPI definition\n```yaml\nopenapi: 3\n```\n```json\n" + definition + "```", definition,
		},
		"front matter": {
			"---\ntitle: x\n# OpenAPI definition\n---\n# OpenAPI definition\n```json\n" + definition + "```\n", definition,
		},
		"byte order mark":   {"\uFEFF# OpenAPI definition\n```json\n" + definition + "```\n", definition},
		"a rule at the top": {"---\n# OpenAPI definition\n```json\n" + definition + "```\n", definition},
		"a heading in a code block": {
			"````md\n# OpenAPI definition\n```json\n{}\n```\n````\n# OpenAPI definition\n```json\n" + definition + "```\n",
			definition,
		},
		"an example first": {
			"# OpenAPI definition\n```json\n{\"code\": 100}\n```\n~~~ json\n{ … }\n~~~\n```json\n" + definition + "```\n",
			definition,
		},
		"tildes, longer":     {"# OpenAPI definition\n~~~~json\n" + definition + "~~~~~\n", definition},
		"info string":        {"# OpenAPI definition\n``` JSON title=\"x\"\n" + definition + "```\n", definition},
		"indented":           {"# OpenAPI definition\n    ```json\n" + definition + "    ```\n", definition},
		"code within a line": {"# OpenAPI definition\n```json``` is:\n```json\n" + definition + "```\n", definition},
		"carriage returns": {
			"# OpenAPI definition\r\n```json\r\n{\"openapi\":\"3.1.0\"}\r\n```\r\n", "{\"openapi\":\"3.1.0\"}\r\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Extract([]byte(tt.page))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExtractRefusesAPageThatHoldsNoDefinition(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ page, wantErr string }{
		"empty":                 {"", "it is empty"},
		"no heading":            {"# Update\n```json\n" + definition + "```\n", `no heading "# OpenAPI definition"`},
		"heading of a section":  {"## OpenAPI definition\n```json\n" + definition + "```\n", "no heading"},
		"block ahead of it":     {"```json\n" + definition + "```\n# OpenAPI definition\n", "no json code block follows"},
		"block of yaml":         {"# OpenAPI definition\n```yaml\nopenapi: 3\n```\n", "no json code block follows"},
		"unclosed":              {"\n# OpenAPI definition\n```json\n" + definition, "line 3 is never closed"},
		"not JSON":              {"# OpenAPI definition\n```json\nopenapi: 3\n```\n", "line 3: not JSON"},
		"cut off":               {"# OpenAPI definition\n```json\n{\"openapi\":\n```\n", "line 3: not JSON"},
		"two documents":         {"# OpenAPI definition\n```json\n{}{}\n```\n", "line 3: not JSON"},
		"wrong in the middle":   {"---\na: b\n---\n# OpenAPI definition\n```json\n{\n\"a\" 1\n}\n```\n", "(line 7)"},
		"cut off in the middle": {"# OpenAPI definition\n```json\n{\n\"a\":\n\n```\n", "(line 4)"},
		"an older version":      {"# OpenAPI definition\n```json\n{\"openapi\": \"3.0.3\"}\n```\n", "3.0.3 is not supported"},
		"nothing in it":         {"# OpenAPI definition\n```json\n```\n", "line 3: not JSON"},
		"a list":                {"# OpenAPI definition\n```json\n[]\n```\n", "line 3: not JSON"},
		"other JSON":            {"# OpenAPI definition\n```json\n{\"code\": 100}\n```\n", "line 3: not an OpenAPI document"},
		"an older definition":   {"# OpenAPI definition\n```json\n{\"swagger\": \"2.0\"}\n```\n", "not an OpenAPI document"},
		"version is not a text": {"# OpenAPI definition\n```json\n{\"openapi\": 3.1}\n```\n", "line 3: not JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Extract([]byte(tt.page))
			if err == nil {
				t.Fatalf("extracted %q, want an error", got)
			}
			if !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error %q, want one that holds %q", err, tt.wantErr)
			}
		})
	}
}
