package revision

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

// Places of the published document.
const (
	patchAt    = "/paths/~1v1~1webhook~1endpoint.update/patch"
	bodyAt     = patchAt + "/requestBody/content/application~1json"
	replyAt    = patchAt + "/responses/200/content/application~1json"
	envelopeAt = replyAt + "/schema"
	endpointAt = envelopeAt + "/properties/data"
	membersAt  = endpointAt + "/properties"
	codeAt     = envelopeAt + "/properties/code"
	resultAt   = replyAt + "/examples/Result/value"
	dataAt     = resultAt + "/data"
	reply404At = patchAt + "/responses/404/content/application~1json"
)

// revision is values by their pointers.
type revision map[string]any

// absent is the value of what is dropped.
type absent struct{}

// of returns a document after the revision.
func (r revision) of(t *testing.T, text []byte) []byte {
	t.Helper()
	var root object
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	for _, pointer := range slices.Sorted(maps.Keys(r)) {
		at := strings.LastIndexByte(pointer, '/')
		around, ok := resolve(root, "#"+pointer[:at]).(object)
		if !ok {
			t.Fatalf("no object at %s", pointer[:at])
		}
		around[unescape.Replace(pointer[at+1:])] = r[pointer]
		if r[pointer] == (absent{}) {
			delete(around, unescape.Replace(pointer[at+1:]))
		}
	}
	revised, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return revised
}

// base returns the document of the page in testdata/base, and its corrections.
func base(t *testing.T) (published, corrections []byte) {
	t.Helper()
	page, err := os.ReadFile("testdata/base/api/update-a-webhook-endpoint.md")
	if err != nil {
		t.Fatal(err)
	}
	if published, err = document.Extract(page); err != nil {
		t.Fatal(err)
	}
	if corrections, err = os.ReadFile("testdata/base/api/corrections.yaml"); err != nil {
		t.Fatal(err)
	}
	return published, corrections
}

func candidatesOf(t *testing.T, published, corrections []byte) []Candidate {
	t.Helper()
	var became Corrections
	if _, err := correct(published, corrections, &became); err != nil {
		t.Fatal(err)
	}
	return became.Candidates
}

func TestACorrectedDocumentHasNoCandidate(t *testing.T) {
	t.Parallel()
	published, corrections := base(t)
	if got := candidatesOf(t, published, corrections); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
}

// testEntries pastes the entries of candidates. The document that comes out has no contradiction, and is the one that
// comes of the document the vendor has fixed in the same way. Each of the fixes makes the entry refuse.
func testEntries(t *testing.T, published, corrections []byte, fixes []revision) {
	t.Helper()
	list := candidatesOf(t, published, corrections)
	if len(list) != len(fixes) {
		t.Fatalf("%d candidates, want %d: %+v", len(list), len(fixes), list)
	}
	pasted, fixed := slices.Clone(corrections), published
	for i, candidate := range list {
		pasted = append(pasted, candidate.Entry...)
		fixed = fixes[i].of(t, fixed)

		_, err := document.Correct(fixes[i].of(t, published), append(slices.Clone(corrections), candidate.Entry...))
		unmatched := (*document.UnmatchedError)(nil)
		if !errors.As(err, &unmatched) || !unmatched.Guard || !strings.Contains(candidate.Entry, ": "+unmatched.ID+"\n") {
			t.Errorf("after the fix %v, Correct says %v, with\n%s", fixes[i], err, candidate.Entry)
		}
	}
	if left := candidatesOf(t, published, pasted); len(left) > 0 {
		t.Errorf("with\n%s\nthe candidates are %+v", pasted[len(corrections):], left)
	}
	got, err := document.Correct(published, pasted)
	if err != nil {
		t.Fatalf("%v, with\n%s", err, pasted[len(corrections):])
	}
	want, err := document.Correct(fixed, corrections)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decode(t, got), decode(t, want)) {
		t.Errorf("with\n%s\nthe corrected document is\n%s\nand that of the fixed one\n%s",
			pasted[len(corrections):], got, want)
	}
}

func decode(t *testing.T, text []byte) (root object) {
	t.Helper()
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// A candidate's entry can be pasted as it is.
func TestEntriesEndContradictions(t *testing.T) {
	t.Parallel()
	list := func(values ...any) []any { return append([]any{}, values...) }
	const spaceAt = membersAt + "/space_id"
	tests := map[string]struct {
		revise  revision
		pointer string // of what the schema says
		fixes   []revision
	}{
		"null": {
			revision{dataAt + "/url": nil}, membersAt + "/url/type",
			[]revision{{membersAt + "/url/type": list("string", "null")}},
		},
		"null, and another member with the value of type": {
			revision{dataAt + "/space_id": nil, spaceAt + "/example": "string", spaceAt + "/title": "string"},
			spaceAt + "/type", []revision{{spaceAt + "/type": list("string", "null")}},
		},
		"null, where there are types": {
			revision{dataAt + "/space_id": nil, spaceAt + "/type": list("string", "integer")},
			spaceAt + "/type", []revision{{spaceAt + "/type": list("string", "integer", "null")}},
		},
		"null in an enum": {
			revision{dataAt + "/status": nil}, membersAt + "/status/type",
			[]revision{{
				membersAt + "/status/type": list("string", "null"),
				membersAt + "/status/enum": list("enabled", "disabled", nil),
			}},
		},
		"another type": {
			revision{dataAt + "/space_id": 5}, spaceAt + "/type", []revision{{spaceAt + "/type": "integer"}},
		},
		"a number for an integer": {
			revision{resultAt + "/code": 100.5}, codeAt + "/type", []revision{{codeAt + "/type": "number"}},
		},
		"another type, and the one the schema says": {
			revision{resultAt + "/code": "100"}, codeAt + "/type", []revision{{codeAt + "/type": list("integer", "string")}},
		},
		"another type in a list": {
			revision{membersAt + "/events/items/type": "integer"}, membersAt + "/events/items/type",
			[]revision{{membersAt + "/events/items/type": "string"}},
		},
		"an enum without it": {
			revision{dataAt + "/status": "it's \\ \"paused\""}, membersAt + "/status/enum",
			[]revision{{membersAt + "/status/enum": list("enabled", "disabled", "it's \\ \"paused\"")}},
		},
		"another constant": {
			revision{spaceAt: object{"const": "one"}, dataAt + "/space_id": "two"}, spaceAt + "/const",
			[]revision{{spaceAt: object{"enum": list("one", "two")}}},
		},
		"a required member is missing": {
			revision{bodyAt + "/example": object{"url": "https://a.example"}}, bodyAt + "/schema/required",
			[]revision{{bodyAt + "/schema/required": list()}},
		},
		"a closed object has another": {
			revision{endpointAt + "/additionalProperties": false, dataAt + "/colour": "red"},
			endpointAt + "/additionalProperties",
			[]revision{{endpointAt + "/additionalProperties": absent{}}},
		},
		"a closed object has others, and another member that is false": {
			revision{
				endpointAt + "/additionalProperties": false, endpointAt + "/deprecated": false,
				dataAt + "/a colour": "red", dataAt + "/size": 1,
			},
			endpointAt + "/additionalProperties",
			[]revision{{endpointAt + "/additionalProperties": absent{}}},
		},
		"an object closed in another way": {
			revision{endpointAt + "/unevaluatedProperties": false, dataAt + "/colour": "red"},
			endpointAt + "/unevaluatedProperties",
			[]revision{{endpointAt + "/unevaluatedProperties": true}},
		},
		"another format": {
			revision{spaceAt + "/format": "uuid"}, spaceAt + "/format", []revision{{spaceAt + "/format": absent{}}},
		},
		"a time without a zone": {
			revision{spaceAt + "/format": "date-time", dataAt + "/space_id": "2025-10-22T08:31:48"}, spaceAt + "/format",
			[]revision{{spaceAt + "/format": "date-time-local"}},
		},
		"another pattern": {
			revision{spaceAt + "/pattern": `^'\d+"$`}, spaceAt + "/pattern", []revision{{spaceAt + "/pattern": absent{}}},
		},
		"too short": {
			revision{spaceAt + "/minLength": 100, spaceAt + "/maxLength": 100}, spaceAt + "/minLength",
			[]revision{{spaceAt + "/minLength": absent{}}},
		},
		"too long": {
			revision{spaceAt + "/maxLength": 10}, spaceAt + "/maxLength", []revision{{spaceAt + "/maxLength": absent{}}},
		},
		"too small": {
			revision{codeAt + "/minimum": 100.25}, codeAt + "/minimum", []revision{{codeAt + "/minimum": absent{}}},
		},
		"too large": {
			revision{codeAt + "/exclusiveMaximum": -1000.5}, codeAt + "/exclusiveMaximum",
			[]revision{{codeAt + "/exclusiveMaximum": absent{}}},
		},
		"not unique": {
			revision{membersAt + "/events/uniqueItems": true, dataAt + "/events": list("a", "a")},
			membersAt + "/events/uniqueItems", []revision{{membersAt + "/events/uniqueItems": absent{}}},
		},
		"a text that holds the example": {
			revision{reply404At + "/examples/Webhook Endpoint Not Found/value": `{"code":400131,"message":null}`},
			reply404At + "/schema/type",
			[]revision{{reply404At + "/examples/Webhook Endpoint Not Found/value": object{"code": 400131, "message": nil}}},
		},
		"the one example": {
			revision{replyAt + "/examples": absent{}, replyAt + "/example": object{"code": 100.5}},
			codeAt + "/type", []revision{{codeAt + "/type": "number"}},
		},
		"examples of a schema": {
			revision{membersAt + "/url/examples": list("https://a.example", nil)}, membersAt + "/url/type",
			[]revision{{membersAt + "/url/type": list("string", "null")}},
		},
		"an example by reference": {
			revision{
				"/components/examples": object{"Null": object{"value": object{"code": 100, "message": "m", "data": object{
					"endpoint_id": "e", "status": "enabled", "url": nil,
				}}}},
				replyAt + "/examples": object{"Null": object{"$ref": "#/components/examples/Null"}},
			},
			membersAt + "/url/type", []revision{{membersAt + "/url/type": list("string", "null")}},
		},
		"a schema by reference": {
			revision{
				"/components/schemas":  object{"Owner": object{"type": "string"}},
				membersAt + "/owner":   object{"$ref": "#/components/schemas/Owner"},
				dataAt + "/owner":      nil,
				membersAt + "/invoice": object{"allOf": list(object{"$ref": "#/components/schemas/Owner"})},
			},
			"/components/schemas/Owner/type", []revision{{"/components/schemas/Owner/type": list("string", "null")}},
		},
		"a part of a schema": {
			revision{membersAt + "/owner": object{"allOf": list(object{"type": "string"})}, dataAt + "/owner": nil},
			membersAt + "/owner/allOf/0/type", []revision{{membersAt + "/owner/allOf/0/type": list("string", "null")}},
		},
		"a parameter": {
			revision{patchAt + "/parameters": list(
				object{"name": "n", "in": "query", "schema": object{"type": "integer"}, "example": 1},
				object{
					"name": "m", "in": "query", "schema": object{"enum": list("a")},
					"examples": object{"other": object{"value": "b"}},
				},
			)},
			patchAt + "/parameters/1/schema/enum", []revision{{patchAt + "/parameters/1/schema/enum": list("a", "b")}},
		},
		"a header": {
			revision{patchAt + "/responses/200/headers": object{
				"X-Count": object{"schema": object{"type": "integer"}, "example": "many"},
			}},
			patchAt + "/responses/200/headers/X-Count/schema/type",
			[]revision{{patchAt + "/responses/200/headers/X-Count/schema/type": "string"}},
		},
		"two at once": {
			revision{dataAt + "/username": nil, dataAt + "/url": nil}, membersAt + "/url/type",
			[]revision{
				{membersAt + "/url/type": list("string", "null")},
				{membersAt + "/username/type": list("string", "null")},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			published, corrections := base(t)
			published = tt.revise.of(t, published)
			if list := candidatesOf(t, published, corrections); len(list) == 0 || list[0].Pointer != tt.pointer {
				t.Fatalf("the candidates are %+v, want one of %s", list, tt.pointer)
			}
			testEntries(t, published, corrections, tt.fixes)
		})
	}
}

// A closed object that gets a name for its other member, too, is fixed.
func TestEntryThatOpensIsRefusedWhenTheMemberIsNamed(t *testing.T) {
	t.Parallel()
	published, corrections := base(t)
	published = revision{endpointAt + "/additionalProperties": false, dataAt + "/colour": "red"}.of(t, published)
	list := candidatesOf(t, published, corrections)
	if len(list) != 1 {
		t.Fatalf("got %+v", list)
	}
	named := revision{membersAt + "/colour": object{"type": "string"}}.of(t, published)
	if _, err := document.Correct(named, append(corrections, list[0].Entry...)); err == nil {
		t.Errorf("the entry goes on:\n%s", list[0].Entry)
	}
}

// The corrections are what the vendor's contradictions need: each that is about an example comes back as a candidate.
func TestCorrectionsOfContradictionsAreCandidates(t *testing.T) {
	t.Parallel()
	fixes := map[string]revision{
		"created-at-zone": {membersAt + "/created_at/format": "date-time-local"},
		"entity-id-null":  {membersAt + "/entity_id/type": []any{"string", "null"}},
		"msg-null":        {envelopeAt + "/properties/msg/type": []any{"string", "null"}},
		"message-null":    {envelopeAt + "/properties/message/type": []any{"string", "null"}},
		"error-400-example": {
			patchAt + "/responses/400/content/application~1json/examples/Invalid URL/value": object{
				"code": 400542, "message": "Url of this webhook endpoint is invalid",
			},
		},
	}
	published, corrections := base(t)
	actions, err := actionsOf(corrections)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, a := range actions {
		if a.Pointer == "" {
			continue
		}
		rest, err := Drop(corrections, []string{a.ID})
		if err != nil {
			t.Fatal(err)
		}
		fix, about := fixes[a.ID]
		if !about {
			list := candidatesOf(t, published, rest)
			if len(list) > 0 && a.ID != "component-schemas" { // others refer to what it makes
				t.Errorf("without %s the candidates are %+v", a.ID, list)
			}
			continue
		}
		found++
		testEntries(t, published, rest, []revision{fix})
	}
	if found != len(fixes) {
		t.Errorf("%d corrections are about examples, want %d", found, len(fixes))
	}
}

// Where a correction takes a decision, there is none, and the text says so.
func TestCandidatesWithoutAnEntry(t *testing.T) {
	t.Parallel()
	const spaceAt = membersAt + "/space_id"
	tests := map[string]struct {
		revise revision
		want   string // in the text
	}{
		"alternatives": {revision{spaceAt: object{"anyOf": []any{object{"type": "integer"}}}}, "anyOf: "},
		"negation":     {revision{spaceAt: object{"not": object{"type": "string"}}}, `"not":`},
		"forbidden":    {revision{spaceAt: false}, "the schema says false"},
		"enum of lists": {
			revision{spaceAt: object{"enum": []any{[]any{1}}}}, "enum: [[1]]",
		},
		"enum like another list": {
			revision{membersAt + "/status/x-names": []any{"enabled"}, dataAt + "/status": "paused"}, `is "paused"`,
		},
		"large number":             {revision{codeAt + "/minimum": 1e30}, "minimum: "},
		"constant of another type": {revision{spaceAt: object{"type": "integer", "const": 1}}, "type: "},
		"constant object":          {revision{spaceAt: object{"const": object{}}}, "const: {}"},
		"broken schema":            {revision{spaceAt + "/pattern": "("}, "what cannot be understood"},
		"of a correction": {
			revision{reply404At + "/examples/Webhook Endpoint Not Found/value/code": "x"},
			"which a correction made of it",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			published, corrections := base(t)
			list := candidatesOf(t, tt.revise.of(t, published), corrections)
			if len(list) == 0 || list[0].Entry != "" || !strings.Contains(list[0].Text, tt.want) ||
				strings.ContainsAny(list[0].Text, "\n") {
				t.Errorf("got %+v, want a text with %q", list, tt.want)
			}
		})
	}
}

// What is no JSON is no example of a schema, and a schema within itself has an end.
func TestWhatIsNoContradiction(t *testing.T) {
	t.Parallel()
	for name, revise := range map[string]revision{
		"another media type": {patchAt + "/responses/404/content": object{"text/plain": object{
			"schema": object{"type": "object"}, "example": "not found",
		}}},
		"a schema within itself": {
			"/components/schemas": object{"Node": object{"properties": object{
				"next": object{"$ref": "#/components/schemas/Node"},
			}}},
			membersAt + "/node": object{"$ref": "#/components/schemas/Node"},
		},
		"an example outside": {replyAt + "/examples": object{"A": object{"externalValue": "https://a.example"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			published, corrections := base(t)
			if list := candidatesOf(t, revise.of(t, published), corrections); len(list) > 0 {
				t.Errorf("got %+v", list)
			}
		})
	}
}
