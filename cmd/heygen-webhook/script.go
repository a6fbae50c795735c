package main

import (
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/heygen-go/heygen/heygentest"
)

// script is a file of --faults.
type script struct {
	next  []heygentest.Fault
	rules []ruledFault
}

type ruledFault struct {
	rule  heygentest.Rule
	fault heygentest.Fault
}

func (s script) runOn(sandbox *heygentest.Sandbox) {
	sandbox.Next(s.next...)
	for _, ruled := range s.rules {
		sandbox.On(ruled.rule, ruled.fault)
	}
}

// readScript reads YAML or JSON, and returns all its mistakes.
func readScript(data []byte) (s script, mistakes []mistake) {
	r := &yamlReader{}
	roots := r.documents(data)
	if len(roots) == 0 && len(r.mistakes) == 0 {
		return script{}, []mistake{{1, "the file is empty: give next or rules"}}
	}
	for i, root := range roots {
		if i > 0 {
			r.wrong(root, "a second document begins: the file must have one")
			continue
		}
		r.members(root, map[string]func(*yaml.Node){
			"next": func(node *yaml.Node) {
				for _, item := range r.items(node) {
					s.next = append(s.next, r.fault(item))
				}
			},
			"rules": func(node *yaml.Node) {
				for _, item := range r.items(node) {
					s.rules = append(s.rules, r.rule(item))
				}
			},
		})
	}
	return s, r.sorted()
}

// fault reads the text of a fault, or a list of texts: each after the first changes the response of those before it.
func (r *yamlReader) fault(node *yaml.Node) (whole heygentest.Fault) {
	texts := []*yaml.Node{node}
	if list := target(node); isKind(list, yaml.SequenceNode) {
		if texts = list.Content; list != node && r.repeats(node, len(texts)) {
			return whole
		}
	}
	for _, text := range texts {
		if !isText(target(text)) {
			r.wrong(text, "%s instead of the text of a fault such as hang, or a list of texts", typeName(target(text)))
			continue
		}
		one, err := parseFault(target(text).Value)
		if err != nil {
			r.wrong(text, "%v", err)
		}
		whole = whole.With(one)
	}
	return whole
}

func (r *yamlReader) rule(node *yaml.Node) (ruled ruledFault) {
	lines := r.members(node, map[string]func(*yaml.Node){
		"id_prefix": func(value *yaml.Node) { ruled.rule.IDPrefix = r.text("id_prefix", value) },
		"every": func(value *yaml.Node) {
			var err error
			if ruled.rule.Every, err = strconv.Atoi(target(value).Value); err != nil || ruled.rule.Every < 1 {
				r.wrong(value, "every must be a number from 1")
			}
		},
		"fault": func(value *yaml.Node) { ruled.fault = r.fault(value) },
	})
	if isKind(target(node), yaml.MappingNode) && lines["fault"] == 0 && lines[mergeKey] == 0 {
		r.wrong(node, "the rule has no fault")
	}
	return ruled
}
