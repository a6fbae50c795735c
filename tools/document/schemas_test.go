package document_test

import (
	"strings"
	"testing"
)

// What has a name afterwards, and where it is referred to.
func TestInlineSchemasGetNames(t *testing.T) {
	t.Parallel()
	reply := func(schema string) string {
		return `"responses": {"200": {"content": {"application/json": {"schema": ` + schema + `}}}}`
	}
	const thing = `{"type":"object","properties":{"a":{"type":"string"}}}`
	tests := map[string]struct{ operation, want string }{
		"request": {
			`"requestBody": {"content": {"application/json": {"schema": ` + thing + `}}}`,
			`"schemas":{"GetThingRequest":` + thing + `}`,
		},
		"data of an envelope": {
			reply(`{"type":"object","properties":{"data":` + thing + `}}`),
			`"schemas":{"GetThingData":` + thing +
				`,"GetThingResponse":{"type":"object","properties":{"data":{"$ref":"#/components/schemas/GetThingData"}}}}`,
		},
		"list as data": {
			reply(`{"type":"object","properties":{"data":{"type":"array","items":` + thing + `}}}`),
			`"GetThingData":{"type":"array","items":{"$ref":"#/components/schemas/GetThingDataItem"}}`,
		},
		"members and lists within": {
			reply(`{"type":"object","properties":{"user_list":{"type":"array","items":` + thing + `},"next":` + thing + `}}`),
			`"schemas":{"GetThingUserListItem":` + thing + `,"GetThingNext":` + thing + `,"GetThingResponse":`,
		},
		"several successes and a failure": {
			`"responses": {"200": {"content": {"application/json": {"schema": ` + thing + `}}},
				"202": {"content": {"application/json": {"schema": ` + thing + `}}},
				"4XX": {"content": {"application/json": {"schema": ` + thing + `}}}, "204": {}}`,
			`"schemas":{"GetThingResponse":` + thing + `,` +
				`"GetThing202Response":` + thing + `,"GetThing4XXResponse":` + thing + `}`,
		},
		"what needs none": {
			reply(`{"type":"object","properties":{}}`), `"application/json":{"schema":{"type":"object","properties":{}}}`,
		},
		"a name that is taken": {
			reply(thing) + `}}}, "components": {"schemas": {"GetThingResponse": true}}, "x": {"x": {"x": {`,
			`"schemas":{"GetThingResponse":true,"GetThingResponse2":`,
		},
		"the envelope of failures": {
			reply(thing) + `}}}, "components": {"schemas": {"Error": ` + thing + `}}, "x": {"x": {"x": {`,
			`"schema":{"$ref":"#/components/schemas/Error"}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ordered(t, `{"paths": {"/a": {"get": {"operationId": "get-thing", `+tt.operation+`}}}}`)
			got = strings.NewReplacer(" ", "", "\n", "").Replace(got)
			if !strings.Contains(got, tt.want) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestNamesComeFromThePathIfTheOperationHasNone(t *testing.T) {
	t.Parallel()
	got := ordered(t, `{"paths": {"/v1/thing.list": {"get": {"requestBody": {"content": {"application/json": {"schema":
		{"allOf": []}}}}}}}}`)
	if !strings.Contains(got, `"GetV1ThingListRequest"`) {
		t.Error(got)
	}
}
