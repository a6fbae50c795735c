// Package document makes this module's OpenAPI documents: the published one from the vendor's pages, and the
// corrected one from the published one and the corrections.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

const heading = "# OpenAPI definition"

// Extract returns the OpenAPI definition of a published page, which is Markdown: the bytes between the lines of the
// first fenced json block that holds one and follows the heading "OpenAPI definition", exactly as they stand. It also
// takes a definition alone: JSON comes back as it stands, YAML as JSON.
func Extract(page []byte) ([]byte, error) {
	page = bytes.TrimPrefix(page, []byte("\uFEFF"))
	if definition, bare, err := extractBare(page); bare {
		return definition, err
	}
	page, skipped := withoutFrontMatter(page)
	var (
		seenHeading bool
		open        fence // the code block the line is in
		content     []byte
		refused     error // why the first json block is no definition
	)
	number := skipped
	for line := range bytes.Lines(page) {
		number++
		text := string(bytes.TrimSpace(line))
		switch {
		case open.closedBy(text):
			if seenHeading && open.isJSON() {
				err := CheckDefinition(content)
				if err == nil {
					return content, nil
				}
				if refused == nil {
					refused = atLine(err, open.line+1)
				}
			}
			open, content = fence{}, nil
		case open.mark != "":
			content = append(content, line...)
		case strings.EqualFold(text, heading):
			seenHeading = true
		default:
			open = openedBy(text, number)
		}
	}
	switch {
	case refused != nil:
		return nil, refused
	case open.mark != "":
		return nil, fmt.Errorf("the code block that begins at line %d is never closed: is the page cut off?", open.line)
	case seenHeading:
		return nil, fmt.Errorf("no json code block follows the heading %q", heading)
	default:
		return nil, fmt.Errorf("no heading %q in %d lines: is this the page of an operation?", heading, number)
	}
}

// withoutFrontMatter cuts off what stands between two lines --- at the top, and says how many lines that were.
func withoutFrontMatter(page []byte) (rest []byte, lines int) {
	cut := 0
	for line := range bytes.Lines(page) {
		lines++
		cut += len(line)
		switch isRule := string(bytes.TrimSpace(line)) == "---"; {
		case lines == 1 && !isRule:
			return page, 0
		case lines > 1 && isRule:
			return page[cut:], lines
		}
	}
	return page, 0
}

// fence is the line that opens a code block. It may be indented: blocks stand in lists and callouts.
type fence struct {
	mark string // ``` or ~~~, or longer; "" for none
	info string // what follows it
	line int
}

func openedBy(text string, line int) fence {
	for _, mark := range []string{"`", "~"} {
		info := strings.TrimLeft(text, mark)
		length := len(text) - len(info)
		if length >= 3 && (mark == "~" || !strings.Contains(info, mark)) {
			return fence{text[:length], info, line}
		}
	}
	return fence{}
}

// closedBy reports whether a line is a fence of the same mark, as long or longer.
func (f fence) closedBy(text string) bool {
	return f.mark != "" && len(text) >= len(f.mark) && strings.Trim(text, f.mark[:1]) == ""
}

func (f fence) isJSON() bool {
	words := strings.Fields(f.info)
	return len(words) > 0 && strings.EqualFold(words[0], "json")
}

// errorAt is what is wrong with a definition, and in which of its lines, the first being 0.
type errorAt struct {
	error
	line int
}

func (e errorAt) Unwrap() error { return e.error }

func atLine(err error, first int) error {
	if at := (errorAt{}); errors.As(err, &at) && at.line > 0 {
		return fmt.Errorf("the definition that begins at line %d: %w (line %d)", first, err, first+at.line)
	}
	return fmt.Errorf("the definition that begins at line %d: %w", first, err)
}

// CheckDefinition reports what keeps bytes from being an OpenAPI 3.1 document in JSON.
func CheckDefinition(definition []byte) error {
	var head struct {
		OpenAPI string `json:"openapi"`
		Swagger string `json:"swagger"`
	}
	if err := json.Unmarshal(definition, &head); err != nil {
		offset := len(definition)
		syntax, kind := (*json.SyntaxError)(nil), (*json.UnmarshalTypeError)(nil)
		switch {
		case errors.As(err, &syntax):
			offset = int(syntax.Offset)
		case errors.As(err, &kind):
			offset = int(kind.Offset)
		}
		before := bytes.TrimSpace(definition[:min(offset, len(definition))])
		return errorAt{fmt.Errorf("not JSON: %w", err), bytes.Count(before, []byte("\n"))}
	}
	switch {
	case head.Swagger != "":
		return fmt.Errorf("not an OpenAPI document of version 3.1: it is Swagger %s", head.Swagger)
	case head.OpenAPI == "":
		return errors.New("not an OpenAPI document: it has no member openapi")
	case head.OpenAPI != "3.1" && !strings.HasPrefix(head.OpenAPI, "3.1."):
		return fmt.Errorf("OpenAPI version %s is not supported: want 3.1", head.OpenAPI)
	}
	return nil
}
