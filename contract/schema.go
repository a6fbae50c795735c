package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/heygen-go/heygen/internal/formats"
)

// compile compiles every schema of a document that a message can have, once. kin-openapi, which uses the same library,
// does it at every call (https://github.com/getkin/kin-openapi/pull/1186).
func compile(doc *openapi3.T) (map[*openapi3.Schema]*jsonschema.Schema, error) {
	const location = "https://document.invalid/openapi.json"
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	resource, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	formats.Assert(compiler)
	if err := compiler.AddResource(location, resource); err != nil {
		return nil, err
	}
	compiled := map[*openapi3.Schema]*jsonschema.Schema{}
	return compiled, doc.WalkSchemas(func(pointer string, schema *openapi3.SchemaRef) error {
		at := "#" + (&url.URL{Fragment: pointer}).EscapedFragment()
		if schema.Ref != "" {
			at = schema.Ref
		}
		if compiled[schema.Value], err = compiler.Compile(location + at); err == nil && schema.Ref != "" {
			return openapi3.SkipSubtree // pointers beyond a $ref lead nowhere
		}
		return err
	})
}

// openObjects removes every "unevaluatedProperties": true of a document in which no schema is closed. There it means
// nothing, but costs more than a tenth of the time of a check.
func openObjects(doc *openapi3.T) {
	var open []*openapi3.Schema
	closed := false
	_ = doc.WalkSchemas(func(_ string, schema *openapi3.SchemaRef) error {
		if uses := schema.Value.UnevaluatedProperties; uses.Has != nil && *uses.Has {
			open = append(open, schema.Value)
		} else if uses.Has != nil || uses.Schema != nil {
			closed = true
		}
		return nil
	})
	for _, schema := range open {
		if !closed {
			schema.UnevaluatedProperties = openapi3.BoolSchema{}
		}
	}
}

// closeObjects forbids every member of an object that the document does not name.
func closeObjects(doc *openapi3.T) {
	closed := false
	_ = doc.WalkSchemas(func(_ string, schema *openapi3.SchemaRef) error {
		if s := schema.Value; s.Type.Includes(openapi3.TypeObject) || len(s.Properties) > 0 {
			s.UnevaluatedProperties = openapi3.BoolSchema{Has: &closed}
		}
		return nil
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
