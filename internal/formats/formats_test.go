package formats_test

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/heygen-go/heygen/internal/formats"
)

// More times are in the oracle of tests/contractmutants.
func TestHas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ dateTime, local, uri bool }{
		"2025-10-22T08:31:48.5+23:59": {dateTime: true},
		"2025-10-22T08:31:48-00:00":   {dateTime: true},
		"1990-12-31T15:59:60-08:00":   {dateTime: true},
		"2025-10-22t08:31:48.5":       {local: true},
		"1990-12-31T15:59:60Z":        {},
		"2025-10-22T08:31:48+01:60":   {},
		"2025-10-22T+8:+1:+8Z":        {},
		"2025-10-22T8:31:48Z":         {},
		"2025-10-22T08:31:48Z\n":      {},
		"٢٠٢٥-10-22T08:31:48Z":        {},
		"https://example.org/a?b=%20": {uri: true},
		"urn:a:b":                     {uri: true},
		"http://[::1]/#c":             {uri: true},
		"/a":                          {},
		"//example.org":               {},
		"http://example.org/a b":      {},
		"http://a/%zz":                {},
		"http://ä/":                   {},
		"":                            {},
	} {
		got := want
		got.dateTime, got.local = formats.Has("date-time", text), formats.Has("date-time-local", text)
		if got.uri = formats.Has("uri", text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
	if formats.Has("password", "") {
		t.Error("password is a format")
	}
}

// A compiler opens nothing: what leads out of the document is an error.
func TestAssertClosesACompiler(t *testing.T) {
	t.Parallel()
	for schema, good := range map[string]bool{
		`{"$schema": "https://spec.openapis.org/oas/3.1/dialect/base"}`: true,
		`{"$schema": "file:///dev/zero"}`:                               false,
		`{"$ref": "file:///dev/zero"}`:                                  false,
		`{"$dynamicRef": "other.json"}`:                                 false,
		`{"$ref": "http://127.0.0.1:1/"}`:                               false,
	} {
		resource, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		formats.Assert(compiler)
		if err := compiler.AddResource("https://document.invalid/", resource); err != nil {
			t.Fatal(err)
		}
		if _, err := compiler.Compile("https://document.invalid/"); (err == nil) != good {
			t.Errorf("%s: %v", schema, err)
		}
	}
}
