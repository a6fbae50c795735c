package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"gopkg.in/yaml.v3"
)

var (
	pageHeading = regexp.MustCompile(`(?im)^[ \t]*` + heading + `[ \t]*\r?$`)
	// What a definition in YAML holds, and what it begins with behind comments.
	yamlHead  = regexp.MustCompile(`(?m)^["']?(openapi|swagger)["']?[ \t]*:`)
	yamlBegin = regexp.MustCompile(`^(?:(?:#[^\n]*|---[ \t]*|%[^\n]*|[ \t\r]*)\n)*["']?[\w-]+["']?[ \t]*:`)
	jsonHead  = regexp.MustCompile(`"(openapi|swagger)"\s*:`)
)

// extractBare returns the definition of a content that is no page: JSON as it stands, or YAML as JSON, with members in
// their order. bare is false for what may be a page.
func extractBare(text []byte) (definition []byte, bare bool, err error) {
	begin := bytes.TrimSpace(text)
	switch {
	case len(begin) == 0:
		return nil, true, errors.New("it is empty: want a published page or an OpenAPI definition")
	case begin[0] == '{':
		if err := CheckDefinition(text); err != nil {
			return nil, true, atLineOf(err, text, jsonHead)
		}
		return text, true, nil
	case begin[0] == '<' && !pageHeading.Match(text):
		return nil, true, errors.New("line 1: it is HTML: want the Markdown of the page, " +
			"which is published under the page's address with .md behind it")
	case yamlHead.Match(text) && yamlBegin.Match(text) && !pageHeading.Match(text):
		definition, err := fromYAML(text)
		return definition, true, err
	}
	return nil, false, nil
}

// atLineOf says in which line the error is, or else the member that head finds.
func atLineOf(err error, text []byte, head *regexp.Regexp) error {
	line := 1
	if at := (errorAt{}); errors.As(err, &at) {
		line += at.line
	} else if at := head.FindIndex(text); at != nil {
		line += bytes.Count(text[:at[0]], []byte("\n"))
	}
	return fmt.Errorf("line %d: %w", line, err)
}

func fromYAML(text []byte) ([]byte, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("not YAML: %w", err) // the library says in which line
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("not YAML of one document: something follows the first")
	}
	if err := jsonTypes(&root, 0); err != nil {
		return nil, err
	}
	definition, err := format(&root)
	if err != nil {
		return nil, fmt.Errorf("not an OpenAPI document: %w", err)
	}
	if err := CheckDefinition(definition); err != nil {
		if at := (errorAt{}); errors.As(err, &at) {
			err = at.error // its line is one of the JSON
		}
		return nil, atLineOf(err, text, yamlHead)
	}
	return definition, nil
}

// jsonTypes gives the nodes the types JSON has: a member's name is a text, and so are a date and a version.
func jsonTypes(node *yaml.Node, depth int) error {
	const maxDepth = 200
	switch {
	case depth > maxDepth:
		return fmt.Errorf("line %d: more than %d values in each other", node.Line, maxDepth)
	case node.Kind == yaml.AliasNode:
		return fmt.Errorf("line %d: the alias *%s, which JSON has not: write out what it stands for", node.Line, node.Value)
	case node.Kind == yaml.ScalarNode && node.Tag == "!!timestamp":
		node.Tag, node.Style = "!!str", yaml.DoubleQuotedStyle
	case node.Kind == yaml.ScalarNode && (node.Tag == "!!float" || node.Tag == "!!int") &&
		!json.Valid([]byte(node.Value)):
		var number float64
		if err := node.Decode(&number); err != nil {
			return fmt.Errorf("line %d: %w", node.Line, err)
		}
		text, err := json.Marshal(number)
		if err != nil {
			return fmt.Errorf("line %d: the number %s, which JSON has not", node.Line, node.Value)
		}
		node.Value = string(text)
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			child.Tag, child.Style = "!!str", yaml.DoubleQuotedStyle
			if next := node.Content[i+1]; depth == 1 && next.Kind == yaml.ScalarNode &&
				(child.Value == "openapi" || child.Value == "swagger") {
				next.Tag, next.Style = "!!str", yaml.DoubleQuotedStyle
			}
		}
		if err := jsonTypes(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}
