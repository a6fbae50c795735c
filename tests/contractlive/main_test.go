package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const (
	secret = "whsec_Zv4R7q3QFE12WZ"
	key    = "key-Zv4R7q3QFE12WZ"
)

// live runs the suite against a server and returns its exit code, its output and its archive.
func live(t *testing.T, base string) (exit int, out, har string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "live.har")
	env := map[string]string{
		"HEYGEN_API_KEY": key, "HEYGEN_ENDPOINT_ID": "e1", "HEYGEN_ENDPOINT_URL": "https://example.org/hook",
		"HEYGEN_BASE_URL": base, "HEYGEN_HAR": file,
	}
	var printed bytes.Buffer
	exit = run(func(name string) string { return env[name] }, &printed)
	archive, err := os.ReadFile(file)
	if err != nil && exit != 2 {
		t.Fatal(err)
	}
	for _, text := range []string{printed.String(), string(archive)} {
		if strings.Contains(text, secret) || strings.Contains(text, key) {
			t.Errorf("a secret is in\n%s", text)
		}
	}
	return exit, printed.String(), string(archive)
}

func sandbox(t *testing.T) *heygentest.Server {
	t.Helper()
	s := heygentest.NewServer(heygentest.WithAPIKey(key))
	t.Cleanup(s.Close)
	s.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "e1", URL: "https://example.org/before", Events: heygen.AllEvents(), Secret: heygen.NewSecret(secret),
	})
	return s
}

func TestASandboxAgrees(t *testing.T) {
	t.Parallel()
	s := sandbox(t)
	exit, out, har := live(t, s.URL)
	if exit != 0 || strings.Count(out, ", agreed\n") != 5 || strings.Contains(out, "NOT AGREED") {
		t.Errorf("exit %d\n%s", exit, out)
	}
	for _, want := range []string{
		"a wrong key: 401", "a wrong id: 404", "an invalid URL: 400", "the values named: 200", "findings, server: 0",
		"/data/events: type: want array, got null (2 times) (allowed)", // a deviation of the published document
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if n := len(s.Calls()); n > 10 {
		t.Errorf("%d requests", n)
	}
	if endpoint, _ := s.Endpoint("e1"); endpoint.URL != "https://example.org/hook" {
		t.Errorf("the endpoint was left at %s", endpoint.URL)
	}
	kit, err := contract.Load(openapi.Corrected)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := kit.CheckHAR(strings.NewReader(har))
	if err != nil || len(entries) != 5 {
		t.Fatalf("%d entries, error %v", len(entries), err)
	}
	for _, entry := range entries {
		if entry.Unjudged != "" || len(entry.Findings) > 0 {
			t.Errorf("the archive says otherwise: %+v", entry)
		}
	}
}

func TestABrokenSandboxDoesNotAgree(t *testing.T) {
	t.Parallel()
	json := http.Header{"Content-Type": {"application/json"}}
	for name, test := range map[string]struct {
		fault heygentest.Fault // of the first call, the one with a wrong key
		want  string
	}{
		"success for a wrong key": {
			heygentest.RespondWith(200, json, `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.org/hook",
				"status":"enabled","secret":"`+secret+`"}}`),
			"a wrong key: 200, NOT AGREED\n  server: response status: expected: 200, want one of [401 403]",
		},
		"success that holds no data": {
			heygentest.RespondWith(200, json, `{"code":100,"api_key":"`+key+`"}`),
			"  server: response 200 body: data-on-success",
		},
		"HTML": {
			heygentest.RespondWith(401, http.Header{"Content-Type": {"text/html"}}, "<p>"+key+secret),
			"  server: response content type: content-type",
		},
		"a redirect with the secret": {
			heygentest.RespondWith(302, http.Header{"Location": {"https://example.com/?k=" + secret}}, ""),
			"  server: response status: status: 302 is not documented",
		},
		"the secret twice, in broken JSON": {
			heygentest.RespondWith(401, json, `{"secret":"`+secret+`","secret":"","code":}`),
			"  server: response 401 body",
		},
		"the secret twice": {
			heygentest.RespondWith(401, json, `{"a":[{"Secret":["`+secret+`"]}],"secret":"`+secret+`","secret":"","code":1}`),
			"  server: response 401 body /secret: json",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sandbox(t)
			s.Next(test.fault)
			exit, out, _ := live(t, s.URL)
			if exit != 1 || !strings.Contains(out, test.want) || strings.Count(out, ", agreed\n") != 4 {
				t.Errorf("exit %d\n%s", exit, out)
			}
			if n := len(s.Calls()); n > 10 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestBasePathsAreKept(t *testing.T) {
	t.Parallel()
	s := sandbox(t)
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(http.StripPrefix("/base", httputil.NewSingleHostReverseProxy(target)))
	defer front.Close()
	if exit, out, _ := live(t, front.URL+"/base/"); exit != 0 {
		t.Errorf("exit %d\n%s", exit, out)
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	s := sandbox(t)
	s.Next(heygentest.Reset())
	for _, base := range []string{s.URL, "http://192.0.2.1", "ftp://127.0.0.1", "https://", "%zz"} {
		exit, out, _ := live(t, base)
		if exit != 2 || !strings.HasPrefix(out, "contractlive: ") {
			t.Errorf("%s: exit %d\n%s", base, exit, out)
		}
	}
}

func TestWithoutItsVariablesItIsSkipped(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"", "HEYGEN_API_KEY", "HEYGEN_ENDPOINT_URL"} {
		var out bytes.Buffer
		exit := run(func(name string) string {
			if name == set {
				return "value"
			}
			return ""
		}, &out)
		if exit != 0 || !strings.HasPrefix(out.String(), "SKIPPED: ") || strings.Contains(out.String(), "agreed") ||
			!strings.Contains(out.String(), "HEYGEN_ENDPOINT_ID") {
			t.Errorf("with %q: exit %d\n%s", set, exit, out.String())
		}
	}
}
