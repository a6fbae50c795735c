package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	yamljson "github.com/speakeasy-api/openapi/json"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// parse reads JSON into the nodes that overlays work on, with members in their order. JSON is YAML, except that YAML's
// reader refuses or misreads some characters and escapes: those are written in YAML's own way first.
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
	var ascii bytes.Buffer
	for _, r := range string(text) {
		if r > '~' {
			fmt.Fprintf(&ascii, `\U%08x`, r)
		} else {
			ascii.WriteRune(r)
		}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(ascii.Bytes(), &root); err != nil {
		return nil, err
	}
	return &root, nil
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

// get follows the names of members, and the numbers of items, down from a value; nil if one is missing.
func get(node *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		parent := node
		node = nil
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(items(parent)) {
			node = parent.Content[i]
		}
		for member, value := range members(parent) {
			if member == name {
				node = value
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
	for range 100 { // more is a circle
		ref := get(node, "$ref")
		if node == nil || ref == nil {
			return node
		}
		pointer, isLocal := strings.CutPrefix(ref.Value, "#/")
		if !isLocal {
			return nil
		}
		node = get(document, jsonpointer.Split("/"+pointer)...)
	}
	return nil
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
