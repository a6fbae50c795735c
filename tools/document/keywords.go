package document

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// position says what a value in a definition is.
type position int

const (
	object position = iota // an object of OpenAPI or JSON Schema, or a list of them: its members are keywords
	named                  // objects by names that are no keywords, such as those of properties
	data                   // a value such as an example: nothing in it is a keyword
)

// eachObject calls do with each object of a definition whose members are keywords, from the outside in, with its place,
// a JSON pointer. do may change it.
func eachObject(node *yaml.Node, at string, do func(node *yaml.Node, at string)) {
	eachIn(node, at, object, func(node *yaml.Node, at string, is position) {
		if is == object && node.Kind == yaml.MappingNode {
			do(node, at)
		}
	})
}

// eachNull calls do with each null in a definition that is no data: OpenAPI knows no such.
func eachNull(node *yaml.Node, do func(null *yaml.Node, at string)) {
	eachIn(node, "", object, func(node *yaml.Node, at string, _ position) {
		if node.Tag == "!!null" {
			do(node, at)
		}
	})
}

func eachIn(node *yaml.Node, at string, is position, do func(node *yaml.Node, at string, is position)) {
	if is == data {
		return
	}
	do(node, at, is)
	switch node.Kind {
	case yaml.SequenceNode:
		for i, entry := range node.Content {
			eachIn(entry, jsonpointer.Append(at, strconv.Itoa(i)), is, do)
		}
	case yaml.MappingNode:
		for name, value := range members(node) {
			eachIn(value, jsonpointer.Append(at, name), below(is, name, value), do)
		}
	}
}

// below returns what the value of a member is.
func below(is position, name string, value *yaml.Node) position {
	if is == named {
		return object
	}
	isObject := value.Kind == yaml.MappingNode
	switch name {
	case "example", "default", "const", "enum", "value", "required", "security", "dependentRequired":
		return data
	case "examples": // of a schema a list of values, elsewhere Example Objects by names
		if !isObject {
			return data
		}
		return named
	case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas",
		"schemas", "responses", "parameters", "requestBodies", "headers", "securitySchemes", "links", "callbacks",
		"pathItems", "paths", "webhooks", "content", "encoding", "variables", "mapping", "scopes":
		if isObject {
			return named
		}
	}
	if strings.HasPrefix(name, "x-") {
		return data
	}
	return object
}

// keep drops the members of an object that a function does not choose. It leaves anything else as it is.
func keep(node *yaml.Node, chosen func(name string, value *yaml.Node) bool) {
	if node == nil || node.Kind != yaml.MappingNode {
		return
	}
	content := node.Content[:0:0]
	for pair := range slices.Chunk(node.Content, 2) {
		if chosen(pair[0].Value, pair[1]) {
			content = append(content, pair...)
		}
	}
	node.Content = content
}

// remove drops members of an object.
func remove(object *yaml.Node, names ...string) {
	keep(object, func(name string, _ *yaml.Node) bool { return !slices.Contains(names, name) })
}

// isGoExtension reports whether oapi-codegen makes Go code, or a part of it, of an extension's value
// (codegen/extension.go there).
func isGoExtension(name string) bool {
	return strings.HasPrefix(name, "x-go-") || strings.HasPrefix(name, "x-oapi-codegen-") ||
		slices.Contains([]string{
			"x-omitempty", "x-omitzero", "x-enum-varnames", "x-enumNames", "x-deprecated-reason", "x-order",
		}, name)
}

// dropGoExtensions drops the extensions that name Go, and returns where they were. Only api/names.yaml, which somebody
// here wrote, names Go.
func dropGoExtensions(definition *yaml.Node) (pointers []string) {
	eachObject(definition, "", func(node *yaml.Node, at string) {
		keep(node, func(name string, _ *yaml.Node) bool {
			if isGoExtension(name) {
				pointers = append(pointers, jsonpointer.Append(at, name))
			}
			return !isGoExtension(name)
		})
	})
	return pointers
}

// GoExtensions returns the JSON pointers of the extensions of a definition that name Go, which [Correct] drops.
func GoExtensions(definition []byte) (pointers []string, err error) {
	root, err := parse(definition)
	if err != nil {
		return nil, err
	}
	return dropGoExtensions(root.Content[0]), nil
}
