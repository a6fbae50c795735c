package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// State is what a new published document makes of a correction.
type State string

// The states of a correction.
const (
	Applies     State = "applies"
	Obsolete    State = "obsolete"      // the document has all that the correction would make
	FixedInPart State = "fixed in part" // the document has some of it: without the correction the rest is lost
	Changed     State = "changed"       // neither the wrong value nor the right one is there
	Lost        State = "lost"          // even the place around the value is gone, or a reference leads to it now
)

// Standing is the state of one correction.
type Standing struct {
	ID      string   `json:"id"`
	Pointer string   `json:"pointer"` // of the defect in the published document
	State   State    `json:"state"`
	Now     string   `json:"now,omitempty"`     // what the document has there, JSON, unless it applies; "" for nothing
	Missing []string `json:"missing,omitempty"` // what the correction does and the document lacks, by pointers
}

// Standings returns the state of each correction under a new published document, and that document corrected by those
// that apply. The old published document is one to which all of them apply.
func Standings(old, revised, corrections []byte) (corrected []byte, standings []Standing, err error) {
	all, err := parseCorrections(corrections)
	if err != nil {
		return nil, nil, fmt.Errorf("corrections: %w", err)
	}
	for _, action := range all.Actions {
		if action.Description != "" { // the first action of a correction
			standings = append(standings, Standing{
				ID: correctionID(action), Pointer: extension(action, "x-pointer"), State: Applies,
			})
		}
	}
	indexOf := func(id string) int {
		return slices.IndexFunc(standings, func(s Standing) bool { return s.ID == id })
	}
	for {
		root, err := correct(revised, all, func(id string) bool { return standings[indexOf(id)].State == Applies })
		if err == nil {
			corrected, err := format(root)
			return corrected, standings, err
		}
		failed, ok := errors.AsType[*failedError](err)
		if !ok {
			return nil, nil, err
		}
		at := indexOf(failed.id)
		// What it is about is something else now, such as a text in the place of an object; or it never applied.
		if !failed.stale && !failed.lost {
			if _, err := correct(old, all, func(string) bool { return true }); err != nil {
				return nil, nil, err
			}
			standings[at].State = Lost
			continue
		}
		if err := standings[at].judge(old, revised, all, standings[:at], failed.stale); err != nil {
			return nil, nil, err
		}
	}
}

// judge finds the state of a correction that does not apply: what it changes about the old document is looked for in
// the new one, each in the form that the corrections before it leave.
func (s *Standing) judge(old, revised []byte, all *overlay.Overlay, earlier []Standing, guard bool) (failed error) {
	upToThis := append(slices.Clone(earlier), *s)
	value := func(published []byte, applies func(Standing) bool) (value any) {
		root, err := correct(published, all, func(id string) bool {
			at := slices.IndexFunc(upToThis, func(other Standing) bool { return other.ID == id })
			return at >= 0 && applies(upToThis[at])
		})
		if err == nil {
			err = root.Decode(&value)
		}
		failed = errors.Join(failed, err)
		return value
	}
	published := value(revised, func(Standing) bool { return false })
	if !guard || Lookup(published, ParentOf(s.Pointer)) == nil {
		s.State = Lost
		return failed
	}
	if value := Lookup(published, s.Pointer); value != nil {
		text, _ := json.Marshal(value) // it came from JSON
		s.Now = string(text)
	}
	before := value(old, func(other Standing) bool { return other.ID != s.ID })
	after := value(old, func(Standing) bool { return true })
	now := value(revised, func(other Standing) bool { return other.ID != s.ID && other.State == Applies })
	effects := effectsOf(before, after, "")
	for _, e := range effects {
		if !e.isIn(now) {
			s.Missing = append(s.Missing, e.String())
		}
	}
	switch {
	case len(s.Missing) == 0:
		s.State = Obsolete
	case Follow(published, jsonpointer.Split(ParentOf(s.Pointer))...) == nil: // it moved, and the defect with it
		s.State, s.Now, s.Missing = Lost, "", nil
	case len(s.Missing) < len(effects):
		s.State = FixedInPart
	default:
		s.State = Changed
	}
	return failed
}

// effect is one thing that a correction does to a document.
type effect struct {
	pointer string
	old     any
	want    any  // nil if it removes
	entry   bool // want is one of a list
}

// effectsOf lists the differences between two values. An added member is one effect, whatever is in it: a response that
// the vendor documents is documented, even if in other words. Of a list (type, required) each entry is one.
func effectsOf(before, after any, pointer string) (effects []effect) {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	if list, ok := after.([]any); ok {
		former, _ := before.([]any)
		for _, entry := range list {
			if !holds(former, entry) {
				effects = append(effects, effect{pointer: pointer, want: entry, entry: true})
			}
		}
		for _, entry := range former {
			if !holds(list, entry) {
				effects = append(effects, effect{pointer: pointer, old: entry, entry: true})
			}
		}
		return effects
	}
	old, wasObject := before.(map[string]any)
	revised, isObject := after.(map[string]any)
	if !wasObject || !isObject || (old["$ref"] == nil) != (revised["$ref"] == nil) {
		return []effect{{pointer: pointer, old: before, want: after}}
	}
	names := maps.Clone(old)
	maps.Copy(names, revised)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		effects = append(effects, effectsOf(old[name], revised[name], jsonpointer.Append(pointer, name))...)
	}
	return effects
}

// isIn reports whether a document shows the effect already. Of an object it is enough that there is one which is not
// the old one.
func (e effect) isIn(document any) bool {
	value := Lookup(document, e.pointer)
	list, isList := value.([]any)
	_, isObject := value.(map[string]any)
	_, wantObject := e.want.(map[string]any)
	switch {
	case e.want == nil && e.entry && isList:
		return !holds(list, e.old)
	case e.want == nil:
		return value == nil && Lookup(document, ParentOf(e.pointer)) != nil
	case e.entry && isList:
		return holds(list, e.want)
	case wantObject:
		return isObject && !reflect.DeepEqual(value, e.old)
	}
	return reflect.DeepEqual(value, e.want)
}

func holds(list []any, value any) bool {
	return slices.ContainsFunc(list, func(entry any) bool { return reflect.DeepEqual(entry, value) })
}

func (e effect) String() string {
	if !e.entry {
		return e.pointer
	}
	if e.want == nil {
		return fmt.Sprintf("%s without %v", e.pointer, e.old)
	}
	return fmt.Sprintf("%s with %v", e.pointer, e.want)
}

// Follow returns what names, and numbers in lists, lead to in a JSON value, or nil.
func Follow(value any, names ...string) any {
	for _, name := range names {
		switch node := value.(type) {
		case map[string]any:
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

// Lookup returns what a JSON pointer leads to in a document, through references within it, or nil.
func Lookup(document any, pointer string) any {
	value := document
	for _, name := range jsonpointer.Split(pointer) {
		value, _ = Dereference(document, Follow(value, name), "")
	}
	return value
}

const maxReferences = 8 // in a row: those that go round in a circle have no end

// Dereference returns the value that is referred to, and its pointer, if value is a reference within the document.
// Otherwise it returns value and the pointer as they are.
func Dereference(document, value any, pointer string) (any, string) {
	for range maxReferences {
		node, _ := value.(map[string]any)
		reference, _ := node["$ref"].(string)
		target, ok := strings.CutPrefix(reference, "#")
		if !ok {
			break
		}
		value, pointer = Follow(document, jsonpointer.Split(target)...), target
	}
	return value, pointer
}

// ParentOf returns the pointer of the value around the one at a pointer.
func ParentOf(pointer string) string { return pointer[:max(0, strings.LastIndexByte(pointer, '/'))] }

// Drop returns the corrections, YAML, without those of the ids. All other lines, comments too, stay as they are.
func Drop(corrections []byte, ids []string) ([]byte, error) {
	var overlay struct {
		Actions []yaml.Node
	}
	if err := yaml.Unmarshal(corrections, &overlay); err != nil {
		return nil, fmt.Errorf("corrections: %w", err)
	}
	lines, dropped := slices.Collect(bytes.Lines(corrections)), map[string]bool{}
	for i, action := range overlay.Actions {
		id := text(get(&action, "x-correction"))
		if !slices.Contains(ids, id) {
			continue
		}
		dropped[id] = true
		end := len(lines)
		if i+1 < len(overlay.Actions) {
			end = overlay.Actions[i+1].Line - 1
		}
		for line := action.Line - 1; line < end; line++ {
			// A comment at the indentation of the list is about what follows.
			if bytes.HasPrefix(lines[line], []byte("  #")) || bytes.HasPrefix(lines[line], []byte("#")) {
				break
			}
			lines[line] = nil
		}
	}
	for _, id := range ids {
		if !dropped[id] {
			return nil, fmt.Errorf("corrections: there is no %q", id)
		}
	}
	return append(bytes.TrimRight(bytes.Join(lines, nil), "\n"), '\n'), nil
}
