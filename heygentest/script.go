package heygentest

import (
	"fmt"
	"strings"
)

// Next scripts faults for the next calls: one fault per call, in order, after those scripted before. When all are used
// the sandbox behaves normally. Every call uses up a fault, also a call with a wrong key or path.
func (s *Sandbox) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Rule selects the calls a fault applies to; the client need not send anything special. The zero Rule selects every
// call.
type Rule struct {
	IDPrefix string // only calls that name an endpoint whose id begins with this; "" for all calls
	Every    int    // of those calls the n-th, the 2n-th and so on; 0 and 1 for all of them
}

// On applies a fault to every call that a rule selects, for as long as the sandbox runs. A fault scripted by
// [Sandbox.Next] wins over rules; of several rules the one that was added first wins. A rule counts all calls with its
// prefix, also those that meet another fault. On panics if Every is negative.
func (s *Sandbox) On(when Rule, fault Fault) {
	if when.Every < 0 {
		panic("heygentest: On: Every is negative")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{Rule: when, fault: fault})
}

// rule is a Rule with its fault and its counters.
type rule struct {
	Rule
	fault          Fault
	seen, selected int
}

// selects counts a call and reports whether the rule selects it.
func (r *rule) selects(endpointID func() string) bool {
	if r.IDPrefix != "" && !strings.HasPrefix(endpointID(), r.IDPrefix) {
		return false
	}
	r.seen++
	if r.seen%max(r.Every, 1) != 0 {
		return false
	}
	r.selected++
	return true
}

func (r *rule) String() string {
	text := "every call"
	if r.Every > 1 {
		text = fmt.Sprintf("one in %d calls", r.Every)
	}
	if r.IDPrefix != "" {
		text += fmt.Sprintf(" with an id that begins with %q", r.IDPrefix)
	}
	return text + ": " + describe(r.fault)
}

func describe(fault Fault) string {
	if fault.text == "" {
		return "normal"
	}
	return fault.String()
}
