package contract_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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

// What is in front of the contract may have set headers, and a handler may send trailers.
func TestHandlerKeepsHeadersAndTrailers(t *testing.T) {
	t.Parallel()
	inner := load(t, correctedDocument).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if w.Header().Get("X-Id") != "1" {
			t.Error("the handler does not see the header")
		}
		w.Header().Del("X-Id")
		w.Header().Set("Trailer", "X-Sum")
		_, _ = io.WriteString(w, success(""))
		w.Header().Set("X-Sum", "2")
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Id", "1")
		w.Header().Set("Content-Type", "application/json")
		inner.ServeHTTP(w, r)
	}))
	defer server.Close()
	resp, err := exchange(nil).do(t, server.Client(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 200 || resp.Header.Get("X-Id") != "" || resp.Trailer.Get("X-Sum") != "2" {
		t.Errorf("got %d %v, trailers %v: %s", resp.StatusCode, resp.Header, resp.Trailer, body)
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

// A handler can do with its writer what it could without the contract.
func TestHandlerKeepsWhatItsWriterCanDo(t *testing.T) {
	t.Parallel()
	const typed = "application/json"
	const untyped = "server: response 200 content type: content-type"
	large := strings.Repeat(" ", 2<<20)
	for name, test := range map[string]struct {
		next     http.HandlerFunc
		passing  string            // what reporting alone finds
		refusing string            // what it finds if the response is held back
		reason   contract.Unjudged // of both
		got      string            // by the client, if the response goes through
	}{
		"deadlines": {func(w http.ResponseWriter, _ *http.Request) {
			control := http.NewResponseController(w)
			if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{}),
				control.EnableFullDuplex()); err != nil {
				t.Error(err)
			}
			w.Header().Set("Content-Type", typed)
			_, _ = io.WriteString(w, success(""))
		}, "", "", "", success("")},
		"a flusher": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typed)
			if flusher, ok := w.(http.Flusher); ok {
				flusher.Flush()
				w.Header().Set("Content-Type", "text/plain") // too late
			}
			_, _ = io.WriteString(w, success(""))
		}, "", "", "", success("")},
		"flushed without a type": {func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "<html>")
		}, untyped, untyped, "", "<html>"},
		"a reader": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typed)
			if n, err := io.Copy(w, strings.NewReader(success(""))); n != int64(len(success(""))) || err != nil {
				t.Errorf("copied %d, %v", n, err)
			}
		}, "", "", "", success("")},
		"a large reader": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typed)
			if n, err := io.Copy(w, strings.NewReader(large)); n != int64(len(large)) || err != nil {
				t.Errorf("copied %d, %v", n, err)
			}
		}, "server: response 200 body: size", "server: response 200 body: size", "", large},
		"another protocol": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack() //nolint:forcetypeassert // else the test fails
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
			_ = conn.Close()
		}, "", "", contract.UnjudgedHijacked, "hi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, opts := range [][]contract.Option{nil, {contract.WithReportOnly()}} {
				var found reports
				var seen contract.Collector
				opts = append(opts, found.option(), contract.WithCollector(&seen))
				handler, wait := awaited(load(t, correctedDocument, opts...).Handler(test.next))
				server := httptest.NewServer(handler)
				resp, err := exchange(nil).do(t, server.Client(), server.URL)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(resp.Body)
				server.Close()
				wait()
				want := test.passing
				if len(opts) == 2 {
					want = test.refusing
				}
				_, short := found.take()
				summary := seen.Summary().Unjudged
				if short != want || err != nil || (want == "" || len(opts) == 3) && string(got) != test.got ||
					(len(summary) > 0) != (test.reason != "") || test.reason != "" && summary[0].Reason != test.reason {
					t.Errorf("got %.100q, error %v, findings %q, not checked %+v", got, err, short, summary)
				}
			}
		})
	}
}

// Handlers look for these without http.ResponseController, too. A response that is held back cannot be flushed.
func TestHandlerKeepsInterfaces(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]contract.Option{nil, {contract.WithReportOnly()}} {
		through := opts != nil
		server := httptest.NewServer(load(t, correctedDocument, opts...).Handler(http.HandlerFunc(
			func(w http.ResponseWriter, _ *http.Request) {
				_, flusher := w.(http.Flusher)
				_, readerFrom := w.(io.ReaderFrom)
				_, hijacker := w.(http.Hijacker)
				if flusher != through || readerFrom != through || !hijacker {
					t.Errorf("through %t: flusher %t, reader %t, hijacker %t", through, flusher, readerFrom, hijacker)
				}
			})))
		if _, err := exchange(nil).do(t, server.Client(), server.URL); err != nil {
			t.Error(err)
		}
		server.Close()
	}
}
