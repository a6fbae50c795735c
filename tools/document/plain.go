package document

import (
	"strings"
	"unicode"
)

// Plain makes text of a document fit for one line: without control characters, with which it could move the cursor or
// turn the direction of writing.
func Plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	}), " ")
}
