package document_test

import (
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

func TestCheckSupportedNamesThePlace(t *testing.T) {
	t.Parallel()
	const value = `"schema": {"type": "string"}`
	tests := map[string]struct{ operation, want string }{
		"values": {
			`"operationId": "x", "parameters": [{"in": "header", "name": "h", ` + value + `},
				{"in": "query", "name": "q", "style": "deepObject", "schema": {"type": "object"}}]`, "",
		},
		"JSON bodies": {
			`"operationId": "x",
				"requestBody": {"content": {"application/json; charset=utf-8": {}, "application/a+json": {}}}`, "",
		},
		"form": {
			`"operationId": "x", "requestBody": {"content": {"application/json": {}, "multipart/form-data": {}}}`,
			"/paths/~1a/get/requestBody: the body multipart/form-data is not supported",
		},
		"cookie": {
			`"operationId": "x", "parameters": [{"in": "cookie", "name": "c", ` + value + `}]`,
			`/paths/~1a/get/parameters/0: the cookie "c" is not supported`,
		},
		"content": {
			`"operationId": "x", "parameters": [{"in": "query", "name": "q", "content": {"application/json": {}}}]`,
			`content of the query parameter "q" is not supported`,
		},
		"by reference": {`"operationId": "x", "parameters": [{"$ref": "#/components/parameters/c"}]`, `the cookie "c"`},
		"no id":        {`"tags": []`, "/paths/~1a/get: the operation has no operationId"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			isReadable, err := document.CheckSupported([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
				"components": {"parameters": {"c": {"in": "cookie", "name": "c", ` + value + `}}},
				"paths": {"/a": {"get": {"responses": {"200": {"description": "d"}}, ` + tt.operation + `}}}}`))
			if !isReadable {
				t.Error("it is not readable")
			}
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one that holds %q", err, tt.want)
			}
		})
	}
}
