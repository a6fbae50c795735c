package contract_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// documentOf is a document with one operation, "GET /t" without another path, and components.
func documentOf(path, parameters, responses, components string) []byte {
	return []byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {` + components + `},
		"paths": {"` + path + `": {"get": {"parameters": [` + parameters + `], "responses": {` + responses + `}}}}}`)
}

const noContent = `"200": {"description": "d"}`

// withHeader is a GET with header lines.
func withHeader(target string, lines ...string) *http.Request {
	req := httptest.NewRequest(http.MethodGet, target, nil)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		req.Header[name] = append(req.Header[name], value)
	}
	return req
}

func TestParametersInTheQuery(t *testing.T) {
	t.Parallel()
	const numbers = `{"type": "array", "items": {"type": "integer"}, "maxItems": 2}`
	const point = `{"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}},
		"required": ["x"], "additionalProperties": false}`
	for name, test := range map[string]struct {
		parameter string // without its name and in
		good, bad []string
	}{
		"no type": {`"schema": {"minimum": 5}`, []string{"?p=7"}, []string{"?p=3"}},
		"text": {`"schema": {"type": "string", "maxLength": 3}`, []string{"?p=123", "?p=", "?q", ""},
			[]string{"?p=1234"}},
		"given twice": {`"schema": {"type": "string"}`, []string{"?p=1&q=1"}, []string{"?p=1&p=1"}},
		"boolean":     {`"schema": {"type": "boolean"}`, []string{"?p=true"}, []string{"?p=TRUE", "?p=1", "?p="}},
		"integer": {`"schema": {"type": "integer"}`, []string{"?p=-1", "?p=9007199254740993"}, []string{"?p=1.5",
			"?p=+1"}},
		"far integer": {`"schema": {"const": 9007199254740993}`, []string{"?p=9007199254740993"},
			[]string{"?p=9007199254740992"}},
		"empty is good":  {`"allowEmptyValue": true, "schema": {"type": "integer"}`, []string{"?p=", "?p"}, []string{"?p=x"}},
		"required":       {`"required": true, "schema": {"type": "string"}`, []string{"?p="}, []string{"", "?P=1"}},
		"plus":           {`"schema": {"const": "a b"}`, []string{"?p=a+b", "?p=a%20b"}, []string{"?p=a%2Bb"}},
		"null or number": {`"schema": {"type": ["integer", "null"]}`, []string{"?p=1", "?p="}, []string{"?p=x"}},
		"null or text":   {`"schema": {"anyOf": [{"type": "null"}, {"minLength": 2}]}`, []string{"?p=12"}, []string{"?p=1"}},
		"composed": {`"schema": {"allOf": [{"type": "string"}, {"maxLength": 2}], "not": {"enum": ["no"]}}`,
			[]string{"?p=12"}, []string{"?p=123", "?p=no"}},
		"one of": {`"schema": {"oneOf": [{"type": "integer"}, {"type": "string", "format": "uuid"}]}`,
			[]string{"?p=1", "?p=0ecb2a09-6b7f-4d3f-9b0e-2e6c1f4b2a11"}, []string{"?p=zz"}},
		"enum of numbers": {`"schema": {"enum": [1, 2]}`, []string{"?p=1"}, []string{"?p=3"}},
		"sibling of $ref": {`"schema": {"$ref": "#/components/schemas/S", "maxLength": 2}`, []string{"?p=ab"},
			[]string{"?p=abc"}},
		"content": {`"content": {"application/json": {"schema": ` + point + `}}`, []string{`?p={"x":1}`},
			[]string{`?p={"x":"1"}`, "?p={"}},

		"content, given twice": {`"content": {"application/json": {"schema": {}}}`, []string{"?p=1"}, []string{"?p=1&p=1"}},
		"empty, given twice":   {`"allowEmptyValue": true, "schema": {"type": "string"}`, nil, []string{"?p=&p=1"}},
		"one of lists": {`"schema": {"oneOf": [{"type": "array", "items": {"type": "integer"}},
			{"type": "array", "items": {"type": "boolean"}}]}`, []string{"?p=1&p=2", "?p=true"}, []string{"?p=1&p=true"}},
		"list by its length": {`"schema": {"type": "array", "if": {"minItems": 2}, "then": {"items": {"type": "integer"}},
			"else": {"items": {"type": "boolean"}}}`, []string{"?p=true", "?p=1&p=2"}, []string{"?p=1", "?p=1&p=true"}},
		"one of objects": {`"style": "deepObject", "schema": {"oneOf": [
			{"properties": {"k": {"const": "i"}, "v": {"type": "integer"}}, "type": "object"},
			{"properties": {"k": {"const": "b"}, "v": {"type": "boolean"}}, "type": "object"}]}`,
			[]string{"?p[k]=i&p[v]=1", "?p[k]=b&p[v]=true"}, []string{"?p[k]=i&p[v]=true"}},
		"long list of anything": {`"schema": {"type": "array", "maxItems": 9}`, []string{"?p=1" + strings.Repeat("&p=2", 8)},
			[]string{"?p=1" + strings.Repeat("&p=2", 9)}},
		"text that is refused": {`"schema": {"if": {"const": "a"}, "then": false}`, []string{"?p=b"}, []string{"?p=a"}},
		"odd count":            {`"explode": false, "schema": {"type": "object"}`, []string{"?p=a,1"}, []string{"?p=a,1,b"}},
		"scalar and object": {`"style": "deepObject", "schema": {"properties": {"l": {"type": "object"}}, "type": "object"}`,
			[]string{"?p[l][z]=1"}, []string{"?p[l]=5&p[l][z]=1"}},

		"list": {`"schema": ` + numbers, []string{"?p=1&p=2", "?p=1", "?q=1"}, []string{"?p=1&p=2&p=3", "?p=1,2"}},
		"list, not apart": {`"explode": false, "schema": ` + numbers, []string{"?p=1,2", "?p="}, []string{"?p=1,2,3",
			"?p=1&p=2"}},
		"list of texts": {`"explode": false, "schema": {"type": "array", "items": {"enum": ["a,b", "c"]}}`,
			[]string{"?p=a%2Cb,c"}, []string{"?p=a,b"}},
		"list without items": {`"schema": {"type": "array", "contains": {"const": 1}}`, []string{"?p=x&p=1"},
			[]string{"?p=x"}},
		"list of digits": {`"schema": {"type": "array", "contains": {"const": "1"}}`, []string{"?p=2&p=1"},
			[]string{"?p=2"}},
		"list of anything": {`"schema": {"type": "array", "contains": {"const": "1"}, "items": {"description": "d"}}`,
			[]string{"?p=2&p=1"}, []string{"?p=2"}},
		"constant list": {`"schema": {"const": [1, "2"]}`, []string{"?p=1&p=2"}, []string{"?p=1&p=3"}},
		"listed lists":  {`"schema": {"enum": [["1"], [2]]}`, []string{"?p=1", "?p=2"}, []string{"?p=3"}},
		"constant object": {`"style": "deepObject", "schema": {"const": {"a": "1"}}`, []string{"?p[a]=1"},
			[]string{"?p[a]=2"}},
		"prefix": {`"schema": {"type": "array", "prefixItems": [{"type": "boolean"}, {"type": "integer"}]}`,
			[]string{"?p=true&p=1"}, []string{"?p=1&p=true"}},

		"object": {`"schema": ` + point, []string{"?x=1&y=2", "?x=1"}, []string{"?y=1", "?x=a"}},
		"object, not apart": {`"explode": false, "schema": ` + point, []string{"?p=x,1,y,2"}, []string{"?p=y,1",
			"?p=x,1,z,2"}},
		"deep object": {`"style": "deepObject", "schema": ` + point, []string{"?p[x]=1", "?p%5Bx%5D=1"},
			[]string{"?p[y]=1", "?p[x]=a"}},
		"deeper object": {`"style": "deepObject", "schema": {"type": "object", "properties": {"a": {"type": "object",
			"properties": {"b": {"type": "integer"}}}}}`, []string{"?p[a][b]=1"}, []string{"?p[a][b]=x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, documentOf("/t", `{"name": "p", "in": "query", `+test.parameter+`}`, noContent,
				`"schemas": {"S": {"type": "string"}}`), contract.WithSchemaOnly())
			for _, query := range test.good {
				wantTexts(t, c.CheckRequest(withHeader("/t"+query)))
			}
			for _, query := range test.bad {
				if found := findings(t,
					c.CheckRequest(withHeader("/t"+query))); len(found) != 1 || found[0].Where != "request query p" {
					t.Errorf("%s: %v", query, found)
				}
			}
		})
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	const integer, list = `{"type": "integer"}`, `{"type": "array", "items": {"type": "integer"}}`
	const object = `{"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}`
	for name, test := range map[string]struct {
		path, parameter string // without the names of p
		good, bad       []string
	}{
		"escaped slash": {"/t/{p}", `"schema": {"enum": ["a/b", "c"]}`, []string{"/t/a%2Fb", "/t/a%2fb", "/t/%63"},
			[]string{"/t/a/b", "/t/d", "/t/"}},
		"escaped slash in": {"/t/{p}/u", `"schema": {"const": "a/b"}`, []string{"/t/a%2Fb/u"}, []string{"/t/a%2Fb%2Fu"}},
		"verb": {"/t/{p}:cancel", `"schema": ` + integer, []string{"/t/1:cancel"}, []string{"/t/1",
			"/t/x:cancel", "/t/1%3Acancel", "/t/:cancel"}},
		"extension": {"/t/{p}.json", `"schema": ` + integer, []string{"/t/1.json"}, []string{"/t/1xjson",
			"/t/1.jsonx"}},
		"fixed with blanks": {"/a b/{p}", `"schema": ` + integer, []string{"/a%20b/1"}, []string{"/a+b/1"}},
		"object":            {"/{p}", `"schema": ` + object, []string{"/x,1"}, []string{"/x,a", "/y,1"}},
		"object apart":      {"/{p}", `"explode": true, "schema": ` + object, []string{"/x=1"}, []string{"/x,1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, documentOf(test.path, `{"name": "p", "in": "path", "required": true, `+test.parameter+`}`, noContent,
				""))
			for _, path := range test.good {
				wantTexts(t, c.CheckRequest(withHeader("http://h"+path)))
			}
			for _, path := range test.bad {
				if len(findings(t, c.CheckRequest(withHeader("http://h"+path)))) == 0 {
					t.Errorf("%s: no finding", path)
				}
			}
		})
	}
}

func TestPathsThatAreTheSameAreNamed(t *testing.T) {
	t.Parallel()
	const of = `": {"get": {"parameters": [{"name": "%[1]s", "in": "path", "required": true}], "responses": {"404": {}}}}`
	c := load(t, []byte(`{"openapi": "3.1.0", "paths": {"/{a}`+fmt.Sprintf(of, "a")+`, "/{b}`+fmt.Sprintf(of, "b")+`}}`))
	want := `["#/paths/~1{b}/get": another path is the same but for the names of its parameters]`
	if got := fmt.Sprint(c.NotChecked()); got != want {
		t.Errorf("not checked %s, want %s", got, want)
	}
}

// A parameter of a style that is not checked is named, and whatever is sent is no finding.
func TestStylesThatAreNotCheckedAreNamed(t *testing.T) {
	t.Parallel()
	for place, styles := range map[string][]string{
		"path": {"label", "matrix", "form"}, "query": {"spaceDelimited", "pipeDelimited", "simple", "none"},
		"header": {"form"}, "cookie": {"simple", "cookie"}, "nowhere": {""},
	} {
		for _, style := range styles {
			other := map[bool]string{true: "header", false: "path"}[place == "path"]
			c := load(t, documentOf("/t/{p}", `{"name": "p", "in": "`+other+`", "schema": {}},
				{"name": "p", "in": "`+place+`", "required": true, "schema": {"type": "integer"}, "style": "`+style+`"}`,
				noContent, ""))
			wantTexts(t, c.CheckRequest(withHeader("/t/x?p=x", "P: x", "Cookie: p=x")))
			const want = `["#/paths/~1t~1{p}/get/parameters/1": parameters of this place and style are not checked]`
			if got := fmt.Sprint(c.NotChecked()); got != want {
				t.Errorf("%s %s: not checked %s, want %s", place, style, got, want)
			}
		}
	}
}

// The path that fixes more is the one that is meant.
func TestPathsThatOverlap(t *testing.T) {
	t.Parallel()
	paths := ""
	for _, path := range []string{"/", "/{a}", "/me", "/{a}:stop", "/{a}-{b}", "/x/{b}", "/{a}/y", "/me/only"} {
		parameters := ""
		for _, name := range []string{"a", "b"} {
			if strings.Contains(path, "{"+name+"}") {
				parameters += `{"name": "` + name + `", "in": "path", "required": true, "schema": {}},`
			}
		}
		paths += `, "` + path + `": {"get": {"parameters": [` + strings.TrimSuffix(parameters, ",") + `],
			"responses": {"404": {"description": "d"}}}}`
	}
	c := load(t, []byte(`{"openapi": "3.1.0", "paths": {`+paths[1:]+`}}`))
	for target, want := range map[string]string{
		"http://h": "GET /", "http://h/": "GET /", "http://h/you": "GET /{a}", "http://h/me": "GET /me",
		"http://h/%6De":     "GET /me",
		"http://h/you:stop": "GET /{a}:stop", "http://h/1-2-3": "GET /{a}-{b}", "http://h/x/y": "GET /x/{b}",
		"http://h/z/y": "GET /{a}/y", "http://h/me/": "", "http://h/z/z": "", "http://h/me/only": "GET /me/only",
	} {
		req := withHeader(target)
		err := c.CheckResponse(req, response(200, ""))
		if want == "" {
			wantTexts(t, c.CheckRequest(req), "client: request path: path")
		} else if err == nil || !strings.Contains(err.Error(), " "+want+": ") {
			t.Errorf("%s: got %v, want %s", target, err, want)
		}
	}
}

func TestParametersInHeadersAndCookies(t *testing.T) {
	t.Parallel()
	c := load(t, documentOf("/t", `
		{"name": "ACCEPT", "in": "header", "required": true, "schema": {"const": "x"}},
		{"name": "content-type", "in": "header", "required": true, "schema": {"const": "x"}},
		{"name": "Authorization", "in": "header", "required": true, "schema": {"const": "x"}},
		{"name": "x-list", "in": "header", "schema": {"type": "array", "items": {"type": "integer"}}},
		{"name": "x-one", "in": "header", "schema": {"type": "integer"}},
		{"name": "x-text", "in": "header", "schema": {"const": "a, b"}},
		{"name": "etag", "in": "header", "schema": {"type": "string"}},
		{"name": "x-items", "in": "header", "schema": {"type": "array", "minItems": 2, "maxItems": 2}},
		{"name": "set-cookie", "in": "header", "schema": {"pattern": "^a=[0-9]$"}},
		{"name": "c", "in": "cookie", "schema": {"type": "integer"}}`, noContent, ""))
	wantTexts(t, c.CheckRequest(withHeader("/t", "Accept: y", "X-List: 1, 2", "x-list: 3", "X-ONE: 1",
		"Cookie: c=1; d=x", "X-Text: a", "X-Text: b", `X-Items: ,"a,b",, c`, "Set-Cookie: a=1", "Set-Cookie: a=2",
		"ETag: 1")))
	wantTexts(t, c.CheckRequest(withHeader("/t", "Set-Cookie: a=1", "Set-Cookie: b=1", "Etag: 1", "Etag: 2")),
		"client: request header etag: schema", "client: request header set-cookie: schema")
	wantTexts(t, c.CheckRequest(withHeader("/t", "X-List: 1, x", "X-One: 1", "X-One: 1", "Cookie: c=x")),
		"client: request header x-list: schema", "client: request header x-one: schema", "client: request cookie c: schema")
}

func TestPatternsOfNamesInAQueryEnd(t *testing.T) {
	t.Parallel()
	c := load(t, documentOf("/t", `{"name": "p", "in": "query", "style": "deepObject", "schema": {"type": "object",
		"patternProperties": {"^(?=.*x)(a+)+$": {"type": "integer"}}}}`, noContent, ""))
	wantTexts(t, c.CheckRequest(withHeader("/t?p[ax]=x&p[aa]=1")))
	wantTexts(t, c.CheckRequest(withHeader("/t?p["+strings.Repeat("a", 100)+"bx]=1")), "client: request query p: schema")
}

// What a document says is printed without its control characters.
func TestNamesOfADocumentArePrintable(t *testing.T) {
	t.Parallel()
	c := load(t, documentOf(`/\u001b[2J`, `{"name": "p\u202e", "in": "query", "required": true, "schema": {}}`,
		`"200": {"description": "d", "content": {"application/json": {"schema": {"enum": ["\u0007"]}}}}`, ""))
	for _, err := range []error{
		c.CheckRequest(withHeader("/%1B[2J")), c.CheckResponse(withHeader("/%1B[2J"), response(200, "1")),
	} {
		if text := err.Error(); strings.ContainsAny(text, "\x1b\a\u202e") || !strings.Contains(text, "GET /\ufffd[2J") {
			t.Errorf("%q", text)
		}
	}
	var seen contract.Collector
	load(t, documentOf("/t", `{"name": "p\n", "in": "query", "required": true}`, `"200": {"description": "d", "content": {
		"application/json": {"schema": {"properties": {"a\u009b\u2028": {}}}}}}`, ""), contract.WithCollector(&seen))
	if got := seen.Summary().Operations[0].Messages[1].Members[0].Pointer; got != "/a\ufffd\ufffd" {
		t.Errorf("%q", got)
	}
	c = load(t, documentOf("/\\u001b{a}", "", noContent, ""))
	if got := fmt.Sprint(c.NotChecked()); !strings.Contains(got, "{a}") || strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
}

func TestHeadersOfResponses(t *testing.T) {
	t.Parallel()
	c := load(t, documentOf("/t", "", `"2XX": {"description": "d", "headers": {
			"Content-Type": {"required": true, "schema": {"const": "x"}},
			"X-Id": {"$ref": "#/components/headers/Id"}, "X-Rate": {"schema": {"type": "integer", "minimum": 0}}}}`,
		`"headers": {"Id": {"required": true, "schema": {"type": "string", "minLength": 2}}}`))
	for name, test := range map[string]struct{ header, want []string }{
		"good":    {[]string{"X-Id: 12", "x-rate: 0"}, nil},
		"missing": {nil, []string{"server: response 204 header X-Id: required"}},
		"wrong": {[]string{"X-Id: 1", "X-Rate: -1"}, []string{"server: response 204 header X-Id: schema",
			"server: response 204 header X-Rate: schema"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := response(204, "")
			resp.Header = withHeader("/", test.header...).Header
			wantTexts(t, c.CheckResponse(withHeader("/t"), resp), test.want...)
		})
	}
}
