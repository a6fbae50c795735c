package main

import (
	"cmp"
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"time"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/internal/loopback"
)

// pageFiles has the sandbox's page, and the renderer of its reference.
//
//go:embed page
var pageFiles embed.FS

// Limits of the page.
const (
	pageExchanges = 50
	pageBody      = 4 << 10
)

// pageHeader isolates the page: it loads nothing from other hosts and sends nothing to them, and no other page may
// frame or read it. The renderer has styles in its elements.
var pageHeader = map[string]string{
	"Cache-Control": "no-cache",
	"Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
}

// withPage serves the page on /_/ and leaves every other path to the sandbox, byte for byte, all for this machine only.
func withPage(sandbox *heygentest.Sandbox) http.Handler {
	page := http.NewServeMux()
	page.HandleFunc("GET /_/state.json", func(w http.ResponseWriter, _ *http.Request) {
		writePageJSON(w, stateOf(sandbox))
	})
	page.HandleFunc("GET /_/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		writePageJSON(w, pageDocument())
	})
	page.HandleFunc("GET /_/{file...}", servePageFile)
	return loopback.Only(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/_/") {
			sandbox.ServeHTTP(w, r)
			return
		}
		for name, value := range pageHeader {
			w.Header().Set(name, value)
		}
		page.ServeHTTP(w, r)
	}))
}

// contentTypes are fixed, because the table of the machine may differ.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json",
}

// servePageFile serves a file, compressed if it is embedded so: every browser takes that.
func servePageFile(w http.ResponseWriter, r *http.Request) {
	name := cmp.Or(r.PathValue("file"), "index.html")
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		content, err = pageFiles.ReadFile("page/" + name + ".gz")
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Type", cmp.Or(contentTypes[path.Ext(name)], "text/plain; charset=utf-8"))
	_, _ = w.Write(content) //nolint:gosec // an embedded file, whatever the path was
}

// pageDocument is the corrected document with the sandbox, wherever that is, in the place of HeyGen.
func pageDocument() map[string]json.RawMessage {
	var document map[string]json.RawMessage
	_ = json.Unmarshal(openapi.Corrected(), &document) // it is JSON: the sandbox was made from it
	document["servers"] = json.RawMessage(`[{"url":"/"}]`)
	return document
}

// pageState is the JSON that the page shows.
type pageState struct {
	APIKey    string          `json:"api_key"`
	Endpoints json.RawMessage `json:"endpoints"`
	Exchanges []pageExchange  `json:"exchanges"` // the last, in the order in which they arrived
}

// pageExchange is a call without its header, which holds the key.
type pageExchange struct {
	Number    int                `json:"number"`
	Method    string             `json:"method"`
	Target    string             `json:"target"`
	Began     time.Time          `json:"began"`
	TookMS    float64            `json:"took_ms"` // 0 while it lasts
	Status    int                `json:"status"`  // 0 if there is no response
	RequestID string             `json:"request_id"`
	Fault     string             `json:"fault"`
	Findings  []contract.Finding `json:"findings"`
	Request   string             `json:"request"` // the beginning of its body
	Response  string             `json:"response"`
}

func stateOf(sandbox *heygentest.Sandbox) pageState {
	state := pageState{APIKey: sandbox.APIKey, Exchanges: []pageExchange{}}
	_ = json.Unmarshal(sandbox.Snapshot(), &state) // its endpoints
	calls := sandbox.Calls()
	for _, call := range calls[max(0, len(calls)-pageExchanges):] {
		state.Exchanges = append(state.Exchanges, pageExchange{
			Number: call.Number, Method: call.Method, Target: beginning([]byte(call.RequestURI)), Began: call.Start,
			TookMS: float64(call.Duration.Microseconds()) / 1e3, Status: call.StatusCode, RequestID: call.RequestID,
			Fault: call.Fault, Findings: append([]contract.Finding{}, call.Findings...),
			Request: beginning(call.RequestBody), Response: beginning(call.ResponseBody),
		})
	}
	return state
}

// beginning is as much of a body, or of a target, as the page shows.
func beginning(body []byte) string {
	if len(body) > pageBody {
		return strings.ToValidUTF8(string(body[:pageBody]), "\uFFFD") + "…"
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}

func writePageJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
