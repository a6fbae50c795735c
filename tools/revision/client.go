package revision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// Client says what breaks the client this program is linked with under another corrected document. It is measured: the
// client sends every request it can make, and is answered with every response the document gives or describes. What the
// old document breaks in the same way is not told. An operation that the client has no method for, and that the old
// document did not have, is an addition.
func Client(old, corrected []byte) (Axis, error) {
	var before, root object
	if err := errors.Join(json.Unmarshal(old, &before), json.Unmarshal(corrected, &root)); err != nil {
		return Axis{}, fmt.Errorf("client: corrected document: %w", err)
	}
	m, err := measured(root, map[string]bool{})
	if err == nil && len(m.changes) > 0 {
		if m, err = measured(before, map[string]bool{}); err == nil {
			m, err = measured(root, m.told)
		}
	}
	if err != nil {
		return Axis{}, fmt.Errorf("client: %w", err)
	}
	for _, at := range operationsOf(root) {
		if resolve(before, "#"+at) == nil {
			m.add(Change{
				ID: "operation-without-method", Level: Compatible, Pointer: at,
				Text: "an operation the client has no method for: call it through heygen.Do",
			}, "")
		}
	}
	return newAxis(m.changes), nil
}

// request calls the client. The calls of one operation are every request that the client can make of it, the plainest
// one first.
type request func(context.Context, *heygen.Client) (result any, err error)

var calls = [][]request{updates()}

// updates are each state of events, without and with a URL.
func updates() (requests []request) {
	for _, url := range []string{"", "https://example.com/hook"} {
		for _, events := range []heygen.Events{
			{}, heygen.AllEvents(), heygen.OnlyEvents(), heygen.OnlyEvents("avatar_video.success", "avatar_video.fail"),
		} {
			requests = append(requests, func(ctx context.Context, client *heygen.Client) (any, error) {
				return client.UpdateWebhookEndpoint(ctx,
					heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: url, Events: events})
			})
		}
	}
	return requests
}

// measurement gathers what breaks.
type measurement struct {
	root    object // the document
	kit     *contract.Contract
	changes []Change
	told    map[string]bool // what the changes say, so that each is told once
}

// measured says what breaks under a document and is not told yet.
func measured(root object, told map[string]bool) (*measurement, error) {
	m := &measurement{root: root, told: told}
	for _, requests := range calls {
		if err := m.measure(requests); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// add adds a change with the first exchange that shows it.
func (m *measurement) add(change Change, shownBy string) {
	key := change.ID + change.Pointer + change.Text
	if m.told[key] {
		return
	}
	m.told[key] = true
	change.Text += shownBy
	m.changes = append(m.changes, change)
}

// measure sends the requests of an operation and answers the first with every response.
func (m *measurement) measure(requests []request) error {
	var tapes []*tape
	for _, send := range requests {
		t := &tape{status: http.StatusServiceUnavailable}
		if _, err := t.play(send); t.sent == nil {
			return fmt.Errorf("a request was not sent: %w", err)
		}
		tapes = append(tapes, t)
	}
	if err := m.load(tapes[0].sent.URL.Path); err != nil {
		return err
	}
	for _, t := range tapes {
		if err := m.measureRequest(t); err != nil {
			return err
		}
	}
	at := operationPointer(tapes[0].sent)
	responses, _ := resolve(m.root, "#"+at+"/responses").(object)
	for _, name := range slices.Sorted(maps.Keys(responses)) {
		for _, answer := range m.answers(at+"/responses/"+escape(name), statusOf(name, responses), tapes[0]) {
			m.measureResponse(requests[0], answer)
		}
	}
	return nil
}

// load loads the document with one path: with all of them, the time it takes grows with their square. The rules are
// about what a client knows and a schema cannot say.
func (m *measurement) load(path string) error {
	reduced, paths := maps.Clone(m.root), object{}
	all, _ := m.root["paths"].(object)
	if item, ok := all[path]; ok {
		paths[path] = item
	}
	reduced["paths"] = paths
	text, err := json.Marshal(reduced)
	if err != nil {
		return err
	}
	m.kit, err = contract.Load(text, contract.WithSchemaOnly())
	return err
}

func (m *measurement) measureRequest(t *tape) error {
	change := Change{
		ID: "client-request-refused", Level: Breaking, Direction: "request", Pointer: operationPointer(t.sent),
	}
	if err := m.kit.CheckRequest(t.request()); err != nil {
		violation, ok := errors.AsType[*contract.Violation](err)
		if !ok {
			return err
		}
		for _, found := range violation.Findings {
			change.Text = strings.TrimSpace(found.Where+" "+found.Pointer) + ": " + found.Detail
			m.add(change, ": "+t.String())
		}
	}
	var servers []string // absolute ones: the contract kit judges requests to any host
	for _, server := range serversOf(m.root, operationPointer(t.sent)) {
		if strings.Contains(server.url, "://") {
			servers = append(servers, server.url)
		}
	}
	if len(servers) > 0 && !slices.Contains(servers, heygen.DefaultBaseURL) {
		change.ID = "client-server-unknown"
		change.Text = fmt.Sprintf("the client calls %s, the document names %s",
			heygen.DefaultBaseURL, strings.Join(servers, " and "))
		m.add(change, "")
	}
	return nil
}

// answer is a response that the document gives or describes.
type answer struct {
	what        string // such as `example "Result"`
	pointer     string
	status      int
	contentType string
	body        []byte
	value       any  // of a JSON body
	full        bool // every member has a value
}

// answers are the examples of a response and instances of its schemas that fit them, by the contract kit's judgement.
func (m *measurement) answers(at string, status int, asked *tape) (answers []answer) {
	documented := flatten(m.root, resolve(m.root, "#"+at), 0)
	content, _ := documented["content"].(object)
	if len(content) == 0 {
		return []answer{{what: "without a body", pointer: at, status: status}}
	}
	for _, contentType := range slices.Sorted(maps.Keys(content)) {
		media, _ := content[contentType].(object)
		one := answer{pointer: at + "/content/" + escape(contentType), status: status, contentType: contentType}
		answers = append(answers, m.given(one, media)...)
		schema, ok := media["schema"]
		if !ok {
			continue
		}
		least, full := false, false
		for _, f := range forms(m.root, schema) {
			if made, ok := m.fitting(one, schema, f, asked); ok {
				answers = append(answers, made)
				least, full = least || !f.full, full || made.full
			}
		}
		if !least || !full {
			lacking := "full"
			if !least {
				lacking = "minimal"
			}
			m.add(Change{
				ID: "client-response-not-measured", Level: Breaking, Direction: "response", Pointer: one.pointer + "/schema",
				Text: "no " + lacking + " response could be made that fits the schema: see by hand what the client makes of one",
			}, "")
		}
	}
	return answers
}

// given are the examples, whether they fit the schema or not.
func (m *measurement) given(one answer, media object) (answers []answer) {
	add := func(what string, value any) {
		one.what = what
		answers = append(answers, one.with(value))
	}
	if value, ok := media["example"]; ok {
		add("the example", value)
	}
	examples, _ := media["examples"].(object)
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		if value, ok := flatten(m.root, examples[name], 0)["value"]; ok {
			add(fmt.Sprintf("example %q", name), value)
		}
	}
	if value, ok := example(flatten(m.root, media["schema"], 0)); ok {
		add("the example of the schema", value)
	}
	return answers
}

// fitting makes an instance that fits the schema. The code says whether a response is a success, and a success carries
// data, which no schema can say: so the instances of a success do, if the schema lets them.
func (m *measurement) fitting(one answer, schema any, f form, asked *tape) (answer, bool) {
	code := any(float64(1000*one.status + 1))
	if one.status/100 == 2 {
		code = 100.0
	}
	one.what, one.full = f.String(), f.full && !f.nulls && !f.unknown
	for _, withExamples := range []bool{false, true} { // an example may be the only text that fits a pattern
		f.examples = withExamples
		for _, code := range []any{code, fmt.Sprint(code), nil} {
			value := instance(m.root, schema, f, 0)
			if made, ok := value.(object); ok && code != nil {
				m.complete(made, schema, f, one.status, code)
			}
			one = one.with(value)
			t := &tape{status: one.status, contentType: one.contentType, body: one.body}
			request := asked.request()
			err := m.kit.CheckResponse(request, t.response(request)) //nolint:bodyclose // it is in memory
			if err == nil {
				return one, true
			}
			if violation, ok := errors.AsType[*contract.Violation](err); ok && !slices.ContainsFunc(violation.Findings,
				func(found contract.Finding) bool { return found.Pointer == "/code" || found.Pointer == "" }) {
				break // it is not for the code that the instance does not fit
			}
		}
	}
	return answer{}, false
}

// complete sets the code of an envelope and, in a success, the data.
func (m *measurement) complete(made object, schema any, f form, status int, code any) {
	described, _ := flatten(m.root, schema, 0)["properties"].(object)
	if _, ok := described["code"]; ok {
		_, has := made["code"]
		if has || status/100 == 2 {
			made["code"] = code
		}
	}
	if data, ok := described["data"]; ok && made["data"] == nil && status/100 == 2 && !f.full {
		made["data"] = instance(m.root, data, f, 1)
	}
}

// with returns the answer with a body.
func (a answer) with(value any) answer {
	text, isText := value.(string)
	if isText && !strings.Contains(a.contentType, "json") {
		a.value, a.body = nil, []byte(text)
		return a
	}
	a.value = value
	a.body, _ = json.Marshal(value) // it came from JSON
	return a
}

// measureResponse tells what the client makes of an answer that it should not.
func (m *measurement) measureResponse(send request, a answer) {
	t := &tape{status: a.status, contentType: a.contentType, body: a.body}
	result, err := t.play(send)
	change := Change{
		ID: "client-failure-misread", Level: Breaking, Direction: "response", Pointer: a.pointer,
	}
	var problems []string
	if a.status/100 == 2 {
		change.ID = "client-success-misread"
		problems = misreadSuccess(a, result, err)
	} else {
		problems = misreadFailure(a, err)
	}
	for _, problem := range problems {
		change.Text = problem
		m.add(change, fmt.Sprintf(" (%s: %s)", a.what, t))
	}
}

// misreadSuccess says what is wrong with the result: there is none, a member of it is not what was served, or one that
// the client offers stays empty although every documented member was served.
func misreadSuccess(a answer, result any, err error) (problems []string) {
	if err != nil {
		return []string{"the client fails: " + err.Error()}
	}
	envelope, _ := a.value.(object)
	served, _ := envelope["data"].(object)
	var kept object
	text, err := json.Marshal(result)
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return []string{"the result cannot be compared: " + err.Error()}
	}
	fields := reflect.Indirect(reflect.ValueOf(result))
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		value, ok := served[name]
		switch {
		case !ok && a.full:
			problems = append(problems, fmt.Sprintf("%s stays empty: the document describes no member %s", field.Name, name))
		case ok && !empty(value) && !reflect.DeepEqual(value, kept[name]):
			problems = append(problems, fmt.Sprintf("%s is not what was sent: member %s was altered", field.Name, name))
		}
	}
	return problems
}

// empty reports whether a JSON value may be left out of a result.
func empty(value any) bool { return value == nil || value == "" }

// misreadFailure says what is wrong with the error of a failure.
func misreadFailure(a answer, err error) []string {
	failed, ok := errors.AsType[*heygen.Error](err)
	switch {
	case err == nil:
		return []string{"the client takes it for a success"}
	case !ok:
		return []string{fmt.Sprintf("the error is a %T", err)}
	case failed.StatusCode != a.status:
		return []string{fmt.Sprintf("the status of the error is %d", failed.StatusCode)}
	}
	if want := codeOf(a.value); want != "" && failed.Code != want {
		return []string{fmt.Sprintf("the code of the error is %q", failed.Code)}
	}
	return nil
}

// codeOf is the code of an error envelope as text: an object that holds it, or whose member error does, or a text that
// holds such an object.
func codeOf(value any) string {
	if text, ok := value.(string); ok {
		_ = json.Unmarshal([]byte(text), &value) // what is no JSON holds no code
	}
	envelope, _ := value.(object)
	nested, _ := envelope["error"].(object)
	for _, code := range []any{envelope["code"], nested["code"]} {
		switch code := code.(type) {
		case string:
			return code
		case float64:
			return fmt.Sprintf("%.0f", code)
		}
	}
	return ""
}
