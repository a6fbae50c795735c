package heygentest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func TestAnUpdateChangesWhatWasSentAndNothingElse(t *testing.T) {
	t.Parallel()
	const oldURL = "https://example.org/old"
	old, onlyB := heygen.OnlyEvents("a", "b"), heygen.OnlyEvents("b")
	for name, test := range map[string]struct {
		body   string
		url    string
		events heygen.Events
	}{
		"nothing":               {`{"endpoint_id":"e1"}`, oldURL, old},
		"URL":                   {`{"endpoint_id":"e1","url":"http://example.com/new"}`, "http://example.com/new", old},
		"events":                {`{"endpoint_id":"e1","events":["c"]}`, oldURL, heygen.OnlyEvents("c")},
		"every event":           {`{"endpoint_id":"e1","events":null}`, oldURL, heygen.AllEvents()},
		"no event":              {`{"endpoint_id":"e1","events":[]}`, oldURL, heygen.OnlyEvents()},
		"both":                  {`{"endpoint_id":"e1","url":"https://a/?b#c","events":["b"]}`, "https://a/?b#c", onlyB},
		"names in another case": {`{"endpoint_id":"e1","URL":"https://a","Events":null,"ENDPOINT_ID":"e2"}`, oldURL, old},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			before, _ := sandbox.Endpoint("e1")
			if status, body := send(t, sandbox, test.body, nil); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			after, ok := sandbox.Endpoint("e1")
			if !ok || after.URL != test.url || !after.Events.Equal(test.events) {
				t.Errorf("got %v %v", after.URL, after.Events)
			}
			before.URL, before.Events = after.URL, after.Events
			if fmt.Sprintf("%+v", before) != fmt.Sprintf("%+v", after) {
				t.Errorf("more than URL and events changed: %+v to %+v", before, after)
			}
		})
	}
}

func TestTheResponseIsAsHeyGenWritesIt(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	_, body := send(t, sandbox, `{"endpoint_id":"e1","events":null}`, nil)
	const want = `{"code":100,"data":{"created_at":"2025-10-22T08:31:48","endpoint_id":"e1","entity_id":null,` +
		`"events":null,"secret":"whsec_sandbox","space_id":"sandbox-space","status":"enabled",` +
		`"url":"https://example.org/old","username":"sandbox-user"},"message":null,"msg":null}`
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestTheClientAgainstTheSandbox(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	c := client(sandbox)
	got, err := c.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: "e1", URL: "https://example.com/new", Events: heygen.AllEvents(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.URL != "https://example.com/new" || !got.Events.All() || got.Secret.Reveal() != "whsec_sandbox" ||
		got.CreatedAt.Raw != "2025-10-22T08:31:48" || got.EntityID != nil {
		t.Errorf("got %+v", got)
	}
	wrong := sandbox.Client(heygen.WithAPIKeyFunc(func(context.Context) (string, error) { return "wrong", nil }))
	for name, test := range map[string]struct {
		client *heygen.Client
		id     string
		url    string
		want   error
	}{
		"unknown id":   {c, "e2", "", heygen.ErrNotFound},
		"relative URL": {c, "e1", "/a", heygen.ErrInvalidURL},
		"wrong key":    {wrong, "e1", "", heygen.ErrUnauthorized},
	} {
		_, err := test.client.UpdateWebhookEndpoint(t.Context(),
			heygen.UpdateWebhookEndpointRequest{EndpointID: test.id, URL: test.url})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const good, notFound = `{"endpoint_id":"e1"}`, `{"code":400131,"message":"Webhook endpoint not found"}`
	const unauthorized = `{"code":400112,"message":"Unauthorized"}`
	sandbox := start(t)
	for name, test := range map[string]struct {
		body   string
		change func(*http.Request)
		status int
		want   string
	}{
		"wrong key":        {good, key("wrong"), 401, unauthorized},
		"no key":           {good, func(r *http.Request) { r.Header.Del("X-Api-Key") }, 401, unauthorized},
		"wrong key, {}":    {`{}`, key("wrong"), 401, unauthorized},
		"unknown id":       {`{"endpoint_id":"e2"}`, nil, 404, notFound},
		"empty id":         {`{"endpoint_id":""}`, nil, 404, notFound},
		"id in upper case": {`{"endpoint_id":"E1","url":"/"}`, nil, 404, notFound},
		"no id":            {`{}`, nil, 400, `{"code":40001,"message":"request body: member endpoint_id is missing"}`},
		"no body":          {``, nil, 400, `{"code":40001,"message":"request body: missing"}`},
		"wrong type": {
			`{"endpoint_id":1}`, nil, 400, `{"code":400175,"message":"endpoint_id: want string, got number"}`,
		},
		"wrong types": {
			`{"endpoint_id":1,"events":["a",1]}`, nil, 400,
			`{"code":400175,"message":"endpoint_id: want string, got number; events/1: want string, got number"}`,
		},
		"no JSON": {`x`, nil, 400, `{"code":400175,"message":"request body: not JSON"}`},
		"name twice": {
			`{"url":"","url":""}`, nil, 400, `{"code":400175,"message":"url: a name occurs twice in one object"}`,
		},
		"too large": {strings.Repeat(" ", 1<<20+1), nil, 400, `{"code":400175,"message":"request body: over 1 MiB"}`},
		"form": {
			good, form, 400, `{"code":400175,"message":"request content type: not documented, want application/json"}`,
		},
		"other method": {good, put, 405, "heygentest: there is no operation PUT " + path},
		"other path":   {good, at("/v3/webhooks"), 404, "heygentest: there is no operation PATCH /v3/webhooks"},
		"trailing /":   {good, at(path + "/"), 404, "heygentest: there is no operation PATCH " + path + "/"},
		"gzip":         {good, coding("gzip"), 400, `{"code":400175,"message":"request content coding: not documented"}`},
		"br":           {good, coding("br"), 400, `{"code":400175,"message":"request content coding: not documented"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, body := send(t, sandbox, test.body, test.change); status != test.status || body != test.want {
				t.Errorf("got  %d %s\nwant %d %s", status, body, test.status, test.want)
			}
		})
	}
}

func key(key string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Api-Key", key) }
}

func at(path string) func(*http.Request) {
	return func(r *http.Request) { r.URL.Path = path }
}

func put(r *http.Request) { r.Method = http.MethodPut }

func form(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }

func coding(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Encoding", name) }
}

func TestURLsThatAreRefused(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for _, refused := range []string{
		"", " ", "/webhook", "//example.org/webhook", "example.org", "example.org:80/a", "ftp://example.org", "https://",
		"https:///webhook", "https:example.org", "https://:443/", "https://exa mple.org", "http://a/%zz",
		"mailto:a@example.org",
	} {
		const want = `{"code":400542,"message":"Url of this webhook endpoint is invalid"}`
		status, body := send(t, sandbox, `{"endpoint_id":"e1","events":null,"url":"`+refused+`"}`, nil)
		if status != http.StatusBadRequest || body != want {
			t.Errorf("%q: %d %s", refused, status, body)
		}
	}
	if e, _ := sandbox.Endpoint("e1"); e.URL != "https://example.org/old" || e.Events.All() {
		t.Errorf("a refused update changed %v %v", e.URL, e.Events)
	}
	if status, body := send(t, sandbox, `{"endpoint_id":"e1","url":"HTTPS://EXAMPLE.org:443"}`, nil); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

// Writers update one endpoint and read it at the same time. Each update sends a state of its own: a URL and events that
// belong together. Each response must be the state of its update. A state that is read must be whole, and none that its
// writer has replaced; so the final state is the last one of some writer.
func TestConcurrentUpdates(t *testing.T) {
	t.Parallel()
	const writers, rounds = 64, 20
	sandbox := start(t)
	c := sandbox.Client(heygen.WithHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}))
	state := func(e heygen.WebhookEndpoint) string {
		mark := strings.TrimPrefix(e.URL, "https://example.org/")
		if !e.Events.Equal(heygen.OnlyEvents(mark, "of "+mark)) {
			t.Errorf("torn: %s with %s", e.URL, e.Events)
		}
		return mark
	}
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "e1", URL: "https://example.org/first", Events: heygen.OnlyEvents("first", "of first"),
	})
	var writing sync.WaitGroup
	for writer := range writers {
		writing.Go(func() {
			for round := range rounds {
				mark := fmt.Sprint(writer, "-", round)
				got, err := c.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{
					EndpointID: "e1", URL: "https://example.org/" + mark, Events: heygen.OnlyEvents(mark, "of "+mark),
				})
				if err != nil || state(*got) != mark {
					t.Errorf("%s: got %+v, %v", mark, got, err)
					return
				}
				read, _ := sandbox.Endpoint("e1")
				if other := state(read); strings.HasPrefix(other, fmt.Sprint(writer, "-")) && other != mark {
					t.Errorf("%s came back after %s", other, mark)
				}
			}
			_ = sandbox.Calls()
		})
	}
	writing.Wait()
	last, _ := sandbox.Endpoint("e1")
	if !strings.HasSuffix(state(last), fmt.Sprint("-", rounds-1)) {
		t.Errorf("the last state is %s, which its writer has replaced", last.URL)
	}
	if calls := sandbox.Calls(); calls[len(calls)-1].Number != writers*rounds {
		t.Errorf("%d calls, the last is %d", len(calls), calls[len(calls)-1].Number)
	}
}

// Writers of different members do not undo each other's updates.
func TestConcurrentUpdatesOfDifferentMembers(t *testing.T) {
	t.Parallel()
	const rounds = 200
	sandbox := start(t)
	c := client(sandbox)
	var writing sync.WaitGroup
	for _, member := range []string{"url", "events"} {
		writing.Go(func() {
			for round := range rounds {
				req := heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"}
				if member == "url" {
					req.URL = fmt.Sprint("https://example.org/", round)
				} else {
					req.Events = heygen.OnlyEvents(fmt.Sprint(round))
				}
				if _, err := c.UpdateWebhookEndpoint(t.Context(), req); err != nil {
					t.Error(err)
				}
				got, _ := sandbox.Endpoint("e1")
				if member == "url" && got.URL != req.URL || member == "events" && !got.Events.Equal(req.Events) {
					t.Errorf("%s: lost, the endpoint is %+v", member, got)
				}
			}
		})
	}
	writing.Wait()
}
