package contract_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// traffic is one exchange, with the request of a client and the response of a server.
type traffic struct {
	method, target string
	header         http.Header // of the request
	sent           string
	status         int
	contentType    string // of the response; "" for none
	got            string
	coding         string // of the response
	fails          failure
}

// failure is how a server fails to respond.
type failure int

const (
	silent    failure = iota + 1 // closes the connection
	nonsense                     // that is not HTTP
	brokenOff                    // in the middle of the body
	short                        // a body that is shorter than its Content-Length
)

func exchange(change func(*traffic)) traffic {
	x := traffic{
		method: http.MethodPatch, target: path, sent: `{"endpoint_id":"e1"}`,
		header: http.Header{"Content-Type": {"application/json"}, "X-Api-Key": {"key"}},
		status: 200, contentType: "application/json", got: success(""),
	}
	if change != nil {
		change(&x)
	}
	return x
}

// brokenRequest gets the response that it should.
func brokenRequest(change func(*traffic)) traffic {
	return exchange(func(x *traffic) {
		x.status, x.got = 400, `{"code":40001,"message":"x"}`
		change(x)
	})
}

func (x traffic) serve(w http.ResponseWriter, _ *http.Request) {
	switch x.fails {
	case silent:
		panic(http.ErrAbortHandler)
	case nonsense:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, "\x16\x03\x01 not HTTP")
			_ = conn.Close()
		}
		return
	}
	w.Header()["Content-Type"] = nil // none, and none to be guessed
	if x.contentType != "" {
		w.Header().Set("Content-Type", x.contentType)
	}
	if x.coding != "" {
		w.Header().Set("Content-Encoding", x.coding)
	}
	if x.fails == short {
		w.Header().Set("Content-Length", "1000")
	}
	w.WriteHeader(x.status)
	_, _ = io.WriteString(w, x.got)
	if x.fails == brokenOff {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func (x traffic) do(t *testing.T, client *http.Client, base string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), x.method, base+x.target, strings.NewReader(x.sent))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = x.header.Clone()
	copied := *client
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := copied.Do(req)
	if err == nil {
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
	return resp, err
}

// har is an archive of exchanges with a server.
func har(t testing.TB, base string, exchanges ...traffic) string {
	t.Helper()
	type object = map[string]any
	entries := []object{}
	for _, x := range exchanges {
		headers, got := []object{{"name": ":authority", "value": "example.org"}}, []object{}
		for name, values := range x.header {
			headers = append(headers, object{"name": strings.ToLower(name), "value": values[0]})
		}
		if x.contentType != "" {
			got = append(got, object{"name": "content-type", "value": x.contentType})
		}
		sent := object{"method": x.method, "url": base + x.target, "headers": headers, "bodySize": len(x.sent)}
		if x.sent != "" {
			sent["postData"] = object{"mimeType": x.header.Get("Content-Type"), "text": x.sent}
		}
		if x.fails == silent || x.fails == nonsense {
			entries = append(entries, object{"request": sent, "response": object{"status": 0, "_error": "net::ERR_FAILED"}})
			continue
		}
		var failure any
		if x.fails != 0 {
			failure = "net::ERR_INCOMPLETE_CHUNKED_ENCODING"
		}
		entries = append(entries, object{"request": sent, "response": object{
			"_error": failure,
			"status": x.status, "headers": append(got, object{"name": "Content-Encoding", "value": "br"}),
			"content": object{"size": len(x.got), "mimeType": x.contentType, "encoding": "base64",
				"text": base64.StdEncoding.EncodeToString([]byte(x.got))},
		}})
	}
	archive, err := json.Marshal(object{"log": object{"version": "1.2", "creator": object{}, "entries": entries}})
	if err != nil {
		t.Fatal(err)
	}
	return "\ufeff" + string(archive)
}

// reports collects the violations that a contract reports.
type reports struct {
	mu    sync.Mutex
	found []contract.Violation
}

func (r *reports) option() contract.Option {
	return contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.found = append(r.found, *v)
	})
}

// take returns what was reported since the last call, without the names of the exchanges, and in short.
func (r *reports) take() (found []contract.Violation, short string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, r.found = r.found, nil
	var all []string
	for i := range found {
		found[i].Exchange = ""
		all = append(all, texts(found[i].Findings)...)
	}
	return found, strings.Join(all, ", ")
}

// way sends an exchange one of the four ways, and returns the response that the client got, nil without one.
type way func(t *testing.T, c *contract.Contract, x traffic) *http.Response

var ways = map[string]way{
	"Transport": func(t *testing.T, c *contract.Contract, x traffic) *http.Response {
		server := httptest.NewServer(http.HandlerFunc(x.serve))
		t.Cleanup(server.Close)
		resp, err := x.do(t, &http.Client{Transport: c.Transport(server.Client().Transport)}, server.URL)
		findings(t, err)
		return resp
	},
	"Handler": func(t *testing.T, c *contract.Contract, x traffic) *http.Response {
		return x.through(t, c.Handler(http.HandlerFunc(x.serve)))
	},
	"Proxy": func(t *testing.T, c *contract.Contract, x traffic) *http.Response {
		server := httptest.NewServer(http.HandlerFunc(x.serve))
		t.Cleanup(server.Close)
		target, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		return x.through(t, c.Proxy(target))
	},
	"CheckHAR": func(t *testing.T, c *contract.Contract, x traffic) *http.Response {
		entries, err := c.CheckHAR(strings.NewReader(har(t, "http://127.0.0.1:80", x)))
		if err != nil || len(entries) != 1 || entries[0].Unjudged != "" {
			t.Fatalf("%+v, %v", entries, err)
		}
		return nil
	},
}

// What cannot be checked is said, four ways: each reports the same, once, and blames nobody for it.
func TestEveryWayNamesWhatItCannotCheck(t *testing.T) {
	t.Parallel()
	const undocumented = "server: response status: status"
	for name, test := range map[string]struct {
		exchange traffic
		want     contract.Unjudged
		handler  contract.Unjudged // that of Handler, if it differs
		findings string
	}{
		"none": {exchange: exchange(func(x *traffic) { x.fails = silent }), want: contract.UnjudgedResponse},
		"nonsense": {exchange: exchange(func(x *traffic) { x.fails = nonsense }), want: contract.UnjudgedResponse,
			handler: contract.UnjudgedHijacked},
		"broken off": {exchange: exchange(func(x *traffic) { x.fails, x.got = brokenOff, `{"code"` }),
			want: contract.UnjudgedBrokenOff},
		"shorter than its length": {exchange: exchange(func(x *traffic) { x.fails, x.got = short, `{"code"` }),
			want: contract.UnjudgedBrokenOff},
		"a coding nobody asked for": {exchange: exchange(func(x *traffic) { x.coding, x.got = "br", "\x1b\x00\xff" }),
			want: contract.UnjudgedCoding},
		"no gzip": {exchange: exchange(func(x *traffic) { x.coding, x.got = "GZIP", "\x1fno gzip, surely" }),
			want: contract.UnjudgedCoding},
		"a coding, undocumented status": {exchange: exchange(func(x *traffic) {
			x.status, x.coding, x.got = 418, "br", "\x1b\x00\xff"
		}), findings: undocumented},
		"a preflight": {exchange: exchange(func(x *traffic) {
			x.method, x.sent, x.status, x.got = http.MethodOptions, "", 204, ""
			x.header = http.Header{"Origin": {"https://app.example"}, "Access-Control-Request-Method": {"PATCH"}}
		}), want: contract.UnjudgedPreflight},
		"none, for a wrong path": {exchange: exchange(func(x *traffic) { x.fails, x.target = silent, "/" }),
			findings: "client: request path: path"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for way, send := range anyWay {
				for _, opts := range [][]contract.Option{{contract.WithReportOnly()}, nil} {
					var found reports
					var seen contract.Collector
					var said []contract.UnjudgedExchange
					var mu sync.Mutex
					opts = append(opts, found.option(), contract.WithCollector(&seen),
						contract.WithOnUnjudged(func(u contract.UnjudgedExchange) {
							mu.Lock()
							defer mu.Unlock()
							said = append(said, u)
						}))
					send(t, load(t, correctedDocument, opts...), test.exchange)
					want := test.want
					if way == "Handler" && test.handler != "" {
						want = test.handler
					}
					if _, got := found.take(); got != test.findings {
						t.Errorf("%s reports %q, want %q", way, got, test.findings)
					}
					summary := seen.Summary().Unjudged
					if n := seen.Summary().Responses(); (n > 0) != strings.Contains(test.findings, undocumented) {
						t.Errorf("%s checked %d responses", way, n)
					}
					if want == "" && len(said)+len(summary) == 0 {
						continue
					}
					if len(said) != 1 || said[0].Reason != want || said[0].Exchange == "" || len(summary) != 1 ||
						summary[0].Reason != want || summary[0].Times != 1 || summary[0].Exchanges[0] != said[0].Exchange ||
						summary[0].Operation != said[0].Operation || (said[0].Operation == operation) == (name == "a preflight") {
						t.Errorf("%s says %q, and in sum %+v; want %q", way, said, summary, want)
					}
				}
			}
		})
	}
}

// anyWay sends an exchange each way, and takes whatever comes back.
var anyWay = map[string]func(*testing.T, *contract.Contract, traffic){
	"Transport": func(t *testing.T, c *contract.Contract, x traffic) {
		t.Helper()
		server := httptest.NewServer(http.HandlerFunc(x.serve))
		defer server.Close()
		x.attempt(t, &http.Client{Transport: c.Transport(&http.Transport{DisableCompression: true})}, server.URL)
	},
	"Handler": func(t *testing.T, c *contract.Contract, x traffic) {
		t.Helper()
		handler, wait := awaited(c.Handler(http.HandlerFunc(x.serve)))
		front := httptest.NewServer(handler)
		x.attempt(t, front.Client(), front.URL)
		front.Close()
		wait()
	},
	"Proxy": func(t *testing.T, c *contract.Contract, x traffic) {
		t.Helper()
		server := httptest.NewServer(http.HandlerFunc(x.serve))
		defer server.Close()
		target, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		front := httptest.NewServer(c.Proxy(target))
		x.attempt(t, front.Client(), front.URL)
		front.Close()
	},
	"CheckHAR": func(t *testing.T, c *contract.Contract, x traffic) {
		t.Helper()
		if _, err := c.CheckHAR(strings.NewReader(har(t, "http://127.0.0.1:80", x))); err != nil {
			t.Error(err)
		}
	},
}

// awaited returns a handler, and a function that waits until all its calls have returned: a server that closes does not
// wait for one whose connection was taken over.
func awaited(handler http.Handler) (counted http.Handler, wait func()) {
	var calls sync.WaitGroup
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		defer calls.Done()
		handler.ServeHTTP(w, r)
	}), calls.Wait
}

// attempt sends an exchange that may fail.
func (x traffic) attempt(t *testing.T, client *http.Client, base string) {
	t.Helper()
	resp, err := x.do(t, client, base)
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

// through returns when the handler has: one that lets through checks after the client has its response.
func (x traffic) through(t *testing.T, handler http.Handler) *http.Response {
	t.Helper()
	front := httptest.NewServer(handler)
	defer front.Close()
	resp, err := x.do(t, front.Client(), front.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp
}

// The same traffic, four ways: each way reports the same violations, each once.
func TestEveryWayFindsTheSame(t *testing.T) {
	t.Parallel()
	const nullEvents = "document: response 200 body /data/events: type"
	large := strings.Repeat(" ", 1<<20+1)
	for name, test := range map[string]struct {
		exchange  traffic
		client    string // findings of the request
		server    string // findings of the response
		published bool   // by the published document
	}{
		"good": {exchange: exchange(nil)},
		"names of headers in lower case": {exchange: exchange(func(x *traffic) {
			x.header = http.Header{"content-type": {"application/json"}, "x-api-key": {"key"}}
		})},
		"good 404": {exchange: exchange(func(x *traffic) { x.status, x.got = 404, `{"code":400131}` })},
		"no key": {exchange: brokenRequest(func(x *traffic) { x.header.Del("X-Api-Key") }),
			client: "client: request header x-api-key: security"},
		"wrong type sent": {exchange: brokenRequest(func(x *traffic) { x.sent = `{"endpoint_id":1}` }),
			client: "client: request body /endpoint_id: type"},
		"no body": {exchange: brokenRequest(func(x *traffic) { x.sent = "" }), client: "client: request body: required"},
		"a lone surrogate sent": {exchange: brokenRequest(func(x *traffic) { x.sent = `{"endpoint_id":"\ud800"}` }),
			client: "client: request body /endpoint_id: json"},
		"wrong content type sent": {exchange: brokenRequest(func(x *traffic) { x.header.Set("Content-Type", "text/plain") }),
			client: "client: request content type: content-type"},
		"large request": {exchange: brokenRequest(func(x *traffic) { x.sent = large }), client: "client: request body: size"},
		"wrong method": {exchange: brokenRequest(func(x *traffic) { x.method = http.MethodPut }),
			client: "client: request method: method"},
		"wrong path": {exchange: brokenRequest(func(x *traffic) { x.target = "/v1/webhook" }),
			client: "client: request path: path"},
		"wrong path, undocumented response": {exchange: exchange(func(x *traffic) { x.target, x.status = "/", 418 }),
			client: "client: request path: path"},
		"request and response": {exchange: exchange(func(x *traffic) { x.sent, x.got = `{"endpoint_id":1}`, `{}` }),
			client: "client: request body /endpoint_id: type", server: "server: response 200 body: required"},
		"unknown value": {exchange: exchange(func(x *traffic) { x.got = with200("status", `"paused"`) }),
			server: "server: response 200 body /data/status: enum"},
		"30 February": {exchange: exchange(func(x *traffic) { x.got = success(`,"created_at":"2025-02-30T08:31:48"`) }),
			server: "server: response 200 body /data/created_at: anyOf"},
		"error under 200": {exchange: exchange(func(x *traffic) { x.got = `{"code":5}` }),
			server: "server: " + failureUnder200},
		"another endpoint": {exchange: exchange(func(x *traffic) { x.sent = `{"endpoint_id":"e2"}` }),
			server: "server: " + otherEndpoint},
		"undocumented status": {exchange: exchange(func(x *traffic) { x.status = 418 }),
			server: "server: response status: status"},
		"204": {exchange: exchange(func(x *traffic) { x.status, x.got = 204, "" }),
			server: "server: response status: status"},
		"redirect": {exchange: exchange(func(x *traffic) { x.status = 302 }), server: "server: response status: status"},
		"HTML": {exchange: exchange(func(x *traffic) { x.status, x.contentType, x.got = 503, "text/html", "<html>" }),
			server: "server: response 503 content type: content-type"},
		"no content type": {exchange: exchange(func(x *traffic) { x.contentType = "" }),
			server: "server: response 200 content type: content-type"},
		"empty response": {exchange: exchange(func(x *traffic) { x.got = "" }), server: "server: response 200 body: json"},
		"invalid UTF-8": {exchange: exchange(func(x *traffic) { x.got = success(",\"secret\":\"\xff\"") }),
			server: "server: response 200 body /data/secret: json"},
		"large response": {exchange: exchange(func(x *traffic) { x.got = large }), server: "server: response 200 body: size"},

		"published": {exchange: exchange(nil), published: true},
		"published, null": {exchange: exchange(func(x *traffic) { x.got = success(`,"events":null`) }),
			server: nullEvents, published: true},
		"published, null and a wrong type": {exchange: exchange(func(x *traffic) {
			x.got = success(`,"events":null,"secret":1`)
		}), server: nullEvents + ", server: response 200 body /data/secret: type", published: true},
		"published, no time": {exchange: exchange(func(x *traffic) { x.got = success(`,"created_at":"2025-10-22T"`) }),
			server: "server: response 200 body /data/created_at: format", published: true},
		// The type is the mistake of the document; that what was sent did not come back is that of the server.
		"published, null for a list": {exchange: exchange(func(x *traffic) {
			x.sent, x.got = `{"endpoint_id":"e1","events":["a"]}`, success(`,"events":null`)
		}), server: nullEvents + ", server: response 200 body /data/events: fields-sent", published: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := correctedDocument
			if test.published {
				document = publishedDocument
			}
			var all, some reports
			passing := load(t, document, contract.WithReportOnly(), all.option())
			refusing := load(t, document, some.option())
			var first []contract.Violation
			for name, send := range ways {
				resp := send(t, passing, test.exchange)
				found, short := all.take()
				if short != joined(test.client, test.server) {
					t.Errorf("%s reports %q, want %q", name, short, joined(test.client, test.server))
				}
				if first == nil {
					first = found
				} else if !reflect.DeepEqual(found, first) {
					t.Errorf("%s reports %v, another way %v", name, found, first)
				}
				wantResponse(t, name, resp, test.exchange.status, test.exchange.got)
				if name == "CheckHAR" {
					continue // refuses nothing
				}

				resp = send(t, refusing, test.exchange)
				want, broken := test.server, map[string]int{"Handler": 500, "Proxy": 502}[name]
				if test.client != "" {
					want, broken = test.client, 400
				}
				found, short = some.take()
				if short != want {
					t.Errorf("%s, refusing, reports %q, want %q", name, short, want)
				}
				switch {
				case want == "":
					wantResponse(t, name, resp, test.exchange.status, test.exchange.got)
				case name == "Transport" && resp != nil:
					t.Errorf("%s, refusing, let through %d", name, resp.StatusCode)
				case name != "Transport":
					wantText(t, name, resp, broken, found[0].Findings)
				}
			}
		})
	}
}

// wantText wants the response of a refused exchange, which is the text of its violation.
func wantText(t *testing.T, way string, resp *http.Response, status int, findings []contract.Finding) {
	t.Helper()
	got, err := io.ReadAll(resp.Body)
	if want := findings[0].String(); resp.StatusCode != status || !strings.Contains(string(got), want) || err != nil {
		t.Errorf("%s: got %d with %.200q, error %v; want %d with %q", way, resp.StatusCode, got, err, status, want)
	}
}

func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), ", ")
}

func wantResponse(t *testing.T, way string, resp *http.Response, status int, body string) {
	t.Helper()
	if resp == nil {
		return
	}
	got, err := io.ReadAll(resp.Body)
	if resp.StatusCode != status || string(got) != body || err != nil {
		t.Errorf("%s: got %d with %.200q, error %v; want %d with %.200q", way, resp.StatusCode, got, err, status, body)
	}
}

// A violation says which exchange it is about. Contracts with one collector count together.
func TestExchangesHaveNames(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	var found reports
	broken := exchange(func(x *traffic) { x.status = 418 })
	for _, name := range []string{"Transport", "Handler", "Proxy"} {
		for _, x := range []traffic{exchange(nil), broken} {
			ways[name](t, load(t, correctedDocument, contract.WithCollector(&seen), found.option()), x)
		}
	}
	c := load(t, correctedDocument, contract.WithCollector(&seen), found.option())
	if _, err := c.CheckHAR(strings.NewReader(har(t, "https://api.heygen.com", exchange(nil), broken))); err != nil {
		t.Fatal(err)
	}
	_ = c.CheckResponse(request(`{}`), response(418, ""))
	want := []string{"exchange 2", "exchange 4", "exchange 6", "entry 1", ""}
	for i, violation := range found.found {
		if violation.Exchange != want[i] || violation.Operation != operation || violation.Message != "response 418" {
			t.Errorf("violation %d is about %q, %q, %q", i, violation.Exchange, violation.Operation, violation.Message)
		}
	}
	if summary := seen.Summary().Findings; len(found.found) != len(want) || len(summary) != 1 ||
		!slices.Equal(summary[0].Exchanges, want[:4]) || summary[0].Times != 5 {
		t.Errorf("%d violations, summary %+v", len(found.found), summary)
	}
}

func TestReportOnlyReadsLargeBodiesToTheEnd(t *testing.T) {
	t.Parallel()
	large := strings.Repeat(" ", 2<<20)
	x := exchange(func(x *traffic) { x.sent, x.got = large, large })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sent, err := io.ReadAll(r.Body); err != nil || string(sent) != x.sent {
			t.Errorf("the server got %d bytes, error %v; want %d", len(sent), err, len(x.sent))
		}
		x.serve(w, r)
	}))
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, correctedDocument, contract.WithReportOnly())
	wantResponse(t, "Handler", x.through(t, c.Handler(server.Config.Handler)), x.status, x.got)
	wantResponse(t, "Proxy", x.through(t, c.Proxy(target)), x.status, x.got)
	resp, err := x.do(t, &http.Client{Transport: c.Transport(nil)}, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	wantResponse(t, "Transport", resp, x.status, x.got)
}
