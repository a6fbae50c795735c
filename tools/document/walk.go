package document

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Members of a document whose value is a map of names that the vendor chose, and those whose value is data.
var (
	mapsOfNames = []string{
		"$defs", "callbacks", "content", "dependentSchemas", "headers", "links", "parameters", "pathItems", "paths",
		"patternProperties", "properties", "requestBodies", "responses", "schemas", "securitySchemes", "webhooks",
	}
	dataMembers = []string{"const", "default", "enum", "example", "examples", "mapping"}
)

// walk calls visit for each object of a document that is not data, with its place, a JSON pointer. The objects in an
// object come after it.
func walk(node *yaml.Node, place string, visit func(object *yaml.Node, place string)) {
	if node.Kind == yaml.SequenceNode {
		for i, item := range node.Content {
			walk(item, jsonpointer.Append(place, strconv.Itoa(i)), visit)
		}
		return
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	visit(node, place)
	for name, value := range members(node) {
		at := jsonpointer.Append(place, name)
		switch {
		case slices.Contains(dataMembers, name) || strings.HasPrefix(name, "x-"):
		case slices.Contains(mapsOfNames, name) && value.Kind == yaml.MappingNode:
			for key, named := range members(value) {
				walk(named, jsonpointer.Append(at, key), visit)
			}
		default:
			walk(value, at, visit)
		}
	}
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

// remove deletes members of an object.
func remove(object *yaml.Node, names ...string) {
	for i := len(object.Content) - 2; i >= 0; i -= 2 {
		if slices.Contains(names, object.Content[i].Value) {
			object.Content = slices.Delete(object.Content, i, i+2)
		}
	}
}
