package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

// Edit is a change at one place of the definition; exactly one of Add, Replace, Rename and Remove says which.
type Edit struct {
	At      string // a place of the table and, behind a blank, a JSON pointer from there; "-" adds to a list
	Add     yaml.Node
	Replace yaml.Node
	Rename  string
	Remove  bool

	pointer string
}

// edited returns a definition with its members in the order they had. What changes nothing is an error.
func edited(definition []byte, edits []Edit) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(definition, &root); err != nil {
		return nil, err
	}
	for _, e := range edits {
		if err := e.apply(root.Content[0]); err != nil {
			return nil, fmt.Errorf("%s: %w", e.At, err)
		}
	}
	block(&root)
	text, err := yaml.Marshal(&root)
	if err != nil {
		return nil, err
	}
	return document.Extract(text) // YAML as JSON
}

// block takes the style of JSON, and what stands for other nodes, from nodes.
func block(node *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		*node = *node.Alias
	}
	node.Style, node.Anchor = 0, ""
	for _, child := range node.Content {
		block(child)
	}
}

func (e Edit) apply(node *yaml.Node) error {
	tokens := strings.Split(strings.TrimPrefix(e.pointer, "/"), "/")
	for i, token := range tokens {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		at := find(node, token)
		if i < len(tokens)-1 {
			if at < 0 {
				return fmt.Errorf("there is no %q", token)
			}
			node = node.Content[at]
			continue
		}
		return e.change(node, token, at)
	}
	return nil
}

// find is where in a node's content a member's value, or an entry, is; -1 if it is not there.
func find(node *yaml.Node, token string) int {
	if node.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(token); err == nil && i < len(node.Content) {
			return i
		}
		return -1
	}
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == token {
			return i + 1
		}
	}
	return -1
}

func (e Edit) change(node *yaml.Node, name string, at int) error {
	if (at < 0) != !e.Add.IsZero() {
		return errors.New("it is there already, or it is not there")
	}
	isList := node.Kind == yaml.SequenceNode
	switch {
	case at < 0 && isList:
		node.Content = append(node.Content, &e.Add)
	case at < 0:
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, &e.Add)
	case !e.Replace.IsZero():
		if same(node.Content[at], &e.Replace) {
			return errors.New("it says so already")
		}
		node.Content[at] = &e.Replace
	case e.Rename != "" && e.Rename != name && !isList:
		node.Content[at-1].Value = e.Rename
	case e.Remove && isList:
		node.Content = slices.Delete(node.Content, at, at+1)
	case e.Remove:
		node.Content = slices.Delete(node.Content, at-1, at+1)
	default:
		return errors.New("it says no change")
	}
	return nil
}

func same(a, b *yaml.Node) bool {
	var before, after any
	if a.Decode(&before) != nil || b.Decode(&after) != nil {
		return false
	}
	x, errX := json.Marshal(before)
	y, errY := json.Marshal(after)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// pages are changes of the page itself.
var pages = map[string]func([]byte) ([]byte, error){
	"CRLF":           replace("\n", "\r\n"),
	"byte order":     replace("# Update", "\uFEFF# Update"),
	"callout":        replace("Scroll down", "Go down"),
	"front matter":   replace("# Update", "---\ntitle: t\n---\n# Update"),
	"cut off":        func(page []byte) ([]byte, error) { return page[:len(page)/2], nil },
	"OpenAPI 3.0":    replace(`"openapi": "3.1.0"`, `"openapi": "3.0.3"`),
	"Swagger":        replace(`"openapi": "3.1.0"`, `"swagger": "2.0"`),
	"YAML alone":     yamlAlone,
	"sorted members": sorted,
}

func replace(old, replacement string) func([]byte) ([]byte, error) {
	return func(page []byte) ([]byte, error) {
		return bytes.ReplaceAll(page, []byte(old), []byte(replacement)), nil
	}
}

func yamlAlone(page []byte) ([]byte, error) {
	definition, err := document.Extract(page)
	if err != nil {
		return nil, err
	}
	var root yaml.Node
	if err := yaml.Unmarshal(definition, &root); err != nil {
		return nil, err
	}
	block(&root)
	return yaml.Marshal(&root)
}

func sorted(page []byte) ([]byte, error) {
	definition, err := document.Extract(page)
	if err != nil {
		return nil, err
	}
	var root any
	if err := json.Unmarshal(definition, &root); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(root, "", "  ")
	return bytes.Replace(page, definition, append(text, '\n'), 1), err
}
