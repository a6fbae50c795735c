package tests

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file below testdata, or writes it there.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s\n(run go test ./tests -update if that is right)", path, got, want)
	}
}

// example is a documented response.
type example struct {
	name   string
	status int
	body   []byte
}

// examplesOf returns the documented responses of a document's one operation, by status and name.
func examplesOf(t testing.TB, document []byte) []example {
	t.Helper()
	doc := load(t, document)
	var examples []example
	responses := operation(doc).Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		content := responses[status].Value.Content["application/json"]
		if content == nil {
			continue
		}
		documented := content.Examples
		for _, name := range slices.Sorted(maps.Keys(documented)) {
			code, err := strconv.Atoi(status)
			if err != nil {
				t.Fatal(err)
			}
			body, err := json.Marshal(documented[name].Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			examples = append(examples, example{status + " " + name, code, body})
		}
	}
	return examples
}

// operation is the one that the client has a method for.
func operation(doc *openapi3.T) *openapi3.Operation {
	return doc.Paths.Value("/v1/webhook/endpoint.update").Patch
}

func load(t testing.TB, document []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// contractOf returns the contract of a document; that of the published one blames the document by the corrected one.
func contractOf(t testing.TB, document []byte, opts ...contract.Option) *contract.Contract {
	t.Helper()
	if bytes.Equal(document, openapi.Published()) {
		opts = append(opts, contract.WithCorrected(openapi.Corrected()))
	}
	kit, err := contract.Load(document, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return kit
}

// exchange makes a documented request and a response of it.
func exchange(t *testing.T, e example) (*http.Request, *http.Response) {
	t.Helper()
	req := request(t, http.MethodPatch, "/v1/webhook/endpoint.update",
		[]byte(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819"}`))
	return req, response(req, e)
}

// request makes a request to HeyGen. body is nil if it has none.
func request(t *testing.T, method, path string, body []byte) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://api.heygen.com"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("X-Api-Key", "key")
	return req
}

func response(req *http.Request, e example) *http.Response {
	return &http.Response{
		StatusCode: e.status, Body: io.NopCloser(bytes.NewReader(e.body)),
		Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
	}
}

func TestDocumentedExamplesKeepTheCorrectedContract(t *testing.T) {
	t.Parallel()
	kit, second := contractOf(t, openapi.Corrected()), newSecondOpinion(t, openapi.Corrected())
	examples := examplesOf(t, openapi.Corrected())
	if len(examples) < 3 {
		t.Fatalf("%d documented responses, want those of 200, 400 and 404 at least", len(examples))
	}
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			req, resp := exchange(t, e)
			if err := errors.Join(kit.CheckRequest(req), kit.CheckResponse(req, resp)); err != nil {
				t.Error(err)
			}
			if err := second.check(req, resp); err != nil {
				t.Errorf("kin-openapi: %v", err)
			}
		})
	}
}

// The published document contradicts its own examples in the places of the golden list, and nowhere else.
func TestPublishedExamplesContradictTheirDocument(t *testing.T) {
	t.Parallel()
	kit, second := contractOf(t, openapi.Published()), newSecondOpinion(t, openapi.Published())
	var list bytes.Buffer
	for _, e := range examplesOf(t, openapi.Published()) {
		req, resp := exchange(t, e)
		if err := kit.CheckRequest(req); err != nil {
			t.Errorf("%s: request: %v", e.name, err)
		}
		if err := second.checkRequest(req); err != nil {
			t.Errorf("%s: request: kin-openapi: %v", e.name, err)
		}
		violation, _ := errors.AsType[*contract.Violation](kit.CheckResponse(req, resp))
		if err := second.checkResponse(req, resp); (err != nil) != (violation != nil) {
			t.Errorf("%s: kin-openapi says %v, contract %v", e.name, err, violation)
		}
		if violation == nil {
			continue
		}
		for _, f := range violation.Findings {
			fmt.Fprintf(&list, "%s | %s | %s | %s | %s | %s\n", e.name, f.Party, f.Where, f.Pointer, f.Keyword, f.Detail)
		}
	}
	// The examples of single members have no response of their own: kin-openapi validates them.
	if err := load(t, openapi.Published()).WalkSchemas(func(pointer string, ref *openapi3.SchemaRef) error {
		schema := ref.Value
		if schema.Example == nil {
			return nil
		}
		if err := schema.VisitJSON(schema.Example, openapi3.EnableFormatValidation()); err != nil {
			wrong, _ := errors.AsType[*openapi3.SchemaError](err)
			fmt.Fprintf(&list, "example of %s | %s\n", pointer, wrong.SchemaField)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	golden(t, "published-contradictions.txt", list.Bytes())
}
