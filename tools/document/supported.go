package document

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// CheckSupported reports each thing of the corrected document that the templates in api/templates cannot make a request
// of: other bodies than JSON, cookies, and parameters of other shapes than one value or a list of them.
func CheckSupported(corrected []byte) error {
	root, err := parse(corrected)
	if err != nil {
		return err
	}
	document := root.Content[0]
	var errs []error
	eachOperation(document, func(path, method string, operation *yaml.Node) {
		where := strings.ToUpper(method) + " " + path
		if id := text(get(operation, "operationId")); id != "" {
			where = id + " (" + where + ")"
		}
		types := members(get(resolve(document, get(operation, "requestBody")), "content"))
		for i := 0; i < len(types); i += 2 {
			if !isJSON(types[i].Value) {
				errs = append(errs, fmt.Errorf("operation %s: the body %s is not supported: add a branch for it to "+
					"api/templates/client.tmpl", where, types[i].Value))
			}
		}
		for _, list := range []*yaml.Node{get(document, "paths", path, "parameters"), get(operation, "parameters")} {
			if list == nil {
				continue
			}
			for _, parameter := range list.Content {
				parameter = resolve(document, parameter)
				if problem := unsupported(document, path, parameter); problem != "" {
					errs = append(errs, fmt.Errorf("operation %s: %s parameter %q: %s is not supported: add a branch for it to "+
						"api/templates/client.tmpl", where, text(get(parameter, "in")), text(get(parameter, "name")), problem))
				}
			}
		}
	})
	return errors.Join(errs...)
}

// unsupported returns what of a parameter the templates do not know; "" if they know it.
func unsupported(document *yaml.Node, path string, parameter *yaml.Node) string {
	in, style := text(get(parameter, "in")), text(get(parameter, "style"))
	schema := resolve(document, get(parameter, "schema"))
	usual := map[string]string{"path": "simple", "header": "simple", "query": "form"}[in]
	isList := slices.Contains(types(schema), "array")
	switch {
	case in == "cookie":
		return "a cookie"
	case schema == nil:
		return "content instead of a schema"
	case style != "" && style != usual:
		return "style " + style
	case in == "path" && !slices.Contains(strings.Split(path, "/"), "{"+text(get(parameter, "name"))+"}"):
		return "a part of a segment"
	case isList && in != "query":
		return "a list"
	case isList && !isScalar(resolve(document, get(schema, "items"))):
		return "a list of other things than values"
	case !isList && !isScalar(schema):
		return "anything but a string, a number or a boolean"
	}
	return ""
}

func isScalar(schema *yaml.Node) bool {
	kinds := types(schema)
	for _, kind := range kinds {
		if kind != "string" && kind != "integer" && kind != "number" && kind != "boolean" {
			return false
		}
	}
	return len(kinds) == 1
}

// types returns the types of a schema but null.
func types(schema *yaml.Node) []string {
	node := get(schema, "type")
	if node == nil {
		return nil
	}
	if node.Kind == yaml.ScalarNode {
		return []string{node.Value}
	}
	var kinds []string
	for _, kind := range node.Content {
		if kind.Value != "null" {
			kinds = append(kinds, kind.Value)
		}
	}
	return kinds
}

// resolve follows references within the document.
func resolve(document, node *yaml.Node) *yaml.Node {
	for range 10 { // enough for any but a circle
		reference := text(get(node, "$ref"))
		if reference == "" {
			return node
		}
		names := strings.Split(strings.TrimPrefix(reference, "#/"), "/")
		for i := range names {
			names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(names[i])
		}
		node = get(document, names...)
	}
	return nil
}
