package document_test

import (
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

func TestCheckSupportedNamesTheOperationAndTheParameter(t *testing.T) {
	t.Parallel()
	const value = `"schema": {"type": "string"}`
	const list = `"schema": {"type": "array", "items": {"type": ["integer", "null"]}}`
	tests := map[string]struct{ operation, want string }{
		"values": {
			`"parameters": [{"in": "path", "name": "id", ` + value + `}, {"in": "query", "name": "q", ` + value + `},
				{"in": "header", "name": "h", ` + value + `}, {"$ref": "#/components/parameters/p"}]`, "",
		},
		"lists": {
			`"parameters": [{"in": "query", "name": "q", ` + list + `}, ` +
				`{"in": "query", "name": "r", "explode": false, ` + list + `}]`, "",
		},
		"JSON body": {`"requestBody": {"content": {"application/json; charset=utf-8": {}, "application/a+json": {}}}`, ""},
		"form body": {
			`"requestBody": {"content": {"multipart/form-data": {}}}`,
			"operation getThing (GET /a/{id}): the body multipart/form-data is not supported",
		},
		"cookie": {
			`"parameters": [{"in": "cookie", "name": "c", ` + value + `}]`,
			`operation getThing (GET /a/{id}): cookie parameter "c": a cookie is not supported`,
		},
		"object": {
			`"parameters": [{"in": "query", "name": "q", "schema": {"type": "object"}}]`,
			`"q": anything but a string`,
		},
		"several types": {
			`"parameters": [{"in": "query", "name": "q", "schema": {"type": ["string", "integer"]}}]`,
			`"q": anything but`,
		},
		"no schema": {
			`"parameters": [{"in": "query", "name": "q", "content": {}}]`,
			`"q": content instead of a schema`,
		},
		"style": {
			`"parameters": [{"in": "query", "name": "q", "style": "pipeDelimited", ` + list + `}]`,
			`"q": style pipeDelimited`,
		},
		"list in header": {`"parameters": [{"in": "header", "name": "h", ` + list + `}]`, `"h": a list is`},
		"list of lists": {
			`"parameters": [{"in": "query", "name": "q", "schema": {"type": "array", "items": {"type": "array"}}}]`,
			`"q": a list of other things`,
		},
		"part of a segment": {`"parameters": [{"in": "path", "name": "part", ` + value + `}]`, `"part": a part of a segment`},
		"by reference":      {`"parameters": [{"$ref": "#/components/parameters/c"}]`, `cookie parameter "c"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := document.CheckSupported([]byte(`{"paths": {"/a/{id}": {"get": {` +
				`"operationId": "getThing", ` + tt.operation + `}}},
				"components": {"parameters": {"p": {"in": "query", "name": "p", ` + value + `},
				"c": {"in": "cookie", "name": "c", ` + value + `}}}}`))
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one that holds %q", err, tt.want)
			}
		})
	}
}
