package specdiff_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/specdiff"
)

const (
	bare     = `{"openapi": "3.1.0", "info": {"version": "5"}, "paths": {"/p": {"get": {"responses": {}}}}}` + "\n"
	markdown = "\uFEFF---\r\ntitle: t\r\n---\r\n# OpenAPI definition\r\n```json\r\n" + bare + "```\r\n"
)

func TestReadTakesAFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"page.md": markdown, "Bare File.json": bare, ".page_2.yaml": bare} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			page, err := specdiff.Read(t.Context(), document.V1, file, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"page.md": "page.md", "Bare File.json": "bare-file.md", ".page_2.yaml": "page-2.md"}[name]
			if page.Name != want || page.Source != name || string(page.Content) != content || string(page.Definition) != bare {
				t.Errorf("read %+v", page)
			}
		})
	}
}

func TestReadSaysWhatIsWrongWithAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(file, []byte("# OpenAPI definition\n```json\n{\"openapi\":\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for doc, want := range map[string]string{
		file:                         file + ": the code block that begins at line 2 is never closed",
		file + ".other":              "no such file",
		filepath.Dir(file):           "is a directory",
		"ftp://example.com/p":        "ftp://…: want a file, or an http or https URL",
		"file:///etc/passwd":         "want a file, or an http or https URL",
		"http://user:pass@[::1/page": "cannot be parsed",
		"http://127.0.0.1:1/page.md": "http://127.0.0.1:1/page.md: dial tcp",
	} {
		page, err := specdiff.Read(t.Context(), document.V1, doc, io.Discard)
		if err == nil {
			t.Errorf("%s: read %+v, want an error", doc, page)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: error %q, want one that holds %q", doc, err, want)
		}
	}
}

func TestReadFetchesAURL(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/reference/update.md", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png") // not trusted
		_, _ = io.WriteString(w, markdown)
	})
	mux.HandleFunc("/bare", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, bare) })
	for from, to := range map[string]string{
		"/old": "/older", "/older": "/reference/update.md", "/loop": "/loop", "/away": "ftp://127.0.0.1/x",
	} {
		mux.Handle(from, http.RedirectHandler(to, http.StatusFound))
	}
	mux.HandleFunc("/bad", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://user:pass@[::1/page")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		for range 33 {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/html", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, bare)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Run("with redirects", func(t *testing.T) {
		t.Parallel()
		var out strings.Builder
		address := strings.Replace(server.URL, "://", "://me:pass@", 1) + "/old"
		page, err := specdiff.Read(t.Context(), document.V1, address, &out)
		if err != nil {
			t.Fatal(err)
		}
		if page.Name != "old.md" || string(page.Content) != markdown || string(page.Definition) != bare {
			t.Errorf("read %+v", page)
		}
		if strings.Contains(page.Source+out.String(), "pass") {
			t.Errorf("the password is in %q or %q", page.Source, &out)
		}
		want := fmt.Sprintf("redirected to %[1]s/older\nredirected to %[1]s/reference/update.md\n", server.URL)
		if got := strings.ReplaceAll(out.String(), "me:xxxxx@", ""); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	})
	t.Run("bare", func(t *testing.T) {
		t.Parallel()
		address := strings.Replace(server.URL, "http", "HTTP", 1) + "/bare"
		page, err := specdiff.Read(t.Context(), document.V1, address, io.Discard)
		if err != nil || page.Name != "bare.md" || string(page.Definition) != bare {
			t.Errorf("read %+v, %v", page, err)
		}
	})
	for path, want := range map[string]string{
		"/missing": "/missing: the response is 404 Not Found, want 200",
		"/loop":    "/loop: more than 5 redirects",
		"/away":    "/away: redirected from http to ftp",
		"/large":   "/large: it has more than 32 MiB",
		"/html":    "/html: it is HTML",
		"/cut":     "/cut: unexpected EOF",
		"/bad":     "/bad: it is redirected to what is no URL",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			page, err := specdiff.Read(t.Context(), document.V1, server.URL+path, io.Discard)
			if err == nil {
				t.Fatalf("read %+v, want an error", page)
			}
			if !strings.Contains(err.Error(), server.URL+want) {
				t.Errorf("error %q, want one that holds %q", err, want)
			}
		})
	}
}
