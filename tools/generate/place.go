package generate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/heygen-go/heygen/tools/document"
)

var (
	declaration = regexp.MustCompile(`^\s*(?:type (\w+)|func \([^)]*?(\w+)\) \w+\(|func (?:New)?(\w+)\()`)
	constant    = regexp.MustCompile(`^\s*\w+\s+(\w+)\s+=\s`)
	jsonName    = regexp.MustCompile(`json:"([^",]+)`)
	word        = regexp.MustCompile(`\w[\w-]*`)
)

// explain returns errors that name the places in the document from which the mistakes in code come, each once.
func explain(parts []document.Part, code []byte, mistakes []mistake) (errs []error) {
	lines := strings.Split(string(code), "\n")
	seen := map[string]bool{}
	for _, m := range mistakes {
		places := placesOf(parts, lines, m.line)
		advice := "no Go code that compiles can be made of it: " + m.text
		if m.other > 0 {
			for _, place := range placesOf(parts, lines, m.other) {
				if !slices.Contains(places, place) {
					places = append(places, place)
				}
			}
			name, _, _ := strings.Cut(m.text, " ")
			advice = fmt.Sprintf("the Go name %s is made twice: choose another for one of them in api/names.yaml, by x-go-name, "+
				"for the constants of an enum by x-enum-varnames, or call the operation otherwise by a correction", name)
		}
		where := strings.Join(places, " and ")
		if where == "" {
			where = "the document"
		}
		if !seen[where] {
			errs = append(errs, fmt.Errorf("%s: %s", where, advice))
		}
		seen[where] = true
	}
	return errs
}

// generatorError returns the error of oapi-codegen, with the place of the part that it names.
func generatorError(parts []document.Part, err error) error {
	var longest document.Part
	for _, part := range parts {
		if len(part.Name) > len(longest.Name) && slices.ContainsFunc(word.FindAllString(err.Error(), -1), func(word string) bool {
			return word == part.Name || word == codegen.SchemaNameToTypeName(part.Name)
		}) {
			longest = part
		}
	}
	return fmt.Errorf("%s: oapi-codegen: %w", cmp.Or(longest.Pointer, "the document"), err)
}

// placesOf returns the places that a line of generated code comes from.
func placesOf(parts []document.Part, lines []string, number int) (places []string) {
	line := lines[number-1]
	var name, member string
	if match := jsonName.FindStringSubmatch(line); match != nil {
		member = match[1]
	}
	if match := constant.FindStringSubmatch(line); match != nil {
		name = match[1] // of its type
	}
	for i := number - 1; i >= 0 && name == ""; i-- {
		if match := declaration.FindStringSubmatch(lines[i]); match != nil {
			name = match[1] + match[2] + match[3]
		}
	}
	for _, part := range partsNamed(parts, name) {
		if at := part.Members[member]; member != "" && len(at) > 0 {
			return at
		}
		places = append(places, part.Pointer)
	}
	return places
}

// partsNamed returns the parts that a declaration is named after: those with the longest names that it begins with, and
// others of the whole name.
func partsNamed(parts []document.Part, declaration string) (named []document.Part) {
	longest := 1
	for _, part := range parts {
		name := codegen.SchemaNameToTypeName(part.Name)
		if !strings.HasPrefix(declaration, name) || len(name) < longest {
			continue
		}
		if len(name) > longest {
			longest, named = len(name), nil
		}
		named = append(named, part)
	}
	return named
}
