package revision

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// difference is one between two documents, as small as can be pointed at.
type difference struct {
	position
	old, new  any  // values, where the pointers are not empty
	reordered bool // only the order of a list
}

// position is where a value is in both documents.
type position struct {
	oldPointer, pointer string // "" for a document that does not have it
	keyword             string // that it belongs to
	direction           string // of the message it describes: "request", "response" or "" for neither
	unclear             bool   // below a keyword with which more can be less
}

// comparison compares two documents. References are followed, so that what only moved is as it was.
type comparison struct {
	old, revised object
	seen         map[position]bool  // what references point at
	used         map[[2]string]bool // the same, by the pointers alone
	found        []difference
}

func differences(old, revised object) []difference {
	c := &comparison{old: old, revised: revised, seen: map[position]bool{}, used: map[[2]string]bool{}}
	for _, keyword := range slices.Backward(keysOf(old, revised)) { // components after paths, which use them
		c.keyword(position{}, keyword, old, revised)
	}
	return c.found
}

var (
	// named are the keywords whose members have names, and are no keywords. So do those of all in components.
	named = set("paths", "webhooks", "callbacks", "responses", "content", "headers", "variables", "scopes", "mapping",
		"encoding", "links", "properties", "patternProperties", "dependentSchemas", "dependentRequired", "$defs")
	// whole are the keywords whose value is compared as one. So are extensions.
	whole = set("example", "examples", "default", "const", "externalDocs", "contact", "license", "tags", "security")
	// unclear are the keywords below which it cannot be told whether a change restricts.
	unclear = set("not", "if", "contains")
	// closing are the keywords that can close an object.
	closing = set("additionalProperties", "unevaluatedProperties")
)

func set(names ...string) map[string]bool {
	all := map[string]bool{}
	for _, name := range names {
		all[name] = true
	}
	return all
}

func keysOf(a, b object) []string {
	all := object{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// keyword compares what two objects say of a keyword.
func (c *comparison) keyword(p position, keyword string, old, revised object) {
	names := named[keyword] || p.keyword == "components"
	p = p.in(keyword, keyword)
	p.keyword, p.unclear = keyword, p.unclear || unclear[keyword]
	switch keyword {
	case "requestBody", "parameters":
		p.direction = "request"
	case "responses":
		p.direction = "response"
	}
	if names && strings.HasPrefix(p.pointer, "/components/") && strings.Count(p.pointer, "/") == 2 {
		p.direction = "" // nothing is known to use it
	}
	was, had := old[keyword]
	is, has := revised[keyword]
	if !whole[keyword] { // each member of what is missing is missing
		if !had {
			was, had = emptied(is, names)
		} else if !has {
			is, has = emptied(was, names)
		}
	}
	switch {
	case !had || !has:
		c.add(p, was, is, had, has)
	case whole[keyword] || strings.HasPrefix(keyword, "x-") || closing[keyword] && openness(was) != openness(is):
		if !reflect.DeepEqual(was, is) {
			c.add(p, was, is, true, true)
		}
	case names:
		c.names(p, was, is)
	default:
		c.values(p, was, is)
	}
}

// emptied is an empty list for a list, and an empty object for one of names, that hold something.
func emptied(value any, names bool) (any, bool) {
	switch value := value.(type) {
	case object:
		return object{}, names && len(value) > 0
	case []any:
		return []any{}, len(value) > 0
	}
	return nil, false
}

// openness of an object to members it does not describe, by the value of a closing keyword: 0 is closed.
func openness(value any) int {
	s, ok := value.(object)
	switch {
	case value == false:
		return 0
	case ok && len(s) > 0:
		return 1
	}
	return 2
}

func (c *comparison) add(p position, was, is any, had, has bool) {
	if !had {
		p.oldPointer = ""
	}
	if !has {
		p.pointer = ""
	}
	c.found = append(c.found, difference{position: p, old: was, new: is})
}

// in is the position of a member or of an entry.
func (p position) in(oldName, name string) position {
	p.oldPointer += "/" + escape(oldName)
	p.pointer += "/" + escape(name)
	return p
}

// names compares objects whose members have names.
func (c *comparison) names(p position, was, is any) {
	old, wasObject := was.(object)
	revised, isObject := is.(object)
	if !wasObject || !isObject {
		c.values(p, was, is)
		return
	}
	before := map[string]string{} // renamed paths by their new names
	if p.keyword == "paths" {
		before = samePaths(old, revised)
	}
	for _, name := range keysOf(old, revised) {
		oldName, renamed := before[name]
		if !renamed {
			oldName = name
		}
		in := p.in(oldName, name)
		was, had := old[oldName]
		is, has := revised[name]
		switch {
		case c.used[[2]string{in.oldPointer, in.pointer}] && p.direction == "":
			continue // a component, which has been compared
		case had && has:
			c.values(in, was, is)
		case !slices.Contains(slices.Collect(maps.Values(before)), name):
			c.add(in, was, is, had, has)
		}
	}
}

var pathParameter = regexp.MustCompile(`\{[^{}]*\}`)

// samePaths are the paths in which only parameters were renamed: old names by new ones.
func samePaths(old, revised object) map[string]string {
	gone := map[string]string{} // by their templates
	for path := range old {
		if _, ok := revised[path]; !ok {
			gone[pathParameter.ReplaceAllString(path, "{}")] = path
		}
	}
	same := map[string]string{}
	for path := range revised {
		if before, ok := gone[pathParameter.ReplaceAllString(path, "{}")]; ok && old[path] == nil {
			same[path] = before
		}
	}
	return same
}

// values compares what is no object of names.
func (c *comparison) values(p position, was, is any) {
	switch old := was.(type) {
	case object:
		if revised, ok := is.(object); ok {
			c.objects(p, old, revised)
			return
		}
	case []any:
		if revised, ok := is.([]any); ok {
			c.lists(p, old, revised)
			return
		}
	}
	if !reflect.DeepEqual(was, is) {
		c.add(p, was, is, true, true)
	}
}

// objects compares objects of keywords, which may be references.
func (c *comparison) objects(p position, old, revised object) {
	oldRef, wasRef := old["$ref"].(string)
	ref, isRef := revised["$ref"].(string)
	if !wasRef && !isRef {
		for _, keyword := range keysOf(old, revised) {
			c.keyword(p, keyword, old, revised)
		}
		return
	}
	target, was, is := p, any(old), any(revised)
	beside, besideOld := object{}, object{} // what is said beside a reference
	if wasRef {
		target.oldPointer, was, besideOld = strings.TrimPrefix(oldRef, "#"), resolve(c.old, oldRef), old
	}
	if isRef {
		target.pointer, is, beside = strings.TrimPrefix(ref, "#"), resolve(c.revised, ref), revised
	}
	for _, keyword := range keysOf(besideOld, beside) {
		c.keyword(p, keyword, besideOld, beside)
	}
	if !c.seen[target] {
		c.seen[target] = true
		c.used[[2]string{target.oldPointer, target.pointer}] = true
		c.values(target, was, is)
	}
}

// lists compares lists by what is in them, whatever its order.
func (c *comparison) lists(p position, old, revised []any) {
	unmatched := map[string][]int{} // entries of the new list by their identity
	for i, value := range revised {
		id := identity(p.keyword, entryOf(c.revised, p.keyword, value))
		unmatched[id] = append(unmatched[id], i)
	}
	at := func(i, j int) position { return p.in(strconv.Itoa(i), strconv.Itoa(j)) }
	var gone, fresh []int
	last, reordered := -1, false
	for i, value := range old {
		id := identity(p.keyword, entryOf(c.old, p.keyword, value))
		if len(unmatched[id]) == 0 {
			gone = append(gone, i)
			continue
		}
		j := unmatched[id][0]
		unmatched[id] = unmatched[id][1:]
		reordered, last = reordered || j < last, j
		c.values(at(i, j), value, revised[j])
	}
	for _, indices := range unmatched {
		fresh = append(fresh, indices...)
	}
	slices.Sort(fresh)
	for len(gone) > 0 && len(fresh) > 0 &&
		changeable(p.keyword, old[gone[0]]) && changeable(p.keyword, revised[fresh[0]]) {
		c.values(at(gone[0], fresh[0]), old[gone[0]], revised[fresh[0]])
		gone, fresh = gone[1:], fresh[1:]
	}
	for _, i := range gone {
		c.add(at(i, i), entryOf(c.old, p.keyword, old[i]), nil, true, false)
	}
	for _, j := range fresh {
		c.add(at(j, j), nil, entryOf(c.revised, p.keyword, revised[j]), false, true)
	}
	if reordered {
		c.found = append(c.found, difference{position: p, reordered: true})
	}
}

// entryOf is an entry of a list, or the parameter that it refers to.
func entryOf(root object, keyword string, value any) any {
	if parameter, ok := value.(object); ok && keyword == "parameters" {
		return flatten(root, parameter, 0)
	}
	return value
}

// changeable reports whether an entry of a list can be another that has changed. The order of a path's parameters is
// theirs; other parameters, and servers, are their names.
func changeable(keyword string, value any) bool {
	entry, ok := value.(object)
	return ok && keyword != "servers" && (keyword != "parameters" || entry["in"] == "path")
}

// identity is what an entry of a list is recognized by.
func identity(keyword string, value any) string {
	id := value
	if s, ok := value.(object); ok && keyword == "parameters" {
		id = []any{s["in"], s["name"]}
	} else if ok && keyword == "servers" {
		id = s["url"]
	}
	text, _ := json.Marshal(id) // it came from JSON
	return string(text)
}
