package document

import (
	"go/types"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// prepare rewrites what oapi-codegen makes wrong code of into what it makes right code of. It is about Go alone: the
// contract is made from the corrected document as it is.
func prepare(document *yaml.Node) {
	eachObject(document, "", func(object *yaml.Node, _ string) {
		for _, name := range []string{"description", "summary", "x-deprecated-reason"} {
			if prose := get(object, name); prose != nil {
				prose.Value = strings.Map(printable, prose.Value)
			}
		}
		if text(get(object, "in")) == "path" && get(object, "x-go-name") == nil && isTaken(text(get(object, "name"))) {
			object.Content = append(object.Content, newString("x-go-name"), newString("The_"+goKey(text(get(object, "name")))))
		}
		prepareSchema(object)
		prepareMembers(document, object)
	})
	prepareResponses(document)
}

// dropUnused drops what no code is made of, which is what HeyGen sends by itself, and what says nothing about Go, and
// puts paths and request bodies in the place of references to them: oapi-codegen makes no code of the first, and wrong
// code of a union among the second.
func dropUnused(document *yaml.Node) {
	keep(get(document, "paths"), func(name string, _ *yaml.Node) bool { return !strings.HasPrefix(name, "x-") })
	followPaths(document)
	for operation := range operations(document) {
		remove(operation, "callbacks")
		body := get(operation, "requestBody")
		if referred := resolve(document, body); referred != nil {
			*body = *referred
		}
	}
	remove(document, "webhooks")
	remove(get(document, "components"), "callbacks", "pathItems", "requestBodies")
	eachObject(document, "", func(object *yaml.Node, _ string) {
		dropSilentParts(object)
		ref := get(object, "$ref")
		if plain, err := url.PathUnescape(text(ref)); err == nil && plainReference.MatchString(plain) {
			ref.Value = plain // of which oapi-codegen makes the same name as of the component
		}
	})
}

var plainReference = regexp.MustCompile(`^#/components/[a-zA-Z]+/[A-Za-z0-9._-]+$`)

// followPaths puts what paths refer to in the place of the references, beside what they have themselves, which counts.
func followPaths(document *yaml.Node) {
	for _, path := range members(get(document, "paths")) {
		for range maxReferences {
			target := referred(document, get(path, "$ref"))
			if target == nil {
				break
			}
			remove(path, "$ref")
			for name, value := range members(target) {
				if get(path, name) == nil {
					path.Content = append(path.Content, newString(name), value)
				}
			}
		}
	}
}

// dropSilentParts drops the parts of an allOf that say nothing about values beside another: of a single reference
// oapi-codegen makes the type that is referred to, and of two parts a new one, which cannot hold itself.
func dropSilentParts(schema *yaml.Node) {
	all := get(schema, "allOf")
	isSilent := func(part *yaml.Node) bool { return part.Kind == yaml.MappingNode && hasOnly(part, annotations...) }
	if !slices.ContainsFunc(items(all), func(part *yaml.Node) bool { return !isSilent(part) }) {
		return
	}
	all.Content = slices.DeleteFunc(all.Content, func(part *yaml.Node) bool {
		for name, value := range members(part) {
			if isSilent(part) && get(schema, name) == nil {
				schema.Content = append(schema.Content, newString(name), value)
			}
		}
		return isSilent(part)
	})
}

// hasOnly reports whether an object has no member besides some.
func hasOnly(object *yaml.Node, names ...string) bool {
	for name := range members(object) {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// hasAny reports whether an object has one of some members, or several.
func hasAny(object *yaml.Node, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return get(object, name) != nil })
}

// annotations are the keywords that change no Go type.
var annotations = []string{
	"$comment", "default", "deprecated", "description", "example", "examples", "externalDocs", "nullable", "readOnly",
	"title", "writeOnly", "xml",
}

// printable drops the characters that no comment of Go may hold, and those that change how others are read.
func printable(r rune) rune {
	if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
		return -1
	}
	return r
}

// locals are the names that the templates use within functions that have path parameters.
var locals = []string{
	"add", "base", "body", "bytes", "content", "contentType", "context", "ctx", "err", "errors", "fmt", "found",
	"generated", "handler", "header", "headers", "http", "io", "json", "maps", "method", "middleware", "middlewares",
	"n", "newRequest", "ok", "options", "p", "parameters", "params", "path", "r", "request", "requiredError", "response",
	"runtime", "sh", "siw", "slog", "ssi", "strictHandler", "strings", "url", "validResponse", "valueList", "w", "wire",
}

// isTaken reports whether the variable of a path parameter would hide a name that the code around it uses.
func isTaken(parameter string) bool {
	taken := func(name string) bool { return goKey(name) == goKey(parameter) }
	return slices.ContainsFunc(locals, taken) || slices.ContainsFunc(types.Universe.Names(), taken)
}

// goKey returns what two names that may become the same Go name have in common.
func goKey(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// prepareSchema reduces a schema of several types to one of any type, an enum to the values that are constants of the
// schema's type, and leaves out unions that say nothing about the type.
func prepareSchema(schema *yaml.Node) {
	kinds := get(schema, "type")
	switch others := typesOf(schema); {
	case slices.Equal(others, []string{"integer", "number"}):
		kinds.Content = slices.DeleteFunc(kinds.Content, func(kind *yaml.Node) bool { return kind.Value == "integer" })
	case len(others) > 1: // only what is not about the type is left
		keep(schema, func(name string, _ *yaml.Node) bool {
			return slices.Contains([]string{"description", "deprecated", "title"}, name) || strings.HasPrefix(name, "x-")
		})
	}
	saysType := func(part *yaml.Node) bool { return !hasOnly(part, "required", "not", "description", "title") }
	for _, union := range []string{"anyOf", "oneOf"} {
		if !slices.ContainsFunc(items(get(schema, union)), saysType) {
			remove(schema, union) // at least one of some members, for example
		}
	}
	enum := get(schema, "enum")
	if enum == nil || enum.Kind != yaml.SequenceNode {
		return
	}
	if kinds == nil && !slices.ContainsFunc(enum.Content, func(value *yaml.Node) bool { return value.Tag != "!!str" }) {
		schema.Content = append(schema.Content, newString("type"), newString("string"))
	}
	enum.Content = slices.DeleteFunc(enum.Content, func(value *yaml.Node) bool {
		return !isConstant(value, primaryType(schema))
	})
	if len(enum.Content) == 0 {
		remove(schema, "enum")
	}
}

// typesOf returns the types that a schema names besides null, sorted, each once.
func typesOf(schema *yaml.Node) (names []string) {
	kinds := get(schema, "type")
	for _, kind := range append(items(kinds), kinds) {
		if name := text(kind); name != "" && name != "null" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// primaryType returns the type of a schema besides null; "" if it names none or several.
func primaryType(schema *yaml.Node) string {
	if names := typesOf(schema); len(names) == 1 {
		return names[0]
	}
	return ""
}

// isConstant reports whether a value is one of a Go type: oapi-codegen writes that of a number as it stands.
func isConstant(value *yaml.Node, kind string) bool {
	_, notInteger := strconv.Atoi(value.Value)
	tags := map[string][]string{"string": {"!!str"}, "number": {"!!int", "!!float"}, "boolean": {"!!bool"}}
	return slices.Contains(tags[kind], value.Tag) || kind == "integer" && value.Tag == "!!int" && notInteger == nil
}

// prepareMembers lets an empty list and an empty map be sent: they differ from nil, which is not.
func prepareMembers(document, schema *yaml.Node) {
	for name, member := range members(get(schema, "properties")) {
		isName := func(required *yaml.Node) bool { return required.Value == name }
		if slices.ContainsFunc(items(get(schema, "required")), isName) || hasAny(member, "x-omitempty", "x-go-type") {
			continue
		}
		resolved := resolve(document, member)
		isMap := primaryType(resolved) == "object" && get(resolved, "properties") == nil
		if isMap || primaryType(resolved) == "array" {
			member.Content = append(member.Content,
				newString("x-omitempty"), newBool(false), newString("x-omitzero"), newBool(true))
		}
	}
}

func newBool(value bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(value)}
}

// prepareResponses drops the headers of responses, and makes of a response that can be null one that cannot, because
// oapi-codegen takes it for a union. It gives each response that can be any JSON a media type that oapi-codegen does
// not know: the type for it holds a reader then. Of JSON it would make a type with methods of an interface, which Go
// refuses.
func prepareResponses(document *yaml.Node) {
	prepare := func(response *yaml.Node) {
		remove(response, "headers") // with one, the generated server would have another type for the body
		content := get(response, "content")
		var anyJSON []string
		for mediaType, media := range members(content) {
			schema := get(media, "schema")
			if single := notNull(schema); single != nil {
				*schema = *single
			}
			if isJSON(mediaType) && isAnyType(document, schema) {
				anyJSON = append(anyJSON, mediaType)
			}
		}
		if len(anyJSON) == 0 {
			return
		}
		remove(content, anyJSON...)
		if get(content, "*/*") == nil {
			content.Content = append(content.Content, newString("*/*"), newObject())
		}
	}
	for _, response := range members(get(document, "components", "responses")) {
		prepare(response)
	}
	for operation := range operations(document) {
		for _, response := range members(get(operation, "responses")) {
			prepare(response)
		}
	}
}

// notNull returns the one schema that a union consists of besides null; nil if there is none, or several.
func notNull(schema *yaml.Node) *yaml.Node {
	parts := slices.DeleteFunc(unionParts(schema), isNull)
	if len(parts) != 1 {
		return nil
	}
	return parts[0]
}

// unionParts returns a new list of the schemas of which a value has one, or some.
func unionParts(schema *yaml.Node) []*yaml.Node {
	return slices.Concat(items(get(schema, "anyOf")), items(get(schema, "oneOf")))
}

func isNull(schema *yaml.Node) bool { return text(get(schema, "type")) == "null" }

// isAnyType reports whether the Go type of a schema is an interface.
func isAnyType(document, schema *yaml.Node) bool {
	schema = resolve(document, schema)
	return primaryType(schema) == "" &&
		!hasAny(schema, "properties", "additionalProperties", "allOf", "anyOf", "oneOf", "x-go-type")
}
