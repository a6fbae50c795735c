package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/oasdiff/yaml3"

	"github.com/heygen-go/heygen/heygentest"
)

// script is what a file of --faults says.
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

// readScript reads YAML, which JSON is, too, and says all that is wrong with it.
func readScript(data []byte) (script, []fault) {
	r := &scriptReader{}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return script{}, []fault{{1, "there is nothing in it: give next or rules"}}
	} else if err != nil {
		return script{}, []fault{syntaxOf(err)}
	}
	if err := decoder.Decode(&second); err == nil {
		r.wrong(&second, "a second document begins: the file must hold one")
	} else if !errors.Is(err, io.EOF) {
		return script{}, []fault{syntaxOf(err)}
	}
	var s script
	r.members(document.Content[0], map[string]func(*yaml.Node){
		"next":  func(node *yaml.Node) { r.each(node, func(item *yaml.Node) { s.next = append(s.next, r.fault(item)) }) },
		"rules": func(node *yaml.Node) { r.each(node, func(item *yaml.Node) { s.rules = append(s.rules, r.rule(item)) }) },
	})
	slices.SortStableFunc(r.mistakes, func(a, b fault) int { return a.Line - b.Line })
	return s, r.mistakes
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// syntaxOf takes the line out of an error of the YAML library, which has it in the text only.
func syntaxOf(err error) fault {
	line := 1
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		line, _ = strconv.Atoi(found[1]) // digits
	}
	return fault{line, "no YAML: " + yamlLine.ReplaceAllString(err.Error(), "")}
}

// scriptReader collects mistakes.
type scriptReader struct{ mistakes []fault }

func (r *scriptReader) wrong(at *yaml.Node, format string, args ...any) {
	r.mistakes = append(r.mistakes, fault{max(at.Line, 1), fmt.Sprintf(format, args...)})
}

// members hands the members of an object to those who read them.
func (r *scriptReader) members(node *yaml.Node, readers map[string]func(*yaml.Node)) (seen map[string]int) {
	seen = map[string]int{}
	if node.Kind != yaml.MappingNode {
		r.wrong(node, "want an object with %s", names(readers))
		return seen
	}
	for i := 0; i < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		read, ok := readers[name.Value]
		switch first := seen[name.Value]; {
		case first > 0:
			r.wrong(name, "member %q is already in line %d", name.Value, first)
		case !ok:
			r.wrong(name, "unknown member %q: there are %s", name.Value, names(readers))
		default:
			seen[name.Value] = name.Line
			read(value)
		}
	}
	return seen
}

func (r *scriptReader) each(node *yaml.Node, read func(*yaml.Node)) {
	if node.Kind != yaml.SequenceNode {
		r.wrong(node, "want a list")
		return
	}
	for _, item := range node.Content {
		read(item)
	}
}

// fault reads the text of a fault, or a list of texts: each after the first changes the answer of those before it.
func (r *scriptReader) fault(node *yaml.Node) (whole heygentest.Fault) {
	texts := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		texts = node.Content
	}
	for _, text := range texts {
		if text.Kind != yaml.ScalarNode || text.ShortTag() != "!!str" {
			r.wrong(text, "want the text of a fault such as hang, or a list of texts")
			continue
		}
		one, err := parseFault(text.Value)
		if err != nil {
			r.wrong(text, "%v", err)
		}
		whole = whole.With(one)
	}
	return whole
}

func (r *scriptReader) rule(node *yaml.Node) (ruled ruledFault) {
	seen := r.members(node, map[string]func(*yaml.Node){
		"id_prefix": func(value *yaml.Node) {
			if ruled.rule.IDPrefix = value.Value; value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str" {
				r.wrong(value, "id_prefix must be a string; quote what looks like a number")
			}
		},
		"every": func(value *yaml.Node) {
			var err error
			if ruled.rule.Every, err = strconv.Atoi(value.Value); err != nil || ruled.rule.Every < 1 {
				r.wrong(value, "every must be a number from 1")
			}
		},
		"fault": func(value *yaml.Node) { ruled.fault = r.fault(value) },
	})
	if node.Kind == yaml.MappingNode && seen["fault"] == 0 {
		r.wrong(node, "the rule has no fault")
	}
	return ruled
}
