package document_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// dateTimeLocal is the OpenAPI format registry's date-time-local: RFC 3339 without the zone.
const dateTimeLocal = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$`

func TestCorrectedDocumentIsValid(t *testing.T) {
	t.Parallel()
	if err := validate(t, api(t, "openapi.json")); err != nil {
		t.Error(err)
	}
}

// If validation let everything through, the test above would prove nothing.
func TestADocumentThatContradictsItselfIsNotValid(t *testing.T) {
	t.Parallel()
	if validate(t, frozen(t, "published.json")) == nil {
		t.Error("it validates with its examples")
	}
}

func validate(t *testing.T, document []byte) error {
	t.Helper()
	return load(t, document).Validate(t.Context(),
		openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(), openapi3.EnableMultiError())
}

func TestDocumentedExamplesAnswerTheirSchemas(t *testing.T) {
	t.Parallel()
	documented := examples(t, frozen(t, "corrected.json"))
	want := []string{"200 Result", "400 Invalid URL", "404 Webhook Endpoint Not Found"}
	if got := slices.Sorted(maps.Keys(documented)); !slices.Equal(got, want) {
		t.Errorf("the document has the examples %q, want %q", got, want)
	}
	for name, example := range documented {
		if err := example.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every example fails its schema once it is spoilt, so that the test above can fail.
func TestSpoiltExamplesFailTheirSchemas(t *testing.T) {
	t.Parallel()
	documented := examples(t, frozen(t, "corrected.json"))
	for name, spoilt := range map[string][]change{
		"200 Result": {
			{"/code", "100"},
			{"/code", absent{}},
			{"/data", nil},
			{"/data/created_at", "22 October 2025"},
			{"/data/created_at", nil},
			{"/data/endpoint_id", absent{}},
			{"/data/entity_id", 1},
			{"/data/events", []any{nil}},
			{"/data/status", "paused"},
			{"/data/url", absent{}},
			{"/message", 1},
			{"/msg", 1},
		},
		"400 Invalid URL":                {{"/code", "400542"}, {"/code", absent{}}, {"/message", 1}},
		"404 Webhook Endpoint Not Found": {{"/code", "400131"}, {"/code", absent{}}, {"/message", 1}},
	} {
		for _, c := range spoilt {
			example := documented[name]
			example.value = decode(t, changed(t, encode(t, example.value), c))
			if example.check() == nil {
				t.Errorf("%s still answers its schema with %v at %s", name, c.value, c.pointer)
			}
		}
	}
}

type documentedExample struct {
	schema *openapi3.Schema
	value  any
}

func (e documentedExample) check() error {
	return e.schema.VisitJSON(e.value, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors(),
		openapi3.VisitAsResponse(), openapi3.EnableFormatValidation(),
		openapi3.WithStringFormatValidator("date-time-local", openapi3.NewRegexpFormatValidator(dateTimeLocal)))
}

// examples returns the examples of all replies, by status and name.
func examples(t *testing.T, document []byte) map[string]documentedExample {
	t.Helper()
	found := map[string]documentedExample{}
	for _, path := range load(t, document).Paths.Map() {
		for _, operation := range path.Operations() {
			for status, reply := range operation.Responses.Map() {
				for _, media := range reply.Value.Content {
					for name, example := range media.Examples {
						found[status+" "+name] = documentedExample{media.Schema.Value, example.Value.Value}
					}
				}
			}
		}
	}
	return found
}

func load(t *testing.T, document []byte) *openapi3.T {
	t.Helper()
	loaded, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
