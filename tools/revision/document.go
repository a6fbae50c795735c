package revision

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Document says what the vendor changed between two published definitions, JSON. A change breaks if somebody who kept
// the old definition, such as a client that was generated from it, may no longer get what it says: if requests are
// restricted, if a response loses a member or may be what it was not, or if a server, a security requirement or an
// operation id is gone. What is only text is compatible. What cannot be told is breaking, and its text says so. The
// order of an object's members, and white space, are no change.
//
// Most changes are named by oasdiff's checks, and all the others here: servers, closed objects, and whatever else
// differs that no check names.
func Document(old, revised []byte) (Axis, error) {
	var before, after object
	if err := errors.Join(json.Unmarshal(old, &before), json.Unmarshal(revised, &after)); err != nil {
		return Axis{}, fmt.Errorf("document: %w", err)
	}
	changes := renameSchemes(before, after)
	found := differences(before, after)
	named, told, err := checked(before, after, found)
	if err != nil {
		return Axis{}, fmt.Errorf("document: %w", err)
	}
	changes = append(changes, named...)
	for _, change := range serverChanges(before, after) {
		changes = append(changes, change)
		told.old.add(change.Pointer, rule{})
		told.revised.add(change.Pointer, rule{})
	}
	for _, d := range found {
		if !told.explains(d) {
			changes = append(changes, d.change())
		}
	}
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(a.Level, b.Level), // "breaking" comes first
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Direction, b.Direction),
			cmp.Compare(a.ID, b.ID), cmp.Compare(a.Text, b.Text),
		)
	})
	return newAxis(slices.Compact(changes)), nil // a schema that several operations share is told once
}

// told is what changes say, which explains differences.
type told struct{ old, revised places }

// places are those of changes in a document.
type places struct {
	exact    map[string]bool
	around   map[string]bool     // pointers of what they are in
	keywords map[string][]string // that they are about, if all a change points at is the object that holds them
}

func newPlaces() places {
	return places{map[string]bool{}, map[string]bool{}, map[string][]string{}}
}

func (p places) add(pointer string, about rule) {
	if pointer == "" {
		return
	}
	p.exact[pointer] = true
	p.keywords[pointer] = append(p.keywords[pointer], about.keywords...)
	if schema, ok := strings.CutSuffix(pointer, "/type"); ok {
		p.exact[schema+"/format"] = true // told with the type
	}
	if list := path.Dir(pointer); slices.Contains(about.members, path.Base(list)) && !named[path.Base(list)] {
		p.keywords[list] = append(p.keywords[list], path.Base(list)) // all its entries are told at once
	}
	for up := range above(pointer) {
		p.around[up] = true
	}
}

// explains reports whether a change is about what is at the pointer: about it, about something in it, or about its
// keyword in an object around it. An entry of required comes and goes with its member.
func (p places) explains(pointer string, d difference) bool {
	if pointer == "" {
		return false
	}
	if p.exact[pointer] || p.around[pointer] {
		return true
	}
	if member, ok := cmp.Or(d.new, d.old).(string); ok && d.keyword == "required" {
		schema := path.Dir(path.Dir(pointer))
		if p.exact[schema+"/properties/"+escape(member)] {
			return true
		}
	}
	for up := range above(pointer) {
		if slices.Contains(p.keywords[up], d.keyword) {
			return true
		}
	}
	return false
}

func (t told) explains(d difference) bool {
	return t.old.explains(d.oldPointer, d) || t.revised.explains(d.pointer, d)
}

// above yields the pointers of what a pointer is in, the nearest first.
func above(pointer string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for up := strings.LastIndexByte(pointer, '/'); up > 0 && yield(pointer[:up]); {
			up = strings.LastIndexByte(pointer[:up], '/')
		}
	}
}
