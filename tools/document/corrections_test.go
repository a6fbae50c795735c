package document_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

// Places of the published document, as JSON pointers.
const (
	operation = "/paths/~1v1~1webhook~1endpoint.update/patch"
	request   = operation + "/requestBody/content/application~1json/schema"
	reply     = operation + "/responses/200/content/application~1json/schema"
	endpoint  = reply + "/properties/data"
	reply400  = operation + "/responses/400/content/application~1json"
	reply404  = operation + "/responses/404/content/application~1json"
)

type object = map[string]any

// change sets a member of a document; value absent drops it.
type change struct {
	pointer string
	value   any
}

type absent struct{}

// vendorFixes says, for every correction, how the vendor would fix the defect.
var vendorFixes = map[string]struct {
	changes []change
	// The fix is the very change the correction makes, so that the fixed document needs no correction to become the same.
	same bool
	// Other ways to fix it, or a part of it.
	others [][]change
}{
	"request-body-required": {
		changes: []change{{operation + "/requestBody/required", true}}, same: true,
	},
	"request-events-null": {
		changes: []change{{request + "/properties/events/type", []any{"array", "null"}}}, same: true,
	},
	"response-code-required": {
		changes: []change{{reply + "/required", []any{"code"}}}, same: true,
	},
	"response-code-default": {
		changes: []change{{reply + "/properties/code/default", absent{}}}, same: true,
	},
	"response-data-required": {
		changes: []change{{endpoint + "/required", []any{"endpoint_id", "url", "status"}}}, same: true,
	},
	"response-events-null": {
		changes: []change{{endpoint + "/properties/events/type", []any{"array", "null"}}}, same: true,
	},
	"created-at-zone": {
		changes: []change{{endpoint + "/properties/created_at/format", absent{}}},
	},
	"entity-id-null": {
		changes: []change{{endpoint + "/properties/entity_id/type", []any{"string", "null"}}}, same: true,
	},
	"secret-is-a-credential": {
		changes: []change{{endpoint + "/properties/secret/format", "password"}}, same: true,
	},
	"msg-null": {
		changes: []change{{reply + "/properties/msg/type", []any{"string", "null"}}}, same: true,
	},
	"msg-deprecated": {
		changes: []change{{reply + "/properties/msg/deprecated", true}}, same: true,
	},
	"message-null": {
		changes: []change{{reply + "/properties/message/type", []any{"string", "null"}}}, same: true,
	},
	"operation-id": {
		changes: []change{{operation + "/operationId", "updateWebhookEndpoint"}}, same: true,
	},
	"security-scheme-name": {
		changes: []change{
			{"/security", []any{object{"apiKey": []any{}}}},
			{"/components/securitySchemes/apiKey", object{
				"type": "apiKey", "name": "x-api-key", "in": "header", "x-default": "<your-api-key>",
			}},
			{"/components/securitySchemes/sec0", absent{}},
		},
		same: true,
	},
	"component-schemas": {
		changes: []change{{"/components/schemas", object{"WebhookEndpoint": object{"type": "object"}}}},
	},
	"error-400-schema": {
		changes: []change{{reply400 + "/schema/properties", object{"code": object{"type": "integer"}}}},
	},
	"error-400-example": {
		changes: []change{{reply400 + "/examples/Invalid URL/value", object{
			"code": 400542, "message": "Url of this webhook endpoint is invalid",
		}}},
		same: true,
	},
	"error-404-schema": {
		changes: []change{{reply404 + "/schema/properties", object{"code": object{"type": "integer"}}}},
	},
	"common-failures": {
		changes: []change{{operation + "/responses/401", object{"description": "Unauthorized"}}},
		others: [][]change{
			{{operation + "/responses/403", object{"description": "Forbidden"}}},
			{{operation + "/responses/429", object{"description": "Too Many Requests"}}},
			{{operation + "/responses/5XX", object{"description": "Server Error"}}},
		},
	},
	"objects-open": {
		changes: []change{
			{request + "/additionalProperties", true},
			{reply + "/additionalProperties", true},
			{endpoint + "/additionalProperties", true},
		},
		others: [][]change{{
			{request + "/unevaluatedProperties", false},
			{reply + "/unevaluatedProperties", false},
			{endpoint + "/unevaluatedProperties", false},
		}},
	},
}

// A correction, by itself, does not go on when something else is where it points.
func TestEveryCorrectionIsGuarded(t *testing.T) {
	t.Parallel()
	published, corrections := api(t, "../openapi.json"), api(t, "corrections.yaml")
	for _, action := range firstActions(t, corrections) {
		id, pointer := extension(action, "x-correction"), extension(action, "x-pointer")
		alone := filtered(t, corrections, func(other string) bool { return other == id })
		_, err := document.Correct(changed(t, published, change{pointer, "something else"}), alone)
		if err == nil || !strings.HasPrefix(err.Error(), `correction "`+id+`": `) {
			t.Errorf("with something else at %s, Correct says %v", pointer, err)
		}
	}
}

// When the vendor fixes a defect, generation stops and names the correction that is now obsolete.
func TestFixedDefectStopsGeneration(t *testing.T) {
	t.Parallel()
	published, corrected := frozen(t, "published.json"), frozen(t, "corrected.json")
	corrections := frozen(t, "corrections.yaml")
	for _, action := range firstActions(t, corrections) {
		id := extension(action, "x-correction")
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			fix, ok := vendorFixes[id]
			if !ok {
				t.Fatal("vendorFixes does not say how the vendor would fix this defect")
			}
			for _, changes := range append(fix.others, fix.changes) {
				fixed := changed(t, published, changes...)
				_, err := document.Correct(fixed, corrections)
				if err == nil || !strings.HasPrefix(err.Error(), `correction "`+id+`": nothing matches`) {
					t.Errorf("after the fix %v, Correct says %v", changes, err)
				}

				// Deleting the correction, as the error asks for, lets generation go on.
				got, err := document.Correct(fixed, filtered(t, corrections, func(other string) bool { return other != id }))
				if err != nil {
					t.Errorf("after the fix %v, without the correction: %v", changes, err)
				} else if fix.same && !reflect.DeepEqual(decode(t, got), decode(t, corrected)) {
					t.Errorf("the fixed document without the correction becomes another document:\n%s", got)
				}
			}
		})
	}
}

// A correction points at the defect: at the member itself, or at the object that lacks it.
func TestCorrectionPointsAtTheDefect(t *testing.T) {
	t.Parallel()
	published := decode(t, frozen(t, "published.json"))
	for _, action := range firstActions(t, frozen(t, "corrections.yaml")) {
		id, pointer := extension(action, "x-correction"), extension(action, "x-pointer")
		around, _ := split(pointer)
		if _, ok := resolve(published, pointer); !ok {
			if _, ok := resolve(published, around); !ok {
				t.Errorf("%s: x-pointer %s points at nothing in openapi.json", id, pointer)
			}
		}
		within := func(c change) bool { return c.pointer == pointer || strings.HasPrefix(c.pointer, pointer+"/") }
		if !slices.ContainsFunc(vendorFixes[id].changes, within) {
			t.Errorf("%s: x-pointer %s is not where the vendor would fix the defect", id, pointer)
		}
	}
}

// firstActions returns the first action of every correction.
func firstActions(t *testing.T, corrections []byte) []overlay.Action {
	t.Helper()
	parsed, err := overlay.ParseReader(strings.NewReader(string(corrections)))
	if err != nil {
		t.Fatal(err)
	}
	first := slices.CompactFunc(parsed.Actions, func(a, b overlay.Action) bool {
		return extension(a, "x-correction") == extension(b, "x-correction")
	})
	if len(first) == 0 {
		t.Fatal("there is no correction")
	}
	return first
}

func extension(action overlay.Action, name string) string {
	text, _ := action.Extensions[name].(string)
	return text
}

// changed returns a JSON document after changes, of which at least one must change something.
func changed(t *testing.T, document []byte, changes ...change) []byte {
	t.Helper()
	after := decode(t, document)
	for _, c := range changes {
		if c.value == (absent{}) {
			drop(t, after, c.pointer)
		} else {
			set(t, after, c.pointer, c.value)
		}
	}
	if reflect.DeepEqual(after, decode(t, document)) {
		t.Fatalf("%v changes nothing", changes)
	}
	return encode(t, after)
}

// filtered returns the corrections whose ids are kept.
func filtered(t *testing.T, corrections []byte, keep func(id string) bool) []byte {
	t.Helper()
	var all struct {
		Overlay string
		Info    object
		Actions []object
	}
	if err := yaml.Unmarshal(corrections, &all); err != nil {
		t.Fatal(err)
	}
	all.Actions = slices.DeleteFunc(all.Actions, func(action object) bool {
		id, _ := action["x-correction"].(string)
		return !keep(id)
	})
	rest, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return rest
}

// A member that the document does not describe has nothing that a guard could know it by.
func TestUndescribedMembersStayAsTheyAre(t *testing.T) {
	t.Parallel()
	published := changed(t, frozen(t, "published.json"),
		change{reply + "/properties/colour", object{"type": "string"}},
		change{endpoint + "/properties/colour", object{"type": "string"}})
	corrected, err := document.Correct(published, frozen(t, "corrections.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{"UpdateWebhookEndpointResponse", "WebhookEndpoint"} {
		got, _ := resolve(decode(t, corrected), "/components/schemas/"+schema+"/properties/colour")
		if want := (object{"type": "string"}); !reflect.DeepEqual(got, want) {
			t.Errorf("the member of %s is %v, want %v", schema, got, want)
		}
	}
}
