package main

import (
	"cmp"
	"embed"
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"time"

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
	pageRecords = 50      // calls, and deliveries
	pageBody    = 4 << 10 // bytes of a text
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

// withPage serves the page and the actions of a control on /_/ and leaves every other path to the sandbox, byte for
// byte, all for this machine only. The endpoints that the sandbox has now are those that it has after a reset.
func withPage(sandbox *heygentest.Sandbox) http.Handler {
	page := http.NewServeMux()
	for path, methods := range (&control{sandbox, sandbox.Snapshot()}).actions() {
		page.HandleFunc(path, handle(methods))
	}
	page.HandleFunc("/_/{file...}", servePageFile)
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
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		unknownPath(w, r)
		return
	}
	name := cmp.Or(r.PathValue("file"), "index.html")
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		content, err = pageFiles.ReadFile("page/" + name + ".gz")
		if err != nil {
			unknownPath(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Type", cmp.Or(contentTypes[path.Ext(name)], "text/plain; charset=utf-8"))
	_, _ = w.Write(content) //nolint:gosec // an embedded file, whatever the path was
}

// pageDocument is a document with the sandbox, wherever that is, in the place of HeyGen.
func pageDocument(corrected []byte) map[string]json.RawMessage {
	var document map[string]json.RawMessage
	_ = json.Unmarshal(corrected, &document) // it is JSON: the sandbox was made from it
	document["servers"] = json.RawMessage(`[{"url":"/"}]`)
	return document
}

// pageState is the JSON that the page shows.
type pageState struct {
	APIKey         string            `json:"api_key"`
	Endpoints      json.RawMessage   `json:"endpoints"`
	Calls          []shownCall       `json:"calls"` // the last, in the order in which they arrived
	Deliveries     []shownDelivery   `json:"deliveries"`
	EventTypes     []string          `json:"event_types"`
	DeliveryFaults map[string]string `json:"delivery_faults"` // the effect of each
}

// shownCall is a call as the page and the control show it.
type shownCall struct {
	Number    int            `json:"number"`
	Method    string         `json:"method"`
	Target    string         `json:"target"`
	Header    http.Header    `json:"header,omitempty"` // of the request, with the key redacted; the page leaves it out
	Began     time.Time      `json:"began"`
	TookMS    float64        `json:"took_ms"` // 0 while it lasts
	Status    int            `json:"status"`  // 0 if there is no response
	RequestID string         `json:"request_id"`
	Fault     string         `json:"fault"`
	Findings  []shownFinding `json:"findings"`
	Request   string         `json:"request"`
	Response  string         `json:"response"`
}

// shownFinding is a contract.Finding under the names that reports have.
type shownFinding struct {
	Party   contract.Party `json:"party"`
	Where   string         `json:"where"`
	Pointer string         `json:"pointer"`
	Keyword string         `json:"keyword"`
	Detail  string         `json:"detail"`
}

// shownDelivery is a delivery as the page and the control show it.
type shownDelivery struct {
	Number     int            `json:"number"`
	EndpointID string         `json:"endpoint_id"`
	URL        string         `json:"url"`
	EventType  string         `json:"event_type"`
	Fault      string         `json:"fault"`
	Delivered  bool           `json:"delivered"` // an attempt got a 2xx
	Body       string         `json:"body"`
	Attempts   []shownAttempt `json:"attempts"`
}

type shownAttempt struct {
	WaitS  float64     `json:"wait_s"` // how long HeyGen would have waited before it
	Header http.Header `json:"header"`
	TookMS float64     `json:"took_ms"`
	Status int         `json:"status"` // 0 if no response came
	Error  string      `json:"error"`  // why none came
}

func stateOf(sandbox *heygentest.Sandbox) pageState {
	state := pageState{
		APIKey: sandbox.APIKey, Calls: []shownCall{},
		EventTypes: heygentest.EventTypes(), DeliveryFaults: map[string]string{},
	}
	_ = json.Unmarshal(sandbox.Snapshot(), &state) // its endpoints
	calls := sandbox.Calls()
	for _, call := range calls[max(0, len(calls)-pageRecords):] {
		state.Calls = append(state.Calls, showCall(call, pageBody))
	}
	deliveries := sandbox.Deliveries()
	state.Deliveries = showDeliveries(deliveries[max(0, len(deliveries)-pageRecords):], pageBody)
	for _, kind := range deliveryFaultKinds {
		state.DeliveryFaults[kind.usage] = kind.effect
	}
	return state
}

// showCall shows a call without its header, and as much of each text as the limit allows, in bytes.
func showCall(call heygentest.Call, limit int) shownCall {
	shown := shownCall{
		Number: call.Number, Method: call.Method, Target: beginning([]byte(call.RequestURI), limit), Began: call.Start,
		TookMS: milliseconds(call.Duration), Status: call.StatusCode, RequestID: call.RequestID,
		Fault: call.Fault, Findings: []shownFinding{},
		Request: beginning(call.RequestBody, limit), Response: beginning(call.ResponseBody, limit),
	}
	for _, finding := range call.Findings {
		shown.Findings = append(shown.Findings, shownFinding(finding))
	}
	return shown
}

func showDeliveries(deliveries []heygentest.Delivery, limit int) []shownDelivery {
	shown := []shownDelivery{}
	for _, d := range deliveries {
		attempts := []shownAttempt{}
		for _, a := range d.Attempts {
			attempts = append(attempts, shownAttempt{a.Wait.Seconds(), a.Header, milliseconds(a.Duration), a.StatusCode, a.Err})
		}
		shown = append(shown, shownDelivery{
			d.Number, d.EndpointID, d.URL, d.EventType, d.Fault, d.Delivered(), beginning(d.Body, limit), attempts,
		})
	}
	return shown
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// beginning is as much of a text as the limit allows, in bytes.
func beginning(text []byte, limit int) string {
	if len(text) > limit {
		return strings.ToValidUTF8(string(text[:limit]), "\uFFFD") + "…"
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

func writePageJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
