package document_test

import (
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

func TestCheckSupportedNamesTheOperationAndThePart(t *testing.T) {
	t.Parallel()
	const value = `"schema": {"type": "string"}`
	tests := map[string]struct{ operation, want string }{
		"values": {
			`"parameters": [{"in": "path", "name": "id", "required": true, ` + value + `},
				{"in": "query", "name": "q", "style": "deepObject", "schema": {"type": "object"}},
				{"in": "header", "name": "h", ` + value + `}]`, "",
		},
		"JSON bodies": {`"requestBody": {"content": {"application/json; charset=utf-8": {}, "application/a+json": {}}}`, ""},
		"form": {
			`"requestBody": {"content": {"application/json": {}, "multipart/form-data": {}}}`,
			"operation getThing (GET /a/{id}): the body multipart/form-data is not supported",
		},
		"cookie": {
			`"parameters": [{"in": "cookie", "name": "c", ` + value + `}]`,
			`operation getThing (GET /a/{id}): the cookie "c" is not supported`,
		},
		"content": {
			`"parameters": [{"in": "query", "name": "q", "content": {"application/json": {}}}]`,
			`content of the query parameter "q" is not supported`,
		},
		"by reference": {`"parameters": [{"$ref": "#/components/parameters/c"}]`, `the cookie "c"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := document.CheckSupported([]byte(`{"openapi": "3.1.0", "paths": {"/a/{id}": {"get": {` +
				`"operationId": "getThing", ` + tt.operation + `}}},
				"components": {"parameters": {"c": {"in": "cookie", "name": "c", ` + value + `}}}}`))
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one that holds %q", err, tt.want)
			}
		})
	}
}
