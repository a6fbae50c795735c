package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/internal/cors"
)

// control changes a running sandbox over HTTP, for programs in any language. docs/sandbox-http.md shows each request.
type control struct {
	*heygentest.Sandbox
	start []byte // the snapshot that reset restores
}

// action handles a request. It returns what is sent as JSON, or nil for nothing.
type action func(ctx context.Context, body []byte) (any, *refusal)

// refusal is the JSON of a failed request.
type refusal struct {
	status   int
	Message  string    `json:"message"` // with what to do
	Mistakes []mistake `json:"mistakes,omitempty"`
}

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, Message: fmt.Sprintf(format, args...)}
}

// maxControlBody limits a request, in bytes.
const maxControlBody = 1 << 20

// actions has all paths and their methods.
func (c *control) actions() map[string]map[string]action {
	return map[string]map[string]action{
		"/_/state.json":      {http.MethodGet: get(func() any { return stateOf(c.Sandbox) })},
		"/_/openapi.json":    {http.MethodGet: get(func() any { return pageDocument(openapi.Corrected()) })},
		"/_/openapi-v3.json": {http.MethodGet: get(func() any { return pageDocument(openapi.CorrectedV3()) })},
		"/_/endpoints":       {http.MethodGet: get(c.endpoints), http.MethodPut: c.setEndpoints},
		"/_/faults":          {http.MethodPost: c.addFaults},
		"/_/calls":           {http.MethodGet: get(c.calls)},
		"/_/deliveries":      {http.MethodGet: get(c.deliveries)},
		"/_/events":          {http.MethodPost: c.emit},
		"/_/problems":        {http.MethodGet: get(c.problems)},
		"/_/reset":           {http.MethodPost: c.reset},
	}
}

func get(read func() any) action {
	return func(context.Context, []byte) (any, *refusal) { return read(), nil }
}

// handle serves the actions of one path.
func handle(methods map[string]action) http.HandlerFunc {
	allow := slices.Sorted(maps.Keys(methods))
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet // net/http sends no body
		}
		do, ok := methods[method]
		if !ok {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			refuse(http.StatusMethodNotAllowed, "there is no %s %s; send %s",
				r.Method, r.URL.Path, strings.Join(allow, " or ")).write(w)
			return
		}
		body, refused := readControl(w, r)
		var result any
		if refused == nil {
			result, refused = do(r.Context(), body)
		}
		switch {
		case refused != nil:
			refused.write(w)
		case result == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			writePageJSON(w, http.StatusOK, result)
		}
	}
}

// unknownPath refuses what is neither a path of the actions nor a file of the page.
func unknownPath(w http.ResponseWriter, r *http.Request) {
	paths := slices.Sorted(maps.Keys((&control{}).actions()))
	refuse(http.StatusNotFound, "there is no %s; there are %s", r.URL.Path, strings.Join(paths, ", ")).write(w)
}

func (f *refusal) write(w http.ResponseWriter) {
	writePageJSON(w, f.status, map[string]*refusal{"error": f})
}

// readControl reads the body of a request. A page of another site can make a browser send a form, but neither JSON nor
// PUT without a preflight, which nothing here allows.
func readControl(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	if cors.IsCrossSite(r) {
		return nil, refuse(http.StatusForbidden,
			"a page of another site made a browser send this; use the sandbox's own page, or a program")
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil, nil
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType,
			"the content type is %q; send JSON with the header Content-Type: application/json", r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body is over %d MiB; send less at once", maxControlBody>>20)
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "the body broke off; send it again")
	}
	return body, nil
}

// mistaken refuses a body for its mistakes.
func mistaken(mistakes []mistake) *refusal {
	f := refuse(http.StatusBadRequest, "the body has %s, and nothing was changed; correct it",
		count(len(mistakes), "mistake"))
	f.Mistakes = mistakes
	return f
}

func (c *control) endpoints() any { return jsontext.Value(c.Snapshot()) }

// setEndpoints replaces all endpoints, and returns them as they are then.
func (c *control) setEndpoints(_ context.Context, body []byte) (any, *refusal) {
	if err := c.Restore(body); err != nil {
		return nil, mistaken(restoreMistakes(err))
	}
	return c.endpoints(), nil
}

// restoreMistakes takes apart what heygentest.Sandbox.Restore has joined.
func restoreMistakes(err error) (mistakes []mistake) {
	all := []error{err}
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		all = joined.Unwrap()
	}
	for _, one := range all {
		mistakes = append(mistakes, jsonMistake(one))
	}
	return mistakes
}

// jsonMistake explains an error of the JSON library, without its Go types; and any other.
func jsonMistake(err error) mistake {
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return mistake{Problem: "not JSON: it is empty, or ends early"}
		}
		return mistake{Problem: "not JSON: " + strings.TrimPrefix(syntax.Error(), "jsontext: ")}
	}
	failed, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return mistake{Problem: strings.TrimPrefix(oneLine(err), "Restore: ")}
	}
	problem := "the value has the wrong type"
	switch {
	case errors.Is(failed.Err, json.ErrUnknownName):
		problem = "there is no such member"
	case failed.Err != nil:
		problem = oneLine(failed.Err)
	}
	return mistake{Problem: fmt.Sprintf("%s: %s", cmp.Or(string(failed.JSONPointer), "the whole"), problem)}
}

// addFaults reads a faults file, which must be JSON here.
func (c *control) addFaults(_ context.Context, body []byte) (any, *refusal) {
	// readScript takes YAML, too, and names the line of a duplicate.
	if _, err := jsontext.AppendFormat(nil, body, jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, mistaken([]mistake{jsonMistake(err)})
	}
	faults, mistakes := readScript(body)
	if len(mistakes) > 0 {
		return nil, mistaken(mistakes)
	}
	faults.runOn(c.Sandbox)
	return nil, nil
}

func (c *control) calls() any {
	calls := []shownCall{}
	for _, call := range c.Calls() {
		shown := showCall(call, maxControlBody)
		shown.Header = call.Header
		calls = append(calls, shown)
	}
	return map[string][]shownCall{"calls": calls}
}

func (c *control) deliveries() any {
	return map[string]any{"deliveries": showDeliveries(c.Deliveries(), maxControlBody)}
}

// emission is an event to emit.
type emission struct {
	kind       string
	data       jsontext.Value // as the sandbox knows it if nil
	endpointID string         // every endpoint that is subscribed if ""
	faults     []heygentest.DeliveryFault
}

func (e emission) body() []byte {
	if e.data == nil {
		return heygentest.Event(e.kind)
	}
	kind, _ := json.Marshal(e.kind) // a string has JSON
	return fmt.Appendf(nil, `{"event_type":%s,"event_data":%s}`, kind, e.data)
}

// emit sends an event, and returns the deliveries once they have ended.
func (c *control) emit(ctx context.Context, body []byte) (any, *refusal) {
	e, mistakes := readEmission(body)
	if len(mistakes) > 0 {
		return nil, mistaken(mistakes)
	}
	var deliveries []heygentest.Delivery
	var err error
	if e.endpointID == "" {
		deliveries, err = c.Emit(ctx, e.body(), e.faults...)
	} else {
		if _, ok := c.Endpoint(e.endpointID); !ok {
			return nil, refuse(http.StatusNotFound, "there is no endpoint %q; GET /_/endpoints lists them", e.endpointID)
		}
		deliveries = make([]heygentest.Delivery, 1)
		deliveries[0], err = c.Deliver(ctx, e.endpointID, e.body(), e.faults...)
	}
	if err != nil {
		text := oneLine(err)
		for _, prefix := range []string{"Emit: ", "Deliver: "} {
			text = strings.TrimPrefix(text, prefix)
		}
		return nil, refuse(http.StatusConflict, "%s; change the endpoint with an update, or with PUT /_/endpoints", text)
	}
	return map[string]any{"deliveries": showDeliveries(deliveries, maxControlBody)}, nil
}

// readEmission reads an event to emit, and returns all its mistakes.
func readEmission(body []byte) (e emission, mistakes []mistake) {
	wrong := func(format string, args ...any) {
		mistakes = append(mistakes, mistake{Problem: fmt.Sprintf(format, args...)})
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(body, &members); err != nil {
		return e, []mistake{jsonMistake(err)}
	}
	text := func(name string, value jsontext.Value) (text string) {
		if json.Unmarshal(value, &text) != nil || strings.TrimSpace(text) == "" {
			wrong("%s must be a string that is not empty", name)
		}
		return text
	}
	if _, ok := members["event_type"]; !ok {
		wrong("event_type is missing: give the type of the event, such as avatar_video.success")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch value := members[name]; name {
		case "event_type":
			e.kind = text(name, value)
		case "event_data":
			e.data = value
		case "endpoint_id":
			e.endpointID = text(name, value)
		case "faults":
			var texts []jsontext.Value
			if value.Kind() != '[' || json.Unmarshal(value, &texts) != nil {
				wrong(`faults must be a list of texts, such as ["twice"]`)
			}
			for _, value := range texts {
				fault := text("a fault", value)
				if fault == "" {
					continue
				}
				parsed, err := parseDeliveryFault(fault)
				if err != nil {
					wrong("%v", err)
				}
				e.faults = append(e.faults, parsed)
			}
		default:
			wrong("unknown member %q: there are endpoint_id, event_data, event_type, faults", name)
		}
	}
	return e, mistakes
}

// problems lists what would fail a test in Go at its end.
func (c *control) problems() any {
	found := problemList{}
	c.Verify(&found)
	return map[string]problemList{"problems": found}
}

// problemList collects what heygentest.Sandbox.Verify reports.
type problemList []string

// Helper is for heygentest.TB.
func (*problemList) Helper() {}

// Errorf is for heygentest.TB.
func (p *problemList) Errorf(format string, args ...any) {
	*p = append(*p, strings.TrimPrefix(fmt.Sprintf(format, args...), "heygentest: "))
}

// reset makes the sandbox as it was at its start.
func (c *control) reset(_ context.Context, body []byte) (any, *refusal) {
	if text := strings.TrimSpace(string(body)); text != "" && text != "{}" {
		return nil, refuse(http.StatusBadRequest, "reset takes no members; send {}, and set endpoints with PUT /_/endpoints")
	}
	c.Reset()
	if err := c.Restore(c.start); err != nil {
		return nil, refuse(http.StatusInternalServerError, "%v", err) // cannot happen: it is the sandbox's own snapshot
	}
	return nil, nil
}
