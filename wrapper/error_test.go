package heygen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// allConditions are what errors.Is can be asked for.
var allConditions = []error{
	heygen.ErrInvalidRequest, heygen.ErrUnauthorized, heygen.ErrForbidden, heygen.ErrNotFound, heygen.ErrInvalidURL,
	heygen.ErrRateLimited, heygen.ErrServer, heygen.ErrAPI, heygen.ErrMalformedResponse, heygen.ErrResponseTooLarge,
	heygen.ErrRedirect, heygen.ErrTransport, heygen.ErrConflict, heygen.ErrPayment,
}

func TestWhatAnErrorIs(t *testing.T) {
	t.Parallel()
	const malformed = "malformed response"
	for _, test := range []struct {
		status int
		code   string // "": the body is empty
		want   string // the conditions that are true, joined
	}{
		{400, "40001", "invalid request, failure reported by HeyGen"},
		{400, "400175", "invalid request, failure reported by HeyGen"},
		{400, "400112", "unauthorized, failure reported by HeyGen"},
		{400, "40009", "unauthorized, failure reported by HeyGen"},
		{400, "401056", "unauthorized, failure reported by HeyGen"},
		{400, "401057", "unauthorized, failure reported by HeyGen"},
		{400, "400573", "forbidden, failure reported by HeyGen"},
		{400, "400562", "forbidden, failure reported by HeyGen"},
		{400, "400599", "forbidden, failure reported by HeyGen"},
		{400, "400631", "forbidden, failure reported by HeyGen"},
		{400, "400131", "not found, failure reported by HeyGen"},
		{400, "400561", "not found, failure reported by HeyGen"},
		{400, "400542", "invalid callback URL, failure reported by HeyGen"},
		{200, "400131", "not found, failure reported by HeyGen"},
		{200, "1", "failure reported by HeyGen"},

		// A code that is not known says only that the body is HeyGen's; the status says the rest.
		{400, "10001", "invalid request, failure reported by HeyGen"},
		{422, "10001", "invalid request, failure reported by HeyGen"},
		{401, "400999", "unauthorized, failure reported by HeyGen"},
		{403, "400999", "forbidden, failure reported by HeyGen"},
		{404, "10001", "not found, failure reported by HeyGen"},
		{409, "400999", "failure reported by HeyGen"},
		{410, "400999", "failure reported by HeyGen"},
		{429, "400999", "rate limited, failure reported by HeyGen"},
		{500, "400999", "server failure, failure reported by HeyGen"},
		{599, "400999", "server failure, failure reported by HeyGen"},

		// A gateway's code, which is not of HeyGen's form.
		{400, "400", "failure reported by HeyGen"},
		{404, "404", "failure reported by HeyGen"},
		{422, "1", "failure reported by HeyGen"},
		{401, "401", "unauthorized, failure reported by HeyGen"},

		// The codes of version 3 are words. 402 and 409 are of version 3 alone, and mean something only with a word.
		{400, `"invalid_parameter"`, "invalid request, failure reported by HeyGen"},
		{400, `"a_new_word"`, "invalid request, failure reported by HeyGen"},
		{401, `"unauthorized"`, "unauthorized, failure reported by HeyGen"},
		{400, `"authentication_failed"`, "unauthorized, failure reported by HeyGen"},
		{402, `"insufficient_credit"`, "failure reported by HeyGen, payment required"},
		{403, `"insufficient_credit"`, "forbidden, failure reported by HeyGen, payment required"},
		{402, `"plan"`, "failure reported by HeyGen, payment required"},
		{402, `"402000"`, "failure reported by HeyGen"},
		{402, "400999", "failure reported by HeyGen"},
		{404, `"not_found"`, "not found, failure reported by HeyGen"},
		{404, `"webhook_not_found"`, "not found, failure reported by HeyGen"},
		{400, `"webhook_not_found"`, "not found, failure reported by HeyGen"},
		{409, `"request_in_progress"`, "failure reported by HeyGen, conflict"},
		{400, `"request_in_progress"`, "failure reported by HeyGen, conflict"},
		{409, `"busy"`, "failure reported by HeyGen, conflict"},
		{409, `"invalid_parameter"`, "invalid request, failure reported by HeyGen, conflict"},
		{409, `"400999"`, "failure reported by HeyGen"},
		{409, "409", "failure reported by HeyGen"},
		{429, `"rate_limit_exceeded"`, "rate limited, failure reported by HeyGen"},
		{400, `"rate_limit_exceeded"`, "rate limited, failure reported by HeyGen"},
		{200, `"rate_limit_exceeded"`, "rate limited, failure reported by HeyGen"},

		// The code and the status can both be right.
		{401, "400131", "unauthorized, not found, failure reported by HeyGen"},
		{429, "400542", "invalid callback URL, rate limited, failure reported by HeyGen"},
		{503, "400131", "not found, server failure, failure reported by HeyGen"},

		// A gateway's response.
		{400, "", malformed},
		{404, "", malformed},
		{410, "", malformed},
		{402, "", malformed},
		{409, "", malformed},
		{422, "", malformed},
		{401, "", "unauthorized, " + malformed},
		{403, "", "forbidden, " + malformed},
		{429, "", "rate limited, " + malformed},
		{500, "", "server failure, " + malformed},
		{503, "", "server failure, " + malformed},
		{200, "", malformed},
		{302, "", "redirect refused"},
	} {
		t.Run(fmt.Sprint(test.status, " ", test.code), func(t *testing.T) {
			t.Parallel()
			body := ""
			if test.code != "" {
				body = `{"code":` + test.code + `}`
			}
			err := call(t, responds(test.status, body))
			var got []string
			for _, condition := range allConditions {
				if errors.Is(err, condition) {
					got = append(got, condition.Error())
				}
			}
			if joined := strings.Join(got, ", "); joined != test.want {
				t.Errorf("is %s, want %s", joined, test.want)
			}
			if e := asError(t, err); e.StatusCode != test.status || e.Code != strings.Trim(test.code, `"`) || e.Is(nil) {
				t.Errorf("status %d, code %q, is nil %t", e.StatusCode, e.Code, e.Is(nil))
			}
		})
	}
}

// A code is a text, or a whole number in any notation that a float64 holds exactly.
func TestCodesInAnyNotation(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		`"a"`: "a", `400131`: "400131", `92233720368547758079`: "92233720368547758079", `-5`: "-5",
		`400131.0`: "400131", `4.00131e5`: "400131", `-5.0`: "-5", `400131.0000000000000`: "400131",
		`9007199254740992.0`: "9007199254740992", `-9007199254740992.0`: "-9007199254740992",
		`9007199254740994.0`: "", `-9007199254740994.0`: "", `400131.00000000000000`: "", `100.00000000000000000001`: "",
		`0.0`: "", `100.5`: "", `1e400`: "", `true`: "", `null`: "", `{}`: "", `" \u0000"`: "",
	} {
		err := call(t, responds(404, `{"code":`+sent+`}`))
		if e := asError(t, err); e.Code != want || errors.Is(e, heygen.ErrAPI) != (want != "") {
			t.Errorf("%s is %q, want %q: %v", sent, e.Code, want, e)
		}
	}
}

// call makes an update with a single attempt over a network in memory.
func call(t testing.TB, first step) error {
	t.Helper()
	client := newClient(t, &network{script: []step{first}}, heygen.WithRetry(heygen.RetryPolicy{}))
	_, err := client.UpdateWebhookEndpoint(t.Context(), request)
	return err
}

func TestWhatAnErrorSays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"HeyGen's failure": {
			call(t, responds(404, notFound, "X-Request-Id", "r-17")),
			"heygen: UpdateWebhookEndpoint: HTTP 404, code 400131: Webhook endpoint not found, request id r-17, attempt 1",
		},
		"gateway": {
			call(t, responds(502, "<html>")), "heygen: UpdateWebhookEndpoint: HTTP 502: malformed response: " +
				"response has no HeyGen error envelope; it probably came from a gateway, attempt 1",
		},
		"HeyGen's failure in version 3": {
			call(t, responds(400, `{"error":{"code":"invalid_parameter","message":"Not a URL","param":"url","doc_url":"d"}}`)),
			"heygen: UpdateWebhookEndpoint: HTTP 400, code invalid_parameter, param url: Not a URL, attempt 1",
		},
		"success of another shape": {
			call(t, responds(200, `{"code":100}`)), "heygen: UpdateWebhookEndpoint: HTTP 200: malformed response: " +
				"want one object with code 100 and data; the call may have taken effect, attempt 1",
		},
		"redirect": {
			call(t, responds(302, "", "Location", "https://elsewhere.example/path?query")),
			"heygen: UpdateWebhookEndpoint: HTTP 302: redirect refused: it points at host elsewhere.example, attempt 1",
		},
		"redirect whose body breaks off": {
			call(t, breaksOff(302, io.ErrUnexpectedEOF)),
			"heygen: UpdateWebhookEndpoint: HTTP 302: redirect refused: it points at host (none), attempt 1",
		},
		"redirect to nowhere": {
			call(t, responds(302, "", "Location", "http://[broken")),
			"heygen: UpdateWebhookEndpoint: HTTP 302: redirect refused: it points at host (none), attempt 1",
		},
		"transport": {call(t, fails(io.EOF)), "heygen: UpdateWebhookEndpoint: transport failure: EOF, attempt 1"},
		"made by hand": {
			&heygen.Error{Op: "Ping", StatusCode: 500, Err: io.EOF, Attempts: 2},
			"heygen: Ping: HTTP 500: EOF, attempt 2",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.err.Error(); got != test.want {
				t.Errorf("says  %s\nwant  %s", got, test.want)
			}
		})
	}
}

// texts are an error, its fields, and whatever it unwraps to, printed.
func texts(t *testing.T, err error) []string {
	t.Helper()
	printed := []string{fmt.Sprintf("%+v", *asError(t, err))}
	for ; err != nil; err = errors.Unwrap(err) {
		printed = append(printed, err.Error(), fmt.Sprintf("%+v", err))
	}
	return printed
}

func TestAnErrorDoesNotShowTheKey(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]step{
		"message":             responds(404, `{"code":1,"message":"`+testKey+`"}`),
		"code":                responds(404, `{"code":"`+testKey+`"}`),
		"request id":          responds(404, "", "X-Request-Id", testKey),
		"error of one's own":  fails(errors.New("bad header X-Api-Key: " + testKey)),
		"host of a redirect":  responds(302, "", "Location", "https://"+testKey+".example"),
		"error of the socket": fails(&net.OpError{Op: "read", Err: errors.New(testKey)}),
	} {
		for _, text := range texts(t, call(t, first)) {
			if strings.Contains(text, testKey) {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}

func TestTextsAreCleanAndBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sent, want string }{
		"control characters":   {`a\u0000b\nc\r\td\u001b[31me\u007ff\u0085g`, "a b c d [31me f g"},
		"invisible characters": {`a\u200bb\u202ec\u2028d\u2029e\ufefff`, "a b c d e f"},
		"spaces around":        {`\n a \n`, "a"},
		"other languages":      {`Ünïcode 日本 😀`, "Ünïcode 日本 😀"},
		"512 bytes":            {strings.Repeat("x", 512), strings.Repeat("x", 512)},
		"513 bytes":            {strings.Repeat("x", 513), strings.Repeat("x", 512)},
		"a cut key":            {strings.Repeat("x", 505) + testKey, strings.Repeat("x", 505) + "[redact"},
		"a cut character":      {strings.Repeat("x", 511) + "é", strings.Repeat("x", 511)},
		"long":                 {strings.Repeat("long ", 100_000), strings.TrimSpace(strings.Repeat("long ", 103)[:512])},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := asError(t, call(t, responds(404, `{"code":1,"message":"`+test.sent+`"}`)))
			if e.Message != test.want {
				t.Errorf("message %q, want %q", e.Message, test.want)
			}
			if text := e.Error(); len(text) > 1024 || strings.ContainsAny(text, "\n\r\x00\x1b") || !utf8.ValidString(text) {
				t.Errorf("error %q", text)
			}
		})
	}
	long := strings.Repeat("9", 1000)
	e := asError(t, call(t, responds(404, `{"code":`+long+`}`, "X-Request-Id", "\x1b["+long)))
	if e.Code != long[:64] || e.RequestID != "["+long[:63] {
		t.Errorf("code %q, request id %q", e.Code, e.RequestID)
	}
	e = asError(t, call(t, fails(errors.New(long+long))))
	if cause := e.Unwrap().Error(); cause != long[:512] {
		t.Errorf("cause of %d bytes", len(cause))
	}
	e = &heygen.Error{Op: strings.Repeat("op\n", 5000)}
	if text := e.Error(); len(text) > 2048 || strings.Contains(text, "\n") {
		t.Errorf("an error of %d bytes", len(text))
	}
}

func TestTheBodyIsKeptBoundedAndACopy(t *testing.T) {
	t.Parallel()
	sent := strings.Repeat("0123456789abcdef", 5000)
	e := asError(t, call(t, responds(404, sent)))
	got := e.Body()
	if string(got) != sent[:64<<10] {
		t.Fatalf("a body of %d bytes", len(got))
	}
	got[0] = 'x'
	if e.Body()[0] != '0' {
		t.Error("callers share the body with the error")
	}
	for name, none := range map[string]*heygen.Error{
		"no response": asError(t, call(t, fails(io.EOF))), "made by hand": {}, "no request": asError(t, refused(t)),
		"an empty body": asError(t, call(t, responds(404, ""))),
	} {
		if body := none.Body(); body != nil {
			t.Errorf("%s: body %q", name, body)
		}
	}
}

// refused is the error of a call that is refused before anything is sent.
func refused(t testing.TB) error {
	t.Helper()
	_, err := newClient(t, &network{}).UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{})
	return err
}

// A body is read up to 1 MiB, after decompression, and no further.
func TestTheSizeOfABodyIsLimited(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	padded := documented + strings.Repeat(" ", limit-len(documented))
	if err := call(t, responds(200, padded)); err != nil {
		t.Errorf("a body of 1 MiB: %v", err)
	}
	if err := call(t, responds(200, "\uFEFF"+padded)); !errors.Is(err, heygen.ErrResponseTooLarge) {
		t.Errorf("a body of 1 MiB after a byte order mark: %v", err)
	}
	for _, status := range []int{200, 404} {
		body := bytes.NewReader(append([]byte(padded), make([]byte, limit)...))
		e := asError(t, call(t, func(req *http.Request) (*http.Response, error) {
			resp, err := responds(status, "")(req)
			resp.Body = io.NopCloser(body)
			return resp, err
		}))
		if !errors.Is(e, heygen.ErrResponseTooLarge) || e.StatusCode != status || errors.Is(e, heygen.ErrTransport) {
			t.Errorf("%v: status %d", e, e.StatusCode)
		}
		if read := 2*limit - body.Len(); read > limit+1 || len(e.Body()) > 64<<10 {
			t.Errorf("%d bytes were read, %d kept", read, len(e.Body()))
		}
	}
}

func TestWhatIsRetryable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first step
		want  bool
	}{
		"429":       {responds(429, ""), true},
		"502":       {responds(502, ""), true},
		"503":       {responds(503, ""), true},
		"504":       {responds(504, ""), true},
		"closed":    {fails(io.EOF), true},
		"409":       {responds(409, `{"error":{"code":"request_in_progress"}}`), true},
		"409 other": {responds(409, `{"error":{"code":"conflict"}}`), false},
		"400 busy":  {responds(400, `{"error":{"code":"rate_limit_exceeded"}}`), false},
		"500":       {responds(500, ""), false},
		"404":       {responds(404, ""), false},
		"302":       {responds(302, ""), false},
		"200":       {responds(200, ""), false},
		"one's own": {fails(ownError{}), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if e := asError(t, call(t, test.first)); e.Retryable() != test.want {
				t.Errorf("%v: retryable %t", e, e.Retryable())
			}
		})
	}
	if asError(t, refused(t)).Retryable() {
		t.Error("a request that was refused is retryable")
	}
}

// RetryAfter is reported whatever the status is.
func TestRetryAfterIsReported(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"7": 7 * time.Second, "-7": 0, "soon": 0, "Thu, 01 Jan 1970 00:00:00 GMT": 0,
	} {
		if e := asError(t, call(t, refuses(404, header))); e.RetryAfter != want {
			t.Errorf("Retry-After %s: %v, want %v", header, e.RetryAfter, want)
		}
	}
}

// TestParamAndDocURL: the texts of version 3 are strings or null, and made safe as a message is.
func TestParamAndDocURL(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 513)
	for body, want := range map[string][2]string{
		`{"error":{"code":"c","param":"url","doc_url":"https://docs.example/c"}}`: {"url", "https://docs.example/c"},
		`{"error":{"code":"c","param":null,"doc_url":null}}`:                      {},
		`{"error":{"code":"c","param":["url"],"doc_url":7}}`:                      {},
		`{"code":400175,"param":"url","doc_url":"https://docs.example/c"}`:        {},
		`{"error":{"param":"a\nb","doc_url":"` + testKey + `"}}`:                  {"a b", "[redacted]"},
		`{"error":{"code":"c","param":"` + long + `","doc_url":"` + long + `"}}`:  {long[:512], long[:512]},
	} {
		e := asError(t, call(t, responds(400, body)))
		if e.Param != want[0] || e.DocURL != want[1] {
			t.Errorf("%s: param %q, page %q", body, e.Param, e.DocURL)
		}
	}
}

// A response that may be the end of version 1 says so, and is what it was.
func TestTheEndOfVersion1(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path, base string
		first      step
		want       bool
	}{
		"404":                             {"v1/webhook/endpoint.update", "", responds(404, ""), true},
		"410 of a router":                 {"v1/webhook/endpoint.list", "", responds(410, `{"detail":"Gone"}`), true},
		"below a path":                    {"v1/webhook/endpoint.list", "/a//b/", responds(404, "<html>"), true},
		"a body that breaks off":          {"v1/webhook/endpoint.list", "", breaksOff(410, io.ErrUnexpectedEOF), true},
		"a gateway's code":                {"v1/webhook/endpoint.list", "", responds(404, `{"code":404,"msg":"m"}`), true},
		"HeyGen's envelope":               {"v1/webhook/endpoint.update", "", responds(404, notFound), false},
		"another status":                  {"v1/webhook/endpoint.update", "", responds(400, ""), false},
		"version 3":                       {"v3/webhooks/endpoints", "", responds(404, ""), false},
		"version 3 below a path":          {"v3/webhooks/endpoints", "/v1/", responds(410, ""), false},
		"a path that begins like version": {"v10/webhook", "", responds(404, ""), false},
	} {
		client := newClient(t, &network{script: []step{test.first}}, heygen.WithBaseURL("https://heygen.invalid"+test.base))
		_, err := heygen.Do[struct{}](t.Context(), client, "Op", func(base *url.URL) (*http.Request, error) {
			return &http.Request{Method: http.MethodGet, URL: base.JoinPath(test.path)}, nil
		})
		if _, again := heygen.Do[struct{}](t.Context(), client, "Op", func(base *url.URL) (*http.Request, error) {
			return http.NewRequest(http.MethodGet, base.JoinPath(test.path).String(), nil)
		}); again.Error() != err.Error() {
			t.Errorf("%s: %v, and %v", name, err, again)
		}
		e := asError(t, err)
		text := e.Error()
		got := strings.Contains(text, "2026-10-31") && strings.Contains(text, "github.com/heygen-go/heygen/wrapper/v3")
		if got != test.want || got && errors.Is(e, heygen.ErrNotFound) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestAnErrorDoesNotShowAnEndpointsSecret(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"in a list":    `{"code":400175,"message":"plainsecret is taken","data":[7,{"secret":"o"},{"secret":"plainsecret"}]}`,
		"in an error":  `{"error":{"code":"c","message":"plainsecret is taken","details":{"secret":"plainsecret"}}}`,
		"escaped":      `{"code":400175,"message":"plainsecret is taken","data":{"s\u0065cret":"plain\u0073ecret"}}`,
		"in a string":  `"{\"code\":1,\"message\":\"plainsecret is taken\",\"data\":{\"secret\":\"plainsecret\"}}"`,
		"not a secret": `{"code":400175,"message":"[redacted] is taken","data":{"kind":"secret","taken":1}}`,
		"a value":      `{"code":400175,"message":"[redacted] is taken","data":["secret","taken"]}`,
		"in the data":  `{"code":400175,"message":"plainsecret is taken","data":{"secret":"plainsecret"}}`,
		"by its looks": `{"code":400175,"message":"whsec_plainsecret is taken"}`,
	} {
		if e := asError(t, call(t, responds(400, body))); e.Message != "[redacted] is taken" {
			t.Errorf("%s: message %q", name, e.Message)
		}
	}
}

// A key such as "k" must not take letters out of the text of an error.
func TestAKeyThatIsNoSecretIsNotRedacted(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{"k": "kept key-4321", "key-4321": "kept [redacted]"} {
		client := newClient(t, &network{script: []step{responds(400, `{"code":400175,"message":"kept key-4321"}`)}},
			heygen.WithRetry(heygen.RetryPolicy{}),
			heygen.WithAPIKeyFunc(func(context.Context) (string, error) { return key, nil }))
		_, err := client.UpdateWebhookEndpoint(t.Context(), request)
		if e := asError(t, err); e.Message != want {
			t.Errorf("key %s: message %q, want %q", key, e.Message, want)
		}
	}
}

func TestSwitchedProtocolsAreNotRead(t *testing.T) {
	t.Parallel()
	err := call(t, breaksOff(http.StatusSwitchingProtocols, errors.New("the body was read")))
	if !errors.Is(err, heygen.ErrMalformedResponse) || errors.Is(err, heygen.ErrTransport) {
		t.Errorf("error %v", err)
	}
}

// The last byte of a body that is a byte too long comes alone, after a read that ended at the limit.
func TestABodyIsTooLargeByOneByte(t *testing.T) {
	t.Parallel()
	limit := strings.Repeat(" ", 1<<20)
	for body, want := range map[string]error{"": heygen.ErrMalformedResponse, "x": heygen.ErrResponseTooLarge} {
		err := call(t, func(req *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: 200, Header: http.Header{}, ContentLength: -1, Request: req,
				Body: io.NopCloser(io.MultiReader(strings.NewReader(limit), strings.NewReader(body))),
			}, nil
		})
		if !errors.Is(err, want) {
			t.Errorf("1 MiB and %d bytes: error %v, want %v", len(body), err, want)
		}
	}
}

func TestARedirectWithoutHost(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"", "mailto:a@example.com", "http:///x"} {
		if err := call(t, responds(302, "", "Location", location)); !strings.Contains(err.Error(), "host (none)") {
			t.Errorf("Location %q: error %v", location, err)
		}
	}
}
