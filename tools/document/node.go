package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	yamljson "github.com/speakeasy-api/openapi/json"
	"gopkg.in/yaml.v3"
)

// parse reads JSON into the nodes overlays work on, with members in their order. The YAML library's own parser refuses
// escapes that JSON has, \/ and surrogate pairs.
func parse(document []byte) (*yaml.Node, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	root, err := parseValue(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more follows the JSON value that ends at byte %d", decoder.InputOffset())
	}
	return &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}, nil
}

func parseValue(decoder *json.Decoder) (*yaml.Node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	node := &yaml.Node{Kind: yaml.ScalarNode}
	switch value := token.(type) {
	case json.Delim:
		return parseMembers(decoder, value)
	case string:
		node.Tag, node.Value, node.Style = "!!str", value, yaml.DoubleQuotedStyle
	case json.Number:
		node.Tag, node.Value = "!!int", value.String()
		if strings.ContainsAny(node.Value, ".eE") {
			node.Tag = "!!float"
		}
	case bool:
		node.Tag, node.Value = "!!bool", fmt.Sprint(value)
	case nil:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, nil
}

// parseMembers reads what is between brackets.
func parseMembers(decoder *json.Decoder, open json.Delim) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if open == '{' {
		node = newObject()
	}
	seen := map[string]bool{}
	for i := 0; decoder.More(); i++ {
		child, err := parseValue(decoder)
		if err != nil {
			return nil, err
		}
		if open == '{' && i%2 == 0 {
			if seen[child.Value] {
				return nil, fmt.Errorf("an object has two members %q, the second before byte %d",
					child.Value, decoder.InputOffset())
			}
			seen[child.Value] = true
		}
		node.Content = append(node.Content, child)
	}
	_, err := decoder.Token() // the closing bracket
	return node, err
}

// format writes the nodes as JSON, indented by two spaces.
func format(root *yaml.Node) ([]byte, error) {
	var mixed, indented bytes.Buffer // what an overlay moved comes out on one line, so indent it all once more
	if err := yamljson.YAMLToJSON(root, 2, &mixed); err != nil {
		return nil, err
	}
	if err := json.Indent(&indented, mixed.Bytes(), "", "  "); err != nil {
		return nil, err
	}
	return append(bytes.TrimSpace(indented.Bytes()), '\n'), nil
}

func newObject() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// members returns the names and values of an object, in pairs; none of anything else.
func members(node *yaml.Node) []*yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	return node.Content
}

// get follows the names of members down from an object; nil if one is missing.
func get(node *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		pairs := members(node)
		node = nil
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i].Value == name {
				node = pairs[i+1]
				break
			}
		}
	}
	return node
}

func text(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	return node.Value
}

func newString(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: yaml.DoubleQuotedStyle}
}
