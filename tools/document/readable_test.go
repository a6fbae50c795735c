package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	operationOf = `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/p":{"get":{"operationId":"g",` +
		`"responses":{"200":{"description":"d","content":{"application/json":{"schema":%s}}}}}}},` +
		`"components":{"schemas":{"A":{"type":"object","properties":{"k":{"type":"string"}}},"Self":{` +
		`"$ref":"#/components/schemas/Self"}}}}`
	schemaAt = "/paths/~1p/get/responses/200/content/application~1json/schema"
)

// What a library cannot read is left out or mended, with a note, and the rest can be loaded.
func TestReadable(t *testing.T) {
	t.Parallel()
	nowhere := []string{"/components/schemas/Self/$ref: the reference to #/components/schemas/Self leads to itself"}
	for name, tt := range map[string]struct {
		schema, want string
		notes        []string // begin with
	}{
		"as it is":  {`{"type":"string","unknown":true,"x-other":{"$ref":"file:///x"}}`, "", nil},
		"reference": {`{"$ref":"#/components/schemas/A"}`, "", nil},
		"anchor": {
			`{"$anchor":"a","type":"object","properties":{"x":{"$ref":"#a"}}}`,
			`{"type":"object","properties":{"x":{"$ref":"#` + schemaAt + `"}}}`, nil,
		},
		"id": {
			`{"$id":"https://h/a","$defs":{"d":{"type":"string"}},"properties":{"x":{"$ref":"#/$defs/d"},"y":{` +
				`"$ref":"https://h/a"}}}`,
			`{"$defs":{"d":{"type":"string"}},"properties":{"x":{},"y":{"$ref":"#` + schemaAt + `"}}}`,
			[]string{schemaAt + "/properties/x/$ref: the reference to #/$defs/d leads nowhere"},
		},
		"nowhere": {`{"type":"string","$ref":"#/components/schemas/Gone"}`, `{"type":"string"}` +
			``, []string{schemaAt + "/$ref: the reference to #/components/schemas/Gone leads nowhere"}},
		"no object": {`{"$ref":"#/info/title"}`, `{}`, []string{schemaAt + "/$ref: the reference to #/info/title " +
			"leads to what is no object"}},
		"out": {`{"$ref":"file:///etc/passwd"}`, `{}`, []string{schemaAt + "/$ref: the reference to " +
			"file:///etc/passwd leads out of the document"}},
		"relative": {`{"$ref":"other.json#/x"}`, `{}`, []string{schemaAt + "/$ref: the reference to other.json#/x " +
			"leads out"}},
		"dynamic": {`{"$dynamicRef":"http://h/x"}`, `{}`, []string{schemaAt + "/$dynamicRef: the reference to " +
			"http://h/x leads out"}},
		"dialect": {`{"$schema":"http://h/x","type":"string"}`, `{"type":"string"}`, []string{schemaAt + "/$schema: " +
			"it is read as"}},
		"mapping": {
			`{"oneOf":[{"$ref":"#/components/schemas/A"}],"discriminator":{"propertyName":"k","mapping":{"a":"A",` +
				`"b":"file:///x"}}}`,
			`{"oneOf":[{"$ref":"#/components/schemas/A"}],"discriminator":{"propertyName":"k","mapping":{"a":"A"}}}`,
			[]string{schemaAt + "/discriminator/mapping/b: the reference to file:///x"},
		},
		"type that is a number": {`{"type":5,"minLength":1}`, `{"minLength":1}`, []string{schemaAt + "/type: it is " +
			"left out"}},
		"two odd places": {
			`{"type":"object","properties":{"a":{"minimum":"5"},"b":{"items":[{"type":"string"}]},"c":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":{},"b":{},"c":{"type":"string"}}}`,
			[]string{schemaAt + "/properties/a/minimum: it is left out", schemaAt + "/properties/b/items: it is left out"},
		},
		"data and names": {
			`{"type":"object","properties":{"$ref":{"type":"string"},"$id":{"type":"string"}},"example":{` +
				`"$ref":"file:///x","$id":"x"}}`, "", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			readable, notes, err := Readable(fmt.Appendf(nil, operationOf, tt.schema))
			if err != nil {
				t.Fatal(err)
			}
			want := tt.notes
			if len(want) == 0 || !strings.HasPrefix(want[0], "/c") {
				want = append(append([]string{}, tt.notes...), nowhere...)
			}
			if len(notes) != len(want) {
				t.Fatalf("notes %q, want %q", notes, want)
			}
			for i, n := range notes {
				if !strings.HasPrefix(n.Where+": "+n.Text, want[i]) {
					t.Errorf("note %q, want %q", n.Where+": "+n.Text, want[i])
				}
			}
			var root any
			if err := json.Unmarshal(readable, &root); err != nil {
				t.Fatal(err)
			}
			got, _ := json.Marshal(Lookup(root, strings.TrimSuffix(schemaAt, "/schema")))
			if tt.want == "" {
				tt.want = tt.schema
			}
			var wanted any
			_ = json.Unmarshal([]byte(`{"schema":`+tt.want+`}`), &wanted)
			if text, _ := json.Marshal(wanted); string(got) != string(text) {
				t.Errorf("the schema is\n%s, want\n%s", got, text)
			}
			if _, err := openapi3.NewLoader().LoadFromData(readable); err != nil {
				t.Error(err)
			}
		})
	}
}

// A parameter or response whose reference leads nowhere is left out: an empty one has no meaning.
func TestReadableLeavesOutWhatCannotBeEmpty(t *testing.T) {
	t.Parallel()
	readable, notes, err := Readable([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{
		"/a":{"$ref":"file:///a"},"/b":{"get":{"parameters":[{"$ref":"b.json"},{"name":"q","in":"query","schema":{}}],
		"responses":{"200":{"$ref":"#/components/responses/Gone"},"default":{"description":"d"}}}}}}`))
	if err != nil || len(notes) != 3 {
		t.Fatalf("%v, notes %q", err, notes)
	}
	loaded, err := openapi3.NewLoader().LoadFromData(readable)
	if err != nil {
		t.Fatal(err)
	}
	get := loaded.Paths.Value("/b").Get
	if loaded.Paths.Len() != 1 || len(get.Parameters) != 1 || get.Responses.Len() != 1 {
		t.Errorf("it is read as\n%s", readable)
	}
}

// Only names.yaml names Go. What is called like an extension in data, or as a member, stays.
func TestCorrectDropsExtensionsThatNameGo(t *testing.T) {
	t.Parallel()
	const schema = `{"type":"object","x-go-type":"evil.T","x-go-type-import":{"path":"os/exec"},"x-other":{` +
		`"x-go-name":"A"},` +
		`"properties":{"x-go-type":{"type":"string","x-go-name":"B","x-oapi-codegen-extra-tags":{"a":"b"}},"x-order":{` +
		`"x-order":1,"x-enum-varnames":["C"]}},` +
		`"example":{"x-go-type":"D"},"default":{"x-omitempty":true}}`
	const want = `{"type":"object","x-other":{"x-go-name":"A"},"properties":{"x-go-type":{"type":"string"},` +
		`"x-order":{}},` +
		`"example":{"x-go-type":"D"},"default":{"x-omitempty":true}}`
	definition := fmt.Appendf(nil, operationOf, schema)
	corrected, err := Correct(definition, []byte("overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := Correct(
		fmt.Appendf(nil, operationOf, want),
		[]byte("overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n  # None.\n"),
	)
	if string(corrected) != string(plain) {
		t.Errorf("corrected to\n%s", corrected)
	}
	pointers, err := GoExtensions(definition)
	if err != nil || len(pointers) != 6 || pointers[0] != schemaAt+"/x-go-type" {
		t.Errorf("%v, %q", err, pointers)
	}
}

// A definition that no library can read in time is refused, with the place.
func TestExtractRefusesWhatHasNoEnd(t *testing.T) {
	t.Parallel()
	bomb := "openapi: 3.1.0\nx-0: &a0 [x]\n"
	for i := 1; i < 30; i++ {
		bomb += fmt.Sprintf("x-%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	for name, tt := range map[string]struct{ definition, want string }{
		"lists": {
			fmt.Sprintf(operationOf, `{"example":`+strings.Repeat("[", 1e5)+strings.Repeat("]", 1e5)+`}`),
			schemaAt + "/example/0/0",
		},
		"schemas": {
			fmt.Sprintf(operationOf, strings.Repeat(`{"items":`, 300)+"{}"+strings.Repeat("}", 300)), "levels of objects",
		},
		"values":       {fmt.Sprintf(operationOf, `{"enum":[`+strings.Repeat("1,", 300_000)+`1]}`), "than 250000 values"},
		"large number": {fmt.Sprintf(operationOf, `{"maximum":1e1000000}`), schemaAt + "/maximum is beyond"},
		"small number": {fmt.Sprintf(operationOf, `{"multipleOf":1e-1000000000}`), schemaAt + "/multipleOf is beyond"},
		"aliases":      {bomb, "aliases followed"},
		"few aliases": {
			"openapi: 3.1.0\nx-a: &a [" + strings.Repeat("1, ", 1000) + "1]\nx-b: [" +
				"" + strings.Repeat("2, ", 5000) + "2]\nx-c: [" +
				strings.Repeat("*a, ", 300) + "1]\n", "aliases followed",
		},
		"deep YAML": {"openapi: 3.1.0\nx: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "levels of objects"},
	} {
		if _, err := Extract([]byte(tt.definition)); err == nil || !strings.Contains(err.Error(), tt.want) ||
			len(err.Error()) > 500 {
			t.Errorf("%s: error %.600v, want one that holds %q", name, err, tt.want)
		}
	}
	for _, number := range []string{"0", "-0.0e5", "1e308", "5e-324", "123456789012345678901234567890"} {
		if _, err := Extract(fmt.Appendf(nil, operationOf, `{"maximum":`+number+`}`)); err != nil {
			t.Errorf("%s: %v", number, err)
		}
	}
}
