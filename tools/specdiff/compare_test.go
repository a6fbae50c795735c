package specdiff

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/tools/document"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const root = "../.."

// What is compared with what is vendored holds whatever that is: the vendored documents are read, changed and compared.
func TestGoAPIAndClient(t *testing.T) {
	t.Parallel()
	const endpoint = `"WebhookEndpoint": {`
	tests := map[string]struct {
		old, revised string // texts of the corrected document; that of version 3 if the name says so
		goAPI        string // id and text of a change; "" for none
		client       string
	}{
		"nothing": {"", "", "", ""},
		"member added": {
			endpoint + "\n        \"type\": \"object\",\n        \"properties\": {",
			endpoint + "\n        \"type\": \"object\",\n        \"properties\": {\"label\": {\"type\": \"string\"},",
			"compatible generated.WebhookEndpoint.Label added", "",
		},
		"member with a name gone": {`"username": {`, `"user": {`, "breaking generated names: nothing matches", ""},
		"method": {
			`"patch": {`, `"put": {`, "", "breaking PATCH /v1/webhook/endpoint.update request method",
		},
		"server that needs a header": {
			`"name": "x-api-key"`, `"name": "x-key"`, "", "request header x-key missing",
		},
		"example without data": {`"code": 100,`, `"code": 101,`, "", "the client fails"},
		"operation added": {
			`"paths": {`,
			`"paths": {"/v1/other": {"get": {"operationId": "other", "responses": {"204": {"description": "d"}}}},`,
			"", "compatible GET /v1/other the client has no method for this operation",
		},
		"version 3: nothing":         {"", "", "", ""},
		"version 3: type of members": {`"type": "string"`, `"type": "integer"`, "breaking generated.", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := document.V1
			if strings.HasPrefix(name, "version 3") {
				api = document.V3
			}
			corrected := string(read(t, filepath.Join(root, api.Corrected())))
			revised := strings.ReplaceAll(corrected, tt.old, tt.revised)
			if tt.old == "" {
				revised = corrected
			} else if revised == corrected {
				t.Fatalf("the document does not have %s", tt.old)
			}
			if tt.goAPI == "" {
				client, err := Client(api, []byte(corrected), []byte(revised))
				expect(t, "client", client, err, tt.client)
			}
			if tt.client == "" { // the others take as long
				goAPI, err := GoAPI(t.Context(), root, api, []byte(revised))
				expect(t, "Go API", goAPI, err, tt.goAPI)
			}
		})
	}
}

// Each request and each example of version 3 goes through the client for that version.
func TestClientOfVersion3(t *testing.T) {
	t.Parallel()
	pages, err := document.V3.VendoredPages("testdata/base")
	if err != nil {
		t.Fatal(err)
	}
	base := string(pages[0].Definition)
	const example = "/responses/200/content/application~1json/example the client fails: "
	tests := map[string]struct{ old, revised, want string }{
		"name of a parameter": {`{endpoint_id}`, `{id}`, ""},
		"path":                {`/v3/webhooks/event-types`, `/v3/webhooks/types`, "GET /v3/webhooks/event-types request"},
		"method":              {`"delete": {`, `"put": {`, "DELETE /v3/webhooks/endpoints/{endpoint_id} request method"},
		"page with fewer":     {`"maximum": 100`, `"maximum": 50`, "GET /v3/webhooks/events request query limit"},
		"parameter required":  {`"name": "token",`, `"name": "token", "required": true,`, "request query token missing"},
		"header required": {
			`"name": "Idempotency-Key"`, `"name": "X-Key", "required": true`, "/rotate-secret request header X-Key missing",
		},
		"member required":  {`"required": [`, `"required": ["name", `, "POST /v3/webhooks/endpoints request body"},
		"secret of a type": {`"secret": "whsec_example"`, `"secret": 5`, "~1rotate-secret/post" + example},
		"failure with 200": {`"has_more": false`, `"error": {}`, "/paths/~1v3~1webhooks~1events/get" + example},
		"code of a failure": {
			`"code": "webhook_not_found"`, `"code": {}`, "/responses/default/content/application~1json/example the code",
		},
		"operation added": {
			`"paths": {`, `"paths": {"/v3/webhooks/new": {"get": {}},`, "compatible GET /v3/webhooks/new the client has no",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			revised := strings.ReplaceAll(base, tt.old, tt.revised)
			if revised == base {
				t.Fatalf("the document does not have %s", tt.old)
			}
			client, err := Client(document.V3, []byte(base), []byte(revised))
			expect(t, "client", client, err, tt.want)
		})
	}
	client, err := Client(document.V3, []byte(`{"openapi": "3.1.0", "paths": {}}`), []byte(base))
	expect(t, "client of a first document", client, err, "")
}

func expect(t *testing.T, name string, got Axis, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	holds := func(c Change) bool {
		return strings.Contains(strings.Join([]string{string(c.Level), c.Where, c.Text}, " "), want)
	}
	if want == "" && len(got.Changes) > 0 || want != "" && !slices.ContainsFunc(got.Changes, holds) {
		t.Errorf("%s: got %+v, want %q", name, got.Changes, want)
	}
}

func TestPageTakesThePlaceOfTheOneOfTheSameOperation(t *testing.T) {
	t.Parallel()
	operation := func(path, id string) []byte {
		return []byte(`{"paths":{"` + path + `":{"get":{"operationId":"` + id + `"}}}}`)
	}
	page := func(name string, definition []byte) document.Page {
		return document.Page{Name: name, Definition: definition}
	}
	tests := map[string]struct {
		page document.Page
		want []string // the names of the pages afterwards
		at   int      // where the page is
	}{
		"same name":             {page("b.md", operation("/new", "new")), []string{"a.md", "b.md"}, 1},
		"same path":             {page("new.md", operation("/a", "new")), []string{"a.md", "b.md"}, 0},
		"same operation id":     {page("new.md", operation("/new", "b")), []string{"a.md", "b.md"}, 1},
		"name before path":      {page("b.md", operation("/a", "a")), []string{"a.md", "b.md"}, 1},
		"another operation":     {page("new.md", operation("/new", "new")), []string{"a.md", "b.md", "new.md"}, 2},
		"operations without id": {page("new.md", operation("/new", "")), []string{"a.md", "b.md", "new.md"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, at := placeIn([]document.Page{
				{Name: "a.md", Definition: operation("/a", "a")}, {Name: "b.md", Definition: operation("/b", "b")},
			}, tt.page)
			var names []string
			for _, page := range got {
				names = append(names, page.Name)
			}
			if !slices.Equal(names, tt.want) || at != tt.at || string(got[at].Definition) != string(tt.page.Definition) {
				t.Errorf("pages %v, want %v, with the new one at %d: %s", names, tt.want, tt.at, got)
			}
		})
	}
}

var report = &Report{
	API:  document.V1,
	From: Source{Version: "1", SHA256: "0123456789abcdef"}, To: Source{Version: "2\x1b[2J`", SHA256: "fedcba9876543210"},
	Document: newAxis([]Change{
		{"request-restricted", Breaking, "PATCH /p", "the `url` is @shorter <b>"}, {"text", Compatible, "", "prose"},
	}),
	Go: newAxis([]Change{
		{"go-removed", Breaking, "generated.A", "removed"}, {"go-added", Compatible, "generated.B", "added"},
	}),
	Client: newAxis(nil),
	Corrections: []document.Standing{
		{ID: "a", Pointer: "/a", State: document.Applies},
		{ID: "b", Pointer: "/b", State: document.Obsolete, Now: "1"},
		{ID: "c", Pointer: "/c", State: document.FixedInPart, Now: `{}`, Missing: []string{"/c/d"}},
		{ID: "e", Pointer: "/e", State: document.Changed},
		{ID: "f", Pointer: "/f", State: document.Lost},
	},
	Corrected: []Change{{"gone", Breaking, "PATCH /p", "no code"}},
	Contradictions: []Contradiction{
		{"/x", "got null", "  - x-correction: x-null\n    remove: true\n"}, {"/y", "decide", ""},
	},
}

func TestReportIsWritten(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*Report, io.Writer) error{
		"report.txt": (*Report).WriteText, "report.md": (*Report).WriteMarkdown, "report.json": (*Report).WriteJSON,
	} {
		var got strings.Builder
		if err := write(report, &got); err != nil {
			t.Fatal(err)
		}
		golden(t, name, got.String())
	}
}

func TestChangelogEntry(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, time.January, 2, 0, 0, 0, 0, time.UTC)
	golden(t, "entry.md", report.entry(day))
	const entry = "- The client is made from the document that HeyGen published by 2026-01-02 (info.version 2). " +
		"Nothing changes for your code.\n"
	broken := &Report{Document: newAxis(nil), Client: newAxis(nil), Go: newAxis([]Change{
		{idBuildFailed, Breaking, "wrapper", "undefined: x"}, {idGenerationFailed, Breaking, "generated", "no"},
	})}
	if got := broken.entry(day); strings.Count(got, "\n") != 1 || strings.Contains(got, "Nothing changes") {
		t.Errorf("code that does not build: %s", got)
	}
	harmless := &Report{To: Source{Version: "2"}, Document: newAxis(nil), Go: newAxis(nil), Client: newAxis(nil)}
	const older = "### Added\n\n- A.\n\n## 1\n\n### Changed\n\n- C.\n"
	for old, want := range map[string]string{
		"# C\n\n## Unreleased\n\n" + older:       "# C\n\n## Unreleased\n\n### Changed\n\n" + entry + "\n" + older,
		"## Unreleased\n\n### Changed\n\n- B.\n": "## Unreleased\n\n### Changed\n\n" + entry + "- B.\n",
		"# C\n":                                  "",
	} {
		directory := t.TempDir()
		name := filepath.Join(directory, "CHANGELOG.md")
		if err := os.WriteFile(name, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		err := addToChangelog(directory, harmless, day)
		if got := string(read(t, name)); (err != nil) != (want == "") || want != "" && got != want {
			t.Errorf("%v, got\n%s\nwant\n%s", err, got, want)
		}
	}
}

// golden compares got with a file below testdata, or writes it there.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(read(t, name)); got != want {
		t.Errorf("%s: got\n%s\nwant\n%s\n(run go test ./specdiff -update if that is right)", name, got, want)
	}
}
