package revision_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/revision"
)

type object = map[string]any

// gone is the value of a member that a revision removes.
type gone struct{}

// Places of the corrected document.
const (
	update    = "paths|/v1/webhook/endpoint.update|patch"
	sentBody  = update + "|requestBody|content|application/json"
	success   = update + "|responses|200|content|application/json"
	sent      = "components|schemas|UpdateWebhookEndpointRequest"
	envelope  = "components|schemas|UpdateWebhookEndpointResponse"
	endpoint  = "components|schemas|WebhookEndpoint"
	failure   = "components|schemas|Error"
	wrongURL  = update + "|responses|400|content|application/json"
	createdAt = endpoint + "|properties|created_at"
)

func TestClientIsMeasured(t *testing.T) {
	t.Parallel()
	type edits map[string]any // by places, whose names are separated by bars
	tests := map[string]struct {
		edits   edits
		verdict revision.Verdict
		want    []string // each held by a line "id text"
	}{
		"nothing":             {edits{}, revision.None, nil},
		"events not nullable": {edits{sent + "|properties|events|type": "array"}, revision.Breaking, []string{`client-request-refused request body /events: want array, got null: PATCH /v1/webhook/endpoint.update {"endpoint_id":"e1","events":null}`}},
		"events not empty":    {edits{sent + "|properties|events|minItems": 1}, revision.Breaking, []string{`request body /events`, `"events":[]`}},
		"url required":        {edits{sent + "|required": []any{"endpoint_id", "url"}}, revision.Breaking, []string{"member url is missing"}},
		"new member required": {edits{sent + "|properties|name": object{"type": "string"}, sent + "|required": []any{"endpoint_id", "name"}}, revision.Breaking, []string{"member name is missing"}},
		"new member to send":  {edits{sent + "|properties|name": object{"type": "string"}}, revision.None, nil},
		"request closed":      {edits{sent + "|unevaluatedProperties": false}, revision.None, nil},
		"request closed without url": {
			edits{sent + "|unevaluatedProperties": false, sent + "|properties|url": gone{}}, revision.Breaking, []string{"request body /url"},
		},
		"media type":        {edits{sentBody: gone{}, update + "|requestBody|content|application/xml": object{}}, revision.Breaking, []string{"request content type: not documented"}},
		"header renamed":    {edits{"components|securitySchemes|apiKey|name": "x-key"}, revision.Breaking, []string{"request header x-key: missing"}},
		"security removed":  {edits{"security": gone{}}, revision.None, nil},
		"parameter added":   {edits{update + "|parameters": []any{object{"name": "v", "in": "query", "required": true, "schema": object{"type": "string"}}}}, revision.Breaking, []string{"request query v: missing"}},
		"server moved":      {edits{"servers": []any{object{"url": "https://api2.heygen.com"}}}, revision.Breaking, []string{"client-server-unknown the client calls https://api.heygen.com, the document names https://api2.heygen.com"}},
		"server under path": {edits{"servers": []any{object{"url": "https://api.heygen.com/api"}}}, revision.Breaking, []string{"client-server-unknown"}},
		"server added":      {edits{"servers": []any{object{"url": "https://eu.heygen.com"}, object{"url": "https://{name}.heygen.com/", "variables": object{"name": object{"default": "api"}}}}}, revision.None, nil},
		"method changed":    {edits{update: gone{}, "paths|/v1/webhook/endpoint.update|put": object{"responses": object{"204": object{"description": "done"}}}}, revision.Breaking, []string{"request method: the path does not take it", "operation-without-method"}},
		"operation added":   {edits{"paths|/v1/webhook/endpoint.list": object{"get": object{"responses": object{"204": object{"description": "done"}}}}}, revision.Compatible, []string{"operation-without-method an operation the client has no method for"}},

		"member added":         {edits{endpoint + "|properties|colour": object{"type": "string"}}, revision.None, nil},
		"member gone":          {edits{endpoint + "|properties|space_id": gone{}}, revision.Breaking, []string{"SpaceID stays empty: the document describes no member space_id"}},
		"member number":        {edits{endpoint + "|properties|username|type": "integer", endpoint + "|properties|username|example": gone{}}, revision.Breaking, []string{"client-success-misread the client fails", "number into Go string"}},
		"member nullable":      {edits{endpoint + "|properties|username|type": []any{"string", "null"}}, revision.None, nil},
		"status extended":      {edits{endpoint + "|properties|status|enum": []any{"enabled", "disabled", "paused"}}, revision.None, nil},
		"status open":          {edits{endpoint + "|properties|status": object{"anyOf": []any{object{"enum": []any{"enabled"}}, object{"type": "string"}}}}, revision.None, nil},
		"events of objects":    {edits{endpoint + "|properties|events|items": object{"type": "object", "properties": object{"type": object{"type": "string"}}}}, revision.Breaking, []string{"client fails"}},
		"secret a number":      {edits{endpoint + "|properties|secret": object{"type": "integer"}}, revision.Breaking, []string{"client fails"}},
		"time a number":        {edits{createdAt: object{"type": "integer"}}, revision.Breaking, []string{"CreatedAt is not what was sent"}},
		"time with a zone":     {edits{createdAt: object{"type": "string", "format": "date-time"}}, revision.None, nil},
		"data null":            {edits{envelope + "|properties|data": object{"anyOf": []any{object{"$ref": "#/components/schemas/WebhookEndpoint"}, object{"type": "null"}}}}, revision.Breaking, []string{`"data":null`}},
		"data elsewhere":       {edits{envelope + "|properties|data": gone{}, envelope + "|properties|result": object{"$ref": "#/components/schemas/WebhookEndpoint"}}, revision.Breaking, []string{"client fails"}},
		"code a text":          {edits{envelope + "|properties|code": object{"type": "string"}}, revision.None, nil},
		"code another":         {edits{envelope + "|properties|code": object{"const": 0}}, revision.Breaking, []string{"client fails", "code 0"}},
		"success without body": {edits{success: gone{}}, revision.Breaking, []string{"client fails"}},
		"success a redirect":   {edits{update + "|responses|302": object{"description": "elsewhere"}}, revision.None, nil},
		"a schema with a pattern": {
			edits{endpoint + "|properties|username": object{"type": "string", "pattern": "^u[0-9]{3}$", "example": "u123"}}, revision.None, nil,
		},
		"a pattern without an example": {
			edits{endpoint + "|properties|username": object{"type": "string", "pattern": "^u[0-9]{3}$"}, endpoint + "|required": []any{"username"}}, revision.Breaking,
			[]string{"client-response-not-measured no minimal response could be made"},
		},
		"a pattern of a member that may be missing": {
			edits{endpoint + "|properties|username": object{"type": "string", "pattern": "^u[0-9]{3}$"}}, revision.Breaking,
			[]string{"client-response-not-measured no full response could be made"},
		},
		"a schema that holds itself": {
			edits{endpoint + "|properties|parent": object{"$ref": "#/components/schemas/WebhookEndpoint"}}, revision.None, nil,
		},
		"an example that is a failure": {edits{success + "|examples|Result|value|code": 400131}, revision.Breaking, []string{`example "Result"`, `"secret":"[redacted]"`}},

		"failure as text":        {edits{wrongURL + "|examples|Invalid URL|value": `{"code":400542,"message":"no"}`}, revision.None, nil},
		"failure without code":   {edits{failure + "|required": gone{}, failure + "|properties|code": gone{}}, revision.None, nil},
		"failure of version 3":   {edits{failure: object{"type": "object", "properties": object{"error": object{"type": "object", "required": []any{"code"}, "properties": object{"code": object{"type": "string"}}}}}}, revision.None, nil},
		"failure with code null": {edits{failure + "|properties|code|type": []any{"integer", "null"}}, revision.None, nil},
		"failure a list":         {edits{failure: object{"type": "array", "items": object{"type": "string"}}}, revision.None, nil},
		"any other failure":      {edits{update + "|responses|default": object{"description": "d", "content": object{"text/html": object{"example": "<p>no</p>"}}}}, revision.None, nil},
	}
	old := read(t, filepath.Join(root, "api", "openapi.json"))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var document any
			if err := json.Unmarshal(old, &document); err != nil {
				t.Fatal(err)
			}
			for place, value := range tt.edits {
				edit(t, document, strings.Split(place, "|"), value)
			}
			revised, err := json.Marshal(document)
			if err != nil {
				t.Fatal(err)
			}
			axis, err := revision.Client(old, revised)
			if err != nil {
				t.Fatal(err)
			}
			if axis.Verdict != tt.verdict {
				t.Errorf("verdict %q, want %q", axis.Verdict, tt.verdict)
			}
			var told strings.Builder
			for _, change := range axis.Changes {
				told.WriteString(change.ID + " " + change.Text + "\n")
			}
			for _, want := range tt.want {
				if !strings.Contains(told.String(), want) {
					t.Errorf("no change tells %q", want)
				}
			}
			if t.Failed() {
				t.Logf("changes:\n%s", &told)
			}
		})
	}
}

// edit sets or removes what a place of a document holds.
func edit(t *testing.T, document any, place []string, value any) {
	t.Helper()
	last := len(place) - 1
	for _, name := range place[:last] {
		node, _ := document.(object)
		document = node[name]
	}
	node, ok := document.(object)
	if !ok {
		t.Fatalf("no object at %v", place[:last])
	}
	if value == (gone{}) {
		delete(node, place[last])
		return
	}
	node[place[last]] = value
}

func TestClientRefusesADocumentThatIsNoContract(t *testing.T) {
	t.Parallel()
	old := read(t, filepath.Join(root, "api", "openapi.json"))
	for name, document := range map[string]string{
		"no JSON":     "{",
		"no OpenAPI":  "{}",
		"version 3.0": `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{}}`,
	} {
		if axis, err := revision.Client(old, []byte(document)); err == nil {
			t.Errorf("%s: no error but %v", name, axis)
		}
	}
	if _, err := revision.Client([]byte("{"), old); err == nil {
		t.Error("no error for an old document that is no JSON")
	}
}
