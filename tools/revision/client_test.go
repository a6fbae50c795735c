package revision_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/revision"
)

// places are those of a document that revisions change, by the first word of an edit: in both documents, in the
// corrected one and in the published one.
var places = map[string]string{
	"document":  "",
	"operation": "paths|/v1/webhook/endpoint.update|patch",
	"success":   "paths|/v1/webhook/endpoint.update|patch|responses|200|content|application/json",
	"invalid":   "paths|/v1/webhook/endpoint.update|patch|responses|400|content|application/json",

	"schemas":  "components|schemas",
	"request":  "components|schemas|UpdateWebhookEndpointRequest",
	"envelope": "components|schemas|UpdateWebhookEndpointResponse",
	"endpoint": "components|schemas|WebhookEndpoint",

	"body":   "paths|/v1/webhook/endpoint.update|patch|requestBody|content|application/json|schema",
	"result": "paths|/v1/webhook/endpoint.update|patch|responses|200|content|application/json|schema",
	"data":   "paths|/v1/webhook/endpoint.update|patch|responses|200|content|application/json|schema|properties|data",
	"scheme": "components|securitySchemes|sec0",
}

func TestClientIsMeasured(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edits string // a line "place member value", the value JSON or "gone"
		want  string // what a line "level id text" holds; "none" for no change
	}{
		"nothing": {``, "none"},

		// Requests.
		"events not nullable": {
			`request properties|events|type "array"`,
			`breaking client-request-refused request body /events: want array, got null: ` +
				`PATCH /v1/webhook/endpoint.update {"endpoint_id":"e1","events":null}`,
		},
		"events not empty":   {`request properties|events|minItems 1`, `{"endpoint_id":"e1","events":[]}`},
		"url required":       {`request required ["endpoint_id","url"]`, "member url is missing"},
		"new member to send": {`request properties|name {"type":"string"}`, "none"},
		"new member required": {
			`request properties|name {"type":"string"}
			request required ["endpoint_id","name"]`, "member name is missing",
		},
		"request closed": {`request unevaluatedProperties false`, "none"},
		"request closed without url": {
			`request unevaluatedProperties false
			request properties|url gone`, "request body /url",
		},
		"media type": {
			`operation requestBody|content {"application/xml":{}}`, "request content type: not documented",
		},
		"header renamed": {
			`document components|securitySchemes|apiKey|name "x-key"`,
			"request header x-key: missing",
		},
		"security removed": {`document security gone`, "none"},
		"parameter added": {
			`operation parameters [{"name":"v","in":"query","required":true,"schema":{"type":"string"}}]`,
			"request query v: missing",
		},
		"server moved": {
			`document servers [{"url":"https://api2.heygen.com"}]`,
			"client-server-unknown the client calls https://api.heygen.com, the document names https://api2.heygen.com",
		},
		"server under a path": {`document servers [{"url":"https://api.heygen.com/api"}]`, "client-server-unknown"},
		"server of the operation": {
			`operation servers [{"url":"https://update.heygen.com"}]`, "the document names https://update.heygen.com",
		},
		"server added": {
			`document servers [{"url":"https://eu.heygen.com"},
				{"url":"https://{name}.heygen.com/","variables":{"name":{"default":"api"}}}]`, "none",
		},
		"method changed": {
			`document paths {"/v1/webhook/endpoint.update":{"put":{"responses":{"204":{"description":"done"}}}}}`,
			"request method: the path does not take it",
		},
		"operation added": {
			`document paths|/v1/webhook/endpoint.list {"get":{"responses":{"204":{"description":"done"}}}}`,
			"compatible operation-without-method",
		},

		// Successes.
		"member added": {`endpoint properties|colour {"type":"string"}`, "none"},
		"member gone": {
			`endpoint properties|space_id gone`, "SpaceID stays empty: the document describes no member space_id",
		},
		"member a number": {
			`endpoint properties|username {"type":"integer"}`,
			"breaking client-success-misread the client fails",
		},
		"member nullable":   {`endpoint properties|username {"type":["string","null"]}`, "none"},
		"status extended":   {`endpoint properties|status|enum ["enabled","disabled","paused"]`, "none"},
		"status open":       {`endpoint properties|status {"anyOf":[{"enum":["enabled"]},{"type":"string"}]}`, "none"},
		"events of objects": {`endpoint properties|events|items {"type":"object"}`, "the client fails"},
		"secret a number":   {`endpoint properties|secret {"type":"integer"}`, "the client fails"},
		"time a number":     {`endpoint properties|created_at {"type":"integer"}`, "CreatedAt is not what was sent"},
		"time with a zone":  {`endpoint properties|created_at {"type":"string","format":"date-time"}`, "none"},
		"data null": {
			`envelope properties|data {"anyOf":[{"$ref":"#/components/schemas/WebhookEndpoint"},{"type":"null"}]}`,
			`"data":null`,
		},
		"data elsewhere": {
			`envelope properties|data gone
			envelope properties|result {"$ref":"#/components/schemas/WebhookEndpoint"}`, "the client fails",
		},
		"code a text": {`envelope properties|code {"type":"string"}`, "none"},
		"code another": {
			`envelope properties|code {"const":0}`,
			"the client fails: heygen: UpdateWebhookEndpoint: HTTP 200, code 0",
		},
		"success without body": {`operation responses|200 {"description":"done"}`, "without a body: PATCH"},
		"success with no content beside it": {
			`operation responses|204 {"description":"done"}`, "HTTP 204",
		},
		"redirect documented": {`operation responses|302 {"description":"elsewhere"}`, "none"},
		"pattern with an example": {
			`endpoint properties|username {"type":"string","pattern":"^u[0-9]{3}$","example":"u123"}`, "none",
		},
		"pattern alone": {
			`endpoint properties|username {"type":"string","pattern":"^u[0-9]{3}$"}`,
			"breaking client-response-not-measured no full response could be made",
		},
		"pattern alone, required": {
			`endpoint properties|username {"type":"string","pattern":"^u[0-9]{3}$"}
			endpoint required ["username"]`, "client-response-not-measured no minimal response could be made",
		},
		"schema that holds itself": {
			`endpoint properties|parent {"$ref":"#/components/schemas/WebhookEndpoint"}`,
			"none",
		},
		"example of a failure": {
			`success examples|Result|value|code 400131`,
			`code 400131, attempt 1 (example "Result": PATCH`,
		},
		"secret of an example": {`success examples|Result|value|code 400131`, `"secret":"[redacted]"`},

		// Failures.
		"failure in a text":      {`invalid examples|Invalid~URL|value "{\"code\":400542}"`, "none"},
		"failure without code":   {`schemas Error {"type":"object"}`, "none"},
		"failure with code null": {`schemas Error|properties|code|type ["integer","null"]`, "none"},
		"failure of version 3": {
			`schemas Error {"properties":{"error":{"required":["code"],"properties":{"code":{"type":"string"}}}}}`, "none",
		},
		"failure a list": {`schemas Error {"type":"array","items":{"type":"string"}}`, "none"},
		"failure in HTML": {
			`operation responses|default {"description":"d","content":{"text/html":{"example":"<p>no</p>"}}}`, "none",
		},
		"failure with a code that is cut": {
			`invalid examples|Invalid~URL|value {"code":"sec_9"}`,
			`client-failure-misread the code of the error is "[redacted]"`,
		},
	}
	old := read(t, filepath.Join(root, "api", "corrected.json"))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			axis, err := revision.Client(old, edited(t, old, tt.edits))
			if err != nil {
				t.Fatal(err)
			}
			told := ""
			for _, change := range axis.Changes {
				told += string(change.Level) + " " + change.ID + " " + change.Text + "\n"
			}
			if told == "" {
				told = "none"
			}
			if !strings.Contains(told, tt.want) {
				t.Errorf("got\n%s\nwant %s", told, tt.want)
			}
			if !strings.HasPrefix(told, string(axis.Verdict)) && !strings.Contains(told, "\n"+string(axis.Verdict)) {
				t.Errorf("the verdict is %s of\n%s", axis.Verdict, told)
			}
		})
	}
}

// edited returns the document after edits. A tilde stands for a blank.
func edited(t *testing.T, document []byte, edits string) []byte {
	t.Helper()
	var all any
	if err := json.Unmarshal(document, &all); err != nil {
		t.Fatal(err)
	}
	for rest := strings.TrimSpace(edits); rest != ""; {
		var place, member string
		place, rest, _ = strings.Cut(rest, " ")
		member, rest, _ = strings.Cut(rest, " ")
		path := strings.Split(strings.TrimPrefix(places[place]+"|"+strings.ReplaceAll(member, "~", " "), "|"), "|")
		at := all
		for _, name := range path[:len(path)-1] {
			node, _ := at.(map[string]any)
			at = node[name]
		}
		node, ok := at.(map[string]any)
		if !ok {
			t.Fatalf("no object at %v", path[:len(path)-1])
		}
		name := path[len(path)-1]
		if next, gone := strings.CutPrefix(rest, "gone"); gone {
			delete(node, name)
			rest = strings.TrimSpace(next)
			continue
		}
		decoder := json.NewDecoder(strings.NewReader(rest))
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		node[name] = value
		rest = strings.TrimSpace(rest[decoder.InputOffset():])
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A client may offer what its document no longer described, as that of a newer document does.
func TestClientThatWasBrokenBeforeIsNotBrokenByADocument(t *testing.T) {
	t.Parallel()
	old := read(t, filepath.Join(root, "api", "corrected.json"))
	without := edited(t, old, `endpoint properties|space_id gone`)
	for name, documents := range map[string]struct {
		old, revised []byte
		want         revision.Verdict
	}{
		"gone":               {old, without, revision.Breaking},
		"gone before":        {without, without, revision.None},
		"gone before, added": {without, old, revision.None},
		"another gone": {
			without, edited(t, without, `endpoint properties|username gone`), revision.Breaking,
		},
	} {
		axis, err := revision.Client(documents.old, documents.revised)
		if err != nil || axis.Verdict != documents.want {
			t.Errorf("%s: %+v, %v, want %s", name, axis, err, documents.want)
		}
	}
}

func TestClientRefusesADocumentThatIsNoContract(t *testing.T) {
	t.Parallel()
	old := read(t, filepath.Join(root, "api", "corrected.json"))
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
