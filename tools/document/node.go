package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	yamljson "github.com/speakeasy-api/openapi/json"
	"gopkg.in/yaml.v3"
)

// parse reads JSON into the nodes that overlays work on, with members in their order. The YAML library's own parser
// refuses escapes that JSON has, \/ and surrogate pairs.
func parse(document []byte) (*yaml.Node, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	root, err := parseValue(decoder)
	if err == nil {
		if _, end := decoder.Token(); end != io.EOF {
			err = errors.New("more follows the JSON value")
		}
	}
	if err != nil {
		line := 1 + bytes.Count(document[:min(int(decoder.InputOffset()), len(document))], []byte("\n"))
		return nil, fmt.Errorf("not JSON in line %d: %w", line, err)
	}
	return &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}, nil
}

func parseValue(decoder *json.Decoder) (*yaml.Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch value := token.(type) {
	case json.Delim:
		return parseMembers(decoder, value)
	case string:
		return newString(value), nil
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(value.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(value)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
}

// parseMembers reads what is between brackets.
func parseMembers(decoder *json.Decoder, open json.Delim) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if open == '{' {
		node = newObject()
	}
	for i := 0; decoder.More(); i++ {
		value, err := parseValue(decoder)
		if err != nil {
			return nil, err
		}
		if open == '{' && i%2 == 0 && get(node, value.Value) != nil {
			return nil, fmt.Errorf("an object has two members %q", value.Value)
		}
		node.Content = append(node.Content, value)
	}
	_, err := decoder.Token() // the closing bracket
	return node, err
}

// format writes nodes as JSON, indented by two spaces.
func format(root *yaml.Node) ([]byte, error) {
	var mixed, indented bytes.Buffer // an overlay leaves nodes that are written on one line: indent it all once more
	if err := yamljson.YAMLToJSON(root, 2, &mixed); err != nil {
		return nil, err
	}
	if err := json.Indent(&indented, mixed.Bytes(), "", "  "); err != nil {
		return nil, err
	}
	return append(bytes.TrimSpace(indented.Bytes()), '\n'), nil
}

func newObject(namesAndValues ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: namesAndValues}
}

func newString(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: yaml.DoubleQuotedStyle}
}

// members returns the members of an object in their order, and none of anything else.
func members(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if node == nil || node.Kind != yaml.MappingNode {
			return
		}
		for pair := range slices.Chunk(node.Content, 2) {
			if !yield(pair[0].Value, pair[1]) {
				return
			}
		}
	}
}

// get follows the names of members down from an object; nil if one is missing.
func get(node *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		parent := node
		node = nil
		for member, value := range members(parent) {
			if member == name {
				node = value
			}
		}
	}
	return node
}

// text returns the value of a scalar; "" of a missing one.
func text(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	return node.Value
}

// methods are the members of a path that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// operations returns the operations of a document in their order, each with the tokens of its JSON pointer.
func operations(document *yaml.Node) iter.Seq2[*yaml.Node, []string] {
	return func(yield func(*yaml.Node, []string) bool) {
		for path, item := range members(get(document, "paths")) {
			for method, operation := range members(item) {
				if slices.Contains(methods, method) && !yield(operation, []string{"paths", path, method}) {
					return
				}
			}
		}
	}
}
