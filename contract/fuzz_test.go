package contract_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
)

// FuzzLoad loads documents, and checks an exchange with those that are good. None may panic or take long.
func FuzzLoad(f *testing.F) {
	for _, schema := range []string{
		`{"type": "object", "properties": {"a": {"$ref": "#/components/schemas/S"}}, "unevaluatedProperties": false}`,
		`{"$dynamicRef": "#a"}`, `{"pattern": "^(?!x)\\u0041{1,2000}$"}`, `{"$id": "a", "$anchor": "b", "const": 1e3}`,
		`{"$ref": "file:///dev/zero"}`, `{"$id": "file:///dev/x", "$ref": "zero"}`,
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
	})
}
