package document

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Definition is the OpenAPI definition of a page.
type Definition struct {
	Page string // its name, for errors
	JSON []byte
}

// Union returns the document that holds what all definitions hold; a single one comes back unchanged. What two pages
// define alike is there once; what they define differently is an error that names the place and both pages. Of
// info.version the last definition counts, of the document's tags and extensions (x-…) the first that has them: they
// change no operation.
func Union(definitions []Definition) ([]byte, error) {
	switch len(definitions) {
	case 0:
		return nil, errors.New("no definitions")
	case 1:
		return definitions[0].JSON, nil
	}
	u := union{document: newObject(), pages: map[string]string{}}
	for i, definition := range definitions {
		root, err := parse(definition.JSON)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", definition.Page, err)
		}
		if i == 0 {
			u.document, u.pages[""] = root.Content[0], definition.Page
		} else if err := u.merge(u.document, root.Content[0], definition.Page, ""); err != nil {
			return nil, err
		}
	}
	if err := u.checkUnique(); err != nil {
		return nil, err
	}
	return format(u.document)
}

type union struct {
	document *yaml.Node
	pages    map[string]string // the page that a place is from, by JSON pointer; "" for the first page
}

// pageOf returns the page that a place is from.
func (u *union) pageOf(place string) string {
	for u.pages[place] == "" {
		place = place[:strings.LastIndex(place, "/")]
	}
	return u.pages[place]
}

// merge adds what another page defines at a place.
func (u *union) merge(into, from *yaml.Node, page, place string) error {
	for member, value := range members(from) {
		at := jsonpointer.Append(place, member)
		old := get(into, member)
		switch {
		case old == nil && mayBeMissing(at):
			into.Content = append(into.Content, newString(member), value)
			u.pages[at] = page
		case at == "/info/version":
			*old = *value
		case at == "/tags", strings.HasPrefix(at, "/x-"):
		case old != nil && grows(at) && old.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode:
			if err := u.merge(old, value, page, at); err != nil {
				return err
			}
		default:
			if where, differ := difference(old, value, at); differ {
				return u.conflict(where, page)
			}
		}
	}
	for member := range members(into) {
		if at := jsonpointer.Append(place, member); get(from, member) == nil && !mayBeMissing(at) {
			return u.conflict(at, page)
		}
	}
	return nil
}

func (u *union) conflict(place, page string) error {
	return fmt.Errorf("%s and %s define %s differently: vendor a newer page of the one that is out of date",
		u.pageOf(place), page, place)
}

// grows reports whether a place is an object to which pages add members.
func grows(place string) bool {
	switch tokens := jsonpointer.Split(place); len(tokens) {
	case 1:
		return slices.Contains([]string{"info", "paths", "webhooks", "components"}, tokens[0])
	case 2:
		return tokens[0] != "info"
	}
	return false
}

// mayBeMissing reports whether one of two pages may lack a member: whether it says nothing about what that page defines.
func mayBeMissing(place string) bool {
	tokens := jsonpointer.Split(place)
	last := tokens[len(tokens)-1]
	switch len(tokens) {
	case 1:
		return !slices.Contains([]string{"openapi", "info", "servers", "security"}, last)
	case 2:
		return tokens[0] != "info"
	default: // of a path, its methods; its other members are about all of them
		return tokens[0] == "components" || slices.Contains(methods, last) || strings.HasPrefix(last, "x-")
	}
}

// difference returns the first place at which two values differ.
func difference(a, b *yaml.Node, place string) (where string, differ bool) {
	if a == nil || b == nil || a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value {
		return place, true
	}
	if a.Kind == yaml.SequenceNode && len(a.Content) == len(b.Content) {
		for i := range a.Content {
			if where, differ := difference(a.Content[i], b.Content[i], jsonpointer.Append(place, strconv.Itoa(i))); differ {
				return where, true
			}
		}
		return "", false
	}
	for _, object := range []*yaml.Node{a, b} {
		for name := range members(object) {
			if where, differ := difference(get(a, name), get(b, name), jsonpointer.Append(place, name)); differ {
				return where, true
			}
		}
	}
	return place, a.Kind == yaml.SequenceNode
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

// checkUnique refuses two operations with one id, and two paths that differ only in the names of their parameters.
func (u *union) checkUnique() error {
	seen := map[string]string{}
	claim := func(what, place string) error {
		if other := seen[what]; other != "" && other != place {
			return fmt.Errorf("%s defines %s, and %s defines %s: both have the %s",
				u.pageOf(other), other, u.pageOf(place), place, what)
		}
		seen[what] = place
		return nil
	}
	for operation, tokens := range operations(u.document) {
		path := jsonpointer.Append("/paths", tokens[1])
		err := claim("path "+pathParameter.ReplaceAllString(tokens[1], "{}"), path)
		if id := text(get(operation, "operationId")); err == nil && id != "" {
			err = claim("operationId "+id, jsonpointer.Append(path, tokens[2]))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
