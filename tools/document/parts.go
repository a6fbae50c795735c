package document

import (
	"cmp"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Part is an operation or a component of a document. Go declarations are named after it.
type Part struct {
	Name    string              // the operationId, or the component's name, or that of names.yaml in its place
	Path    string              // of an operation, with its method: GET path "/a"
	Pointer string              // to where it is in the corrected document
	Members map[string][]string // pointers to the members and parameters in it, by their names
}

// Parts returns the parts of a document that Name has made.
func Parts(named []byte) ([]Part, error) {
	root, err := parse(named)
	if err != nil {
		return nil, err
	}
	document := root.Content[0]
	var parts []Part
	for kind, components := range members(get(document, "components")) {
		for name, component := range members(components) {
			at := jsonpointer.Append("/components/"+kind, name)
			part := Part{
				Name:    cmp.Or(text(get(component, "x-go-name")), name),
				Pointer: cmp.Or(text(get(component, MovedFrom)), at), Members: map[string][]string{},
			}
			eachObject(component, part.Pointer, part.addMembers)
			parts = append(parts, part)
		}
	}
	for path, item := range members(get(document, "paths")) {
		for method, operation := range members(item) {
			part := Part{
				Name:    text(get(operation, "operationId")),
				Path:    fmt.Sprintf("%s path %q", strings.ToUpper(method), path),
				Pointer: jsonpointer.Append("/paths", path) + "/" + method, Members: map[string][]string{},
			}
			if part.Name == "" {
				continue // a member of all operations of the path
			}
			eachObject(operation, part.Pointer, part.addMembers)
			part.addParameters(document, operation, part.Pointer)
			part.addParameters(document, item, jsonpointer.Append("/paths", path))
			parts = append(parts, part)
		}
	}
	return parts, nil
}

func (p Part) addMembers(object *yaml.Node, place string) {
	for name := range members(get(object, "properties")) {
		p.Members[name] = append(p.Members[name], jsonpointer.Append(place+"/properties", name))
	}
}

func (p Part) addParameters(document, holder *yaml.Node, place string) {
	for i, parameter := range items(get(holder, "parameters")) {
		name := text(get(resolve(document, parameter), "name"))
		p.Members[name] = append(p.Members[name], fmt.Sprintf("%s/parameters/%d", place, i))
	}
}
