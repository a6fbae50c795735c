package revision_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/revision"
)

// Old documents that the published one is no example of.
const (
	inComponents = `body $ref "#/components/schemas/Request"
		result properties|data {"$ref":"#/components/schemas/Endpoint"}
		document components|schemas {"Request":{"type":"object","properties":{"url":{"type":"string"}}},
			"Endpoint":{"type":"object","required":["url"],"properties":{"url":{"type":"string"},
				"parent":{"$ref":"#/components/schemas/Endpoint"},"status":{"type":"string","enum":["a"]}}}}`
	withParameters = `operation parameters [{"name":"a","in":"query","schema":{"type":"string","maxLength":9}},
		{"name":"b","in":"query","schema":{"type":"string"}}]`
	inPath = `document paths {"/v1/{id}":{"get":{"parameters":[
		{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],"responses":{}}}}`
	withAlternatives = `result properties|data {"oneOf":[
		{"type":"string","maxLength":9},{"type":"object","properties":{"a":{"type":"string"}}}]}`
	withAllOf = `result properties|data {"allOf":[
		{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object"}]}`
)

// Every change is told once, with its level, its direction and its place.
func TestDocumentSaysWhatTheVendorChanged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		base, edits string // the edits of the old document, and those that make the new one of it
		want        string // lines "level id direction pointer", whose pointer may begin with the name of a place
	}{
		// Only text.
		"nothing": {
			"", ``,
			"",
		},
		"version": {
			"", `document info|version "4.0.9"`,
			`compatible document-text-changed /info/version`,
		},
		"description": {
			"", `body description "d"`,
			`compatible document-text-changed request body/description`,
		},
		"example": {
			"", `data properties|url|example "u"`,
			`compatible document-text-changed response data/properties/url/example`,
		},
		"examples": {
			"", `success examples gone`,
			`compatible document-text-changed response success/examples`,
		},
		"extension": {
			"", `document x-readme gone`,
			`compatible document-text-changed /x-readme`,
		},
		"a name that is a keyword": {
			"", `data properties|description {"type":"string"}`,
			`compatible response-optional-property-added response data/properties/description`,
		},
		"order of an enumeration": {
			"", `data properties|status|enum ["disabled","enabled"]`,
			`compatible document-structure-changed response data/properties/status/enum`,
		},
		// Servers and security.
		"server": {
			"", `document servers [{"url":"https://api2.heygen.com"}]`,
			`breaking server-removed /servers/0
				compatible server-added /servers/0`,
		},
		"server added": {
			"", `document servers [{"url":"https://eu.heygen.com"},{"url":"https://api.heygen.com"}]`,
			`compatible server-added /servers/0`,
		},
		"server written otherwise": {
			"", `document servers [{"url":"https://{name}.heygen.com/","variables":{"name":{"default":"api"}}}]`,
			`compatible document-structure-changed /servers/0
				compatible document-structure-changed /servers/0`,
		},
		"no servers": {
			"", `document servers []`,
			`breaking server-removed /servers/0`,
		},
		"server of the operation": {
			"", `operation servers [{"url":"https://up.heygen.com"}]`,
			`breaking server-removed /servers/0
				compatible server-added operation/servers/0`,
		},
		"the same server for the operation": {
			"", `operation servers [{"url":"https://api.heygen.com"}]`,
			`compatible document-structure-changed operation/servers/0`,
		},
		"security removed": {
			"", `document security gone`,
			`breaking api-security-anonymous-access-added /security`,
		},
		"security optional": {
			"", `document security [{"sec0":[]},{}]`,
			`breaking api-security-anonymous-access-added /security`,
		},
		"security of the operation removed": {
			"", `operation security []`,
			`breaking api-security-anonymous-access-added operation/security`,
		},
		"the same security for the operation": {
			"", `operation security [{"sec0":[]}]`,
			`compatible document-structure-changed operation/security`,
		},
		"security header renamed": {
			"", `scheme name "x-key"`,
			`breaking api-security-component-api-key-name-changed scheme/name`,
		},
		"key in the query": {
			"", `scheme in "query"`,
			`breaking api-security-component-api-key-in-changed scheme/in`,
		},
		"security scheme renamed": {
			"", `document components|securitySchemes {"key":{"in":"header","name":"x-api-key","type":"apiKey",
					"x-default":"<your-api-key>"}}
				document security [{"key":[]}]`,
			`compatible security-scheme-renamed /components/securitySchemes/key`,
		},
		"another security scheme": {
			"", `document components|securitySchemes {"key":{"in":"header","name":"x-key","type":"apiKey"}}
				document security [{"key":[]}]`,
			`breaking api-security-removed /security
				compatible api-security-component-added /components/securitySchemes/key
				compatible api-security-component-removed scheme
				compatible api-security-added /security`,
		},
		// Operations.
		"path renamed": {
			"", `document paths {"/v2":{"patch":{"responses":{}}}}`,
			`breaking api-path-removed-without-deprecation operation
				compatible endpoint-added /paths/~1v2/patch`,
		},
		"path added": {
			"", `document paths|/v2 {"patch":{"responses":{}}}`,
			`compatible endpoint-added /paths/~1v2/patch`,
		},
		"method changed": {
			"", `document paths|/v1/webhook/endpoint.update {"put":{"responses":{}}}`,
			`breaking api-removed-without-deprecation operation
				compatible endpoint-added /paths/~1v1~1webhook~1endpoint.update/put`,
		},
		"operation id renamed": {
			"", `operation operationId "update"`,
			`breaking api-operation-id-removed operation/operationId`,
		},
		"deprecated": {
			"", `operation deprecated true`,
			`compatible endpoint-deprecated operation/deprecated`,
		},
		"sunset": {
			"", `operation deprecated true
				operation x-sunset "2020-01-01"`,
			`compatible document-text-changed operation/deprecated
				compatible document-text-changed operation/x-sunset`,
		},
		"callback added": {
			"", `operation callbacks {"event":{}}`,
			`compatible document-extended operation/callbacks/event`,
		},
		// Parameters.
		"parameter in the path renamed": {
			inPath, `document paths {"/v1/{key}":{"get":{"parameters":[{"name":"key","in":"path",
					"required":true,"schema":{"type":"string"}}],"responses":{}}}}`,
			`compatible document-text-changed request /paths/~1v1~1{key}/get/parameters/0/name`,
		},
		"parameter renamed": {
			withParameters, `operation parameters [{"name":"c","in":"query","schema":{"type":"string",
					"maxLength":9}},{"name":"b","in":"query","schema":{"type":"string"}}]`,
			`breaking request-parameter-removed request operation/parameters/0
				compatible new-optional-request-parameter request operation/parameters/0`,
		},
		"parameter added in front": {
			withParameters, `operation parameters [{"name":"c","in":"query","required":true,"schema":{}},
					{"name":"a","in":"query","schema":{"type":"string","maxLength":9}},{"name":"b","in":"query",
					"schema":{"type":"string"}}]`,
			`breaking new-required-request-parameter request operation/parameters/0`,
		},
		"parameter shortened": {
			withParameters, `operation parameters [{"name":"a","in":"query","schema":{"type":"string",
					"maxLength":5}},{"name":"b","in":"query","schema":{"type":"string"}}]`,
			`breaking request-parameter-max-length-decreased request operation/parameters/0/schema/maxLength`,
		},
		"style of a parameter": {
			withParameters, `operation parameters [{"name":"a","in":"query","style":"pipeDelimited",
					"schema":{"type":"string","maxLength":9}},{"name":"b","in":"query","schema":{"type":"string"}}]`,
			`breaking request-restricted request operation/parameters/0/style`,
		},
		"parameters in another order": {
			withParameters, `operation parameters [{"name":"b","in":"query","schema":{"type":"string"}},
					{"name":"a","in":"query","schema":{"type":"string","maxLength":9}}]`,
			`compatible document-structure-changed request operation/parameters`,
		},
		// Requests.
		"media type of the request": {
			"", `operation requestBody|content {"application/xml":{}}`,
			`breaking request-body-media-type-removed request operation/requestBody/content/application~1json
				compatible request-body-media-type-added request operation/requestBody/content/application~1xml`,
		},
		"request required": {
			"", `operation requestBody|required true`,
			`breaking request-body-became-required request operation/requestBody/required`,
		},
		"request gone": {
			"", `operation requestBody gone`,
			`breaking request-body-removed request operation/requestBody`,
		},
		"request closed": {
			"", `body additionalProperties false`,
			`breaking request-object-closed request body/additionalProperties`,
		},
		"request closed by the other keyword": {
			"", `body unevaluatedProperties false`,
			`breaking request-object-closed request body/unevaluatedProperties`,
		},
		"request open, said": {
			"", `body additionalProperties true`,
			`compatible document-structure-changed request body/additionalProperties`,
		},
		"request of texts only": {
			"", `body additionalProperties {"type":"string"}`,
			`breaking request-restricted request body/additionalProperties`,
		},
		"optional member to send": {
			"", `body properties|name {"type":"string"}`,
			`compatible new-optional-request-property request body/properties/name`,
		},
		"required member to send": {
			"", `body properties|name {"type":"string"}
				body required ["endpoint_id","name"]`,
			`breaking new-required-request-property request body/properties/name`,
		},
		"member to send gone": {
			"", `body properties|url gone`,
			`breaking request-property-removed request body/properties/url`,
		},
		"member to send required": {
			"", `body required ["endpoint_id","url"]`,
			`breaking request-property-became-required request body/required/1`,
		},
		"member to send optional": {
			"", `body required []`,
			`compatible request-property-became-optional request body/required/0`,
		},
		"type in the request": {
			"", `body properties|url|type "integer"`,
			`breaking request-property-type-changed request body/properties/url/type`,
		},
		"type in the request widened": {
			"", `body properties|url|type ["string","integer"]`,
			`compatible request-property-type-generalized request body/properties/url/type`,
		},
		"type of an entry": {
			"", `body properties|events|items|type "integer"`,
			`breaking request-property-type-changed request body/properties/events/items/type`,
		},
		"format in the request": {
			"", `body properties|url|format "uri"`,
			`breaking request-property-type-changed request body/properties/url/format`,
		},
		"length set": {
			"", `body properties|url|maxLength 20`,
			`breaking request-property-max-length-set request body/properties/url/maxLength`,
		},
		"length reduced": {
			`body properties|url|maxLength 20`, `body properties|url|maxLength 10`,
			`breaking request-property-max-length-decreased request body/properties/url/maxLength`,
		},
		"length extended": {
			`body properties|url|maxLength 20`, `body properties|url|maxLength 30`,
			`compatible request-property-max-length-increased request body/properties/url/maxLength`,
		},
		"length lifted": {
			`body properties|url|maxLength 20`, `body properties|url|maxLength gone`,
			`compatible request-property-max-length-unset request body/properties/url/maxLength`,
		},
		"least length": {
			"", `body properties|url|minLength 3`,
			`breaking request-property-min-length-set request body/properties/url/minLength`,
		},
		"list shortened": {
			"", `body properties|events|maxItems 3`,
			`breaking request-property-max-items-set request body/properties/events/maxItems`,
		},
		"pattern": {
			"", `body properties|url|pattern "^https:"`,
			`breaking request-property-pattern-added request body/properties/url/pattern`,
		},
		"events enumerated": {
			"", `body properties|events|items|enum ["a","b"]`,
			`breaking request-property-became-enum request body/properties/events/items/enum`,
		},
		"event added": {
			`body properties|events|items|enum ["a","b"]`, `body properties|events|items|enum ["a","b","c"]`,
			`compatible request-property-enum-value-added request body/properties/events/items/enum/2`,
		},
		"event gone": {
			`body properties|events|items|enum ["a","b"]`, `body properties|events|items|enum ["b"]`,
			`breaking request-property-enum-value-removed request body/properties/events/items/enum/0`,
		},
		"under another member, too": {
			"", `body properties|events|maxItems 3
				body properties|events|description "d"
				body additionalProperties false`,
			`breaking request-object-closed request body/additionalProperties
				breaking request-property-max-items-set request body/properties/events/maxItems
				compatible document-text-changed request body/properties/events/description`,
		},
		"events nullable": {
			"", `body properties|events|type ["array","null"]`,
			`compatible request-property-became-nullable request body/properties/events/type`,
		},
		"events no longer nullable": {
			`body properties|events|type ["array","null"]`, `body properties|events|type "array"`,
			`breaking request-property-became-not-nullable request body/properties/events/type`,
		},
		"not": {
			"", `body not {"required":["url"]}`,
			`breaking request-changed request body/not`,
		},
		"not, and another member": {
			"", `body properties|name {"type":"string"}
				body properties|url|not {"const":"u"}`,
			`breaking request-changed request body/properties/url/not
				compatible new-optional-request-property request body/properties/name`,
		},
		"less under not": {
			`body not {"required":["url"],"maxProperties":3}`, `body not {"required":["url"]}`,
			`breaking request-property-max-properties-unset request body/not/maxProperties`,
		},
		// Responses.
		"media type of the response": {
			"", `operation responses|200|content {"application/xml":{}}`,
			`breaking response-media-type-removed response success
				compatible response-media-type-added response operation/responses/200/content/application~1xml`,
		},
		"status added": {
			"", `operation responses|429 {"description":"d"}`,
			`compatible response-non-success-status-added response operation/responses/429`,
		},
		"status gone": {
			"", `operation responses|404 gone`,
			`compatible response-non-success-status-removed response operation/responses/404`,
		},
		"success gone": {
			"", `operation responses|200 gone`,
			`breaking response-success-status-removed response operation/responses/200`,
		},
		"statuses added": {
			"", `operation responses|5XX {"description":"d"}`,
			`compatible response-extended response operation/responses/5XX`,
		},
		"statuses gone": {
			`operation responses|5XX {"description":"d"}`, `operation responses|5XX gone`,
			`compatible response-reduced response operation/responses/5XX`,
		},
		"header added": {
			"", `operation responses|200|headers {"X-A":{"schema":{"type":"string"}}}`,
			`compatible response-header-added response operation/responses/200/headers/X-A`,
		},
		"header gone": {
			`operation responses|200|headers {"X-A":{"schema":{"type":"string"}}}`, `operation responses|200|headers gone`,
			`breaking optional-response-header-removed response operation/responses/200/headers/X-A`,
		},
		"schema gone": {
			"", `success schema gone`,
			`breaking response-body-media-type-schema-removed response result`,
		},
		"response closed": {
			"", `data additionalProperties false`,
			`compatible response-object-closed response data/additionalProperties`,
		},
		"response opened": {
			`data additionalProperties false`, `data additionalProperties gone`,
			`breaking response-object-opened response data/additionalProperties`,
		},
		"member added": {
			"", `data properties|colour {"type":"string"}`,
			`compatible response-optional-property-added response data/properties/colour`,
		},
		"optional member gone": {
			"", `data properties|username gone`,
			`breaking response-optional-property-removed response data/properties/username`,
		},
		"required member gone": {
			`data required ["url","status"]`, `data required ["url"]
				data properties|status gone`,
			`breaking response-required-property-removed response data/properties/status`,
		},
		"member required": {
			"", `data required ["url"]`,
			`compatible response-property-became-required response data/required/0`,
		},
		"member optional": {
			`data required ["url"]`, `data required gone`,
			`breaking response-property-became-optional response data/required/0`,
		},
		"type in the response": {
			"", `data properties|url|type "integer"`,
			`breaking response-property-type-changed response data/properties/url/type`,
		},
		"format added": {
			"", `data properties|url|format "uri"`,
			`compatible response-property-type-specialized response data/properties/url/format`,
		},
		"format gone": {
			"", `data properties|created_at|format gone`,
			`breaking response-property-type-changed response data/properties/created_at/format`,
		},
		"type and format": {
			"", `data properties|created_at {"type":"integer","format":"int64"}`,
			`breaking response-property-type-changed response data/properties/created_at/type
				compatible document-text-changed response data/properties/created_at/description
				compatible document-text-changed response data/properties/created_at/example`,
		},
		"value added": {
			"", `data properties|status|enum ["enabled","disabled","paused"]`,
			`breaking response-property-enum-value-added response data/properties/status/enum/2`,
		},
		"value gone": {
			"", `data properties|status|enum ["enabled"]`,
			`compatible response-property-enum-value-removed response data/properties/status/enum/1`,
		},
		"member nullable": {
			"", `data properties|entity_id|type ["string","null"]`,
			`breaking response-property-became-nullable response data/properties/entity_id/type`,
		},
		"member no longer nullable": {
			`data properties|entity_id|type ["string","null"]`, `data properties|entity_id|type "string"`,
			`compatible response-property-became-not-nullable response data/properties/entity_id/type`,
		},
		"length of a response set": {
			"", `data properties|url|maxLength 20`,
			`compatible response-property-max-length-set response data/properties/url/maxLength`,
		},
		"constant": {
			"", `result properties|code|const 100`,
			`compatible response-property-const-added response result/properties/code/const`,
		},
		"default": {
			"", `result properties|code|default 1`,
			`compatible response-property-default-value-changed response result/properties/code/default`,
		},
		"entries not described": {
			"", `data properties|events|items gone`,
			`breaking response-widened response data/properties/events/items`,
		},
		// References and alternatives.
		"moved to components": {
			`result properties|data {"type":"object"}`, `result properties|data {"$ref":"#/components/schemas/Data"}
				document components|schemas {"Data":{"type":"object"}}`,
			`compatible document-structure-changed schemas/Data
				compatible document-structure-changed response data/$ref`,
		},
		"component renamed": {
			inComponents, `document components|schemas|Data {"type":"object","required":["url"],
					"properties":{"url":{"type":"string"},"parent":{"$ref":"#/components/schemas/Data"},
					"status":{"type":"string","enum":["a"]}}}
				document components|schemas|Endpoint gone
				result properties|data {"$ref":"#/components/schemas/Data"}`,
			`compatible document-structure-changed schemas/Data
				compatible document-structure-changed response schemas/Data/properties/parent/$ref
				compatible api-schema-removed schemas/Endpoint
				compatible document-structure-changed response data/$ref`,
		},
		"unused component": {
			inComponents, `schemas Other {"type":"string"}`,
			`compatible document-structure-changed schemas/Other`,
		},
		"component closed": {
			inComponents, `schemas Request|additionalProperties false`,
			`breaking request-object-closed request schemas/Request/additionalProperties`,
		},
		"member of a component gone": {
			inComponents, `schemas Endpoint|properties|url gone
				schemas Endpoint|required gone`,
			`breaking response-required-property-removed response schemas/Endpoint/properties/url`,
		},
		"member of a component nullable": {
			inComponents, `schemas Endpoint|properties|url|type ["string","null"]`,
			`breaking response-property-became-nullable response schemas/Endpoint/properties/url/type`,
		},
		"member that is a reference": {
			inComponents, `schemas Endpoint|properties|child {"$ref":"#/components/schemas/Endpoint"}`,
			`compatible response-optional-property-added response schemas/Endpoint/properties/child`,
		},
		"value in a schema that holds itself": {
			inComponents, `schemas Endpoint|properties|status|enum ["a","b"]`,
			`breaking response-property-enum-value-added response schemas/Endpoint/properties/status/enum/1`,
		},
		"response by reference": {
			inComponents, `operation responses|429 {"$ref":"#/components/responses/Busy"}
				document components|responses {"Busy":{"description":"d"}}`,
			`compatible document-structure-changed /components/responses/Busy
				compatible response-non-success-status-added response operation/responses/429`,
		},
		"parameter by reference": {
			inComponents, `operation parameters [{"$ref":"#/components/parameters/A"}]
				document components|parameters {"A":{"name":"a","in":"query",
					"schema":{"type":"string"}}}`,
			`compatible document-structure-changed /components/parameters/A
				compatible new-optional-request-parameter request operation/parameters/0`,
		},
		"the same parameter by reference": {
			withParameters, `operation parameters [{"$ref":"#/components/parameters/A"},{"name":"b",
					"in":"query","schema":{"type":"string"}}]
				document components|parameters {"A":{"name":"a","in":"query",
					"schema":{"type":"string","maxLength":9}}}`,
			`compatible document-structure-changed /components/parameters/A
				compatible document-structure-changed request operation/parameters/0/$ref`,
		},
		"beside a reference": {
			inComponents, `result properties|data {"$ref":"#/components/schemas/Endpoint","description":"d"}`,
			`compatible document-text-changed response data/description`,
		},
		"alternative added": {
			withAlternatives, `data oneOf [{"type":"string","maxLength":9},{"type":"object",
					"properties":{"a":{"type":"string"}}},{"type":"null"}]`,
			`breaking response-property-one-of-added response data/oneOf/2`,
		},
		"alternative gone": {
			withAlternatives, `data oneOf [{"type":"string","maxLength":9}]`,
			`compatible response-property-one-of-removed response data/oneOf/1`,
		},
		"alternatives in another order": {
			withAlternatives, `data oneOf [{"type":"object","properties":{"a":{"type":"string"}}},
					{"type":"string","maxLength":9}]`,
			`compatible document-structure-changed response data/oneOf`,
		},
		"alternative closed": {
			withAlternatives, `data oneOf [{"type":"string","maxLength":9},{"type":"object",
					"additionalProperties":false,"properties":{"a":{"type":"string"}}}]`,
			`compatible response-object-closed response data/oneOf/1/additionalProperties`,
		},
		"part closed": {
			withAllOf, `data allOf [{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object",
					"additionalProperties":false}]`,
			`compatible response-object-closed response data/allOf/1/additionalProperties`,
		},
		"member of a part gone": {
			withAllOf, `data allOf [{"type":"object","properties":{}},{"type":"object"}]`,
			`breaking response-optional-property-removed response data/allOf/0/properties/a`,
		},
		"parts added": {
			withAllOf, `data allOf [{"type":"object","properties":{"a":{"type":"string"}}},{"type":"object"},
					{"maxProperties":3},{"minProperties":1}]`,
			`compatible response-property-all-of-added response data/allOf/2`,
		},
	}
	published := read(t, filepath.Join(root, "openapi.json"))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old := edited(t, published, tt.base)
			axis, err := revision.Document(old, edited(t, old, tt.edits))
			if err != nil {
				t.Fatal(err)
			}
			got, verdict := "", revision.None
			for _, change := range axis.Changes {
				got += strings.Join(strings.Fields(string(change.Level)+" "+change.ID+" "+change.Direction), " ") +
					" " + abbreviated(change.Pointer) + "\n"
				if change.Level == revision.Breaking || verdict == revision.None {
					verdict = change.Level
				}
			}
			var want strings.Builder
			for line := range strings.Lines(tt.want) {
				want.WriteString(strings.TrimSpace(line) + "\n")
			}
			if got != want.String() || axis.Verdict != verdict {
				t.Errorf("%s: got\n%s\nwant\n%s", axis.Verdict, got, want.String())
			}
		})
	}
}

func TestDocumentIsTheSameInAnotherOrder(t *testing.T) {
	t.Parallel()
	published := read(t, filepath.Join(root, "openapi.json"))
	sorted := edited(t, published, "")
	if bytes.Equal(published, sorted) {
		t.Fatal("the order is the same")
	}
	axis, err := revision.Document(published, sorted)
	if err != nil || axis.Verdict != revision.None || len(axis.Changes) > 0 {
		t.Errorf("%v, %v", axis, err)
	}
}

// Whatever is taken away, what is told is at its place, in it or around it.
func TestDocumentLosesNoDifference(t *testing.T) {
	t.Parallel()
	published := edited(t, read(t, filepath.Join(root, "openapi.json")), "")
	var all map[string]any
	if err := json.Unmarshal(published, &all); err != nil {
		t.Fatal(err)
	}
	taken := 0
	var takeEach func(at string, value any)
	takeEach = func(at string, value any) {
		node, _ := value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(node)) {
			was := node[name]
			pointer := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			takeEach(pointer, was)
			delete(node, name)
			text, err := json.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			node[name] = was
			taken++
			axis, err := revision.Document(published, text)
			if err != nil {
				t.Errorf("without %s: %v", pointer, err)
			}
			if !slices.ContainsFunc(axis.Changes, func(c revision.Change) bool {
				return strings.HasPrefix(c.Pointer+"/", pointer+"/") || strings.HasPrefix(pointer+"/", c.Pointer+"/")
			}) {
				t.Errorf("without %s: %v", pointer, axis.Changes)
			}
		}
	}
	takeEach("", all)
	if taken < 100 {
		t.Errorf("only %d members were taken away", taken)
	}
}

func TestDocumentThatCannotBeCompared(t *testing.T) {
	t.Parallel()
	other := filepath.Join(t.TempDir(), "other.json")
	if err := os.WriteFile(other, []byte(`{"type":"string"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	published := read(t, filepath.Join(root, "openapi.json"))
	tests := map[string]struct{ edits, want string }{
		"reference into a file": {`data properties|url {"$ref":"file://` + other + `"}`, "disallowed external reference"},
		"reference to a host":   {`data properties|url {"$ref":"https://127.0.0.1:1/a"}`, "disallowed external reference"},
		"reference to nothing":  {`data properties|url {"$ref":"#/components/schemas/A"}`, `"A" not found`},
		"reference to itself": {
			`data properties|url {"$ref":"#/components/schemas/A"}
				document components|schemas {"A":{"$ref":"#/components/schemas/A"}}`, "oasdiff cannot",
		},
		"type of no kind": {`data properties|url|type 5`, "/data/properties/url"},
		"no server":       {`document servers [null]`, "oasdiff cannot compare"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			axis, err := revision.Document(published, edited(t, published, tt.edits))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, %v; want an error with %q", axis, err, tt.want)
			}
		})
	}
}

// abbreviated is a pointer with the name of the innermost place instead of where that is.
func abbreviated(pointer string) string {
	longest, name := "", ""
	for place, path := range places {
		var at strings.Builder
		for token := range strings.SplitSeq(path, "|") {
			at.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
		}
		if len(at.String()) > len(longest) && strings.HasPrefix(pointer+"/", at.String()+"/") {
			longest, name = at.String(), place
		}
	}
	return name + strings.TrimPrefix(pointer, longest)
}
