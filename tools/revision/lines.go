package revision

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
)

// lines is a JSON document with a line for each member and each entry, and the pointers of what begins on the lines.
type lines struct {
	text     bytes.Buffer
	pointers []string
}

func linesOf(value any) *lines {
	l := &lines{}
	l.newLine("")
	l.write("", value)
	return l
}

// begins returns the pointer of what begins on the line of a source, or "".
func (l *lines) begins(source *checker.Source) string {
	if source == nil || source.Line < 1 || source.Line > len(l.pointers) {
		return ""
	}
	return l.pointers[source.Line-1]
}

func (l *lines) newLine(pointer string) {
	if len(l.pointers) > 0 {
		l.text.WriteByte('\n')
	}
	l.pointers = append(l.pointers, pointer)
}

func (l *lines) write(pointer string, value any) {
	switch value := value.(type) {
	case object:
		l.text.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(value)) {
			if i > 0 {
				l.text.WriteByte(',')
			}
			l.newLine(pointer + "/" + escape(name))
			l.scalar(name)
			l.text.WriteString(": ")
			l.write(pointer+"/"+escape(name), value[name])
		}
		l.text.WriteByte('}')
	case []any:
		l.text.WriteByte('[')
		for i, entry := range value {
			if i > 0 {
				l.text.WriteByte(',')
			}
			l.newLine(pointer + "/" + strconv.Itoa(i))
			l.write(pointer+"/"+strconv.Itoa(i), entry)
		}
		l.text.WriteByte(']')
	default:
		l.scalar(value)
	}
}

// scalar writes a value in one line. A U+0085 would be a line to a YAML parser.
func (l *lines) scalar(value any) {
	text, _ := json.Marshal(value) // it came from JSON
	l.text.WriteString(strings.ReplaceAll(string(text), "\u0085", `\u0085`))
}
