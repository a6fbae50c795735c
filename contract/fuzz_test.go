package contract_test

import (
	"bytes"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
)

// FuzzLoad loads documents, and checks an exchange with those that are good. None may panic, take long, or open a file:
// DIR in a document is a directory with one.
func FuzzLoad(f *testing.F) {
	directory, opened := watched(f)
	for _, schema := range []string{
		`{"type": "object", "properties": {"a": {"$ref": "#/components/schemas/S"}}, "unevaluatedProperties": false}`,
		`{"$dynamicRef": "#a"}`, `{"pattern": "^(?!x)\\u0041{1,2000}$"}`, `{"$id": "a", "$anchor": "b", "const": 1e3}`,
		`{"$ref": "file://DIR/file.json"}`, `{"$dynamicRef": "file://DIR/file.json#a"}`,
		`{"$id": "file://DIR/x", "$ref": "file.json"}`, `{"$id": "https://h/", "$schema": "file://DIR/file.json"}`,
		`{"allOf": [{"$ref": "DIR/file.json"}]}`,
	} {
		f.Add(bodyOf(schema,
			`"schemas": {"S": {"$dynamicAnchor": "a", "anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/S/items"}],
			"items": {"enum": [1, null]}}}`))
		f.Add(documentOf("/{p}-{q}", `{"name": "p", "in": "path", "explode": true, "schema": `+schema+`},
			{"name": "q", "in": "path", "schema": true}, {"name": "o", "in": "query", "style": "deepObject",
				"schema": `+schema+`}`,
			noContent, `"schemas": {"S": {"multipleOf": 0.01}}`))
	}
	f.Add([]byte("openapi: 3.1.0\n" +
		"paths:\n  /t: &t\n    get: {responses: {200: {content: {'*/*': {schema: {minItems: 2e9}}}}}}\n    <<: *t\n"))
	f.Fuzz(func(t *testing.T, document []byte) {
		if len(document) > 10_000 {
			t.Skip("as large as the documents that a person wrote to do harm")
		}
		document = bytes.ReplaceAll(document, []byte("DIR"), []byte(filepath.ToSlash(directory)))
		begin := time.Now()
		c, err := contract.Load(document, contract.WithSchemaOnly(), contract.WithCollector(new(contract.Collector)))
		if err == nil {
			for _, target := range []string{"http://h/t?o[a]=1&a=true&p=x", "http://h/;p=1;p=2-3?p=,&o=a%2Cb"} {
				req := withHeader(target, "Cookie: p=1", "P: 1, 2")
				_ = c.CheckRequest(req)
				_ = c.CheckResponse(req, response(http.StatusOK, `{"a": [1, null, {"a": "x"}], "b": 9007199254740993}`))
			}
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
		if opened() {
			t.Error("a file was opened")
		}
	})
}
