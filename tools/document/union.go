package document

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Definition is the OpenAPI definition of a page.
type Definition struct {
	Page string // its name, for errors
	JSON []byte
}

// Union returns the document that holds what all definitions hold; a single one comes back as it is. Paths, the methods
// of a path, components, tags and webhooks add up, in the order of the definitions. What two define alike is there
// once; what they define differently is an error that shows both. Two exceptions: the highest info.version
// counts, and of the extensions (x-…) of the document itself those of the first definition that has them.
func Union(definitions []Definition) ([]byte, error) {
	if len(definitions) == 0 {
		return nil, errors.New("no definitions")
	}
	if len(definitions) == 1 {
		return definitions[0].JSON, nil
	}
	u := union{index: map[*yaml.Node]map[string]*yaml.Node{}, page: map[*yaml.Node]string{}, names: map[string]named{}}
	for i, definition := range definitions {
		root, err := parse(definition.JSON)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", definition.Page, err)
		}
		if err := u.checkNames(definition.Page, root.Content[0]); err != nil {
			return nil, err
		}
		if i == 0 {
			u.root = root
			u.own(root.Content[0], definition.Page)
			continue
		}
		if err := u.merge(u.root.Content[0], root.Content[0], definition.Page, nil); err != nil {
			return nil, err
		}
	}
	return format(u.root)
}

type union struct {
	root  *yaml.Node
	index map[*yaml.Node]map[string]*yaml.Node // members by name, of the objects that grow
	page  map[*yaml.Node]string                // the page a member of theirs is from
	names map[string]named                     // operation ids and shapes of paths
}

type named struct{ page, pointer string }

// grows reports whether what is at a place of the document is an object to which pages may add members.
func grows(place []string) bool {
	switch len(place) {
	case 0:
		return true
	case 1:
		return place[0] == "info" || place[0] == "paths" || place[0] == "webhooks" || place[0] == "components"
	case 2:
		return place[0] != "info"
	}
	return false
}

// alone reports whether a member may be missing from one of two pages: if it means nothing to what the other defines.
func alone(place []string) bool {
	last := place[len(place)-1]
	switch len(place) {
	case 1:
		return last != "openapi" && last != "info" && last != "servers" && last != "security"
	case 2:
		return place[0] != "info" || last != "version"
	default: // of a path, a method; what the path itself says is about all of them
		return place[0] == "components" || isMethod(last) || strings.HasPrefix(last, "x-")
	}
}

// own notes that an object that grows is from a page.
func (u *union) own(object *yaml.Node, page string) {
	pairs := members(object)
	index := make(map[string]*yaml.Node, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		index[pairs[i].Value] = pairs[i+1]
		u.page[pairs[i+1]] = page
	}
	u.index[object] = index
}

func (u *union) merge(into, from *yaml.Node, page string, place []string) error {
	if u.index[into] == nil {
		u.own(into, u.page[into])
	}
	index := u.index[into]
	present := map[string]bool{}
	pairs := members(from)
	for i := 0; i < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		present[name.Value] = true
		place := append(slices.Clip(place), name.Value)
		old := index[name.Value]
		switch {
		case old == nil && alone(place):
			into.Content = append(into.Content, name, value)
			index[name.Value], u.page[value] = value, page
		case len(place) == 1 && strings.HasPrefix(name.Value, "x-"): // how the page is shown
		case len(place) == 1 && name.Value == "tags" && old.Kind == yaml.SequenceNode:
			if err := u.mergeTags(old, value, page); err != nil {
				return err
			}
		case len(place) == 2 && place[0] == "info" && name.Value == "version" && old != nil:
			if compareVersions(value.Value, old.Value) > 0 {
				*old = *value
			}
		case grows(place) && old != nil && old.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode &&
			get(old, "$ref") == nil && get(value, "$ref") == nil:
			if err := u.merge(old, value, page, place); err != nil {
				return err
			}
		default:
			if err := u.same(old, value, into, page, place); err != nil {
				return err
			}
		}
	}
	if len(place) == 1 {
		return nil // a page need not have the paths and components of another
	}
	for i := 0; i < len(into.Content); i += 2 {
		name := into.Content[i].Value
		place := append(slices.Clip(place), name)
		if !present[name] && !alone(place) {
			return u.same(into.Content[i+1], nil, into, page, place)
		}
	}
	return nil
}

// same is an error if two pages define a place differently; nil is a member that is missing.
func (u *union) same(old, value, parent *yaml.Node, page string, place []string) error {
	oldAt, newAt, where := difference(old, value, place)
	if oldAt == nil && newAt == nil {
		return nil
	}
	oldPage := u.page[old]
	if old == nil {
		oldPage = cmp.Or(u.page[parent], u.firstPage())
	}
	return fmt.Errorf("%s and %s define %s differently: %s against %s; vendor a newer page of the one that is out of date",
		oldPage, page, pointer(where), shortened(oldAt), shortened(newAt))
}

// firstPage is the page the document itself is from.
func (u *union) firstPage() string { return u.page[get(u.root.Content[0], "openapi")] }

// difference returns the first place at which two values differ, and what they hold there.
func difference(a, b *yaml.Node, place []string) (atA, atB *yaml.Node, where []string) {
	switch {
	case a == nil || b == nil || a.Kind != b.Kind:
		return a, b, place
	case a.Kind == yaml.MappingNode:
		pairs := append(members(a), members(b)...)
		seen := map[string]bool{}
		for i := 0; i < len(pairs); i += 2 {
			name := pairs[i].Value
			if seen[name] {
				continue
			}
			seen[name] = true
			x, y, where := difference(get(a, name), get(b, name), append(slices.Clip(place), name))
			if x != nil || y != nil {
				return x, y, where
			}
		}
	case a.Kind == yaml.SequenceNode:
		for i := range max(len(a.Content), len(b.Content)) {
			var x, y *yaml.Node
			if i < len(a.Content) {
				x = a.Content[i]
			}
			if i < len(b.Content) {
				y = b.Content[i]
			}
			x, y, where := difference(x, y, append(slices.Clip(place), strconv.Itoa(i)))
			if x != nil || y != nil {
				return x, y, where
			}
		}
	case a.Tag != b.Tag || a.Value != b.Value:
		return a, b, place
	}
	return nil, nil, nil
}

// mergeTags adds the tags whose names are new.
func (u *union) mergeTags(into, from *yaml.Node, page string) error {
	for i, tag := range from.Content {
		known := false
		for _, old := range into.Content {
			if text(get(old, "name")) != text(get(tag, "name")) {
				continue
			}
			known = true
			u.page[old] = cmp.Or(u.page[old], u.page[into])
			if err := u.same(old, tag, into, page, []string{"tags", strconv.Itoa(i)}); err != nil {
				return err
			}
		}
		if !known {
			u.page[tag] = page
			into.Content = append(into.Content, tag)
		}
	}
	return nil
}

// checkNames refuses two operations of one id, and two paths that differ in the names of their parameters alone: one
// document may hold neither.
func (u *union) checkNames(page string, root *yaml.Node) error {
	paths := members(get(root, "paths"))
	for i := 0; i < len(paths); i += 2 {
		path := paths[i].Value
		place := pointer([]string{"paths", path})
		shape := "path " + pathShape(path)
		if other, ok := u.names[shape]; ok && other.pointer != place {
			return fmt.Errorf("%s defines %s and %s %s, which are the same path: give its parameters the same names",
				other.page, other.pointer, page, place)
		}
		u.names[shape] = named{page, place}
		methods := members(paths[i+1])
		for j := 0; j < len(methods); j += 2 {
			id := text(get(methods[j+1], "operationId"))
			if id == "" || !isMethod(methods[j].Value) {
				continue
			}
			place := pointer([]string{"paths", path, methods[j].Value})
			if other, ok := u.names["id "+id]; ok && other.pointer != place {
				return fmt.Errorf("operationId %q: %s has it at %s and %s at %s; no two operations may share one",
					id, other.page, other.pointer, page, place)
			}
			u.names["id "+id] = named{page, place}
		}
	}
	return nil
}

// pathShape is a path without the names of its parameters.
func pathShape(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if open := strings.IndexByte(segment, '{'); open >= 0 {
			if end := strings.IndexByte(segment[open:], '}'); end >= 0 {
				segments[i] = segment[:open] + "{}" + segment[open+end+1:]
			}
		}
	}
	return strings.Join(segments, "/")
}

func isMethod(name string) bool {
	switch name {
	case "get", "put", "post", "delete", "options", "head", "patch", "trace":
		return true
	}
	return false
}

// compareVersions compares dotted numbers; a part that is no number counts as text.
func compareVersions(a, b string) int {
	for a != b {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		m, errM := strconv.Atoi(x)
		n, errN := strconv.Atoi(y)
		order := cmp.Compare(x, y)
		if errM == nil && errN == nil {
			order = cmp.Compare(m, n)
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// pointer is the JSON pointer of a place.
func pointer(place []string) string {
	var b strings.Builder
	for _, name := range place {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}

// shortened is a value as JSON, cut for an error.
func shortened(node *yaml.Node) string {
	if node == nil {
		return "nothing"
	}
	content, err := format(node)
	if err != nil {
		return err.Error()
	}
	line := []rune(string(bytes.Join(bytes.Fields(content), []byte(" "))))
	const most = 120
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}
