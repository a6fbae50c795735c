package contract_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

const (
	failureUnder200 = "response 200 body /code: error-under-200"
	otherEndpoint   = "response 200 body /data/endpoint_id: endpoint-asked-for"
	urlDiffers      = "response 200 body /data/url: fields-sent"
	eventsDiffer    = "response 200 body /data/events: fields-sent"
)

// More exchanges, of each rule, are in tests/contractmutants.
func TestRules(t *testing.T) {
	t.Parallel()
	c, schemaOnly := load(t, correctedDocument), load(t, correctedDocument, contract.WithSchemaOnly())
	for name, test := range map[string]struct {
		sent   string
		status int
		got    string
		want   string // finding without the party; "" for none
	}{
		"success":              {`{"endpoint_id":"e1"}`, 200, success(""), ""},
		"success without data": {`{}`, 200, `{"code":100}`, "response 200 body: data-on-success"},

		"error under 200":                     {`{}`, 200, `{"code":400131,"message":"x"}`, failureUnder200},
		"error under 200 with null data":      {`{}`, 200, `{"code":400131,"data":null}`, failureUnder200},
		"error under 200 of another data":     {`{}`, 200, `{"code":1,"data":{"x":1}}`, failureUnder200},
		"an error's endpoint does not matter": {`{"endpoint_id":"e2"}`, 404, `{"code":1,"data":{"endpoint_id":"e1"}}`, ""},
		"success code under 400":              {`{}`, 400, `{"code":100}`, "response 400 body /code: error-code"},
		"another endpoint":                    {`{"endpoint_id":"e2"}`, 200, success(""), otherEndpoint},
		"URL that is none":                    {`{"url":"::"}`, 200, success(""), urlDiffers},
		"all events":                          {`{"events":null}`, 200, success(`,"events":null`), ""},
		"all events sent, some came back":     {`{"events":null}`, 200, success(`,"events":["a"]`), eventsDiffer},
		"all events sent, none came back":     {`{"events":null}`, 200, success(`,"events":[]`), eventsDiffer},
		"some events sent, all came back":     {`{"events":["a"]}`, 200, success(`,"events":null`), eventsDiffer},
		"an empty list, as null":              {`{"events":[]}`, 200, success(`,"events":null`), ""},
		"an empty list, as some":              {`{"events":[]}`, 200, success(`,"events":["a"]`), eventsDiffer},
		"events that did not come back":       {`{"events":["a"]}`, 200, success(""), ""},
		"events that were not sent":           {`{"endpoint_id":"e1"}`, 200, success(`,"events":["a"]`), ""},
		"a request that is no object":         {`["e2"]`, 200, success(""), ""},
		"a request that is no JSON":           {`e2`, 200, success(""), ""},
		"a request with other types":          {`{"endpoint_id":2,"events":{}}`, 200, success(`,"events":["a"]`), ""},
		"a request with lists in its events":  {`{"events":[[1]]}`, 200, success(`,"events":["a"]`), eventsDiffer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			if test.want != "" {
				want = []string{"server: " + test.want}
			}
			wantTexts(t, c.CheckResponse(request(test.sent), response(test.status, test.got)), want...)
			if test.want != failureUnder200 || !strings.Contains(test.got, "data") { // else the schema of a 200 reports it
				wantTexts(t, schemaOnly.CheckResponse(request(test.sent), response(test.status, test.got)))
			}
		})
	}
}

// A right response of another API, or of another version, may break the rules.
func TestRulesAreAboutVersion1Alone(t *testing.T) {
	t.Parallel()
	for at, want := range map[string][]string{
		"/v1/t": {"server: response 404 body: error-code"}, "/v3/t": nil, "/v10/t": nil, "/t": nil, "/a/v1/t": nil,
	} {
		document := documentOf(at, "", `"404": {"description": "d", "content": {"application/json": {"schema": {}}}}`, "")
		get := httptest.NewRequest(http.MethodGet, at, nil)
		wantTexts(t, load(t, document).CheckResponse(get, response(404, `{}`)), want...)
		wantTexts(t, load(t, document, contract.WithSchemaOnly()).CheckResponse(get, response(404, `{}`)))
	}
}

func TestEquivalentURLsAreTheSame(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	for sent, test := range map[string]struct {
		got  string
		same bool
	}{
		"https://example.org/%7Ea%2fb?q=%c3%a4": {"https://example.org/~a%2Fb?q=%C3%A4", true},
		"https://example.org/ä?ä b":             {"https://example.org/%C3%A4?%C3%A4%20b", true},
		"http://EXAMPLE.org:80?q":               {"http://example.org/?q", true},
		"https://example.org:/":                 {"https://example.org/", true},
		"https://[::1]:443/":                    {"https://[::1]/", true},
		"https://example.org/a%2Fb":             {"https://example.org/a/b", false},
		"https://example.org/A":                 {"https://example.org/a", false},
		"https://example.org/a/":                {"https://example.org/a", false},
		"http://example.org:443/":               {"http://example.org/", false},
		"https://user@example.org/":             {"https://example.org/", false},
		"https://Bücher.example:443/":           {"https://xn--bcher-kva.example/", true},
		"https://xn--bcher-kva.example/":        {"https://bücher.example/", true},
		"https://bücher.example/?a":             {"https://bücher.example/?b", false},
		"https://user@bücher.example:8443/":     {"https://user@xn--bcher-kva.example:8443/", true},
		"not a URL":                             {"not a URL", true},
	} {
		got := strings.Replace(success(""), "https://example.org/", test.got, 1)
		err := c.CheckResponse(request(`{"url":"`+sent+`"}`), response(200, got))
		if found := findings(t, err); (len(found) == 0) != test.same {
			t.Errorf("%s and %s: %v", sent, test.got, err)
		}
	}
}

func TestWithoutItsRuleAnErrorUnder200IsJudgedAsASuccess(t *testing.T) {
	t.Parallel()
	for _, opt := range []contract.Option{contract.WithSchemaOnly(), contract.WithoutRules("error-under-200")} {
		wantTexts(t, load(t, correctedDocument, opt).CheckResponse(request(`{}`), response(200, `{"code":1,"data":null}`)),
			"server: response 200 body /data: type")
	}
}

func TestRulesReportNothingWhereTheSchemaDoes(t *testing.T) {
	t.Parallel()
	for _, document := range [][]byte{correctedDocument, publishedDocument} {
		wantTexts(t, load(t, document).CheckResponse(request(`{}`), response(200, `{"code":100,"data":null}`)),
			"server: response 200 body /data: type")
	}
	wantTexts(t, load(t, correctedDocument).CheckResponse(request(`{}`), response(400, `{}`)),
		"server: response 400 body: required")
	// The published document requires nothing of an error, so the rule reports it.
	wantTexts(t, load(t, publishedDocument).CheckResponse(request(`{}`), response(400, `{}`)),
		"server: response 400 body: error-code")
	wantTexts(t, load(t, publishedDocument).CheckResponse(request(`{}`), response(400, `{"code":null}`)),
		"server: response 400 body /code: error-code")
	wantTexts(t, load(t, correctedDocument).CheckResponse(request(`{}`), response(400, `{"code":null}`)),
		"server: response 400 body /code: type")
}

func TestRulesWorkWithABodyThatWasSent(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	req := received(strings.NewReader(`{"endpoint_id":"e2"}`))
	wantTexts(t, c.CheckResponse(req, response(200, success("")))) // no GetBody: nothing to compare with
	if err := c.CheckRequest(req); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, req.Body)
	wantTexts(t, c.CheckResponse(req, response(200, success(""))), "server: "+otherEndpoint)
}
