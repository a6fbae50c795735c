package contract

import (
	"slices"
	"strings"
)

// rule is a check that a schema cannot express.
type rule struct {
	name  string
	check func(bodies) []flaw
}

// bodies is what the rules look at: the bodies of an exchange. One that is no JSON object is nil.
type bodies struct {
	status    int
	sent, got map[string]any
}

// flaw is a finding of a rule.
type flaw struct{ pointer, detail string }

func isRule(name string) bool {
	return slices.ContainsFunc(rules, func(r rule) bool { return r.name == name })
}

func ruleNames() string {
	var names []string
	for _, r := range rules {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

// addRules adds what the rules find in places where the schema found nothing.
func addRules(rules []rule, findings []Finding, b bodies) []Finding {
	if b.got == nil {
		return findings
	}
	bySchema := findings
	for _, r := range rules {
		for _, f := range r.check(b) {
			if !slices.ContainsFunc(bySchema, func(g Finding) bool { return g.Pointer == f.pointer }) {
				findings = append(findings, Finding{Pointer: f.pointer, Keyword: r.name, Detail: f.detail})
			}
		}
	}
	return findings
}
