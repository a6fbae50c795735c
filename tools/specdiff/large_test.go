package specdiff

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

// object is one of JSON.
type object = map[string]any

func list(values ...any) []any { return values }

// A page as large and as varied as that of the vendor's next version is reported on, with every operation that the
// generator has no code for. No other test runs beside it, because generation takes one document at a time, and waiting
// counts.
func TestLargePage(t *testing.T) { //nolint:paralleltest // see above
	page, operations := largePage(t)
	if len(page) < 440_000 {
		t.Fatalf("the page has %d bytes, want 440 kB", len(page))
	}
	file := filepath.Join(t.TempDir(), "version-3.json")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := Read(t.Context(), document.V1, file, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Compare(t.Context(), "../..", document.V1, read)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Document.Changes) < 62 || report.Document.Verdict != Compatible {
		t.Errorf("the document axis is %s, with %d changes", report.Document.Verdict, len(report.Document.Changes))
	}
	if report.Go.Verdict != Breaking {
		t.Errorf("the Go axis is %s", report.Go.Verdict)
	}
	for _, path := range operations {
		escaped := strings.ReplaceAll(path, "/", "~1")
		if !slices.ContainsFunc(report.Go.Changes, func(c Change) bool {
			return c.ID == idGenerationFailed &&
				(strings.Contains(c.Text+c.Where, path) || strings.Contains(c.Text+c.Where, escaped))
		}) {
			t.Errorf("no change names %s, of which no code can be made", path)
		}
	}
}

// largePage returns a definition, and the paths of those of its operations that no code can be made of.
func largePage(t *testing.T) (page []byte, unsupported []string) {
	t.Helper()
	const prose = "What the member holds, in *Markdown*, with `code` and a [link](https://example.com/a), in a few " +
		"sentences. "
	ref := func(i int) object { return object{"$ref": fmt.Sprintf("#/components/schemas/Model%d", i%90)} }
	body := func(schema any) object { return object{"application/json": object{"schema": schema}} }
	schemas := object{"Failure": object{"type": "object", "properties": object{"code": object{"type": "string"}}}}
	for i := range 90 {
		kinds := list(
			object{"type": "string", "description": strings.Repeat(prose, 6), "example": "x"},
			object{"type": list("string", "null"), "format": "date-time"},
			object{"type": "integer", "minimum": 0, "default": 1},
			object{"type": "array", "items": object{"type": "string", "enum": list("a", "b")}},
			ref(i+7),
			object{"anyOf": list(object{"type": "string"}, object{"type": "null"})},
			object{"oneOf": list(ref(i+1), ref(i+2)), "discriminator": object{"propertyName": "member_0"}},
			object{"type": "object", "additionalProperties": object{"type": "string"}},
			object{
				"type": "object",
				"properties": object{
					"x": object{"type": "object", "properties": object{"y": object{"pattern": "^a+$", "type": "string"}}},
				},
			},
			object{"type": "string", "const": "fixed"},
		)
		members := object{}
		for j := range 16 {
			members[fmt.Sprintf("member_%d", j)] = kinds[(i+j)%len(kinds)]
		}
		schemas[fmt.Sprintf("Model%d", i)] = object{"type": "object", "description": prose, "properties": members}
	}
	paths := object{}
	for i := range 62 {
		path := fmt.Sprintf("/v3/things%d/{thing_id}", i)
		parameters := list(
			object{"name": "thing_id", "in": "path", "required": true, "schema": object{"type": "string"}},
			object{"name": "limit", "in": "query", "schema": object{"type": "integer", "maximum": 100}},
			object{"name": "status", "in": "query", "schema": object{"type": "array", "items": object{"type": "string"}}},
			object{"name": "Idempotency-Key", "in": "header", "schema": object{"type": "string"}},
		)
		operation := object{
			"operationId": fmt.Sprintf("operation-%d", i), "description": strings.Repeat(prose, 5),
			"requestBody": object{"required": true, "content": body(ref(i))},
			"responses": object{
				"200": object{
					"description": "d",
					"headers":     object{"X-Limit": object{"schema": object{"type": "integer"}}},
					"content": body(
						object{
							"type":       "object",
							"properties": object{"data": ref(i + 3), "error": object{"type": list("string", "null")}},
						},
					),
				},
				"401":     object{"description": "d"},
				"default": object{"description": "d", "content": body(object{"$ref": "#/components/schemas/Failure"})},
			},
		}
		switch i % 12 {
		case 3:
			operation["requestBody"] = object{
				"content": object{"multipart/form-data": object{"schema": object{"type": "object"}}},
			}
			unsupported = append(unsupported, path)
		case 6:
			parameters = append(parameters, object{"name": "session", "in": "cookie", "schema": object{"type": "string"}})
			unsupported = append(unsupported, path)
		case 9:
			operation["callbacks"] = object{"done": object{"{$request.body#/url}": object{"post": object{
				"requestBody": object{"content": body(ref(1))}, "responses": object{"200": object{"description": "d"}},
			}}}}
		}
		operation["parameters"] = parameters
		paths[path] = object{"post": operation}
	}
	page, err := json.MarshalIndent(object{
		"openapi":  "3.1.0",
		"info":     object{"title": "t", "version": "3"},
		"paths":    paths,
		"servers":  list(object{"url": "https://api.heygen.com"}),
		"security": list(object{"ApiKey": list()}),
		"webhooks": object{
			"done": object{
				"post": object{
					"requestBody": object{"content": body(ref(2))},
					"responses":   object{"200": object{"description": "d"}},
				},
			},
		},
		"components": object{"schemas": schemas, "securitySchemes": object{
			"ApiKey": object{"type": "apiKey", "name": "x-api-key", "in": "header"},
			"OAuth": object{
				"type":  "oauth2",
				"flows": object{"clientCredentials": object{"tokenUrl": "https://a", "scopes": object{"a": "b"}}},
			},
		}},
	}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return page, unsupported
}
