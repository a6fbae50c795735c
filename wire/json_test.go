package wire_test

import (
	"encoding/json"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
)

// codec is one of the two JSON packages the types must behave alike in.
type codec struct {
	name      string
	marshal   func(any) ([]byte, error)
	unmarshal func([]byte, any) error
}

var codecs = []codec{
	{"encoding/json", json.Marshal, json.Unmarshal},
	{
		"encoding/json/v2",
		func(v any) ([]byte, error) { return jsonv2.Marshal(v) },
		func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) },
	},
}

// inBothCodecs runs a test once with each JSON package.
func inBothCodecs(t *testing.T, test func(*testing.T, codec)) {
	t.Helper()
	for _, c := range codecs {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

func mustMarshal(t *testing.T, c codec, v any) string {
	t.Helper()
	got, err := c.marshal(v)
	if err != nil {
		t.Fatalf("marshal %#v: %v", v, err)
	}
	return string(got)
}

func mustUnmarshal(t *testing.T, c codec, text string, v any) {
	t.Helper()
	if err := c.unmarshal([]byte(text), v); err != nil {
		t.Fatalf("unmarshal %s: %v", text, err)
	}
}
