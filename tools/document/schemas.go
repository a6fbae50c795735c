package document

import (
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// nameSchemas moves the inline schemas of requests and responses to components, because only what is there has a name
// in every generator: <Operation>Request, <Operation>Response for the first success, <Operation><Status>Response for
// the others, <Operation>Data for the data of an envelope, and below that the names of the members; …Item is one of
// a list. It changes no meaning. A schema that is in components already is referred to there.
func nameSchemas(root *yaml.Node) {
	document := root.Content[0]
	n := naming{components: get(document, "components", "schemas"), taken: map[string]*yaml.Node{}}
	pairs := members(n.components)
	for i := 0; i < len(pairs); i += 2 {
		n.taken[goName(pairs[i].Value)] = pairs[i+1]
	}
	n.shared = get(n.components, "Error")
	eachOperation(document, func(path, method string, operation *yaml.Node) {
		name := goName(text(get(operation, "operationId")))
		if name == "" {
			name = goName(method + " " + path)
		}
		n.content(get(operation, "requestBody", "content"), name+"Request", "")
		succeeded := false
		responses := members(get(operation, "responses"))
		for i := 0; i < len(responses); i += 2 {
			status, content := responses[i].Value, get(responses[i+1], "content")
			if strings.HasPrefix(status, "2") && !succeeded && content != nil {
				succeeded = true
				n.content(content, name+"Response", name)
				continue
			}
			n.content(content, name+goName(status)+"Response", "")
		}
	})
	if n.components == nil && len(n.added) > 0 {
		n.components = newObject()
		components := get(document, "components")
		if components == nil {
			components = newObject()
			document.Content = append(document.Content, newString("components"), components)
		}
		components.Content = append(components.Content, newString("schemas"), n.components)
	}
	if len(n.added) > 0 {
		n.components.Content = append(n.components.Content, n.added...)
	}
}

type naming struct {
	components *yaml.Node            // nil if there are none
	shared     *yaml.Node            // the error envelope
	taken      map[string]*yaml.Node // components by their Go names
	added      []*yaml.Node          // names and schemas, in pairs
}

// content names the schemas of JSON bodies. The operation is given for a success, whose data get its name.
func (n *naming) content(content *yaml.Node, name, operation string) {
	types := members(content)
	for i := 0; i < len(types); i += 2 {
		schema := get(types[i+1], "schema")
		if !isJSON(types[i].Value) || !isCompound(schema) {
			continue
		}
		if operation != "" {
			if data := get(schema, "properties", "data"); isCompound(data) {
				n.move(data, operation+"Data")
			}
		}
		n.move(schema, name)
	}
}

// move puts a schema into components, with what it is made of, and a reference in its place.
func (n *naming) move(schema *yaml.Node, name string) {
	if n.shared != nil {
		if a, b, _ := difference(n.shared, schema, nil); a == nil && b == nil {
			refer(schema, "Error")
			return
		}
	}
	name = n.free(name)
	properties := members(get(schema, "properties"))
	for i := 0; i < len(properties); i += 2 {
		member, name := properties[i+1], strings.TrimSuffix(name, "Response")+goName(properties[i].Value)
		for items := get(member, "items"); items != nil; items = get(member, "items") {
			member, name = items, name+"Item" // a list of a type needs no name
		}
		if isCompound(member) {
			n.move(member, name)
		}
	}
	if items := get(schema, "items"); isCompound(items) {
		n.move(items, name+"Item")
	}
	moved := *schema
	n.added = append(n.added, newString(name), &moved)
	refer(schema, name)
}

// free returns the name, with a number if another schema has it.
func (n *naming) free(name string) string {
	unique := name
	for i := 2; n.taken[unique] != nil; i++ {
		unique = name + strconv.Itoa(i)
	}
	n.taken[unique] = &yaml.Node{}
	return unique
}

func refer(schema *yaml.Node, name string) {
	*schema = *newObject()
	schema.Content = []*yaml.Node{newString("$ref"), newString("#/components/schemas/" + name)}
}

// isCompound reports whether a schema is one that needs a type of its own: an object with members, a list of such, or
// a combination of schemas.
func isCompound(schema *yaml.Node) bool {
	if schema == nil || schema.Kind != yaml.MappingNode || get(schema, "$ref") != nil {
		return false
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		if get(schema, keyword) != nil {
			return true
		}
	}
	return len(members(get(schema, "properties"))) > 0 || isCompound(get(schema, "items"))
}

// eachOperation calls f for each operation, in the order of the document.
func eachOperation(document *yaml.Node, f func(path, method string, operation *yaml.Node)) {
	paths := members(get(document, "paths"))
	for i := 0; i < len(paths); i += 2 {
		item := members(paths[i+1])
		for j := 0; j < len(item); j += 2 {
			if isMethod(item[j].Value) {
				f(paths[i].Value, item[j].Value, item[j+1])
			}
		}
	}
}

func isJSON(mediaType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	kind = strings.TrimSpace(kind)
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// goName joins the words of a text, each with a capital.
func goName(text string) string {
	var b strings.Builder
	capital := true
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			capital = true
		case capital:
			b.WriteRune(unicode.ToUpper(r))
			capital = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
