package contract_test

import (
	"net/http"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

func TestMediaTypesAreComparedAsTypes(t *testing.T) {
	t.Parallel()
	const typeFinding, bodyFinding = "server: response 200 content type: content-type", "server: response 200 body: type"
	for name, test := range map[string]struct {
		documented string // of a body that is text
		sent       string
		want       string // for a body that is a number: that it was judged, if nothing else
	}{
		"the same": {"application/json", "application/json", bodyFinding},
		"case":     {"Application/JSON", "application/Json", bodyFinding},
		"blanks":   {"application/json;charset=utf-8", "application/json ; charset=UTF-8", bodyFinding},
		"no blank": {"application/json; charset=utf-8", "application/json;charset=utf-8", bodyFinding},
		"quotes": {"application/vnd.x+json;version=1", `application/vnd.x+json; Version="1"`,
			bodyFinding},
		"quotes in the document": {`application/vnd.x+json;version=\"1;2\"`, `application/vnd.x+json; version="1;2"`,
			bodyFinding},
		"empty parameters": {"application/json", "application/json;;charset=utf-8; ;", bodyFinding},
		"more parameters":  {"application/json", "application/json; charset=utf-8; q=1", bodyFinding},
		"no charset":       {"application/json; charset=utf-8", "application/json", bodyFinding},
		"another charset":  {"application/json; charset=utf-8", "application/json; charset=latin1", typeFinding},
		"another version": {"application/vnd.x+json; version=1", "application/vnd.x+json; version=2",
			typeFinding},
		"no version":                  {"application/vnd.x+json; version=1", "application/vnd.x+json", typeFinding},
		"a range":                     {"application/*", "application/problem+json", bodyFinding},
		"any":                         {"*/*", "application/json", bodyFinding},
		"another range":               {"text/*", "application/json", typeFinding},
		"a suffix is not the type":    {"application/json", "application/problem+json", typeFinding},
		"a range that only looks one": {"app/*", "application/json", typeFinding},
		"not JSON":                    {"text/plain", "text/plain", ""},
		"two types":                   {"application/json", "application/json, text/html", typeFinding},
		"a type without subtype":      {"*/*", "json", typeFinding},
		"open quotes":                 {"application/json", `application/json; a="`, typeFinding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, documentOf("/t", "", `"200": {"description": "d", "content": {"`+test.documented+
				`": {"schema": {"type": "string"}}}}`, ""))
			resp := response(200, "1")
			resp.Header.Set("Content-Type", test.sent)
			var want []string
			if test.want != "" {
				want = append(want, test.want)
			}
			wantTexts(t, c.CheckResponse(withHeader("/t"), resp), want...)
		})
	}
}

// The closest of the documented types counts.
func TestClosestMediaType(t *testing.T) {
	t.Parallel()
	c := load(t, documentOf("/t", "",
		`"200": {"description": "d", "content": {"*/*": {"schema": false}, "application/*": {"schema": false},
		"application/json": {"schema": {"const": 1}}, "application/json; v=2": {"schema": {"const": 2}}}}`, ""))
	for sent, body := range map[string]string{"application/json": "1", "application/json; v=1": "1",
		"application/json; v=2": "2"} {
		resp := response(200, body)
		resp.Header.Set("Content-Type", sent)
		wantTexts(t, c.CheckResponse(withHeader("/t"), resp))
	}
}

func TestResponsesWithoutContent(t *testing.T) {
	t.Parallel()
	const described = `{"description": "d", "content": {"application/json": {"schema":
		{"type": "object", "required": ["a"]}}}}`
	document := []byte(`{"openapi": "3.1.0", "paths": {"/t": {
		"get": {"responses": {"2XX": ` + described + `, "205": ` + described + `, "default": ` + described + `}},
		"head": {"responses": {"200": ` + described + `}}}}}`)
	c := load(t, document, contract.WithSchemaOnly())
	for _, test := range []struct {
		method string
		status int
		body   string
		header http.Header
		judged bool
	}{
		{"GET", 204, "", nil, false},
		{"GET", 204, "not judged", nil, false},
		{"GET", 205, "", http.Header{"Content-Type": {"text/html"}}, false},
		{"GET", 304, "", nil, false},
		{"HEAD", 200, "", http.Header{"Content-Type": {"text/html"}, "Content-Length": {"9"}}, false},
		{"HEAD", 200, "", nil, false},
		{"HEAD", 200, "", http.Header{"Content-Encoding": {"br"}}, false},
		{"GET", 200, "", nil, true},
		{"GET", 404, "", nil, true},
	} {
		req, resp := withHeader("/t"), response(test.status, test.body)
		req.Method, resp.Header = test.method, test.header
		if found := findings(t, c.CheckResponse(req, resp)); (len(found) > 0) != test.judged {
			t.Errorf("%s %d: %v", test.method, test.status, found)
		}
	}
	req := withHeader("/t")
	req.Method = http.MethodHead
	if found := findings(t, c.CheckResponse(req, response(404, ""))); len(found) != 1 || found[0].Keyword != "status" {
		t.Errorf("an undocumented status of HEAD: %v", found)
	}
}
