package contract_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// The corrected document says whom to blame for what the published one refuses.
func TestPublishedDocumentNamesTheParty(t *testing.T) {
	t.Parallel()
	published := load(t, publishedDocument)
	allowing := load(t, publishedDocument, contract.WithAllowedDeviations())
	alone, err := contract.Load(publishedDocument)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		status   int
		body     string
		document string // findings that WithAllowedDeviations drops
		server   string
	}{
		"null events":         {200, success(`,"events":null`), "response 200 body /data/events: type", ""},
		"number for events":   {200, success(`,"events":1`), "", "response 200 body /data/events: type"},
		"nothing is required": {200, `{}`, "", ""},
		"401":                 {401, `{"code":400112}`, "response status: status", ""},
		"401 that is wrong":   {401, `{}`, "response status: status", "response 401 body: required"},
		"418":                 {418, `{}`, "", "response status: status"},
		"time without zone": {
			200, success(`,"created_at":"2025-10-22T08:31:48"`), "response 200 body /data/created_at: format", "",
		},
		"the document and the server": {
			200, success(`,"events":null,"secret":null`),
			"response 200 body /data/events: type", "response 200 body /data/secret: type",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all, left []string
			if test.document != "" {
				all = append(all, "document: "+test.document)
			}
			if test.server != "" {
				left = append(left, "server: "+test.server)
			}
			all = append(all, left...)
			wantTexts(t, published.CheckResponse(request(`{}`), response(test.status, test.body)), all...)
			wantTexts(t, allowing.CheckResponse(request(`{}`), response(test.status, test.body)), left...)
			for _, f := range findings(t, alone.CheckResponse(request(`{}`), response(test.status, test.body))) {
				if f.Party != contract.PartyServer {
					t.Errorf("without the corrected document: %s", f)
				}
			}
		})
	}
}

// The published 404 has no members: a strict contract blames the document for those that there are.
func TestStrictBlamesTheDocument(t *testing.T) {
	t.Parallel()
	c := load(t, publishedDocument, contract.WithStrict())
	wantTexts(t, c.CheckRequest(request(`{"endpoint_id":"e1","extra":1}`)),
		"client: request body /extra: unevaluatedProperties")
	wantTexts(t, c.CheckResponse(request(`{}`), response(404, `{"code":400131,"message":"x"}`)),
		"document: response 404 body /code: unevaluatedProperties",
		"document: response 404 body /message: unevaluatedProperties")
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		document string
		opts     []contract.Option
		want     string
	}{
		"no document": {"", nil, "document"},
		"OpenAPI 3.0": {`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{}}`, nil, "3.1"},
		"broken $ref": {`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"responses":
			{"200":{"description":"d","content":{"application/json":{"schema":{"$ref":"#/components/schemas/No"}}}}}}}}}`,
			nil, "No"},
		"nil": {string(correctedDocument), []contract.Option{contract.WithOnViolation(nil), contract.WithCollector(nil),
			contract.WithCorrected(nil), contract.WithOnUnjudged(nil)},
			"WithOnViolation: the function is nil\nWithCollector: the collector is nil\n" +
				"WithCorrected: the document is nil\nWithOnUnjudged: the function is nil"},
		"corrected document": {string(publishedDocument), []contract.Option{contract.WithCorrected([]byte("{}"))},
			"corrected document: "},
		"unknown rules": {string(correctedDocument), []contract.Option{contract.WithoutRules("error-code", "one", "two")},
			`"two"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := contract.Load([]byte(test.document), test.opts...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// other is a document that uses what HeyGen's does not: parameters, references to responses, a template, other types.
const other = `{
	"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://example.org/base"}],
	"components": {
		"responses": {"Named": {"description": "d", "content": {"application/json": {"schema": {"type": "object",
			"properties": {"child": {"$ref": "#/components/schemas/Zed"}, "link": {"$ref": "#/components/schemas/Link"}},
			"unevaluatedProperties": true}}}}},
		"schemas": {"Link": {"type": "string", "format": "uri"},
			"Zed": {"type": "array", "items": {"type": "integer", "minimum": 2}}}
	},
	"paths": {"/items/{id}": {"get": {
		"parameters": [
			{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
			{"name": "limit", "in": "query", "required": true, "schema": {"type": "integer"}},
			{"name": "X-Trace", "in": "header", "schema": {"type": "string", "enum": ["on"]}}
		],
		"responses": {
			"200": {"$ref": "#/components/responses/Named"},
			"204": {"description": "d"},
			"default": {"description": "d", "content": {"text/plain": {}}}
		}
	}}}
}`

func TestCredentialsOfOtherDocuments(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]string{
		`"type": "apiKey", "in": "header", "name": "X-Key"`:  "client: request header X-Key: security",
		`"type": "apiKey", "in": "query", "name": "X-Key"`:   "client: request query X-Key: security",
		`"type": "apiKey", "in": "cookie", "name": "X-Key"`:  "client: request cookie X-Key: security",
		`"type": "http", "scheme": "bearer"`:                 "client: request header Authorization: security",
		`"type": "mutualTLS"`:                                "",
		`"type": "openIdConnect", "openIdConnectUrl": "a:b"`: "client: request header Authorization: security",
	} {
		c := load(t, []byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
			"components": {"securitySchemes": {"key": {`+scheme+`}}}, "security": [{"key": []}],
			"paths": {"/": {"get": {"responses": {"204": {"description": "d"}}}}}}`))
		var wants []string
		if want != "" {
			wants = append(wants, want)
		}
		wantTexts(t, c.CheckRequest(httptest.NewRequest(http.MethodGet, "/", nil)), wants...)
		with := httptest.NewRequest(http.MethodGet, "/?X-Key=k", nil)
		with.Header = http.Header{"X-Key": {"k"}, "Authorization": {"Bearer k"}, "Cookie": {"X-Key=k"}}
		wantTexts(t, c.CheckRequest(with))
	}
}

func TestOtherDocuments(t *testing.T) {
	t.Parallel()
	c := load(t, []byte(other), contract.WithSchemaOnly())
	get := func(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }
	wantTexts(t, c.CheckRequest(get("/items/7?limit=3")))
	wantTexts(t, c.CheckRequest(get("/items/7")), "client: request query limit: required")
	wantTexts(t, c.CheckRequest(get("/items/7?limit=many")), "client: request query limit: schema")
	wantTexts(t, c.CheckRequest(get("/items/7/?limit=3")), "client: request path: path")

	traced := get("/items/7")
	traced.Header.Set("X-Trace", "off")
	wantTexts(t, c.CheckRequest(traced), "client: request query limit: required", "client: request header X-Trace: schema")

	wantTexts(t, c.CheckResponse(get("/items/7"), response(200, `{"child":[2,3.0]}`)))
	wantTexts(t, c.CheckResponse(get("/items/7"), response(200, `{"child":[2,1,2.5]}`)),
		"server: response 200 body /child/1: minimum", "server: response 200 body /child/2: type")
	wantTexts(t, c.CheckResponse(get("/items/7"), response(200, `{"link":"/a"}`)),
		"server: response 200 body /link: format")
	empty := response(204, "")
	empty.Body = nil
	wantTexts(t, c.CheckResponse(get("/items/7"), empty))
	wantTexts(t, c.CheckResponse(get("/items/7"), response(500, "{}")), "server: response 500 content type: content-type")
	plain := response(500, "sorry")
	plain.Header.Set("Content-Type", "text/plain")
	wantTexts(t, c.CheckResponse(get("/items/7"), plain))
}
