package contract_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	const good = `{"endpoint_id":"e1"}`
	for name, test := range map[string]struct {
		body   string
		change func(*http.Request)
		want   string // without the party, with ", " between
	}{
		"missing member":            {`{}`, nil, "request body: required"},
		"null for a string":         {`{"endpoint_id":null}`, nil, "request body /endpoint_id: type"},
		"number for a string":       {`{"endpoint_id":1}`, nil, "request body /endpoint_id: type"},
		"null URL":                  {`{"endpoint_id":"e1","url":null}`, nil, "request body /url: type"},
		"string for a list":         {`{"endpoint_id":"e1","events":"a"}`, nil, "request body /events: type"},
		"number in a list":          {`{"endpoint_id":"e1","events":["a",1]}`, nil, "request body /events/1: type"},
		"null in a list":            {`{"endpoint_id":"e1","events":[null]}`, nil, "request body /events/0: type"},
		"list":                      {`[]`, nil, "request body: type"},
		"null":                      {`null`, nil, "request body: type"},
		"two faults":                {`{"url":1}`, nil, "request body: required, request body /url: type"},
		"blank":                     {" \n", nil, "request body: json"},
		"no JSON":                   {`endpoint_id=e1`, nil, "request body: json"},
		"cut short":                 {`{"endpoint_id":"e1"`, nil, "request body: json"},
		"trailing data":             {good + `x`, nil, "request body: json"},
		"two values":                {good + good, nil, "request body: json"},
		"comment":                   {good + `// e1`, nil, "request body: json"},
		"byte order mark":           {"\ufeff" + good, nil, "request body: json"},
		"duplicate name":            {`{"endpoint_id":"e1","endpoint_id":"e2"}`, nil, "request body /endpoint_id: json"},
		"duplicate name, escaped":   {`{"url":"a","\u0075rl":"b"}`, nil, "request body /url: json"},
		"invalid UTF-8":             {"{\"endpoint_id\":\"\xff\"}", nil, "request body /endpoint_id: json"},
		"lone surrogate":            {`{"endpoint_id":"\ud800"}`, nil, "request body /endpoint_id: json"},
		"number out of range":       {`{"endpoint_id":"e1","more":1e400}`, nil, "request body /more: json"},
		"name in the wrong case":    {`{"Endpoint_id":"e1"}`, nil, "request body: required"},
		"empty":                     {"", nil, "request body: required"},
		"no content type":           {good, without("Content-Type"), "request content type: content-type"},
		"wrong content type":        {good, with("Content-Type", "text/plain"), "request content type: content-type"},
		"malformed content type":    {good, with("Content-Type", "application/json;="), "request content type: content-type"},
		"two content types":         {good, twoContentTypes, "request content type: content-type"},
		"no key":                    {good, without("X-Api-Key"), "request header x-api-key: security"},
		"empty key":                 {good, with("X-Api-Key", ""), "request header x-api-key: security"},
		"blank key":                 {good, with("X-Api-Key", " "), "request header x-api-key: security"},
		"no key and no body":        {"", without("X-Api-Key"), "request header x-api-key: security, request body: required"},
		"method":                    {good, func(r *http.Request) { r.Method = http.MethodPost }, "request method: method"},
		"method in the wrong case":  {good, func(r *http.Request) { r.Method = "patch" }, "request method: method"},
		"no method, which is GET":   {good, func(r *http.Request) { r.Method = "" }, "request method: method"},
		"path":                      {good, at("/v2/webhook/endpoint.update"), "request path: path"},
		"path with a trailing /":    {good, at(path + "/"), "request path: path"},
		"path with an escaped /":    {good, at("/v1%2Fwebhook/endpoint.update"), "request path: path"},
		"path under a prefix":       {good, at("/proxy" + path), "request path: path"},
		"path in the wrong case":    {good, at("/V1/webhook/endpoint.update"), "request path: path"},
		"undocumented GET of / too": {good, at("/"), "request path: path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(test.body)
			if test.change != nil {
				test.change(req)
			}
			want := strings.Split("client: "+strings.ReplaceAll(test.want, ", ", ", client: "), ", ")
			wantTexts(t, c.CheckRequest(req), want...)
		})
	}
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func without(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Del(name) }
}

func twoContentTypes(r *http.Request) { r.Header.Add("Content-Type", "application/json") }

func at(path string) func(*http.Request) {
	return func(r *http.Request) { r.URL, _ = r.URL.Parse(path) }
}

func TestBrokenResponses(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	const createdAt = "response 200 body /data/created_at"
	for name, test := range map[string]struct {
		status int
		body   string
		want   string // without the party
	}{
		"empty object":             {200, `{}`, "response 200 body: required"},
		"code of the wrong type":   {200, `{"code":"100"}`, "response 200 body /code: type"},
		"null code":                {200, `{"code":null}`, "response 200 body /code: type"},
		"fraction for a code":      {200, `{"code":100.5}`, "response 200 body /code: type"},
		"tiny fraction":            {200, `{"code":100.00000000000000000001}`, "response 200 body /code: type"},
		"fraction of a large code": {400, `{"code":90071992547409935e-1}`, "response 400 body /code: type"},
		"number next to nothing":   {400, `{"code":1e-999999999999999999999}`, "response 400 body /code: type"},
		"number close to nothing":  {400, `{"code":-1.0e-999999999}`, "response 400 body /code: type"},
		"null data":                {200, `{"code":100,"data":null}`, "response 200 body /data: type"},
		"list for data":            {200, `{"code":100,"data":[]}`, "response 200 body /data: type"},
		"unknown status":           {200, with200("status", `"paused"`), "response 200 body /data/status: enum"},
		"status in another case":   {200, with200("status", `"Enabled"`), "response 200 body /data/status: enum"},
		"null status":              {200, with200("status", `null`), "response 200 body /data/status: type"},
		"null id":                  {200, with200("endpoint_id", `null`), "response 200 body /data/endpoint_id: type"},
		"number for events":        {200, success(`,"events":1`), "response 200 body /data/events: type"},
		"object in events":         {200, success(`,"events":["a",{}]`), "response 200 body /data/events/1: type"},
		"number for a secret":      {200, success(`,"secret":1`), "response 200 body /data/secret: type"},
		"number for entity_id":     {200, success(`,"entity_id":1`), "response 200 body /data/entity_id: type"},
		"30 February":              {200, success(`,"created_at":"2025-02-30T08:31:48"`), createdAt + ": anyOf"},
		"number for created_at":    {200, success(`,"created_at":1`), createdAt + ": type"},
		"string for the envelope":  {200, `"{}"`, "response 200 body: type"},
		"null for the envelope":    {200, `null`, "response 200 body: type"},
		"HTML":                     {200, `<html>`, "response 200 body: json"},
		"empty":                    {200, ``, "response 200 body: json"},
		"blank":                    {404, ` `, "response 404 body: json"},
		"trailing data":            {200, success("") + `{}`, "response 200 body: json"},
		"duplicate name":           {200, success(`,"url":"https://example.org/"`), "response 200 body /data/url: json"},
		"400 without a code":       {400, `{"message":"x"}`, "response 400 body: required"},
		"400 as a string":          {400, `"{\"code\":400542}"`, "response 400 body: type"},
		"404 with a text for code": {404, `{"code":"400131"}`, "response 404 body /code: type"},
		"500 without an object":    {500, `[]`, "response 500 body: type"},
		"503 with a wrong message": {503, `{"code":1,"message":{}}`, "response 503 body /message: type"},
		"201":                      {201, success(""), "response status: status"},
		"204":                      {204, "", "response status: status"},
		"302":                      {302, "", "response status: status"},
		"304":                      {304, "", "response status: status"},
		"418":                      {418, "", "response status: status"},
		"600":                      {600, "", "response status: status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantTexts(t, c.CheckResponse(request(`{}`), reply(test.status, test.body)), "server: "+test.want)
		})
	}
}

// with200 is a success with another value for one of the members it has.
func with200(name, value string) string {
	changed := success("")
	start := strings.Index(changed, `"`+name+`":`) + len(name) + 3
	end := start + strings.IndexAny(changed[start:], ",}")
	return changed[:start] + value + changed[end:]
}

func TestContentTypeOfAReply(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	for _, contentType := range []string{"", "text/html", "application/problem+json", "application/jsonp", "json"} {
		resp := reply(200, success(""))
		resp.Header.Set("Content-Type", contentType)
		wantTexts(t, c.CheckResponse(request(`{}`), resp), "server: response content type: content-type")
	}
	resp := reply(200, success(""))
	resp.Header.Del("Content-Type")
	wantTexts(t, c.CheckResponse(request(`{}`), resp), "server: response content type: content-type")
}

func TestAReplyToAnUnknownRequestIsTheClientsFault(t *testing.T) {
	t.Parallel()
	req := request(`{}`)
	at("/v1/unknown")(req)
	wantTexts(t, load(t, correctedDocument).CheckResponse(req, reply(200, success(""))), "client: request path: path")
}

func TestTimes(t *testing.T) {
	t.Parallel()
	corrected, published := load(t, correctedDocument), load(t, publishedDocument)
	for text, test := range map[string]struct{ corrected, published bool }{
		"2025-10-22T08:31:48":           {true, false},
		"2025-10-22t08:31:48":           {true, false},
		"2023-04-03T05:40:46.769845":    {true, false},
		"2024-02-29T00:00:00":           {true, false},
		"2025-10-22T08:31:48Z":          {true, true},
		"2025-10-22t08:31:48z":          {true, true},
		"2025-10-22T08:31:48.5+23:59":   {true, true},
		"2025-10-22T08:31:48-00:00":     {true, true},
		"1990-12-31T23:59:60Z":          {true, true},
		"1990-12-31T15:59:60-08:00":     {true, true},
		"1990-12-31T15:59:60Z":          {},
		"2025-02-29T00:00:00":           {},
		"2025-02-30T00:00:00Z":          {},
		"2025-13-01T00:00:00Z":          {},
		"2025-10-22T24:00:00Z":          {},
		"2025-10-22T08:60:00Z":          {},
		"2025-10-22T08:31:61Z":          {},
		"2025-10-22T08:31:48+24:00":     {},
		"2025-10-22T08:31:48+01:60":     {},
		"2025-10-22T08:31:48+0100":      {},
		"2025-10-22 08:31:48Z":          {},
		"2025-10-22T8:31:48Z":           {},
		"2025-10-22T+8:+1:+8Z":          {},
		"2025-10-22T08:31:48,5Z":        {},
		"2025-10-22T08:31:48.Z":         {},
		"2025-10-22T08:31Z":             {},
		"2025-10-22":                    {},
		" 2025-10-22T08:31:48Z":         {},
		"2025-10-22T08:31:48Z\\n":       {},
		"٢٠٢٥-10-22T08:31:48Z":          {},
		"":                              {},
		"Wed, 22 Oct 2025 08:31:48 GMT": {},
	} {
		body := success(`,"created_at":"` + text + `"`)
		for name, check := range map[string]struct {
			by   *contract.Contract
			want bool
		}{"corrected": {corrected, test.corrected}, "published": {published, test.published}} {
			if err := check.by.CheckResponse(request(`{}`), reply(200, body)); (err == nil) != check.want {
				t.Errorf("%s document, %q: %v", name, text, err)
			}
		}
	}
}

func TestPublishedDocumentNamesTheParty(t *testing.T) {
	t.Parallel()
	published := load(t, publishedDocument)
	allowing := load(t, publishedDocument, contract.WithAllowedDeviations())
	for name, test := range map[string]struct {
		status   int
		body     string
		document string // findings that AllowDeviations drops
		server   string
	}{
		"null events":        {200, success(`,"events":null`), "response 200 body /data/events: type", ""},
		"number for events":  {200, success(`,"events":1`), "", "response 200 body /data/events: type"},
		"required by no one": {200, `{}`, "", ""},
		"401":                {401, `{"code":400112}`, "response status: status", ""},
		"401 that is wrong":  {401, `{}`, "response status: status", "response 401 body: required"},
		"418":                {418, `{}`, "", "response status: status"},
		"deviation and fault": {
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
			wantTexts(t, published.CheckResponse(request(`{}`), reply(test.status, test.body)), all...)
			wantTexts(t, allowing.CheckResponse(request(`{}`), reply(test.status, test.body)), left...)
		})
	}
}
