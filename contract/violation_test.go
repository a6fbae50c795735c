package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// planted is what no text may show, wherever in an exchange it is.
const planted = "whsec_Zv4R7/q3~QFE12WZcYA1qSBwBA=="

// plantings are copies of a JSON value, each with the planted text in one place: instead of a value, as a name, inside
// another type.
func plantings(value any) []any {
	all := []any{planted, []any{planted}, map[string]any{planted: planted}}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			for _, variant := range plantings(member) {
				all = append(all, changed(value, name, variant))
			}
		}
		all = append(all, changed(value, planted, planted))
	case []any:
		for i, item := range value {
			for _, variant := range plantings(item) {
				list := append([]any{}, value...)
				list[i] = variant
				all = append(all, list)
			}
		}
	}
	return all
}

func changed(object map[string]any, name string, value any) map[string]any {
	same := maps.Clone(object)
	same[name] = value
	return same
}

func TestNoTextHoldsAValue(t *testing.T) {
	t.Parallel()
	var update, got, failure any
	for text, value := range map[string]*any{
		`{"endpoint_id":"e1","url":"https://example.org","events":["a"]}`: &update,
		success(`,"events":["a"],"secret":"s","created_at":"2025-10-22T08:31:48","entity_id":null,"space_id":"x",
			"username":"u"`): &got,
		`{"code":400131,"message":"x"}`: &failure,
	} {
		if err := json.Unmarshal([]byte(text), value); err != nil {
			t.Fatal(err)
		}
	}
	var violations []error
	collect := func(err error) {
		if violation := new(contract.Violation); errors.As(err, &violation) {
			violations = append(violations, err)
		}
	}
	for _, document := range [][]byte{publishedDocument, correctedDocument} {
		for _, c := range []*contract.Contract{load(t, document), load(t, document, contract.WithStrict())} {
			for _, body := range plantings(update) {
				collect(c.CheckRequest(request(text(t, body))))
				collect(c.CheckResponse(request(text(t, body)), response(200, text(t, got))))
			}
			for _, body := range plantings(got) {
				collect(c.CheckResponse(request(text(t, update)), response(200, text(t, body))))
			}
			for _, body := range plantings(failure) {
				collect(c.CheckResponse(request(text(t, update)), response(200, text(t, body))))
				collect(c.CheckResponse(request(text(t, update)), response(404, text(t, body))))
			}
			for _, body := range []string{
				planted, `{"` + planted + ``, `{"` + planted + `":1,"` + planted + `":2}`, `{"` + planted + `":{"a":{}`,
				`{"endpoint_id":"` + planted + `"}{`, `{"endpoint_id":"` + planted + "\xff", "\"" + planted + `"`,
			} {
				collect(c.CheckRequest(request(body)))
				collect(c.CheckResponse(request(""), response(200, body)))
			}
			for _, change := range []func(*http.Request){
				at("/" + planted), at(path + "?key=" + planted),
				with("Content-Type", planted), with("Content-Type", "a/b;c="+planted),
				func(r *http.Request) { r.Method = planted },
			} {
				req := request(`{"endpoint_id":1}`)
				change(req)
				collect(c.CheckRequest(req))
				collect(c.CheckResponse(req, response(200, "")))
			}
			keyed := request(`{}`)
			keyed.Header.Set("X-Api-Key", planted)
			collect(c.CheckRequest(keyed))
		}
	}
	if len(violations) < 300 {
		t.Errorf("only %d violations", len(violations))
	}
	for _, err := range violations {
		violation := new(contract.Violation)
		_ = errors.As(err, &violation)
		for _, format := range []string{"%v", "%+v", "%#v", "%q"} {
			shown := fmt.Sprintf(format, err) + fmt.Sprintf(format, *violation) + fmt.Sprintf(format, violation.Findings)
			if strings.Contains(shown, "whsec_") || strings.Contains(shown, "QFE12WZ") {
				t.Errorf("%s shows the secret: %s", format, shown)
			}
		}
	}
}

func text(t testing.TB, value any) string {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestDetails(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	for body, want := range map[string]string{
		`{}`:                                      "member endpoint_id is missing",
		`{"endpoint_id":5}`:                       "want string, got number",
		`{"endpoint_id":"e1"} x`:                  "more than one value",
		`{"endpoint_id":"e1",`:                    "ends too early",
		`{"endpoint_id":"e1","events":{}}`:        "want array or null, got object",
		`{"endpoint_id":"e1","endpoint_id":null}`: "a name occurs twice in one object",
	} {
		if found := findings(t, c.CheckRequest(request(body))); len(found) != 1 || found[0].Detail != want {
			t.Errorf("%s: got %v, want %q", body, found, want)
		}
	}
	found := findings(t, c.CheckResponse(request(`{}`), response(200, with200("status", `"paused"`))))
	if len(found) != 1 || found[0].Detail != "want one of [enabled disabled]" {
		t.Errorf("got %v", found)
	}
}

func TestViolationIsOneBoundedLine(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		1: "contract: server: response 200 body /data/url: type: detail",
		5: "contract: " + strings.Repeat("server: response 200 body /data/url: type: detail; ", 2) +
			"server: response 200 body /data/url: type: detail (and 2 more)",
	} {
		var violation contract.Violation
		for range n {
			violation.Findings = append(violation.Findings,
				contract.Finding{contract.PartyServer, "response 200 body", "/data/url", "type", "detail"})
		}
		if got := violation.Error(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	// Names may be as deep as a body can nest.
	deep := strings.Repeat(`{"a":`, 9000) + `{"b":1,"b":2}` + strings.Repeat(`}`, 9000)
	err := load(t, correctedDocument).CheckRequest(request(deep))
	if found := findings(t, err); found[0].Keyword != "json" || len(err.Error()) > 600 {
		t.Errorf("text of %d bytes", len(err.Error()))
	}
}

// A response nested without end must not fill a log, nor a Collector.
func TestPointersAreBounded(t *testing.T) {
	t.Parallel()
	deep := success(`,"x":` + strings.Repeat("[", 20000))
	for _, f := range findings(t, load(t, correctedDocument).CheckResponse(request(`{}`), response(200, deep))) {
		if len(f.Pointer) > 100 || !strings.HasPrefix(f.Pointer, "/data/x/0/0/") {
			t.Errorf("a pointer of %d bytes: %.100s", len(f.Pointer), f.Pointer)
		}
	}
}
