package generate

import (
	"cmp"
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/heygen-go/heygen/tools/document"
)

var (
	declaration = regexp.MustCompile(`^\s*(?:type (\w+)|func \([^)]*?(\w+)\) (\w+)\(|func (?:New)?(\w+)\()`)
	sameName    = regexp.MustCompile(
		`^field and method with the same name (\w+)|^(?:method )?(?:\w+\.)?(\w+) (?:already |re)declared`)
	constant = regexp.MustCompile(`^\s*\w+\s+(\w+)\s+=\s`)
	jsonName = regexp.MustCompile(`json:"([^",]+)`)
	word     = regexp.MustCompile(`\w[\w-]*`)
)

// noPlace stands in errors for a place that could not be found.
const noPlace = "the document"

// explain returns errors that name the places in the document from which the mistakes in code come, each once. Of code
// that has a name twice, other mistakes are left out, because they may come of that.
func explain(parts []document.Part, code []byte, mistakes []mistake) (errs []error) {
	lines := strings.Split(string(code), "\n")
	isTwice := func(m mistake) bool { return m.other > 0 }
	if slices.ContainsFunc(mistakes, isTwice) {
		mistakes = slices.DeleteFunc(mistakes, func(m mistake) bool { return !isTwice(m) })
	}
	seen := map[string]bool{}
	for _, m := range mistakes {
		places := placesOf(parts, lines, m.line)
		text := "no Go code that compiles can be made of it: " + m.text
		if isTwice(m) {
			for _, place := range placesOf(parts, lines, m.other) {
				if !slices.Contains(places, place) {
					places = append(places, place)
				}
			}
			if match := sameName.FindStringSubmatch(m.text); match != nil {
				text = fmt.Sprintf("the Go name %s is made twice: choose another by x-go-name in api/names.yaml, for constants "+
					"of an enum by x-enum-varnames, for an operation by a correction of its operationId", match[1]+match[2])
			}
		}
		where := cmp.Or(strings.Join(places, " and "), noPlace)
		if !seen[where] {
			errs = append(errs, fmt.Errorf("%s: %s", where, text))
		}
		seen[where] = true
	}
	return errs
}

// checkNames returns an error for each part whose Go name is none: what is named after it may compile all the same.
func checkNames(parts []document.Part) (errs []error) {
	for _, part := range parts {
		if name := codegen.SchemaNameToTypeName(part.Name); !token.IsIdentifier(name) || !token.IsExported(name) {
			errs = append(errs, fmt.Errorf("%s: no Go name can be made of %q", part.Pointer, part.Name))
		}
	}
	return errs
}

// generatorError returns the error of oapi-codegen, with the places of the parts that it names.
func generatorError(parts []document.Part, err error) error {
	words := word.FindAllString(err.Error(), -1)
	var places []string
	longest := 1
	for _, part := range parts {
		name := codegen.SchemaNameToTypeName(part.Name)
		isNamed := slices.ContainsFunc(words, func(word string) bool {
			return word == part.Name || word == name || strings.HasPrefix(word, name+"_") // of a type within it
		})
		if !isNamed && (part.Path == "" || !strings.Contains(err.Error(), part.Path)) {
			continue
		}
		if len(name) > longest {
			longest, places = len(name), nil
		}
		if len(name) == longest && !slices.Contains(places, part.Pointer) {
			places = append(places, part.Pointer)
		}
	}
	return fmt.Errorf("%s: oapi-codegen: %w", cmp.Or(strings.Join(places, " and "), noPlace), err)
}

// placesOf returns the places that a line of generated code comes from.
func placesOf(parts []document.Part, lines []string, number int) (places []string) {
	line := lines[number-1]
	var names []string // of the declaration that the line is in; of a method, and of its type
	if match := constant.FindStringSubmatch(line); match != nil {
		names = match[1:] // of its type
	}
	for i := number - 1; i >= 0 && names == nil; i-- {
		if match := declaration.FindStringSubmatch(lines[i]); match != nil {
			names = match[1:]
		}
	}
	var member string
	if match := jsonName.FindStringSubmatch(line); match != nil {
		member = match[1]
	}
	for _, part := range partsOf(parts, names) {
		if at := part.Members[member]; len(at) > 0 {
			return at
		}
		places = append(places, part.Pointer)
	}
	return places
}

// partsOf returns the parts that a declaration is named after: those that one of its names is, or else those with the
// longest names that one of its names begins with.
func partsOf(parts []document.Part, declared []string) (named []document.Part) {
	longest := 1
	for _, part := range parts {
		name := codegen.SchemaNameToTypeName(part.Name)
		length := len(name)
		switch {
		case slices.Contains(declared, name):
			length += 1000
		case !slices.ContainsFunc(declared, func(declared string) bool { return strings.HasPrefix(declared, name) }):
			continue
		}
		if length > longest {
			longest, named = length, nil
		}
		if length == longest {
			named = append(named, part)
		}
	}
	return named
}
