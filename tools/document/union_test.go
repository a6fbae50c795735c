package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

// paged is a definition of one page, with its members from version on.
func paged(version, members string) string {
	return `{"openapi": "3.1.0", "info": {"title": "api", "version": "` + version + `"}, ` +
		`"servers": [{"url": "https://a"}], "security": [{"s": []}]` + members + `}`
}

func union(pages ...string) (string, error) {
	var all []document.Page
	for i, page := range pages {
		all = append(all, document.Page{Name: string(rune('a'+i)) + ".md", Definition: []byte(page)})
	}
	got, err := document.Union(all)
	return string(got), err
}

func TestUnionOfOneIsItsBytes(t *testing.T) {
	t.Parallel()
	const page = "{ \"openapi\":\"3.1.0\"}\t\n"
	if got, err := union(page); err != nil || got != page {
		t.Errorf("got %q, error %v", got, err)
	}
}

func TestUnionHoldsWhatAllPagesHold(t *testing.T) {
	t.Parallel()
	const schemes = `"components": {"securitySchemes": {"s": {"type": "apiKey", "in": "header", "name": "k"}}`
	tests := map[string]struct {
		pages []string
		want  string
	}{
		"paths, in the order of the pages": {
			[]string{paged("1", `, "paths": {"/b": {"get": {}}}`), paged("1", `, "paths": {"/a": {"get": {}}}`)},
			paged("1", `, "paths": {"/b": {"get": {}}, "/a": {"get": {}}}`),
		},
		"methods of one path": {
			[]string{paged("1", `, "paths": {"/a": {"get": {}}}`), paged("1", `, "paths": {"/a": {"delete": {}}}`)},
			paged("1", `, "paths": {"/a": {"get": {}, "delete": {}}}`),
		},
		"what is alike, whatever the order of its members": {
			[]string{
				paged("1", `, "paths": {"/a": {"get": {"tags": ["x"], "operationId": "g"}}}, `+schemes+`}`),
				paged("1", `, `+schemes+`, "schemas": {"T": true}}, "paths": {"/a": {"get": {"operationId": "g", "tags": ["x"]}}}`),
			},
			paged("1", `, "paths": {"/a": {"get": {"tags": ["x"], "operationId": "g"}}}, `+schemes+`, "schemas": {"T": true}}`),
		},
		"the first page's notes": {
			[]string{
				paged("1", `, "tags": [{"name": "a"}], "x-readme": {"a": 1}`),
				paged("2", `, "tags": [{"name": "b"}], "x-readme": {"a": 2}, "x-other": 1`),
			},
			paged("1", `, "tags": [{"name": "a"}], "x-readme": {"a": 1}, "x-other": 1`),
		},
		"escapes of JSON": {
			[]string{paged("1", `, "x-a": "\ud83d\ude00 \/ <a> \u0000 \u007f \u0085 \u2028"`), paged("1", "")},
			paged("1", `, "x-a": "\ud83d\ude00 \/ <a> \u0000 \u007f \u0085 \u2028"`),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := union(tt.pages...)
			if err != nil {
				t.Fatal(err)
			}
			if want := ordered(t, tt.want); ordered(t, got) != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// ordered returns a document in one layout, with literal characters and its members in their order.
func ordered(t *testing.T, text string) string {
	t.Helper()
	corrected, err := document.Correct([]byte(text), []byte("overlay: 1.1.0\ninfo: {title: t, version: '1'}\n"+
		"actions: [{x-correction: none, description: d, x-evidence: e, x-pointer: /p, target: $, update: {x-z: 1}}]"))
	if err != nil || !json.Valid(corrected) {
		t.Fatalf("%v: %s", err, corrected)
	}
	return string(corrected)
}

func TestUnionRefusesWhatPagesDefineDifferently(t *testing.T) {
	t.Parallel()
	base := paged("1", `, "paths": {"/a": {"parameters": [], "get": {"operationId": "g", "summary": "A"}}}, `+
		`"components": {"securitySchemes": {"s": {"in": "header"}}, "schemas": {"T": {"type": "string"}}}, `+
		`"tags": [{"name": "t", "description": "d"}]`)
	tests := map[string]struct{ page, want string }{
		"operation": {
			paged("1", `, "paths": {"/a": {"parameters": [], "get": {"operationId": "g", "summary": "B"}}}`),
			"a.md and b.md define /paths/~1a/get/summary differently",
		},
		"member of an operation that one page lacks": {
			paged("1", `, "paths": {"/a": {"parameters": [], "get": {"operationId": "g"}}}`),
			"/paths/~1a/get/summary differently",
		},
		"parameters of all operations of a path": {
			paged("1", `, "paths": {"/a": {"put": {}}}`), "/paths/~1a/parameters differently",
		},
		"security scheme": {
			paged("1", `, "components": {"securitySchemes": {"s": {"in": "query"}}}`),
			"/components/securitySchemes/s/in differently",
		},
		"schema": {
			paged("1", `, "components": {"schemas": {"T": {"type": "integer"}}}`), "/components/schemas/T/type differently",
		},
		"servers": {
			strings.Replace(paged("1", ""), `"https://a"`, `"https://b"`, 1), "/servers/0/url differently",
		},
		"no servers":   {strings.Replace(paged("1", ""), `"servers"`, `"x-servers"`, 1), "/servers differently"},
		"more servers": {strings.Replace(paged("1", ""), `[{"url"`, `[{}, {"url"`, 1), "/servers differently"},
		"no security": {
			strings.Replace(paged("1", ""), `"security": [{"s": []}]`, `"x-s": 1`, 1), "/security differently",
		},
		"version of OpenAPI": {strings.Replace(paged("1", ""), "3.1.0", "3.1.1", 1), "/openapi differently"},
		"member twice": {
			`{"openapi": "3.1.0", "openapi": "3.1.0"}`,
			`b.md: not JSON in line 1: jsontext: duplicate object member name "openapi"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := union(base, tt.page)
			if err == nil {
				t.Fatalf("made %s", got)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line that holds %q", err, tt.want)
			}
		})
	}
}

// A conflict names the page that the place is from, which need not be the first.
func TestUnionNamesThePageThatAPlaceIsFrom(t *testing.T) {
	t.Parallel()
	_, err := union(paged("1", ""), paged("1", `, "components": {"schemas": {"T": {"type": "string"}}}`),
		paged("1", `, "components": {"schemas": {"T": {"type": "integer"}}}`))
	if err == nil || !strings.HasPrefix(err.Error(), "b.md and c.md define /components/schemas/T/type differently") {
		t.Errorf("error %v", err)
	}
}
