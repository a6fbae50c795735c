package heygen_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
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

func TestUpdateReadsTheDocumentedResponse(t *testing.T) {
	t.Parallel()
	endpoint, err := serve(t, respond(http.StatusOK, documented)).UpdateWebhookEndpoint(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	created := time.Date(2025, 10, 22, 8, 31, 48, 0, time.UTC)
	switch {
	case !endpoint.CreatedAt.Time.Equal(created) || endpoint.CreatedAt.Raw != "2025-10-22T08:31:48",
		endpoint.EntityID != nil, endpoint.Status != heygen.WebhookEndpointStatusEnabled,
		endpoint.Secret.Reveal() != testSecret, endpoint.URL != "https://smee.io/MnBgJ2lt4vbwk5zQ",
		len(endpoint.Events.Types()) != 2:
		t.Errorf("endpoint %+v", endpoint)
	}
	again, err := json.Marshal(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	var copied heygen.WebhookEndpoint
	if err := json.Unmarshal(again, &copied); err != nil || copied.Secret.Reveal() != testSecret {
		t.Errorf("JSON lost the secret: %v", err)
	}
}

// The meaning of a response, by status and body.
func TestResponses(t *testing.T) {
	t.Parallel()
	quoted := func(body string) string { text, _ := json.Marshal(body); return string(text) }
	data := `{"endpoint_id":"e1","url":"https://example.com","status":"enabled"}`
	tests := []struct {
		name    string
		status  int
		body    string
		code    string
		message string
		is      []error // nil: success
		not     []error
	}{
		{"code as float", 200, `{"code":100.0,"data":` + data + `}`, "", "", nil, nil},
		{"code with exponent", 200, `{"code":1e2,"data":` + data + `}`, "", "", nil, nil},
		{"code as text", 200, `{"code":"100","data":` + data + `}`, "", "", nil, nil},
		{"201", 201, `{"code":100,"data":` + data + `}`, "", "", nil, nil},
		{"byte order mark", 200, "\uFEFF" + documented, "", "", nil, nil},
		{"unknown members", 200, `{"x":1,"code":100,"data":{"y":[],"endpoint_id":"e1"}}`, "", "", nil, nil},

		{"error under 200", 200, notFound, "400131", "Webhook endpoint not found",
			[]error{heygen.ErrNotFound, heygen.ErrAPI}, nil},
		{"error under 200 with odd data", 200, `{"code":400131,"data":"","message":"m"}`, "400131", "m",
			[]error{heygen.ErrNotFound}, nil},
		{"v2 error under 200", 200, `{"data":null,"error":{"code":"quota","message":"m"}}`, "quota", "m",
			[]error{heygen.ErrAPI}, nil},
		{"case matters", 200, `{"code":400131,"Code":100,"data":` + data + `}`, "400131", "",
			[]error{heygen.ErrNotFound}, nil},
		{"code in another case", 200, `{"Code":100,"data":` + data + `}`, "", "",
			[]error{heygen.ErrMalformedResponse}, nil},
		{"data in another case", 200, `{"code":100,"Data":` + data + `}`, "", "",
			[]error{heygen.ErrMalformedResponse}, nil},
		{"no data", 200, `{"code":100}`, "", "", []error{heygen.ErrMalformedResponse}, []error{heygen.ErrAPI}},
		{"null data", 200, `{"code":100,"data":null}`, "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"list for data", 200, `{"code":100,"data":[]}`, "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"no code", 200, `{"data":` + data + `}`, "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"code true", 200, `{"code":true,"data":` + data + `}`, "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"code a fraction", 200, `{"code":100.5,"data":` + data + `}`, "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"code a fraction too small to tell", 200, `{"code":100.00000000000000000001,"data":` + data + `}`, "", "",
			[]error{heygen.ErrMalformedResponse}, nil},
		{"empty", 200, "", "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"no content", 204, "", "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"partial content", 206, documented, "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"null", 200, "null", "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"list", 200, "[]", "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"trailing data", 200, documented + "x", "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"two documents", 200, documented + documented, "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"duplicate member", 200, `{"code":100,"code":100,"data":` + data + `}`, "", "",
			[]error{heygen.ErrMalformedResponse}, nil},
		{"invalid UTF-8", 200, "{\"code\":100,\"data\":{\"secret\":\"a\xff\"}}", "", "",
			[]error{heygen.ErrMalformedResponse}, nil},
		{"success in a string", 200, quoted(documented), "", "", []error{heygen.ErrMalformedResponse}, nil},
		{"HTML", 200, "<html>", "", "", []error{heygen.ErrMalformedResponse}, nil},

		{"400 invalid URL", 400, `{"code":400542,"message":"m"}`, "400542", "m",
			[]error{heygen.ErrInvalidURL, heygen.ErrAPI}, []error{heygen.ErrInvalidRequest}},
		{"400 as the page prints it", 400, quoted(`{"code":400542,"message":"m"}`), "400542", "m",
			[]error{heygen.ErrInvalidURL}, nil},
		{"400 with msg", 400, `{"code":400175,"msg":"m"}`, "400175", "m", []error{heygen.ErrInvalidRequest}, nil},
		{"401", 401, `{"code":400112,"message":"m"}`, "400112", "m", []error{heygen.ErrUnauthorized}, nil},
		{"401 v3", 401, `{"error":{"code":"unauthorized","message":"m","param":null}}`, "unauthorized", "m",
			[]error{heygen.ErrUnauthorized, heygen.ErrAPI}, nil},
		{"401 of a gateway", 401, "", "", "", []error{heygen.ErrUnauthorized}, []error{heygen.ErrAPI}},
		{"403", 403, `{"code":400573,"message":"m"}`, "400573", "m", []error{heygen.ErrForbidden}, nil},
		{"404", 404, notFound, "400131", "Webhook endpoint not found", []error{heygen.ErrNotFound}, nil},
		{"404 v2", 404, `{"data":null,"error":{"code":"not_found","message":"m"}}`, "not_found", "m",
			[]error{heygen.ErrNotFound}, nil},
		{"404 of a gateway", 404, "<html>", "", "",
			[]error{heygen.ErrMalformedResponse}, []error{heygen.ErrNotFound, heygen.ErrAPI}},
		{"404 of a router", 404, `{"detail":"Not Found"}`, "", "Not Found",
			[]error{heygen.ErrMalformedResponse}, []error{heygen.ErrNotFound}},
		{"410 of a gateway", 410, "gone", "", "", []error{heygen.ErrMalformedResponse}, []error{heygen.ErrNotFound}},
		{"422 of a framework", 422, `{"detail":[{"loc":["body"],"msg":"field required"}]}`, "", "field required",
			[]error{heygen.ErrMalformedResponse}, nil},
		{"problem+json", 418, `{"type":"x","title":"teapot"}`, "", "teapot", []error{heygen.ErrMalformedResponse}, nil},
		{"500", 500, `{"code":500,"message":"m"}`, "500", "m", []error{heygen.ErrServer, heygen.ErrAPI}, nil},
		{"code 100 under 500", 500, `{"code":100,"data":` + data + `}`, "100", "", []error{heygen.ErrServer}, nil},
		{"code beyond int64", 400, `{"code":92233720368547758079}`, "92233720368547758079", "",
			[]error{heygen.ErrInvalidRequest}, nil},
		{"the largest exact code", 400, `{"code":9007199254740992.0}`, "9007199254740992", "",
			[]error{heygen.ErrInvalidRequest}, nil},
		{"code 0.0", 404, `{"code":0.0,"message":"m"}`, "", "m", []error{heygen.ErrMalformedResponse}, nil},
		{"code of spaces", 404, `{"code":" \u0000","message":"m"}`, "", "m",
			[]error{heygen.ErrMalformedResponse}, []error{heygen.ErrAPI}},
		{"code of spaces under 200", 200, `{"code":" ","data":` + data + `}`, "", "",
			[]error{heygen.ErrMalformedResponse}, []error{heygen.ErrAPI}},
		{"code null", 404, `{"code":null,"message":"m"}`, "", "m",
			[]error{heygen.ErrMalformedResponse}, []error{heygen.ErrNotFound}},
		{"invalid UTF-8 in a message", 404, "{\"code\":400131,\"message\":\"a\xffb\"}", "400131", "a\uFFFDb",
			[]error{heygen.ErrNotFound}, nil},
		{"nested beyond reason", 404, `{"code":1,"message":` + strings.Repeat(`{"a":`, 12_000), "", "",
			[]error{heygen.ErrMalformedResponse}, nil},
		{"304", 304, "", "", "", []error{heygen.ErrRedirect}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			endpoint, err := serve(t, respond(test.status, test.body)).UpdateWebhookEndpoint(t.Context(), request)
			if test.is == nil {
				if err != nil || endpoint == nil {
					t.Fatalf("endpoint %v, error %v, want success", endpoint, err)
				}
				return
			}
			if endpoint != nil {
				t.Error("an endpoint beside the error")
			}
			e := asError(t, err)
			if e.StatusCode != test.status || e.Code != test.code || e.Message != test.message {
				t.Errorf("status %d, code %q, message %q, want %d, %q, %q",
					e.StatusCode, e.Code, e.Message, test.status, test.code, test.message)
			}
			for _, target := range test.is {
				if !errors.Is(err, target) {
					t.Errorf("%v: not %q", err, target)
				}
			}
			for _, target := range test.not {
				if errors.Is(err, target) {
					t.Errorf("%v: is %q", err, target)
				}
			}
			if body := string(e.Body()); strings.TrimPrefix(test.body, "\uFEFF") != body {
				t.Errorf("body %q, want %q", body, test.body)
			}
		})
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed: %s, key %q", r.Method, r.Header.Get("X-Api-Key"))
	}))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{other.URL + "/secret-path", "/v1/elsewhere", "http://[broken"} {
			t.Run(fmt.Sprint(status, location), func(t *testing.T) {
				t.Parallel()
				var calls atomic.Int32
				client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					calls.Add(1)
					w.Header().Set("Location", location)
					w.WriteHeader(status)
				}, heygen.WithHTTPClient(&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}))
				_, err := client.UpdateWebhookEndpoint(t.Context(), request)
				if e := asError(t, err); !errors.Is(err, heygen.ErrRedirect) || e.StatusCode != status {
					t.Errorf("error %v", err)
				}
				if calls.Load() != 1 || strings.Contains(err.Error(), "secret-path") {
					t.Errorf("%d calls, error %v", calls.Load(), err)
				}
			})
		}
	}
}

// Over sockets; retry_test.go says what is repeated, and when.
func TestACallIsRepeated(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]http.HandlerFunc{
		"after a 503":                 respond(503, ""),
		"after a connection was lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if body, _ := io.ReadAll(r.Body); !bytes.Contains(body, []byte(`"e1"`)) {
					t.Errorf("attempt %d sent %q", calls.Load()+1, body)
				}
				if calls.Add(1) == 1 {
					first(w, r)
					return
				}
				respond(200, documented)(w, r)
			})
			if _, err := client.UpdateWebhookEndpoint(t.Context(), request); err != nil || calls.Load() != 2 {
				t.Errorf("%d attempts, error %v", calls.Load(), err)
			}
		})
	}
}

func TestAFailedDialIsRepeatedAndReported(t *testing.T) {
	t.Parallel()
	nobody := filepath.Join(t.TempDir(), "socket") // a free port may be another test's the next moment
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", nobody)
	}
	for name, transport := range map[string]*http.Transport{
		"of the server": {DialContext: dial},
		"of a proxy": {
			DialContext: dial,
			Proxy:       func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "http", Host: "proxy.invalid"}, nil },
		},
	} {
		client := serve(t, nil, heygen.WithHTTPClient(&http.Client{Transport: transport}))
		_, err := client.UpdateWebhookEndpoint(t.Context(), request)
		if e := asError(t, err); !errors.Is(err, heygen.ErrTransport) || e.Attempts != 3 || !e.Retryable() {
			t.Errorf("%s: %v: %d attempts, retryable %t", name, err, e.Attempts, e.Retryable())
		}
	}
}

func TestTheCallersContextEndsTheCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); hang(r) })
	_, err := client.UpdateWebhookEndpoint(ctx, request)
	if e := asError(t, err); !errors.Is(err, context.Canceled) || errors.Is(err, heygen.ErrTransport) || e.Retryable() {
		t.Errorf("error %v, retryable %t", err, e.Retryable())
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

// Most errors of net/http have no type of their own.
func TestWhatIsNotHTTPIsATransportFailure(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "220 smtp.example.com "+testSecret+"\r\n")
		_ = connection.Close()
	})
	_, err := client.UpdateWebhookEndpoint(t.Context(), request)
	if e := asError(t, err); !errors.Is(e, heygen.ErrTransport) || e.StatusCode != 0 ||
		strings.Contains(e.Error(), testSecret) {
		t.Errorf("error %v", e)
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
