package document_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

// The generator's overlays name and describe; the contract is that of the corrected document.
func TestNamesDoNotChangeTheContract(t *testing.T) {
	t.Parallel()
	before, after := overlaid(t, api(t, "openapi.json"), api(t, "names.yaml"))
	if reflect.DeepEqual(before, after) {
		t.Error("the overlay changes nothing")
	}
	if got, want := contractOf(after), contractOf(before); !reflect.DeepEqual(got, want) {
		t.Errorf("the contract becomes\n%v\nwas\n%v", got, want)
	}
}

// A member that is gone does not stop generation, nor does its name bring it back.
func TestNamesOfWhatIsGoneAreLeftOut(t *testing.T) {
	t.Parallel()
	const names = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n" +
		"  - {target: $.gone.member, update: {x-go-name: Gone}}\n" +
		"  - {target: $.kept, update: {x-go-name: Kept}}\n"
	named, err := document.Name([]byte(`{"kept": {}}`), []byte(names))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(strings.Fields(string(named)), ""), `{"kept":{"x-go-name":"Kept"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Of what contractOf leaves out, so that the test above can fail.
func TestContractOfKeepsTheContract(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		target, update string
		same           bool
	}{
		"description":                   {"$.info", "{description: other}", true},
		"summary":                       {"$.paths.*.patch", "{summary: other}", true},
		"extension":                     {"$.components.schemas.Error.properties.code", "{x-go-name: other}", true},
		"required":                      {"$.components.schemas.Error", "{required: [message]}", false},
		"format":                        {"$.components.schemas.Error.properties.code", "{format: int64}", false},
		"property":                      {"$.components.schemas.Error.properties", "{other: {}}", false},
		"property called description":   {"$.components.schemas.Error.properties", "{description: {}}", false},
		"property called x-description": {"$.components.schemas.Error.properties", "{x-description: {}}", false},
		"description of another type":   {"$.info", "{description: {type: string}}", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := overlaid(t, frozen(t, "corrected.json"), []byte(
				"overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n"+
					"  - target: "+tt.target+"\n    update: "+tt.update+"\n"))
			if got := reflect.DeepEqual(contractOf(before), contractOf(after)); got != tt.same {
				t.Errorf("the contract is the same: %v, want %v", got, tt.same)
			}
		})
	}
}

// overlaid returns the document before and after an overlay, of which a warning fails the test.
func overlaid(t *testing.T, document, actions []byte) (before, after any) {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	if err := root.Decode(&before); err != nil {
		t.Fatal(err)
	}
	parsed, err := overlay.ParseReader(bytes.NewReader(actions))
	if err != nil {
		t.Fatal(err)
	}
	warnings, err := parsed.ApplyToStrict(&root)
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range warnings {
		t.Error(warning)
	}
	if err := root.Decode(&after); err != nil {
		t.Fatal(err)
	}
	return before, after
}

// contractOf is a document without its prose (summary and description texts) and its extensions.
func contractOf(node any) any {
	switch node := node.(type) {
	case object:
		kept := object{}
		for name, child := range node {
			if properties, ok := child.(object); ok && name == "properties" {
				schemas := object{} // by the names of members, which are none of ours
				for property, schema := range properties {
					schemas[property] = contractOf(schema)
				}
				kept[name] = schemas
				continue
			}
			_, isText := child.(string)
			if isText && (name == "summary" || name == "description") || strings.HasPrefix(name, "x-") {
				continue
			}
			kept[name] = contractOf(child)
		}
		return kept
	case []any:
		kept := make([]any, len(node))
		for i, child := range node {
			kept[i] = contractOf(child)
		}
		return kept
	default:
		return node
	}
}
