package contractmutants

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// object is a JSON object of a document or a body.
type object = map[string]any

// document is one of the documents that package contract is tested with, as plain JSON: kin-openapi would read it the
// way package contract does.
type document struct {
	name string
	text []byte
	tree object
}

func read(t *testing.T, name string) document {
	t.Helper()
	text, err := os.ReadFile("../../contract/testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	d := document{name: name, text: text}
	if err := json.Unmarshal(text, &d.tree); err != nil {
		t.Fatal(err)
	}
	return d
}

func dig(value any, names ...string) any {
	for _, name := range names {
		node, _ := value.(object)
		value = node[name]
	}
	return value
}

func (d document) operation(names ...string) any {
	return dig(d.tree, append([]string{"paths", path, "patch"}, names...)...)
}

// documented returns the name under which a status is documented: "200", "5XX", or "".
func (d document) documented(status int) string {
	name := strconv.Itoa(status)
	for _, name := range []string{name, name[:1] + "XX"} {
		if d.operation("responses", name) != nil {
			return name
		}
	}
	return ""
}

// statuses are the documented ones, a number for each.
func (d document) statuses() (numbers []int) {
	for name := range d.operation("responses").(object) {
		number, err := strconv.Atoi(strings.Replace(name, "XX", "03", 1))
		if err != nil {
			panic("a status is no number: " + name)
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers
}

// schema returns that of the response with a status, 0 for the request; nil if there is none.
func (d document) schema(status int) object {
	message := d.operation("requestBody")
	if status != 0 {
		message = d.operation("responses", d.documented(status))
	}
	schema, _ := dig(message, "content", typeJSON, "schema").(object)
	return d.resolve(schema)
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
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if member, has := value[name]; has {
				schema, _ := properties[name].(object)
				all = append(all, d.within(place{
					at.pointer + "/" + name, d.resolve(schema), slices.Contains(required(at.schema), name), true,
				}, member)...)
			}
		}
	case []any:
		items, _ := at.schema["items"].(object)
		for i := range value {
			item := place{pointer: fmt.Sprintf("%s/%d", at.pointer, i), schema: d.resolve(items)}
			all = append(all, d.within(item, value[i])...)
		}
	}
	return all
}

// at returns the schema of a pointer into a body, nil if there is none.
func (d document) at(schema object, pointer string) object {
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

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// find returns the value at a pointer of a body.
func find(value any, pointer string) any {
	for _, token := range strings.Split(pointer, "/")[1:] {
		switch node := value.(type) {
		case object:
			value = node[token]
		case []any:
			value = node[token[0]-'0']
		}
	}
	return value
}

// taken is the value of a member that is taken away.
type taken struct{}

// with returns a copy of a body with another value at a pointer.
func with(body any, pointer string, value any) any {
	if pointer == "" {
		return value
	}
	token, rest, deeper := strings.Cut(pointer[1:], "/")
	if deeper {
		rest = "/" + rest
	}
	if list, ok := body.([]any); ok {
		copied, i := slices.Clone(list), token[0]-'0'
		copied[i] = with(list[i], rest, value)
		return copied
	}
	copied := maps.Clone(body.(object))
	if copied[token] = with(copied[token], rest, value); copied[token] == (any)(taken{}) {
		delete(copied, token)
	}
	return copied
}

func parent(pointer string) string { return pointer[:strings.LastIndexByte(pointer, '/')] }
