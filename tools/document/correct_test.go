package document_test

import (
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

const published = `{
  "openapi": "3.1.0",
  "info": {"title": "t", "version": "1"},
  "paths": {"/v1/a.b": {"get": {"operationId": "a", "deprecated": false}}}
}`

const header = "overlay: 1.1.0\ninfo: {title: t, version: '1'}\n"

const dropDeprecated = `
  - x-correction: not-deprecated
    description: The operation is not deprecated, and need not say so.
    x-evidence: its prose
    x-pointer: /paths/~1v1~1a.b/get/deprecated
    target: $.paths['/v1/a.b'].get[?@ == false]
    remove: true
`

const renameOperation = `
  - x-correction: operation-id
    description: The id is a name.
    x-evidence: operationId is a
    x-pointer: /paths/~1v1~1a.b/get/operationId
    target: $.paths['/v1/a.b'].get[?@ == 'a']
    remove: true
  - x-correction: operation-id
    target: $.paths['/v1/a.b'].get
    update: {operationId: getA}
`

func TestCorrectAppliesTheCorrectionsInOrder(t *testing.T) {
	t.Parallel()
	got, err := document.Correct([]byte(published), []byte(header+"actions:"+dropDeprecated+renameOperation))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "openapi": "3.1.0",
  "info": {
    "title": "t",
    "version": "1"
  },
  "paths": {
    "/v1/a.b": {
      "get": {
        "operationId": "getA"
      }
    }
  }
}
`
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCorrectNamesACorrectionWhoseCopyHasNoSource(t *testing.T) {
	t.Parallel()
	const copied = renameOperation + `  - x-correction: operation-id
    target: $.info
    copy: $.paths['/v1/a.b'].get.servers
`
	got, err := document.Correct([]byte(published), []byte(header+"actions:"+copied))
	const want = `correction "operation-id": nothing matches $.paths['/v1/a.b'].get.servers, a target after the guard`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %s, error %v, want one after the guard of operation-id", got, err)
	}
}

func TestCorrectNamesACorrectionThatMatchesNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ fix, fixed, want string }{
		"value fixed":     {`"operationId": "a"`, `"operationId": "getA"`, `correction "operation-id": nothing matches`},
		"value gone":      {`, "deprecated": false`, ``, `correction "not-deprecated": nothing matches`},
		"operation moved": {`/v1/a.b`, `/v2/a.b`, `correction "not-deprecated": nothing matches`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fixed := strings.Replace(published, tt.fix, tt.fixed, 1)
			got, err := document.Correct([]byte(fixed), []byte(header+"actions:"+dropDeprecated+renameOperation))
			if err == nil {
				t.Fatalf("corrected to %s, want an error", got)
			}
			if !strings.HasPrefix(err.Error(), tt.want) || !strings.Contains(err.Error(), "delete the correction") {
				t.Errorf("error %q, want one that begins with %q and says what to do", err, tt.want)
			}
		})
	}
}

func TestCorrectRefusesCorrectionsOfTheWrongForm(t *testing.T) {
	t.Parallel()
	// without returns dropDeprecated without the line that begins with a word.
	without := func(word string) string {
		var kept strings.Builder
		for line := range strings.Lines(dropDeprecated) {
			if !strings.HasPrefix(strings.TrimLeft(line, " -"), word) {
				kept.WriteString(line)
			} else if strings.Contains(line, "- ") {
				kept.WriteString("  - x-other: x\n") // keeps the list's item
			}
		}
		return kept.String()
	}
	dialect := func(version string) string { return strings.Replace(header, "1.1.0", version, 1) }
	tests := map[string]struct{ corrections, want string }{
		"not YAML":      {"overlay: [", "corrections: "},
		"empty":         {"", "corrections: "},
		"no action":     {header, "corrections: overlay must define at least one action"},
		"dialect 1.0.0": {dialect("1.0.0") + "actions:" + dropDeprecated, `"overlay: 1.1.0"`},
		"dialect 2.0.0": {dialect("2.0.0") + "actions:" + dropDeprecated, "corrections: "},
		"no dialect":    {"info: {title: t, version: '1'}\nactions:" + dropDeprecated, "corrections: "},
		"no id":         {header + "actions:" + without("x-correction"), "action 1 ($.paths['/v1/a.b']"},
		"no reason":     {header + "actions:" + without("description"), `"not-deprecated" needs a description`},
		"no evidence":   {header + "actions:" + without("x-evidence"), `"not-deprecated" needs`},
		"no pointer":    {header + "actions:" + without("x-pointer"), `"not-deprecated" needs`},
		"no target":     {header + "actions:" + without("target"), "target must be defined"},
		"nothing to do": {header + "actions:" + without("remove"), `correction "not-deprecated": unknown action`},
		"a target of no syntax": {
			header + "actions:" + strings.Replace(dropDeprecated, "$.", "$[", 1), `correction "not-deprecated": target`,
		},
		"an id split up": {
			header + "actions:" + renameOperation + dropDeprecated + renameOperation,
			`the actions of "operation-id" do not follow one another`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Correct([]byte(published), []byte(tt.corrections))
			if err == nil {
				t.Fatalf("corrected to %s, want an error", got)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want one that holds %q", err, tt.want)
			}
		})
	}
}

func TestCorrectRefusesAChangeThatOverridesSilently(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"another type in place": "target: $.paths['/v1/a.b'].get\n    update: {operationId: [getA]}",
		"the value it has":      "target: $.paths['/v1/a.b'].get\n    update: {operationId: a}",
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			corrections := header + "actions:\n  - x-correction: in-place\n    description: d\n    x-evidence: e\n" +
				"    x-pointer: /p\n    " + change + "\n"
			got, err := document.Correct([]byte(published), []byte(corrections))
			if err == nil {
				t.Fatalf("corrected to %s, want an error", got)
			}
			if !strings.Contains(err.Error(), `correction "in-place"`) {
				t.Errorf("error %q does not name the correction", err)
			}
		})
	}
}

func TestCorrectRefusesADocumentThatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "null", "[]"} {
		got, err := document.Correct([]byte(text), []byte(header+"actions:"+dropDeprecated))
		if err == nil {
			t.Errorf("%q corrected to %s, want an error", text, got)
		}
	}
}

// JSON is no YAML: names that are special there are plain ones.
func TestNamesThatYAMLDoesNotTake(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"<<", strings.Repeat("long", 300), "? key", "a: b", "\u0085", "null"} {
		definition := strings.Replace(published, `"info"`, `"`+name+`": {"x-go-type": "T", "`+name+`": 1}, "info"`, 1)
		corrected, err := document.Correct([]byte(definition), []byte(header+"actions: []\n"))
		if err != nil {
			t.Errorf("%.10q: %v", name, err)
			continue
		}
		member, _ := decode(t, corrected)[name].(object)
		if len(member) != 1 || member[name] != 1.0 {
			t.Errorf("%.10q became %v", name, member)
		}
	}
}
