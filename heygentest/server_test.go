package heygentest_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const path = "/v1/webhook/endpoint.update"

// direct has connections of its own: an httptest.Server that is closed breaks off idle ones of http.DefaultTransport.
var direct = &http.Client{Transport: &http.Transport{}}

// start starts a sandbox that holds the endpoint e1.
func start(t testing.TB, opts ...heygentest.Option) *heygentest.Server {
	t.Helper()
	sandbox := heygentest.NewServer(opts...)
	t.Cleanup(sandbox.Close)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "e1", URL: "https://example.org/old", Events: heygen.OnlyEvents("a", "b"),
	})
	return sandbox
}

func client(t testing.TB, sandbox *heygentest.Server, opts ...heygen.Option) *heygen.Client {
	t.Helper()
	c, err := sandbox.Client(append([]heygen.Option{heygen.WithRetry(heygen.RetryPolicy{})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// send sends a request that is good but for what change does, and returns status and body of the reply.
func send(t testing.TB, sandbox *heygentest.Server, body string, change func(*http.Request)) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, sandbox.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", sandbox.APIKey)
	if change != nil {
		change(req)
	}
	resp, err := direct.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(got))
}

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

func TestTheAnswerIsAsHeyGenWritesIt(t *testing.T) {
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
	kit, err := contract.New()
	if err != nil {
		t.Fatal(err)
	}
	sandbox := start(t)
	c := client(t, sandbox, heygen.WithTransport(kit.Transport))
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

	_, err = c.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e2"})
	if !errors.Is(err, heygen.ErrNotFound) {
		t.Errorf("unknown id: %v", err)
	}
	_, err = c.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: "/a"})
	if !errors.Is(err, heygen.ErrInvalidURL) {
		t.Errorf("relative URL: %v", err)
	}
	wrong, err := heygen.NewClient("wrong", heygen.WithBaseURL(sandbox.URL))
	if err != nil {
		t.Fatal(err)
	}
	_, err = wrong.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	if !errors.Is(err, heygen.ErrUnauthorized) {
		t.Errorf("wrong key: %v", err)
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
		"other method": {good, put, 404, "heygentest: there is no operation PUT " + path},
		"other path":   {good, at("/v3/webhooks"), 404, "heygentest: there is no operation PATCH /v3/webhooks"},
		"trailing /":   {good, at(path + "/"), 404, "heygentest: there is no operation PATCH " + path + "/"},
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

func TestAddEndpointFillsInWhatIsMissing(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "bare"})
	e, ok := sandbox.Endpoint("bare")
	if !ok || e.URL == "" || !e.Events.All() || e.Status != heygen.WebhookEndpointStatusEnabled || e.Secret.IsZero() ||
		e.CreatedAt.Raw != "2025-10-22T08:31:48" || e.CreatedAt.Time.IsZero() ||
		e.Username == "" || e.SpaceID == "" || e.EntityID != nil {
		t.Errorf("got %+v", e)
	}
	if _, ok := sandbox.Endpoint("none"); ok {
		t.Error("an endpoint that was not added")
	}

	entity := "entity"
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "full", URL: "https://example.com", Events: heygen.OnlyEvents(), Username: "u", SpaceID: "s",
		Status: heygen.WebhookEndpointStatusDisabled, Secret: wire.NewSecret("mine"), EntityID: &entity,
		CreatedAt: heygen.Timestamp{Raw: "2024-01-01T00:00:00Z"},
	})
	entity = "changed"
	got, err := client(t, sandbox).UpdateWebhookEndpoint(t.Context(),
		heygen.UpdateWebhookEndpointRequest{EndpointID: "full"})
	if err != nil {
		t.Fatal(err)
	}
	if got.URL != "https://example.com" || got.Events.String() != "[]" || got.Username != "u" || got.SpaceID != "s" ||
		got.Status != heygen.WebhookEndpointStatusDisabled || got.Secret.Reveal() != "mine" || *got.EntityID != "entity" ||
		got.CreatedAt.Raw != "2024-01-01T00:00:00Z" {
		t.Errorf("got %+v", got)
	}
	if e, _ := sandbox.Endpoint("full"); e.EntityID != nil {
		*e.EntityID = "changed"
	}
	if e, _ := sandbox.Endpoint("full"); *e.EntityID != "entity" {
		t.Error("callers share an entity id with the sandbox")
	}
}

func TestCallsAreRecorded(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithAPIKey("whsec_key"))
	send(t, sandbox, `{"endpoint_id":"e1"}`, func(r *http.Request) {
		r.URL.RawQuery = "a=b"
		r.Header.Set("Authorization", "Bearer whsec_key")
		r.Header.Add("Cookie", "a=whsec_key")
	})
	send(t, sandbox, "", func(r *http.Request) { r.Method = http.MethodDelete })
	send(t, sandbox, strings.Repeat("x", 100<<10), key("whsec_other"))
	calls := sandbox.Calls()
	if len(calls) != 3 {
		t.Fatalf("got %d calls", len(calls))
	}
	first := calls[0]
	if first.Method != http.MethodPatch || first.Target != path+"?a=b" || string(first.Body) != `{"endpoint_id":"e1"}` ||
		first.Header.Get("Content-Type") != "application/json" || first.Header.Get("X-Api-Key") != "[redacted]" {
		t.Errorf("got %+v", first)
	}
	if calls[1].Method != http.MethodDelete || calls[1].Body != nil || len(calls[2].Body) != 64<<10 {
		t.Errorf("got %+v and a body of %d bytes", calls[1], len(calls[2].Body))
	}
	if !strings.Contains(string(first.Answer), `"endpoint_id":"e1"`) ||
		!strings.HasPrefix(string(calls[1].Answer), "heygentest: there is no operation DELETE") {
		t.Errorf("answers %s and %s", first.Answer, calls[1].Answer)
	}
	if shown := fmt.Sprintf("%+v", calls); strings.Contains(shown, "whsec_") {
		t.Error("a key is shown")
	}
	first.Header.Set("X-Changed", "x")
	first.Body[0], first.Answer[0] = 'x', 'x'
	if again := sandbox.Calls()[0]; again.Header.Get("X-Changed") != "" || again.Body[0] != '{' || again.Answer[0] != '{' {
		t.Error("callers share a call with the sandbox")
	}
	for i := range 1001 {
		send(t, sandbox, fmt.Sprintf(`{"endpoint_id":"%d"}`, i), nil)
	}
	if calls := sandbox.Calls(); len(calls) != 1000 || string(calls[0].Body) != `{"endpoint_id":"1"}` {
		t.Errorf("%d calls, the first with %s", len(calls), calls[0].Body)
	}
}

// A slow body is on the record as a whole, an oversized one is cut off there.
func TestAnswersOfFaultsAreRecorded(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultSlowBody(time.Millisecond), heygentest.FaultOversize())
	for range 2 {
		_, sent := send(t, sandbox, `{"endpoint_id":"e1"}`, nil)
		calls := sandbox.Calls()
		answer := strings.TrimSpace(string(calls[len(calls)-1].Answer))
		if answer != sent || len(calls[len(calls)-1].Answer) > 64<<10 {
			t.Errorf("recorded %s, sent %s", answer, sent)
		}
	}
}

// What a handler in front of the sandbox answers is no call.
func TestAHandlerInFront(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithHandler(func(sandbox *heygentest.Server, own http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/count" {
				own.ServeHTTP(w, r)
				return
			}
			_, _ = fmt.Fprint(w, len(sandbox.Calls()), sandbox.APIKey)
		})
	}), heygentest.WithAPIKey("k"))
	send(t, sandbox, `{"endpoint_id":"e1"}`, nil)
	for range 2 {
		if _, body := send(t, sandbox, "", func(r *http.Request) { r.URL.Path = "/count" }); body != "1k" {
			t.Errorf("got %s", body)
		}
	}
}

func TestTheSandboxIsOnLoopback(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	u, err := url.Parse(sandbox.URL)
	if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.Port() == "" {
		t.Errorf("got %s, %v", sandbox.URL, err)
	}
}

func TestAnEmptyKeyIsRefused(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "the key is empty") {
			t.Errorf("got %s", got)
		}
	}()
	heygentest.NewServer(heygentest.WithAPIKey(""))
}

func TestTheSandboxIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	c := client(t, sandbox)
	var callers sync.WaitGroup
	for caller := range 16 {
		id := fmt.Sprint("own", caller)
		callers.Go(func() {
			sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
			for round := range 20 {
				// Two members that belong together, so that a torn update would show.
				for _, id := range []string{id, "e1"} {
					mark := fmt.Sprintf("%s-%d", id, caller*1000+round)
					got, err := c.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{
						EndpointID: id, URL: "https://example.org/" + mark, Events: heygen.OnlyEvents(mark),
					})
					if err != nil || got.URL != "https://example.org/"+mark || !got.Events.Includes(mark) {
						t.Errorf("%s: got %+v, %v", mark, got, err)
						return
					}
				}
				if e, _ := sandbox.Endpoint("e1"); !e.Events.Includes(strings.TrimPrefix(e.URL, "https://example.org/")) {
					t.Errorf("torn: %s %s", e.URL, e.Events)
				}
				_ = sandbox.Calls()
			}
		})
	}
	callers.Wait()
	if calls := sandbox.Calls(); len(calls) != 16*20*2 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestACompressedRequestIsRefused(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for _, coding := range []string{"gzip", "br", "deflate"} {
		status, body := send(t, sandbox, `{"endpoint_id":"e1"}`, func(req *http.Request) {
			req.Header.Set("Content-Encoding", coding)
		})
		if status != http.StatusBadRequest || !strings.Contains(body, "content coding") {
			t.Errorf("%s: %d %s", coding, status, body)
		}
	}
}

func TestCloseEndsARequestThatNeverEnds(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(sandbox.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	request := "PATCH " + path + " HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n" +
		"X-Api-Key: " + sandbox.APIKey + "\r\nContent-Length: 100\r\n\r\n{"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() { sandbox.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("Close waits for a request that never ends")
	}
}
