package document

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Name returns a corrected document as the generator reads it: with the Go names and doc comments of an OpenAPI
// Overlay, if there is one, and prepared so that oapi-codegen makes a type of every body. A target of the overlay that
// matches nothing is an error.
func Name(corrected []byte, overlays ...[]byte) ([]byte, error) {
	root, err := parse(corrected)
	if err != nil {
		return nil, fmt.Errorf("corrected document: %w", err)
	}
	dropGoExtensions(root.Content[0]) // whatever the corrections have made
	dropUnused(root.Content[0])
	nameBodies(root.Content[0])
	dropClientHeaders(root.Content[0])
	for _, names := range overlays {
		if len(names) == 0 {
			continue
		}
		if err := applyNames(names, root); err != nil {
			return nil, fmt.Errorf("names: %w", err)
		}
	}
	prepare(root.Content[0])
	separateDeprecations(root.Content[0])
	return format(root)
}

func applyNames(names []byte, root *yaml.Node) error {
	all, err := parseOverlay(names)
	if err != nil {
		return err
	}
	var errs []error
	for _, action := range all.Actions {
		cutGoName(&action)
		err := applyAction(all, action, root)
		if errors.As(err, new(unmatchedTarget)) {
			err = fmt.Errorf("%w: if the corrected document no longer has it, delete the entry, else correct its target", err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// cutGoName cuts the first word off a doc comment, because oapi-codegen writes it.
func cutGoName(action *overlay.Action) {
	for _, member := range []string{"summary", "description"} {
		if comment := get(&action.Update, member); comment != nil {
			_, comment.Value, _ = strings.Cut(comment.Value, " ")
		}
	}
}

// MovedFrom is the member of a schema that Name has moved to components: its place in the document, a JSON pointer.
const MovedFrom = "x-moved-from"

// nameBodies moves the inline schemas of each operation's request and first success to components, where oapi-codegen
// makes types <Operation>Request and <Operation>Response of them. Of an inline response it makes none, and of an inline
// union as a request one that encodes as {}.
func nameBodies(document *yaml.Node) {
	schemas := child(child(document, "components"), "schemas")
	taken := map[string]bool{}
	for name := range members(schemas) {
		taken[goKey(name)] = true
	}
	name := func(body *yaml.Node, place, name string) {
		for mediaType, media := range members(get(body, "content")) {
			schema := get(media, "schema")
			if !isJSON(mediaType) || schema == nil || get(schema, "$ref") != nil {
				continue
			}
			for _, name := range []string{name, name + "-body"} {
				if taken[goKey(name)] {
					continue
				}
				taken[goKey(name)] = true
				moved := *schema
				if moved.Kind == yaml.MappingNode {
					at := jsonpointer.Append(place+"/content", mediaType) + "/schema"
					moved.Content = append(slices.Clone(moved.Content), newString(MovedFrom), newString(at))
				}
				schemas.Content = append(schemas.Content, newString(name), &moved)
				*schema = *newObject(newString("$ref"), newString("#/components/schemas/"+name))
				break
			}
		}
	}
	for operation, place := range operations(document) {
		id := text(get(operation, "operationId"))
		name(get(operation, "requestBody"), place+"/requestBody", id+"-request")
		for status, response := range members(get(operation, "responses")) {
			if strings.HasPrefix(status, "2") {
				name(response, jsonpointer.Append(place+"/responses", status), id+"-response")
				break
			}
		}
	}
}

// child returns a member of an object, which it adds as an empty object if it is missing.
func child(parent *yaml.Node, name string) *yaml.Node {
	if get(parent, name) == nil {
		parent.Content = append(parent.Content, newString(name), newObject())
	}
	return get(parent, name)
}

// dropClientHeaders drops the parameters that the client sets itself. OpenAPI ignores all of them but the API key.
func dropClientHeaders(document *yaml.Node) {
	isSet := func(parameter *yaml.Node) bool {
		name := strings.ToLower(text(get(parameter, "name")))
		return text(get(parameter, "in")) == "header" &&
			slices.Contains([]string{"accept", "authorization", "content-type", "x-api-key"}, name)
	}
	for _, path := range members(get(document, "paths")) {
		for _, holder := range append([]*yaml.Node{path}, path.Content...) {
			if parameters := get(holder, "parameters"); parameters != nil {
				parameters.Content = slices.DeleteFunc(parameters.Content, isSet)
			}
		}
	}
}

// separateDeprecations ends the descriptions of deprecated members with an empty line: without one, Go's tools do not
// recognize the paragraph "Deprecated:" that oapi-codegen adds.
func separateDeprecations(node *yaml.Node) {
	for _, member := range members(get(node, "properties")) {
		if description := get(member, "description"); description != nil && text(get(member, "deprecated")) == "true" {
			description.Value += "\n\n"
		}
	}
	for _, child := range node.Content {
		separateDeprecations(child)
	}
}
