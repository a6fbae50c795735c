package revision

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

type object = map[string]any

// form is a way to make an instance of a schema. Whether what comes out is valid is for package contract to say: a
// keyword that is not known here (pattern, not, if) is not obeyed.
type form struct {
	full     bool // every member, not only the required ones; lists are not empty
	nulls    bool // null wherever it is allowed
	unknown  bool // values that no enum lists, and a member that nobody documents
	choice   int  // which one of the values of an enum, of alternatives and of types
	examples bool // the schema's own example where there is one
}

// forms are the instances a schema is measured by: a minimal one, full ones with each choice, a full one with nulls,
// and one with what the schema does not name.
func forms(root object, schema any) []form {
	list := []form{{nulls: true}}
	for choice := range choices(root, schema, 0) {
		list = append(list, form{full: true, choice: choice})
	}
	return append(list, form{full: true, nulls: true}, form{full: true, unknown: true})
}

const (
	maxDepth   = 8 // of schemas in schemas: those that hold themselves have no end
	maxChoices = 16
)

// choices counts the choices that a schema offers at most in one place, so that every one of them is made.
func choices(root object, schema any, depth int) int {
	s := flatten(root, schema, 0)
	most := 1
	if depth > maxDepth {
		return most
	}
	for _, keyword := range []string{"enum", "anyOf", "oneOf", "type"} {
		list, _ := s[keyword].([]any)
		most = max(most, len(list))
		if keyword == "anyOf" || keyword == "oneOf" {
			for _, alternative := range list {
				most = max(most, choices(root, alternative, depth+1))
			}
		}
	}
	properties, _ := s["properties"].(object)
	for _, property := range properties {
		most = max(most, choices(root, property, depth+1))
	}
	if items, ok := s["items"]; ok {
		most = max(most, choices(root, items, depth+1))
	}
	return min(most, maxChoices)
}

// instance makes an instance of a schema of a document.
func instance(root object, schema any, f form, depth int) any {
	s := flatten(root, schema, 0)
	if value, ok := s["const"]; ok {
		return value
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if alternatives, _ := s[keyword].([]any); len(alternatives) > 0 {
			chosen := alternatives[f.choice%len(alternatives)]
			rest := maps.Clone(s)
			delete(rest, keyword)
			return instance(root, object{"allOf": []any{rest, chosen}}, f, depth+1)
		}
	}
	kinds := typesOf(s)
	if f.nulls && slices.Contains(kinds, "null") {
		return nil
	}
	if example, ok := example(s); f.examples && ok && !f.unknown {
		return example
	}
	unlisted := f.unknown && slices.Contains(kinds, "string")
	if values, _ := s["enum"].([]any); len(values) > 0 && !unlisted {
		return values[f.choice%len(values)]
	}
	kinds = slices.DeleteFunc(kinds, func(kind string) bool { return kind == "null" })
	if len(kinds) == 0 {
		return nil
	}
	switch kind := kinds[f.choice%len(kinds)]; kind {
	case "object":
		return objectInstance(root, s, f, depth)
	case "array":
		return arrayInstance(root, s, f, depth)
	case "integer", "number":
		return numberInstance(s)
	case "boolean":
		return f.full
	default:
		return stringInstance(s, f)
	}
}

// typesOf are the types that a schema allows. One that does not say allows all: an object if it has properties, a list
// if it has items, and otherwise text stands for what may come.
func typesOf(s object) (kinds []string) {
	switch t := s["type"].(type) {
	case string:
		return []string{t}
	case []any:
		for _, kind := range t {
			if text, ok := kind.(string); ok {
				kinds = append(kinds, text)
			}
		}
		return kinds
	}
	switch {
	case s["properties"] != nil:
		return []string{"object"}
	case s["items"] != nil:
		return []string{"array"}
	}
	return []string{"string"}
}

func example(s object) (any, bool) {
	if list, _ := s["examples"].([]any); len(list) > 0 {
		return list[0], true
	}
	value, ok := s["example"]
	return value, ok
}

func objectInstance(root, s object, f form, depth int) object {
	made := object{}
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(object)
	for name, property := range properties {
		if slices.Contains(required, any(name)) || f.full && depth < maxDepth {
			made[name] = instance(root, property, f, depth+1)
		}
	}
	for _, name := range required {
		if text, ok := name.(string); ok && properties[text] == nil {
			made[text] = "text"
		}
	}
	if f.unknown {
		made["member_nobody_documents"] = "text"
	}
	return made
}

func arrayInstance(root, s object, f form, depth int) []any {
	least, _ := s["minItems"].(float64)
	if f.full && depth < maxDepth {
		least = max(least, 1)
	}
	made := make([]any, int(least))
	for i := range made {
		item := f
		item.choice += i // so that they differ where they can
		made[i] = instance(root, s["items"], item, depth+1)
		if text, ok := made[i].(string); ok && i > 0 && s["uniqueItems"] == true {
			made[i] = text + strings.Repeat("a", i)
		}
	}
	return made
}

func numberInstance(s object) float64 {
	step, ok := s["multipleOf"].(float64)
	if !ok || step <= 0 {
		step = 1
	}
	least := 7.0
	if bound, ok := s["maximum"].(float64); ok {
		least = min(least, bound)
	}
	if bound, ok := s["exclusiveMaximum"].(float64); ok {
		least = min(least, bound-step)
	}
	if bound, ok := s["minimum"].(float64); ok {
		least = max(least, bound)
	}
	if bound, ok := s["exclusiveMinimum"].(float64); ok {
		least = max(least, bound+step)
	}
	return step * float64(int(least/step))
}

// texts are texts of the formats a document of HeyGen's uses or is likely to.
var texts = map[string]string{
	"date-time": "2025-10-22T08:31:48Z", "date-time-local": "2025-10-22T08:31:48", "date": "2025-10-22",
	"time": "08:31:48Z", "duration": "PT1S",
	"uri": "https://example.com/hook", "url": "https://example.com/hook", "uri-reference": "/hook",
	"email": "a@example.com", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
	"uuid": "123e4567-e89b-12d3-a456-426614174000", "byte": "dGV4dA==", "password": "sec_made_up",
}

func stringInstance(s object, f form) string {
	format, _ := s["format"].(string)
	text, formatted := texts[format]
	if !formatted {
		text = "text"
	}
	if f.unknown && !formatted {
		text = "a value nobody documents"
	}
	least, _ := s["minLength"].(float64)
	if short := int(least) - len(text); short > 0 {
		text += strings.Repeat("a", short)
	}
	if most, ok := s["maxLength"].(float64); ok && len(text) > int(most) {
		text = text[:int(most)]
	}
	return text
}

// flatten replaces $ref and allOf by what they say.
func flatten(root object, schema any, depth int) object {
	s, ok := schema.(object)
	if !ok || depth > maxDepth {
		return object{}
	}
	parts := []any{}
	if target, ok := s["$ref"].(string); ok {
		parts = append(parts, resolve(root, target))
	}
	all, _ := s["allOf"].([]any)
	parts = append(parts, all...)
	if len(parts) == 0 {
		return s
	}
	merged := object{}
	own := maps.Clone(s)
	delete(own, "$ref")
	delete(own, "allOf")
	for _, part := range append(parts, own) {
		merge(merged, flatten(root, part, depth+1))
	}
	return merged
}

// merge adds the keywords of a schema to those of another, which both have to be obeyed.
func merge(into, from object) {
	for keyword, value := range from {
		switch old := into[keyword].(type) {
		case object:
			if added, ok := value.(object); ok && keyword == "properties" {
				joined := maps.Clone(old)
				for name, property := range added {
					if before, both := joined[name]; both {
						property = object{"allOf": []any{before, property}}
					}
					joined[name] = property
				}
				value = joined
			}
		case []any:
			if added, ok := value.([]any); ok && keyword == "required" {
				value = slices.Concat(old, added)
			}
		}
		into[keyword] = value
	}
}

// resolve returns what a reference within a document points at, or nil.
func resolve(root object, target string) any {
	pointer, ok := strings.CutPrefix(target, "#")
	if !ok {
		return nil
	}
	var names []string
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		names = append(names, unescape.Replace(token))
	}
	return follow(root, names)
}

// follow returns what names, and numbers in lists, lead to in a value, or nil.
func follow(value any, names []string) any {
	for _, name := range names {
		switch node := value.(type) {
		case object:
			value = node[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(node) {
				return nil
			}
			value = node[i]
		default:
			return nil
		}
	}
	return value
}

// unescape reads a token of a JSON pointer.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// escape makes a token of a JSON pointer.
func escape(name string) string { return escaper.Replace(name) }

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

// operationsOf returns the pointers of a document's operations.
func operationsOf(root object) (pointers []string) {
	paths, _ := root["paths"].(object)
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		item := flatten(root, paths[name], 0)
		for _, method := range []string{"delete", "get", "head", "options", "patch", "post", "put", "trace"} {
			if item[method] != nil {
				pointers = append(pointers, "/paths/"+escape(name)+"/"+method)
			}
		}
	}
	return pointers
}

// String says it in words.
func (f form) String() string {
	switch {
	case !f.full:
		return "the least the schema allows"
	case f.nulls:
		return "all the schema describes, with nulls"
	case f.unknown:
		return "more than the schema describes"
	}
	return "all the schema describes"
}
