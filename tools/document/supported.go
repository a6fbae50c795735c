package document

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// CheckSupported returns an error for each part of a document of which the generator would make code that does
// something else than the document says. Each begins with the place, a JSON pointer. It does not look for what does not
// compile.
// isReadable reports whether the generator can read the document in spite of the errors.
func CheckSupported(document []byte) (isReadable bool, err error) {
	root, err := parse(document)
	if err != nil {
		return false, err
	}
	c := supportCheck{
		document: root.Content[0], targets: map[string]*yaml.Node{},
		counts: map[countedBy]int{}, endless: map[countedBy]bool{},
	}
	dropUnused(c.document)
	eachNull(c.document, func(_ *yaml.Node, at string) {
		if !strings.HasPrefix(at, "/servers/") { // of which no code is made
			c.refuse(at, "null is no value of OpenAPI here")
			c.unreadable = true
		}
	})
	eachObject(c.document, "", func(object *yaml.Node, place string) {
		c.reference(object, place)
		c.names(object, place)
		c.parts(object, place)
	})
	for path, item := range members(get(c.document, "paths")) {
		at := jsonpointer.Append("/paths", path)
		if !pathForm.MatchString(path) {
			c.refuse(at, "the path has characters that must be percent-encoded, or a brace without its fellow")
		}
		for method, operation := range members(item) {
			if slices.Contains(Methods, method) {
				c.operation(at, path, item, method, operation)
			}
		}
	}
	return !c.unreadable, errors.Join(c.errs...)
}

const maxParts = 1000

type supportCheck struct {
	document *yaml.Node
	targets  map[string]*yaml.Node // of references, which are followed often
	counts   map[countedBy]int     // see count
	endless  map[countedBy]bool    // with too many
	errs     []error

	unreadable bool
}

func (c *supportCheck) refuse(place, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", shortened(place), fmt.Sprintf(format, args...)))
}

var (
	// What net/url leaves as it is in a path, and parameters.
	pathForm      = regexp.MustCompile(`^(/([A-Za-z0-9._~!$&'()*+,;=:@-]|\{[^{}/]+\})*)+$`)
	pathParameter = regexp.MustCompile(`\{([^{}]+)\}`)
	reference     = regexp.MustCompile(`^#/components/[a-zA-Z]+/[^/]+$`)
	// The names that encoding/json takes from a struct tag, a comma apart; oapi-codegen writes them there.
	memberName = regexp.MustCompile(`^[\p{L}\p{Nd}!#$%&()*+./:;<=>?@\[\]^_{|}~ -]+$`)
)

// reference refuses references of which oapi-codegen makes no Go name, or that lead nowhere.
func (c *supportCheck) reference(object *yaml.Node, place string) {
	for _, name := range []string{"$dynamicRef", "$recursiveRef"} {
		if get(object, name) != nil {
			c.refuse(place, "%s is not supported", name)
		}
	}
	ref := get(object, "$ref")
	if ref == nil {
		return
	}
	known := len(c.errs)
	switch {
	case !reference.MatchString(ref.Value):
		c.refuse(place, "the reference %q is not supported: it must lead to a component of this document", ref.Value)
	case c.resolve(object) == nil:
		c.refuse(place, "the reference %q leads nowhere", ref.Value)
	}
	c.unreadable = c.unreadable || len(c.errs) > known
}

// names refuses names of members that encoding/json would ignore.
func (c *supportCheck) names(schema *yaml.Node, place string) {
	for name, member := range members(get(schema, "properties")) {
		if (!memberName.MatchString(name) || name == "-") && get(member, "x-go-type") == nil {
			c.refuse(jsonpointer.Append(place+"/properties", name), "encoding/json knows no member of the name %q", name)
		}
	}
}

// resolve is [resolve] for the document.
func (c *supportCheck) resolve(node *yaml.Node) *yaml.Node {
	for range maxReferences {
		ref := get(node, "$ref")
		if ref == nil {
			return node
		}
		target, isKnown := c.targets[ref.Value]
		if !isKnown {
			target = referred(c.document, ref)
			c.targets[ref.Value] = target
		}
		node = target
	}
	return nil
}

// countedBy is a schema of which the parts are counted, or what oapi-codegen makes in making its type.
type countedBy struct {
	schema *yaml.Node
	isMade bool
}

// parts refuses schemas with which oapi-codegen would not end.
func (c *supportCheck) parts(schema *yaml.Node, place string) {
	if get(schema, "$ref") != nil {
		return
	}
	for _, by := range []countedBy{{schema, false}, {schema, true}} {
		c.count(by)
		if c.endless[by] {
			c.refuse(place, "the schema holds itself, or more than %d others", maxParts)
			c.unreadable = true
			return
		}
	}
}

// count returns how many schemas a schema is made of, itself included. One that has too many, or itself, among them is
// endless, and counts as one, so that those that hold it are not refused as well.
func (c *supportCheck) count(by countedBy) int {
	if by.schema = c.resolve(by.schema); by.schema == nil {
		return 0
	}
	if count, isKnown := c.counts[by]; isKnown {
		return count
	}
	c.counts[by] = maxParts
	count := 1
	for _, part := range by.parts() {
		count += c.count(countedBy{part, by.isMade})
	}
	if count > maxParts {
		c.endless[by] = true
		count = 1
	}
	c.counts[by] = count
	return count
}

// parts are the schemas that a Go type consists of: by allOf, anyOf and oneOf, which oapi-codegen merges, and by
// required members, which are no pointers in Go. What is made on the way to it are the parts of allOf, references
// followed, and all schemas in it that are no references: they have types of their own.
func (by countedBy) parts() (parts []*yaml.Node) {
	all := items(get(by.schema, "allOf"))
	within := unionParts(by.schema)
	if !by.isMade {
		for _, name := range items(get(by.schema, "required")) {
			if member := get(by.schema, "properties", name.Value); member != nil && !canBeNull(member) {
				parts = append(parts, member)
			}
		}
		return slices.Concat(parts, all, within)
	}
	for _, member := range members(get(by.schema, "properties")) {
		within = append(within, member)
	}
	within = append(within, get(by.schema, "items"), get(by.schema, "additionalProperties"))
	if len(all) > 1 || hasAny(by.schema, "properties", "required", "additionalProperties") {
		parts = all
	} else {
		within = append(within, all...)
	}
	for _, part := range within {
		if part != nil && get(part, "$ref") == nil {
			parts = append(parts, part)
		}
	}
	return parts
}

// canBeNull reports whether a schema says by itself that null is valid.
func canBeNull(schema *yaml.Node) bool {
	namesNull := func(kind *yaml.Node) bool { return kind.Value == "null" }
	return slices.ContainsFunc(items(get(schema, "type")), namesNull) || slices.ContainsFunc(unionParts(schema), isNull)
}

func (c *supportCheck) operation(at, path string, item *yaml.Node, method string, operation *yaml.Node) {
	place := at + "/" + method
	if text(get(operation, "operationId")) == "" {
		c.refuse(place, "the operation has no operationId: add one by a correction")
	}
	const template = "is not supported: add it to api/templates/client.tmpl"
	for mediaType := range members(get(c.resolve(get(operation, "requestBody")), "content")) {
		if !isJSON(mediaType) {
			c.refuse(place+"/requestBody", "the body %s %s", mediaType, template)
		}
	}
	undescribed := map[string]bool{} // parameters of the path
	for _, match := range pathParameter.FindAllStringSubmatch(path, -1) {
		undescribed[match[1]] = true
	}
	for _, holder := range []struct {
		place string
		node  *yaml.Node
	}{{at, item}, {place, operation}} {
		known := map[string]bool{}
		for i, parameter := range items(get(holder.node, "parameters")) {
			parameter = c.resolve(parameter)
			where := fmt.Sprintf("%s/parameters/%d", holder.place, i)
			in, name := text(get(parameter, "in")), text(get(parameter, "name"))
			switch {
			case parameter == nil: // its reference is refused
			case name == "" || !slices.Contains([]string{"path", "query", "header", "cookie"}, in):
				c.refuse(where, "the parameter has no name, or no place that OpenAPI knows")
			case known[in+name]:
				c.refuse(where, "the %s parameter %q is there twice", in, name)
			case strings.ContainsFunc(name, isUnquotable):
				c.refuse(where, "oapi-codegen cannot write the name %q", name)
			case in == "cookie":
				c.refuse(where, "the cookie %q %s", name, template)
			case get(parameter, "schema") == nil:
				c.refuse(where, "content of the %s parameter %q %s", in, name, template)
			case in == "path" && !strings.Contains(path, "{"+name+"}"):
				c.refuse(where, "the path has no parameter %q", name)
			case in == "path" && !strings.ContainsFunc(name, startsGoName):
				c.refuse(where, "no Go name can be made of %q", name)
			case in == "path":
				delete(undescribed, name)
			case c.hasNumberMember(parameter):
				c.refuse(where, "numbers in the object %q would be sent with exponents, which is not supported", name)
			}
			known[in+name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(undescribed)) {
		c.refuse(place, "the path's parameter %q is not described", name)
	}
}

// isUnquotable reports whether a character means another between quotes: oapi-codegen writes names there as they are.
func isUnquotable(r rune) bool { return strings.ContainsRune("\"\\`", r) || unicode.IsControl(r) }

// startsGoName reports whether oapi-codegen can begin a Go name with a character.
func startsGoName(r rune) bool { return unicode.IsUpper(unicode.ToUpper(r)) || unicode.IsDigit(r) }

// hasNumberMember reports whether a parameter is an object with a number that need not be an integer.
func (c *supportCheck) hasNumberMember(parameter *yaml.Node) bool {
	schema := c.resolve(get(parameter, "schema"))
	for _, member := range members(get(schema, "properties")) {
		if primaryType(c.resolve(member)) == "number" {
			return true
		}
	}
	return primaryType(c.resolve(get(schema, "additionalProperties"))) == "number"
}

func isJSON(mediaType string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	kind = strings.TrimSpace(kind)
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}
