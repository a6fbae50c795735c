package tests

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/generated"
	"github.com/heygen-go/heygen/wire"
)

// Go's tools find what they look for in the comments of generated code: that it is generated, and what is deprecated.
func TestGeneratedCommentsAreRecognized(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"generated/heygen.gen.go", "generated/server/server.gen.go",
		"generated/v3/heygen.gen.go", "generated/v3/server/server.gen.go",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if !ast.IsGenerated(file) || strings.Contains(file.Doc.Text(), "DO NOT EDIT") {
			t.Errorf("%s: want the line Code generated … DO NOT EDIT. before the package comment", name)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if comment, ok := node.(*ast.CommentGroup); ok && strings.Contains(comment.Text(), "Deprecated:") {
				if !regexp.MustCompile(`(^|\n\n)Deprecated: `).MatchString(comment.Text()) {
					t.Errorf("%s: Deprecated is not a paragraph of its own: %q", name, comment.Text())
				}
			}
			return true
		})
	}
}

func TestAnEndpointIsLoggedAsAGroupWithoutItsSecret(t *testing.T) {
	t.Parallel()
	endpoint := generated.WebhookEndpoint{
		EndpointID: "e1", EntityID: new("entity"), Secret: wire.NewSecret("planted"),
	}
	var asJSON, asText bytes.Buffer
	slog.New(slog.NewJSONHandler(&asJSON, nil)).Info("m", "endpoint", endpoint)
	slog.New(slog.NewTextHandler(&asText, nil)).Info("m", "endpoint", endpoint)
	for logged, wanted := range map[string][]string{
		asJSON.String(): {`"endpoint_id":"e1"`, `"entity_id":"entity"`, `"events":`, `"secret":"[redacted]"`},
		asText.String(): {"endpoint.endpoint_id=e1", "endpoint.entity_id=entity", "endpoint.secret=[redacted]"},
	} {
		if strings.Contains(logged, "planted") || strings.Contains(logged, "!ERROR") {
			t.Errorf("the secret or an error is logged: %s", logged)
		}
		for _, want := range wanted {
			if !strings.Contains(logged, want) {
				t.Errorf("want %s in %s", want, logged)
			}
		}
	}
}
