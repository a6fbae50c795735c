package jsonpointer_test

import (
	"slices"
	"testing"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

func TestPointers(t *testing.T) {
	t.Parallel()
	for pointer, tokens := range map[string][]string{
		"":              nil,
		"/":             {""},
		"/a/b":          {"a", "b"},
		"/~1v1~1x/~0~1": {"/v1/x", "~/"},
		"/~01":          {"~1"},
	} {
		if got := jsonpointer.Split(pointer); !slices.Equal(got, tokens) {
			t.Errorf("Split(%q) = %q, want %q", pointer, got, tokens)
		}
		built := ""
		for _, token := range tokens {
			built = jsonpointer.Append(built, token)
		}
		if built != pointer {
			t.Errorf("Append made %q of %q, want %q", built, tokens, pointer)
		}
	}
}
