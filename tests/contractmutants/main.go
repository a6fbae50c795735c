// Command contractmutants scores the contract kit: it changes good exchanges of the published and of the corrected
// document, one thing at a time, works out by itself whether what remains still keeps the contract, and asks the kit. A
// mutant is killed if the kit finds it, blames the right party and names the right place. It exits with 1 if a broken
// mutant survives or a good one is refused.
//
// The mutants come from the examples and the schemas of the documents, the truth about them from oracle.go.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

// enough is the number of mutants below which a score says little.
const enough = 200

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "contractmutants:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	published, err := parse("published", openapi.Published())
	if err != nil {
		return err
	}
	corrected, err := parse("corrected", openapi.Corrected())
	if err != nil {
		return err
	}
	var total score
	for _, d := range []document{published, corrected} {
		judge, err := newJudge(d.text)
		if err != nil {
			return err
		}
		s := rate(mutantsOf(d, corrected), judge)
		fmt.Fprintf(out, "%s: %s\n", d.name, s)
		total.add(s)
	}
	slices.Sort(total.wrong)
	for _, wrong := range total.wrong {
		fmt.Fprintln(out, wrong)
	}
	fmt.Fprintf(out, "score: %s\n", total)
	switch {
	case len(total.wrong) > 0:
		return fmt.Errorf("%d mutants were judged wrongly", len(total.wrong))
	case total.killed+total.passed < enough:
		return fmt.Errorf("only %d mutants, want %d", total.killed+total.passed, enough)
	}
	return nil
}

// judge says what is wrong with an exchange, nil if nothing.
type judge func(m mutant) ([]contract.Finding, error)

func newJudge(document []byte) (judge, error) {
	open, err := contract.Load(document)
	if err != nil {
		return nil, err
	}
	closed, err := contract.Load(document, contract.WithStrict())
	if err != nil {
		return nil, err
	}
	return func(m mutant) ([]contract.Finding, error) {
		if m.strict {
			return m.judgedBy(closed)
		}
		return m.judgedBy(open)
	}, nil
}

func (m mutant) judgedBy(kit *contract.Contract) ([]contract.Finding, error) {
	x := m.exchange
	req, err := http.NewRequest(x.method, "http://127.0.0.1"+x.path, strings.NewReader(x.sent)) //nolint:noctx // not sent
	if err != nil {
		return nil, err
	}
	req.Header = x.header.Clone()
	if x.reply == nil {
		err = kit.CheckRequest(req)
	} else {
		err = kit.CheckResponse(req, &http.Response{
			StatusCode: x.reply.status, Header: x.reply.header.Clone(), Body: io.NopCloser(strings.NewReader(x.reply.body)),
		})
	}
	if violation := (*contract.Violation)(nil); errors.As(err, &violation) {
		return violation.Findings, nil
	}
	return nil, err
}

// score counts how mutants were judged.
type score struct {
	killed, survived, passed, alarms int
	wrong                            []string
}

func (s score) String() string {
	return fmt.Sprintf("%d mutants; of %d broken ones %d killed, %d survived; of %d good ones %d false alarms",
		s.killed+s.survived+s.passed+s.alarms, s.killed+s.survived, s.killed, s.survived, s.passed+s.alarms, s.alarms)
}

func (s *score) add(other score) {
	s.killed += other.killed
	s.survived += other.survived
	s.passed += other.passed
	s.alarms += other.alarms
	s.wrong = append(s.wrong, other.wrong...)
}

func rate(mutants []mutant, judge judge) (s score) {
	for _, m := range mutants {
		found, err := judge(m)
		switch {
		case err != nil && m.broken == nil:
			s.alarms++
			s.wrong = append(s.wrong, fmt.Sprintf("false alarm: %s: %v", m.name, err))
		case m.broken == nil && len(found) > 0:
			s.alarms++
			s.wrong = append(s.wrong, fmt.Sprintf("false alarm: %s: %v", m.name, found))
		case m.broken == nil:
			s.passed++
		case m.broken.among(found):
			s.killed++
		default:
			s.survived++
			s.wrong = append(s.wrong, fmt.Sprintf("survivor: %s: want %v, got %v", m.name, *m.broken, found))
		}
	}
	return s
}

// among reports whether a mutant was found where it is, and blamed on whom it should be.
func (b broken) among(found []contract.Finding) bool {
	for _, f := range found {
		if f.Party == b.party && f.Where == b.where && (f.Pointer == b.pointer || b.pointer == "*") {
			return true
		}
	}
	return false
}
