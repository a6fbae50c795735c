// Package contractmutants scores package contract: it changes good exchanges of the published and of the corrected
// document, one thing at a time, works out by itself whether the result still keeps the contract, and has it checked. A
// broken mutant is killed if it is found in the right place and blamed on the right party.
//
// The mutants come from mutants_test.go and the schemas of the documents, the truth about them from oracle_test.go.
package contractmutants

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// Every broken mutant is killed, and none that is still good is refused.
func TestScore(t *testing.T) {
	t.Parallel()
	corrected := read(t, "corrected")
	killed, good := 0, 0
	for _, d := range []document{read(t, "published"), corrected} {
		open := load(t, d, contract.WithCorrected(corrected.text))
		strict := load(t, d, contract.WithCorrected(corrected.text), contract.WithStrict())
		for _, m := range mutantsOf(d, corrected) {
			c := open
			if m.strict {
				c = strict
			}
			if err := m.judge(m.check(c)); err != nil {
				t.Errorf("%s: %v", m.name, err)
			} else if m.broken != nil {
				killed++
			} else {
				good++
			}
		}
	}
	t.Logf("%d of the broken mutants were killed, %d of the good ones passed", killed, good)
	if killed != 1384 || good != 452 { // a change of the mutants must not lose some unseen
		t.Errorf("killed %d of 1384 broken mutants, passed %d of 452 good ones", killed, good)
	}
}

func load(t *testing.T, d document, opts ...contract.Option) *contract.Contract {
	t.Helper()
	c, err := contract.Load(d.text, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// check returns what a contract finds in a mutant. The error is that it could not be checked.
func (m mutant) check(c *contract.Contract) ([]contract.Finding, error) {
	x := m.exchange
	req, err := http.NewRequest(x.method, "http://127.0.0.1"+x.path, strings.NewReader(x.sent))
	if err != nil {
		return nil, err
	}
	req.Header = x.header.Clone()
	if x.status == 0 {
		err = c.CheckRequest(req)
	} else {
		err = c.CheckResponse(req, &http.Response{
			StatusCode: x.status, Header: http.Header{"Content-Type": x.contentType},
			Body: io.NopCloser(strings.NewReader(x.got)),
		})
	}
	if violation := (*contract.Violation)(nil); errors.As(err, &violation) {
		return violation.Findings, nil
	}
	return nil, err
}

// judge returns how the findings differ from the truth.
func (m mutant) judge(found []contract.Finding, err error) error {
	switch {
	case err != nil:
		return err
	case m.broken == nil && len(found) > 0:
		return fmt.Errorf("false alarm: %v", found)
	case m.broken != nil && !slices.ContainsFunc(found, func(f contract.Finding) bool {
		return f.Party == m.broken.party && f.Where == m.broken.where &&
			(f.Pointer == m.broken.pointer || m.broken.pointer == "*")
	}):
		return fmt.Errorf("want %v, got %v", *m.broken, found)
	}
	return nil
}

// A score is worth nothing if no contract can miss it: without a rule, some mutants survive, and so they do if nothing
// or something else is found.
func TestABadContractScoresBadly(t *testing.T) {
	t.Parallel()
	d := read(t, "corrected")
	mutants := mutantsOf(d, d)
	elsewhere := []contract.Finding{{Party: contract.PartyServer, Where: "response 200 body", Pointer: "/elsewhere"}}
	for name, check := range map[string]func(mutant) ([]contract.Finding, error){
		"blind":  func(mutant) ([]contract.Finding, error) { return nil, nil },
		"wrong":  func(mutant) ([]contract.Finding, error) { return elsewhere, nil },
		"failed": func(mutant) ([]contract.Finding, error) { return nil, io.ErrUnexpectedEOF },
	} {
		for _, m := range mutants {
			right := m.broken == nil && name == "blind" ||
				m.broken != nil && name == "wrong" && m.broken.where == elsewhere[0].Where && m.broken.pointer == "*"
			if err := m.judge(check(m)); (err == nil) != right {
				t.Fatalf("%s: %s: %v", name, m.name, err)
			}
		}
	}
	for _, rule := range []string{
		"data-on-success", "error-under-200", "error-code", "endpoint-asked-for", "fields-sent",
	} {
		c := load(t, d, contract.WithoutRules(rule))
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return m.judge(m.check(c)) != nil }) {
			t.Errorf("without %s no mutant survives", rule)
		}
	}
}
