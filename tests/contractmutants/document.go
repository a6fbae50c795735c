package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// object is a JSON object of a document or a body.
type object = map[string]any

// document is an OpenAPI document as plain JSON: kin-openapi would read it the way the kit does.
type document struct {
	name string
	text []byte
	tree object
}

func parse(name string, text []byte) (document, error) {
	d := document{name: name, text: text}
	err := json.Unmarshal(text, &d.tree)
	return d, err
}

// operation is one operation, with what a good exchange of it needs.
type operation struct {
	method, path string
	header       string // carries the API key
	contentType  string // of the request
	request      object // schema
	bodyRequired bool
	responses    map[string]response // by status, "5XX" included
}

type response struct {
	contentType string
	schema      object
	example     any // nil if there is none
}

// operations are those of a document.
func (d document) operations() (all []operation) {
	paths, _ := d.tree["paths"].(object)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		methods, _ := paths[path].(object)
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			node, _ := methods[method].(object)
			body, _ := node["requestBody"].(object)
			o := operation{method: strings.ToUpper(method), path: path, responses: map[string]response{}}
			o.bodyRequired, _ = body["required"].(bool)
			o.contentType, o.request, _ = media(body)
			schemes, _ := dig(d.tree, "components", "securitySchemes").(object)
			for _, scheme := range schemes {
				o.header, _ = dig(scheme, "name").(string)
			}
			responses, _ := node["responses"].(object)
			for status, described := range responses {
				var r response
				r.contentType, r.schema, r.example = media(described)
				o.responses[status] = r
			}
			all = append(all, o)
		}
	}
	return all
}

// media returns the one content type of a message, its schema and its example. An example that is JSON in a string is
// what is in the string: nobody answers with that.
func media(message any) (contentType string, schema object, example any) {
	content, _ := dig(message, "content").(object)
	for name, described := range content {
		contentType = name
		schema, _ = dig(described, "schema").(object)
		examples, _ := dig(described, "examples").(object)
		for _, named := range examples {
			example = dig(named, "value")
		}
	}
	if text, ok := example.(string); ok {
		if err := json.Unmarshal([]byte(text), &example); err != nil {
			example = nil
		}
	}
	return contentType, schema, example
}

func dig(value any, names ...string) any {
	for _, name := range names {
		node, _ := value.(object)
		value = node[name]
	}
	return value
}

// resolve follows a $ref.
func (d document) resolve(schema object) object {
	for {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return schema
		}
		schema, _ = dig(d.tree, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).(object)
	}
}

// place is one value of a body that the document describes.
type place struct {
	pointer  string
	schema   object
	required bool // the object it is in must have it
	member   bool // of an object, and so can be taken away
}

// places are those of a body that a schema describes and the body has, the whole of it first.
func (d document) places(schema object, body any) []place {
	return d.within(place{schema: d.resolve(schema)}, body)
}

func (d document) within(at place, value any) []place {
	all := []place{at}
	switch value := value.(type) {
	case object:
		properties, _ := at.schema["properties"].(object)
		required, _ := at.schema["required"].([]any)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			member, has := value[name]
			if has {
				schema, _ := properties[name].(object)
				all = append(all, d.within(place{
					at.pointer + "/" + name, d.resolve(schema), slices.Contains(required, any(name)), true,
				}, member)...)
			}
		}
	case []any:
		items, _ := at.schema["items"].(object)
		for i := range value {
			all = append(all, d.within(place{
				pointer: fmt.Sprintf("%s/%d", at.pointer, i), schema: d.resolve(items),
			}, value[i])...)
		}
	}
	return all
}

// at finds what a document says about a pointer, nil if nothing.
func (d document) at(schema object, pointer string) object {
	schema = d.resolve(schema)
	for _, token := range strings.Split(pointer, "/")[1:] {
		if token[0] >= '0' && token[0] <= '9' {
			schema, _ = schema["items"].(object)
		} else {
			schema, _ = dig(schema, "properties", token).(object)
		}
		schema = d.resolve(schema)
	}
	return schema
}

// sample is a good value of a schema, with every member.
func (d document) sample(schema object) any {
	schema = d.resolve(schema)
	if example, ok := schema["example"]; ok && !d.breaks(schema, example) {
		return example
	}
	if values, ok := schema["enum"].([]any); ok {
		return values[0]
	}
	switch types(schema)[0] {
	case "object":
		value := object{}
		properties, _ := schema["properties"].(object)
		for name, member := range properties {
			value[name] = d.sample(member.(object))
		}
		return value
	case "array":
		items, _ := schema["items"].(object)
		return []any{d.sample(items)}
	case "integer":
		return 400131.0
	}
	if format(schema) != "" {
		return "2025-10-22T08:31:48Z"
	}
	return "text"
}

// repair makes an example fit its schema: values that do not fit are replaced, members the schema does not know stay.
func (d document) repair(schema object, value any) any {
	schema = d.resolve(schema)
	members, ok := value.(object)
	if !ok || d.breaks(schema, value) {
		if d.breaks(schema, value) {
			return d.sample(schema)
		}
		return value
	}
	good := maps.Clone(members)
	properties, _ := schema["properties"].(object)
	for name, member := range properties {
		if _, has := good[name]; has {
			good[name] = d.repair(member.(object), good[name])
		}
	}
	return good
}
