package contract_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

func TestHandlerStopsABrokenRequest(t *testing.T) {
	t.Parallel()
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request reached the handler") })
	w := httptest.NewRecorder()
	load(t, correctedDocument).Handler(next).ServeHTTP(w, received(strings.NewReader(`{}`)))
	want := "contract: exchange 1: " + operation + ": client: request body: required: member endpoint_id is missing\n"
	if w.Code != 400 || w.Body.String() != want {
		t.Errorf("got %d, %q", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	load(t, correctedDocument).Handler(next).ServeHTTP(w, received(errorReader{}))
	if w.Code != 400 || w.Body.String() != "contract: a body cannot be read\n" {
		t.Errorf("a body that breaks off: got %d, %q", w.Code, w.Body)
	}
}

// What net/http makes of a response is what is checked.
func TestHandlerChecksTheResponseThatIsSent(t *testing.T) {
	t.Parallel()
	const typed = "application/json"
	for name, test := range map[string]struct {
		next http.HandlerFunc
		want string
	}{
		"status by default": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typed)
			_, _ = io.WriteString(w, success(""))
		}, ""},
		"a second status": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typed)
			w.WriteHeader(404)
			w.WriteHeader(200)
			_, _ = io.WriteString(w, `{"code":1}`)
		}, ""},
		"a hint first": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Content-Type", typed)
			_, _ = io.WriteString(w, success(""))
		}, ""},
		"a content type too late": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, success(""))
			w.Header().Set("Content-Type", typed)
		}, "server: response 200 content type: content-type"},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, "server: response 200 content type: content-type"},
		"another request": {func(w http.ResponseWriter, r *http.Request) {
			r.Method, r.URL.Path = http.MethodGet, "/changed"
			r.Header.Set("Content-Type", "changed")
			w.Header().Set("Content-Type", typed)
			_, _ = io.WriteString(w, strings.Replace(success(""), "e1", "e2", 1))
		}, "server: " + otherEndpoint},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, opts := range [][]contract.Option{nil, {contract.WithReportOnly()}} {
				var seen reports
				server := httptest.NewServer(load(t, correctedDocument, append(opts, seen.option())...).Handler(test.next))
				defer server.Close()
				_, err := exchange(nil).do(t, server.Client(), server.URL)
				if _, got := seen.take(); got != test.want || err != nil {
					t.Errorf("got %q, error %v, want %q", got, err, test.want)
				}
			}
		})
	}
}

func TestHandlerFlushesOnlyWhatGoesThrough(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]contract.Option{nil, {contract.WithReportOnly()}} {
		w := httptest.NewRecorder()
		load(t, correctedDocument, opts...).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if err := http.NewResponseController(w).Flush(); (err != nil) != (opts == nil) {
				t.Errorf("Flush: %v", err)
			}
			_, _ = io.WriteString(w, success(""))
		})).ServeHTTP(w, received(strings.NewReader(`{"endpoint_id":"e1"}`)))
		if w.Code != 200 || w.Body.String() != success("") {
			t.Errorf("got %d, %q", w.Code, w.Body)
		}
	}
}
