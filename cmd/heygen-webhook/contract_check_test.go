package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
)

// hookToken is in the callback URL, which may hold a secret.
const hookToken = "Zv4R7q3QFE12WZ"

// check runs the check against the scene.
func (s scene) check(t *testing.T, args ...string) outcome {
	t.Helper()
	o := s.run(t, append([]string{
		"contract", "check", "--endpoint-id", "e1",
		"--endpoint-url", "https://user:" + hookToken + "@example.org/hook?token=" + hookToken,
	}, args...)...)
	for _, hidden := range []string{testKey, testSecret, hookToken} {
		if strings.Contains(o.stdout+o.stderr, hidden) {
			t.Errorf("%s is in\n%s%s", hidden, o.stdout, o.stderr)
		}
	}
	return o
}

func TestASandboxAgrees(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--document", "published"}, {"--api", "v3"}} {
		s := newScene(t)
		o := s.check(t, args...)
		if o.code != 0 || strings.Count(o.stderr, ", agreed\n") != 5 || strings.Contains(o.stderr, "NOT AGREED") {
			t.Errorf("%q: %+v", args, o)
		}
		for _, want := range []string{"findings, client: 0", "findings, server: 0"} { // those of the document are allowed
			if !strings.Contains(o.stdout, want) {
				t.Errorf("%q: no %q in\n%s", args, want, o.stdout)
			}
		}
		if n := len(s.server.Calls()); n > 10 {
			t.Errorf("%q: %d requests", args, n)
		}
		if endpoint, _ := s.server.Endpoint("e1"); !strings.Contains(endpoint.URL, hookToken) {
			t.Errorf("%q: the endpoint was left at %s", args, endpoint.URL)
		}
	}
}

// What version 3 does against the expectation is a finding about its operation.
func TestABrokenSandboxOfVersion3DoesNotAgree(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.server.Next(heygentest.FaultErrorV3(503, "busy", "busy"))
	o := s.check(t, "--api", "v3")
	for _, want := range []string{
		"response status: expected: 503, want one of [401 403]", "PATCH /v3/webhooks/endpoints/{endpoint_id}",
	} {
		if o.code != 1 || !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%+v", want, o)
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
			heygentest.FaultResponse(200, json, `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.org/hook",
				"status":"enabled","secret":"`+testSecret+`"}}`),
			"  server: response status: expected: 200, want one of [401 403]",
		},
		"success that holds no data": {
			heygentest.FaultResponse(200, json, `{"code":100,"api_key":"`+testKey+`"}`),
			"  server: response 200 body: data-on-success",
		},
		"a failure for a wrong key": {
			heygentest.FaultError(503, 500000, "busy"), "  server: response status: expected: 503, want one of [401 403]",
		},
		"HTML": {
			heygentest.FaultResponse(401, http.Header{"Content-Type": {"text/html"}}, "<p>"+testKey+testSecret),
			"  server: response 401 content type: content-type",
		},
		"a redirect with the secret": {
			heygentest.FaultResponse(302, http.Header{"Location": {"https://example.com/?k=" + testSecret}}, ""),
			"  server: response status: status: 302 is not documented",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, test.fault)
			o := s.check(t, "--report", "junit")
			said := strings.ReplaceAll(o.stderr, "heygen-webhook: ", "")
			if o.code != 1 || !strings.Contains(said, test.want) || strings.Count(said, ", agreed\n") != 4 ||
				!strings.Contains(o.stdout, `type="server"`) {
				t.Errorf("%+v", o)
			}
			if n := len(s.server.Calls()); n > 10 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A refused key says nothing about the contract.
func TestARefusedKeyEndsTheCheck(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_API_KEY": "key-of-somebody-else"})
	o := s.check(t)
	want := "a wrong id: the server refused the API key: Unauthorized (HTTP 401, code 400112, request id sandbox-2)\n" +
		"  check the API key in HEYGEN_API_KEY\n"
	if o.code != 3 || o.stdout != "" || !strings.HasSuffix(o.stderr, want) || len(s.server.Calls()) != 2 {
		t.Errorf("%+v, want %q", o, want)
	}
}

// A mistyped id is no finding about the server.
func TestAnUnknownEndpointEndsTheCheck(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	o := s.check(t, "--endpoint-id", "e2")
	want := "an invalid URL: Webhook endpoint not found (HTTP 404, code 400131, request id sandbox-3)\n" +
		"  check the id \"e2\": heygen-webhook endpoints list lists the endpoints of an API key\n"
	if o.code != 1 || o.stdout != "" || !strings.HasSuffix(o.stderr, want) || len(s.server.Calls()) != 3 {
		t.Errorf("%+v, want %q", o, want)
	}
}

func TestBasePathsAreKept(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	target, err := url.Parse(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(http.StripPrefix("/base", httputil.NewSingleHostReverseProxy(target)))
	t.Cleanup(front.Close)
	if o := s.check(t, "--base-url", front.URL+"/base/"); o.code != 0 {
		t.Errorf("%+v", o)
	}
}

// Without its variables "make contract-live" neither succeeds nor fails: it says that nothing was tested.
func TestWithoutItsVariablesTheLiveSuiteIsSkipped(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"HEYGEN_X=", "HEYGEN_API_KEY=k", "HEYGEN_ENDPOINT_URL=https://example.org/"} {
		cmd := exec.CommandContext(t.Context(), "make", "-s", "-C", "../..", "contract-live")
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), set}
		output, err := cmd.CombinedOutput()
		text := string(output)
		if err != nil || !strings.HasPrefix(text, "SKIPPED: ") || strings.Contains(text, "agreed") ||
			!strings.Contains(text, "HEYGEN_ENDPOINT_ID") {
			t.Errorf("with %s: %v\n%s", set, err, text)
		}
	}
}
