package heygentest

import (
	"fmt"
	"strconv"

	"github.com/heygen-go/heygen/contract"
)

// Bounds of what Verify names.
const (
	maxUnexpected = 10  // calls and deliveries
	maxTarget     = 200 // bytes of a call's target
)

// expect records a call that breaks the contract.
func (s *Sandbox) expect(call *Call) {
	if len(call.Findings) == 0 {
		return
	}
	violation := contract.Violation{Findings: call.Findings}
	target := strconv.Quote(call.RequestURI[:min(len(call.RequestURI), maxTarget)])
	s.report(fmt.Sprintf("call %d, %s %s: %v", call.Number, call.Method, target, &violation))
}

// report records what Verify has to say.
func (s *Sandbox) report(unexpected string) {
	if len(s.unexpected) == maxUnexpected {
		s.omitted++
		return
	}
	s.unexpected = append(s.unexpected, unexpected)
}

// TB is the part of testing.TB that [Sandbox.Verify] needs.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Verify fails a test for every scripted fault that was never used, for every rule that selected no call, for calls
// that broke the contract, including calls to operations that do not exist, for deliveries that never got a 2xx, and
// for forged ones that did. Call it at the end:
//
//	sandbox := heygentest.NewServer()
//	t.Cleanup(func() { sandbox.Verify(t); sandbox.Close() })
func (s *Sandbox) Verify(tb TB) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fault := range s.faults {
		tb.Errorf("heygentest: a scripted fault was never used: %s", describe(fault))
	}
	for _, r := range s.rules {
		if r.selected == 0 {
			tb.Errorf("heygentest: the rule %q selected none of %d calls", r, r.seen)
		}
	}
	for _, text := range s.unexpected {
		tb.Errorf("heygentest: unexpected %s", text)
	}
	if s.omitted > 0 {
		tb.Errorf("heygentest: %d more unexpected calls", s.omitted)
	}
}
