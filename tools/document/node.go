package document

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// parse reads JSON into the nodes that overlays work on, with members in their order. It is no YAML reader: that takes
// a member "<<" for an instruction, and refuses long names and some characters.
func parse(document []byte) (*yaml.Node, error) {
	if err := checkLimits(document); err != nil {
		return nil, err
	}
	text := jsontext.Value(bytes.Clone(document))
	if err := text.Format(); err != nil { // refuses a name that an object has twice
		line := 1
		if at := (*jsontext.SyntacticError)(nil); errors.As(err, &at) {
			line += bytes.Count(document[:at.ByteOffset], []byte("\n"))
		}
		return nil, fmt.Errorf("not JSON in line %d: %w", line, err)
	}
	value := readValue(jsontext.NewDecoder(bytes.NewReader(text)))
	return &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{value}}, nil
}

// readValue returns the next value of what is known to be JSON, and nil at the end of an object or a list.
func readValue(decoder *jsontext.Decoder) *yaml.Node {
	token, _ := decoder.ReadToken()
	node := newObject()
	switch token.Kind() {
	case '}', ']':
		return nil
	case '{':
	case '[':
		node = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	case '"':
		return newString(token.String())
	default:
		node = &yaml.Node{Kind: yaml.ScalarNode, Value: token.String()}
		node.Tag = node.ShortTag()
		return node
	}
	for child := readValue(decoder); child != nil; child = readValue(decoder) {
		node.Content = append(node.Content, child)
	}
	return node
}

// format writes nodes as JSON, indented by two spaces.
func format(root *yaml.Node) ([]byte, error) {
	var text bytes.Buffer
	err := writeValue(jsontext.NewEncoder(&text, jsontext.WithIndent("  ")), root)
	return text.Bytes(), err
}

func writeValue(encoder *jsontext.Encoder, node *yaml.Node) (err error) {
	begin, end := jsontext.BeginObject, jsontext.EndObject
	switch {
	case node.Kind == yaml.DocumentNode:
		return writeValue(encoder, node.Content[0])
	case node.Kind == yaml.AliasNode: // of an overlay
		return writeValue(encoder, node.Alias)
	case node.Kind == yaml.SequenceNode:
		begin, end = jsontext.BeginArray, jsontext.EndArray
	case node.Kind == yaml.ScalarNode && node.ShortTag() == "!!str":
		return encoder.WriteToken(jsontext.String(node.Value))
	case node.Kind == yaml.ScalarNode:
		text := []byte(node.Value)
		if !jsontext.Value(text).IsValid() { // a number or a null that only YAML has
			var value any
			if err := node.Decode(&value); err != nil {
				return err
			}
			if text, err = json.Marshal(value); err != nil {
				return err
			}
		}
		return encoder.WriteValue(text)
	}
	err = encoder.WriteToken(begin)
	for _, child := range node.Content {
		err = cmp.Or(err, writeValue(encoder, child))
	}
	return cmp.Or(err, encoder.WriteToken(end))
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

// get follows the names of members, and the numbers of items, down from a value; nil if one is missing.
func get(node *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		parent := node
		node = nil
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(items(parent)) {
			node = parent.Content[i]
		}
		if parent == nil || parent.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i < len(parent.Content); i += 2 { // faster than members, of which there can be thousands
			if parent.Content[i].Value == name {
				node = parent.Content[i+1]
				break
			}
		}
	}
	return node
}

// items returns the items of a list, and none of anything else.
func items(list *yaml.Node) []*yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	return list.Content
}

// resolve follows references within a document; nil if one of them leads nowhere.
func resolve(document, node *yaml.Node) *yaml.Node {
	for range maxReferences {
		ref := get(node, "$ref")
		if ref == nil {
			return node
		}
		node = referred(document, ref)
	}
	return nil
}

// referred returns what a reference within a document leads to, which can be another one; nil if it leads nowhere.
func referred(document, ref *yaml.Node) *yaml.Node {
	pointer, isLocal := strings.CutPrefix(text(ref), "#/")
	if !isLocal {
		return nil
	}
	return get(document, jsonpointer.Split("/"+pointer)...)
}

// text returns the value of a scalar; "" of a missing one.
func text(node *yaml.Node) string {
	if node == nil {
		return ""
	}
	return node.Value
}

// Methods are the members of a path that are operations.
var Methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// operations returns the operations of a document in their order, each with its place, a JSON pointer.
func operations(document *yaml.Node) iter.Seq2[*yaml.Node, string] {
	return func(yield func(*yaml.Node, string) bool) {
		for path, item := range members(get(document, "paths")) {
			for method, operation := range members(item) {
				if slices.Contains(Methods, method) && !yield(operation, jsonpointer.Append("/paths", path)+"/"+method) {
					return
				}
			}
		}
	}
}
