package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// message is what a summary says about one message.
func message(t *testing.T, s contract.Summary, operation, name string) contract.MessageSummary {
	t.Helper()
	for _, o := range s.Operations {
		for _, m := range o.Messages {
			if o.Operation == operation && m.Message == name {
				return m
			}
		}
	}
	t.Fatalf("nothing about %s %s in %+v", operation, name, s)
	return contract.MessageSummary{}
}

func TestCollectorKnowsWhatWasNeverSeen(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	c := load(t, correctedDocument, contract.WithCollector(&seen))
	want := []string{"request", "response 200", "response 400", "response 401", "response 403", "response 404",
		"response 429", "response 5XX"}
	for i := range want {
		want[i] = operation + " " + want[i]
	}
	if got := seen.Summary().NeverSeen(); !slices.Equal(got, want) || seen.Summary().Responses() != 0 {
		t.Errorf("got %q, want %q", got, want)
	}
	_ = c.CheckRequest(request(`{}`)) // a broken message was seen, too
	_ = c.CheckResponse(request(`{}`), response(200, success("")))
	_ = c.CheckResponse(request(`{}`), response(503, `{"code":1}`))
	want = slices.DeleteFunc(want, func(name string) bool {
		return strings.HasSuffix(name, "request") || strings.HasSuffix(name, "200") || strings.HasSuffix(name, "5XX")
	})
	if got := seen.Summary().NeverSeen(); !slices.Equal(got, want) || seen.Summary().Responses() != 2 {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCollectorCountsMembers(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	c := load(t, correctedDocument, contract.WithCollector(&seen))
	for _, more := range []string{`,"events":["a","b"],"secret":1`, `,"events":null,"undocumented":{"url":"x"}`} {
		_ = c.CheckResponse(request(`{}`), response(200, success(more)))
	}
	_ = c.CheckResponse(request(`{}`), response(200, `not JSON`))
	got := message(t, seen.Summary(), operation, "response 200")
	want := contract.MessageSummary{Message: "response 200", Documented: true, Seen: 3, Members: []contract.MemberSummary{
		{Pointer: "/code", Seen: 2}, {Pointer: "/data", Seen: 2}, {Pointer: "/data/created_at"},
		{Pointer: "/data/endpoint_id", Seen: 2}, {Pointer: "/data/entity_id"}, {Pointer: "/data/events", Seen: 2},
		{Pointer: "/data/events/*", Seen: 1}, {Pointer: "/data/secret", Seen: 1}, {Pointer: "/data/space_id"},
		{Pointer: "/data/status", Seen: 2}, {Pointer: "/data/url", Seen: 2}, {Pointer: "/data/username"},
		{Pointer: "/message"}, {Pointer: "/msg"},
	}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestCollectorCountsFindings(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	c := load(t, publishedDocument, contract.WithCollector(&seen), contract.WithAllowedDeviations())
	for range 2 {
		_ = c.CheckResponse(request(`{}`), response(200, success(`,"events":null,"secret":1`)))
	}
	_ = c.CheckResponse(request(`{}`), response(418, ""))
	_ = c.CheckRequest(good(httptest.NewRequest(http.MethodPatch, "/other", nil)))
	s := seen.Summary()
	var got []string
	for _, f := range s.Findings {
		got = append(got, fmt.Sprint(f))
	}
	want := []string{
		"{ request client request path  path the document has no such path 1 [] false}",
		"{" + operation + " response 200 document response 200 body /data/events type want array, got null 2 [] true}",
		"{" + operation + " response 200 server response 200 body /data/secret type want string, got number 2 [] false}",
		"{" + operation + " response 418 server response status  status 418 is not documented 1 [] false}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got findings\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if m := message(t, s, operation, "response 418"); m.Documented || m.Seen != 1 {
		t.Errorf("got %+v", m)
	}
}

// All ways, each with a contract of its own, and many callers.
func TestCollectorIsShared(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	kit := func() *contract.Contract { return load(t, correctedDocument, contract.WithCollector(&seen)) }
	server := httptest.NewServer(kit().Handler(http.HandlerFunc(exchange(nil).serve)))
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(kit().Proxy(target))
	defer proxy.Close()
	client := &http.Client{Transport: kit().Transport(nil)}
	archive := har(t, "https://api.heygen.com", exchange(nil))
	c := kit()
	var callers sync.WaitGroup
	const calls = 20
	for range calls {
		callers.Go(func() {
			if _, err := exchange(nil).do(t, client, proxy.URL); err != nil {
				t.Error(err)
			}
			if _, err := c.CheckHAR(strings.NewReader(archive)); err != nil {
				t.Error(err)
			}
			_ = seen.Summary()
		})
	}
	callers.Wait()
	for _, name := range []string{"request", "response 200"} { // by transport, proxy, handler and archive
		if m := message(t, seen.Summary(), operation, name); m.Seen != 4*calls {
			t.Errorf("%s seen %d times", name, m.Seen)
		}
	}
}

func TestCollectorIsBoundedAndHoldsNoValue(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	c := load(t, correctedDocument, contract.WithCollector(&seen), contract.WithStrict())
	var names strings.Builder
	for i := range 999 {
		fmt.Fprintf(&names, `"a%d":"%s","b%d":1,`, i, planted, i)
	}
	_ = c.CheckRequest(request(`{` + names.String() + `"endpoint_id":"` + planted + `"}`))
	deep := strings.Repeat(`{"data":`, 9000) + "1" + strings.Repeat(`}`, 9000)
	_ = c.CheckResponse(request(`{}`), response(200, deep))
	s := seen.Summary()
	if len(s.Findings) != 1000 || s.Omitted < 998 {
		t.Errorf("%d findings and %d omitted", len(s.Findings), s.Omitted)
	}
	if text, err := json.Marshal(s); err != nil || strings.Contains(string(text), "whsec") {
		t.Errorf("the summary holds a value, or %v", err)
	}
}

// A schema within itself has members without end.
func TestCollectorWithARecursiveSchema(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	c := load(t, []byte(`{
		"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
		"components": {"schemas": {"Node": {"type": "object", "properties": {
			"a/b": {"allOf": [{"properties": {"~": {"type": "integer"}}}]},
			"next": {"$ref": "#/components/schemas/Node"}}}}},
		"paths": {"/": {"get": {"responses": {"200": {"description": "d", "content": {"application/json": {
			"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}}}}}}}}
	}`), contract.WithCollector(&seen))
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	wantTexts(t, c.CheckResponse(req, response(200, `[{"next":{"next":{}}},{"a/b":{"~":1}}]`)))
	got := fmt.Sprint(message(t, seen.Summary(), "GET /", "response 200").Members)
	if got != "[{/* 1} {/*/a~1b 1} {/*/a~1b/~0 1} {/*/next 1}]" {
		t.Errorf("got %s", got)
	}
}

// The members of schemas that refer to each other have no end, and a media type need not say anything.
func TestCollectorOfAnOddDocument(t *testing.T) {
	t.Parallel()
	const schemas = 12
	properties := map[string]any{}
	for i := range schemas {
		properties[fmt.Sprint("s", i)] = map[string]string{"$ref": fmt.Sprint("#/components/schemas/s", i)}
	}
	all := map[string]any{}
	for i := range schemas {
		all[fmt.Sprint("s", i)] = map[string]any{"type": "object", "properties": properties}
	}
	document, err := json.Marshal(map[string]any{
		"openapi": "3.1.0", "info": map[string]string{"title": "t", "version": "1"},
		"components": map[string]any{"schemas": all},
		"paths": map[string]any{"/a": map[string]any{"get": map[string]any{"responses": map[string]any{
			"200": map[string]any{"description": "d", "content": map[string]any{
				"application/json": map[string]any{"schema": map[string]string{"$ref": "#/components/schemas/s0"}},
			}},
			"404": map[string]any{"description": "d", "content": map[string]any{"application/json": nil}},
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var seen contract.Collector
	load(t, document, contract.WithCollector(&seen))
	if n := len(message(t, seen.Summary(), "GET /a", "response 200").Members); n < schemas || n > 10_000*schemas {
		t.Errorf("%d members", n)
	}
}
