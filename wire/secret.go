package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// redacted is printed instead of a secret.
const redacted = "[redacted]"

// Secret is a webhook endpoint's signing secret. [Secret.Reveal] returns it. Whatever prints or logs a Secret shows
// [redacted]; JSON has the real secret, because there it is data, and so has a log that writes JSON of a value with a
// Secret in it. Compare secrets with [Secret.Equal] or reflect.DeepEqual, not with ==.
type Secret struct {
	// A pointer, because fmt prints unexported fields without calling their methods, and of a pointer the address.
	value *string
}

// NewSecret makes a Secret, for example for a test. NewSecret("") is the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{value: &text}
}

// Reveal returns the secret itself, or "" if there is none.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal reports whether s and other are the same secret.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String returns [redacted], or "" if there is no secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format prints what String returns, for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON returns the real secret as a JSON string, and null if there is none.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.value) }

// UnmarshalJSON reads a JSON string. Null and "" make the zero Secret.
func (s *Secret) UnmarshalJSON(data []byte) error {
	text, ok := unquote(data)
	if !ok && string(data) != "null" {
		return errors.New("wire: secret is neither a string nor null") // without the cause, which could quote it
	}
	*s = NewSecret(text)
	return nil
}

// unquote returns the text of a JSON string, or false for other JSON. A string without escapes needs no decoder.
func unquote(data []byte) (text string, ok bool) {
	if len(data) > 1 && data[0] == '"' && !bytes.ContainsRune(data, '\\') {
		return string(data[1 : len(data)-1]), true
	}
	var decoded *string // a pointer, to tell null from ""
	if err := json.Unmarshal(data, &decoded); err != nil || decoded == nil {
		return "", false
	}
	return *decoded, true
}
