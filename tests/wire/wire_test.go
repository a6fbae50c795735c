// Package wire_test holds the client to what it must make of everything a server can do to it on a socket. The cases
// are in testdata, in the words of testdata/README.md; one is replayed with
//
//	go test ./tests/wire -run TestWire/NAME
package wire_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/generated"
	heygen "github.com/heygen-go/heygen/wrapper"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

// slack is what a call may take beyond its deadline on a busy machine, and patience the limit of a call without one.
const (
	slack    = 3 * time.Second
	patience = 10 * time.Second
)

// documentedOutcome is what the caller sees of the published example.
var documentedOutcome = []string{
	"succeeds",
	"endpoint_id 1b7c53dfc92349e89b82c1zfa7cf7819",
	"url https://smee.io/MnBgJ2lt4vbwk5zQ",
	"username b3ebafd81a8541z0b8d56a14c8a4ce92",
	"space_id b3ebafd81a8541z0b8d56a14c8a4ce92",
	"status enabled",
	`events ["photo_avatar_generation.success" "photo_avatar_generation.fail"]`,
	"created_at 2025-10-22T08:31:48Z",
	"created_at_text 2025-10-22T08:31:48",
	"secret " + secret,
}

// sentinels are what errors.Is is asked for, in the order of an outcome.
var sentinels = []struct {
	name string
	err  error
}{
	{"ErrInvalidRequest", heygen.ErrInvalidRequest}, {"ErrUnauthorized", heygen.ErrUnauthorized},
	{"ErrForbidden", heygen.ErrForbidden}, {"ErrNotFound", heygen.ErrNotFound},
	{"ErrInvalidURL", heygen.ErrInvalidURL}, {"ErrRateLimited", heygen.ErrRateLimited},
	{"ErrServer", heygen.ErrServer}, {"ErrAPI", heygen.ErrAPI},
	{"ErrConflict", heygen.ErrConflict}, {"ErrPayment", heygen.ErrPayment},
	{"ErrMalformedResponse", heygen.ErrMalformedResponse}, {"ErrResponseTooLarge", heygen.ErrResponseTooLarge},
	{"ErrRedirect", heygen.ErrRedirect}, {"ErrTransport", heygen.ErrTransport},
	{"Canceled", context.Canceled}, {"DeadlineExceeded", context.DeadlineExceeded},
}

// TestMain puts the machine in a zone that is not UTC, and sees that the cases leave nothing running.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("elsewhere", 5*60*60+30*60)
	before := runtime.NumGoroutine()
	code := m.Run()
	for wait := 0; runtime.NumGoroutine() > before && wait < 100; wait++ {
		time.Sleep(50 * time.Millisecond)
	}
	if left := runtime.NumGoroutine(); left > before && code == 0 {
		stacks := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "%d goroutines are left:\n%s", left-before, stacks[:runtime.Stack(stacks, true)])
		code = 1
	}
	os.Exit(code)
}

// TestWire plays every case: those that measure the heap one after the other, and then the others side by side.
func TestWire(t *testing.T) { //nolint:paralleltest // some are measured
	cases := load(t)
	versions := map[bool]int{}
	for _, c := range cases {
		versions[c.isVersion3()]++
	}
	if versions[false] < 150 || versions[true] < 150 {
		t.Errorf("%d cases of version 1 and %d of version 3, want at least 150", versions[false], versions[true])
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.endless() {
				measure(t, func(ctx context.Context) { run(ctx, t, c) })
				return
			}
			t.Parallel()
			run(t.Context(), t, c)
		})
	}
}

// result is the result of a call.
type result struct {
	endpoint heygen.WebhookEndpoint // of version 3, too; of a list, the zero value
	items    []string               // of a list; not nil
	entry    string                 // the last item of a list, but for endpoints
	returned any                    // as the client returned it
	err      error
	took     time.Duration
}

func run(ctx context.Context, t *testing.T, c testCase) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if c.deadline > 0 {
		ctx, cancel = context.WithTimeout(ctx, c.deadline)
		defer cancel()
	}
	s := start(t, c, cancel)
	c.idemKey = s.expand(c.idemKey)
	var logs bytes.Buffer
	client, call, err := newClient(c, s, &logs)
	done := make(chan result, 1)
	if err != nil {
		done <- result{err: err}
	} else {
		go func() {
			begin := time.Now()
			got := call(ctx)
			got.took = time.Since(begin)
			done <- got
		}()
	}
	select {
	case got := <-done:
		s.close()
		check(t, c, s, got)
		checkSecrecy(t, client, got, logs.String())
	case <-time.After(cmp.Or(c.deadline, c.timeout, patience) + slack):
		t.Errorf("%s: %s: the call does not return", c.at, c.name)
		s.close()
	}
}

// newClient is the client as callers have it, but that it hardly waits between attempts, and the call of the case.
func newClient(c testCase, s *server, logs *bytes.Buffer) (client any, call func(context.Context) result, err error) {
	opts := []heygen.Option{
		heygen.WithBaseURL(s.expand(c.base)),
		heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Millisecond}),
		heygen.WithLogger(slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	if c.timeout > 0 {
		opts = append(opts, heygen.WithTimeout(c.timeout))
	}
	if s.certificate != nil && c.listen != "tls" {
		opts = append(opts, heygen.WithHTTPClient(s.certificate.Client()))
	}
	request := []byte(s.expand(c.request))
	if c.isVersion3() {
		client, err := v3.NewClient(s.expand(c.key), opts...)
		return client, func(ctx context.Context) result { return callVersion3(ctx, client, c, request) }, err
	}
	v1, err := heygen.NewClient(s.expand(c.key), opts...)
	return v1, func(ctx context.Context) result { return callVersion1(ctx, v1, c.operation, request) }, err
}

func callVersion1(ctx context.Context, client *heygen.Client, operation string, text []byte) (got result) {
	var request heygen.UpdateWebhookEndpointRequest
	if got.err = json.Unmarshal(text, &request); got.err != nil {
		return got
	}
	build := func(base *url.URL) (*http.Request, error) {
		built, err := generated.NewUpdateWebhookEndpointRequest(base, request)
		switch {
		case err == nil && operation == "post":
			built.Method = http.MethodPost
		case err == nil && operation == "get":
			return http.NewRequest(http.MethodGet, built.URL.String(), nil)
		}
		return built, err
	}
	var endpoint *heygen.WebhookEndpoint
	switch operation {
	case "":
		endpoint, got.err = client.UpdateWebhookEndpoint(ctx, request)
	case "nothing":
		_, got.err = heygen.Do[struct{}](ctx, client, "Other", build)
	default:
		endpoint, got.err = heygen.Do[heygen.WebhookEndpoint](ctx, client, "Other", build)
	}
	if endpoint != nil {
		got.endpoint, got.returned = *endpoint, endpoint
	}
	return got
}

// describe says what the caller sees, in the words of the cases.
func describe(got result, connections int) []string {
	var lines []string
	attempts := connections
	isList := got.items != nil
	add := func(name string, value any) {
		if text := fmt.Sprint(value); text != "" {
			lines = append(lines, name+" "+text)
		}
	}
	var e *heygen.Error
	if isList {
		lines = []string{strings.Join(append([]string{"items"}, got.items...), " ")}
		add("entry", got.entry)
	}
	switch {
	case got.err == nil:
		lines = append(lines, "succeeds")
		add("endpoint_id", got.endpoint.EndpointID)
		add("url", got.endpoint.URL)
		add("username", got.endpoint.Username)
		add("space_id", got.endpoint.SpaceID)
		if id := got.endpoint.EntityID; id != nil {
			add("entity_id", *id)
		}
		add("status", got.endpoint.Status)
		switch events := got.endpoint.Events; {
		case events.All():
			add("events", "all")
		case !events.IsZero():
			add("events", fmt.Sprintf("%q", events.Types()))
		}
		if created := got.endpoint.CreatedAt.Time; !created.IsZero() {
			add("created_at", created.Format(time.RFC3339Nano))
		}
		add("created_at_text", got.endpoint.CreatedAt.Raw)
		add("secret", got.endpoint.Secret.Reveal())
	case errors.As(got.err, &e):
		if !isList { // whose error has the attempts of the last page
			attempts = e.Attempts
		}
		add("fails", strings.Join(append([]string{fmt.Sprint(e.StatusCode)}, sentinelsOf(e)...), " "))
		add("code", e.Code)
		add("message", e.Message)
		add("param", e.Param)
		add("doc_url", e.DocURL)
		add("request-id", e.RequestID)
		if e.RetryAfter > time.Minute { // until a date, perhaps
			e.RetryAfter = e.RetryAfter.Round(10 * time.Second)
		}
		if e.RetryAfter != 0 {
			add("retry-after", e.RetryAfter)
		}
		if e.Retryable() {
			lines = append(lines, "retryable")
		}
	default:
		return []string{strings.TrimSpace("refused " + strings.Join(sentinelsOf(got.err), " "))}
	}
	if attempts != 1 {
		add("attempts", attempts)
	}
	return lines
}

func sentinelsOf(err error) (names []string) {
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel.err) {
			names = append(names, sentinel.name)
		}
	}
	return names
}

// check compares a case with its result.
func check(t *testing.T, c testCase, s *server, got result) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s: %s: %s", c.at, c.name, fmt.Sprintf(format, args...))
	}
	var want []string
	for _, line := range c.want {
		want = append(want, s.expand(line))
	}
	seen := describe(got, s.connections)
	if !slices.Equal(normal(seen), normal(want)) {
		fail("the caller sees\n\t%.2000s\nwant\n\t%.2000s\nof error %v",
			strings.Join(seen, "\n\t"), strings.Join(want, "\n\t"), got.err)
	}
	if got.took > cmp.Or(c.deadline, c.timeout, patience)+slack {
		fail("the call took %v", got.took)
	}
	checkError(t, c, s, got)
	for _, problem := range s.problems {
		fail("the case itself: %v", problem)
	}
	if s.strays > 0 {
		fail("%d connections to the other host", s.strays)
	}
	_, host, _ := strings.Cut(s.expand(c.base), "//")
	host, _, _ = strings.Cut(host, "/")
	key := c.idemKey
	for i, request := range s.requests {
		if key == "" && c.isVersion3() {
			_, key, _ = strings.Cut(idempotencyKey.FindString(request), ": ") // all attempts have it
		}
		if problem := c.checkRequest(request, s.expand(c.targets[min(i, len(c.targets)-1)]), host, key, s); problem != "" {
			fail("%s", problem)
		}
	}
}

// normal sorts the lines of an outcome, and the names of sentinels within a line.
func normal(lines []string) []string {
	lines = slices.Clone(lines)
	for i, line := range lines {
		if words := strings.Fields(line); words[0] == "fails" || words[0] == "refused" {
			slices.Sort(words)
			lines[i] = strings.Join(words, " ")
		}
	}
	slices.Sort(lines)
	return lines
}

// oneLine is a text without control characters, line separators and what turns the writing round.
var oneLine = regexp.MustCompile(`^heygen: [^\pC\p{Zl}\p{Zp}]+$`)

// checkError holds what is true of every error.
func checkError(t *testing.T, c testCase, s *server, got result) {
	t.Helper()
	err, isList := got.err, got.items != nil
	if err == nil {
		return
	}
	text := err.Error()
	if len(text) > 2048 || !oneLine.MatchString(text) {
		t.Errorf("%s: the text of %d bytes is not one line: %.3000q", c.at, len(text), text)
	}
	for _, part := range c.says {
		if !strings.Contains(text, s.expand(part)) {
			t.Errorf("%s: %q does not say %q", c.at, text, s.expand(part))
		}
	}
	for _, part := range c.veil {
		if strings.Contains(text, s.expand(part)) {
			t.Errorf("%s: %q says %q", c.at, text, s.expand(part))
		}
	}
	var e *heygen.Error
	if !errors.As(err, &e) {
		return // an option was refused
	}
	if len(e.Body()) > 64<<10 || len(e.Message) > 512 {
		t.Errorf("%s: a body of %d bytes, a message of %d", c.at, len(e.Body()), len(e.Message))
	}
	if c.listen != "refuse" && e.Attempts != s.connections && !isList {
		t.Errorf("%s: the error has %d attempts, and the server saw %d", c.at, e.Attempts, s.connections)
	}
	malformed := e.StatusCode/100 == 2 && errors.Is(err, heygen.ErrMalformedResponse)
	if malformed && !isList && !strings.Contains(text, "may have") {
		t.Errorf("%s: %q does not say that the update may have been applied", c.at, text)
	}
}

// idempotencyKey is the line of a request with a key of HeyGen's form. The name is in small letters, because net/http
// would take a canonical one as leave to send the request again by itself.
var idempotencyKey = regexp.MustCompile(`(?m)^idempotency-key: [A-Za-z0-9_:.-]{1,255}$`)

// checkRequest compares a request with what must arrive, and says what is wrong.
func (c testCase) checkRequest(request, target, host, key string, s *server) string {
	head, body, _ := strings.Cut(request, "\n\n")
	method := operations[c.operation].method
	content := fmt.Sprintf("Content-Length: %d\nContent-Type: application/json\n", len(body))
	wantBody := map[string]any{}
	switch hasBody := method != http.MethodGet && method != http.MethodDelete && c.operation != "v3-rotate"; {
	case hasBody:
		var gotBody map[string]any
		err := errors.Join(json.Unmarshal([]byte(body), &gotBody),
			json.Unmarshal([]byte(s.expand(cmp.Or(c.sends, c.request))), &wantBody))
		if c.isVersion3() {
			delete(wantBody, "endpoint_id") // which is in the path
		}
		if err != nil || !reflect.DeepEqual(gotBody, wantBody) {
			return fmt.Sprintf("the body is %.1000s, want %.1000s (%v)", body, wantBody, err)
		}
	case method == http.MethodPost:
		content = "Content-Length: 0\n"
	default:
		content = ""
	}
	if method == http.MethodPost && c.isVersion3() {
		key = "\nidempotency-key: " + key
	}
	head = regexp.MustCompile(`(?m)^(User-Agent: heygen-go/)\S+$`).ReplaceAllString(head, "${1}VERSION")
	want := fmt.Sprintf("%s /prefix%s HTTP/1.1\nAccept-Encoding: gzip\nAccept: application/json\n%sHost: %s\n"+
		"User-Agent: heygen-go/VERSION\nX-Api-Key: %s%s", method, target, content, host, apiKey, key)
	if head != want {
		return fmt.Sprintf("the request is\n%.1000s\nwant\n%.1000s", head, want)
	}
	return ""
}

// checkSecrecy prints all that a caller holds and looks for the key and the secret in it.
func checkSecrecy(t *testing.T, client any, got result, logs string) {
	t.Helper()
	printed := logs
	values := []any{client, got.returned, []any{got.returned, got.err}}
	for err := got.err; err != nil; err = errors.Unwrap(err) {
		values = append(values, err)
	}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x"} {
			printed += fmt.Sprintf(verb, value) + "\n"
		}
	}
	for _, planted := range []string{apiKey, secret, fmt.Sprintf("%x", apiKey), fmt.Sprintf("%x", secret)} {
		if at := strings.Index(printed, planted); at >= 0 {
			t.Errorf("%q is printed: …%s", planted, printed[max(0, at-200):at+len(planted)])
		}
	}
}
