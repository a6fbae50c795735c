package heygentest_test

import (
	"net/http"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
)

// What a browser sends on its own neither uses up a fault nor is a call that Verify would report.
func TestBrowsersMakeNoCalls(t *testing.T) {
	t.Parallel()
	headers := func(more ...string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Del("X-Api-Key")
			for i := 0; i < len(more); i += 2 {
				r.Header.Set(more[i], more[i+1])
			}
		}
	}
	preflight := headers("Origin", "https://app.example", "Access-Control-Request-Method", "PATCH")
	for name, test := range map[string]struct {
		change func(*http.Request)
		status int
		call   bool
	}{
		"preflight": {func(r *http.Request) {
			preflight(r)
			r.Method = http.MethodOptions
		}, 204, false},
		"a preflight's headers on a call": {preflight, 403, false},
		"another site":                    {headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"), 403, false},
		"an image of another site": {func(r *http.Request) {
			headers("Sec-Fetch-Site", "cross-site")(r)
			r.Method, r.URL.Path = http.MethodGet, "/"
		}, 403, false},
		"another site, an old browser": {headers("Origin", "https://evil.example"), 403, false},
		"a sandboxed frame":            {headers("Origin", "null"), 403, false},
		"another site with the key": {
			headers("Origin", "https://evil.example", "X-Api-Key", "sandbox-key"), 503, true,
		},
		"another site with a wrong key": {headers("Origin", "https://evil.example", "X-Api-Key", "x"), 403, false},
		"the same origin":               {headers("Sec-Fetch-Site", "same-origin", "X-Api-Key", "sandbox-key"), 503, true},
		"no browser":                    {headers(), 503, true},
		"another host":                  {func(r *http.Request) { r.Host = "evil.example" }, 421, false},
		"localhost":                     {func(r *http.Request) { r.Host = "localhost:80" }, 503, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sandbox := start(t)
			sandbox.Next(heygentest.FaultError(503, 5000, "busy"))
			resp, _, err := exchange(t, sandbox, `{"endpoint_id":"e1"}`, test.change)
			if err != nil || resp.StatusCode != test.status || len(sandbox.Calls()) > 0 != test.call {
				t.Errorf("got %d, calls %+v, error %v", resp.StatusCode, sandbox.Calls(), err)
			}
			if resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("the sandbox lets another site call it")
			}
			status, _ := send(t, sandbox, `{"endpoint_id":"e1"}`, nil)
			if (status == 503) == test.call {
				t.Errorf("the next call gets %d", status)
			}
			if name == "preflight" || name == "an image of another site" {
				sandbox.Verify(t)
			}
		})
	}
}

func TestAllowedMethodsAreNamed(t *testing.T) {
	t.Parallel()
	sandbox := start(t)
	for method, want := range map[string]string{http.MethodPut: "PATCH", http.MethodOptions: "PATCH"} {
		resp, _, err := exchange(t, sandbox, "", func(r *http.Request) { r.Method = method })
		if err != nil || resp.StatusCode != 405 || resp.Header.Get("Allow") != want {
			t.Errorf("%s: %d, Allow %q, error %v", method, resp.StatusCode, resp.Header.Get("Allow"), err)
		}
	}
}
