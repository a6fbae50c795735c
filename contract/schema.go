package contract

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/heygen-go/heygen/internal/formats"
)

// location is that of the document for the schema library. Nothing is read from it.
const location = "https://document.invalid/openapi.json"

// schemaPlaces are where a document has schemas, so that the library knows them, and what they call themselves by
// $id and $anchor, before it compiles the first one; else it takes long, too. "*" is any member, "[]" any item, ITEM a
// path.
const schemaPlaces = `
	components/schemas/*
	components/parameters/*/schema components/parameters/*/content/*/schema
	components/headers/*/schema components/headers/*/content/*/schema
	components/requestBodies/*/content/*/schema components/responses/*/content/*/schema
	components/responses/*/headers/*/schema components/responses/*/headers/*/content/*/schema
	ITEM/parameters/[]/schema ITEM/parameters/[]/content/*/schema
	ITEM/*/parameters/[]/schema ITEM/*/parameters/[]/content/*/schema
	ITEM/*/requestBody/content/*/schema ITEM/*/responses/*/content/*/schema
	ITEM/*/responses/*/headers/*/schema ITEM/*/responses/*/headers/*/content/*/schema`

func libraryPlaces() (places []jsonschema.SchemaPath) {
	inPaths, inComponents := strings.NewReplacer("ITEM", "paths/*"), strings.NewReplacer("ITEM", "components/pathItems/*")
	for path := range strings.FieldsSeq(inPaths.Replace(schemaPlaces) + inComponents.Replace(schemaPlaces)) {
		var place jsonschema.SchemaPath
		for token := range strings.SplitSeq(path, "/") {
			switch token {
			case "*":
				place = append(place, jsonschema.AllProp{})
			case "[]":
				place = append(place, jsonschema.AllItem{})
			default:
				place = append(place, jsonschema.Prop(token))
			}
		}
		places = append(places, place)
	}
	return places
}

// metaschema is the schema of schemas.
var metaschema = sync.OnceValue(func() *jsonschema.Schema {
	return jsonschema.NewCompiler().MustCompile(dialect2020)
})

const dialect2020 = "https://json-schema.org/draft/2020-12/schema"

// schemas compiles the schemas of a document, each once, as they are there: kin-openapi, which uses the same library,
// does it at every call (https://github.com/getkin/kin-openapi/pull/1186).
type schemas struct {
	document map[string]any
	compiler *jsonschema.Compiler
	limit    *steps
	visits   int
	complete bool // no more are compiled
	roots    []*jsonschema.Schema
	reach    map[*jsonschema.Schema]bool // all that the roots are made of and refer to
	good     map[*jsonschema.Schema]bool // roots and targets of references that are schemas
}

func newSchemas(document map[string]any, limit *steps) (*schemas, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	formats.Assert(compiler)
	s := &schemas{
		document: document, compiler: compiler, limit: limit,
		reach: map[*jsonschema.Schema]bool{}, good: map[*jsonschema.Schema]bool{},
	}
	compiler.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) {
		compiled, err := parsePattern(text)
		if err == nil || s.complete && errors.Is(err, errNoPattern) { // a text of the format regex
			return compiled, err
		}
		return unknownPattern{text}, nil
	})
	compiler.AssertVocabs()
	compiler.RegisterVocabulary(&jsonschema.Vocabulary{
		URL: location + "#openapi", Schema: &jsonschema.Schema{}, Subschemas: libraryPlaces(),
		Compile: func(*jsonschema.CompilerContext, map[string]any) (jsonschema.SchemaExt, error) { return limit, nil },
	})
	resource := maps.Clone(document)
	maps.DeleteFunc(resource, func(name string, _ any) bool { // the document itself is no schema
		return name != "paths" && name != "components" && name != "webhooks" && !strings.HasPrefix(name, "x-")
	})
	return s, compiler.AddResource(location, resource)
}

// maxVisits is how many schemas are looked at in all, because those with an unknown pattern are looked at again from
// every place that refers to them.
const maxVisits = 1 << 17

// compile compiles the schema at a place. It returns the reason for which it cannot be judged, and an error if
// something in its reach is no schema, or refers to itself without end.
func (s *schemas) compile(at string) (compiled *jsonschema.Schema, unknown string, err error) {
	root, err := s.compiler.Compile(location + "#" + (&url.URL{Fragment: at}).EscapedFragment())
	if err != nil {
		return nil, "", fmt.Errorf("%q: %s", "#"+at, strings.ReplaceAll(err.Error(), location, ""))
	}
	if err := s.check(root); err != nil {
		return nil, "", err
	}
	s.roots = append(s.roots, root)
	seen, queue := map[*jsonschema.Schema]bool{}, []*jsonschema.Schema{root}
	var visit func(schema *jsonschema.Schema, open []*jsonschema.Schema) error
	visit = func(schema *jsonschema.Schema, open []*jsonschema.Schema) error {
		if slices.Contains(open, schema) {
			return fmt.Errorf("%s: refers to itself without end", placeOf(schema))
		}
		if seen[schema] || s.reach[schema] {
			return nil
		}
		seen[schema] = true
		s.visits++
		patterns := append(slices.Collect(maps.Keys(schema.PatternProperties)), schema.Pattern)
		if slices.ContainsFunc(patterns, func(p jsonschema.Regexp) bool { _, is := p.(unknownPattern); return is }) {
			unknown = "the pattern of " + placeOf(schema) + " is not one of ECMA-262, or none that can be run"
		}
		for _, same := range ofSameValue(schema) {
			if same == schema.Ref || schema.DynamicRef != nil {
				if err := s.check(same); err != nil {
					return err
				}
			}
			s.good[same] = true // as a part of what was checked
			if err := visit(same, append(open, schema)); err != nil {
				return err
			}
		}
		for _, part := range ofParts(schema) {
			s.good[part] = true
			queue = append(queue, part) // later, so that a loop is seen however it is entered
		}
		return nil
	}
	for ; len(queue) > 0; queue = queue[1:] {
		if s.visits > maxVisits {
			return nil, "it refers to too many schemas", nil
		}
		if err := visit(queue[0], nil); err != nil {
			return nil, "", err
		}
	}
	if unknown != "" {
		return nil, unknown, nil
	}
	maps.Copy(s.reach, seen)
	s.limit.on = s.limit.on || work(root, maxWork) <= 0
	return root, "", nil
}

// check returns an error if what was compiled is no schema: the library takes no notice of what it does not know.
func (s *schemas) check(schema *jsonschema.Schema) error {
	if schema.DraftVersion != 2020 {
		return fmt.Errorf("%s: $schema is an older draft of JSON Schema", placeOf(schema))
	}
	if s.good[schema] {
		return nil
	}
	s.good[schema] = true
	at, err := url.Parse(schema.Location)
	if err != nil || !strings.HasPrefix(schema.Location, location) {
		return nil //nolint:nilerr // one of the library's own
	}
	value, _ := lookup(s.document, at.Fragment)
	if found := schemaFindings(metaschema(), value); len(found) > 0 {
		return fmt.Errorf("%q: not a schema: %s: %s", "#"+at.Fragment+found[0].Pointer, found[0].Keyword, found[0].Detail)
	}
	return nil
}

// placeOf is where a schema is in the document, quoted.
func placeOf(schema *jsonschema.Schema) string {
	return strconv.Quote(strings.TrimPrefix(schema.Location, location))
}

// ofSameValue returns the schemas that a schema applies to the value that it is applied to itself.
func ofSameValue(s *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else}
	if s.DynamicRef != nil {
		list = append(list, s.DynamicRef.Ref)
	}
	list = slices.Concat(list, s.AllOf, s.AnyOf, s.OneOf, slices.Collect(maps.Values(s.DependentSchemas)))
	for _, dependency := range s.Dependencies { // which the library knows in every draft
		schema, _ := dependency.(*jsonschema.Schema)
		list = append(list, schema)
	}
	return slices.DeleteFunc(list, isNil)
}

// ofParts returns the schemas that a schema applies to members and items of a value.
func ofParts(s *jsonschema.Schema) []*jsonschema.Schema {
	additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
	return slices.DeleteFunc(slices.Concat(
		[]*jsonschema.Schema{
			s.PropertyNames, additional, s.UnevaluatedProperties, s.Contains, s.Items2020, s.UnevaluatedItems,
		},
		s.PrefixItems, slices.Collect(maps.Values(s.Properties)), slices.Collect(maps.Values(s.PatternProperties)),
	), isNil)
}

func isNil(s *jsonschema.Schema) bool { return s == nil }

// work counts the schemas that a check may apply, as far as to a limit, which those that refer to themselves reach.
func work(schema *jsonschema.Schema, left int) int {
	left--
	if schema.DynamicRef != nil { // may lead to others
		return 0
	}
	for _, next := range append(ofSameValue(schema), ofParts(schema)...) {
		if left <= 0 {
			return 0
		}
		left = work(next, left)
	}
	return left
}

const (
	maxWork    = 1000    // schemas that a check may apply without a limit on its steps
	stepsAtAll = 1 << 17 // of a check: schemas that it applies
	stepsEach  = 100     // more for each value in a body, because alternatives of many schemas are of use
)

// steps limits the schemas that are applied in one check, if it is on: if some check may not end soon. The library has
// no other way to end a check.
type steps struct {
	on bool
	sync.Mutex
	left int
}

type tooManySteps struct{}

// Validate counts the schema that is applied. Deep in a value that takes longer, because errors hold the place.
func (s *steps) Validate(ctx *jsonschema.ValidatorContext, _ any) {
	if !s.on {
		return
	}
	if s.left -= 1 + len(ctx.ValueLocation())/16; s.left < 0 {
		panic(tooManySteps{}) // caught by Contract.judge
	}
}

// count returns the number of values in a value, itself included.
func count(value any) int {
	all := 1
	switch value := value.(type) {
	case map[string]any:
		for _, member := range value {
			all += count(member)
		}
	case []any:
		for _, item := range value {
			all += count(item)
		}
	}
	return all
}

// judge returns the places where a value does not fit a schema. A nil schema fits.
func (c *Contract) judge(schema *jsonschema.Schema, value any) (findings []Finding) {
	if schema == nil {
		return nil
	}
	if c.limit.on {
		c.limit.Lock()
		defer c.limit.Unlock()
		c.limit.left = stepsAtAll + stepsEach*count(value)
	}
	defer func() {
		switch cause := recover(); cause.(type) {
		case nil:
		case tooManySteps:
			findings = []Finding{{Keyword: "size", Detail: "takes too long to check by its schema"}}
		default:
			panic(cause)
		}
	}()
	return schemaFindings(schema, value)
}

// open removes every "unevaluatedProperties": true of schemas of which none closes an object. There it means nothing,
// but costs more than a tenth of the time of a check.
func (s *schemas) open() {
	for schema := range s.reach {
		if closed := schema.UnevaluatedProperties; closed != nil && (closed.Bool == nil || !*closed.Bool) {
			return
		}
	}
	for schema := range s.reach {
		schema.UnevaluatedProperties = nil
	}
}

// close forbids every member of an object that the document does not name: by the schemas that are applied to whole
// values, because those they are made of know of some members alone.
func (s *schemas) close() {
	whole, madeOf := slices.Clone(s.roots), map[*jsonschema.Schema]bool{}
	var mark func(schema *jsonschema.Schema)
	mark = func(schema *jsonschema.Schema) {
		for _, same := range ofSameValue(schema) {
			if !madeOf[same] {
				madeOf[same] = true
				mark(same)
			}
		}
	}
	for schema := range s.reach {
		whole = append(whole, ofParts(schema)...)
		if !isReference(schema) {
			mark(schema)
		}
	}
	no := false
	for _, schema := range whole {
		for isReference(schema) && !madeOf[schema.Ref] {
			schema = schema.Ref // whose findings hide none of its members
		}
		closed := schema.UnevaluatedProperties
		if (closed == nil || closed.Bool != nil && *closed.Bool) && namesMembers(schema) {
			schema.UnevaluatedProperties = &jsonschema.Schema{
				Bool: &no, DraftVersion: schema.DraftVersion, Location: schema.Location + "/unevaluatedProperties",
			}
		}
	}
}

// isReference reports whether a schema is a $ref, and makes no demands of its own on an object.
func isReference(schema *jsonschema.Schema) bool {
	return schema.Ref != nil && len(ofSameValue(schema)) == 1 && len(ofParts(schema)) == 0
}

// namesMembers reports whether a schema names members of an object. One that names none is about any: data of an event.
func namesMembers(schema *jsonschema.Schema) bool {
	return slices.ContainsFunc(applied([]*jsonschema.Schema{schema}), func(s *jsonschema.Schema) bool {
		return s.Properties != nil || s.PatternProperties != nil
	})
}

// applied returns schemas and all that they apply to the same value, but for what it must not fit.
func applied(schemas []*jsonschema.Schema) (found []*jsonschema.Schema) {
	seen := map[*jsonschema.Schema]bool{nil: true}
	var find func(s *jsonschema.Schema)
	find = func(s *jsonschema.Schema) {
		if seen[s] {
			return
		}
		seen[s] = true
		found = append(found, s)
		for _, same := range ofSameValue(s) {
			if same != s.Not {
				find(same)
			}
		}
	}
	for _, schema := range schemas {
		find(schema)
	}
	return found
}

// schemaFindings returns the places where a value does not fit a schema, in the order of the pointers.
func schemaFindings(schema *jsonschema.Schema, value any) []Finding {
	var invalid *jsonschema.ValidationError
	if !errors.As(schema.Validate(value), &invalid) {
		return nil
	}
	findings := causes(invalid)
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Keyword+a.Detail, b.Keyword+b.Detail))
	})
	return findings
}

// causes turns an error of the schema library into findings. Its texts are not used: they print values.
func causes(invalid *jsonschema.ValidationError) (findings []Finding) {
	found := Finding{Pointer: pointer(invalid.InstanceLocation), Keyword: keyword(invalid)}
	switch k := invalid.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range invalid.Causes {
			findings = append(findings, causes(cause)...)
		}
		return findings
	case *kind.Required:
		for _, name := range k.Missing {
			found.Detail = fmt.Sprintf("member %s is missing", name)
			findings = append(findings, found)
		}
		return findings
	case *kind.AnyOf, *kind.OneOf:
		var details []string
		for _, cause := range invalid.Causes {
			for _, f := range causes(cause) {
				details = append(details, f.Detail)
			}
		}
		found.Detail = "fits none of the alternatives: " + strings.Join(details, "; ")
	case *kind.Type:
		slices.Reverse(k.Want) // null comes first
		found.Detail = fmt.Sprintf("want %s, got %s", strings.Join(k.Want, " or "), k.Got)
	case *kind.Enum:
		found.Detail = fmt.Sprintf("want one of %v", k.Want)
	case *kind.Format:
		found.Detail = "not a " + k.Want
	case *kind.FalseSchema:
		found.Detail = "the document names no such member"
	default:
		found.Detail = "does not satisfy " + found.Keyword
	}
	return []Finding{found}
}

func keyword(invalid *jsonschema.ValidationError) string {
	if path := invalid.ErrorKind.KeywordPath(); len(path) > 0 {
		return path[0]
	}
	return invalid.SchemaURL[strings.LastIndexByte(invalid.SchemaURL, '/')+1:] // a schema that is just false
}

// plain matches the names of members that are shown. A name that the document does not give could hold a value.
var plain = regexp.MustCompile(`^([A-Za-z_]{1,40}[0-9]{0,3}[A-Za-z_]{0,40}|[0-9]{1,7})$`)

// maxDepth is how deep a place in a body is shown: deeper than documents go.
const maxDepth = 32

// pointer is the JSON pointer of a place in a body, cut short at a name that is not plain.
func pointer(tokens []string) string {
	var text strings.Builder
	for _, token := range tokens[:min(len(tokens), maxDepth)] {
		if !plain.MatchString(token) {
			break
		}
		text.WriteString("/" + token) // a plain name needs no escape
	}
	return text.String()
}
