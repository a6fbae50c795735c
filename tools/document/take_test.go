package document_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

const whole = `{"openapi": "3.1.0", "x-groups": ["a"], "info": {"title": "t", "version": "1"}, "jsonSchemaDialect": "d",
"tags": [{"name": "other"}, {"name": "hooks"}], "servers": [{"url": "https://h"}], "security": [{"Key": []}],
"webhooks": {"w": {"post": {"requestBody": {"$ref": "#/components/requestBodies/Hook"}}}},
"paths": {
  "/v3/videos": {"get": {"tags": ["other"], "security": [{"Other": []}], "parameters": [{"$ref": "#/nowhere"}],
    "responses": {"200": {"$ref": "#/components/responses/Videos"}}}},
  "/v3/webhooks/b": {"$ref": "#/components/pathItems/B"},
  "/v3/webhooks": {"get": {}},
  "/v3/webhooks/a": {"parameters": [{"$ref": "#/components/parameters/P"}], "post": {"tags": ["hooks"],
    "security": [{"Token": ["x"]}], "requestBody": {"content": {"application/json": {
      "schema": {"$ref": "#/components/schemas/Tree"},
      "example": {"$ref": "#/components/schemas/Unused"}}}}, "callbacks": {"c": {"$ref": "#/components/callbacks/C"}},
    "responses": {"200": {"$ref": "#/components/responses/Two%20words"},
      "201": {"$ref": "#/paths/~1v3~1webhooks~1b/get"}}}}
},
"components": {
  "x-kind": {"a": 1},
  "links": {"L": {}},
  "schemas": {
    "Unused": {"$ref": "#/components/schemas/Videos", "type": ["string", 5]},
    "Tree": {"type": "object", "properties": {"children": {"items": {"$ref": "#/components/schemas/Tree"}},
      "shape": {"discriminator": {"propertyName": "k", "mapping": {"a": "Circle", "b": "#/components/schemas/a~1b"}}},
      "part": {"$ref": "#/components/schemas/Deep/properties/d"}}},
    "Videos": {},
    "a/b": true,
    "Circle": {"$ref": "https://h/other.json"},
    "Deep": {"properties": {"d": {"not": {"$ref": "#/components/schemas/Last"}}}},
    "Last": {"default": 1e+2}
  },
  "responses": {"Videos": {"description": "v"}, "Two words": {"description": "t", "links": {"l": {"$ref": "#/gone"}}}},
  "requestBodies": {"Hook": {"content": {}}},
  "parameters": {"P": {"name": "p", "in": "query", "examples": {"e": {"$ref": "#/components/examples/E"}}}},
  "examples": {"E": {"value": {"$ref": "#/paths/~1v3~1videos"}}},
  "pathItems": {"B": {"get": {"responses": {}}}, "C": {}},
  "callbacks": {"C": {"{$request.body#/url}": {"post": {"security": [{"Callback": []}]}}}},
  "securitySchemes": {"Key": {"type": "apiKey"}, "Other": {}, "Token": {"type": "http"}, "Callback": {}}
}}`

const taken = `{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "jsonSchemaDialect": "d",
"tags": [{"name": "hooks"}], "servers": [{"url": "https://h"}], "security": [{"Key": []}],
"paths": {
  "/v3/webhooks/b": {"$ref": "#/components/pathItems/B"},
  "/v3/webhooks/a": {"parameters": [{"$ref": "#/components/parameters/P"}], "post": {"tags": ["hooks"],
    "security": [{"Token": ["x"]}], "requestBody": {"content": {"application/json": {
      "schema": {"$ref": "#/components/schemas/Tree"},
      "example": {"$ref": "#/components/schemas/Unused"}}}}, "callbacks": {"c": {"$ref": "#/components/callbacks/C"}},
    "responses": {"200": {"$ref": "#/components/responses/Two%20words"},
      "201": {"$ref": "#/paths/~1v3~1webhooks~1b/get"}}}}
},
"components": {
  "schemas": {
    "Tree": {"type": "object", "properties": {"children": {"items": {"$ref": "#/components/schemas/Tree"}},
      "shape": {"discriminator": {"propertyName": "k", "mapping": {"a": "Circle", "b": "#/components/schemas/a~1b"}}},
      "part": {"$ref": "#/components/schemas/Deep/properties/d"}}},
    "a/b": true,
    "Circle": {"$ref": "https://h/other.json"},
    "Deep": {"properties": {"d": {"not": {"$ref": "#/components/schemas/Last"}}}},
    "Last": {"default": 1e+2}
  },
  "responses": {"Two words": {"description": "t", "links": {"l": {"$ref": "#/gone"}}}},
  "parameters": {"P": {"name": "p", "in": "query", "examples": {"e": {"$ref": "#/components/examples/E"}}}},
  "examples": {"E": {"value": {"$ref": "#/paths/~1v3~1videos"}}},
  "pathItems": {"B": {"get": {"responses": {}}}},
  "callbacks": {"C": {"{$request.body#/url}": {"post": {"security": [{"Callback": []}]}}}},
  "securitySchemes": {"Key": {"type": "apiKey"}, "Token": {"type": "http"}, "Callback": {}}
}}`

func TestTake(t *testing.T) {
	t.Parallel()
	const prefix = "/v3/webhooks/"
	all := `{"openapi":  "3.1.0", "x-a": 1, "tags": [{"name": "n"}], "paths": {"/v3/webhooks/a": {"get": {}}}}`
	tests := map[string]struct{ definition, want string }{
		"a part":   {whole, taken},
		"the part": {taken, taken},
		"all":      {all, all},
		"no component": {
			`{"paths": {"/v3/webhooks/a": {}, "/b": 1}, "tags": [{"name": "n"}, 5], "components": {"schemas": {"A": {}}}}`,
			`{"paths": {"/v3/webhooks/a": {}}}`,
		},
		"a webhook": {`{"webhooks": [], "paths": {"/v3/webhooks/a": {}}}`, `{"paths": {"/v3/webhooks/a": {}}}`},
		"odd members": {
			`{"paths": {"/v3/webhooks/a": {"security": 1, "tags": {}, "$ref": []}, "/b": {}}, "components": 1, "tags": "n"}`,
			`{"paths": {"/v3/webhooks/a": {"security": 1, "tags": {}, "$ref": []}}}`,
		},
		"odd tags": {
			`{"paths": {"/v3/webhooks/a": {"tags": ["", "n"]}, "/b": {}}, "tags": {"a": {"name": "n"}}}`,
			`{"paths": {"/v3/webhooks/a": {"tags": ["", "n"]}}}`,
		},
		"odd components": {
			`{"paths": {"/v3/webhooks/a": {"$ref": "#/components"}, "/b": {}}, "components": {"schemas": ["A", "B", "C"]}}`,
			`{"paths": {"/v3/webhooks/a": {"$ref": "#/components"}}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Take([]byte(tt.definition), prefix)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == tt.definition {
				if string(got) != tt.want {
					t.Errorf("what has all paths under the prefix came back changed:\n%s", got)
				}
				return
			}
			if compact(t, got) != compact(t, []byte(tt.want)) {
				t.Errorf("took\n%s\nwant\n%s", compact(t, got), compact(t, []byte(tt.want)))
			}
		})
	}
}

// compact returns JSON without spaces. Unlike decoding, it keeps the order of members.
func compact(t *testing.T, text []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTakeRefusesWhatItCannotTake(t *testing.T) {
	t.Parallel()
	const schema = `{"paths": {"/v3/webhooks/a": {"get": {"x": {"$ref": "#/components/schemas/A"}}}, "/v3/b": {}},
		"webhooks": {}, "components": {"schemas": {"A": {"items": {"$ref": "%s"}}}}}`
	tests := map[string]struct{ definition, wantErr string }{
		"no JSON":      {`{"paths"`, "not JSON"},
		"no paths":     {`[]`, `no path of the definition begins with "/v3/webhooks/"`},
		"no such path": {`{"paths": {"/v3/webhooks": {}}}`, `no path of the definition begins with "/v3/webhooks/"`},
		"another path": {
			fmt.Sprintf(schema, "#/paths/~1v3~1b/get/x"),
			"/components/schemas/A/items: it refers to #/paths/~1v3~1b/get/x, which is not under /v3/webhooks/",
		},
		"all paths": {fmt.Sprintf(schema, "#/paths"), "it refers to #/paths"},
		"a webhook": {fmt.Sprintf(schema, "#/webhooks/w"), "it refers to #/webhooks/w"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Take([]byte(tt.definition), "/v3/webhooks/")
			if err == nil {
				t.Fatalf("took %s, want an error", got)
			}
			if !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error %q, want one that holds %q", err, tt.wantErr)
			}
		})
	}
}

// The vendor's published document is under one prefix, and has no component.
func TestTakeLeavesTheWholeAlone(t *testing.T) {
	t.Parallel()
	published := api(t, "../openapi.json")
	got, err := document.Take(published, "/v1/")
	if err != nil || string(got) != string(published) {
		t.Errorf("error %v, or it came back changed", err)
	}
}
