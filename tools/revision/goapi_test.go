package revision_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/revision"
)

func TestGoAPISaysWhatCompilersWill(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		old, new string // what is replaced in the corrected document
		verdict  revision.Verdict
		changes  []string // "id pointer", each of them there
		texts    string   // held by a text of them
	}{
		"nothing": {"", "", revision.None, nil, ""},
		"prose":   {"Invalid URL", "Bad URL", revision.None, nil, ""},
		"example": {`"code": 400131`, `"code": 400132`, revision.None, nil, ""},
		"member added": {
			`"username": {`, `"colour": {"type": "string"}, "username": {`, revision.Compatible,
			[]string{"go-added generated.WebhookEndpoint.Colour"}, "",
		},
		"member renamed": {
			`"username"`, `"user"`, revision.Breaking,
			[]string{"go-removed generated.WebhookEndpoint.Username", "go-added generated.WebhookEndpoint.User"}, "",
		},
		"type of a member": {
			`"type": "string",
            "example": "123456",
            "description": "Unique identifier of the user`, `"type": "integer",
            "description": "Unique identifier of the user`, revision.Breaking,
			[]string{"go-changed generated.WebhookEndpoint.Username"}, "from string to int",
		},
		"operation renamed": {
			"updateWebhookEndpoint", "changeEndpoint", revision.Breaking,
			[]string{"go-removed generated.NewUpdateWebhookEndpointRequest", "go-build-failed wrapper"},
			"wrapper/client.go",
		},
		"operation added": {
			`"paths": {`, `"paths": {"/v1/things": {"get": {"operationId": "listThings",
			"responses": {"200": {"description": "Done", "content": {"application/json": {"schema": {"type": "object"}}}}}}},`,
			revision.Compatible, []string{"go-added generated.NewListThingsRequest"}, "",
		},
		"failure gone": {
			`"404"`, `"410"`, revision.Breaking, []string{"go-build-failed heygentest"}, "UpdateWebhookEndpoint404JSONResponse",
		},
		"schema gone": {
			`"WebhookEndpoint": {`, `"Endpoint": {`, revision.Breaking, []string{"go-generation-failed generated"},
			"WebhookEndpoint",
		},
	}
	corrected := read(t, filepath.Join(root, "api", "corrected.json"))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			revised := bytes.ReplaceAll(corrected, []byte(tt.old), []byte(tt.new))
			if tt.old == "" {
				revised = corrected
			} else if bytes.Equal(revised, corrected) {
				t.Fatalf("the document holds no %q", tt.old)
			}
			axis, err := revision.GoAPI(t.Context(), root, revised)
			if err != nil {
				t.Fatal(err)
			}
			if axis.Verdict != tt.verdict {
				t.Errorf("verdict %q, want %q: %v", axis.Verdict, tt.verdict, axis.Changes)
			}
			var all, texts strings.Builder
			for _, change := range axis.Changes {
				all.WriteString(change.ID + " " + change.Pointer + "\n")
				texts.WriteString(change.Text + "\n")
			}
			for _, want := range tt.changes {
				if !strings.Contains(all.String(), want+"\n") {
					t.Errorf("no change %q in\n%s", want, &all)
				}
			}
			if !strings.Contains(texts.String(), tt.texts) {
				t.Errorf("no text holds %q:\n%s", tt.texts, &texts)
			}
		})
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
