// Package jsonpointer escapes the tokens of JSON pointers (RFC 6901).
package jsonpointer

import "strings"

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// Append returns the pointer to a member of what pointer points at.
func Append(pointer, member string) string { return pointer + "/" + escaper.Replace(member) }

// Split returns the unescaped tokens of a pointer: none for "".
func Split(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, token := range tokens {
		tokens[i] = unescaper.Replace(token)
	}
	return tokens
}
