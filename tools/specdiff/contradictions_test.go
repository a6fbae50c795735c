package specdiff

import (
	"fmt"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/tools/document"
)

const responseOf = `{"openapi":"3.1.0","paths":{"/p":{"get":{"responses":{"200":{"content":{"application/json":{
	"example":%s,"schema":%s}}}}}}}}`

const corrections = `overlay: 1.1.0
info: {title: t, version: 1.0.0}
actions:
  - x-correction: other
    description: It always applies.
    x-evidence: none
    x-pointer: /paths
    target: $.paths
    update: {x-other: 1}
`

// For each common kind there is an entry that can be pasted as it is. It ends the contradiction, and it is guarded: it
// is obsolete when the vendor has fixed the schema or the example.
func TestEntryForAContradiction(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ example, schema, fixedExample, fixedSchema string }{
		"null": {
			`{"a":null}`, `{"properties":{"a":{"type":"string"}}}`,
			`{"a":null}`, `{"properties":{"a":{"type":["string","null"]}}}`,
		},
		"JSON in a text": {
			`"{\"code\": 1, \"message\": \"it's\"}"`, `{"type":"object"}`, `{"code": 1, "message": "it's"}`, `{"type":"object"}`,
		},
		"time without a zone": {
			`["2025-10-22T08:31:48"]`, `{"items":{"type":"string","format":"date-time"}}`,
			`["2025-10-22T08:31:48"]`, `{"items":{"type":"string","format":"date-time-local"}}`,
		},
		"missing member": {
			`{"a":{}}`, `{"properties":{"a":{"required":["b","c"],"properties":{"b":{}}}}}`,
			`{"a":{}}`, `{"properties":{"a":{"required":[]}}}`,
		},
		"unknown value": {
			`{"a b":"x'"}`, `{"properties":{"a b":{"enum":["y"]}}}`,
			`{"a b":"x'"}`, `{"properties":{"a b":{"enum":["y","x'"]}}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			published := fmt.Appendf(nil, responseOf, tt.example, tt.schema)
			corrections, found := []byte(corrections), 0
			corrected := published
			for {
				contradictions, _, err := Contradictions(published, corrected, corrections)
				if err != nil {
					t.Fatal(err)
				}
				if len(contradictions) == 0 {
					break
				}
				for _, c := range contradictions {
					if found++; c.Entry == "" || found > 4 {
						t.Fatalf("no entry ends %+v", c)
					}
					corrections = append(corrections, c.Entry...)
				}
				if corrected, err = document.Correct(published, corrections); err != nil {
					t.Fatalf("%v\n%s", err, corrections)
				}
			}
			if found == 0 {
				t.Fatal("nothing was found")
			}
			fixed := fmt.Appendf(nil, responseOf, tt.fixedExample, tt.fixedSchema)
			_, standings, err := document.Standings(published, fixed, corrections)
			for _, s := range standings[1:] {
				if s.State != document.Obsolete {
					t.Errorf("%s is %s once the vendor fixed it; corrections\n%s", s.ID, s.State, corrections)
				}
			}
			if err != nil || len(standings) < 2 {
				t.Errorf("%v, %+v", err, standings)
			}
		})
	}
}

func TestContradictionThatTakesADecision(t *testing.T) {
	t.Parallel()
	for example, schema := range map[string]string{
		`{"a":1}`:         `{"properties":{"a":{"type":"string"}}}`,
		`{"a":""}`:        `{"properties":{"a":{"minLength":1}}}`,
		`{"a":[null]}`:    `{"properties":{"a":{"anyOf":[{"type":"string"},{"items":{"type":"string"}}]}}}`,
		`{"a":null}`:      `{"properties":{"a":{"type":"string","description":"string"}}}`, // a guard would match both
		`{"a":"no time"}`: `{"properties":{"a":{"format":"date-time"}}}`,
	} {
		published := fmt.Appendf(nil, responseOf, example, schema)
		found, _, err := Contradictions(published, published, []byte(corrections))
		if err != nil || len(found) != 1 || found[0].Entry != "" || !strings.Contains(found[0].Text, "decide") {
			t.Errorf("%s: got %v, %+v", example, err, found)
		}
	}
}

// Examples of single members, in components too, and of parameters are judged. A body of text is not, and neither is a
// member that is called like a keyword.
func TestExamplesThatAreJudged(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{
		`"parameters":[{"example":1,"schema":{"type":"string"}}]`:                        "/parameters/0/example",
		`"content":{"a/json":{"examples":{"x":{"value":1}},"schema":{"type":"string"}}}`: "/content/a~1json/examples/x/value",
		`"a":{"schema":{"$ref":"#/components/schemas/s"}}`:                               "/a/schema/items/examples/0",
		`"content":{"text/plain":{"example":1,"schema":{"type":"string"}}}`:              "",
		`"a":{"schema":{"properties":{"example":{"type":"string"}}}}`:                    "",
	} {
		document := []byte(`{"paths":{"/p":{"get":{` + operation + `}}},
			"components":{"schemas":{"s":{"items":{"examples":[1],"type":"string"}}}}}`)
		found, _, err := Contradictions(document, document, nil)
		got := ""
		if len(found) == 1 {
			got = strings.TrimPrefix(found[0].Pointer, "/paths/~1p/get")
		}
		if err != nil || len(found) > 1 || got != want {
			t.Errorf("%s: got %v, %+v, want %q", operation, err, found, want)
		}
	}
}
