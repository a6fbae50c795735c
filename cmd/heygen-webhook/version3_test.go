package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
)

// canned is a response of a scripted server.
type canned struct {
	status int
	body   string
}

// script3 is a server that has a response for each request in turn, and keeps the requests.
type script3 struct {
	mu        sync.Mutex
	responses []canned
	requests  []string // method, path with query, Idempotency-Key if any, body if any
	keys      []string
}

func (s *script3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	text := r.Method + " " + r.RequestURI
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		s.keys = append(s.keys, key)
	}
	if len(body) > 0 {
		text += " " + string(body)
	}
	s.requests = append(s.requests, text)
	if len(s.responses) == 0 {
		panic(http.ErrAbortHandler) // the client reports a connection that broke off
	}
	next := s.responses[0]
	s.responses = s.responses[1:]
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

// got returns the requests that arrived, and their keys.
func (s *script3) got() (requests, keys []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.keys
}

// scripted is a scene whose server has a script.
func scripted(t *testing.T, responses ...canned) (scene, *script3) {
	t.Helper()
	s := &script3{responses: responses}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return scene{env: map[string]string{"HEYGEN_API_KEY": testKey, "HEYGEN_BASE_URL": server.URL}}, s
}

// Messages of version 3.
const (
	endpoint3 = `{"endpoint_id":"e1","url":"https://example.com/a","events":["a","b"],"status":"enabled",` +
		`"created_at":"2026-11-28T10:00:00Z","secret":null}`
	created3 = `{"data":{"endpoint_id":"e1","url":"https://example.com/a","events":null,"status":"enabled",` +
		`"created_at":"2026-11-28T10:00:00Z","secret":"` + testSecret + `"}}`
	rotated3  = `{"data":{"endpoint_id":"e1","secret":"` + testSecret + `"}}`
	notFound3 = `{"error":{"code":"webhook_not_found","message":"No such webhook","param":"endpoint_id","doc_url":null}}`
)

// Each command, as text and as JSON, with the requests that it sends.
func TestVersion3(t *testing.T) {
	t.Parallel()
	const odd = `{"endpoint_id":"e\t2","url":"","status":"paused","created_at":"then","secret":"` + testSecret + `"}`
	key := []string{"--idempotency-key", "k:1"}
	create := slices.Clip(append([]string{"endpoints", "create", "--url", "https://example.com/a"}, key...))
	change := []string{"endpoints", "update", "--endpoint-id", "e1", "--all-events"}
	rotate := slices.Clip(append([]string{"endpoints", "rotate-secret", "--endpoint-id", "e1"}, key...))
	for file, test := range map[string]struct {
		args   []string
		script []canned
	}{
		"list": {[]string{"endpoints", "list"}, []canned{
			{200, `{"data":[` + endpoint3 + `],"has_more":true,"next_token":"t/1"}`},
			{200, `{"data":[],"has_more":true,"next_token":"t2"}`},
			{200, `{"data":[` + odd + `],"has_more":false,"next_token":null}`},
		}},
		"list-breaks-off": {[]string{"endpoints", "list"}, []canned{
			{200, `{"data":[` + endpoint3 + `],"has_more":true,"next_token":"t1"}`},
			{500, `{"error":{"code":"internal_error"}}`},
		}},
		"list-empty":   {[]string{"endpoints", "list"}, []canned{{200, `{"data":[]}`}}},
		"list-dry-run": {[]string{"endpoints", "list", "--dry-run"}, nil},
		"create":       {append(create, "--events", "a,b", "--entity-id", "n1"), []canned{{200, created3}}},
		"create-shown": {append(create, "--all-events", "--show-secret"), []canned{{200, created3}}},
		"create-refused": {create, []canned{{400,
			`{"error":{"code":"invalid_parameter","message":"` + testSecret + ` is no URL","param":"url",` +
				`"doc_url":"https://d.example/e"}}`,
		}}},
		"create-unpaid": {create, []canned{{402, `{"error":{"code":"insufficient_credit","message":"No credit"}}`}}},
		"create-in-progress": {append(create, "--retries", "0"), []canned{
			{409, `{"error":{"code":"request_in_progress","message":"Wait"}}`},
		}},
		"create-entity": {create, []canned{
			{404, `{"error":{"code":"not_found","message":"No such entity","param":"entity_id"}}`},
		}},
		"update-conflict": {append(change, "--retries", "0"), []canned{
			{409, `{"error":{"code":"conflict","message":"Wait"}}`},
		}},
		"create-without-a-secret": {create, []canned{{200, `{"data":` + endpoint3 + `}`}}},
		"create-dry-run":          {append(create, "--dry-run", "--save-secret", "no/directory"), nil},
		"update":                  {change, []canned{{200, `{"data":` + endpoint3 + `}`}}},
		"update-v3": {
			[]string{"update", "--api", "v3", "--endpoint-id", "e/1", "--events", "a", "--url", "https://example.com/a"},
			[]canned{{200, `{"data":` + endpoint3 + `}`}},
		},
		"delete":         {[]string{"endpoints", "delete", "--endpoint-id", "e1"}, []canned{{200, `{"data":{}}`}}},
		"delete-unknown": {[]string{"endpoints", "delete", "--endpoint-id", "e2"}, []canned{{404, notFound3}}},
		"delete-at-a-gateway": {[]string{"endpoints", "delete", "--endpoint-id", "e2"}, []canned{
			{404, `<html>`},
		}},
		"rotate":         {rotate, []canned{{200, rotated3}}},
		"rotate-shown":   {append(rotate, "--show-secret"), []canned{{200, rotated3}}},
		"rotate-unknown": {rotate, []canned{{404, notFound3}}},
		"rotate-server":  {append(rotate, "--retries", "0"), []canned{{503, ""}}},
		"event-types": {[]string{"event-types"}, []canned{{200,
			`{"data":[{"event_type":"a.success","description":"It worked"},{"event_type":"a.fail"}],"has_more":false,` +
				`"next_token":null}`,
		}}},
		"event-types-key": {[]string{"event-types"}, []canned{{401, `{"error":{"code":"unauthorized","message":"no"}}`}}},
		"events": {[]string{"events", "--event-type", "a.success", "--entity-id", "n&1"}, []canned{{200,
			`{"data":[{"event_id":"v1","event_type":"a.success","event_data":{"text":"x\u001b[2J\u202e", "n":1.50},` +
				`"created_at":"2026-11-28T10:00:00Z"},{"event_id":"v2","event_type":"a.success"}]}`,
		}}},
		"events-more": {[]string{"events", "--limit", "1"}, []canned{{200,
			`{"data":[{"event_id":"v1","event_type":"a"},{"event_id":"v2","event_type":"a"}]}`,
		}}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var texts []string
			for _, more := range [][]string{nil, {"--output", "json"}} {
				s, server := scripted(t, test.script...)
				args := append(slices.Clip(test.args), more...)
				o := s.run(t, args...)
				if more != nil && (!isJSONLines(o.stdout) || !isJSONLines(o.stderr) || strings.Count(o.stderr, "\n") > 1) {
					t.Errorf("not JSON: %+v", o)
				}
				text := shown(args, o)
				requests, keys := server.got()
				if len(requests) > 0 {
					text += "--- requests ---\n" + strings.Join(requests, "\n") + "\n"
				}
				for _, key := range keys {
					if key != "k:1" {
						t.Errorf("key %q", key)
					}
				}
				texts = append(texts, text)
			}
			golden(t, "v3-"+file+".txt", strings.Join(texts, "\n"))
		})
	}
}

// isJSONLines reports whether each line of a text is JSON.
func isJSONLines(text string) bool {
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			return false
		}
	}
	return true
}

func TestWrongUsageOfVersion3(t *testing.T) {
	t.Parallel()
	there := write(t, "there", "kept")
	create := []string{"endpoints", "create", "--url", "https://example.com/a"}
	rotate := []string{"endpoints", "rotate-secret", "--endpoint-id", "e1"}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"endpoints", "remove"}, `there is no command "remove"`},
		{create[:2], "--url is missing"},
		{append(create[:2:2], "--url", ""), "--url is not an absolute"},
		{append(create, "--events", "a", "--all-events"), "exclude each other"},
		{append(create, "--events", ""), "does not document its effect"},
		{append(create, "--idempotency-key", ""), "want 1 to 255 of A-Z"},
		{append(create, "--idempotency-key", "a b"), "want 1 to 255 of A-Z"},
		{append(create, "--idempotency-key", strings.Repeat("k", 256)), "want 1 to 255 of A-Z"},
		{append(create, "--save-secret", there), "is there already"},
		{append(rotate, "--save-secret", there), "is there already"},
		{append(rotate, "--save-secret", ""), "cannot be made"},
		{append(rotate, "--save-secret", filepath.Join(there, "x")), "cannot be made"},
		{rotate[:2], "--endpoint-id is missing or empty"},
		{[]string{"endpoints", "delete"}, "--endpoint-id is missing or empty"},
		{[]string{"endpoints", "update", "--all-events"}, "--endpoint-id is missing or empty"},
		{[]string{"endpoints", "update", "--endpoint-id", "e1"}, "there is nothing to change"},
		{[]string{"endpoints", "update", "--endpoint-id", "e1", "--from", "f"}, "not defined: -from"},
		{[]string{"endpoints", "list", "--api", "v1"}, "not defined: -api"},
		{[]string{"events", "--limit", "0"}, "it must be 1 or more"},
		{[]string{"update", "--api", "v2", "--endpoint-id", "e1", "--all-events"}, "it must be v1 or v3"},
		{[]string{"update", "--api", "v3", "--endpoint-id", "e1"}, "there is nothing to change"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			s, server := scripted(t)
			o := s.run(t, test.args...)
			requests, _ := server.got()
			if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, test.want) || len(requests) > 0 {
				t.Errorf("%+v, want %q", o, test.want)
			}
		})
	}
	if content, err := os.ReadFile(there); err != nil || string(content) != "kept" {
		t.Errorf("%v: a file that was there is now %q", err, content)
	}
}

// The file is there before the call, readable for its owner alone, and fit for --secret-file.
func TestSaveSecret(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args     []string
		response string
	}{
		"create": {[]string{"create", "--url", "https://example.com/a"}, created3},
		"rotate": {[]string{"rotate-secret", "--endpoint-id", "e1", "--output", "json"}, rotated3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "secret")
			there := false
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				info, err := os.Stat(path)
				there = err == nil && info.Size() == 0
				_, _ = io.WriteString(w, test.response)
			}))
			t.Cleanup(server.Close)
			s := scene{env: map[string]string{"HEYGEN_API_KEY": testKey, "HEYGEN_BASE_URL": server.URL}}
			o := s.run(t, append(append([]string{"endpoints"}, test.args...), "--save-secret", path)...)
			info, err := os.Stat(path)
			if err != nil || o.code != 0 || o.stderr != "" || !there || !strings.Contains(o.stdout, redacted) {
				t.Fatalf("%v, there before the call: %t, %+v", err, there, o)
			}
			if content, _ := os.ReadFile(path); string(content) != testSecret+"\n" {
				t.Errorf("content %q", content)
			}
			if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
				t.Errorf("mode %o", mode)
			}
			o = s.run(t, "deliver", "--dry-run", "--url", "http://127.0.0.1:1/", "--type", "a", "--secret-file", path)
			if o.code != 0 {
				t.Errorf("%+v", o)
			}
		})
	}
}

// No file is left without a secret. The error has the key by which a repeated call gets the first response, if there
// may be one.
func TestNothingIsSavedAfterAFailure(t *testing.T) {
	t.Parallel()
	create := []string{"endpoints", "create", "--url", "https://example.com/a"}
	rotate := []string{"endpoints", "rotate-secret", "--endpoint-id", "e1", "--retries", "0"}
	for name, test := range map[string]struct {
		args   []string
		script []canned
		env    map[string]string
		code   int
		want   string
	}{
		"unknown":        {rotate, []canned{{404, notFound3}}, nil, 1, "check the id"},
		"breaks off":     {rotate, nil, nil, 1, "--idempotency-key KEY"},
		"fails":          {rotate, []canned{{502, ""}}, nil, 1, "--idempotency-key KEY"},
		"success of no":  {rotate, []canned{{200, "{}"}}, nil, 1, "--idempotency-key KEY"},
		"no secret":      {create, []canned{{200, `{"data":` + endpoint3 + `}`}}, nil, 1, "no secret, so none is saved"},
		"no connection":  {rotate, nil, map[string]string{"HEYGEN_BASE_URL": "http://127.0.0.1:1"}, 1, "nothing was sent"},
		"no key":         {rotate, nil, map[string]string{"HEYGEN_API_KEY": ""}, 3, "there is no API key"},
		"wrong base URL": {rotate, nil, map[string]string{"HEYGEN_BASE_URL": "x"}, 2, "is not absolute"},
		"dry run":        {append(rotate, "--dry-run"), nil, nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "secret")
			s, server := scripted(t, test.script...)
			o := s.with(test.env).run(t, append(test.args, "--save-secret", path)...)
			want := test.want
			if _, keys := server.got(); len(keys) > 0 {
				want = strings.Replace(want, "KEY", keys[0]+" ", 1)
			}
			if o.code != test.code || !strings.Contains(o.stderr, want) {
				t.Errorf("%+v, want %q", o, want)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("there is a file")
			}
		})
	}
}

func TestNothingIsSavedAfterAnInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client has gone
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	s := scene{env: map[string]string{"HEYGEN_API_KEY": testKey, "HEYGEN_BASE_URL": server.URL}}
	path := filepath.Join(t.TempDir(), "secret")
	o := s.runUntil(ctx, t, "endpoints", "create", "--url", "https://example.com/a", "--save-secret", path)
	if _, err := os.Stat(path); err == nil || o.code != 130 || !strings.Contains(o.stderr, " --idempotency-key ") {
		t.Errorf("%v, %+v", err, o)
	}
}

func TestEventsAreLimited(t *testing.T) {
	t.Parallel()
	page := func(from, to int, more bool) canned {
		var items []string
		for i := from; i <= to; i++ {
			items = append(items, fmt.Sprintf(`{"event_id":"v%d","event_type":"a"}`, i))
		}
		return canned{200, fmt.Sprintf(`{"data":[%s],"has_more":%t,"next_token":"t%d"}`, strings.Join(items, ","), more, to)}
	}
	const more = "there are more: --limit allows more than "
	for name, test := range map[string]struct {
		limit   string // "" for the default
		script  []canned
		printed int
		stderr  string // a part of it, "" for none
	}{
		"the default":                   {"", []canned{page(1, 100, true), page(101, 120, false)}, 100, more + "100"},
		"the default, and not one more": {"", []canned{page(1, 100, false)}, 100, ""},
		"fewer than asked for":          {"5", []canned{page(1, 3, false)}, 3, ""},
		"as many as asked for":          {"3", []canned{page(1, 3, false)}, 3, ""},
		"more than asked for":           {"2", []canned{page(1, 3, false)}, 2, more + "2"},
		"several pages":                 {"250", []canned{page(1, 100, true), page(101, 120, false)}, 120, ""},
		"failure after these":           {"", []canned{page(1, 100, true), {400, ""}}, 100, more + "100"},
		"failure before these":          {"101", []canned{page(1, 100, true), {400, ""}}, 100, "HTTP 400"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := scripted(t, test.script...)
			args := []string{"events"}
			if test.limit != "" {
				args = append(args, "--limit", test.limit)
			}
			o := s.run(t, args...)
			failed := strings.HasPrefix(test.stderr, "HTTP")
			if lines := strings.Count(o.stdout, "\n"); lines != test.printed || (o.code == 1) != failed {
				t.Errorf("%d lines, %+v", lines, o)
			}
			if !strings.Contains(o.stderr, test.stderr) || test.stderr == "" && o.stderr != "" {
				t.Errorf("stderr %q, want %q", o.stderr, test.stderr)
			}
		})
	}
}

// Items are printed as they come, and no page is fetched for a reader that has gone.
func TestListsAreStreams(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	before := ""
	pages := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if pages++; pages == 2 {
			before = stdout.String()
		}
		const item = `{"endpoint_id":"e%d","url":"u","status":"s","created_at":"c"}`
		fmt.Fprintf(w, `{"data":[`+item+`],"has_more":%t,"next_token":"t"}`, pages, pages == 1)
	}))
	t.Cleanup(server.Close)
	getenv := func(name string) string {
		return map[string]string{"HEYGEN_API_KEY": testKey, "HEYGEN_BASE_URL": server.URL}[name]
	}
	args := []string{name, "endpoints", "list"}
	if code := run(t.Context(), args, &stdout, io.Discard, getenv); code != 0 || before != "e1\ts\tu\t\tc\n" {
		t.Errorf("exit code %d, before the second page %q", code, before)
	}
	pages = 0
	if code := run(t.Context(), args, brokenWriter{}, io.Discard, getenv); code != 1 || pages != 1 {
		t.Errorf("exit code %d after %d pages", code, pages)
	}
}

// A secret that could not be printed can be had again, too.
func TestShownSecretIsNotLost(t *testing.T) {
	t.Parallel()
	s, server := scripted(t, canned{200, rotated3})
	var stderr strings.Builder
	args := []string{name, "endpoints", "rotate-secret", "--endpoint-id", "e1", "--show-secret"}
	code := run(t.Context(), args, brokenWriter{}, &stderr, func(name string) string { return s.env[name] })
	_, keys := server.got()
	if code != 1 || len(keys) != 1 || !strings.Contains(stderr.String(), " --idempotency-key "+keys[0]+" ") {
		t.Errorf("exit code %d, %s", code, &stderr)
	}
}

// A migration in one sandbox: version 1 has ended, its error names the way out, and version 3 has the same endpoint.
func TestMigration(t *testing.T) {
	t.Parallel()
	s := newScene(t, heygentest.Fault{}, heygentest.FaultResponse(410, nil, ""))
	change := []string{"update", "--endpoint-id", "e1", "--url"}
	if o := s.run(t, append(change, "https://example.com/1")...); o.code != 0 {
		t.Fatalf("%+v", o)
	}
	o := s.run(t, append(change, "https://example.com/2")...)
	if o.code != 1 || !strings.Contains(o.stderr, "--api v3 uses version 3") {
		t.Fatalf("%+v", o)
	}
	o = s.run(t, "endpoints", "list")
	if !strings.HasPrefix(o.stdout, "e1\tenabled\thttps://example.com/1\tavatar_video.success\t") {
		t.Fatalf("%+v", o)
	}
	if o := s.run(t, append(change, "https://example.com/2", "--api", "v3")...); o.code != 0 || o.stderr != "" {
		t.Fatalf("%+v", o)
	}
	path := filepath.Join(t.TempDir(), "secret")
	o = s.run(t, "endpoints", "rotate-secret", "--endpoint-id", "e1", "--save-secret", path)
	content, err := os.ReadFile(path)
	endpoint, _ := s.server.Endpoint("e1")
	if err != nil || endpoint.URL != "https://example.com/2" || string(content) != endpoint.Secret.Reveal()+"\n" {
		t.Errorf("%v, %+v: the endpoint has %s", err, o, endpoint.URL)
	}
	if o := s.run(t, "endpoints", "delete", "--endpoint-id", "e1"); o.code != 0 || o.stdout != "deleted   e1\n" {
		t.Errorf("%+v", o)
	}
	if o := s.run(t, change[0], "--api", "v3", "--endpoint-id", "e1", "--all-events"); o.code != 1 {
		t.Errorf("%+v", o)
	}
}

// Version 1 is said to be past its end once, in each form of output, whatever becomes of the call.
func TestTheEndOfVersion1IsSaid(t *testing.T) {
	t.Parallel()
	input := write(t, "endpoints.yaml", "- {endpoint_id: e1, events: all}\n")
	for _, command := range [][]string{
		{"update", "--endpoint-id", "e1", "--all-events"},
		{"update", "--endpoint-id", "e2", "--all-events"},
		{"update", "--endpoint-id", "e1", "--all-events", "--dry-run"},
		{"apply", "--file", input, "--dry-run"},
	} {
		s := newScene(t)
		if o := s.run(t, command...); strings.Count(o.stderr, endOfV1Line) != 1 {
			t.Errorf("%q: %+v", command, o)
		}
		o := s.run(t, append(command, "--output", "json")...)
		if strings.Count(o.stderr, "past its announced end") != 1 || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%q: %+v", command, o)
		}
		s, _ = scripted(t, canned{200, `{"data":` + endpoint3 + `}`})
		if o := s.run(t, append(command, "--api", "v3")...); strings.Contains(o.stderr, "announced end") {
			t.Errorf("%q: %+v", command, o)
		}
	}
}
