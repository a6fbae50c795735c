// Package document makes the OpenAPI documents of this module: the published one from the vendor's pages, the corrected
// one from the published one and the corrections, and the generator's input from that and the Go names.
package document

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	yamljson "github.com/speakeasy-api/openapi/json"
)

const heading = "# OpenAPI definition"

var (
	pageHeading = regexp.MustCompile(`(?im)^[ \t]*` + heading + `[ \t]*\r?$`)
	yamlVersion = regexp.MustCompile(`(?m)^["']?(openapi|swagger)["']?[ \t]*:`)
	// A line that opens or closes a code block. It may be indented: blocks stand in lists and callouts.
	fenceLine = regexp.MustCompile("^(```+|~~~+)[ \t]*([^`]*)$")
)

// Extract returns the OpenAPI definition of a published page, which is Markdown: the content, unchanged, of the first
// fenced json block that holds one and follows the heading "OpenAPI definition". It also takes a definition alone: it
// returns JSON unchanged, and YAML as JSON. A definition without an operation is an error.
func Extract(page []byte) ([]byte, error) {
	page = bytes.TrimPrefix(page, []byte("\uFEFF"))
	begin := bytes.TrimSpace(page)
	switch {
	case len(begin) == 0:
		return nil, errors.New("it is empty: want a published page or an OpenAPI definition")
	case begin[0] == '{':
		return page, checkDefinition(page)
	case pageHeading.Match(page):
		return extractBlock(page)
	case begin[0] == '<':
		return nil, errors.New("it is HTML: want the Markdown of the page, which has the page's address with .md added")
	case yamlVersion.Match(page):
		return fromYAML(page)
	}
	return nil, fmt.Errorf("it has neither the heading %q nor a member openapi: is it the page of an operation?", heading)
}

// extractBlock returns the first code block after the heading that holds a definition.
func extractBlock(page []byte) ([]byte, error) {
	var (
		afterHeading bool
		mark, info   string // of the code block that the line is in; "" if none
		first        int    // line of the block's content
		block        []byte
		refused      error // why the first json block is no definition
		number       int
	)
	for line := range bytes.Lines(page) {
		number++
		trimmed := string(bytes.TrimSpace(line))
		fence := fenceLine.FindStringSubmatch(trimmed)
		switch {
		case mark == "" && fence != nil:
			mark, info, first, block = fence[1], fence[2], number+1, nil
		case mark == "":
			afterHeading = afterHeading || strings.EqualFold(trimmed, heading)
		case fence == nil || fence[2] != "" || !strings.HasPrefix(fence[1], mark):
			block = append(block, line...)
		default:
			mark = ""
			language, _, _ := strings.Cut(info, " ")
			if !afterHeading || !strings.EqualFold(language, "json") {
				continue
			}
			err := checkDefinition(block)
			if err == nil {
				return block, nil
			}
			if refused == nil {
				refused = fmt.Errorf("the definition that begins at line %d: %w", first, err)
			}
		}
	}
	switch {
	case refused != nil:
		return nil, refused
	case mark != "":
		return nil, fmt.Errorf("the code block that begins at line %d is never closed: is the page cut off?", first-1)
	}
	return nil, fmt.Errorf("no json code block follows the heading %q", heading)
}

// fromYAML returns a definition in YAML as JSON, with members in their order.
func fromYAML(definition []byte) ([]byte, error) {
	root, err := decodeOne(definition)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = yamljson.YAMLToJSON(root, 2, &text)
	converted := jsontext.Value(text.Bytes())
	if err := cmp.Or(err, converted.Indent(jsontext.WithIndent("  "))); err != nil {
		return nil, fmt.Errorf("YAML that JSON cannot express: %w", err)
	}
	converted = append(converted, '\n')
	return converted, checkDefinition(converted)
}

// checkDefinition reports why bytes are not an OpenAPI 3.1 document in JSON with at least one operation.
func checkDefinition(definition []byte) error {
	root, err := parse(definition)
	if err != nil {
		return err
	}
	document := root.Content[0]
	version := get(document, "openapi")
	switch {
	case get(document, "swagger") != nil:
		return fmt.Errorf("it is Swagger %s: want OpenAPI 3.1", text(get(document, "swagger")))
	case version == nil:
		return errors.New("not an OpenAPI document: it has no member openapi")
	case version.Tag != "!!str" || version.Value != "3.1" && !strings.HasPrefix(version.Value, "3.1."):
		return fmt.Errorf("OpenAPI version %s is not supported: want the string 3.1.0 or later", version.Value)
	}
	for range operations(document) {
		return nil
	}
	return errors.New("it has no operation: is it the page of an operation?")
}
