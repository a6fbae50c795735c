package heygentest

import (
	"fmt"
	"strconv"

	"github.com/heygen-go/heygen/contract"
)

// maxUnexpected is how many unexpected calls are named.
const maxUnexpected = 10

// expect notes a call that breaks the contract.
func (s *Server) expect(call *Call) {
	if len(call.Findings) == 0 {
		return
	}
	if len(s.unexpected) == maxUnexpected {
		s.omitted++
		return
	}
	violation := contract.Violation{Findings: call.Findings}
	s.unexpected = append(s.unexpected,
		fmt.Sprintf("call %d, %s %s: %v", call.Number, call.Method, strconv.Quote(call.Target), &violation))
}

// Verify fails a test, a testing.TB, for every fault of the script that no call took, for every rule whose turn never
// came, and for the calls that broke the contract, those to no operation included. Call it at the end:
//
//	sandbox := heygentest.NewServer()
//	t.Cleanup(func() { sandbox.Verify(t); sandbox.Close() })
func (s *Server) Verify(tb interface {
	Helper()
	Errorf(format string, args ...any)
},
) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, fault := range s.faults {
		tb.Errorf("heygentest: no call took the scripted fault %d of %d that are left: %s",
			i+1, len(s.faults), describe(fault))
	}
	for _, r := range s.rules {
		if r.turns == 0 {
			tb.Errorf("heygentest: no call met the rule %q, which is about %d calls", r, r.seen)
		}
	}
	for _, text := range s.unexpected {
		tb.Errorf("heygentest: unexpected %s", text)
	}
	if s.omitted > 0 {
		tb.Errorf("heygentest: %d more unexpected calls", s.omitted)
	}
}
