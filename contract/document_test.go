package contract_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
)

// bodyOf is a document whose responses have a schema.
func bodyOf(schema, components string) []byte {
	return documentOf("/t", "", `"200": {"description": "d", "content": {"application/json": {"schema": `+schema+`}}}`,
		components)
}

func TestSchemasAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	const components = `"schemas": {
		"S": {"type": "object", "properties": {"b": {"type": "string"}}},
		"T": {"$ref": "#/components/schemas/S", "required": ["b"]},
		"U": {"$ref": "#/components/schemas/S", "unevaluatedProperties": false},
		"Anchor": {"$anchor": "here", "type": "integer"},
		"Id": {"$id": "https://example.org/id", "$defs": {"D": {"type": "boolean"}}, "$ref": "#/$defs/D"},
		"Relative": {"$id": "relative.json", "type": "string"},
		"Tree": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}}, "required": ["v"]}
	}, "responses": {"R": {"description": "d", "content": {"application/json": {"schema": {"minimum": 3}}}}}`
	for schema, test := range map[string]struct{ good, bad string }{
		`{"$ref": "#/components/schemas/S", "required": ["b"]}`:                 {`{"b":""}`, `{}`},
		`{"$ref": "#/components/schemas/T"}`:                                    {`{"b":""}`, `{}`},
		`{"$ref": "#/components/schemas/U"}`:                                    {`{"b":""}`, `{"z":1}`},
		`{"$ref": "#here"}`:                                                     {`1`, `""`},
		`{"$ref": "https://example.org/id"}`:                                    {`true`, `""`},
		`{"$ref": "relative.json"}`:                                             {`""`, `1`},
		`{"$ref": "#/components/responses/R/content/application~1json/schema"}`: {`3`, `2`},
		`{"$ref": "#/components/schemas/Tree"}`: {`{"v":1,"next":{"v":1}}`,
			`{"v":1,"next":{}}`},
		`{"$schema": "https://spec.openapis.org/oas/3.1/dialect/base", "type": "string"}`: {`""`, `1`},

		`false`:                         {``, `1`},
		`{"const": null}`:               {`null`, `""`},
		`{"enum": []}`:                  {``, `1`},
		`{"const": {"$ref": "#/none"}}`: {`{"$ref":"#/none"}`, `{}`},
		`{"const": {"unevaluatedProperties": true}}`:  {`{"unevaluatedProperties":true}`, `{}`},
		`{"enum": [{"nullable": true, "type": "x"}]}`: {`{"nullable":true,"type":"x"}`, `{}`},
		`{"properties": {"$ref": {"type": "string"}, "const": {"type": "null"}}}`: {`{"$ref":"a","const":null}`,
			`{"$ref":1}`},
		`{"properties": {"nullable": true, "x": false}, "required": ["nullable"]}`: {`{"nullable":1}`,
			`{"nullable":1,"x":1}`},
		`{"type": "string", "nullable": true}`:                            {`""`, `null`},
		`{"type": "string", "foo": "bar", "x-go-type": "T"}`:              {`""`, `1`},
		`{"type": "string", "default": 2, "example": 1, "examples": [3]}`: {`""`, `1`},
		`{"oneOf": [{"$ref": "#/components/schemas/T"}, {"type": "string"}],
			"discriminator": {"propertyName": "b"}}`: {`{"b":""}`, `{}`},
		`{"type": "array", "contains": {"const": 1}, "maxContains": 1, "minItems": 0}`: {`[1,2]`, `[1,1]`},
		`{"type": "array", "minItems": 2e9}`:                                           {``, `[]`},
		`{"multipleOf": 0.01}`:                                                         {`19.99`, `19.999`},
		`{"const": 9007199254740993}`: {`9007199254740993`,
			`9007199254740992`},
		`{"maximum": 9007199254740992}`: {`9007199254740992.0`, `9007199254740993.0`},
		`{"maximum": 18446744073709551615}`: {`18446744073709551615`,
			`18446744073709551616`},

		`{"pattern": "^(?!x).+$"}`:                               {`"a"`, `"x"`},
		`{"pattern": "^(?=.*[0-9])(?=.*[a-z]).{2,}$"}`:           {`"a1"`, `"ab"`},
		`{"pattern": "^.{1,2000}$"}`:                             {`"a"`, `""`},
		`{"pattern": "^[\\u00e9]$"}`:                             {`"é"`, `"e"`},
		`{"pattern": "^\\u{1F600}\\d\\/$"}`:                      {`"😀1/"`, `"😀١/"`},
		`{"pattern": "(a)b\\1"}`:                                 {`"aba"`, `"abb"`},
		`{"pattern": "^\\s$"}`:                                   {`"\u00a0"`, `"a"`},
		`{"pattern": "^a.b$"}`:                                   {`"a😀b"`, `"a\u2028b"`},
		`{"pattern": "^[a[:digit:]]$"}`:                          {`"d]"`, `"5"`},
		`{"pattern": "^(?!q)[a-z-[aeiou]]$"}`:                    {`"-]"`, `"b"`},
		`{"pattern": "^\\uD83D\\uDE00[^\\S ]$"}`:                 {`"😀\t"`, `"😀 "`},
		`{"pattern": "(?!x)\\bé"}`:                               {`"aé"`, `"éé"`},
		`{"pattern": "^[^][]?$"}`:                                {``, `"a]"`},
		`{"pattern": "^\\p{Script=Greek}$"}`:                     {`"α"`, `"a"`},
		`{"format": "regex"}`:                                    {`"(?!x)\\p{Lu}"`, `"("`},
		`{"patternProperties": {"^(?!x)": {"type": "integer"}}}`: {`{"x":"","a":1}`, `{"a":""}`},
	} {
		t.Run(schema, func(t *testing.T) {
			t.Parallel()
			c := load(t, bodyOf(schema, components), contract.WithSchemaOnly())
			if test.good != "" {
				wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, test.good)))
			}
			if len(findings(t, c.CheckResponse(withHeader("/t"), response(200, test.bad)))) == 0 {
				t.Errorf("%s fits", test.bad)
			}
			if got := c.NotChecked(); len(got) > 0 {
				t.Errorf("not checked: %s", got)
			}
		})
	}
}

func TestStrictClosesWhatIsComposed(t *testing.T) {
	t.Parallel()
	const components = `"schemas": {"A": {"type": "object", "properties": {"a": {}}},
		"B": {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"b": {"$ref": "#/components/schemas/A"}}}]}}`
	c := load(t, bodyOf(`{"$ref": "#/components/schemas/B"}`, components), contract.WithSchemaOnly(),
		contract.WithStrict())
	wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, `{"a":1,"b":{"a":1}}`)))
	wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, `{"a":1,"c":1}`)),
		"server: response 200 body /c: unevaluatedProperties")
	inner := texts(findings(t, c.CheckResponse(withHeader("/t"), response(200, `{"b":{"c":1}}`))))
	if !slices.Contains(inner, "server: response 200 body /b/c: unevaluatedProperties") {
		t.Errorf("got findings %s", inner)
	}
}

// What a document has beside what is judged does not matter.
func TestOddDocumentsAreRead(t *testing.T) {
	t.Parallel()
	c := load(t, []byte(`{"openapi": "3.1.1", "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
		"info": 5, "tags": {}, "x-any": {"$ref": "file:///dev/null"}, "servers": [{"url": "https://{x}"}, 4],
		"webhooks": {"w": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "none"}}}}}}},
		"components": {"pathItems": {"P": {"get": {"operationId": "same",
			"responses": {"200": {"$ref": "#/components/responses/R"}}}}},
			"responses": {"R": {"content": {"application/json": {"schema": {"type": "integer"}}, "text/csv": {"schema": {}}}}},
			"schemas": {"Unused": {"type": "none", "$ref": "http://127.0.0.1:1/x"}}},
		"paths": {"x-y": 1, "/u/{a}": {"get": {"responses": {"2xx": {}, "404": {"$ref": "#/components/responses/R"}}}},
			"/t": {"$ref": "#/components/pathItems/P",
			"put": {"operationId": "same",
			"parameters": [{"name": "c", "in": "path", "schema": {}}],
				"callbacks": {"c": {"{$request.body}": {"$ref": "https://127.0.0.1:1/"}}}}}}}`), contract.WithSchemaOnly())
	wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, `1`)))
	wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, `""`)), "server: response 200 body: type")
	wantTexts(t, c.CheckRequest(withHeader("/u/7")))
	wantTexts(t, c.CheckResponse(withHeader("/u/7"), response(201, ``)))
	want := `["#/components/responses/R/content/text~1csv": bodies that are not JSON are not checked ` +
		`"#/paths/~1t/put/parameters/0": the path has no such parameter "#/paths/~1t/put": no response is documented ` +
		`"#/paths/~1u~1{a}/get": the parameter {a} is not described]`
	if got := fmt.Sprint(c.NotChecked()); got != want {
		t.Errorf("not checked\n\t%s, want\n\t%s", got, want)
	}
}

func TestUnknownPatternsAreNotJudged(t *testing.T) {
	t.Parallel()
	c := load(t, bodyOf(`{"type": "array", "items": {"not": {"pattern": "(*"}}}`, ""), contract.WithSchemaOnly())
	wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, `["a"]`)))
	want := `["#/paths/~1t/get/responses/200/content/application~1json/schema": the pattern of ` +
		`"#/paths/~1t/get/responses/200/` +
		`content/application~1json/schema/items/not" is not one of ECMA-262, or none that can be run]`
	if got := fmt.Sprint(c.NotChecked()); got != want {
		t.Errorf("not checked\n\t%s, want\n\t%s", got, want)
	}
	for _, schema := range []string{
		`{"dependencies": {"a": {"properties": {"b": {"pattern": "(*"}}}}}`,
		`{"dependentSchemas": {"a": {"properties": {"b": {"pattern": "(*"}}}}}`,
	} {
		if c := load(t, bodyOf(schema, ""), contract.WithSchemaOnly()); len(c.NotChecked()) != 1 {
			t.Errorf("%s: not checked: %s", schema, c.NotChecked())
		}
	}
}

func TestYAML(t *testing.T) {
	t.Parallel()
	c := load(t, []byte(`
openapi: 3.1.0
info: {title: t, version: 1}
x-base: &base {description: d, content: 5}
paths:
  /t:
    get:
      responses:
        200:
          <<: *base
          content: {application/json: {schema: {enum: [2020-01-01, 0x10, true, null, "1", 9007199254740993, 0.1]}}}
`), contract.WithSchemaOnly())
	for _, body := range []string{`"2020-01-01"`, `16`, `true`, `null`, `"1"`, `9007199254740993`, `0.1`} {
		wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, body)))
	}
	for _, body := range []string{`1`, `9007199254740992`} {
		wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, body)), "server: response 200 body: enum")
	}
}

func TestYAMLRefuses(t *testing.T) {
	t.Parallel()
	bomb := "a0: &a0 [x, x]\n"
	for i := range 30 {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i)
	}
	for text, want := range map[string]string{
		bomb: "alias", "a: &a [*a]": "contains itself", "a: 1\na: 2": "already defined", "a: .inf": "Inf",
		"a": "not an object", " \n": "empty", "paths: []\nopenapi: 3.1.0": "not an object",
		"a: [": "yaml", "a: *b": "unknown anchor",
	} {
		if _, err := contract.Load([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want an error with %q", text, err, want)
		}
	}
}

// No reference makes Load open anything: each is refused, and named.
func TestReferencesLeadNowhere(t *testing.T) {
	var opens atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		opens.Add(1)
		_, _ = w.Write([]byte(`{"type": "string"}`))
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(file, []byte(`{"type": "string"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(file))
	slash := "file://" + filepath.ToSlash(file)
	for _, to := range []string{slash, slash + "#/x", server.URL, "schema.json", "./schema.json#", "/dev/zero",
		"//127.0.0.1/x"} {
		for _, schema := range []string{
			`{"$ref": %q}`, `{"$dynamicRef": %q}`,
			`{"$schema": %q}`, `{"$id": %q, "$ref": "other.json"}`, `{"$id": "https://example.org/a", "$schema": %q}`,
			`{"items": {"anyOf": [{"$ref": %q}]}}`,
		} {
			document := bodyOf(fmt.Sprintf(schema, to), "")
			if _, err := contract.Load(document); err == nil {
				t.Errorf("%s is loaded", fmt.Sprintf(schema, to))
			}
		}
		c := load(t, fmt.Appendf(nil, `{"openapi": "3.1.0", "paths": {"/t": {"$ref": %q}}}`, to), contract.WithSchemaOnly())
		if got := fmt.Sprint(c.NotChecked()); !strings.Contains(got, `"#/paths/~1t": $ref leads out of the document`) {
			t.Errorf("not checked: %s", got)
		}
		for _, document := range []string{
			`"paths": {"/t": {"get": {"parameters": [{"$ref": %q}]}}}`,
			`"paths": {"/t": {"get": {"requestBody": {"$ref": %q}}}}`,
			`"paths": {"/t": {"get": {"responses": {"200": {"$ref": %q}}}}}`,
			`"paths": {"/t": {"get": {"responses": {"200": {"headers": {"X": {"$ref": %q}}}}}}}`,
			`"security": [{"s": []}], "paths": {"/t": {"get": {}}}, "components": {"securitySchemes": {"s": {"$ref": %q}}}`,
			`"jsonSchemaDialect": %q`,
		} {
			if _, err := contract.Load(fmt.Appendf(nil, `{"openapi": "3.1.0", `+document+`}`, to)); err == nil {
				t.Errorf("%s is loaded", fmt.Sprintf(document, to))
			}
		}
	}
	if n := opens.Load(); n > 0 {
		t.Errorf("the server got %d requests", n)
	}
}

// chain is a schema and the schemas it leads to, each with two references to the next.
func chain(levels int, form string) (schema, components string) {
	var all []string
	for i := range levels {
		all = append(all, fmt.Sprintf(`"S%d": `+form, i, i+1))
	}
	all = append(all, fmt.Sprintf(`"S%d": {"type": "integer"}`, levels))
	return `{"$ref": "#/components/schemas/S0"}`, `"schemas": {` + strings.Join(all, ",") + `}`
}

func TestEverythingEnds(t *testing.T) {
	t.Parallel()
	ref := func(form string) string {
		return strings.ReplaceAll(form, "REF", `{"$ref": "#/components/schemas/S%[2]d"}`)
	}
	for name, test := range map[string]struct{ form, body string }{
		"allOf": {`{"allOf": [REF, REF]}`, `1`},
		"anyOf": {`{"anyOf": [REF, REF]}`, `""`},
		"oneOf": {`{"oneOf": [REF, REF]}`, `1`},
		"not":   {`{"not": {"anyOf": [REF, REF]}}`, `""`},
		"properties": {`{"allOf": [{"properties": {"a": REF}}, {"properties": {"a": REF}}]}`, strings.Repeat(`{"a":`,
			29) + `""` + strings.Repeat(`}`, 29)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema, components := chain(28, ref(test.form))
			begin := time.Now()
			c := load(t, bodyOf(schema, components), contract.WithSchemaOnly(), contract.WithCollector(new(contract.Collector)))
			_ = c.CheckResponse(withHeader("/t"), response(200, test.body))
			param := load(t, documentOf("/t", `{"name": "p", "in": "query", "schema": `+schema+`}`, noContent, components))
			_ = param.CheckRequest(withHeader("/t?p=1"))
			if took := time.Since(begin); took > time.Minute {
				t.Errorf("took %s", took)
			}
		})
	}
	t.Run("recursion", func(t *testing.T) {
		t.Parallel()
		c := load(t, bodyOf(`{"$ref": "#/components/schemas/S"}`, `"schemas": {"S": {"oneOf": [
			{"properties": {"a": {"$ref": "#/components/schemas/S"}}},
				{"properties": {"a": {"$ref": "#/components/schemas/S"}}}]}}`),
			contract.WithSchemaOnly())
		body := strings.Repeat(`{"a":`, 1000) + `1` + strings.Repeat(`}`, 1000)
		wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, body)), "server: response 200 body: size")
	})
	t.Run("pattern", func(t *testing.T) {
		t.Parallel()
		c := load(t, bodyOf(`{"pattern": "^(?=.*x)(a+)+$"}`, ""), contract.WithSchemaOnly())
		wantTexts(t, c.CheckResponse(withHeader("/t"), response(200, `"`+strings.Repeat("a", 100)+`b x"`)),
			"server: response 200 body: size")
	})
	t.Run("nested", func(t *testing.T) {
		t.Parallel()
		nested := func(deep int) []byte {
			return bodyOf(strings.Repeat(`{"properties":{"a":`, deep)+`{}`+strings.Repeat(`}}`, deep), "")
		}
		load(t, nested(90))
		for want, document := range map[string][]byte{
			"levels deep":          nested(500),
			"more than 2000":       bodyOf(`{"allOf": [{}`+strings.Repeat(`,{}`, 20000)+`]}`, ""),
			"more than 100 parame": documentOf("/"+strings.Repeat("{a}", 20000), "", noContent, ""),
		} {
			if _, err := contract.Load(document); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %.100v, want %s", err, want)
			}
		}
	})
}

func TestLoadTakesTimeByTheSizeOfTheDocument(t *testing.T) {
	t.Parallel()
	var paths, schemas []string
	for i := range 1000 {
		paths = append(paths, fmt.Sprintf(`"/p%d/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": true,
			"schema": {"type": "string"}}], "responses": {"200": {"description": "d", "content": {"application/json": {
			"schema": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/S%d"}}}}}}}}}`, i, i))
		schemas = append(schemas, fmt.Sprintf(`"S%d": {"type": "object", "properties": {"a": {"type": "string"}}}`, i))
	}
	document := fmt.Appendf(nil, `{"openapi": "3.1.0", "components": {"schemas": {%s}}, "paths": {%s}}`,
		strings.Join(schemas, ","), strings.Join(paths, ","))
	begin := time.Now()
	load(t, document)
	if took := time.Since(begin); took > 20*time.Second { // about 0.8 s of one processor
		t.Errorf("1,000 paths took %s", took)
	}
}

func TestLoadRefusesByPlace(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"type": "strng"}`:                               `content/application~1json/schema/type": not a schema`,
		`{"items": {"minLength": "1"}}`:                   `/schema/items/minLength": not a schema: type: want integer`,
		`{"exclusiveMinimum": true}`:                      `/schema/exclusiveMinimum": not a schema: type`,
		`{"$ref": "#/components/schemas/Bad"}`:            `"#/components/schemas/Bad/required": not a schema: `,
		`{"items": {"$ref": "#/components/schemas/Bad"}}`: `"#/components/schemas/Bad/required": not a schema: `,
		`{"$ref": "#/components/schemas/Loop"}`:           `"#/components/schemas/Loop": refers to itself without end`,
		`{"$ref": "#/components/schemas/None"}`:           `None`,
		`{"$ref": "#none"}`:                               `none`,
		`{"maximum": 1e99999}`:                            `/schema/maximum": a number out of range`,
		`{"$id": "https://a.example/", "$schema": "http://json-schema.org/draft-07/schema#"}`: `older draft`,
		`4`: `not a schema`,
	} {
		_, err := contract.Load(bodyOf(schema,
			`"schemas": {"Bad": {"required": true}, "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}]}}`))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "document.invalid") {
			t.Errorf("%s: got %v, want an error with %s", schema, err, want)
		}
	}
}
