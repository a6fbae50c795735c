package heygen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/generated"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const (
	testKey    = "key-7d1f0c55a2"
	testSecret = "1esec_ZvRV3QFE12WZcYA1qSBwBA=="
	// documented is the published example of the 200.
	documented = `{"code":100,"data":{"username":"b3ebafd81a8541z0b8d56a14c8a4ce92",` +
		`"url":"https://smee.io/MnBgJ2lt4vbwk5zQ",` +
		`"events":["photo_avatar_generation.success","photo_avatar_generation.fail"],` +
		`"created_at":"2025-10-22T08:31:48","entity_id":null,"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819",` +
		`"status":"enabled","secret":"` + testSecret + `","space_id":"b3ebafd81a8541z0b8d56a14c8a4ce92"},` +
		`"msg":null,"message":null}`
	notFound = `{"code":400131,"message":"Webhook endpoint not found"}`
)

var request = heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: "https://example.com/hook"}

// serve starts a server under a path prefix, so that a client that drops the prefix fails, and a client for it that
// waits next to nothing between attempts.
func serve(t *testing.T, handler http.HandlerFunc, opts ...heygen.Option) *heygen.Client {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/prefix/", http.StripPrefix("/prefix", handler))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	own := []heygen.Option{
		heygen.WithBaseURL(server.URL + "/prefix"),
		// Not the default transport, of which any server that closes closes the idle connections.
		heygen.WithHTTPClient(server.Client()),
		heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Nanosecond}),
	}
	client, err := heygen.NewClient(testKey, append(own, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// respond is a handler that responds with a status and a body.
func respond(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hang ends when the client has gone, which net/http notices only once the body is read.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func asError(t *testing.T, err error) *heygen.Error {
	t.Helper()
	e, ok := errors.AsType[*heygen.Error](err)
	if !ok {
		t.Fatalf("error %v (%T), want a *heygen.Error", err, err)
	}
	return e
}

func TestUpdateSendsTheDocumentedRequest(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := fmt.Sprintf("%s %s\n%s\n%s\n%s\n%s", r.Method, r.URL.Path, r.Header.Get("X-Api-Key"),
			r.Header.Get("Accept"), r.Header.Get("Content-Type"), body)
		want := "PATCH /v1/webhook/endpoint.update\n" + testKey + "\napplication/json\napplication/json\n" +
			`{"endpoint_id":"e1","events":null,"url":"https://example.com/hook"}`
		if got != want {
			t.Errorf("request:\n%s\nwant:\n%s", got, want)
		}
		if agent := r.Header.Get("User-Agent"); !strings.HasPrefix(agent, "shop/1.4 heygen-go/") {
			t.Errorf("User-Agent %q", agent)
		}
		respond(http.StatusOK, documented)(w, r)
	}, heygen.WithUserAgent("shop/1.4"))

	all := request
	all.Events = heygen.AllEvents()
	if _, err := client.UpdateWebhookEndpoint(t.Context(), all); err != nil {
		t.Fatal(err)
	}
}

// Also if the caller's http.Client follows them.
func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed: %s, key %q", r.Method, r.Header.Get("X-Api-Key"))
	}))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", other.URL)
			w.WriteHeader(status)
		}, heygen.WithHTTPClient(&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}))
		_, err := client.UpdateWebhookEndpoint(t.Context(), request)
		if e := asError(t, err); !errors.Is(err, heygen.ErrRedirect) || e.StatusCode != status {
			t.Errorf("error %v", err)
		}
	}
}

type ownError struct{}

func (ownError) Error() string { return "my transport says no" }

func TestErrorsOfTheCallersTransportPassThrough(t *testing.T) {
	t.Parallel()
	var calls int
	client := serve(t, nil, heygen.WithTransport(func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(*http.Request) (*http.Response, error) { calls++; return nil, ownError{} })
	}))
	_, err := client.UpdateWebhookEndpoint(t.Context(), request)
	if _, ok := errors.AsType[ownError](err); !ok || errors.Is(err, heygen.ErrTransport) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

// The caller's transports are nested in the order of their options, and what they see stays as it was.
func TestTransportsAreNested(t *testing.T) {
	t.Parallel()
	var order []string
	var seen http.Header
	wrap := func(name string) heygen.Option {
		return heygen.WithTransport(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				order = append(order, name)
				resp, err := next.RoundTrip(r)
				if err == nil {
					seen = resp.Header // which a cache would keep
				}
				return resp, err
			})
		})
	}
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(302)
	}, wrap("inner"), wrap("outer"))
	_, err := client.UpdateWebhookEndpoint(t.Context(), request)
	if got := strings.Join(order, ", "); got != "outer, inner" || !errors.Is(err, heygen.ErrRedirect) {
		t.Errorf("called were %s, error %v", got, err)
	}
	if seen.Get("Location") != "/elsewhere" {
		t.Errorf("the header of a transport was changed: %v", seen)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived") })
	for name, req := range map[string]heygen.UpdateWebhookEndpointRequest{
		"no endpoint id":                  {URL: "https://example.com"},
		"endpoint id that is not UTF-8":   {EndpointID: "e\xff"},
		"URL that is not UTF-8":           {EndpointID: "e1", URL: "https://example.com/\xff"},
		"an event type that is not UTF-8": {EndpointID: "e1", Events: heygen.OnlyEvents("a", "\xff")},
	} {
		_, err := client.UpdateWebhookEndpoint(t.Context(), req)
		if e := asError(t, err); !errors.Is(err, heygen.ErrInvalidRequest) || e.Attempts != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	nothing := func(*url.URL) (*http.Request, error) { return nil, nil }
	_, err := heygen.Do[struct{}](t.Context(), client, "Nothing", nothing)
	if !errors.Is(err, heygen.ErrInvalidRequest) {
		t.Errorf("no request: %v", err)
	}
	for name, change := range map[string]func(*url.URL){
		"another host":   func(u *url.URL) { u.Host = "127.0.0.1:1" },
		"another port":   func(u *url.URL) { u.Host = u.Hostname() + ":1" },
		"another scheme": func(u *url.URL) { u.Scheme = "https" },
	} {
		_, err := heygen.Do[struct{}](t.Context(), client, "Elsewhere", func(base *url.URL) (*http.Request, error) {
			elsewhere := *base
			change(&elsewhere)
			return http.NewRequest(http.MethodGet, elsewhere.String(), nil)
		})
		if e := asError(t, err); !errors.Is(err, heygen.ErrInvalidRequest) || e.Attempts != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDoWithoutData(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{
		`{"code":100}`:             nil,
		`{"code":100,"data":null}`: nil,
		`{"code":100,"data":{}}`:   nil,
		`{"code":100,"data":[1]}`:  nil, // T is struct{}, so the data is ignored
		`{"code":100,"data":"ok"}`: nil,
		`{"data":{}}`:              heygen.ErrMalformedResponse,
		`{"Code":100}`:             heygen.ErrMalformedResponse,
		`{"code":100,"code":100}`:  heygen.ErrMalformedResponse,
		`{"code":100}{}`:           heygen.ErrMalformedResponse,
		`{"code":100`:              heygen.ErrMalformedResponse,
		"":                         heygen.ErrMalformedResponse,
		notFound:                   heygen.ErrNotFound,
	} {
		client := newClient(t, &network{script: []step{responds(200, body)}})
		_, err := heygen.Do[struct{}](t.Context(), client, "Ping", func(base *url.URL) (*http.Request, error) {
			return generated.NewUpdateWebhookEndpointRequest(base, request)
		})
		if !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", body, err, want)
		}
	}
}

// The default transport is everybody's, so the client takes a copy with a limit of its own.
func TestTheHeaderOfAResponseIsLimited(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]error{200 << 10: nil, 300 << 10: heygen.ErrTransport} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Padding", strings.Repeat("x", size))
			respond(200, documented)(w, r)
		}))
		t.Cleanup(server.Close)
		client, err := heygen.NewClient(testKey, heygen.WithBaseURL(server.URL))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.UpdateWebhookEndpoint(t.Context(), request); !errors.Is(err, want) {
			t.Errorf("a header of %d bytes: error %v, want %v", size, err, want)
		}
	}
	if transport, ok := http.DefaultTransport.(*http.Transport); !ok || transport.MaxResponseHeaderBytes != 0 {
		t.Error("the default transport was changed")
	}
}

type noCookies struct{}

func (noCookies) SetCookies(*url.URL, []*http.Cookie) {}
func (noCookies) Cookies(*url.URL) []*http.Cookie     { return nil }

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		key  string
		opt  heygen.Option
		want string // in the error; "" for none
	}{
		{"no key", "", nil, "the API key is empty"},
		{"key with a line break", "k\n", nil, "a line break"},
		{"key beyond ASCII", "kéy", nil, "ASCII"},
		{"key of the first and the last character", "!~", nil, ""},
		{"key function", "", heygen.WithAPIKeyFunc(func(context.Context) (string, error) { return "k", nil }), ""},
		{"loopback", "k", heygen.WithBaseURL("http://127.0.0.1:8080/x"), ""},
		{"localhost", "k", heygen.WithBaseURL("http://localhost"), ""},
		{"IPv6 loopback", "k", heygen.WithBaseURL("http://[::1]:1"), ""},
		{"http elsewhere", "k", heygen.WithBaseURL("http://example.com"), "not https"},
		{"loopback by name only", "k", heygen.WithBaseURL("http://127.0.0.1.example.com"), "not https"},
		{"another scheme on loopback", "k", heygen.WithBaseURL("ftp://127.0.0.1"), "not https"},
		{"credentials", "k", heygen.WithBaseURL("https://planted:planted@example.com"), "credentials"},
		{"query", "k", heygen.WithBaseURL("https://example.com?planted"), "query"},
		{"empty query", "k", heygen.WithBaseURL("https://example.com?"), "query"},
		{"fragment", "k", heygen.WithBaseURL("https://example.com#planted"), "fragment"},
		{"no URL", "k", heygen.WithBaseURL("https://planted\n@example.com"), "absolute"},
		{"no host", "k", heygen.WithBaseURL("https:example.com"), "absolute"},
		{"relative", "k", heygen.WithBaseURL("example.com"), "absolute"},
		{"nil client", "k", heygen.WithHTTPClient(nil), "nil"},
		{"cookie jar", "k", heygen.WithHTTPClient(&http.Client{Jar: noCookies{}}), "cookie jar"},
		{"nil observer", "k", heygen.WithObserver(nil), "nil"},
		{"nil transport", "k", heygen.WithTransport(nil), "nil"},
		{"wrap that returns nil", "k", heygen.WithTransport(func(http.RoundTripper) http.RoundTripper { return nil }),
			"WithTransport: the function returned nil"},
		{"nil key function", "k", heygen.WithAPIKeyFunc(nil), "nil"},
		{"nil logger", "k", heygen.WithLogger(nil), "nil"},
		{"timeout", "k", heygen.WithTimeout(0), "not positive"},
		{"retry", "k", heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: -1}), "negative"},
		{"user agent", "k", heygen.WithUserAgent("a\nb"), "control"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var opts []heygen.Option
			if test.opt != nil {
				opts = append(opts, test.opt)
			}
			client, err := heygen.NewClient(test.key, opts...)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || client != nil):
				t.Errorf("client %v, error %v, want one with %q", client, err, test.want)
			case err != nil && strings.Contains(err.Error(), "planted"):
				t.Errorf("error %v quotes what may be a credential", err)
			}
		})
	}
	_, err := heygen.NewClient("", heygen.WithTimeout(-1), nil, heygen.WithBaseURL("x"))
	for _, want := range []string{"the API key is empty", "not positive", "an option is nil", "absolute"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("joined error %v lacks %q", err, want)
		}
	}
}

func TestTheCallersHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	own := &http.Client{}
	client := serve(t, respond(200, documented), heygen.WithHTTPClient(own))
	if _, err := client.UpdateWebhookEndpoint(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if own.Transport != nil || own.CheckRedirect != nil {
		t.Errorf("changed: %+v", own)
	}
}

func TestNothingPrintedHoldsTheKeyOrTheSecret(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logs := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	echo := fmt.Sprintf(`{"code":"%[1]s","message":"key %[1]s secret %[2]s","data":{"secret":%[2]q}}`, testKey, testSecret)
	client := serve(t, respond(200, documented), heygen.WithLogger(logs))
	endpoint, err := client.UpdateWebhookEndpoint(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	failing := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", testKey)
		respond(400, echo)(w, r)
	}, heygen.WithLogger(logs))
	_, err = failing.UpdateWebhookEndpoint(t.Context(), request)
	if err == nil {
		t.Fatal("no error")
	}
	for _, value := range []any{client, *client, endpoint, *endpoint, err, *asError(t, err), []any{endpoint, err}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("value", "value", value)
		if _, list := value.([]any); !list { // JSON of an endpoint inside another value is data
			logs.Info("value", "value", value)
		}
	}
	for _, planted := range []string{testKey, testSecret, fmt.Sprintf("%x", testKey), fmt.Sprintf("%x", testSecret)} {
		if at := strings.Index(out.String(), planted); at >= 0 {
			t.Errorf("%q was printed: …%s", planted, out.String()[max(0, at-200):at])
		}
	}
}

// A transport made by hand may leave out what net/http always has.
func TestTransportsMadeByHand(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		resp *http.Response
		want error
	}{
		"a redirect without a header": {&http.Response{StatusCode: 302, Body: http.NoBody}, heygen.ErrRedirect},
		"no body":                     {&http.Response{StatusCode: 503}, heygen.ErrServer},
		"no response":                 {nil, nil},
	} {
		transport := roundTripper(func(*http.Request) (*http.Response, error) { return test.resp, nil })
		wrap := heygen.WithTransport(func(http.RoundTripper) http.RoundTripper { return transport })
		once := heygen.WithRetry(heygen.RetryPolicy{})
		for _, client := range []*heygen.Client{newClient(t, transport, once), newClient(t, nil, wrap, once)} {
			_, err := client.UpdateWebhookEndpoint(t.Context(), request)
			e := asError(t, err)
			if test.want != nil && !errors.Is(e, test.want) || test.resp == nil && !e.Sent() {
				t.Errorf("%s: error %v, sent %v, want %v", name, err, e.Sent(), test.want)
			}
		}
	}
}

// build gets a copy of the base URL: what it does to that must not send later calls, and the key, elsewhere.
func TestABuilderCannotMoveTheClient(t *testing.T) {
	t.Parallel()
	network := &network{script: []step{responds(200, documented)}}
	client := newClient(t, network)
	_, err := heygen.Do[heygen.WebhookEndpoint](t.Context(), client, "Move", func(base *url.URL) (*http.Request, error) {
		base.Scheme, base.Host, base.Path = "https", "elsewhere.example.com", "/elsewhere"
		return http.NewRequest(http.MethodGet, base.String(), nil)
	})
	if !errors.Is(err, heygen.ErrInvalidRequest) {
		t.Errorf("error %v, want it refused", err)
	}
	if _, err := client.UpdateWebhookEndpoint(t.Context(), request); err != nil {
		t.Error(err)
	}
}
