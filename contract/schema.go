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
// $id and $anchor, before it compiles the first one. "*" is any member or item.
func schemaPlaces() (places []jsonschema.SchemaPath) {
	content := []string{"content/*/schema", "content/*/itemSchema"}
	typed := append([]string{"schema"}, content...)
	within := func(prefixes, rests []string) (paths []string) {
		for _, prefix := range prefixes {
			for _, rest := range rests {
				paths = append(paths, prefix+"/"+rest)
			}
		}
		return paths
	}
	response := slices.Concat(content, within([]string{"headers/*"}, typed))
	operation := slices.Concat(within([]string{"parameters/[]"}, typed), within([]string{"requestBody"}, content),
		within([]string{"responses/*"}, response))
	item := slices.Concat(within([]string{"parameters/[]"}, typed), within([]string{"*"}, operation))
	for _, path := range slices.Concat([]string{"components/schemas/*"},
		within([]string{"paths/*", "components/pathItems/*"}, item),
		within([]string{"components/parameters/*", "components/headers/*"}, typed),
		within([]string{"components/requestBodies/*"}, content), within([]string{"components/responses/*"}, response)) {
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

// compile compiles the schemas that some pointers point at, each once, as they are in the document: kin-openapi, which
// uses the same library, does it at every call (https://github.com/getkin/kin-openapi/pull/1186). With a limit it
// applies to each check of a value.
func compile(document map[string]any, pointers []string, limit *steps) (map[string]*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	formats.Assert(compiler)
	compiler.UseRegexpEngine(compilePattern)
	compiler.AssertVocabs()
	compiler.RegisterVocabulary(&jsonschema.Vocabulary{
		URL: location + "#openapi", Schema: &jsonschema.Schema{}, Subschemas: schemaPlaces(),
		Compile: func(*jsonschema.CompilerContext, map[string]any) (jsonschema.SchemaExt, error) {
			if limit == nil {
				return nil, nil //nolint:nilnil // as the library wants it
			}
			return limit, nil
		},
	})
	resource := maps.Clone(document)
	maps.DeleteFunc(resource, func(name string, _ any) bool { // the document itself is no schema
		return name != "paths" && name != "components" && name != "webhooks" && !strings.HasPrefix(name, "x-")
	})
	if err := compiler.AddResource(location, resource); err != nil {
		return nil, err
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, pointer := range pointers {
		schema, err := compiler.Compile(location + "#" + (&url.URL{Fragment: pointer}).EscapedFragment())
		if err != nil {
			return nil, fmt.Errorf("%q: %s", "#"+pointer, strings.ReplaceAll(err.Error(), location, ""))
		}
		compiled[pointer] = schema
	}
	return compiled, nil
}

// reach is what schemas are made of and refer to.
type reach struct {
	document map[string]any // to look what is in the reach up; nil to take it for good
	seen     map[*jsonschema.Schema]bool
	targets  map[*jsonschema.Schema]bool // of references
	queue    []*jsonschema.Schema
	unknown  []string // places of unknown patterns
	closes   bool     // some unevaluatedProperties is not true
}

// add adds the reach of a schema. It returns an error if something there is no schema, or refers to itself without end.
func (r *reach) add(root *jsonschema.Schema) error {
	if r.seen == nil {
		r.seen, r.targets = map[*jsonschema.Schema]bool{}, map[*jsonschema.Schema]bool{}
	}
	if err := r.check(root); err != nil {
		return err
	}
	r.queue = append(r.queue, root)
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue = r.queue[1:]
		if err := r.visit(next, nil); err != nil {
			return err
		}
	}
	return nil
}

// visit visits the schemas that are applied to the value that a schema is applied to, and queues those of its parts.
func (r *reach) visit(schema *jsonschema.Schema, open []*jsonschema.Schema) error {
	if slices.Contains(open, schema) {
		return fmt.Errorf("%s: refers to itself without end", placeOf(schema))
	}
	if r.seen[schema] {
		return nil
	}
	r.seen[schema] = true
	patterns := append(slices.Collect(maps.Keys(schema.PatternProperties)), schema.Pattern)
	if slices.ContainsFunc(patterns, func(p jsonschema.Regexp) bool { _, is := p.(unknownPattern); return is }) {
		r.unknown = append(r.unknown, placeOf(schema))
	}
	if closed := schema.UnevaluatedProperties; closed != nil && (closed.Bool == nil || !*closed.Bool) {
		r.closes = true
	}
	for _, same := range ofSameValue(schema) {
		if same == schema.Ref || schema.DynamicRef != nil {
			if err := r.check(same); err != nil {
				return err
			}
		}
		if err := r.visit(same, append(open, schema)); err != nil {
			return err
		}
	}
	r.queue = append(r.queue, ofParts(schema)...)
	return nil
}

// check returns an error if what a reference leads to is no schema: the library takes no notice of what it does not
// know.
func (r *reach) check(schema *jsonschema.Schema) error {
	if r.document == nil || r.targets[schema] {
		return nil
	}
	r.targets[schema] = true
	return isSchema(r.document, schema)
}

// placeOf is where a schema is in the document, quoted.
func placeOf(schema *jsonschema.Schema) string {
	return strconv.Quote(strings.TrimPrefix(schema.Location, location))
}

// isSchema returns an error if what was compiled is no schema.
func isSchema(document map[string]any, schema *jsonschema.Schema) error {
	if schema.DraftVersion != 2020 {
		return fmt.Errorf("%s: $schema is an older draft of JSON Schema", placeOf(schema))
	}
	at, err := url.Parse(schema.Location)
	if err != nil || !strings.HasPrefix(schema.Location, location) {
		return nil //nolint:nilerr // one of the library's own
	}
	value, _ := lookup(document, at.Fragment)
	var invalid *jsonschema.ValidationError
	if !errors.As(metaschema().Validate(value), &invalid) {
		return nil
	}
	if found := causes(invalid); len(found) > 0 {
		return fmt.Errorf("%q: not a schema: %s: %s", "#"+at.Fragment+found[0].Pointer, found[0].Keyword, found[0].Detail)
	}
	return fmt.Errorf("%s: not a schema", placeOf(schema))
}

// ofSameValue returns the schemas that a schema applies to the value that it is applied to itself.
func ofSameValue(s *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else}
	if s.DynamicRef != nil {
		list = append(list, s.DynamicRef.Ref)
	}
	list = slices.Concat(list, s.AllOf, s.AnyOf, s.OneOf, slices.Collect(maps.Values(s.DependentSchemas)))
	for _, dependency := range s.Dependencies {
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

// steps limits the schemas that are applied in one check. The library has no other way to end a check.
type steps struct {
	sync.Mutex
	left int
}

type tooManySteps struct{}

// Validate counts the schema that is applied. Deep in a value that takes longer, because errors hold the place.
func (s *steps) Validate(ctx *jsonschema.ValidatorContext, _ any) {
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
	if c.limit != nil {
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

// openObjects removes every "unevaluatedProperties": true of schemas of which none closes an object. There it means
// nothing, but costs more than a tenth of the time of a check.
func openObjects(schemas map[*jsonschema.Schema]bool) {
	for schema := range schemas {
		schema.UnevaluatedProperties = nil
	}
}

// closeObjects forbids every member of an object that the document does not name: by the schemas that are applied to
// whole values, because those they are made of know of some members alone.
func closeObjects(roots map[string]*jsonschema.Schema, schemas map[*jsonschema.Schema]bool) {
	whole, madeOf := slices.Collect(maps.Values(roots)), map[*jsonschema.Schema]bool{}
	var mark func(schema *jsonschema.Schema)
	mark = func(schema *jsonschema.Schema) {
		for _, same := range ofSameValue(schema) {
			if !madeOf[same] {
				madeOf[same] = true
				mark(same)
			}
		}
	}
	for schema := range schemas {
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
		if (closed == nil || closed.Bool != nil && *closed.Bool) && ofObject(schema, map[*jsonschema.Schema]bool{}) {
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

// ofObject reports whether a schema is about objects.
func ofObject(schema *jsonschema.Schema, seen map[*jsonschema.Schema]bool) bool {
	if schema.Types != nil && slices.Contains(schema.Types.ToStrings(), "object") || len(schema.Properties) > 0 {
		return true
	}
	if seen[schema] {
		return false
	}
	seen[schema] = true
	return slices.ContainsFunc(ofSameValue(schema), func(s *jsonschema.Schema) bool {
		return s != schema.Not && ofObject(s, seen)
	})
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
