package document

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Union returns the document that holds what the definitions of all pages hold. A single one comes back unchanged. What
// two pages define alike is there once. What they define differently is an error that names the places and both pages.
// Of the document's info, tags and extensions (x-…) the first page's count, because they change no operation.
func Union(pages []Page) ([]byte, error) {
	joined, conflicts, err := Join(pages)
	errs := []error{err}
	for _, c := range conflicts {
		errs = append(errs, fmt.Errorf("%s: vendor a newer page of the one that is out of date", c.Text))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return joined, nil
}

// Join is [Union] for a report: where pages define something differently, the first of them counts, and a note says so.
func Join(pages []Page) (joined []byte, conflicts []Note, err error) {
	if len(pages) == 0 {
		return nil, nil, errors.New("no pages")
	}
	if len(pages) == 1 {
		return pages[0].Definition, nil, nil
	}
	var u union
	var first *yaml.Node
	for _, page := range pages {
		root, err := parse(page.Definition)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", page.Name, err)
		}
		if first == nil {
			first, u.pages = root, map[string]string{"": page.Name}
			continue
		}
		u.merge(first.Content[0], root.Content[0], page.Name, "")
	}
	joined, err = format(first)
	return joined, u.conflicts, err
}

type union struct {
	pages     map[string]string // the page that a place and all below it is from, by JSON pointer
	conflicts []Note
}

// merge adds what another page defines at a place to what is there.
func (u *union) merge(into, from *yaml.Node, page, place string) {
	there, own := maps.Collect(members(into)), maps.Collect(members(from))
	for name := range members(into) {
		if at := jsonpointer.Append(place, name); own[name] == nil && !mayBeMissing(jsonpointer.Split(at)) {
			u.conflict(at, page)
		}
	}
	for name, value := range members(from) {
		at, old := jsonpointer.Append(place, name), there[name]
		tokens := jsonpointer.Split(at)
		switch {
		case old == nil && mayBeMissing(tokens):
			into.Content = append(into.Content, newString(name), value)
			u.pages[at] = page
		case old != nil && isCollection(tokens):
			u.merge(old, value, page, at)
		case len(tokens) == 1 && (name == "info" || name == "tags" || strings.HasPrefix(name, "x-")):
		default:
			if where, differ := difference(old, value, at); differ {
				u.conflict(where, page)
			}
		}
	}
}

func (u *union) conflict(place, page string) {
	from := place
	for u.pages[from] == "" {
		from = from[:strings.LastIndex(from, "/")]
	}
	u.conflicts = append(u.conflicts,
		Note{place, fmt.Sprintf("%s and %s define %s differently", u.pages[from], page, place)})
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
	inA, inB := maps.Collect(members(a)), maps.Collect(members(b))
	for name, value := range members(a) {
		if where, differ := difference(value, inB[name], jsonpointer.Append(place, name)); differ {
			return where, true
		}
	}
	for name := range members(b) {
		if inA[name] == nil {
			return jsonpointer.Append(place, name), true
		}
	}
	return "", false
}
