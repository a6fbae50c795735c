package document

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Note is what was not read as a definition says it.
type Note struct {
	Where string `json:"where"` // a JSON pointer
	Text  string `json:"text"`
}

// Readable returns a definition as the libraries that compare documents and judge examples can read it, with a note on
// each place where they could not: one odd place is no reason to compare nothing. What has no meaning in OpenAPI, such
// as a number for a type, is left out. A reference by $anchor or $id becomes one by JSON pointer. A reference that
// leads nowhere, or out of the document, is dropped, so that nothing is ever opened. The definition that the module is
// made from stays as it is.
func Readable(definition []byte) (readable []byte, notes []Note, err error) {
	root, err := parse(definition)
	if err != nil {
		return nil, nil, err
	}
	r := reader{root: root.Content[0], targets: map[string]string{}}
	if loads(r.root) != nil {
		r.leaveOutUnreadable(r.root, "")
	}
	r.anchors()
	changed, dropped := len(r.notes) > 0, map[*yaml.Node]bool{}
	eachObject(r.root, "", object, func(node *yaml.Node, at string) {
		changed = r.references(node, at, dropped) || changed
	})
	dropNodes(r.root, dropped)
	if !changed {
		return definition, nil, nil
	}
	readable, err = format(root)
	return readable, r.notes, err
}

type reader struct {
	root    *yaml.Node
	targets map[string]string // JSON pointers by what $id and $anchor make of them: "https://…", "#name"
	bases   []string          // pointers of the schemas that have an $id, the outer before the inner
	notes   []Note
}

func (r *reader) note(at, format string, args ...any) {
	r.notes = append(r.notes, Note{at, fmt.Sprintf(format, args...)})
}

// loads returns why the values of a definition do not have the types of OpenAPI. It follows no reference.
func loads(definition *yaml.Node) error {
	text, err := format(definition)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, new(openapi3.T))
}

// leaveOutUnreadable removes the smallest parts of a value that do not load when all beside them is taken away.
func (r *reader) leaveOutUnreadable(node *yaml.Node, at string) {
	size := 1
	if node.Kind == yaml.MappingNode {
		size = 2
	}
	var kept []*yaml.Node
	for i, part := range slices.Collect(slices.Chunk(node.Content, size)) {
		node.Content = part
		if err := loads(r.root); err != nil {
			name := fmt.Sprint(i)
			if size == 2 {
				name = part[0].Value
			}
			within := len(r.notes)
			r.leaveOutUnreadable(part[size-1], jsonpointer.Append(at, name))
			if loads(r.root) != nil {
				r.notes = r.notes[:within]
				r.note(jsonpointer.Append(at, name), "it is left out: %v", err)
				continue
			}
		}
		kept = append(kept, part...)
	}
	node.Content = kept
}

// anchors finds the names that a definition gives to its schemas.
func (r *reader) anchors() {
	eachObject(r.root, "", object, func(node *yaml.Node, at string) {
		if id := text(get(node, "$id")); id != "" {
			r.targets[strings.TrimSuffix(id, "#")] = at
			r.bases = append(r.bases, at)
		}
		for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
			if name := text(get(node, keyword)); name != "" {
				r.targets["#"+name] = at
			}
		}
	})
}

var componentName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// references mends the references of one object, and reports whether it changed something.
func (r *reader) references(node *yaml.Node, at string, dropped map[*yaml.Node]bool) (changed bool) {
	for _, keyword := range []string{"$ref", "$dynamicRef", "$recursiveRef"} {
		value := get(node, keyword)
		if value == nil || value.Kind != yaml.ScalarNode {
			continue
		}
		target, problem := r.resolve(value.Value, at)
		switch {
		case problem != "" && !isSchema(at):
			r.note(at, "it is left out: its reference to %s %s", value.Value, problem)
			dropped[node] = true
		case problem != "":
			r.note(jsonpointer.Append(at, keyword), "the reference to %s %s: any value is taken", value.Value, problem)
		case keyword == "$ref" && target == value.Value:
			continue
		case keyword != "$ref":
			r.note(jsonpointer.Append(at, keyword), "it is not followed")
		default:
			value.Value = target
			changed = true
			continue
		}
		keep(node, func(name string, _ *yaml.Node) bool { return name != keyword })
		changed = true
	}
	for _, keyword := range []string{"$id", "$anchor", "$dynamicAnchor", "$schema", "jsonSchemaDialect"} {
		if value := get(node, keyword); value != nil && value.Kind == yaml.ScalarNode {
			if keyword == "$schema" || keyword == "jsonSchemaDialect" {
				r.note(jsonpointer.Append(at, keyword), "it is read as JSON Schema 2020-12")
			}
			keep(node, func(name string, _ *yaml.Node) bool { return name != keyword })
			changed = true
		}
	}
	mapping := get(node, "discriminator", "mapping")
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return changed
	}
	keep(mapping, func(name string, value *yaml.Node) bool {
		target := value.Value
		if componentName.MatchString(target) && get(r.root, "components", "schemas", target) != nil {
			return true
		}
		_, problem := r.resolve(target, at)
		if problem == "" && strings.HasPrefix(target, "#/") {
			return true
		}
		r.note(jsonpointer.Append(at+"/discriminator/mapping", name), "the reference to %s leads to no schema here", target)
		changed = true
		return false
	})
	return changed
}

// resolve returns the JSON pointer, as a reference, of what a reference leads to, or else what is wrong with it.
func (r *reader) resolve(reference, from string) (target, problem string) {
	seen := map[string]bool{from: true}
	for next := reference; ; {
		pointer, problem := r.pointer(next, from)
		if problem != "" {
			return "", problem
		}
		node := r.at(pointer)
		switch {
		case node == nil:
			return "", "leads nowhere"
		case node.Kind != yaml.MappingNode && node.Tag != "!!bool":
			return "", "leads to what is no object"
		case seen[pointer]:
			return "", "leads to itself"
		}
		if target == "" {
			target = "#" + (&url.URL{Fragment: pointer}).EscapedFragment()
			if reference == "#"+pointer {
				target = reference
			}
		}
		further := get(node, "$ref")
		if further == nil {
			return target, ""
		}
		seen[pointer], next, from = true, further.Value, pointer
	}
}

// pointer returns the JSON pointer that a reference stands for.
func (r *reader) pointer(reference, from string) (pointer, problem string) {
	base, fragment, _ := strings.Cut(reference, "#")
	start := ""
	if base != "" {
		at, ok := r.targets[base]
		if !ok {
			return "", "leads out of the document, and is not followed"
		}
		start = at
	}
	if unescaped, err := url.PathUnescape(fragment); err == nil {
		fragment = unescaped
	}
	switch {
	case fragment == "" && start != "":
		return start, ""
	case fragment == "":
		return r.around(from), ""
	case !strings.HasPrefix(fragment, "/"):
		if at, ok := r.targets["#"+fragment]; ok {
			return at, ""
		}
		return "", "leads nowhere"
	case start == "" && r.at(fragment) == nil: // within a schema that has an $id, a pointer begins there
		start = r.around(from)
	}
	return start + fragment, ""
}

// around returns the pointer of the innermost schema with an $id around a place.
func (r *reader) around(place string) (pointer string) {
	for _, at := range r.bases {
		if place == at || strings.HasPrefix(place, at+"/") {
			pointer = at
		}
	}
	return pointer
}

// at returns what is at a JSON pointer, or nil.
func (r *reader) at(pointer string) *yaml.Node {
	node := r.root
	for _, name := range jsonpointer.Split(pointer) {
		if node == nil {
			return nil
		}
		if node.Kind == yaml.SequenceNode {
			node = entry(node, name)
		} else {
			node = get(node, name)
		}
	}
	return node
}

func entry(list *yaml.Node, index string) *yaml.Node {
	for i, entry := range list.Content {
		if fmt.Sprint(i) == index {
			return entry
		}
	}
	return nil
}

// isSchema reports whether the object at a place is a schema: one that is empty takes any value, while an empty
// parameter or response has no meaning.
func isSchema(at string) bool {
	names := append([]string{"", "", ""}, jsonpointer.Split(at)...)
	last, parent, around := names[len(names)-1], names[len(names)-2], names[len(names)-3]
	return last != "requestBody" && around != "callbacks" && !slices.Contains([]string{
		"parameters", "responses", "requestBodies", "headers", "examples", "links", "callbacks", "pathItems", "paths",
		"webhooks", "securitySchemes",
	}, parent)
}

// dropNodes removes members and entries whose values are among some nodes.
func dropNodes(node *yaml.Node, dropped map[*yaml.Node]bool) {
	if len(dropped) == 0 {
		return
	}
	if node.Kind == yaml.MappingNode {
		keep(node, func(_ string, value *yaml.Node) bool { return !dropped[value] })
	} else {
		node.Content = slices.DeleteFunc(node.Content, func(entry *yaml.Node) bool { return dropped[entry] })
	}
	for _, child := range node.Content {
		dropNodes(child, dropped)
	}
}
