package contract_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
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

// traffic is one exchange, as a client sends and a server answers it.
type traffic struct {
	method, target string
	header         http.Header // of the request
	sent           string
	status         int
	contentType    string // of the reply; "" for none
	got            string
}

func exchange(change func(*traffic)) traffic {
	t := traffic{
		method: http.MethodPatch, target: path, sent: `{"endpoint_id":"e1"}`,
		header: http.Header{"Content-Type": {"application/json"}, "X-Api-Key": {"key"}},
		status: 200, contentType: "application/json", got: success(""),
	}
	if change != nil {
		change(&t)
	}
	return t
}

// brokenRequest is answered as it should be.
func brokenRequest(change func(*traffic)) traffic {
	return exchange(func(t *traffic) {
		t.status, t.got = 400, `{"code":40001,"message":"x"}`
		change(t)
	})
}

func (x traffic) answer(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = nil // none, and none to be guessed
	if x.contentType != "" {
		w.Header().Set("Content-Type", x.contentType)
	}
	w.WriteHeader(x.status)
	_, _ = io.WriteString(w, x.got)
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
func har(t *testing.T, base string, exchanges ...traffic) string {
	t.Helper()
	type object = map[string]any
	entries := []object{}
	for _, x := range exchanges {
		headers, replyHeaders := []object{{"name": ":authority", "value": "example.org"}}, []object{}
		for name, values := range x.header {
			headers = append(headers, object{"name": strings.ToLower(name), "value": values[0]})
		}
		if x.contentType != "" {
			replyHeaders = append(replyHeaders, object{"name": "content-type", "value": x.contentType})
		}
		sent := object{"method": x.method, "url": base + x.target, "headers": headers, "bodySize": len(x.sent)}
		if x.sent != "" {
			sent["postData"] = object{"mimeType": x.header.Get("Content-Type"), "text": x.sent}
		}
		entries = append(entries, object{"request": sent, "response": object{
			"status": x.status, "headers": append(replyHeaders, object{"name": "Content-Encoding", "value": "br"}),
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

// told collects what OnViolation tells.
type told struct {
	mu    sync.Mutex
	found []contract.Finding
}

func (l *told) option() contract.Option {
	return contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.found = append(l.found, v.Findings...)
	})
}

func (l *told) findings() []contract.Finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.found)
}

func TestEveryRoadFindsTheSame(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		exchange traffic
		want     string
	}{
		"good": {exchange(nil), ""},
		"names of headers in lower case": {exchange(func(x *traffic) {
			x.header = http.Header{"content-type": {"application/json"}, "x-api-key": {"key"}}
		}), ""},
		"good 404": {exchange(func(x *traffic) { x.status, x.got = 404, `{"code":400131}` }), ""},
		"no key": {brokenRequest(func(x *traffic) { x.header.Del("X-Api-Key") }),
			"client: request header x-api-key: security"},
		"wrong type sent": {brokenRequest(func(x *traffic) { x.sent = `{"endpoint_id":1}` }),
			"client: request body /endpoint_id: type"},
		"no body": {brokenRequest(func(x *traffic) { x.sent = "" }), "client: request body: required"},
		"invalid UTF-8 sent": {brokenRequest(func(x *traffic) { x.sent = `{"endpoint_id":"\ud800"}` }),
			"client: request body /endpoint_id: json"},
		"wrong content type sent": {brokenRequest(func(x *traffic) { x.header.Set("Content-Type", "text/plain") }),
			"client: request content type: content-type"},
		"wrong method": {brokenRequest(func(x *traffic) { x.method = http.MethodPut }), "client: request method: method"},
		"unknown status": {exchange(func(x *traffic) { x.got = with200("status", `"paused"`) }),
			"server: response 200 body /data/status: enum"},
		"no member": {exchange(func(x *traffic) { x.got = `{}` }), "server: response 200 body: required"},
		"error under 200": {exchange(func(x *traffic) { x.got = `{"code":5}` }),
			"server: response 200 body /code: error-under-200"},
		"another endpoint": {exchange(func(x *traffic) { x.sent = `{"endpoint_id":"e2"}` }), "server: " + otherEndpoint},
		"fields sent": {exchange(func(x *traffic) { x.sent = `{"endpoint_id":"e1","url":"https://example.org/other"}` }),
			"server: " + urlDiffers},
		"undocumented status": {exchange(func(x *traffic) { x.status = 418 }), "server: response status: status"},
		"204":                 {exchange(func(x *traffic) { x.status, x.got = 204, "" }), "server: response status: status"},
		"redirect":            {exchange(func(x *traffic) { x.status = 302 }), "server: response status: status"},
		"HTML": {exchange(func(x *traffic) { x.status, x.contentType, x.got = 503, "text/html", "<html>" }),
			"server: response content type: content-type"},
		"no content type": {exchange(func(x *traffic) { x.contentType = "" }),
			"server: response content type: content-type"},
		"empty reply": {exchange(func(x *traffic) { x.got = "" }), "server: response 200 body: json"},
		"invalid UTF-8": {exchange(func(x *traffic) { x.got = success(",\"secret\":\"\xff\"") }),
			"server: response 200 body /data/secret: json"},
		"two values": {exchange(func(x *traffic) { x.got += "{}" }), "server: response 200 body: json"},
		"large reply": {exchange(func(x *traffic) { x.got = strings.Repeat(" ", 1<<20+1) }),
			"server: response 200 body: size"},
		"large request": {brokenRequest(func(x *traffic) { x.sent = strings.Repeat(" ", 1<<20+1) }),
			"client: request body: size"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantOnEveryRoad(t, correctedDocument, test.exchange, test.want)
		})
	}
}

func TestEveryRoadBlamesTheSame(t *testing.T) {
	t.Parallel()
	const nullEvents = "document: response 200 body /data/events: type"
	for got, want := range map[string]string{
		success(""):                            "",
		success(`,"events":null`):              nullEvents,
		success(`,"events":null,"secret":1`):   nullEvents + ", server: response 200 body /data/secret: type",
		success(`,"created_at":"2025-10-22T"`): "server: response 200 body /data/created_at: format",
	} {
		wantOnEveryRoad(t, publishedDocument, exchange(func(x *traffic) { x.got = got }), want)
	}
	// The type is the document's fault, that what was sent did not come back the server's.
	wantOnEveryRoad(t, publishedDocument, exchange(func(x *traffic) {
		x.sent, x.got = `{"endpoint_id":"e1","events":["a"]}`, success(`,"events":null`)
	}), nullEvents+", server: response 200 body /data/events: fields-sent")
}

func wantOnEveryRoad(t *testing.T, document []byte, x traffic, want string) {
	t.Helper()
	found := findingsOnEveryRoad(t, document, x)
	for road := range found {
		if !reflect.DeepEqual(found[road], found["Transport"]) {
			t.Errorf("%s found %v, Transport %v", road, found[road], found["Transport"])
		}
	}
	if got := strings.Join(texts(found["Transport"]), ", "); got != want || len(found) != 4 {
		t.Errorf("got %q on %d roads, want %q", got, len(found), want)
	}
}

// findingsOnEveryRoad sends an exchange by each of the four, and checks that none lets it pass if it is broken.
func findingsOnEveryRoad(t *testing.T, document []byte, x traffic) map[string][]contract.Finding {
	t.Helper()
	var onHandler, onProxy, onTransport told
	plain := httptest.NewServer(http.HandlerFunc(x.answer))
	t.Cleanup(plain.Close)
	target, err := url.Parse(plain.URL)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]contract.Finding{}

	client := &http.Client{Transport: load(t, document, onTransport.option()).Transport(plain.Client().Transport)}
	_, err = x.do(t, client, plain.URL)
	found["Transport"] = findings(t, err)
	if !reflect.DeepEqual(found["Transport"], onTransport.findings()) {
		t.Errorf("Transport told %v, returned %v", onTransport.findings(), found["Transport"])
	}

	for road, server := range map[string]struct {
		told    *told
		handler http.Handler
		broken  int
	}{
		"Handler": {&onHandler, load(t, document, onHandler.option()).Handler(http.HandlerFunc(x.answer)), 500},
		"Proxy":   {&onProxy, load(t, document, onProxy.option()).Proxy(target), 502},
	} {
		front := httptest.NewServer(server.handler)
		t.Cleanup(front.Close)
		resp, err := x.do(t, front.Client(), front.URL)
		if err != nil {
			t.Fatal(err)
		}
		found[road] = nil
		want, wantText := x.status, x.got
		if violation := (contract.Violation{Findings: server.told.findings()}); len(violation.Findings) > 0 {
			found[road] = violation.Findings
			want, wantText = server.broken, violation.Error()+"\n"
			if violation.Findings[0].Party == contract.PartyClient || strings.HasPrefix(violation.Findings[0].Where, "request") {
				want = 400
			}
		}
		body, err := io.ReadAll(resp.Body)
		if resp.StatusCode != want || string(body) != wantText || err != nil {
			t.Errorf("%s answered %d with %.200q, error %v; want %d with %.200q",
				road, resp.StatusCode, body, err, want, wantText)
		}
	}

	entries, err := load(t, document).CheckHAR(strings.NewReader(har(t, plain.URL, x)))
	if err != nil || len(entries) != 1 || entries[0].Unjudged != "" {
		t.Fatalf("CheckHAR: %+v, %v", entries, err)
	}
	found["CheckHAR"] = entries[0].Findings
	return found
}

func TestReportOnlyLetsEverythingThrough(t *testing.T) {
	t.Parallel()
	large := strings.Repeat(" ", 2<<20)
	for name, x := range map[string]traffic{
		"broken request": brokenRequest(func(x *traffic) { x.sent = `{"endpoint_id":1}` }),
		"broken reply":   exchange(func(x *traffic) { x.status = 418 }),
		"large":          exchange(func(x *traffic) { x.sent, x.got = large, large }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if sent, err := io.ReadAll(r.Body); err != nil || string(sent) != x.sent {
					t.Errorf("the server got %d bytes, error %v; want %d", len(sent), err, len(x.sent))
				}
				x.answer(w, r)
			}))
			defer plain.Close()
			target, err := url.Parse(plain.URL)
			if err != nil {
				t.Fatal(err)
			}
			var seen [3]told
			kit := func(i int) *contract.Contract {
				return load(t, correctedDocument, contract.WithReportOnly(), seen[i].option())
			}
			handler := httptest.NewServer(kit(0).Handler(plain.Config.Handler))
			defer handler.Close()
			proxy := httptest.NewServer(kit(1).Proxy(target))
			defer proxy.Close()
			for i, road := range []struct {
				base   string
				client *http.Client
			}{
				{handler.URL, http.DefaultClient}, {proxy.URL, http.DefaultClient},
				{plain.URL, &http.Client{Transport: kit(2).Transport(nil)}},
			} {
				resp, err := x.do(t, road.client, road.base)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(resp.Body); err != nil || string(got) != x.got || resp.StatusCode != x.status {
					t.Errorf("road %d: status %d, %d bytes, error %v", i, resp.StatusCode, len(got), err)
				}
				if found := seen[i].findings(); len(found) == 0 || !reflect.DeepEqual(found, seen[0].findings()) {
					t.Errorf("road %d found %v", i, found)
				}
			}
		})
	}
}

func TestHandlerStopsABrokenRequest(t *testing.T) {
	t.Parallel()
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request reached the handler") })
	w := httptest.NewRecorder()
	load(t, correctedDocument).Handler(next).ServeHTTP(w, received(strings.NewReader(`{}`)))
	if w.Code != 400 || w.Body.String() != "contract: client: request body: required: member endpoint_id is missing\n" {
		t.Errorf("got %d, %q", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	load(t, correctedDocument).Handler(next).ServeHTTP(w, received(errorReader{}))
	if w.Code != 400 || w.Body.String() != "contract: a body cannot be read\n" {
		t.Errorf("a body that breaks off: got %d, %q", w.Code, w.Body)
	}
}

// What net/http makes of a reply is what is judged.
func TestHandlerJudgesTheReplyThatIsSent(t *testing.T) {
	t.Parallel()
	const typed = "application/json"
	for name, test := range map[string]struct {
		next http.HandlerFunc
		want string
	}{
		"status by default": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typed)
			_, _ = io.WriteString(w, success(""))
		}, ""},
		"a second status": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typed)
			w.WriteHeader(404)
			w.WriteHeader(200)
			_, _ = io.WriteString(w, `{"code":1}`)
		}, ""},
		"a hint first": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Content-Type", typed)
			_, _ = io.WriteString(w, success(""))
		}, ""},
		"a content type too late": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, success(""))
			w.Header().Set("Content-Type", typed)
		}, "server: response content type: content-type"},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, "server: response content type: content-type"},
		"another request": {func(w http.ResponseWriter, r *http.Request) {
			r.Method, r.URL.Path = http.MethodGet, "/changed"
			r.Header.Set("Content-Type", "changed")
			w.Header().Set("Content-Type", typed)
			_, _ = io.WriteString(w, strings.Replace(success(""), "e1", "e2", 1))
		}, "server: " + otherEndpoint},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, opts := range [][]contract.Option{nil, {contract.WithReportOnly()}} {
				var seen told
				server := httptest.NewServer(load(t, correctedDocument, append(opts, seen.option())...).Handler(test.next))
				defer server.Close()
				_, err := exchange(nil).do(t, server.Client(), server.URL)
				if got := strings.Join(texts(seen.findings()), ", "); got != test.want || err != nil {
					t.Errorf("got %q, error %v, want %q", got, err, test.want)
				}
			}
		})
	}
}

func TestHandlerFlushesOnlyWhatGoesThrough(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]contract.Option{nil, {contract.WithReportOnly()}} {
		w := httptest.NewRecorder()
		load(t, correctedDocument, opts...).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if err := http.NewResponseController(w).Flush(); (err != nil) != (opts == nil) {
				t.Errorf("Flush: %v", err)
			}
			_, _ = io.WriteString(w, success(""))
		})).ServeHTTP(w, received(strings.NewReader(`{"endpoint_id":"e1"}`)))
		if w.Code != 200 || w.Body.String() != success("") {
			t.Errorf("got %d, %q", w.Code, w.Body)
		}
	}
}

func TestProxyKeepsPathHostAndQueryOfItsTarget(t *testing.T) {
	t.Parallel()
	got := make(chan *http.Request, 1)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Clone(t.Context())
		exchange(nil).answer(w, r)
	}))
	defer plain.Close()
	target, err := url.Parse(plain.URL + "/base/")
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(load(t, correctedDocument).Proxy(target))
	defer proxy.Close()
	target.Path = "/changed"
	resp, err := exchange(func(x *traffic) {
		x.target += "?a=1;b=%zz"
		x.header.Set("Accept-Encoding", "br")
		x.header.Set("Connection", "Upgrade")
		x.header.Set("Upgrade", "websocket")
	}).do(t, proxy.Client(), proxy.URL)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v, error %v", resp, err)
	}
	r := <-got
	if r.RequestURI != "/base"+path+"?a=1;b=%zz" || r.Host != target.Host || r.Header.Get("X-Api-Key") != "key" ||
		r.Header.Get("Upgrade") != "" || r.Header.Get("X-Forwarded-For") != "" ||
		r.Header.Get("Accept-Encoding") != "gzip" {
		t.Errorf("the target got %s for %s: %v", r.RequestURI, r.Host, r.Header)
	}
}

func TestProxyWithoutATarget(t *testing.T) {
	t.Parallel()
	kit := load(t, correctedDocument)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for target, want := range map[string]string{
		closed.URL:            "contract: the target gave no reply that can be read\n",
		"http://example.org":  "contract: the target of the proxy is not https: want that, or http on loopback\n",
		"ftp://127.0.0.1":     "contract: the target of the proxy is not https: want that, or http on loopback\n",
		"https:///path":       "contract: the target of the proxy is no URL with a host\n",
		"http://192.0.2.1:80": "contract: the target of the proxy is not https: want that, or http on loopback\n",
	} {
		to, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		kit.Proxy(to).ServeHTTP(w, received(strings.NewReader(`{"endpoint_id":"e1"}`)))
		if w.Code != 502 || w.Body.String() != want {
			t.Errorf("%s: got %d, %q", target, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	kit.Proxy(nil).ServeHTTP(w, received(nil))
	if w.Code != 502 {
		t.Errorf("no target: got %d", w.Code)
	}
}

// What follows a 101 is no body and may never end.
func TestSwitchingProtocolsIsNotRead(t *testing.T) {
	t.Parallel()
	resp := reply(101, "")
	resp.Body = io.NopCloser(errorReader{})
	wantTexts(t, load(t, correctedDocument).CheckResponse(request(`{}`), resp), "server: response status: status")
}

func TestOptionsRefuseNil(t *testing.T) {
	t.Parallel()
	_, err := contract.Load(correctedDocument, contract.WithOnViolation(nil), contract.WithCollector(nil))
	if err == nil || !strings.Contains(err.Error(), "OnViolation") || !strings.Contains(err.Error(), "Collect") {
		t.Errorf("got %v", err)
	}
}

func TestCompressedReplies(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	coded := func(coding, body string) *http.Response {
		resp := reply(200, body)
		resp.Header.Set("Content-Encoding", coding)
		return resp
	}
	for _, coding := range []string{"gzip", "X-GZIP"} {
		good := gzipped(t, success(""))
		resp := coded(coding, good)
		wantTexts(t, c.CheckResponse(request(`{}`), resp))
		wantBody(t, resp.Body, good)
		wantTexts(t, c.CheckResponse(request(`{}`), coded(coding, gzipped(t, `{}`))), "server: response 200 body: required")
		wantTexts(t, c.CheckResponse(request(`{}`), coded(coding, gzipped(t, strings.Repeat(" ", 2<<20)))),
			"server: response 200 body: size")
		wantTexts(t, c.CheckResponse(request(`{}`), coded(coding, "")), "server: response 200 body: json")
	}
	wantTexts(t, c.CheckResponse(request(`{}`), coded("identity", success(""))))
	for _, resp := range []*http.Response{
		coded("br", success("")), coded("gzip, br", success("")), coded("gzip", success("")),
		coded("gzip", gzipped(t, success(""))[:30]),
	} {
		err := c.CheckResponse(request(`{}`), resp)
		if err == nil || errors.As(err, new(*contract.Violation)) {
			t.Errorf("got %v, want an error that blames nobody", err)
		}
	}
	sent := request(gzipped(t, `{"endpoint_id":"e1"}`)) // no document says that a server can read it
	sent.Header.Set("Content-Encoding", "gzip")
	wantTexts(t, c.CheckRequest(sent), "client: request body: json")
}
