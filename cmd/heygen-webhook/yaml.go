package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"
)

// mistake is a mistake in a file that a user wrote.
type mistake struct {
	Line    int    `json:"line,omitempty"` // 0 if it is unknown
	Problem string `json:"problem"`
}

func (m mistake) String() string {
	if m.Line == 0 {
		return m.Problem
	}
	return fmt.Sprintf("line %d: %s", m.Line, m.Problem)
}

// yamlReader reads files that users write, and collects their mistakes.
type yamlReader struct {
	mistakes []mistake
	repeated int // values that aliases repeated
}

func (r *yamlReader) wrong(at *yaml.Node, format string, args ...any) {
	r.mistakes = append(r.mistakes, mistake{max(at.Line, 1), fmt.Sprintf(format, args...)})
}

// sorted returns the mistakes in the order of their lines.
func (r *yamlReader) sorted() []mistake {
	slices.SortStableFunc(r.mistakes, func(a, b mistake) int { return a.Line - b.Line })
	return r.mistakes
}

// documents returns the roots of all YAML documents or JSON values. It stops at a syntax error, which is a mistake.
func (r *yamlReader) documents(data []byte) (roots []*yaml.Node) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if at := bytes.IndexByte(data, 0); at >= 0 { // as UTF-16 of these members always has
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		r.mistakes = append(r.mistakes, mistake{line, "a zero byte: is the file UTF-16? save it as UTF-8"})
		return nil
	}
	data = yaml12.ReplaceAll(data, []byte("#${1}")) // what is read here means the same in YAML 1.1 and 1.2
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document yaml.Node
		switch err := decoder.Decode(&document); {
		case errors.Is(err, io.EOF):
			return roots
		case err != nil && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")): // several values of JSON are no YAML
			return r.jsonValues(data)
		case err != nil:
			r.mistakes = append(r.mistakes, syntaxMistake(err))
			return roots
		}
		if root := document.Content[0]; root.ShortTag() != "!!null" {
			roots = append(roots, root)
		}
	}
}

// yaml12 is the directive of YAML 1.2, which the library refuses, up to the document that it is about. Elsewhere the
// same line is text.
var yaml12 = regexp.MustCompile(`(?m)^%(YAML[ \t]+1\.2[ \t\r]*(?:[ \t]#.*)?(?:\n[#%].*|\n[ \t\r]*)*\n---)`)

// jsonValues reads JSON strictly, and then as the YAML that it also is, because YAML nodes know their lines.
func (r *yamlReader) jsonValues(data []byte) (roots []*yaml.Node) {
	decoder := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true)) // members names them

	line, counted := 0, int64(0) // the lines before an offset
	linesBefore := func(offset int64) int {
		line += bytes.Count(data[counted:offset], []byte("\n"))
		counted = offset
		return line
	}
	for {
		value, err := decoder.ReadValue()
		if failed, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
			r.mistakes = append(r.mistakes, mistake{linesBefore(failed.ByteOffset) + 1, "not JSON: " + failed.Err.Error()})
		}
		if err != nil {
			return roots
		}
		before := linesBefore(decoder.InputOffset() - int64(len(value)))
		var document yaml.Node
		if yaml.Unmarshal(value, &document) != nil { // YAML has no surrogate pairs
			value, _ = jsontext.AppendFormat(nil, value, jsontext.PreserveRawStrings(false))
			if err := yaml.Unmarshal(value, &document); err != nil {
				found := syntaxMistake(err)
				found.Line += before
				r.mistakes = append(r.mistakes, found)
				return roots
			}
		}
		root := document.Content[0]
		moveDown(root, before)
		roots = append(roots, root)
	}
}

// moveDown adds lines to the line of a node and of all nodes in it.
func moveDown(node *yaml.Node, lines int) {
	node.Line += lines
	for _, child := range node.Content {
		moveDown(child, lines)
	}
}

// syntaxMistake explains an error of the YAML library.
func syntaxMistake(err error) mistake {
	if failed, ok := errors.AsType[*yaml.LoadError](err); ok {
		message := strings.Replace(failed.Message, "found incompatible YAML document",
			"the %YAML directive names another version than 1.1 and 1.2", 1)
		return mistake{max(failed.Mark.Line, 1), "not YAML: " + message}
	}
	return mistake{1, "not YAML: " + err.Error()}
}

// members passes each member of an object to its reader, and returns the lines of those that are there.
func (r *yamlReader) members(node *yaml.Node, readers map[string]func(*yaml.Node)) (lines map[string]int) {
	lines = map[string]int{}
	object := target(node)
	if !isKind(object, yaml.MappingNode) {
		r.wrong(node, "%s instead of an object with %s", typeName(object), names(readers))
		return lines
	}
	for i := 0; i < len(object.Content); i += 2 {
		at, name, value := object.Content[i], target(object.Content[i]), object.Content[i+1]
		read, known := readers[name.Value]
		switch first := lines[name.Value]; {
		case name.ShortTag() == "!!merge":
			r.wrong(at, "a merge key (<<), which is not supported: write the members, or give a value an anchor")
			lines[mergeKey] = at.Line
		case !isText(name):
			r.wrong(at, "%s instead of the name of a member: there are %s", typeName(name), names(readers))
		case first > 0:
			r.wrong(at, "member %q is already in line %d", name.Value, first)
		case !known:
			r.wrong(at, "unknown member %q: there are %s", name.Value, names(readers))
		default:
			lines[name.Value] = at.Line
			read(value)
		}
	}
	return lines
}

// items returns the items of a list, or a mistake.
func (r *yamlReader) items(node *yaml.Node) []*yaml.Node {
	list := target(node)
	if !isKind(list, yaml.SequenceNode) {
		r.wrong(node, "%s instead of a list", typeName(list))
		return nil
	}
	return list.Content
}

// text returns a string that is not empty, or a mistake.
func (r *yamlReader) text(name string, node *yaml.Node) string {
	value := target(node)
	switch {
	case !isText(value):
		r.wrong(node, "%s is %s: it must be a string, in quotes", name, typeName(value))
	case strings.TrimSpace(value.Value) == "":
		r.wrong(node, "%s is empty", name)
	}
	return value.Value
}

// mergeKey is under which members has the line of a merge key.
const mergeKey = "<<"

// isKind reports whether a node is an object or a list, without a tag that means something else.
func isKind(node *yaml.Node, kind yaml.Kind) bool {
	tag := map[yaml.Kind]string{yaml.MappingNode: "!!map", yaml.SequenceNode: "!!seq"}[kind]
	return node.Kind == kind && node.ShortTag() == tag
}

// maxRepeated is how many values the aliases of a file may repeat: a small file could fill the memory with them.
const maxRepeated = 100_000

// repeats counts the values that an alias repeats. It reports whether they are too many, which is a mistake.
func (r *yamlReader) repeats(alias *yaml.Node, values int) bool {
	before := r.repeated
	r.repeated += values
	if before <= maxRepeated && r.repeated > maxRepeated {
		r.wrong(alias, "the aliases repeat more than %d values", maxRepeated)
	}
	return r.repeated > maxRepeated
}

func isText(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!str" }

// target is the node that an alias stands for, or the node itself.
func target(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// typeName names the type of a node for the author of the file.
func typeName(node *yaml.Node) string {
	name := map[string]string{
		"!!map": "an object", "!!seq": "a list", "!!str": "a string", "!!null": "null", "!!int": "a number",
		"!!float": "a number", "!!bool": "true or false", "!!timestamp": "a date",
	}[node.ShortTag()]
	return cmp.Or(name, "of tag "+node.ShortTag())
}

// names lists the members that an object can have.
func names[T any](of map[string]T) string {
	return strings.Join(slices.Sorted(maps.Keys(of)), ", ")
}
