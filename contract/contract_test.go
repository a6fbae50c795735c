package contract_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

const path = "/v1/webhook/endpoint.update"

// load returns the contract of a document; that of the published one knows the corrected one.
func load(t testing.TB, document []byte, opts ...contract.Option) *contract.Contract {
	t.Helper()
	if string(document) == string(publishedDocument) {
		opts = append(opts, contract.WithCorrected(correctedDocument))
	}
	c, err := contract.Load(document, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// request is an update as a client sends it, good but for its body.
func request(body string) *http.Request {
	req, err := http.NewRequest(http.MethodPatch, "https://api.example.org"+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	return good(req)
}

// received is an update as a server receives it: without GetBody.
func received(body io.Reader) *http.Request {
	return good(httptest.NewRequest(http.MethodPatch, path, body))
}

func good(req *http.Request) *http.Request {
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	return req
}

// reply is a reply in JSON.
func reply(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(body)),
	}
}

// success is a reply to {"endpoint_id":"e1"}, with further members of its data.
func success(more string) string {
	return `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.org/","status":"enabled"` + more + `}}`
}

// findings returns the findings of a check, which must have broken the contract if there are any.
func findings(t testing.TB, err error) []contract.Finding {
	t.Helper()
	if err == nil {
		return nil
	}
	var violation *contract.Violation
	if !errors.As(err, &violation) || len(violation.Findings) == 0 {
		t.Fatalf("got %v, want a *Violation with findings", err)
	}
	return violation.Findings
}

// texts are findings in short: party, place, keyword.
func texts(findings []contract.Finding) []string {
	short := []string{}
	for _, f := range findings {
		short = append(short, string(f.Party)+": "+strings.TrimSpace(f.Where+" "+f.Pointer)+": "+f.Keyword)
	}
	return short
}

func wantTexts(t testing.TB, err error, want ...string) {
	t.Helper()
	got := texts(findings(t, err))
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("got findings\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// examples are the documented replies, by status.
func examples(t testing.TB, document []byte) map[string]string {
	t.Helper()
	type media struct {
		Examples map[string]struct{ Value json.RawMessage }
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Content map[string]media }
		}
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for status, response := range doc.Paths[path]["patch"].Responses {
		for _, example := range response.Content["application/json"].Examples {
			found[status] = string(example.Value)
		}
	}
	return found
}

func TestDocumentedExamplesKeepTheCorrectedContract(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	documented := examples(t, correctedDocument)
	for status, code := range map[string]int{"200": 200, "400": 400, "404": 404} {
		if documented[status] == "" {
			t.Fatalf("the document has no example of %s", status)
		}
		if err := c.CheckResponse(request(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819"}`),
			reply(code, documented[status])); err != nil {
			t.Errorf("%s: %v", status, err)
		}
	}
}

func TestDocumentedExamplesAgainstThePublishedDocument(t *testing.T) {
	t.Parallel()
	want := map[int][]string{
		200: {
			"document: response 200 body /data/created_at: format",
			"document: response 200 body /data/entity_id: type",
			"document: response 200 body /message: type",
			"document: response 200 body /msg: type",
		},
		// The one string that holds JSON: the corrected document has an object there, too.
		400: {"server: response 400 body: type"},
		404: nil,
	}
	c := load(t, publishedDocument)
	documented := examples(t, publishedDocument)
	for status, name := range map[int]string{200: "200", 400: "400", 404: "404"} {
		wantTexts(t, c.CheckResponse(request(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819"}`),
			reply(status, documented[name])), want[status]...)
	}
	allowing := load(t, publishedDocument, contract.WithAllowedDeviations())
	if err := allowing.CheckResponse(request(`{}`), reply(200, documented["200"])); err != nil {
		t.Errorf("with AllowDeviations: %v", err)
	}
}

func TestGoodRequests(t *testing.T) {
	t.Parallel()
	corrected, published := load(t, correctedDocument), load(t, publishedDocument)
	for _, body := range []string{
		`{"endpoint_id":"e1"}`,
		`{"endpoint_id":"e1","url":"https://example.org/hook","events":["avatar_video.success"]}`,
		`{"endpoint_id":"","events":[]}`,
		`{"endpoint_id":"e1","not_documented":{"a":[null,1e300]}}`, // objects are open
		" {\"endpoint_id\" : \"\\u00e4\"}\r\n",
	} {
		for name, c := range map[string]*contract.Contract{"corrected": corrected, "published": published} {
			if err := c.CheckRequest(request(body)); err != nil {
				t.Errorf("%s, %s: %v", name, body, err)
			}
		}
	}
	wantTexts(t, corrected.CheckRequest(request(`{"endpoint_id":"e1","events":null}`)))
	wantTexts(t, published.CheckRequest(request(`{"endpoint_id":"e1","events":null}`)),
		"document: request body /events: type")
	wantTexts(t, published.CheckRequest(request(""))) // its body is optional there
}

func TestContentTypeWithParameters(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	req, resp := request(`{"endpoint_id":"e1"}`), reply(200, success(""))
	req.Header.Set("Content-Type", "Application/JSON; charset=utf-8")
	resp.Header.Set("Content-Type", "application/json;charset=UTF-8")
	if err := errors.Join(c.CheckRequest(req), c.CheckResponse(req, resp)); err != nil {
		t.Error(err)
	}
}

func TestBodiesStayReadable(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	for _, sent := range []string{`{"endpoint_id":"e1"}`, `{"endpoint_id":1}`, "", strings.Repeat("x", 1<<20+100)} {
		for _, req := range []*http.Request{request(sent), received(strings.NewReader(sent))} {
			_ = c.CheckRequest(req)
			if req.GetBody != nil {
				again, err := req.GetBody()
				if err != nil {
					t.Fatal(err)
				}
				wantBody(t, again, sent)
			} else if len(sent) > 0 && len(sent) <= 1<<20 {
				t.Errorf("no GetBody for %d bytes", len(sent))
			}
			wantBody(t, req.Body, sent)
		}
		resp := reply(200, sent)
		_ = c.CheckResponse(request(""), resp)
		wantBody(t, resp.Body, sent)
	}
}

func wantBody(t testing.TB, body io.ReadCloser, want string) {
	t.Helper()
	got, err := io.ReadAll(body)
	if err != nil || string(got) != want {
		t.Errorf("body of %d bytes, error %v; want %d bytes", len(got), err, len(want))
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
}

// endless is a body that must not be read whole.
type endless struct{ read int }

func (e *endless) Close() error { return nil }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 4<<20 {
		return 0, errors.New("read too much")
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestTooLargeBodiesAreNotReadWhole(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	req, resp := received(&endless{}), reply(200, "")
	resp.Body = &endless{}
	wantTexts(t, c.CheckRequest(req), "client: request body: size")
	wantTexts(t, c.CheckResponse(request(""), resp), "server: response 200 body: size")

	fits := success(`,"padding":"` + strings.Repeat("x", 1<<20-len(success(`,"padding":""`))) + `"`)
	if len(fits) != 1<<20 {
		t.Fatalf("test body has %d bytes", len(fits))
	}
	wantTexts(t, c.CheckResponse(request(""), reply(200, fits)))
	wantTexts(t, c.CheckResponse(request(""), reply(200, fits+" ")), "server: response 200 body: size")
}

func TestAnUnreadableBodyIsNoViolation(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	broken := io.MultiReader(strings.NewReader(`{"code"`), errorReader{})
	resp := reply(200, "")
	resp.Body = io.NopCloser(broken)
	for _, err := range []error{c.CheckRequest(received(broken)), c.CheckResponse(request(""), resp)} {
		if violation := new(contract.Violation); !errors.Is(err, errBroken) || errors.As(err, &violation) {
			t.Errorf("got %v, want the error of the body", err)
		}
	}
}

var errBroken = errors.New("connection lost")

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errBroken }

func TestStrictReportsAdditions(t *testing.T) {
	t.Parallel()
	for name, document := range map[string][]byte{"corrected": correctedDocument, "published": publishedDocument} {
		c := load(t, document, contract.WithStrict())
		wantTexts(t, c.CheckRequest(request(`{"endpoint_id":"e1","extra":1}`)),
			"client: request body /extra: unevaluatedProperties")
		wantTexts(t, c.CheckResponse(request(`{}`), reply(200, success(`,"extra":{}`))),
			"server: response 200 body /data/extra: unevaluatedProperties")
		wantTexts(t, c.CheckRequest(request(`{"endpoint_id":"e1","url":"https://example.org"}`)))
		if name == "published" { // its 404 has no members
			wantTexts(t, c.CheckResponse(request(`{}`), reply(404, `{"code":400131,"message":"x"}`)),
				"document: response 404 body /code: unevaluatedProperties",
				"document: response 404 body /message: unevaluatedProperties")
		}
	}
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

	wantTexts(t, c.CheckResponse(get("/items/7"), reply(200, `{"child":[2,3.0]}`)))
	wantTexts(t, c.CheckResponse(get("/items/7"), reply(200, `{"child":[2,1,2.5]}`)),
		"server: response 200 body /child/1: minimum", "server: response 200 body /child/2: type")
	for link, good := range map[string]bool{
		"https://example.org/a?b=%20#c": true, "urn:a:b": true, "http://[::1]/": true,
		"": false, "/a": false, "//example.org": false, "http://example.org/a b": false, "http://a/%zz": false,
		"http://ä/": false,
	} {
		if err := c.CheckResponse(get("/items/7"), reply(200, `{"link":"`+link+`"}`)); (err == nil) != good {
			t.Errorf("uri %q: %v", link, err)
		}
	}
	empty := reply(204, "")
	empty.Body = nil
	wantTexts(t, c.CheckResponse(get("/items/7"), empty))
	wantTexts(t, c.CheckResponse(get("/items/7"), reply(500, "{}")), "server: response content type: content-type")
	plain := reply(500, "sorry")
	plain.Header.Set("Content-Type", "text/plain")
	wantTexts(t, c.CheckResponse(get("/items/7"), plain))
}
