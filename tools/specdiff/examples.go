package specdiff

import (
	"slices"
	"strconv"
	"strings"

	"github.com/heygen-go/heygen/internal/jsonpointer"
	"github.com/heygen-go/heygen/tools/document"
)

// place is where something is in a corrected document, and where a reader of the published one finds it: the way there
// through references. Both are JSON pointers.
type place struct{ here, published string }

func (p place) step(names ...string) place {
	for _, name := range names {
		p = place{jsonpointer.Append(p.here, name), jsonpointer.Append(p.published, name)}
	}
	return p
}

// find returns what is at a place, and where that is: after references.
func (p place) find(root any) (any, place) {
	value := document.Follow(root, jsonpointer.Split(p.here)...)
	value, p.here = document.Dereference(root, value, p.here)
	return value, p
}

// example is a value that has a schema: an example, or a default.
type example struct {
	value      any
	at, schema place
	isDefault  bool
}

// examplesOf are the examples and defaults of requests and responses, those of parameters, headers and single members
// included.
func examplesOf(root any) []example {
	w := walk{root: root, seen: map[string]bool{}}
	w.visit(place{}.step("paths"), other)
	return w.found
}

// position says what a value in a document is.
type position int

const (
	other   position = iota // a path, an operation, a body and so on
	schema                  // a schema, or a list of schemas
	members                 // schemas by names that are no keywords
)

type walk struct {
	root  any
	seen  map[string]bool // pointers
	found []example
}

func (w *walk) visit(p place, is position) {
	from := p
	value, p := from.find(w.root)
	if is == schema && p != from { // what stands beside a reference counts as well
		node, _ := document.Follow(w.root, jsonpointer.Split(from.here)...).(map[string]any)
		w.examples(from, node, from)
	}
	if w.seen[p.here] {
		return
	}
	w.seen[p.here] = true
	switch node := value.(type) {
	case []any:
		for i := range node {
			w.visit(p.step(strconv.Itoa(i)), is)
		}
	case map[string]any:
		if is == schema {
			w.examples(p, node, p)
		} else if is == other && node["schema"] != nil && !isText(p) {
			w.examples(p, node, p.step("schema"))
		}
		for _, name := range sortedKeys(node) {
			if next, ok := below(is, name); ok {
				w.visit(p.step(name), next)
			}
		}
	}
}

// below is what a member of a position is, if examples can be in it.
func below(is position, name string) (position, bool) {
	switch {
	case is == members, is == other && name == "schema":
		return schema, true
	case is == other:
		return other, !strings.HasPrefix(name, "x-") && name != "example" && name != "examples"
	case name == "properties" || name == "patternProperties":
		return members, true
	}
	return schema, slices.Contains([]string{
		"items", "prefixItems", "additionalProperties", "allOf", "anyOf", "oneOf",
	}, name)
}

// isText reports whether a place is that of a body that is not JSON: its examples are text, whatever its schema says.
func isText(p place) bool {
	names := jsonpointer.Split(p.here)
	return len(names) > 1 && names[len(names)-2] == "content" && !strings.Contains(names[len(names)-1], "json")
}

func (w *walk) examples(p place, node map[string]any, schema place) {
	for _, name := range []string{"example", "default"} {
		if value, ok := node[name]; ok {
			w.found = append(w.found, example{value, p.step(name), schema, name == "default"})
		}
	}
	switch listed := node["examples"].(type) {
	case []any:
		for i, value := range listed {
			w.found = append(w.found, example{value, p.step("examples", strconv.Itoa(i)), schema, false})
		}
	case map[string]any:
		for _, name := range sortedKeys(listed) {
			named, at := p.step("examples", name).find(w.root)
			node, _ := named.(map[string]any)
			if value, ok := node["value"]; ok {
				w.found = append(w.found, example{value, at.step("value"), schema, false})
			}
		}
	}
}
