package heygentest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const endpointsV3 = "/v3/webhooks/endpoints"

// judge is the contract that every response of version 3 must keep.
var judge = sync.OnceValues(func() (*contract.Contract, error) { return contract.New() })

// callV3 sends a request of version 3 and returns the status, the header and the body of the response.
func callV3(t testing.TB, sandbox *heygentest.Server, method, target, body string, change ...func(*http.Request),
) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, sandbox.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if req.Header.Set("X-Api-Key", sandbox.APIKey); body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, c := range change {
		c(req)
	}
	resp, err := direct.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	kit, err := judge()
	if err != nil {
		t.Fatal(err)
	}
	if err := kit.CheckResponse(req, resp); err != nil && resp.Header.Get("Content-Type") == "application/json" {
		t.Error(err)
	}
	received, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, strings.TrimSpace(string(received))
}

// shownV3 is data of a response of version 3.
type shownV3 struct {
	EndpointID string          `json:"endpoint_id"`
	URL        string          `json:"url"`
	Status     string          `json:"status"`
	CreatedAt  string          `json:"created_at"`
	Events     json.RawMessage `json:"events"`
	Secret     *string         `json:"secret"`
}

// goodV3 is callV3 for a success, whose data it reads.
func goodV3[T any](t testing.TB, sandbox *heygentest.Server, method, target, body string, change ...func(*http.Request),
) (data T) {
	t.Helper()
	status, _, received := callV3(t, sandbox, method, target, body, change...)
	response := struct {
		Data *T `json:"data"`
	}{&data}
	if err := json.Unmarshal([]byte(received), &response); status != http.StatusOK || err != nil || response.Data == nil {
		t.Fatalf("%s %s: %d %s, error %v", method, target, status, received, err)
	}
	return data
}

func idempotent(key string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Idempotency-Key", key) }
}

var hex32 = regexp.MustCompile(`^[0-9a-f]{32}$`)

// A migration in one sandbox: what one version does, the other shows.
func TestBothVersionsHaveTheSameEndpoints(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	created := goodV3[shownV3](t, sandbox, "POST", endpointsV3,
		`{"url":"https://example.org/new","events":["a"],"entity_id":"project"}`)
	at, err := time.Parse(time.RFC3339, created.CreatedAt)
	if err != nil || time.Since(at) > time.Minute || !strings.HasSuffix(created.CreatedAt, "Z") {
		t.Errorf("created at %s", created.CreatedAt)
	}
	if !hex32.MatchString(created.EndpointID) || created.URL != "https://example.org/new" || created.Status != "enabled" ||
		string(created.Events) != `["a"]` || created.Secret == nil || !strings.HasPrefix(*created.Secret, "whsec_") {
		t.Errorf("created %+v", created)
	}

	moved, err := client(sandbox).UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: created.EndpointID, URL: "https://example.org/moved",
	})
	if err != nil || moved.URL != "https://example.org/moved" || moved.Secret.Reveal() != *created.Secret ||
		moved.CreatedAt.Raw != strings.TrimSuffix(created.CreatedAt, "Z") || *moved.EntityID != "project" {
		t.Errorf("version 1 has %+v, error %v", moved, err)
	}
	if err := sandbox.Restore(sandbox.Snapshot()); err != nil {
		t.Error(err)
	}

	// The endpoint e1 was added as one of version 1.
	changed := goodV3[shownV3](t, sandbox, "PATCH", endpointsV3+"/e1", `{"url":"https://example.org/v3"}`)
	if changed.URL != "https://example.org/v3" || string(changed.Events) != `["a","b"]` || changed.Secret != nil ||
		changed.CreatedAt != "2025-10-22T08:31:48Z" {
		t.Errorf("changed %+v", changed)
	}
	changed = goodV3[shownV3](t, sandbox, "PATCH", endpointsV3+"/e1", `{"events":null,"url":null}`)
	if e, _ := sandbox.Endpoint("e1"); e.URL != "https://example.org/v3" || !e.Events.All() ||
		string(changed.Events) != "null" || e.Secret.Reveal() != "whsec_sandbox" {
		t.Errorf("after another update %+v, shown as %+v", e, changed)
	}

	rotated := goodV3[shownV3](t, sandbox, "POST", endpointsV3+"/e1/rotate-secret", "")
	if e, _ := sandbox.Endpoint("e1"); rotated.EndpointID != "e1" || rotated.Secret == nil ||
		*rotated.Secret == "whsec_sandbox" || e.Secret.Reveal() != *rotated.Secret {
		t.Errorf("rotated %+v", rotated)
	}
	var ids []string
	for _, shown := range goodV3[[]shownV3](t, sandbox, "GET", endpointsV3, "") {
		if ids = append(ids, shown.EndpointID); shown.Secret != nil {
			t.Errorf("the list has a secret: %+v", shown)
		}
	}
	if want := slices.Sorted(slices.Values([]string{created.EndpointID, "e1"})); !slices.Equal(ids, want) {
		t.Errorf("list %q, want %q", ids, want)
	}
	if status, _, body := callV3(t, sandbox, "DELETE", endpointsV3+"/e1", ""); status != 200 || body != `{"data":{}}` {
		t.Errorf("deleted: %d %s", status, body)
	}
	if got := statuses(t, sandbox, "e1", created.EndpointID); !slices.Equal(got, []int{404, 200}) {
		t.Errorf("version 1 responds with %d", got)
	}
	sandbox.Verify(t)
}

func TestTimesInBothVersions(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for v1, v3 := range map[string]string{
		"2024-01-01T00:00:00":        "2024-01-01T00:00:00Z",
		"2024-01-01T00:00:00.5":      "2024-01-01T00:00:00.5Z",
		"2024-01-01T02:00:00+02:00":  "2024-01-01T00:00:00Z",
		"2023-04-03T05:40:46.769845": "2023-04-03T05:40:46.769845Z",
	} {
		sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e2", CreatedAt: heygen.Timestamp{Raw: v1}})
		shown := goodV3[shownV3](t, sandbox, "PATCH", endpointsV3+"/e2", `{"events":["a"]}`)
		if _, body := send(t, sandbox, `{"endpoint_id":"e2"}`, nil); !strings.Contains(body, `"created_at":"`+v1+`"`) ||
			shown.CreatedAt != v3 {
			t.Errorf("version 1 has %s, version 3 %s, want %s and %s", body, shown.CreatedAt, v1, v3)
		}
	}
}

func TestRefusalsOfVersion3(t *testing.T) {
	t.Parallel()
	const create, e1, none = `{"url":"https://example.org"}`, endpointsV3 + "/e1", endpointsV3 + "/none"
	invalid := func(param, message string) string {
		if param != "null" {
			param = `"` + param + `"`
		}
		return `{"error":{"code":"invalid_parameter","doc_url":null,"message":"` + message + `","param":` + param + `}}`
	}
	const notFound = `{"error":{"code":"webhook_not_found","doc_url":null,"message":"Webhook endpoint not found",` +
		`"param":"endpoint_id"}}`
	const unauthorized = `{"error":{"code":"unauthorized","doc_url":null,"message":"Unauthorized","param":null}}`
	badURL := invalid("url", "The URL is not absolute, or did not respond to OPTIONS with a 2xx within a second")
	unreadable := invalid("null", "a parameter cannot be read")
	badToken := invalid("token", "The token is not one of this list")
	schema := "does not fit its schema: "
	otherList := "?token=ZXZlbnRzIGFmdGVyIDAwMDAwMDAwMDAwMQ" // "events after 000000000001"
	sandbox := start(t)
	before := string(sandbox.Snapshot())
	for name, test := range map[string]struct {
		method, target, body string
		change               func(*http.Request)
		status               int
		want                 string
	}{
		"wrong key":         {"GET", endpointsV3, "", key("wrong"), 401, unauthorized},
		"wrong key, broken": {"POST", endpointsV3, "{}", key("wrong"), 401, unauthorized},
		"no key":            {"DELETE", none, "", func(r *http.Request) { r.Header.Del("X-Api-Key") }, 401, unauthorized},

		"update, unknown id":      {"PATCH", none, `{"events":[]}`, nil, 404, notFound},
		"update, nothing at once": {"PATCH", none, `{}`, nil, 404, notFound},
		"delete, unknown id":      {"DELETE", none, "", nil, 404, notFound},
		"rotate, unknown id":      {"POST", none + "/rotate-secret", "", nil, 404, notFound},
		"id in upper case":        {"DELETE", endpointsV3 + "/E1", "", nil, 404, notFound},
		"escaped id":              {"DELETE", endpointsV3 + "/a%2Fb%20c", "", nil, 404, notFound},

		"no URL":       {"POST", endpointsV3, `{}`, nil, 400, invalid("url", "request body: member url is missing")},
		"no body":      {"POST", endpointsV3, "", nil, 400, invalid("null", "request body: missing")},
		"URL null":     {"POST", endpointsV3, `{"url":null}`, nil, 400, invalid("url", "url: want string, got null")},
		"relative URL": {"POST", endpointsV3, `{"url":"/hook"}`, nil, 400, badURL},
		"empty URL":    {"POST", endpointsV3, `{"url":""}`, nil, 400, badURL},
		"other scheme": {"POST", endpointsV3, `{"url":"ftp://example.org"}`, nil, 400, badURL},
		"name in another case": {
			"POST", endpointsV3, `{"URL":"https://example.org"}`, nil, 400,
			invalid("url", "request body: member url is missing"),
		},
		"events a string": {
			"POST", endpointsV3, `{"url":"https://example.org","events":"a"}`, nil, 400,
			invalid("events", "events: want array or null, got string"),
		},
		"an event a number": {
			"PATCH", e1, `{"events":["a",1]}`, nil, 400, invalid("events", "events/1: want string, got number"),
		},
		"nothing":         {"PATCH", e1, `{}`, nil, 400, invalid("null", "Give url or events, or both")},
		"nothing but nil": {"PATCH", e1, `{"url":null}`, nil, 400, invalid("null", "Give url or events, or both")},
		"other members":   {"PATCH", e1, `{"Events":null}`, nil, 400, invalid("null", "Give url or events, or both")},
		"move, relative":  {"PATCH", e1, `{"url":"hook","events":null}`, nil, 400, badURL},
		"no JSON":         {"PATCH", e1, `x`, nil, 400, invalid("null", "request body: not JSON")},
		"form": {"PATCH", e1, `{}`, form, 400,
			invalid("null", "request content type: not documented, want application/json")},
		"gzip": {
			"POST", endpointsV3, create, coding("gzip"), 400,
			invalid("null", "request content coding: not documented"),
		},
		"key with a space": {
			"POST", endpointsV3, create, idempotent("a b"), 400,
			invalid("Idempotency-Key", "request header Idempotency-Key: "+schema+"pattern: does not satisfy pattern"),
		},

		"limit 0": {
			"GET", endpointsV3 + "?limit=0", "", nil, 400,
			invalid("limit", "request query limit: "+schema+"minimum: does not satisfy minimum"),
		},
		"limit 101": {
			"GET", "/v3/webhooks/events?limit=101", "", nil, 400,
			invalid("limit", "request query limit: "+schema+"maximum: does not satisfy maximum"),
		},
		"limit in another form":     {"GET", endpointsV3 + "?limit=1e1", "", nil, 400, unreadable},
		"unknown token":             {"GET", endpointsV3 + "?token=nonsense", "", nil, 400, badToken},
		"empty token":               {"GET", endpointsV3 + "?token=", "", nil, 400, badToken},
		"token of another list":     {"GET", endpointsV3 + otherList, "", nil, 400, badToken},
		"unknown token of a filter": {"GET", "/v3/webhooks/events?event_type=a&token=x", "", nil, 400, badToken},

		"unknown path":  {"GET", "/v3/webhooks", "", nil, 404, "heygentest: there is no operation GET /v3/webhooks"},
		"no operation":  {"GET", e1, "", nil, 405, "heygentest: there is no operation GET " + e1},
		"other version": {"GET", "/v2/webhooks", "", nil, 404, "heygentest: there is no operation GET /v2/webhooks"},
		"dots":          {"DELETE", endpointsV3 + "/..", "", nil, 400, unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := func(*http.Request) {}
			if test.change != nil {
				change = test.change
			}
			status, _, body := callV3(t, sandbox, test.method, test.target, test.body, change)
			var sorted any
			if json.Unmarshal([]byte(body), &sorted) == nil {
				text, _ := json.Marshal(sorted)
				body = string(text)
			}
			if status != test.status || body != test.want {
				t.Errorf("got  %d %s\nwant %d %s", status, body, test.status, test.want)
			}
			if string(sandbox.Snapshot()) != before {
				t.Error("a call that was refused changed an endpoint")
			}
		})
	}
}

func TestTheRateLimitOfVersion3(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithRateLimit(1))
	for range 1000 { // some of them within one second
		if status, header, body := callV3(t, sandbox, "GET", endpointsV3, ""); status == 429 {
			if header.Get("Retry-After") != "1" || !strings.Contains(body, `"code":"rate_limit_exceeded"`) {
				t.Errorf("%v %s", header, body)
			}
			return
		}
	}
	t.Error("none of a thousand calls was limited")
}

// pageV3 is a page of a list.
type pageV3 struct {
	Data []struct {
		EndpointID string         `json:"endpoint_id"`
		EventID    string         `json:"event_id"`
		EventType  string         `json:"event_type"`
		EventData  map[string]any `json:"event_data"`
		CreatedAt  string         `json:"created_at"`
	} `json:"data"`
	HasMore   *bool           `json:"has_more"`
	NextToken json.RawMessage `json:"next_token"`
}

// pagesOf returns all pages of a list. between is called after each.
func pagesOf(t *testing.T, sandbox *heygentest.Server, target string, query url.Values, between func()) (all []pageV3) {
	t.Helper()
	for len(all) < 100 {
		status, _, body := callV3(t, sandbox, "GET", target+"?"+query.Encode(), "")
		var got pageV3
		if err := json.Unmarshal([]byte(body), &got); status != 200 || err != nil || got.HasMore == nil {
			t.Fatalf("%d %s, error %v", status, body, err)
		}
		all = append(all, got)
		var token *string
		if err := json.Unmarshal(got.NextToken, &token); err != nil || (token != nil) != *got.HasMore {
			t.Fatalf("has_more %v with the token %s", *got.HasMore, got.NextToken)
		}
		if token == nil {
			return all
		}
		query.Set("token", *token)
		between()
	}
	t.Fatal("the pages do not end")
	return nil
}

func TestEndpointsInPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		endpoints int
		limit     string
		delete    bool // the last endpoint of each page before the next one
		want      []int
	}{
		"none":              {0, "", false, []int{0}},
		"one page of 10":    {10, "", false, []int{10}},
		"one more":          {11, "", false, []int{10, 1}},
		"250 by 100":        {250, "100", false, []int{100, 100, 50}},
		"250 that go":       {250, "100", true, []int{100, 100, 50}},
		"as many as it has": {100, "100", false, []int{100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := heygentest.NewServer()
			t.Cleanup(sandbox.Close)
			want := []string{}
			for i := range test.endpoints {
				want = append(want, fmt.Sprintf("e%03d", i))
				sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: want[i]})
			}
			query := url.Values{}
			if test.limit != "" {
				query.Set("limit", test.limit)
			}
			last := 99
			pages := pagesOf(t, sandbox, endpointsV3, query, func() {
				if test.delete {
					goodV3[struct{}](t, sandbox, "DELETE", endpointsV3+"/"+want[last], "")
					last += 100
				}
			})
			got, sizes := []string{}, []int{}
			for _, page := range pages {
				sizes = append(sizes, len(page.Data))
				for _, e := range page.Data {
					got = append(got, e.EndpointID)
				}
			}
			if !slices.Equal(sizes, test.want) || !slices.Equal(got, want) {
				t.Errorf("pages of %d with %q", sizes, got)
			}
		})
	}
}

func TestEventTypesOfVersion3(t *testing.T) {
	t.Parallel()
	var got []string
	for _, shown := range goodV3[[]struct {
		EventType   string `json:"event_type"`
		Description string `json:"description"`
	}](t, start(t), "GET", "/v3/webhooks/event-types", "") {
		if got = append(got, shown.EventType); len(shown.Description) < 10 {
			t.Errorf("%s is described by %q", shown.EventType, shown.Description)
		}
	}
	if !slices.Equal(got, heygentest.EventTypes()) {
		t.Errorf("types %q", got)
	}
}

// The history has what HeyGen would have sent, also what no receiver took, under the ids that receivers saw.
func TestTheHistoryOfEvents(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	var seen []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Heygen-Event-Id"))
	}))
	t.Cleanup(receiver.Close)
	entity := "project-7"
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1", URL: receiver.URL})
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e2", URL: receiver.URL, EntityID: &entity})
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "deaf", URL: "http://127.0.0.1:1/"})
	large := `{"x":"` + strings.Repeat("<", 60<<10) + `"}` // a page has one, because JSON has six bytes for each "<"
	for _, event := range []struct {
		id, body string
		faults   []heygentest.DeliveryFault
	}{
		{"e1", `{"event_type":"a","event_data":{"video_id":"<1>"}}`, nil},
		{"e2", `{"event_type":"a","event_data":5}`, nil},
		{"e1", `{"event_type":"forged","event_data":{}}`, []heygentest.DeliveryFault{heygentest.DeliverUnsigned()}},
		{"deaf", `{"event_type":"lost","event_data":{"a":1,"a":2}}`, nil},
		{"e2", `{"event_type":"large","event_data":` + large + `}`, nil},
		{"e2", `{"event_type":"large","event_data":` + large + `}`, nil},
		{"e2", `{"event_type":"large","event_data":` + large + `}`, nil},
		{"e2", `{"event_type":"cut","event_data":{"x":"` + strings.Repeat("x", 64<<10) + `"}}`, nil},
		{"e1", `{"event_type":"huge","event_data":{"x":1e999}}`, nil},
	} {
		faults := append(event.faults, heygentest.DeliverHeadersV3())
		if _, err := sandbox.Deliver(t.Context(), event.id, []byte(event.body), faults...); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"":                                 `a map[video_id:<1>],a map[],lost map[],large,large,large,cut map[],huge map[]`,
		"event_type=a":                     "a map[video_id:<1>],a map[]",
		"event_type=A":                     "",
		"entity_id=project-7":              "a map[],large,large,large,cut map[]",
		"entity_id=project-7&event_type=a": "a map[]",
		"entity_id=":                       "a map[video_id:<1>],lost map[],huge map[]",
	} {
		values, err := url.ParseQuery(query + "&limit=3")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, page := range pagesOf(t, sandbox, "/v3/webhooks/events", values, func() {}) {
			for _, event := range page.Data {
				if text := fmt.Sprint(event.EventData); len(text) > 60<<10 {
					got = append(got, event.EventType)
				} else {
					got = append(got, event.EventType+" "+text)
				}
				at, err := time.Parse(time.RFC3339, event.CreatedAt)
				if err != nil || time.Since(at) > time.Minute || !hex32.MatchString(event.EventID) {
					t.Errorf("event %+v", event)
				}
				if event.EventType == "huge" && event.EventID != seen[len(seen)-1] {
					t.Errorf("the receiver saw %s, the history has %s", seen, event.EventID)
				}
			}
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: %s, want %s", query, strings.Join(got, ","), want)
		}
	}
	if deliveries := sandbox.Deliveries(); deliveries[0].EventID != seen[0] || deliveries[0].Start.IsZero() {
		t.Errorf("delivery %+v, the receiver saw %s", deliveries[0], seen)
	}
	if sandbox.Reset(); len(pagesOf(t, sandbox, "/v3/webhooks/events", url.Values{}, func() {})[0].Data) > 0 {
		t.Error("the history outlives a reset")
	}
}

// A secret that was replaced signs nothing more.
func TestARotatedSecretSignsTheNextDelivery(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	calls := receiving(t, sandbox, nil)
	once := heygentest.DeliverOnce()
	for _, want := range []int{200, 401} {
		delivery, err := sandbox.Deliver(t.Context(), "e1", heygentest.Event("x"), once)
		if err != nil || delivery.Attempts[0].StatusCode != want {
			t.Errorf("delivery %+v, error %v, want %d", delivery, err, want)
		}
		goodV3[shownV3](t, sandbox, "POST", endpointsV3+"/e1/rotate-secret", "")
	}
	if calls.Load() != 1 {
		t.Errorf("%d events were handled", calls.Load())
	}
}

func TestVersion3ProbesNewURLs(t *testing.T) {
	t.Parallel()
	sandbox := start(t, heygentest.WithProbe())
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodOptions {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(receiver.Close)
	for _, test := range []struct {
		method, target, url string
		status              int
	}{
		{"POST", endpointsV3, receiver.URL, 200},
		{"POST", endpointsV3, "http://127.0.0.1:1/", 400},
		{"POST", endpointsV3, "https://example.org", 200},
		{"PATCH", endpointsV3 + "/e1", receiver.URL, 200},
		{"PATCH", endpointsV3 + "/e1", "http://127.0.0.1:1/", 400},
		{"PATCH", endpointsV3 + "/none", "http://127.0.0.1:1/", 404},
	} {
		status, _, body := callV3(t, sandbox, test.method, test.target, `{"url":"`+test.url+`"}`)
		if status != test.status || (status == 400) != strings.Contains(body, `"param":"url"`) {
			t.Errorf("%s %s to %s: %d %s", test.method, test.target, test.url, status, body)
		}
	}
}

func TestFaultsOfVersion3(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	sandbox.Next(heygentest.FaultErrorV3(402, "insufficient_credit", "none left"))
	status, header, body := callV3(t, sandbox, "GET", endpointsV3, "")
	const want = `{"error":{"code":"insufficient_credit","doc_url":null,"message":"none left","param":null}}`
	if status != 402 || header.Get("Content-Type") != "application/json" || body != want {
		t.Errorf("%d %v %s", status, header, body)
	}
	for _, code := range []string{"", "two words", " padded"} {
		if text := panicOf(func() { heygentest.FaultErrorV3(400, code, "") }); !strings.Contains(text, "is not one word") {
			t.Errorf("%q: %s", code, text)
		}
	}

	sandbox.On(heygentest.Rule{IDPrefix: "slow /"}, heygentest.FaultErrorV3(500, "internal_error", ""))
	var got []int
	for _, call := range []struct{ method, target, body string }{
		{"PATCH", endpointsV3 + "/slow%20%2F1", `{"events":[]}`}, {"DELETE", endpointsV3 + "/slow%20%2F", ""},
		{"POST", endpointsV3 + "/slow%20%2F1/rotate-secret", ""}, {"DELETE", endpointsV3 + "/slow", ""},
		{"POST", endpointsV3, `{"url":"https://example.org","endpoint_id":"slow /1"}`}, {"GET", endpointsV3, ""},
	} {
		status, _, _ := callV3(t, sandbox, call.method, call.target, call.body)
		got = append(got, status)
	}
	if want := []int{500, 500, 500, 404, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
	sandbox.Verify(t)
}

// Until the sunset version 1 says when it is; afterwards a gateway responds. Version 3 is as before.
func TestSunset(t *testing.T) {
	t.Parallel()
	past := time.Date(2026, 10, 31, 1, 0, 0, 0, time.FixedZone("", 3600))
	for name, test := range map[string]struct {
		at      time.Time
		headers string
		status  int
	}{
		"none":    {time.Time{}, "", 200},
		"past":    {past, "true Sat, 31 Oct 2026 00:00:00 GMT", 410},
		"to come": {past.AddDate(100, 0, 0), "true Thu, 31 Oct 2126 00:00:00 GMT", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var opts []heygentest.Option
			if !test.at.IsZero() {
				opts = append(opts, heygentest.WithSunset(test.at))
			}
			sandbox := start(t, opts...)
			resp, body, err := exchange(t, sandbox, `{"endpoint_id":"e1"}`, nil)
			got := strings.TrimSpace(resp.Header.Get("Deprecation") + " " + resp.Header.Get("Sunset"))
			if err != nil || resp.StatusCode != test.status || got != test.headers ||
				strings.Contains(body, `"code"`) != (test.status == 200) {
				t.Errorf("%d %q %s, error %v", resp.StatusCode, got, body, err)
			}
			unknown, _, _ := exchange(t, sandbox, "", at("/v1/webhook/other"))
			if want := map[int]int{200: 404, 410: 410}[test.status]; unknown.StatusCode != want {
				t.Errorf("another operation of version 1: %d, want %d", unknown.StatusCode, want)
			}
			status, header, body := callV3(t, sandbox, "GET", endpointsV3, "")
			if status != 200 || header.Get("Deprecation")+header.Get("Sunset") != "" {
				t.Errorf("version 3: %d %v %s", status, header, body)
			}
			sandbox.Next(heygentest.FaultError(503, 5000, "busy"))
			if status, body := send(t, sandbox, `{"endpoint_id":"e1"}`, nil); status != 503 {
				t.Errorf("with a fault: %d %s", status, body)
			}
		})
	}
}
