package specdiff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/generate"
)

// pageWith is the base's page with another operation, whose response has a schema, and with components.
func pageWith(t *testing.T, schema, components string) document.Page {
	t.Helper()
	definition := extract(t, read(t, basePage))
	var root map[string]any
	if err := json.Unmarshal(definition, &root); err != nil {
		t.Fatal(err)
	}
	var operation, schemas any
	text := `{"operationId":"odd","responses":{"200":{"description":"d","content":{"application/json":{` +
		`"schema":` + schema + `}}}}}`
	if err := errors.Join(
		json.Unmarshal([]byte(text), &operation),
		json.Unmarshal([]byte(components), &schemas),
	); err != nil {
		t.Fatal(err)
	}
	root["paths"].(map[string]any)["/v1/odd"] = map[string]any{"get": operation}
	root["components"].(map[string]any)["schemas"] = schemas
	definition, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return document.Page{Name: "update-a-webhook-endpoint.md", Definition: definition, Content: definition}
}

const oddSchema = "/paths/~1v1~1odd/get/responses/200/content/application~1json/schema"

// One odd place does not keep the rest of a document from being compared.
func TestOddPlacesAreNoted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ schema, note string }{
		"unknown keyword":         {`{"type":"string","optional":true,"x-foo":1}`, ""},
		"default that is no list": {`{"type":["array","null"],"items":{},"default":""}`, oddSchema + "/default"},
		"default not in the enum": {`{"enum":["a"],"default":"paused"}`, "the default does not fit its schema"},
		"default that fits":       {`{"enum":["a"],"default":"a"}`, ""},
		"pattern that looks on": {`{"type":"string","pattern":"^https://(?!localhost).+$","example":"x"}` +
			``, "(?!localhost)"},
		"long repeat": {`{"type":"string","pattern":"^https?://.{1,2048}$","example":"x"}`, "{1,2048}"},
		"anchor":      {`{"$anchor":"a","properties":{"a":{"$ref":"#a"}},"example":{"a":{}}}`, ""},
		"id": {`{"$id":"https://example.com/s","properties":{"a":{"$ref":"#/$defs/b"}},"$defs":{` +
			`"b":{}},"example":{"a":1}}`, "leads nowhere"},
		"no schema":             {`{}`, ""},
		"true":                  {`true`, ""},
		"null":                  {`null`, oddSchema},
		"limits":                {`{"exclusiveMinimum":true,"exclusiveMaximum":5,"multipleOf":0,"example":1}`, "multipleOf"},
		"type that is a number": {`{"type":5}`, oddSchema + "/type"},
		"nowhere":               {`{"$ref":"#/components/schemas/Gone"}`, "leads nowhere"},
		"Go": {`{"x-go-type":"evil.T","properties":{"x-go-type":{"x-go-name":"A"}}}` +
			``, oddSchema + "/properties/x-go-type/x-go-name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := compared(t.Context(), pageWith(t, tt.schema, `{}`))
			if err != nil {
				t.Fatal(err)
			}
			if report.Document.Verdict != Compatible || len(report.In(document.Applies)) != len(report.Corrections) {
				t.Errorf("compared to %+v, %+v", report.Document, report.Corrections)
			}
			var text strings.Builder
			if err := report.WriteText(&text); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text.String(), tt.note) || (len(report.Notes) > 0) != (tt.note != "") {
				t.Errorf("notes %q, want one that holds %q", report.Notes, tt.note)
			}
		})
	}
}

// A null in the place of an object, and what refers to a component that is left out, keep nothing else from being
// compared.
func TestPlacesThatAreLeftOut(t *testing.T) {
	t.Parallel()
	const (
		path      = `"/v1/odd":{`
		operation = `"operationId":"odd",`
		responses = operation + `"responses":{`
	)
	for name, tt := range map[string]struct{ within, text, components, note string }{
		"operation":  {path, `"post":null,`, ``, "/post"},
		"server":     {path, `"servers":[null],`, ``, "/servers/0"},
		"parameter":  {operation, `"parameters":[null],`, ``, "/get/parameters/0"},
		"response":   {responses, `"500":null,`, ``, "/get/responses/500"},
		"header":     {responses, `"500":{"description":"d","headers":{"A":null}},`, ``, "/headers/A"},
		"link":       {responses, `"500":{"description":"d","links":{"a":null}},`, ``, "/links/a"},
		"media type": {responses, `"500":{"description":"d","content":{"text/plain":null}},`, ``, "/content/text~1plain"},
		"example": {responses, `"500":{"description":"d","content":{"text/plain":{"examples":{"e":null}}}},`, ``,
			"/examples/e"},
		"property": {responses, `"500":{"description":"d","content":{"application/json":{"schema":{"properties":{` +
			`"p":null}}}}},`, ``, "/properties/p"},
		"component": {responses, `"500":{"$ref":"#/components/responses/E"},`, `"responses":{"E":null},`,
			"/get/responses/500"},
		"response that leads out": {responses, `"500":{"$ref":"#/components/responses/E"},`,
			`"responses":{"E":{"$ref":"./e"}},`, "/get/responses/500"},
		"parameter that leads out": {operation, `"parameters":[{"$ref":"#/components/parameters/P"}],`,
			`"parameters":{"P":{"$ref":"http://127.0.0.1:1/p"}},`, "/get/parameters/0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := pageWith(t, `{}`, `{}`)
			for within, text := range map[string]string{tt.within: tt.text, `"components":{`: tt.components} {
				page.Definition = bytes.Replace(page.Definition, []byte(within), []byte(within+text), 1)
			}
			report, err := compared(t.Context(), page)
			if err != nil {
				t.Fatal(err)
			}
			if report.Document.Verdict != Compatible || len(report.In(document.Applies)) != len(report.Corrections) {
				t.Errorf("compared to %+v, %+v", report.Document, report.Corrections)
			}
			isNoted := func(n document.Note) bool {
				return strings.HasPrefix(n.Text, "it is left out") && strings.Contains(n.Where, tt.note)
			}
			if !slices.ContainsFunc(report.Notes, isNoted) {
				t.Errorf("notes %q, want one on %s", report.Notes, tt.note)
			}
		})
	}
}

// At the end of the time for a whole report, it says what is not compared.
func TestReportsEnd(t *testing.T) {
	t.Parallel()
	report, err := compareWithin(t.Context(), time.Nanosecond, "../..", document.V1, pageWith(t, `{}`, `{}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, axis := range []Axis{report.Document, report.Go, report.Client} {
		if axis.Verdict != Breaking || axis.Changes[0].Text != errTooSlow.Error() {
			t.Errorf("%+v, want that it takes too long", axis)
		}
	}
}

// Small documents that others take hours for, or all memory, are compared in time, and what was left out is noted.
func TestComparingEnds(t *testing.T) {
	t.Parallel()
	const levels = 28
	ladder := func(level string) string {
		var schemas []string
		for i := range levels {
			schemas = append(
				schemas,
				fmt.Sprintf(`"L%d":`, i)+strings.ReplaceAll(
					level,
					"NEXT",
					fmt.Sprintf(`{"$ref":"#/components/schemas/L%d"}`, i+1),
				),
			)
		}
		return "{" + strings.Join(schemas, ",") + fmt.Sprintf(`,"L%d":{"type":"string"}}`, levels)
	}
	mutual := "{"
	for i := range 10 {
		mutual += fmt.Sprintf(`"S%d":{"type":"object","properties":{`, i)
		for j := range 10 {
			mutual += fmt.Sprintf(`"p%d":{"$ref":"#/components/schemas/S%d"},`, j, j)
		}
		mutual = strings.TrimSuffix(mutual, ",") + "}},"
	}
	mutual = strings.TrimSuffix(mutual, ",") + "}"
	for name, tt := range map[string]struct{ schema, components, note string }{
		"members": {`{"$ref":"#/components/schemas/L0"}`, ladder(`{"properties":{"a":NEXT,"b":NEXT}}`), ""},
		"allOf": {`{"$ref":"#/components/schemas/L0","example":5}`, ladder(`{"allOf":[NEXT,NEXT]}` +
			``), oddSchema + "/example"},
		"anyOf": {`{"$ref":"#/components/schemas/L0","example":5}`, ladder(`{"anyOf":[NEXT,NEXT]}` +
			``), oddSchema + "/example"},
		"oneOf": {`{"$ref":"#/components/schemas/L0","example":5}`, ladder(`{"oneOf":[NEXT,NEXT]}` +
			``), oddSchema + "/example"},
		"into itself": {`{"$ref":"#/components/schemas/A","example":5}`, `{"A":{"allOf":[{` +
			`"$ref":"#/components/schemas/A"}]}}`, oddSchema + "/example"},
		"mutual": {`{"$ref":"#/components/schemas/S0"}`, mutual, ""},
		"long list": {`{"type":"array","minItems":2000000000,"items":{"type":"string","minLength":2000000000},` +
			`"example":[]}`, `{}`, ""},
		"many of them": {`{"type":"string","examples":[` + strings.Repeat("1,", 1000) + `1]}`, `{}`, "too many"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := readDocuments("testdata/base", document.V1, pageWith(t, tt.schema, tt.components))
			if err != nil {
				t.Fatal(err)
			}
			if err := d.compare(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := axis(
				t.Context(),
				"",
				func() (Axis, error) { return Client(document.V1, d.readableOld, d.readableCorrected) },
			); err != nil {
				t.Error(err)
			}
			noted := slices.ContainsFunc(
				d.report.Notes,
				func(n document.Note) bool { return strings.Contains(n.Where+n.Text, tt.note) },
			)
			if tt.note != "" && !noted {
				t.Errorf("notes %q, want one that holds %q", d.report.Notes, tt.note)
			}
		})
	}
}

func TestStepsEnd(t *testing.T) {
	t.Parallel()
	endless := func(context.Context) (int, error) { select {} }
	_, err := generate.Within(t.Context(), time.Nanosecond, endless)
	if err == nil || err.Error() != "it takes more than 1ns" {
		t.Errorf("too long: %v", err)
	}
	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("interrupted"))
	if _, err := generate.Within(stopped, time.Hour, endless); err == nil || err.Error() != "interrupted" {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := axis(stopped, "", func() (Axis, error) { return Axis{}, nil }); err == nil ||
		err.Error() != "interrupted" {
		t.Errorf("interrupted: %v", err)
	}
	axis, err := axis(t.Context(), "id", func() (Axis, error) { panic("no") })
	if err != nil || axis.Verdict != Breaking || axis.Changes[0].Text != "it panics: no" {
		t.Errorf("a panic: %v, %+v", err, axis)
	}
}

// A report holds no control characters, whatever the document says, in any format.
func TestReportHasNoControlCharacters(t *testing.T) {
	t.Parallel()
	const evil = "\u001b[2J\u009b31m\u202e\u2066\u200b\r\u007f\U000e0041"
	encoded, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	escaped := strings.Trim(string(encoded), `"`)
	schema := `{"type":"object","properties":{"` + escaped + `":{"enum":["` + escaped + `"],"type":["string",` +
		`"null"]}},"x-go-type` + escaped + `":1,` +
		`"example":{"` + escaped + `":"other ` + escaped + `"},"required":["` + escaped + `"]}`
	page := pageWith(t, schema, `{"A":{"$ref":"`+escaped+`"},"B":{"properties":{"`+escaped+`":{}}}}`)
	page.Definition = bytes.Replace(page.Definition, []byte(`"version":"`), []byte(`"version":"`+escaped), 1)
	report, err := compared(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	report.Go.Changes = []Change{{"id", Breaking, evil, evil}}
	if len(report.Contradictions) == 0 || len(report.Notes) == 0 {
		t.Fatalf("no text of the document is in %+v", report)
	}
	for name, write := range map[string]func(*Report, *strings.Builder) error{
		"text":     func(r *Report, b *strings.Builder) error { return r.WriteText(b) },
		"markdown": func(r *Report, b *strings.Builder) error { return r.WriteMarkdown(b) },
		"json":     func(r *Report, b *strings.Builder) error { return r.WriteJSON(b) },
		"changelog": func(r *Report, b *strings.Builder) error {
			b.WriteString(r.entry(time.Time{}))
			return nil
		},
	} {
		var b strings.Builder
		if err := write(report, &b); err != nil {
			t.Fatal(err)
		}
		if at := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); at >= 0 {
			t.Errorf("%s has %q", name, b.String()[max(0, at-20):min(b.Len(), at+20)])
		}
		var again Report
		if name == "json" {
			if err := json.Unmarshal([]byte(b.String()), &again); err != nil || again.Go.Changes[0].Text != evil {
				t.Errorf("the JSON holds %q, %v", again.Go, err)
			}
		}
	}
}

// If the vendor fixes every defect, or moves what corrections are about, each correction has its state.
func TestCorrectionsThatTheVendorOvertakes(t *testing.T) {
	t.Parallel()
	published, corrections := extract(t, read(t, basePage)), read(t, "testdata/base/api/corrections.yaml")
	fixed, err := document.Correct(published, corrections)
	if err != nil {
		t.Fatal(err)
	}
	moved := bytes.ReplaceAll(published, []byte(`"application/json"`), []byte(`"application/problem+json"`))
	var ids []string
	for name, definition := range map[string][]byte{
		"fixed": fixed, "moved": moved,
		"another form": bytes.Replace(moved, []byte(`"components": {`), []byte(`"x-components": 1, "components": {`+
			`"schemas": "none", "responses": [], `), 1),
	} {
		report, err := compared(t.Context(), document.Page{Name: "update-a-webhook-endpoint.md", Definition: definition})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(report.In(document.Applies)) == len(report.Corrections) {
			t.Errorf("%s: all corrections apply", name)
		}
		ids = nil
		for _, s := range report.Corrections {
			ids = append(ids, s.ID)
			if s.State == "" || name == "fixed" && s.State != document.Obsolete {
				t.Errorf("%s: %s is %q", name, s.ID, s.State)
			}
		}
	}
	// With all of them dropped, the file can still be read.
	none, err := document.Drop(corrections, ids)
	if err != nil {
		t.Fatal(err)
	}
	if corrected, err := document.Correct(fixed, none); err != nil || !bytes.Equal(corrected, fixed) {
		t.Errorf("%v, with no correction left:\n%s", err, none)
	}
}

// A page that contradicts the others is reported on all the same, with the places.
func TestPageThatContradictsTheOthers(t *testing.T) {
	t.Parallel()
	definition := `{"openapi":"3.1.1","info":{"title":"t","version":"3"},"security":[{"sec0":[]}],
		"components":{"securitySchemes":{"sec0":{"type":"http","scheme":"bearer"}}},
		"paths":{"/v3/a":{"get":{"operationId":"other","responses":{"200":{"description":"d"}}}}}}`
	report, err := compared(t.Context(), document.Page{Name: "other.md", Definition: []byte(definition)})
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, n := range report.Notes {
		places = append(places, n.Where)
	}
	slices.Sort(places)
	want := []string{"/components/securitySchemes/sec0/type", "/openapi", "/servers"}
	if !slices.Equal(places, want) {
		t.Errorf("notes %q, want places %q", report.Notes, want)
	}
	if report.Document.Verdict != Compatible {
		t.Errorf("%+v", report.Document)
	}
}
