package contract_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

const (
	endpoints  = "/v3/webhooks/endpoints"
	endpointV3 = `{"endpoint_id":"e1","url":"https://example.org/","status":"enabled",` +
		`"created_at":"2026-11-01T08:00:00Z","events":null,"secret":null}`
	eventV3 = `{"event_id":"v1","event_type":"a.success","event_data":{"video_id":"x"}}`
)

// contractsOfVersion3 are the contracts that judge version 3 by the document of these tests: that of it alone, and, as
// long as it is the vendored one, that of both versions.
func contractsOfVersion3(t *testing.T, opts ...contract.Option) map[string]*contract.Contract {
	t.Helper()
	contracts := map[string]*contract.Contract{"version 3": load(t, version3Document, opts...)}
	if bytes.Equal(version3Document, openapi.CorrectedV3()) {
		both, err := contract.New(opts...)
		if err != nil {
			t.Fatal(err)
		}
		contracts["both"] = both
	}
	return contracts
}

// version3 is an exchange of version 3, good but for what a test changes.
func version3(method, target, sent string, status int, got string, change ...func(*traffic)) traffic {
	return exchange(func(x *traffic) {
		x.method, x.target, x.sent, x.status, x.got = method, target, sent, status, got
		if sent == "" {
			x.header.Del("Content-Type")
		}
		for _, c := range change {
			c(x)
		}
	})
}

func withKey(key string) func(*traffic) {
	return func(x *traffic) { x.header.Set("Idempotency-Key", key) }
}

func failureV3(code string) string {
	return `{"error":{"code":"` + code + `","message":"x","param":null,"doc_url":null}}`
}

// The exchanges of version 3, four ways, by its document alone and beside version 1.
func TestVersion3(t *testing.T) {
	t.Parallel()
	const endpoint, rotate, events = endpoints + "/e1", endpoints + "/e1/rotate-secret", "/v3/webhooks/events"
	const data, create = `{"data":` + endpointV3 + `}`, `{"url":"https://example.org/"}`
	const key, limit = "client: request header Idempotency-Key: schema", "client: request query limit: schema"
	newSecret := strings.Replace(data, `"secret":null`, `"secret":"s"`, 1)
	invalid, notFound := failureV3("invalid_parameter"), failureV3("not_found")
	long := strings.Repeat("k", 256)
	html := func(x *traffic) { x.contentType = "text/html" }
	noKey := func(x *traffic) { x.header.Del("X-Api-Key") }
	for name, test := range map[string]struct {
		exchange traffic
		want     string
	}{
		"list": {version3("GET", endpoints, "", 200,
			`{"data":[`+endpointV3+`],"has_more":false,"next_token":null}`), ""},
		"list, a page":   {version3("GET", endpoints+"?limit=100&token=t", "", 200, `{"data":[]}`), ""},
		"create":         {version3("POST", endpoints, create, 200, newSecret, withKey("k:1")), ""},
		"without a key":  {version3("POST", endpoints, `{"url":"u","events":null,"entity_id":null}`, 200, data), ""},
		"update":         {version3("PATCH", endpoint, `{"events":["a"]}`, 200, data), ""},
		"delete":         {version3("DELETE", endpoint, "", 200, `{"data":{}}`), ""},
		"rotate":         {version3("POST", rotate, "", 200, `{"data":{"endpoint_id":"e1","secret":"s"}}`), ""},
		"types":          {version3("GET", "/v3/webhooks/event-types", "", 200, `{"data":[{"event_type":"a"}]}`), ""},
		"events":         {version3("GET", events+"?event_type=a&limit=1", "", 200, `{"data":[`+eventV3+`]}`), ""},
		"conflict":       {version3("POST", endpoints, create, 409, failureV3("request_in_progress"), withKey("k")), ""},
		"unknown status": {version3("GET", endpoints, "", 418, failureV3("teapot")), ""},
		"more members":   {version3("PATCH", endpoint, `{"more":1}`, 200, `{"data":`+endpointV3+`,"more":1}`), ""},

		// What would break the rules of version 1.
		"a code":         {version3("PATCH", endpoint, `{"url":"u"}`, 200, `{"code":400131,"data":`+endpointV3+`}`), ""},
		"another object": {version3("PATCH", endpoint, `{"endpoint_id":"e2","url":"u","events":["b"]}`, 200, data), ""},

		"no data": {version3("GET", endpoints, "", 200, `{"has_more":false}`), "server: response 200 body: required"},
		"data of version 1": {version3("PATCH", endpoint, "{}", 200, success("")),
			"server: response 200 body /data: required"},
		"secret a number": {version3("POST", rotate, "", 200, `{"data":{"endpoint_id":"e1","secret":7}}`),
			"server: response 200 body /data/secret: type"},
		"a list for an object": {version3("PATCH", endpoint, "{}", 200, `{"data":[`+endpointV3+`]}`),
			"server: response 200 body /data: type"},
		"an event without id": {version3("GET", events, "", 200, `{"data":[{"event_type":"a"}]}`),
			"server: response 200 body /data/0: required"},
		"no error": {version3("GET", endpoints, "", 404, `{}`), "server: response 404 body: required"},
		"error without a code": {version3("GET", endpoints, "", 401, `{"error":{"message":"x"}}`),
			"server: response 401 body /error: required"},
		"error of version 1": {version3("GET", endpoints, "", 404, `{"code":400131,"message":"x"}`),
			"server: response 404 body: required"},
		"error under 200":      {version3("GET", endpoints, "", 200, invalid), "server: response 200 body: required"},
		"undocumented success": {version3("POST", endpoints, create, 201, data), "server: response 201 body: required"},
		"HTML": {version3("GET", endpoints, "", 502, "<html>", html),
			"server: response 502 content type: content-type"},

		"key with a space": {version3("POST", endpoints, create, 400, invalid, withKey("a b")), key},
		"key too long":     {version3("POST", endpoints, create, 400, invalid, withKey(long)), key},
		"limit 0":          {version3("GET", endpoints+"?limit=0", "", 400, invalid), limit},
		"limit 101":        {version3("GET", endpoints+"?limit=101", "", 400, invalid), limit},
		"limit a word":     {version3("GET", endpoints+"?limit=all", "", 400, invalid), limit},
		"no URL":           {version3("POST", endpoints, `{"events":[]}`, 400, invalid), "client: request body: required"},
		"no body":          {version3("PATCH", endpoint, "", 400, invalid), "client: request body: required"},
		"no API key": {version3("GET", endpoints, "", 401, failureV3("unauthorized"), noKey),
			"client: request header x-api-key: security"},
		"unknown path":   {version3("GET", "/v3/webhooks/secrets", "", 404, notFound), "client: request path: path"},
		"no id":          {version3("DELETE", endpoints+"/", "", 404, notFound), "client: request path: path"},
		"unknown method": {version3("PUT", endpoint, "{}", 405, notFound), "client: request method: method"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found reports
			for document, c := range contractsOfVersion3(t, contract.WithReportOnly(), found.option()) {
				for way, send := range ways {
					send(t, c, test.exchange)
					if _, got := found.take(); got != test.want {
						t.Errorf("%s by %s reports %q, want %q", way, document, got, test.want)
					}
				}
			}
		})
	}
}

// Version 1 is checked beside version 3 as it is alone, with its rules.
func TestVersion1BesideVersion3(t *testing.T) {
	t.Parallel()
	c, err := contract.New()
	if err != nil {
		t.Fatal(err)
	}
	wantTexts(t, c.CheckRequest(request(`{"endpoint_id":"e1"}`)))
	wantTexts(t, c.CheckResponse(request(`{"endpoint_id":"e1"}`), response(200, success(""))))
	wantTexts(t, c.CheckResponse(request(`{}`), response(200, `{"code":400131}`)), "server: "+failureUnder200)
	wantTexts(t, c.CheckResponse(request(`{}`), response(200, `{"data":{}}`)), "server: response 200 body: required",
		"server: response 200 body /data: required", "server: response 200 body /data: required",
		"server: response 200 body /data: required")
	if names := c.NotChecked(); len(names) > 0 {
		t.Errorf("not checked: %s", names)
	}
}

// The corrected document of version 1 says nothing of version 3, so it does not take the blame for it.
func TestCorrectedDocumentOfOneVersion(t *testing.T) {
	t.Parallel()
	c, err := contract.New(contract.WithCorrected(correctedDocument), contract.WithAllowedDeviations())
	if err != nil {
		t.Fatal(err)
	}
	list := withHeader(endpoints + "?limit=0")
	list.Header.Set("X-Api-Key", "key")
	wantTexts(t, c.CheckRequest(list), "client: request query limit: schema")
	wantTexts(t, c.CheckResponse(list, response(200, `{}`)), "server: response 200 body: required")
}

// What an event holds is not documented, so a strict contract takes any; the objects around it are closed.
func TestVersion3Strictly(t *testing.T) {
	t.Parallel()
	for _, c := range contractsOfVersion3(t, contract.WithStrict()) {
		events := withHeader("/v3/webhooks/events")
		wantTexts(t, c.CheckResponse(events, response(200, `{"data":[`+eventV3+`]}`)))
		wantTexts(t, c.CheckResponse(events, response(200, `{"data":[`+eventV3+`],"more":1}`)),
			"server: response 200 body /more: unevaluatedProperties")
	}
}

// A sum has the operations of both versions, seen or not, in their order.
func TestSummaryOfBothVersions(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	c, err := contract.New(contract.WithCollector(&seen))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.CheckResponse(withHeader(endpoints), response(200, `{"data":[]}`)) // the collector counts it
	var names []string
	for _, operation := range seen.Summary().Operations {
		names = append(names, operation.Operation)
	}
	if !slices.IsSorted(names) {
		t.Errorf("got %q", names)
	}
	for _, want := range []string{ // the vendor's document may have more
		"DELETE /v3/webhooks/endpoints/{endpoint_id}", "GET /v3/webhooks/endpoints", "GET /v3/webhooks/event-types",
		"GET /v3/webhooks/events", operation, "PATCH /v3/webhooks/endpoints/{endpoint_id}", "POST /v3/webhooks/endpoints",
		"POST /v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("got %q, want %s", names, want)
		}
	}
	never := seen.Summary().NeverSeen()
	for name, want := range map[string]bool{
		"GET " + endpoints + " response 200": false, "POST " + endpoints + " response 200": true,
		operation + " response 200": true,
	} {
		if slices.Contains(never, name) != want {
			t.Errorf("%s never seen: %t, want %t", name, !want, want)
		}
	}
}
