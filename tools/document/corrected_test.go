package document_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestTheCorrectedDocumentIsValid(t *testing.T) {
	t.Parallel()
	if err := validate(t, api(t, "corrected.json")); err != nil {
		t.Error(err)
	}
}

// The published document contradicts its own examples, and so does the corrected one with an example that is wrong.
// Both are documents that no update replaces.
func TestAWrongExampleIsNotValid(t *testing.T) {
	t.Parallel()
	const (
		responses = "/paths/~1v1~1webhook~1endpoint.update/patch/responses"
		example   = responses + "/200/content/application~1json/examples/Result/value"
		failure   = responses + "/400/content/application~1json/examples/Invalid URL/value"
	)
	corrected := api(t, "../contract/testdata/corrected.json")
	documents := map[string][]byte{"published": api(t, "../contract/testdata/published.json")}
	for pointer, value := range map[string]any{
		example + "/code": absent{}, example + "/data": nil, example + "/data/endpoint_id": absent{},
		example + "/data/entity_id": 1, example + "/data/events": []any{nil}, example + "/data/status": "paused",
		example + "/data/url": absent{}, example + "/message": 1, example + "/msg": 1,
		failure: `{"code":400542}`, failure + "/code": absent{}, failure + "/message": 1,
	} {
		documents[pointer] = changed(t, corrected, change{pointer, value})
	}
	for name, document := range documents {
		if validate(t, document) == nil {
			t.Errorf("valid: %s", name)
		}
	}
}

func validate(t *testing.T, document []byte) error {
	t.Helper()
	loaded, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation())
}
