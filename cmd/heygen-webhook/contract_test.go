package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const (
	goodArchive   = `{"log":{"entries":[` + goodEntry + `]}}`
	brokenArchive = `{"log":{"entries":[` + brokenEntry + `,` + foreignEntry + `]}}`

	goodEntry    = requestEntry + `{"status":404,` + typeEntry + `"content":{"text":"{\"code\":400131}","size":15}}}`
	brokenEntry  = requestEntry + `{"status":404,` + typeEntry + `"content":{"text":"{\"code\":\"x\"}","size":12}}}`
	foreignEntry = `{"request":{"method":"GET","url":"https://example.org/"},"response":{"status":200}}`
	typeEntry    = `"headers":[{"name":"Content-Type","value":"application/json"}],`
	requestEntry = `{"request":{"method":"PATCH","url":"https://api.heygen.com/v1/webhook/endpoint.update",` +
		`"headers":[{"name":"X-Api-Key","value":"-"},{"name":"Content-Type","value":"application/json"}],` +
		`"postData":{"text":"{\"endpoint_id\":\"e1\"}"}},"response":`
)

// The commands print reports in each format.
func TestReports(t *testing.T) {
	t.Parallel()
	frozen := []string{"--document", "../../contract/testdata/corrected.json"} // a new document changes no golden
	check := slices.Concat(
		[]string{"contract", "check", "--endpoint-id", "e1", "--endpoint-url", "https://example.org/hook"}, frozen)
	archive := func(content string) []string {
		return append([]string{"contract", "har", write(t, "traffic.har", content)}, frozen...)
	}
	for name, test := range map[string]struct {
		args   []string
		code   int
		faults []heygentest.Fault
	}{
		"check":           {check, 0, nil},
		"check-broken":    {check, 1, []heygentest.Fault{heygentest.FaultResponse(401, nil, `{"code":"x"}`)}},
		"check-no-server": {append(check, "--base-url", "http://127.0.0.1:1"), 1, nil},
		"check-timeout":   {append(check, "--timeout", "500ms"), 4, []heygentest.Fault{{}, {}, {}, heygentest.FaultHang()}},
		"har":             {archive(goodArchive), 0, nil},
		"har-broken":      {archive(brokenArchive), 1, nil},
		"har-empty":       {archive(`{"log":{"entries":[]}}`), 1, nil},
		"har-no-har":      {archive(`[]`), 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var texts []string
			formats := []string{"text", "json", "junit"}
			if test.code > 1 {
				formats = formats[:1] // without a report
			}
			for _, format := range formats {
				args := append([]string{}, append(test.args, "--report", format)...)
				o := newScene(t, test.faults...).run(t, args...)
				if o.code != test.code {
					t.Errorf("%s: exit code %d, want %d", format, o.code, test.code)
				}
				texts = append(texts, directory.ReplaceAllString(shown(args, o), "traffic.har"))
			}
			golden(t, "contract-"+name+".txt", strings.Join(texts, "\n"))
		})
	}
}

// Without a document, recorded traffic is checked as that of both versions.
func TestArchiveOfBothVersions(t *testing.T) {
	t.Parallel()
	list := `{"request":{"method":"GET","url":"https://api.heygen.com/v3/webhooks/endpoints?limit=%s",` +
		`"headers":[{"name":"X-Api-Key","value":"-"}],"bodySize":0},` +
		`"response":{"status":200,` + typeEntry + `"content":{"text":"{\"data\":[]}","size":11}}}`
	for limit, want := range map[string]string{ // the width of the columns depends on the vendored document
		"100": `GET /v3/webhooks/endpoints\n  request +seen once\n  response 200 +seen once`,
		"101": "GET /v3/webhooks/endpoints request query limit: schema: ",
	} {
		archive := `{"log":{"entries":[` + goodEntry + `,` + fmt.Sprintf(list, limit) + `]}}`
		o := newScene(t).run(t, "contract", "har", write(t, "traffic.har", archive))
		if broken := limit == "101"; (o.code == 1) != broken || !regexp.MustCompile(want).MatchString(o.stdout) {
			t.Errorf("limit %s: exit code %d, %s", limit, o.code, o.stdout)
		}
	}
}

var directory = regexp.MustCompile(`/\S*/traffic\.har`)

func TestWrongUsageOfContract(t *testing.T) {
	t.Parallel()
	har := write(t, "traffic.har", goodArchive)
	check := []string{"contract", "check", "--endpoint-id", "e1", "--endpoint-url", "https://example.org/hook"}
	proxy := []string{"contract", "proxy"}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no command":        {[]string{"contract", "chekc"}, `there is no command "chekc"`},
		"no id":             {[]string{"contract", "check"}, "--endpoint-id is missing"},
		"no URL":            {check[:4], "--endpoint-url is missing"},
		"relative URL":      {append(check[:4:4], "--endpoint-url", "/hook"), "not an absolute"},
		"two servers":       {append(check, "--sandbox", "--base-url", "https://example.org"), "exclude each other"},
		"no TLS":            {append(check, "--base-url", "http://192.0.2.1"), "not https"},
		"unknown report":    {append(check, "--report", "xml"), "text, json or junit"},
		"no document":       {append(check, "--document", "corrupted"), "open corrupted: no such file"},
		"wrong document":    {append(check, "--document", har), "the document cannot be used"},
		"not published":     {append(check, "--document", "published", "--api", "v3"), "no published document of version 3"},
		"no file":           {[]string{"contract", "har"}, "give one FILE"},
		"two files":         {[]string{"contract", "har", har, har}, "give one FILE"},
		"missing file":      {[]string{"contract", "har", har + "x"}, "no such file"},
		"target no TLS":     {append(proxy, "--target", "http://192.0.2.1"), "not https"},
		"target empty":      {append(proxy, "--target", ""), "is not absolute"},
		"address":           {append(proxy, "--addr", "8080"), "not HOST:PORT"},
		"public address":    {append(proxy, "--addr", "0.0.0.0:0"), "such as 127.0.0.1:8080, or --public"},
		"address of all":    {append(proxy, "--addr", ":0"), "other machines reach"},
		"address by a name": {append(proxy, "--addr", "example.org:0"), "other machines reach"},
		"stray file":        {[]string{"spec", "show", "x"}, `unexpected argument "x"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newScene(t).run(t, test.args...)
			if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, test.want) {
				t.Errorf("%+v, want %q", o, test.want)
			}
			if !strings.Contains(strings.Join(test.args, " "), "--report") && test.args[0] == "contract" && len(test.args) > 2 {
				o = newScene(t).run(t, append(test.args, "--report", "json")...)
				if e := errorOf(t, o); e.Kind != heygen.KindUsage {
					t.Errorf("as JSON: %+v", o)
				}
			}
		})
	}
}

// The proxy forwards exchanges unchanged, and its report has every finding.
func TestProxy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args   []string
		sent   string
		status int
		code   int
	}{
		{nil, `{"endpoint_id":"e1"}`, 200, 0},
		{[]string{"--refuse"}, `{"endpoint_id":"e1"}`, 200, 0},
		{nil, `{"endpoint_id":7}`, 400, 1},
		{[]string{"--refuse", "--report", "json"}, `{"endpoint_id":7}`, 400, 1},
		{[]string{"--target", "http://127.0.0.1:1"}, `{"endpoint_id":"e1"}`, 502, 1}, // no server, so no response
		{[]string{"--public", "--addr", "127.0.0.1:0"}, ``, 0, 1},
	} {
		s := newScene(t)
		ctx, stop := context.WithCancel(t.Context())
		stderr := &announced{base: make(chan string, 1)}
		var stdout strings.Builder
		ended := make(chan int, 1)
		go func() {
			args := append([]string{name, "contract", "proxy"}, test.args...)
			ended <- run(ctx, args, &stdout, stderr, func(name string) string { return s.env[name] })
		}()
		select {
		case base := <-stderr.base:
			err := sendUpdate(t, base, testKey, test.sent)
			if got := fmt.Sprint(err); test.sent != "" && test.status != 200 && got != fmt.Sprint("status ", test.status) {
				t.Errorf("%v", err)
			}
		case code := <-ended:
			t.Fatalf("ended with %d: %s", code, stderr)
		}
		stop()
		code := <-ended
		if code != test.code || strings.Contains(stdout.String()+stderr.String(), testKey) ||
			(test.status == 400) != strings.Contains(stdout.String(), "want string, got number") {
			t.Errorf("%q: exit code %d\n%s%s", test.args, code, stdout.String(), stderr)
		}
	}
}

// Where nothing can be judged, the proxy and an archive of the same exchange end with the same report and exit code.
func TestProxyAndArchiveAgree(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault    heygentest.Fault
		response string // in the archive
		reason   string
	}{
		"no response": {heygentest.FaultReset(), `{"status":0}`, "no response"},
		"broken off": {
			heygentest.FaultTruncate(), `{"status":200,` + typeEntry + `"_error":"net::ERR_ABORTED"}`,
			"the body of the response broke off",
		},
		"a coding": {
			heygentest.FaultHeader("Content-Encoding", "br"), `{"status":200,"headers":[` +
				`{"name":"Content-Type","value":"application/json"},{"name":"Content-Encoding","value":"br"}],` +
				`"content":{"text":"GwAAgA==","encoding":"base64"}}`,
			"the body of the response has a content coding that cannot be undone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, test.fault)
			ctx, stop := context.WithCancel(t.Context())
			stderr := &announced{base: make(chan string, 1)}
			var stdout strings.Builder
			ended := make(chan int, 1)
			go func() {
				ended <- run(ctx, []string{"heygen-webhook", "contract", "proxy"}, &stdout, stderr,
					func(name string) string { return s.env[name] })
			}()
			_ = sendUpdate(t, <-stderr.base, testKey, `{"endpoint_id":"e1"}`)
			stop()
			code := <-ended
			har := s.run(t, "contract", "har", write(t, "traffic.har", `{"log":{"entries":[`+requestEntry+test.response+`}]}}`))
			report := strings.ReplaceAll(stdout.String(), "exchange 1", "entry 0")
			said := "heygen-webhook: exchanges not checked, or only in part: " + test.reason + ": 1\n"
			if code != 1 || har.code != code || report != har.stdout || !strings.Contains(report, test.reason+" (entry 0)") ||
				!strings.Contains(stderr.String(), said) || !strings.Contains(har.stderr, said) {
				t.Errorf("the proxy ends with %d, %s\n%s\nthe archive: %+v", code, stdout.String(), stderr, har)
			}
		})
	}
}

// announced is a stderr that waits for a base URL.
type announced struct {
	mu   sync.Mutex
	text strings.Builder
	base chan string
}

var baseURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (a *announced) Write(data []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if base := baseURL.FindString(string(data)); base != "" && a.text.Len() == 0 {
		a.base <- base
	}
	return a.text.Write(data)
}

func (a *announced) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// sendUpdate sends a body; the error is any status but 200. An empty body is not sent.
func sendUpdate(t *testing.T, base, key, body string) error {
	t.Helper()
	if body == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, base+contractPath, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", key)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}
