package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// newPage starts a sandbox with its page, as the command does.
func newPage(t *testing.T, opts ...heygentest.Option) page {
	t.Helper()
	sandbox, err := heygentest.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1", Secret: heygen.NewSecret("whsec_sandbox")})
	server := httptest.NewServer(withPage(sandbox))
	t.Cleanup(func() { sandbox.Close(); server.Close() })
	return page{sandbox, server.URL}
}

// page is a sandbox that is served with its page.
type page struct {
	*heygentest.Sandbox
	URL string
}

// do sends a request and returns the response and its body as they are, without any coding of the transport.
func do(t *testing.T, method, url string, body []byte, header map[string]string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	req.Host = header["Host"]
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, got
}

// The page is also there while the sandbox is slow, limited and failing, and its requests are no calls.
func TestThePageIsServed(t *testing.T) {
	t.Parallel()
	sandbox := newPage(t, heygentest.WithRateLimit(1))
	sandbox.On(heygentest.Rule{}, heygentest.FaultHang())
	for file, want := range map[string]struct{ contentType, text string }{
		"":                                   {"text/html; charset=utf-8", `<div id="reference"`},
		"page.js":                            {"text/javascript; charset=utf-8", "SwaggerUIBundle("},
		"page.css":                           {"text/css; charset=utf-8", "color-scheme: light dark"},
		"openapi.json":                       {"application/json", `"servers":[{"url":"/"}]`},
		"state.json":                         {"application/json", `"api_key":"sandbox-key"`},
		"swagger-ui/swagger-ui-bundle.js":    {"text/javascript; charset=utf-8", "SwaggerUIBundle"},
		"swagger-ui/swagger-ui.css":          {"text/css; charset=utf-8", "html.dark-mode"},
		"swagger-ui/LICENSE":                 {"text/plain; charset=utf-8", "Apache License"},
		"swagger-ui/NOTICE":                  {"text/plain; charset=utf-8", "SmartBear"},
		"swagger-ui/renderer.json":           {"application/json", "sha512-"},
		"swagger-ui/swagger-ui-bundle.js.gz": {"text/plain; charset=utf-8", "\x1f\x8b"},
	} {
		resp, body := do(t, http.MethodGet, sandbox.URL+"/_/"+file, nil, nil)
		if resp.Header.Get("Content-Encoding") == "gzip" {
			body = decompress(t, body)
		}
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != want.contentType ||
			!bytes.Contains(body, []byte(want.text)) {
			t.Errorf("/_/%s: %d %v %.200s", file, resp.StatusCode, resp.Header, body)
		}
		for name, value := range pageHeader {
			if resp.Header.Get(name) != value {
				t.Errorf("/_/%s: %s is %q", file, name, resp.Header.Get(name))
			}
		}
	}
	if calls := sandbox.Calls(); len(calls) != 0 {
		t.Errorf("the page made calls: %v", calls)
	}
}

// A page of another host may let its own name resolve to this machine, to read the state or to make calls.
func TestTheSandboxIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	sandbox := newPage(t)
	for host, want := range map[string]int{
		"localhost:80": 200, "LOCALHOST": 200, "127.0.0.1": 200, "127.1.2.3:8080": 200, "[::1]:80": 200, "[::1]": 200,
		"example.com": 421, "127.0.0.1.example.com:80": 421, "localhost.example.com": 421, "192.0.2.1": 421, "[::2]": 421,
	} {
		for _, file := range []string{"", "state.json"} {
			resp, body := do(t, http.MethodGet, sandbox.URL+"/_/"+file, nil, map[string]string{"Host": host})
			if resp.StatusCode != want || want == 421 && bytes.Contains(body, []byte(sandbox.APIKey)) {
				t.Errorf("%s: %d %s, want %d", host, resp.StatusCode, body, want)
			}
		}
		before := len(sandbox.Calls())
		resp, _ := do(t, http.MethodPatch, sandbox.URL+contractPath, []byte(`{"endpoint_id":"e1"}`), map[string]string{
			"Host": host, "X-Api-Key": sandbox.APIKey, "Content-Type": "application/json",
		})
		if called := len(sandbox.Calls()) > before; resp.StatusCode != want || called != (want == 200) {
			t.Errorf("%s: %d, want %d; a call: %t", host, resp.StatusCode, want, called)
		}
	}
}

func TestThePageTakesNothingFromTheSandbox(t *testing.T) {
	t.Parallel()
	sandbox := newPage(t)
	for _, test := range []struct {
		method, path string
		status       int
		call         bool
	}{
		{http.MethodPatch, "/v1/webhook/endpoint.update", 400, true},
		{http.MethodGet, "/", 404, true},
		{http.MethodGet, "/_", 404, true},
		{http.MethodGet, "//_/", 404, true},
		{http.MethodGet, "/favicon.ico", 404, true},
		{http.MethodGet, "/_/nothing", 404, false},
		{http.MethodGet, "/_/swagger-ui", 404, false},
		{http.MethodGet, "/_/..%2fpage.go", 404, false},
		{http.MethodPost, "/_/state.json", 405, false},
		{http.MethodPatch, "/_/v1/webhook/endpoint.update", 404, false},
	} {
		before := len(sandbox.Calls())
		resp, _ := do(t, test.method, sandbox.URL+test.path, nil, map[string]string{"X-Api-Key": sandbox.APIKey})
		if called := len(sandbox.Calls()) > before; resp.StatusCode != test.status || called != test.call {
			t.Errorf("%s %s: %d, a call: %t", test.method, test.path, resp.StatusCode, called)
		}
	}
}

// The documents are the corrected ones, but for where the server is.
func TestThePagesDocuments(t *testing.T) {
	t.Parallel()
	page := newPage(t)
	for name, corrected := range map[string][]byte{
		"openapi.json": openapi.Corrected(), "openapi-v3.json": openapi.CorrectedV3(),
	} {
		var got, want map[string]any
		_, body := do(t, http.MethodGet, page.URL+"/_/"+name, nil, nil)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(corrected, &want); err != nil {
			t.Fatal(err)
		}
		want["servers"] = []any{map[string]any{"url": "/"}}
		gotJSON, _ := json.Marshal(got)
		wantJSON, _ := json.Marshal(want)
		if !bytes.Equal(gotJSON, wantJSON) {
			t.Errorf("%s: %s\nwant %s", name, gotJSON, wantJSON)
		}
	}
}

var unsteady = regexp.MustCompile(`"(began|took_ms)": [^,]+`)

// The state has endpoints, and calls with faults, findings, and bodies that are not JSON, not UTF-8, or long.
func TestThePagesState(t *testing.T) {
	t.Parallel()
	sandbox := newPage(t)
	sandbox.Next(heygentest.Fault{}, heygentest.FaultMember("/data/status", 7), heygentest.FaultReset())
	header := map[string]string{"X-Api-Key": sandbox.APIKey, "Content-Type": "application/json"}
	url := sandbox.URL + "/v1/webhook/endpoint.update"
	do(t, http.MethodPatch, url, []byte(`{"endpoint_id":"e1","url":"https://example.com/<script>"}`), header)
	do(t, http.MethodPatch, url, []byte(`{"endpoint_id":"e1"}`), header)
	broken, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := (&http.Transport{}).RoundTrip(broken); err == nil {
		t.Errorf("%d instead of a reset", resp.StatusCode)
	}
	do(t, http.MethodPost, sandbox.URL+"/nowhere?a=<b>", []byte("\xff"+strings.Repeat("x", pageBody)), nil)
	_, state := do(t, http.MethodGet, sandbox.URL+"/_/state.json", nil, nil)
	if bytes.ContainsAny(state, "<>") {
		t.Errorf("HTML in %s", state)
	}
	text := strings.ReplaceAll(string(state), strings.Repeat("x", pageBody-1), "x...x")
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "page-state.json", unsteady.ReplaceAllString(indented.String(), `"$1": "X"`))
}

func TestThePageShowsTheLastCalls(t *testing.T) {
	t.Parallel()
	sandbox := newPage(t)
	for range pageRecords + 2 {
		do(t, http.MethodGet, sandbox.URL+"/nowhere", nil, nil)
	}
	do(t, http.MethodGet, sandbox.URL+"/"+strings.Repeat("x", 100<<10), nil, nil)
	calls := stateOf(sandbox.Sandbox).Calls
	if n := len(calls[len(calls)-1].Target); n > pageBody+len("…") {
		t.Errorf("a target of %d bytes", n)
	}
	if len(calls) != pageRecords || calls[0].Number != 4 {
		t.Errorf("%d calls, the first is %+v", len(calls), calls[0])
	}
}

// The renderer is the package that renderer.json names, complete and unchanged. scripts/renderer compares with npm.
func TestThePagesRendererIsWhatIsRecorded(t *testing.T) {
	t.Parallel()
	dir, err := fs.Sub(pageFiles, "page/swagger-ui")
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var recorded struct {
		License, Integrity string
		Files              map[string]string
	}
	if err := json.Unmarshal(read("renderer.json"), &recorded); err != nil {
		t.Fatal(err)
	}
	if recorded.License != "Apache-2.0" || !strings.HasPrefix(recorded.Integrity, "sha512-") {
		t.Errorf("%+v", recorded)
	}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil || len(entries) != len(recorded.Files)+1 {
		t.Errorf("%d files, %v, want %d and renderer.json", len(entries), err, len(recorded.Files))
	}
	for _, entry := range entries {
		name, compressed := strings.CutSuffix(entry.Name(), ".gz")
		if name == "renderer.json" {
			continue
		}
		content := read(entry.Name())
		if compressed {
			content = decompress(t, content)
		}
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); got != recorded.Files[name] {
			t.Errorf("%s has the sum %s, recorded is %s", name, got, recorded.Files[name])
		}
	}
}

// The page's own files name no other host: nothing is loaded, and no font, from anywhere else.
func TestThePageNamesNoOtherHost(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"index.html", "page.css", "page.js"} {
		content, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(content), "https://example.com/hook", "") // a request to try
		if strings.Contains(text, "://") || strings.Contains(text, "innerHTML") {
			t.Errorf("%s has a URL, or HTML of a value", name)
		}
	}
}

func decompress(t *testing.T, content []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
