package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

// object is one of JSON.
type object = map[string]any

// wholeDefinition is one as the vendor has it: what is vendored of version 3, changed, beside 60 other operations.
// These have what the generator and the comparison refuse, and none of it matters.
func wholeDefinition(t *testing.T, old, replacement string) string {
	t.Helper()
	text := read(t, root, document.V3.Corrected())
	if !strings.Contains(text, old) {
		t.Fatalf("the document does not have %s", old)
	}
	text = strings.ReplaceAll(text, old, replacement)
	paths, schemas := object{}, object{}
	prose := strings.Repeat("What the member holds, in *Markdown*, with `code` and a [link](https://example.com/a). ", 8)
	body := func(schema any) object { return object{"application/json": object{"schema": schema}} }
	for i := range 60 {
		other := fmt.Sprintf("Other%d", i)
		members := object{}
		for j := range 8 {
			members[fmt.Sprintf("member_%d", j)] = object{"type": "string", "description": prose, "x-go-type": "evil.T"}
		}
		schemas[other] = object{"type": "object", "properties": members}
		responses := object{"200": object{
			"description": prose, "content": body(object{"$ref": "#/components/schemas/" + other}),
		}}
		operation := object{"operationId": fmt.Sprintf("other-%d", i), "responses": responses}
		switch i % 6 {
		case 1:
			operation["operationId"] = "UpdateWebhookEndpoint"
		case 2:
			responses["500"] = object{"description": "d", "content": body(object{"$ref": "#/components/schemas/Gone"})}
		case 3:
			operation["requestBody"] = object{"content": object{"multipart/form-data": object{"schema": object{"type": 5}}}}
		case 4:
			operation["parameters"] = []any{object{"name": "session", "in": "cookie", "schema": object{"type": "string"}}}
		case 5:
			operation["security"] = []any{object{"Gone": []any{}}}
		}
		paths[fmt.Sprintf("/v3/others%d", i)] = object{"post": operation}
	}
	for name, others := range map[string]object{"paths": paths, "schemas": schemas} { // the order of the rest stays
		members, err := json.MarshalIndent(others, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		begin := fmt.Sprintf("%q: {", name)
		text = strings.Replace(text, begin, begin+string(members[1:len(members)-1])+",", 1)
	}
	if len(text) < 440_000 {
		t.Fatalf("the definition has %d bytes, want as many as the vendor's", len(text))
	}
	return text
}

// Of a whole definition only what belongs to webhook endpoints is compared.
func TestWholeDefinitionOfVersion3(t *testing.T) {
	t.Parallel()
	vendoredV3, same := read(t, root, "api/v3/webhooks.md"), wholeDefinition(t, "{", "{")
	const operation = "# Event types\n\n## OpenAPI\n\n````yaml openapi.json get /v3/webhooks/event-types\n" +
		"openapi: 3.1.0\ninfo: {title: t, version: '3'}\npaths: {/v3/webhooks/event-types: {get: {operationId: types, " +
		"responses: {'200': {description: d}}}}}\n````\n"
	for name, tt := range map[string]struct {
		api, page string
		status    int
		prints    string
	}{
		"the same page":        {"v3", vendoredV3, exitFine, "nothing changes"},
		"the same operations":  {"v3", same, exitFine, "Go API: none"},
		"page of an operation": {"v3", operation, exitBreaks, "api-path-removed"},
		"type of members": {
			"v3", wholeDefinition(t, `"type": "string"`, `"type": "integer"`), exitBreaks, "response-property-type-changed",
		},
		"operation gone": {
			"v3", wholeDefinition(t, `/v3/webhooks/event-types`, `/v3/hooks/event-types`), exitBreaks, "api-path-removed",
		},
		"unknown version":     {"v2", vendoredV3, exitFailed, "want API=v1 or API=v3"},
		"version 3 as 1":      {"v1", vendoredV3, exitFailed, "version 3: name that version, API=v3"},
		"definition as 1":     {"v1", same, exitFailed, "version 3: name that version, API=v3"},
		"version 1 as 3":      {"v3", read(t, root, vendored), exitFailed, `no path of the definition begins with "/v3/`},
		"without an endpoint": {"v3", wholeDefinition(t, `/v3/webhooks/`, `/v3/`), exitFailed, `begins with "/v3/webhooks/"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := filepath.Join(t.TempDir(), "whole.json")
			mustWrite(t, doc, tt.page)
			var output strings.Builder
			status := run(t.Context(), []string{"-C", root, "-api", tt.api, doc}, &output, &output)
			if status != tt.status || !strings.Contains(output.String(), tt.prints) {
				t.Errorf("status %d, want %d and %q\n%s", status, tt.status, tt.prints, &output)
			}
		})
	}
}

// Event types stay text, whatever list HeyGen has, and the code builds with single statuses of failures and with
// headers of responses. What HeyGen's own document has of these is seen when it is vendored.
func TestWhatHeyGensDocumentMayHave(t *testing.T) {
	t.Parallel()
	if !strings.Contains(read(t, root, "api/v3/provenance.json"), `"written_from_facts"`) {
		return
	}
	for old, replacement := range map[string]string{
		`"event_type": {`: `"event_type": {"enum": ["a.success"],`,
		`"status": {`:     `"status": {"enum": ["enabled"],`,
		`"default": {`:    `"400": {`,
		`"200": {`:        `"200": {"headers": {"X-A": {"schema": {"type": "string"}}},`,
	} {
		t.Run(old, func(t *testing.T) {
			t.Parallel()
			doc := filepath.Join(t.TempDir(), "whole.json")
			mustWrite(t, doc, wholeDefinition(t, old, replacement))
			var output strings.Builder
			status := run(t.Context(), []string{"-C", root, "-api", "v3", doc}, &output, &output)
			if status != exitFine || !strings.Contains(output.String(), "Go API: none") {
				t.Errorf("status %d\n%s", status, &output)
			}
		})
	}
}

// An update puts the whole definition in the place of the page that was written from facts.
func TestUpdateOfVersion3(t *testing.T) {
	t.Parallel()
	tree := copyOf(t, whole)
	before := look(t, tree)
	definition := wholeDefinition(t, `"info": {`, `"info": {"x-other": 1,`)
	mustWrite(t, filepath.Join(tree, "openapi3.yaml"), definition)
	output, err := update(t, tree, "API=v3", "DOC=openapi3.yaml", "GENERATE=yes", "TESTS=true")
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var changed []string
	for name, content := range look(t, tree) {
		if before[name] != content && name != "openapi3.yaml" {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	want := []string{
		"CHANGELOG.md", "api/v3/corrected.json", "api/v3/provenance.json", "api/v3/webhooks.md",
		"docs/deviations.md", "openapi.json", // of version 1, whose page has a defect in this tree
	}
	if !slices.Equal(changed, want) {
		t.Errorf("it changes %q, want %q", changed, want)
	}
	if read(t, tree, "api/v3/webhooks.md") != definition {
		t.Error("the vendored page is not the one that was handed over")
	}
	if !strings.Contains(read(t, tree, "CHANGELOG.md"), "- The client for version 3 is made from") {
		t.Error("the CHANGELOG does not say which client is made from it")
	}
	if strings.Contains(read(t, tree, "api/v3/provenance.json"), "written_from_facts") {
		t.Error("the provenance still says that the page was written from facts")
	}
}

// Version 3 has no corrections, but takes some.
func TestUpdateOfVersion3DropsAnObsoleteCorrection(t *testing.T) {
	t.Parallel()
	tree, file := newTree(t), filepath.Join(t.TempDir(), "page.json")
	const corrections = "api/v3/corrections.yaml"
	page := `{"openapi": "3.1.0", "info": {"title": "t", "version": "3", "x-defect": "wrong"},
		"paths": {"/v3/webhooks/events": {"get": {"operationId": "e", "responses": {}}}}}`
	mustWrite(t, filepath.Join(tree, "api/v3/webhooks.md"), page)
	mustWrite(t, filepath.Join(tree, corrections), "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:"+
		strings.NewReplacer("/x-defect", "/info/x-defect", "$[", "$.info[").Replace(correction))
	for _, line := range []string{"git add .", "git -c user.name=t -c user.email=t@example.com commit -qm defect"} {
		if _, err := outputOf(t.Context(), tree, strings.Fields(line)...); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, file, strings.Replace(page, `, "x-defect": "wrong"`, "", 1))
	output, err := update(t, tree, "API=v3", "DOC="+file, "TESTS=true")
	if err == nil || !strings.Contains(output, "correction defect is obsolete") {
		t.Errorf("without DROP: %v\n%s", err, output)
	}
	if output, err := update(t, tree, "API=v3", "DOC="+file, "TESTS=true", "DROP=1"); err != nil {
		t.Fatalf("with DROP: %v\n%s", err, output)
	}
	if text := read(t, tree, corrections); strings.Contains(text, "defect") {
		t.Errorf("the correction is still there:\n%s", text)
	}
}
