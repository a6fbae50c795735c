package document

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
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
// as a number for a type, is left out. A reference to an $anchor or $id becomes a JSON pointer. A reference that leads
// nowhere, or out of the document, is dropped, so that nothing is ever opened. The definition that the module is made
// from stays as it is.
func Readable(definition []byte) (readable []byte, notes []Note, err error) {
	root, err := parse(definition)
	if err != nil {
		return nil, nil, err
	}
	r := reader{root: root.Content[0], named: map[string]string{}, found: map[string]*yaml.Node{}}
	dropped := map[*yaml.Node]bool{}
	eachNull(r.root, func(null *yaml.Node, at string) {
		dropped[null] = true
		r.note(at, "it is left out: null is no value of OpenAPI here")
	})
	dropNodes(r.root, dropped)
	if loads(r.root) != nil {
		r.leaveOutUnreadable(r.root, "")
	}
	eachObject(r.root, "", func(node *yaml.Node, at string) {
		r.named[text(get(node, "$id"))] = at
		for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
			r.named["#"+text(get(node, keyword))] = at
		}
	})
	delete(r.named, "") // of the others
	delete(r.named, "#")
	eachObject(r.root, "", func(node *yaml.Node, at string) {
		r.limits(node, at)
		dropped[node] = !r.references(node, at)
		r.mapping(get(node, "discriminator", "mapping"), at+"/discriminator/mapping")
		for _, keyword := range []string{"$schema", "jsonSchemaDialect"} {
			if get(node, keyword) != nil {
				r.note(jsonpointer.Append(at, keyword), "it is read as JSON Schema 2020-12")
			}
		}
		remove(node, "$id", "$anchor", "$dynamicAnchor", "$schema", "jsonSchemaDialect")
	})
	dropNodes(r.root, dropped)
	followPaths(r.root)
	readable, err = format(root)
	return readable, r.notes, err
}

type reader struct {
	root  *yaml.Node
	named map[string]string     // pointers of schemas by the references that $id and $anchor allow
	found map[string]*yaml.Node // what references lead to, by pointers
	notes []Note
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

// limits leaves out the limits of numbers that JSON Schema 2020-12 does not know, but its readers of OpenAPI 3.0 do.
func (r *reader) limits(node *yaml.Node, at string) {
	for _, keyword := range []string{"exclusiveMinimum", "exclusiveMaximum", "multipleOf"} {
		value := get(node, keyword)
		number, err := strconv.ParseFloat(text(value), 64)
		if value != nil && (err != nil || keyword == "multipleOf" && number <= 0) {
			r.note(jsonpointer.Append(at, keyword), "it is left out: %s is no such limit", value.Value)
			remove(node, keyword)
		}
	}
}

// references mends the references of one object, and reports whether the object still has a meaning.
func (r *reader) references(node *yaml.Node, at string) bool {
	for _, keyword := range []string{"$ref", "$dynamicRef", "$recursiveRef"} {
		value := get(node, keyword)
		if value == nil || value.Kind != yaml.ScalarNode {
			continue
		}
		target, problem := r.resolve(value.Value, at)
		switch {
		case problem == "" && keyword == "$ref":
			value.Value = target
			continue
		case problem == "":
			r.note(jsonpointer.Append(at, keyword), "it is not followed")
		case isSchema(at):
			r.note(jsonpointer.Append(at, keyword), "the reference to %s %s: any value is taken", value.Value, problem)
		default:
			r.note(at, "it is left out: its reference to %s %s", value.Value, problem)
			return false
		}
		remove(node, keyword)
	}
	return true
}

// mapping drops what leads to no schema from the mapping of a discriminator.
func (r *reader) mapping(mapping *yaml.Node, at string) {
	keep(mapping, func(name string, target *yaml.Node) bool {
		_, problem := r.resolve(target.Value, at)
		leads := problem == "" && strings.HasPrefix(target.Value, "#/") ||
			!strings.Contains(target.Value, "/") && get(r.root, "components", "schemas", target.Value) != nil
		if !leads {
			r.note(jsonpointer.Append(at, name), "the reference to %s leads to no schema here", target.Value)
		}
		return leads
	})
}

// resolve returns the JSON pointer, as a reference, of what a reference leads to, or else what is wrong with it.
func (r *reader) resolve(reference, from string) (target, problem string) {
	seen := map[string]bool{from: true}
	for next := reference; ; {
		pointer, isNamed := r.named[next]
		fragment, isLocal := strings.CutPrefix(next, "#")
		if unescaped, err := url.PathUnescape(fragment); err == nil && !isNamed {
			pointer = unescaped
		}
		node, isKnown := r.found[pointer]
		if !isKnown {
			node = get(r.root, jsonpointer.Split(pointer)...)
			r.found[pointer] = node
		}
		switch {
		case len(seen) > maxReferences:
			return "", "leads through too many others"
		case !isLocal && !isNamed:
			return "", "leads out of the document, and is not followed"
		case node == nil || pointer != "" && pointer[0] != '/':
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
		seen[pointer], next = true, further.Value
	}
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
	keep(node, func(_ string, value *yaml.Node) bool { return !dropped[value] })
	if node.Kind == yaml.SequenceNode {
		node.Content = slices.DeleteFunc(node.Content, func(entry *yaml.Node) bool { return dropped[entry] })
	}
	for _, child := range node.Content {
		dropNodes(child, dropped)
	}
}
