package document

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Union returns the document that holds what the definitions of all pages hold. A single one comes back unchanged. What
// two pages define alike is there once. What they define differently is an error that names the place and both pages.
// Of the document's info, tags and extensions (x-…) the first page's count, because they change no operation.
func Union(pages []Page) ([]byte, error) {
	if len(pages) == 0 {
		return nil, errors.New("no pages")
	}
	if len(pages) == 1 {
		return pages[0].Definition, nil
	}
	first, err := parse(pages[0].Definition)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pages[0].Name, err)
	}
	u := union{pages: map[string]string{"": pages[0].Name}}
	for _, page := range pages[1:] {
		root, err := parse(page.Definition)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", page.Name, err)
		}
		if err := u.merge(first.Content[0], root.Content[0], page.Name, ""); err != nil {
			return nil, err
		}
	}
	return format(first)
}

type union struct {
	pages map[string]string // the page that a place and all below it is from, by JSON pointer
}

// merge adds what another page defines at a place to what is there.
func (u *union) merge(into, from *yaml.Node, page, place string) error {
	for name, value := range members(from) {
		at, old := jsonpointer.Append(place, name), get(into, name)
		tokens := jsonpointer.Split(at)
		switch {
		case old == nil && mayBeMissing(tokens):
			into.Content = append(into.Content, newString(name), value)
			u.pages[at] = page
		case old != nil && isCollection(tokens):
			if err := u.merge(old, value, page, at); err != nil {
				return err
			}
		case len(tokens) == 1 && (name == "info" || name == "tags" || strings.HasPrefix(name, "x-")):
		default:
			if where, differ := difference(old, value, at); differ {
				return u.conflict(where, page)
			}
		}
	}
	for name := range members(into) {
		if at := jsonpointer.Append(place, name); get(from, name) == nil && !mayBeMissing(jsonpointer.Split(at)) {
			return u.conflict(at, page)
		}
	}
	return nil
}

func (u *union) conflict(place, page string) error {
	from := place
	for u.pages[from] == "" {
		from = from[:strings.LastIndex(from, "/")]
	}
	return fmt.Errorf("%s and %s define %s differently: vendor a newer page of the one that is out of date",
		u.pages[from], page, place)
}

// isCollection reports whether a place is an object to which each page adds members.
func isCollection(tokens []string) bool {
	return len(tokens) <= 2 && slices.Contains([]string{"paths", "webhooks", "components"}, tokens[0])
}

// mayBeMissing reports whether a page may lack a member that another page has, because it says nothing about the
// operations of the first.
func mayBeMissing(tokens []string) bool {
	switch last := tokens[len(tokens)-1]; len(tokens) {
	case 1:
		return last != "openapi" && last != "servers" && last != "security"
	case 2:
		return true
	default: // of a path, its methods; its other members are about all of them
		return tokens[0] == "components" || slices.Contains(Methods, last)
	}
}

// difference returns the first place at which two values differ, whatever the order of their members.
func difference(a, b *yaml.Node, place string) (where string, differ bool) {
	if a == nil || b == nil || a.Kind != b.Kind || a.Tag != b.Tag || a.Value != b.Value {
		return place, true
	}
	if a.Kind == yaml.SequenceNode {
		if len(a.Content) != len(b.Content) {
			return place, true
		}
		for i := range a.Content {
			if where, differ := difference(a.Content[i], b.Content[i], jsonpointer.Append(place, strconv.Itoa(i))); differ {
				return where, true
			}
		}
	}
	for _, object := range []*yaml.Node{a, b} {
		for name := range members(object) {
			if where, differ := difference(get(a, name), get(b, name), jsonpointer.Append(place, name)); differ {
				return where, true
			}
		}
	}
	return "", false
}
