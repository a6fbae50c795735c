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

// Places in the published document, as JSON pointers.
const (
	operation   = "/paths/~1v1~1webhook~1endpoint.update/patch"
	request     = operation + "/requestBody/content/application~1json/schema"
	response    = operation + "/responses/200/content/application~1json/schema"
	endpoint    = response + "/properties/data"
	response400 = operation + "/responses/400/content/application~1json"
	response404 = operation + "/responses/404/content/application~1json"
)

// vendorFixes are, for every correction, the changes with which the vendor would fix the defect.
var vendorFixes = map[string]struct {
	changes []change
	same    bool       // the fix is the change that the correction makes: the corrected document stays the same
	others  [][]change // other ways to fix it
}{
	"request-body-required": {changes: []change{{operation + "/requestBody/required", true}}, same: true},
	"request-events-null": {
		changes: []change{{request + "/properties/events/type", []any{"array", "null"}}}, same: true,
	},
	"response-code-required":        {changes: []change{{response + "/required", []any{"code"}}}, same: true},
	"response-code-default":         {changes: []change{{response + "/properties/code/default", absent{}}}, same: true},
	"response-endpoint-id-required": {changes: []change{{endpoint + "/required", []any{"endpoint_id"}}}, same: true},
	"response-url-required":         {changes: []change{{endpoint + "/required", []any{"url"}}}},
	"response-status-required":      {changes: []change{{endpoint + "/required", []any{"status"}}}},
	"response-events-null": {
		changes: []change{{endpoint + "/properties/events/type", []any{"array", "null"}}}, same: true,
	},
	"created-at-zone": {changes: []change{{endpoint + "/properties/created_at/format", absent{}}}},
	"entity-id-null": {
		changes: []change{{endpoint + "/properties/entity_id/type", []any{"string", "null"}}}, same: true,
	},
	"secret-is-a-credential": {changes: []change{{endpoint + "/properties/secret/format", "password"}}, same: true},
	"msg-null": {
		changes: []change{{response + "/properties/msg/type", []any{"string", "null"}}}, same: true,
	},
	"msg-deprecated": {changes: []change{{response + "/properties/msg/deprecated", true}}, same: true},
	"message-null": {
		changes: []change{{response + "/properties/message/type", []any{"string", "null"}}}, same: true,
	},
	"operation-id": {changes: []change{{operation + "/operationId", "updateWebhookEndpoint"}}, same: true},
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
	"request-schema-name": {
		changes: []change{{"/components/schemas/UpdateWebhookEndpointRequest", object{"type": "object"}}},
	},
	"endpoint-schema-name": {changes: []change{{"/components/schemas/WebhookEndpoint", object{"type": "object"}}}},
	"response-schema-name": {
		changes: []change{{"/components/schemas/UpdateWebhookEndpointResponse", object{"type": "object"}}},
	},
	"error-schema": {changes: []change{{"/components/schemas/Error", object{"type": "object"}}}},
	"error-400-schema": {
		changes: []change{{response400 + "/schema/properties", object{"code": object{"type": "integer"}}}},
	},
	"error-400-example": {
		changes: []change{{response400 + "/examples/Invalid URL/value", object{
			"code": 400542, "message": "Url of this webhook endpoint is invalid",
		}}},
		same: true,
	},
	"error-404-schema": {
		changes: []change{{response404 + "/schema/properties", object{"code": object{"type": "integer"}}}},
	},
	"undocumented-401": {changes: documented("401", "Missing or wrong API key"), same: true},
	"undocumented-403": {changes: documented("403", "Not permitted for this API key"), same: true},
	"undocumented-429": {changes: documented("429", "Too many requests"), same: true},
	"undocumented-5xx": {changes: documented("5XX", "HeyGen failed"), same: true},
	"objects-open": {
		changes: []change{
			{request + "/additionalProperties", true},
			{response + "/additionalProperties", true},
			{endpoint + "/additionalProperties", true},
		},
		others: [][]change{{
			{request + "/unevaluatedProperties", false},
			{response + "/unevaluatedProperties", false},
			{endpoint + "/unevaluatedProperties", false},
		}},
	},
}

// documented is the documentation of a failure that the corrections add.
func documented(status, description string) []change {
	return []change{{operation + "/responses/" + status, object{
		"description": description,
		"content":     object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Error"}}},
	}}}
}

// A correction stops when it finds something else where it points.
func TestEveryCorrectionIsGuarded(t *testing.T) {
	t.Parallel()
	published, corrections := api(t, "../openapi.json"), api(t, "corrections.yaml")
	for _, action := range firstActions(t, corrections) {
		id, pointer := extension(action, "x-correction"), extension(action, "x-pointer")
		alone := filtered(t, corrections, func(other string) bool { return other == id })
		_, err := document.Correct(changed(t, published, change{pointer, "something else"}), alone)
		if err == nil || !strings.HasPrefix(err.Error(), `correction "`+id+`": `) {
			t.Errorf("with something else at %s: error %v", pointer, err)
		}
	}
}

// When the vendor fixes a defect, generation stops and names the correction. Without it, the others still work.
func TestAFixedDefectStopsGeneration(t *testing.T) {
	t.Parallel()
	published, corrected, corrections := api(t, "../openapi.json"), api(t, "corrected.json"), api(t, "corrections.yaml")
	for _, action := range firstActions(t, corrections) {
		id := extension(action, "x-correction")
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			fix, ok := vendorFixes[id]
			if !ok {
				t.Fatal("vendorFixes does not have this correction")
			}
			for _, changes := range append(fix.others, fix.changes) {
				fixed := changed(t, published, changes...)
				_, err := document.Correct(fixed, corrections)
				if err == nil || !strings.HasPrefix(err.Error(), `correction "`+id+`": nothing matches`) {
					t.Errorf("after the fix %v: error %v", changes, err)
				}
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
func TestACorrectionPointsAtTheDefect(t *testing.T) {
	t.Parallel()
	published := decode(t, api(t, "../openapi.json"))
	for _, action := range firstActions(t, api(t, "corrections.yaml")) {
		id, pointer := extension(action, "x-correction"), extension(action, "x-pointer")
		if !exists(published, pointer) && !exists(published, pointer[:strings.LastIndex(pointer, "/")]) {
			t.Errorf("%s: openapi.json has nothing at x-pointer %s", id, pointer)
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
