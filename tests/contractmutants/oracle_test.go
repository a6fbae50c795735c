package contractmutants

import (
	"slices"
	"strings"
)

// This is the truth: what the words of a schema mean for one value, written by hand. It shares no code with package
// contract and knows no more words than the two documents use; another one stops the test.

// breaks reports whether a value breaks a schema, not looking at what is inside of lists and members.
func (d document) breaks(schema object, value any) bool {
	schema = d.resolve(schema)
	for word := range schema {
		if !slices.Contains(known, word) {
			panic("the oracle does not know the word " + word)
		}
	}
	if !slices.ContainsFunc(types(schema), func(name string) bool { return is(name, value) }) {
		return true
	}
	if values, ok := schema["enum"].([]any); ok && !slices.Contains(values, value) {
		return true
	}
	if members, ok := value.(object); ok {
		for _, name := range required(schema) {
			if _, has := members[name]; !has {
				return true
			}
		}
	}
	text, isText := value.(string)
	return isText && !fits(text, format(schema))
}

var known = []string{
	"type", "properties", "required", "items", "enum", "format", "anyOf", // checked here
	"description", "example", "default", "deprecated", "unevaluatedProperties", // which is true wherever it occurs
}

func required(schema object) (names []string) {
	list, _ := schema["required"].([]any)
	for _, name := range list {
		names = append(names, name.(string))
	}
	return names
}

// types are those that a schema allows; all, if it does not say.
func types(schema object) []string {
	switch named := schema["type"].(type) {
	case string:
		return []string{named}
	case []any:
		var names []string
		for _, name := range named {
			names = append(names, name.(string))
		}
		return names
	}
	return []string{"string", "integer", "number", "boolean", "array", "object", "null"}
}

func is(name string, value any) bool {
	switch value := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && value == float64(int64(value))
	case string:
		return name == "string"
	case []any:
		return name == "array"
	default:
		return name == "object"
	}
}

// format is the name of a schema's format; of several alternatives with "|" between.
func format(schema object) string {
	if name, ok := schema["format"].(string); ok {
		return name
	}
	alternatives, _ := schema["anyOf"].([]any)
	var names []string
	for _, alternative := range alternatives {
		names = append(names, format(alternative.(object)))
	}
	return strings.Join(names, "|")
}

// fits reports whether a text has one of the formats. Of times it knows those of the table alone.
func fits(text, formats string) bool {
	if formats == "" || formats == "password" {
		return true
	}
	for _, t := range times {
		if t.text == text {
			return t.zoned && slices.Contains(strings.Split(formats, "|"), "date-time") ||
				t.local && slices.Contains(strings.Split(formats, "|"), "date-time-local")
		}
	}
	return false
}

// times are texts with what RFC 3339 (5.6, 5.7) says of them: a date-time, or one without its zone.
var times = []struct {
	text         string
	zoned, local bool
}{
	{"2025-10-22T08:31:48Z", true, false},
	{"2025-10-22t08:31:48z", true, false},
	{"2025-10-22T08:31:48.769845Z", true, false},
	{"2025-10-22T08:31:48+00:00", true, false},
	{"2025-10-22T08:31:48-23:59", true, false},
	{"2024-02-29T00:00:00Z", true, false},
	{"1990-12-31T23:59:60Z", true, false},
	{"2025-10-22T08:31:48", false, true},
	{"2023-04-03T05:40:47", false, true},
	{"2023-04-03T05:40:46.769845", false, true},
	{"2024-02-29t23:59:59", false, true},
	{text: "2025-02-29T00:00:00"},
	{text: "2025-02-30T08:31:48"},
	{text: "2025-02-30T08:31:48Z"},
	{text: "1900-02-29T00:00:00Z"},
	{text: "2025-04-31T00:00:00Z"},
	{text: "2025-13-01T00:00:00Z"},
	{text: "2025-00-10T00:00:00Z"},
	{text: "2025-10-00T00:00:00Z"},
	{text: "2025-10-22T24:00:00Z"},
	{text: "2025-10-22T08:60:00Z"},
	{text: "2025-10-22T08:31:61Z"},
	{text: "2025-10-22T08:31:48+24:00"},
	{text: "2025-10-22T08:31:48+0100"},
	{text: "2025-10-22 08:31:48Z"},
	{text: "2025-10-22T08:31Z"},
	{text: "2025-10-22T08:31:48.Z"},
	{text: "2025-10-22T08:31:48,5Z"},
	{text: "25-10-22T08:31:48Z"},
	{text: "2025-10-22"},
	{text: "08:31:48Z"},
	{text: "Wed, 22 Oct 2025 08:31:48 GMT"},
	{text: "1761121908"},
	{text: " 2025-10-22T08:31:48Z"},
	{text: "2025-10-22T08:31:48Z "},
	{text: ""},
}

// breaksRule returns where a response breaks what the documents say in prose alone, and false if nowhere. The request
// was for the endpoint id.
func breaksRule(status int, body any, id string) (pointer string, broken bool) {
	members, ok := body.(object)
	if !ok {
		return "", false
	}
	code, hasCode := members["code"]
	number, isNumber := code.(float64)
	data, hasData := members["data"]
	_, isObject := data.(object)
	switch {
	case status >= 400 && !hasCode:
		return "", true
	case status >= 400 && (code == nil || number == 100):
		return "/code", true
	case status >= 400:
		return "", false
	case isNumber && number != 100:
		return "/code", true
	case number == 100 && !hasData:
		return "", true
	case number == 100 && !isObject:
		return "/data", true
	}
	got, isText := dig(data, "endpoint_id").(string)
	return "/data/endpoint_id", number == 100 && isText && got != id
}
