package document

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Adopt returns a definition that [Union] can join with another one, for a report on it: what the two say differently
// of all operations (version of OpenAPI 3.1, servers, security) its operations say themselves, and components that
// differ get another name. The places are those.
func Adopt(definition, other []byte) (adopted []byte, places []string, err error) {
	root, err := parse(definition)
	if err != nil {
		return nil, nil, err
	}
	from, err := parse(other)
	if err != nil {
		return nil, nil, err
	}
	page, base := root.Content[0], from.Content[0]
	renamed := map[string]string{}
	for kind, components := range members(get(page, "components")) {
		for i := 0; i+1 < len(components.Content); i += 2 {
			name, value := components.Content[i], components.Content[i+1]
			there := get(base, "components", kind, name.Value)
			if _, differ := difference(there, value, ""); there == nil || !differ {
				continue
			}
			places = append(places, jsonpointer.Append("/components/"+kind, name.Value))
			old, free := name.Value, name.Value
			for n := 2; get(components, free) != nil || get(base, "components", kind, free) != nil; n++ {
				free = fmt.Sprint(old, "-", n)
			}
			name.Value = free
			prefix := "#/components/" + kind
			renamed[jsonpointer.Append(prefix, old)] = jsonpointer.Append(prefix, free)
		}
	}
	rename(page, renamed)
	for _, name := range []string{"openapi", "servers", "security"} {
		own, value := get(page, name), get(base, name)
		if own == nil && value == nil {
			continue
		}
		if _, differ := difference(own, value, ""); !differ {
			continue
		}
		places = append(places, "/"+name)
		if name != "openapi" {
			for operation := range operations(page) {
				sayItself(operation, name, own)
			}
		}
		keep(page, func(member string, _ *yaml.Node) bool { return member != name })
		if value != nil {
			page.Content = append(page.Content, newString(name), value)
		}
	}
	adopted, err = format(root)
	return adopted, places, err
}

// sayItself gives an operation the servers or the security of its definition, unless it has its own.
func sayItself(operation *yaml.Node, name string, value *yaml.Node) {
	if operation.Kind != yaml.MappingNode || get(operation, name) != nil {
		return
	}
	if value == nil {
		value = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"} // none
	}
	operation.Content = append(operation.Content, newString(name), value)
}

// rename follows components to their new names, by their references.
func rename(page *yaml.Node, renamed map[string]string) {
	eachObject(page, "", object, func(node *yaml.Node, _ string) {
		references := []*yaml.Node{get(node, "$ref")}
		for _, value := range members(get(node, "discriminator", "mapping")) {
			references = append(references, value)
		}
		for _, reference := range references {
			if reference == nil {
				continue
			}
			for old, free := range renamed {
				if rest, ok := strings.CutPrefix(reference.Value, old); ok && (rest == "" || rest[0] == '/') {
					reference.Value = free + rest
					break
				}
			}
		}
		if security := get(node, "security"); security != nil { // names the schemes of components
			for _, requirement := range security.Content {
				for i := 0; i < len(requirement.Content); i += 2 {
					const prefix = "#/components/securitySchemes"
					if free, ok := renamed[jsonpointer.Append(prefix, requirement.Content[i].Value)]; ok {
						requirement.Content[i] = newString(strings.TrimPrefix(free, prefix+"/"))
					}
				}
			}
		}
	})
}
