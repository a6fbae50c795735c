package specdiff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/formats"
	"github.com/heygen-go/heygen/internal/jsonpointer"
	"github.com/heygen-go/heygen/tools/document"
)

// Contradiction is an example that the schema beside it refuses.
type Contradiction struct {
	Pointer string `json:"pointer"` // of what is refused, in the published document
	Text    string `json:"text"`
	Entry   string `json:"entry"` // a correction, YAML, for the end of corrections.yaml; "" if it takes a decision
}

// What is judged, and reported, has an end.
const (
	maxExamples       = 10_000
	maxContradictions = 200
	maxEffort         = 100_000 // schemas that are applied for one example
)

// Contradictions judges the examples of requests and responses of a corrected document. The ids of the entries are none
// that the corrections have. The notes say what is not judged, and which defaults do not fit.
func Contradictions(published, corrected, corrections []byte) ([]Contradiction, []document.Note, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(corrected))
	if err != nil {
		return nil, nil, err
	}
	j := judge{root: root, corrections: string(corrections), seen: map[string]bool{}, found: []Contradiction{}}
	if err := json.Unmarshal(published, &j.published); err != nil {
		return nil, nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseLoader(noLoader{})
	compiler.UseRegexpEngine(j.regexp)
	formats.Assert(compiler)
	const base = "https://document.invalid/openapi.json"
	if err := compiler.AddResource(base, root); err != nil {
		return nil, nil, err
	}
	for i, e := range examplesOf(root) {
		if i == maxExamples || len(j.found) >= maxContradictions {
			j.note(e.at.published, "this example and those after it are not judged: there are too many")
			break
		}
		schema, err := compiler.Compile(base + "#" + (&url.URL{Fragment: e.schema.here}).EscapedFragment())
		if err != nil {
			j.note(e.schema.published, "examples of this schema are not judged: "+strings.ReplaceAll(err.Error(), base, ""))
			continue
		}
		node, _ := e.schema.find(root)
		if effort := (effort{root, maxEffort}); effort.exceeds(e.value, node) {
			j.note(e.at.published, "it is not judged: its schema takes too many steps")
			continue
		}
		j.example(schema, e)
	}
	return j.found, j.notes, nil
}

// noLoader loads nothing: the references of a document lead nowhere else.
type noLoader struct{}

func (noLoader) Load(string) (any, error) { return nil, errors.New("it leads out of the document") }

// regexp compiles a pattern. One that Go's engine does not have, such as one that looks ahead, takes any text.
func (j *judge) regexp(pattern string) (jsonschema.Regexp, error) {
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		j.note("", fmt.Sprintf("the pattern %s is not judged, because Go has none such", pattern))
		return anything(pattern), nil //nolint:nilerr // the note says so
	}
	return compiled, nil
}

type anything string // a pattern

func (anything) MatchString(string) bool { return true }
func (a anything) String() string        { return string(a) }

func (j *judge) note(at, text string) {
	j.notes = withNew(j.notes, document.Note{Where: at, Text: text})
}

// effort counts how many schemas judging a value takes. Schemas that refer to two others each double it at each level.
type effort struct {
	root any
	left int
}

// exceeds reports whether a value and a schema take more than is left.
func (e *effort) exceeds(value, schema any) bool {
	node, ok := schema.(map[string]any)
	if e.left--; !ok || e.left < 0 {
		return e.left < 0
	}
	for keyword, schemas := range node {
		var values []any // that the keyword applies schemas to
		switch keyword {
		case "$ref":
			schemas, _ = document.Dereference(e.root, map[string]any{keyword: schemas}, "")
			values = []any{value}
		case "allOf", "anyOf", "oneOf", "not", "if", "then", "else":
			values = []any{value}
		case "dependentSchemas":
			values, schemas = []any{value}, valuesOf(schemas)
		case "properties":
			for name, member := range objectOf(value) {
				if e.exceeds(member, document.Follow(schemas, name)) {
					return true
				}
			}
		case "patternProperties":
			values, schemas = valuesOf(value), valuesOf(schemas)
		case "additionalProperties", "unevaluatedProperties":
			values = valuesOf(value)
		case "items", "prefixItems", "contains", "unevaluatedItems":
			values, _ = value.([]any)
		}
		each, isList := schemas.([]any)
		if !isList {
			each = []any{schemas}
		}
		for _, value := range values {
			for _, schema := range each {
				if e.exceeds(value, schema) {
					return true
				}
			}
		}
	}
	return false
}

func objectOf(value any) map[string]any {
	members, _ := value.(map[string]any)
	return members
}

// valuesOf returns the values of an object's members.
func valuesOf(value any) []any { return slices.Collect(maps.Values(objectOf(value))) }

type judge struct {
	root        any // the corrected document
	published   any
	corrections string          // and the entries, for ids that are free
	seen        map[string]bool // contradictions that one correction ends
	found       []Contradiction
	notes       []document.Note
}

func (j *judge) example(schema *jsonschema.Schema, e example) {
	refused, _ := errors.AsType[*jsonschema.ValidationError](schema.Validate(e.value))
	all := causes(refused)
	slices.SortStableFunc(all, func(a, b *jsonschema.ValidationError) int {
		return slices.Compare(a.InstanceLocation, b.InstanceLocation)
	})
	for _, cause := range all {
		at := e.at.step(cause.InstanceLocation...).published
		text := cause.ErrorKind.LocalizedString(message.NewPrinter(language.English))
		if e.isDefault {
			j.note(at, "the default does not fit its schema: "+text)
			continue
		}
		entry, held := j.correct(e, cause), heldBy(e.value)
		if j.seen[entry.id] {
			continue
		}
		j.seen[entry.id] = entry.id != ""
		found := Contradiction{Pointer: at, Text: text}
		if len(entry.actions) > 0 && document.Lookup(j.published, entry.pointer) != nil {
			found.Entry = j.render(entry, fmt.Sprintf("the example at %s: %s", at, text))
		}
		if found.Entry == "" {
			found.Text += "; there is no ready correction: decide whether the example or the schema is wrong"
		}
		j.found = append(j.found, found)
		if held != nil && len(cause.InstanceLocation) == 0 {
			e.value = held // what the text holds has to fit as well
			j.example(schema, e)
		}
	}
}

// causes are what makes a schema refuse. Of alternatives (anyOf, oneOf) it is not known which one was meant.
func causes(refused *jsonschema.ValidationError) (found []*jsonschema.ValidationError) {
	if refused == nil {
		return nil
	}
	switch refused.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range refused.Causes {
			found = append(found, causes(cause)...)
		}
		return found
	}
	return []*jsonschema.ValidationError{refused}
}

// heldBy is the object or list that a text holds as JSON, or nil.
func heldBy(value any) any {
	text, _ := value.(string)
	held, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	switch held.(type) {
	case map[string]any, []any:
		if err == nil {
			return held
		}
	}
	return nil
}

// correction makes the schema allow an example, or the example say what it holds. It has no actions if that takes a
// decision.
type correction struct {
	id, reason string
	pointer    string // of the defect in the published document
	actions    []newAction
}

// newAction is an action of a correction, in the order of corrections.yaml.
type newAction struct {
	ID          string `yaml:"x-correction"`
	Description string `yaml:"description,omitempty"`
	Evidence    string `yaml:"x-evidence,omitempty"`
	Pointer     string `yaml:"x-pointer,omitempty"`
	Target      string `yaml:"target"`
	Remove      bool   `yaml:"remove,omitempty"`
	Update      any    `yaml:"update,omitempty"`
}

// correct knows the kinds of contradiction that HeyGen's pages have had.
func (j *judge) correct(e example, cause *jsonschema.ValidationError) correction {
	if held := heldBy(e.value); held != nil && len(cause.InstanceLocation) == 0 {
		names := jsonpointer.Split(e.at.here)
		around := place{document.ParentOf(e.at.here), document.ParentOf(e.at.published)}
		return correction{e.at.name() + " text", "The example is the JSON that its text holds.", e.at.published,
			j.replace(around, names[len(names)-1], held)}
	}
	schema, node := j.schemaOf(e.schema, cause.InstanceLocation)
	name := schema.name()
	text, isText := document.Follow(e.value, cause.InstanceLocation...).(string)
	switch k := cause.ErrorKind.(type) {
	case *kind.Type:
		if k.Got == "null" {
			return correction{name + " null", name + " may be null.", schema.published + "/type",
				j.replace(schema, "type", []any{node["type"], "null"})}
		}
	case *kind.Format:
		if formats.Has(localTime, text) {
			return correction{name + " zone", name + " has no time zone.", schema.published + "/format",
				j.replace(schema, "format", localTime)}
		}
	case *kind.Required:
		member := k.Missing[0]
		return correction{member + " optional", member + " may be missing.", schema.published + "/required",
			[]newAction{{Target: pathOf(schema.here) + ".required[?@ == " + quoted(member) + "]", Remove: true}}}
	case *kind.Enum:
		if first, ok := document.Follow(node, "enum", "0").(string); ok && isText {
			target := fmt.Sprintf("%s[?@[0] == %s && !@[?@ == %s]]", pathOf(schema.here), quoted(first), quoted(text))
			return correction{name + " " + text, fmt.Sprintf("%s may be %q.", name, text), schema.published + "/enum",
				[]newAction{{Target: target, Update: []string{text}}}}
		}
	}
	return correction{}
}

const localTime = "date-time-local"

// schemaOf finds the schema of a part of an instance, if plain members and lists lead there.
func (j *judge) schemaOf(at place, instance []string) (place, map[string]any) {
	node, at := at.find(j.root)
	for _, name := range instance {
		next := at.step("properties", name)
		if document.Follow(node, "properties", name) == nil {
			next = at.step("items")
		}
		node, at = next.find(j.root)
	}
	schema, _ := node.(map[string]any)
	return at, schema
}

// replace removes a member, which it knows by its text, and adds another value. If another member has the same text it
// has no actions.
func (j *judge) replace(around place, member string, value any) []newAction {
	node, _ := document.Follow(j.root, jsonpointer.Split(around.here)...).(map[string]any)
	old, ok := node[member].(string)
	for name, text := range node {
		ok = ok && (name == member || text != old)
	}
	if !ok {
		return nil
	}
	path := pathOf(around.here)
	return []newAction{
		{Target: path + "[?@ == " + quoted(old) + "]", Remove: true},
		{Target: path, Update: map[string]any{member: value}},
	}
}

// render writes a correction as it stands in the list of corrections.yaml; "" if it holds control characters.
func (j *judge) render(c correction, evidence string) string {
	id := strings.Trim(unfit.ReplaceAllString(strings.ToLower(c.id), "-"), "-")
	for unique, i := id, 2; strings.Contains(j.corrections, "x-correction: "+id+"\n"); i++ {
		id = unique + "-" + strconv.Itoa(i)
	}
	for i := range c.actions {
		c.actions[i].ID = id
	}
	c.actions[0].Description, c.actions[0].Evidence, c.actions[0].Pointer = plain(c.reason), plain(evidence), c.pointer
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	_ = encoder.Encode(c.actions) // into memory, and of texts and JSON
	if strings.ContainsFunc(text.String(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
		return "" // it could not be shown as it has to be pasted
	}
	entry := "  " + strings.ReplaceAll(strings.TrimSuffix(text.String(), "\n"), "\n", "\n  ") + "\n"
	j.corrections += entry
	return entry
}

// name is that of the member, example or response that a place is about.
func (p place) name() string {
	names := jsonpointer.Split(p.published)
	for i := len(names) - 1; i > 0; i-- {
		switch names[i-1] {
		case "properties", "examples", "responses":
			return names[i]
		}
	}
	return "request"
}

var (
	dotted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	index  = regexp.MustCompile(`^[0-9]+$`)
)

// pathOf is the JSONPath of a JSON pointer. A number is an index, but for a status.
func pathOf(pointer string) string {
	path, previous := "$", ""
	for _, name := range jsonpointer.Split(pointer) {
		switch {
		case index.MatchString(name) && previous != "responses":
			path += "[" + name + "]"
		case dotted.MatchString(name):
			path += "." + name
		default:
			path += "[" + quoted(name) + "]"
		}
		previous = name
	}
	return path
}

// quoted is a text in a JSONPath.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + "'"
}
