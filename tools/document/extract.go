// Package document makes the OpenAPI documents of this module: the published one from the vendor's pages, the corrected
// one from the published one and the corrections, and the generator's input from that and the Go names.
package document

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	yamljson "github.com/speakeasy-api/openapi/json"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

var (
	// The heading that a definition follows; the group is that of version 3.
	pageHeading = regexp.MustCompile(`(?im)^[ \t]*(?:# OpenAPI definition|#{1,6}[ \t]+(OpenAPI)(?:[ \t]+#+)?)[ \t]*\r?$`)
	yamlVersion = regexp.MustCompile(`(?m)^["']?(openapi|swagger)["']?[ \t]*:`)
	// A line that only a page has: in YAML it would be indented.
	blockLine = regexp.MustCompile("(?m)^(```|~~~)")
	// A line that opens or closes a code block. It may be indented: blocks stand in lists, callouts and quotes.
	fenceLine = regexp.MustCompile("^(```+|~~~+)[ \t]*([\\w+-]*)([^`]*)$")
	// The operation in the info string of a code block: yaml /openapi.json post /v3/things
	namedOperation = regexp.MustCompile(`(?i)[\s"'](` + strings.Join(Methods, "|") + `)["']?\s+["']?(/[^\s"']*)`)
)

const indentedBy = " \t>"

// Extract returns the OpenAPI definition of a published page, which is Markdown: that in the first fenced code block
// that holds one and follows the page's heading. Below "# OpenAPI definition" the block is json. Below "OpenAPI", a
// heading of any level, it is yaml or json, and if its info string names a method and a path, the definition must have
// that operation. Extract also takes a definition alone. JSON comes back unchanged, and YAML as JSON. A definition
// without an operation is an error.
func Extract(page []byte) ([]byte, error) {
	page = bytes.TrimPrefix(page, []byte("\uFEFF"))
	begin := bytes.TrimSpace(page)
	switch {
	case len(begin) == 0:
		return nil, errors.New("it is empty: want a published page or an OpenAPI definition")
	case begin[0] == '{':
		return page, checkDefinition(page, "")
	case pageHeading.Match(page) && !isYAMLAlone(page):
		return extractBlock(page)
	case begin[0] == '<':
		return nil, errors.New("it is HTML: want the Markdown of the page, which has the page's address with .md added")
	case yamlVersion.Match(page) && !blockLine.Match(page):
		return fromYAML(page, "")
	}
	return nil, errors.New(`it has neither the heading "# OpenAPI definition" nor "## OpenAPI", nor a member openapi: ` +
		"is it the page of an operation?")
}

// isYAMLAlone reports whether a text is a definition alone in YAML, where a comment or a description can look like the
// heading of a page.
func isYAMLAlone(text []byte) bool {
	root, err := decodeOne(text)
	return err == nil && cmp.Or(get(root.Content[0], "openapi"), get(root.Content[0], "swagger")) != nil
}

// codeBlock is a fenced code block of a page.
type codeBlock struct {
	line        int    // of its content
	fence       string // the characters of the first fence
	indentation int    // of that, in bytes
	language    string // in lower case
	operation   string // that the info string names, such as POST /v3/things; "" if none
	content     []byte
}

func (b *codeBlock) isYAML() bool { return b.language == "yaml" || b.language == "yml" }

// extractBlock returns the definition of the first code block after the heading that holds one. A YAML block that names
// an operation is no example: it must hold one.
func extractBlock(page []byte) ([]byte, error) {
	blocks, unclosed := codeBlocks(page)
	var refused error // why the first block holds none
	for _, block := range blocks {
		isExpected := block.isYAML() && block.operation != ""
		if refused != nil && !isExpected {
			block.line = 1 // the errors are not reported, so that they need no lines of the page
		}
		definition, err := block.definition()
		if err == nil {
			return definition, nil
		}
		err = fmt.Errorf("the definition that begins at line %d: %w", block.line, err)
		if isExpected {
			return nil, err
		}
		refused = cmp.Or(refused, err)
	}
	if unclosed > 0 {
		return nil, fmt.Errorf("the code block that begins at line %d is never closed: is the page cut off?", unclosed)
	}
	return nil, cmp.Or(refused, errors.New(`no json code block follows the heading "# OpenAPI definition", `+
		`and no yaml or json code block a heading "OpenAPI"`))
}

// codeBlocks returns the code blocks of a page that can hold its definition, and the line of one that is not closed.
func codeBlocks(page []byte) (blocks []codeBlock, unclosed int) {
	var (
		afterHeading, isVersion3 bool
		block                    codeBlock
		number, begin, end       int // the line, and where in the page the content and the line begin
	)
	for line := range bytes.Lines(page) {
		number++
		indentation := 0
		if isVersion3 {
			indentation = len(line) - len(bytes.TrimLeft(line, indentedBy))
		}
		trimmed := string(bytes.TrimSpace(line[indentation:]))
		fence := fenceLine.FindStringSubmatch(trimmed)
		heading := pageHeading.FindStringSubmatch(trimmed)
		switch {
		case block.fence != "":
			isEnd := fence != nil && fence[2]+fence[3] == "" && strings.HasPrefix(fence[1], block.fence) &&
				indentation <= block.indentation+3 // a fence in a description is indented more
			if !isEnd {
				break
			}
			block.content = page[begin:end]
			if afterHeading && block.language == "json" || isVersion3 && block.isYAML() {
				blocks = append(blocks, block)
			}
			block, unclosed = codeBlock{}, 0
		case fence != nil:
			block = codeBlock{
				line: number + 1, fence: fence[1], indentation: indentation, language: strings.ToLower(fence[2]),
			}
			if named := namedOperation.FindStringSubmatch(fence[3]); named != nil && isVersion3 {
				path := named[2]
				if plain, err := url.PathUnescape(path); err == nil {
					path = plain // its braces can be %7B and %7D
				}
				block.operation = strings.ToUpper(named[1]) + " " + path
			}
			begin, unclosed = end+len(line), number
		case heading != nil:
			afterHeading, isVersion3 = true, isVersion3 || heading[1] != ""
		}
		end += len(line)
	}
	return blocks, unclosed
}

// definition returns the definition that a block holds.
func (b *codeBlock) definition() ([]byte, error) {
	if !b.isYAML() {
		return b.content, checkDefinition(b.content, b.operation)
	}
	content := bytes.Repeat([]byte("\n"), b.line-1) // so that errors name the lines of the page
	for line := range bytes.Lines(b.content) {
		indentation := len(line) - len(bytes.TrimLeft(line, indentedBy))
		content = append(content, line[min(indentation, b.indentation):]...)
	}
	return fromYAML(content, b.operation)
}

// fromYAML returns a definition in YAML as JSON, with members in their order. [checkDefinition] says what operation is.
func fromYAML(definition []byte, operation string) ([]byte, error) {
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
	return converted, checkDefinition(converted, operation)
}

// checkDefinition reports why bytes are not an OpenAPI 3.1 document in JSON with at least one operation, and with the
// one that is named, such as POST /v3/things, if it is not "".
func checkDefinition(definition []byte, operation string) error {
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
	hasOne := false
	for _, at := range operations(document) {
		place := jsonpointer.Split(at) // paths, the path, the method
		if operation == "" || operation == strings.ToUpper(place[2])+" "+place[1] {
			return nil
		}
		hasOne = true
	}
	if hasOne {
		return fmt.Errorf("it lacks the operation %s, which its code block names", operation)
	}
	return errors.New("it has no operation: is it the page of an operation?")
}
