package revision

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/formats"
)

// writer makes candidates of contradictions.
type writer struct {
	root      object // the corrected document
	published object
	taken     map[string]bool // ids of corrections
	undecided map[string]bool // places of schemas whose examples show both the type they say and another
}

// candidate makes one of contradictions that have one cause.
func (w *writer) candidate(all []contradiction) Candidate {
	c := all[0]
	example, _ := w.pointer(slices.Concat(c.example.path, c.instance))
	pointer, published := w.pointer(c.schema.step(c.keywords()...).path)
	candidate := Candidate{
		Pointer: pointer, Text: fmt.Sprintf("%s %s; the schema says %s", example, c.wrong(), w.demand(c)),
	}
	if len(all) > 1 {
		candidate.Text += fmt.Sprintf("; and %d more like it", len(all)-1)
	}
	if id, reason, actions := w.correction(all); !published {
		candidate.Text += ", which a correction made of it: mend that one"
	} else if len(actions) > 0 {
		actions[0].Description, actions[0].Evidence = reason, c.evidence()
		actions[0].Pointer = pointer
		if c.held != nil {
			actions[0].Pointer = example
		}
		id = w.free(id)
		for i := range actions {
			actions[i].ID = id
		}
		candidate.Entry = render(actions)
	} else {
		candidate.Text += "; decide which of them is wrong: there is no ready correction"
	}
	return candidate
}

// keywords are none or one.
func (c contradiction) keywords() []string {
	if c.keyword == "" {
		return nil
	}
	return []string{c.keyword}
}

// wrong says what is refused.
func (c contradiction) wrong() string {
	switch {
	case c.held != nil:
		return "is a text that holds JSON"
	case c.keyword == "required":
		return "lacks " + c.member
	case c.member != "":
		return "has a member " + c.member
	}
	return "is " + says(c.got)
}

// demand is what the schema says.
func (w *writer) demand(c contradiction) string {
	schema := resolve(w.root, "#"+c.schema.here)
	node, _ := schema.(object)
	switch {
	case c.broken != nil:
		return "what cannot be understood: " + plain(c.broken.Error())
	case c.keyword == "":
		return says(schema)
	}
	return c.keyword + ": " + says(node[c.keyword])
}

func (c contradiction) evidence() string {
	name := "the example of " + c.example.subject()
	if path := c.example.path; !slices.Contains(path, "schema") {
		name = "example " + strings.TrimPrefix(c.example.subject(), "response ")
		if path[len(path)-1] == "value" {
			name += " " + path[len(path)-2]
		}
	}
	if len(c.instance) == 0 {
		return plain(name + " " + c.wrong())
	}
	return plain(name + ": " + strings.Join(c.instance, ".") + " " + c.wrong())
}

// subject is the name of the member that a place is about, or else of what it is in.
func (p location) subject() string {
	name := "document"
	for i, token := range p.path {
		if i == 0 {
			continue
		}
		switch around := p.path[i-1]; {
		case around == "properties":
			name = token
		case token == "items":
			name = "an item of " + name
		case token == "requestBody":
			name = "request"
		case around == "responses", around == "parameters", around == "headers":
			name = strings.TrimSuffix(around, "s") + " " + token
		}
	}
	return plain(name)
}

// newAction is an action of a correction, in the order of api/corrections.yaml.
type newAction struct {
	ID          string     `yaml:"x-correction"`
	Description string     `yaml:"description,omitempty"`
	Evidence    string     `yaml:"x-evidence,omitempty"`
	Pointer     string     `yaml:"x-pointer,omitempty"`
	Target      string     `yaml:"target"`
	Remove      bool       `yaml:"remove,omitempty"`
	Update      *yaml.Node `yaml:"update,omitempty"`
}

// correction makes the schema allow what the examples show, or the example say what it holds. It has no actions if that
// takes a decision.
func (w *writer) correction(all []contradiction) (id, reason string, actions []newAction) {
	c := all[0]
	subject, got := c.schema.subject(), says(c.got)
	schema, _ := resolve(w.root, "#"+c.schema.here).(object)
	switch c.keyword {
	case "type":
		if c.held != nil {
			around, member := c.example.last()
			return subject + " example", "The example is what its text holds.",
				w.replace(around, member, object{member: c.held}, "")
		}
		id, reason, actions = w.typeCorrection(all, schema)
		return id, reason, w.withEnum(actions, all, schema)
	case "enum":
		return subject + " " + got, subject + " may be " + got + ".", w.extend(c.schema, "enum", c.got)
	case "const":
		if _, ok := schema["enum"]; ok || literal(c.got) == "" {
			return "", "", nil
		}
		return subject + " const", subject + " may be " + got + ".",
			w.replace(c.schema, "const", object{"enum": []any{schema["const"], c.got}}, "")
	case "required":
		target := w.path(c.schema.step("required")) + "[?@ == " + literal(c.member) + "]"
		return c.member + " optional", plain(c.member) + " may be missing.", []newAction{{Target: target, Remove: true}}
	case "additionalProperties", "unevaluatedProperties":
		var unnamed strings.Builder // the vendor may name the members, too
		for _, c := range all {
			unnamed.WriteString(" && (!" + w.path(c.schema.step("properties", c.member)) + ")")
		}
		return subject + " open", subject + " may have members that the document does not name.",
			w.replace(c.schema, c.keyword, object{"unevaluatedProperties": true}, unnamed.String())
	case "format":
		update := object{}
		if !slices.ContainsFunc(all, func(c contradiction) bool { return !isLocalTime(c.got) }) {
			update["format"] = dateTimeLocal
		}
		return subject + " format", fmt.Sprintf("%s does not have the format %s.", subject, says(schema["format"])),
			w.replace(c.schema, "format", update, "")
	case "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
		"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties":
		return subject + " " + c.keyword, fmt.Sprintf("%s does not keep to %s.", subject, w.demand(c)),
			w.replace(c.schema, c.keyword, object{}, "")
	}
	return "", "", nil
}

const dateTimeLocal = "date-time-local"

func isLocalTime(value any) bool {
	text, ok := value.(string)
	return ok && formats.Has(dateTimeLocal, text)
}

// typeCorrection adds null to a type, and puts what the examples show in the place of a type that none shows.
func (w *writer) typeCorrection(all []contradiction, schema object) (id, reason string, actions []newAction) {
	c := all[0]
	var kinds []any
	for _, c := range all {
		if kind := any(typeOf(c.got)); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	id, reason = c.schema.subject()+" type", c.schema.subject()+" is of another type."
	if c.got == nil {
		id, reason = c.schema.subject()+" null", c.schema.subject()+" may be null."
	}
	if _, ok := schema["type"].([]any); ok {
		return id, reason, w.extend(c.schema, "type", kinds...)
	}
	if w.undecided[c.schema.here] || reflect.DeepEqual(kinds, []any{"null"}) {
		kinds = append([]any{schema["type"]}, kinds...)
	}
	if len(kinds) == 1 {
		return id, reason, w.replace(c.schema, "type", object{"type": kinds[0]}, "")
	}
	return id, reason, w.replace(c.schema, "type", object{"type": kinds}, "")
}

// withEnum lists in an enum what a schema refused for its type, which it looked at first. A constant takes a decision.
func (w *writer) withEnum(actions []newAction, all []contradiction, schema object) []newAction {
	var values []any
	for _, c := range all {
		listed := func(value any) bool { return literal(value) == literal(c.got) }
		if !slices.ContainsFunc(values, listed) {
			values = append(values, c.got)
		}
	}
	if _, ok := schema["const"]; ok {
		return nil
	}
	if _, ok := schema["enum"]; ok && len(actions) > 0 {
		actions = append(actions, newAction{Target: w.path(all[0].schema.step("enum")), Update: block(values)})
	}
	return actions
}

// typeOf is the type of a JSON value.
func typeOf(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case object:
		return "object"
	case json.Number:
		if number, ok := new(big.Rat).SetString(value.String()); ok && number.IsInt() {
			return "integer"
		}
	}
	return "number"
}

// replace removes a member, which it knows by its value and by what else guards it, and adds others. Members of the
// same value are removed with it, and come back.
func (w *writer) replace(around location, member string, added object, guard string) []newAction {
	node, _ := resolve(w.root, "#"+around.here).(object)
	value := literal(node[member])
	if value == "" {
		return nil
	}
	added = maps.Clone(added)
	same := ""
	for name, other := range node {
		if name != member && literal(other) == value {
			added[name] = other
			same = " && " + w.path(around.step(member)) + " == " + value
		}
	}
	actions := []newAction{{Target: w.path(around) + "[?@ == " + value + same + guard + "]", Remove: true}}
	if len(added) > 0 {
		actions = append(actions, newAction{Target: w.path(around), Update: block(added)})
	}
	return actions
}

// extend adds values to a list, which it knows by its first value and by the lack of them.
func (w *writer) extend(around location, member string, values ...any) []newAction {
	node, _ := resolve(w.root, "#"+around.here).(object)
	first := firstOf(node[member])
	if first == "" || slices.ContainsFunc(values, func(value any) bool { return literal(value) == "" }) {
		return nil
	}
	for name, other := range node {
		if name != member && firstOf(other) == first {
			return nil // the guard could not tell them apart
		}
	}
	target := fmt.Sprintf("%s[?@[0] == %s && !@[?@ == %s]]", w.path(around), first, literal(values[0]))
	return []newAction{{Target: target, Update: block(values)}}
}

func firstOf(value any) string {
	list, _ := value.([]any)
	if len(list) == 0 {
		return ""
	}
	return literal(list[0])
}

// literal is a value in a JSONPath filter, or "" if it cannot be in one.
func literal(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(value)
	case string:
		return quoted(value)
	case json.Number:
		if number, err := value.Float64(); err == nil && math.Abs(number) < 1<<53 {
			return strconv.FormatFloat(number, 'f', -1, 64)
		}
	}
	return ""
}

func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(text) + "'"
}

var dotted = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// path is the JSONPath of a place.
func (w *writer) path(p location) string {
	var b strings.Builder
	b.WriteByte('$')
	var node any = w.root
	for token := range strings.SplitSeq(p.here[1:], "/") {
		name := unescape.Replace(token)
		switch _, list := node.([]any); {
		case list:
			b.WriteString("[" + name + "]")
		case dotted.MatchString(name):
			b.WriteString("." + name)
		default:
			b.WriteString("[" + quoted(name) + "]")
		}
		node = follow(node, []string{name})
	}
	return b.String()
}

// pointer is where names lead to in the published document, or as far as they lead there.
func (w *writer) pointer(names []string) (pointer string, whole bool) {
	var p location
	var node any = w.published
	for _, name := range names {
		parent, _ := node.(object)
		if _, ok := parent[name]; !ok && follow(node, []string{name}) == nil {
			return p.here, false
		}
		node, p = dereferenced(w.published, p.step(name))
	}
	return p.here, true
}

var unfitForID = regexp.MustCompile(`[^a-z0-9]+`)

// free makes an id of words that no correction has.
func (w *writer) free(words string) string {
	id := strings.Trim(unfitForID.ReplaceAllString(strings.ToLower(words), "-"), "-")
	unique := id
	for i := 2; w.taken[unique]; i++ {
		unique = id + "-" + strconv.Itoa(i)
	}
	w.taken[unique] = true
	return unique
}

// says is a value as JSON, in one line and cut short.
func says(value any) string {
	text, _ := json.Marshal(value) // it was JSON
	return cut(plain(string(text)))
}

// render writes actions as they stand in the list of api/corrections.yaml.
func render(actions []newAction) string {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	_ = encoder.Encode(actions) // into memory, and of what was JSON
	var entry strings.Builder
	for line := range strings.Lines(text.String()) {
		entry.WriteString("  " + line)
	}
	return entry.String()
}

// block is a JSON value as YAML, with lists on one line.
func block(value any) *yaml.Node {
	text, _ := json.Marshal(value) // it was JSON
	var document yaml.Node
	_ = yaml.Unmarshal(text, &document) // JSON as json writes it is YAML
	node := document.Content[0]
	restyle(node)
	return node
}

func restyle(node *yaml.Node) {
	node.Style = 0
	if node.Kind == yaml.SequenceNode {
		node.Style = yaml.FlowStyle
	}
	for _, child := range node.Content {
		restyle(child)
	}
}
