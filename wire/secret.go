package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// redacted stands for a secret wherever one is printed.
const redacted = "[redacted]"

// Secret is a webhook endpoint's signing secret. Everything that prints or logs it shows [redacted]; JSON carries the
// real one, because there it is data. Compare with [Secret.Equal] or reflect.DeepEqual, not with ==.
type Secret struct {
	// Behind a pointer, because fmt prints an unexported field without asking its methods, and of a pointer only the
	// address.
	value *string
}

// NewSecret makes a Secret of a text, for example for a test. The empty text makes the zero Secret.
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

// Equal reports whether both are the same secret.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String is [redacted], or "" if there is no secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format prints [redacted] for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue logs [redacted].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON returns the real secret as a JSON string, and null if there is none.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.value) }

// UnmarshalJSON reads a JSON string. Null and "" are no secret.
func (s *Secret) UnmarshalJSON(data []byte) error {
	text, ok := unquote(data)
	if !ok && string(data) != "null" {
		return errors.New("wire: a secret is a JSON string or null") // without the cause, which could quote it
	}
	*s = NewSecret(text)
	return nil
}

// unquote returns what a JSON string says, or false for other JSON. A string without escapes needs no decoder.
func unquote(data []byte) (text string, ok bool) {
	if len(data) > 1 && data[0] == '"' && bytes.IndexByte(data, '\\') < 0 {
		return string(data[1 : len(data)-1]), true
	}
	var decoded *string // a pointer, to tell null from ""
	if err := json.Unmarshal(data, &decoded); err != nil || decoded == nil {
		return "", false
	}
	return *decoded, true
}
