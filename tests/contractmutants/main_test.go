package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

// TestMain takes the documents that the kit is tested with. The vendored ones may come to use words that the oracle
// does not know; "make contract-mutants" then says so, and no update stops.
func TestMain(m *testing.M) {
	var problems [2]error
	openapi.Published(), problems[0] = os.ReadFile("../../contract/testdata/published.json")
	openapi.Corrected(), problems[1] = os.ReadFile("../../contract/testdata/corrected.json")
	if err := errors.Join(problems[:]...); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestTheKitKillsEveryMutant(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func mutants(t *testing.T) []mutant {
	t.Helper()
	d, err := parse("corrected", openapi.Corrected())
	if err != nil {
		t.Fatal(err)
	}
	return mutantsOf(d, d)
}

// A score is worth nothing if no judge can miss it.
func TestABadJudgeScoresBadly(t *testing.T) {
	t.Parallel()
	all := mutants(t)
	blind := rate(all, func(mutant) ([]contract.Finding, error) { return nil, nil })
	if blind.killed != 0 || blind.alarms != 0 || blind.survived < 200 || len(blind.wrong) != blind.survived {
		t.Errorf("a judge that finds nothing: %s", blind)
	}
	strict := rate(all, func(mutant) ([]contract.Finding, error) {
		return []contract.Finding{{Party: contract.Server, Where: "response 200 body", Pointer: "/elsewhere"}}, nil
	})
	if strict.passed != 0 || strict.alarms < 200 {
		t.Errorf("a judge that always finds: %s", strict)
	}
	failing := rate(all, func(mutant) ([]contract.Finding, error) { return nil, io.ErrUnexpectedEOF })
	if failing.killed != 0 || failing.passed != 0 {
		t.Errorf("a judge that fails: %s", failing)
	}
}

// Each rule is needed to kill some mutant, and by no judge without it are all killed.
func TestWithoutARuleSomeSurvive(t *testing.T) {
	t.Parallel()
	all := mutants(t)
	for _, rule := range []string{
		"data-on-success", "error-under-200", "error-code", "endpoint-asked-for", "fields-sent",
	} {
		weak, err := contract.Load(openapi.Corrected(), contract.WithoutRules(rule))
		if err != nil {
			t.Fatal(err)
		}
		s := rate(all, func(m mutant) ([]contract.Finding, error) { return m.judgedBy(weak) })
		if s.survived == 0 {
			t.Errorf("without %s no mutant survives", rule)
		}
	}
}

func TestMutantsAreManyAndOfEveryKind(t *testing.T) {
	t.Parallel()
	kinds := map[string]int{}
	for _, m := range mutants(t) {
		side, _, _ := strings.Cut(strings.TrimPrefix(m.name, "corrected "), ":")
		kinds[side]++
		if m.exchange.header == nil {
			t.Errorf("%s: no header", m.name)
		}
	}
	for _, side := range []string{"request", "response 200", "response 400", "response 404", "response 503"} {
		if kinds[side] < 50 {
			t.Errorf("%d mutants of %s", kinds[side], side)
		}
	}
}

// The truth about single values, by hand.
func TestOracle(t *testing.T) {
	t.Parallel()
	d := document{}
	for name, test := range map[string]struct {
		schema object
		value  any
		broken bool
	}{
		"null":              {object{"type": "string"}, nil, true},
		"nullable":          {object{"type": []any{"string", "null"}}, nil, false},
		"whole number":      {object{"type": "integer"}, 7.0, false},
		"fraction":          {object{"type": "integer"}, 7.5, true},
		"enum":              {object{"enum": []any{"a"}}, "b", true},
		"required":          {object{"required": []any{"a"}}, object{}, true},
		"time":              {object{"format": "date-time"}, "2025-10-22T08:31:48Z", false},
		"time without zone": {object{"format": "date-time"}, "2025-10-22T08:31:48", true},
		"either time": {
			object{"anyOf": []any{object{"format": "date-time-local"}, object{"format": "date-time"}}},
			"2025-10-22T08:31:48", false,
		},
		"anything": {object{}, []any{}, false},
	} {
		if got := d.breaks(test.schema, test.value); got != test.broken {
			t.Errorf("%s: got %v", name, got)
		}
	}
	for name, test := range map[string]struct {
		status  int
		body    any
		pointer string
		broken  bool
	}{
		"success": {http.StatusOK, object{"code": 100.0, "data": object{"endpoint_id": "e1"}}, "", false},
		"another endpoint": {
			http.StatusOK, object{"code": 100.0, "data": object{"endpoint_id": "e2"}}, "/data/endpoint_id", true,
		},
		"no data":         {http.StatusOK, object{"code": 100.0}, "", true},
		"error under 200": {http.StatusOK, object{"code": 5.0}, "/code", true},
		"error":           {http.StatusNotFound, object{"code": 5.0}, "", false},
		"no code":         {http.StatusNotFound, object{}, "", true},
		"success code":    {http.StatusNotFound, object{"code": 100.0}, "/code", true},
	} {
		pointer, broken := breaksRule(test.status, test.body, "e1")
		if broken != test.broken || broken && pointer != test.pointer {
			t.Errorf("%s: got %q, %v", name, pointer, broken)
		}
	}
}
