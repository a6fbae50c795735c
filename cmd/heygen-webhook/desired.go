package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/oasdiff/yaml3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// maxItem is the length of the longest description of an endpoint, in bytes.
const maxItem = 1 << 20

// desired is the part of the desired state that is still to be sent: request bodies, one a line, in a temporary file.
// What is sent is so what was checked, though the input may be a pipe, or change, or be larger than memory.
type desired struct {
	file      *os.File
	endpoints int // in the input
	unsent    int // in the file
	faults    []fault
}

func (d *desired) close() {
	_ = d.file.Close()
	_ = os.Remove(d.file.Name()) // for systems on which an open file cannot be removed
}

// readDesired checks the whole desired state, and keeps what is not confirmed. The caller closes what it returns.
func readDesired(input io.Reader, confirmed map[string]string) (*desired, error) {
	file, err := os.CreateTemp("", name+"-*.jsonl")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name()) // it lives until it is closed, whatever ends the program
	d := &desired{file: file}
	spool := bufio.NewWriter(file)
	lines := map[string]int{} // of the endpoint ids
	err = eachItem(input, func(line int, members []member, problem *fault) error {
		if problem != nil {
			d.faults = append(d.faults, *problem)
			return nil
		}
		d.endpoints++
		req, faults := requestFrom(line, members, eventsOrAll)
		if req.URL != "" && !isAbsolute(req.URL) {
			at := lineOf(members, "url")
			faults = append(faults, fault{at, "url is not an absolute http or https URL, such as https://example.com/hook"})
		}
		if first, twice := lines[req.EndpointID]; twice && req.EndpointID != "" {
			at := lineOf(members, "endpoint_id")
			faults = append(faults, fault{at, fmt.Sprintf("endpoint %q is already in line %d", req.EndpointID, first)})
		}
		lines[req.EndpointID] = line
		if d.faults = append(d.faults, faults...); len(d.faults) > 0 {
			return nil
		}
		body, err := json.Marshal(req)
		if err != nil || confirmed[req.EndpointID] == hashOf(body) {
			return err
		}
		d.unsent++
		_, err = spool.Write(append(body, '\n'))
		return err
	})
	if err == nil {
		err = spool.Flush()
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func lineOf(members []member, name string) int {
	return members[slices.IndexFunc(members, func(m member) bool { return m.name == name })].line
}

// hashOf identifies the desired state of an endpoint by its request body.
func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// eventsOrAll reads events as a desired state has it. There null, which YAML reads where nothing stands, is refused.
func eventsOrAll(value any) (events heygen.Events, problem string) {
	switch value := value.(type) {
	case []any:
		return listFrom(value)
	case string:
		if value == "all" {
			return heygen.AllEvents(), ""
		}
	}
	if value == nil {
		return events, `events is null: write all for every event, or leave it out to leave it as it is`
	}
	return events, fmt.Sprintf("events is %s: it must be all, or a list", typeName(value))
}

// eachItem reads the endpoints of a desired state one by one, or what is wrong with one. It is JSON lines if its first
// character that is not blank is a brace, and else YAML.
func eachItem(input io.Reader, yield func(line int, members []member, problem *fault) error) error {
	lines := &lineReader{r: bufio.NewReaderSize(input, 64<<10)}
	for lines.next() {
		if content := bytes.TrimSpace(lines.text); len(content) > 0 {
			if content[0] == '{' {
				return eachJSONLine(lines, yield)
			}
			return eachYAMLItem(lines, yield)
		}
	}
	return lines.err
}

func eachJSONLine(lines *lineReader, yield func(int, []member, *fault) error) error {
	for ok := true; ok; ok = lines.next() { // the first line has been read
		if len(bytes.TrimSpace(lines.text)) == 0 {
			continue
		}
		var members []member
		problem := tooLong(lines.number)
		if len(lines.text) <= maxItem {
			members, problem = membersOfJSON(bytes.TrimSpace(lines.text), lines.number)
		}
		if err := yield(lines.number, members, problem); err != nil {
			return err
		}
	}
	return lines.err
}

func tooLong(line int) *fault {
	return &fault{line, fmt.Sprintf("what begins here is longer than %d bytes: "+
		"give each endpoint a line of JSON, a YAML document, or an item of a YAML list at the margin", maxItem)}
}

// eachYAMLItem cuts a stream where no parser is needed to see an end: at the lines that part documents and, in a
// document that is a list at the margin, at those that begin an item. So it needs memory for one endpoint alone, and
// goes on behind a syntax error.
func eachYAMLItem(lines *lineReader, yield func(int, []member, *fault) error) error {
	var item []byte
	begin := 0      // the line in which the item begins; 0 before its first line that says something
	inList := false // the document is a list at the margin
	flush := func() error {
		chunk, line := item, begin
		item, begin = item[:0], 0
		switch {
		case line == 0:
			return nil
		case len(chunk) > maxItem:
			return yield(line, nil, tooLong(line))
		}
		return eachNode(chunk, line, yield)
	}
	for ok := true; ok; ok = lines.next() { // the first line has been read
		text := lines.text
		parts := isMarker(text, "---") || isMarker(text, "...")
		if parts || inList && isMarker(text, "-") {
			if err := flush(); err != nil {
				return err
			}
		}
		if parts {
			inList, text = false, text[3:]
		}
		if begin == 0 {
			if content := bytes.TrimSpace(text); len(content) == 0 || content[0] == '#' {
				continue
			}
			begin, inList = lines.number, isMarker(text, "-")
		}
		if len(item) <= maxItem {
			item = append(item, text...)
		}
	}
	return errors.Join(lines.err, flush())
}

// isMarker reports whether a line begins with a marker of YAML that ends there.
func isMarker(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || strings.ContainsRune(" \t\r\n", rune(rest[0])))
}

// yamlPlace is where in an item the parser noticed a syntax error, which is not where it is.
var yamlPlace = regexp.MustCompile(`^yaml: (line \d+: )?`)

// eachNode reads an item: an endpoint, or a list of them.
func eachNode(chunk []byte, line int, yield func(int, []member, *fault) error) error {
	decoder := yaml.NewDecoder(bytes.NewReader(chunk))
	var document, rest yaml.Node
	err := decoder.Decode(&document)
	if err == nil {
		if err = decoder.Decode(&rest); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		problem := "what begins here is no YAML: " + yamlPlace.ReplaceAllString(err.Error(), "")
		return yield(line, nil, &fault{line, problem})
	}
	nodes := document.Content
	if nodes[0].Kind == yaml.SequenceNode {
		nodes = nodes[0].Content
	}
	for _, node := range nodes {
		begin := line + node.Line - 1
		if node.Kind != yaml.MappingNode {
			if err := yield(begin, nil, &fault{begin, "no endpoint: want endpoint_id with url or events"}); err != nil {
				return err
			}
			continue
		}
		var members []member
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			members = append(members, member{key.Value, line + key.Line - 1, valueOf(value)})
		}
		if err := yield(begin, members, nil); err != nil {
			return err
		}
	}
	return nil
}

// valueOf keeps of a YAML value what a member can be.
func valueOf(node *yaml.Node) any {
	switch node.Kind {
	case yaml.AliasNode:
		return mistyped("an alias")
	case yaml.MappingNode:
		return mistyped("an object")
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			list[i] = valueOf(item)
		}
		return list
	}
	switch node.ShortTag() {
	case "!!str":
		return node.Value
	case "!!null":
		return nil
	case "!!int", "!!float":
		return mistyped("a number")
	case "!!bool":
		return mistyped("true or false")
	case "!!timestamp":
		return mistyped("a date")
	default:
		return mistyped("of tag " + node.ShortTag())
	}
}

// lineReader reads lines with their ends. Of a line longer than maxItem it keeps a part that is longer, too.
type lineReader struct {
	r      *bufio.Reader
	text   []byte // valid until the next line
	number int    // from 1
	err    error
}

func (l *lineReader) next() bool {
	l.text = l.text[:0]
	for l.err == nil {
		part, err := l.r.ReadSlice('\n')
		if l.number == 0 && len(l.text) == 0 {
			part = bytes.TrimPrefix(part, []byte("\ufeff")) // editors of Windows put it there
		}
		if len(l.text) <= maxItem {
			l.text = append(l.text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			l.err = err
			return false
		case err == nil || len(l.text) > 0:
			l.number++
			return true
		}
		return false
	}
	return false
}
