package revision

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/heygen-go/heygen/internal/formats"
)

// contradiction is what a schema refuses in an example.
type contradiction struct {
	example  location // of the example
	instance []string // names from there to what is refused
	got      any      // what is refused
	schema   location
	keyword  string // that refuses it; "" if it is the schema itself: false, or broken
	member   string // that is missing, or that nobody may add
	held     any    // what a text holds that is JSON, where an object or a list is wanted
	broken   error  // what is wrong with the schema itself
}

// cause is the same for contradictions that one correction ends.
func (c contradiction) cause() string {
	key := c.schema.here + " " + c.keyword
	switch {
	case c.held != nil:
		return c.example.here
	case c.keyword == "enum":
		return key + " " + says(c.got)
	case c.keyword == "required":
		return key + " " + c.member
	}
	return key
}

// candidates are the contradictions of a corrected document, in which the schemas have no names yet, by their causes.
// The entries' ids are none of those that are taken, to which it adds them.
func candidates(published object, corrected []byte, taken map[string]bool) ([]Candidate, error) {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(corrected)))
	if err != nil {
		return nil, err
	}
	root, ok := value.(object)
	if !ok {
		return nil, errors.New("the document is no object")
	}
	found, err := contradictions(root)
	if err != nil {
		return nil, err
	}
	causes := []string{}
	all := map[string][]contradiction{}
	for _, c := range found {
		if all[c.cause()] == nil {
			causes = append(causes, c.cause())
		}
		all[c.cause()] = append(all[c.cause()], c)
	}
	undecided, err := stillRefused(root, found)
	if err != nil {
		return nil, err
	}
	w := writer{root: root, published: published, taken: taken, undecided: undecided}
	list := []Candidate{}
	for _, cause := range causes {
		list = append(list, w.candidate(all[cause]))
	}
	return list, nil
}

// stillRefused are the places of schemas whose type is neither the one they say nor the one of what they refuse:
// examples show both.
func stillRefused(root object, found []contradiction) (map[string]bool, error) {
	old := map[string]any{} // types by places
	for _, c := range found {
		s, ok := resolve(root, "#"+c.schema.here).(object)
		if ok && c.keyword == "type" && c.got != nil && c.held == nil {
			if _, seen := old[c.schema.here]; !seen {
				old[c.schema.here] = s["type"]
			}
			s["type"] = typeOf(c.got)
		}
	}
	if len(old) == 0 {
		return nil, nil
	}
	again, err := contradictions(root)
	for at, kind := range old {
		resolve(root, "#"+at).(object)["type"] = kind
	}
	refused := map[string]bool{}
	for _, c := range again {
		if _, changed := old[c.schema.here]; changed && c.keyword == "type" && c.got != nil {
			refused[c.schema.here] = true
		}
	}
	return refused, err
}

// contradictions judges every example of a document's requests and responses, in the order of their places.
func contradictions(root object) (found []contradiction, err error) {
	const base = "https://document.invalid/openapi.json"
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	formats.Assert(compiler)
	if err := compiler.AddResource(base, root); err != nil {
		return nil, err
	}
	for _, e := range examplesOf(root) {
		schema, err := compiler.Compile(base + fragment(e.schema.here))
		if err != nil {
			found = append(found, contradiction{example: e.at, got: e.value, schema: e.schema, broken: err})
			continue
		}
		found = append(found, judge(schema, e)...)
	}
	return found, nil
}

// judge goes on with what an example holds that is a text where an object or a list is wanted.
func judge(schema *jsonschema.Schema, e givenExample) (found []contradiction) {
	var refused *jsonschema.ValidationError
	if !errors.As(schema.Validate(e.value), &refused) {
		return nil
	}
	all := causes(refused, e.schema)
	slices.SortFunc(all, func(a, b contradiction) int {
		return cmp.Or(slices.Compare(a.instance, b.instance),
			cmp.Compare(a.schema.here, b.schema.here), cmp.Compare(a.keyword+" "+a.member, b.keyword+" "+b.member))
	})
	for _, c := range all {
		c.example, c.got = e.at, follow(e.value, c.instance)
		if text, ok := e.value.(string); ok && c.keyword == "type" {
			c.held = heldBy(text)
		}
		found = append(found, c)
		if c.held != nil {
			e.value = c.held
			return append(found, judge(schema, e)...)
		}
	}
	return found
}

// heldBy is the object or the list that a text holds, or nil.
func heldBy(text string) any {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	switch value.(type) {
	case object, []any:
		if err == nil {
			return value
		}
	}
	return nil
}

// causes are what is behind an error of the schema library, of a schema at a place.
func causes(refused *jsonschema.ValidationError, within location) (found []contradiction) {
	schema := within.to(strings.TrimPrefix(pointerOf(refused.SchemaURL), within.here))
	c := contradiction{instance: refused.InstanceLocation, schema: schema}
	if path := refused.ErrorKind.KeywordPath(); len(path) > 0 {
		c.keyword = path[0]
	}
	switch k := refused.ErrorKind.(type) {
	case *kind.Reference:
		schema.here = pointerOf(k.URL)
	case *kind.Schema, *kind.Group, *kind.AllOf:
	case *kind.Required:
		for _, c.member = range k.Missing {
			found = append(found, c)
		}
		return found
	case *kind.AdditionalProperties:
		for _, c.member = range k.Properties {
			found = append(found, c)
		}
		return found
	case *kind.FalseSchema:
		around, last := schema.last()
		if last == "unevaluatedProperties" {
			c.schema, c.keyword = around, last
			c.member = c.instance[len(c.instance)-1]
			c.instance = c.instance[:len(c.instance)-1]
		}
		return []contradiction{c}
	default:
		return []contradiction{c}
	}
	for _, cause := range refused.Causes {
		found = append(found, causes(cause, schema)...)
	}
	return found
}

// location is where something is in the corrected document, and where a reader of the published one finds it: the names
// on the way there, through references.
type location struct {
	here string // a JSON pointer
	path []string
}

func (p location) step(names ...string) location {
	for _, name := range names {
		p.here += "/" + escape(name)
	}
	p.path = slices.Concat(p.path, names)
	return p
}

// to goes on by a JSON pointer.
func (p location) to(pointer string) location {
	if pointer == "" {
		return p
	}
	var names []string
	for token := range strings.SplitSeq(pointer[1:], "/") {
		names = append(names, unescape.Replace(token))
	}
	return p.step(names...)
}

// last parts a place into the one around it and the name in that.
func (p location) last() (around location, name string) {
	end := len(p.path) - 1
	return location{p.here[:strings.LastIndexByte(p.here, '/')], p.path[:end]}, p.path[end]
}

// givenExample is one that has a schema.
type givenExample struct {
	value      any
	at, schema location
}

// examplesOf are the examples of a document's requests and responses, those of parameters, headers and members
// included.
func examplesOf(root object) []givenExample {
	w := walk{root: root, seen: map[string]bool{}}
	for _, name := range []string{"paths", "webhooks"} {
		w.node(location{}.step(name))
	}
	return w.found
}

type walk struct {
	root  object
	seen  map[string]bool // places
	found []givenExample
}

// dereferenced returns what is at a place, and where that is: behind references.
func dereferenced(root object, p location) (any, location) {
	value := resolve(root, "#"+p.here)
	for range maxDepth {
		node, _ := value.(object)
		target, ok := node["$ref"].(string)
		if !ok {
			break
		}
		p.here = strings.TrimPrefix(target, "#")
		value = resolve(root, target)
	}
	return value, p
}

// node walks over what is no schema. What has a schema is a body, a parameter or a header.
func (w *walk) node(p location) {
	value, p := dereferenced(w.root, p)
	if w.seen[p.here] {
		return
	}
	w.seen[p.here] = true
	switch node := value.(type) {
	case []any:
		for i := range node {
			w.node(p.step(strconv.Itoa(i)))
		}
	case object:
		if _, ok := node["schema"]; ok {
			w.described(p, node)
		}
		for _, name := range slices.Sorted(maps.Keys(node)) {
			if !strings.HasPrefix(name, "x-") && !slices.Contains([]string{"schema", "example", "examples"}, name) {
				w.node(p.step(name))
			}
		}
	}
}

// described finds the examples of what has a schema. A body that is not JSON is text, whatever its schema says.
func (w *walk) described(p location, node object) {
	schema := p.step("schema")
	around, media := p.last()
	if !strings.HasSuffix(around.here, "/content") || strings.Contains(media, "json") {
		if value, ok := node["example"]; ok {
			w.found = append(w.found, givenExample{value, p.step("example"), schema})
		}
		named, _ := node["examples"].(object)
		for _, name := range slices.Sorted(maps.Keys(named)) {
			given, at := dereferenced(w.root, p.step("examples", name))
			node, _ := given.(object)
			if value, ok := node["value"]; ok {
				w.found = append(w.found, givenExample{value, at.step("value"), schema})
			}
		}
	}
	w.schema(schema)
}

func (w *walk) schema(p location) {
	s, ok := resolve(w.root, "#"+p.here).(object)
	if !ok || w.seen[p.here] {
		return
	}
	w.seen[p.here] = true
	if value, ok := s["example"]; ok {
		w.found = append(w.found, givenExample{value, p.step("example"), p})
	}
	list, _ := s["examples"].([]any)
	for i, value := range list {
		w.found = append(w.found, givenExample{value, p.step("examples", strconv.Itoa(i)), p})
	}
	if _, ok := s["$ref"]; ok {
		_, target := dereferenced(w.root, p)
		w.schema(target)
	}
	for _, keyword := range []string{"properties", "patternProperties"} {
		members, _ := s[keyword].(object)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			w.schema(p.step(keyword, name))
		}
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf", "prefixItems"} {
		parts, _ := s[keyword].([]any)
		for i := range parts {
			w.schema(p.step(keyword, strconv.Itoa(i)))
		}
	}
	for _, keyword := range []string{"items", "additionalProperties"} {
		w.schema(p.step(keyword))
	}
}

// fragment is a JSON pointer as part of a URL.
func fragment(pointer string) string { return "#" + (&url.URL{Fragment: pointer}).EscapedFragment() }

// pointerOf is the JSON pointer of a URL, or "" if it has none.
func pointerOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Fragment
}
