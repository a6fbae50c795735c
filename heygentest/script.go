package heygentest

import (
	"fmt"
	"strings"
)

// Next scripts what happens to the next calls, one fault each, in order and behind those scripted before. After the
// last the sandbox behaves normally. Every call takes a fault, one with a wrong key or path, too.
func (s *Server) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Rule says which calls meet a fault, without a word in their headers. The zero Rule is every call.
type Rule struct {
	IDPrefix string // calls that name an endpoint whose id begins with this; "" for all calls
	Every    int    // of those the n-th, the 2n-th and so on; 0 and 1 for all of them
}

// On makes calls meet a fault by a rule, for as long as the sandbox runs. Where a script ([Server.Next]) has something
// for a call, the script wins; of several rules the one that was added first does. A rule counts all calls that it is
// about, whatever happens to them. On panics if Every is negative.
func (s *Server) On(when Rule, fault Fault) {
	if when.Every < 0 {
		panic("heygentest: On: Every is negative")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{Rule: when, fault: fault})
}

// rule is a Rule at work.
type rule struct {
	Rule
	fault       Fault
	seen, turns int
}

// turn counts a call and reports whether the rule wants it.
func (r *rule) turn(endpointID func() string) bool {
	if r.IDPrefix != "" && !strings.HasPrefix(endpointID(), r.IDPrefix) {
		return false
	}
	r.seen++
	if r.seen%max(r.Every, 1) != 0 {
		return false
	}
	r.turns++
	return true
}

func (r *rule) String() string {
	text := fmt.Sprintf("every %d. call", max(r.Every, 1))
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
