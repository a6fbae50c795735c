package tests

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

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

func contractOf(t testing.TB, document []byte, opts ...contract.Option) *contract.Contract {
	t.Helper()
	kit, err := contract.Load(document, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return kit
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

// messages calls f with each message of a document that has content, and with the examples of it. status is 0 for a
// request.
func messages(t *testing.T, document []byte, f func(method, path string, status int, examples [][]byte)) {
	t.Helper()
	for path, item := range load(t, document).Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.RequestBody != nil {
				f(method, path, 0, examplesIn(t, operation.RequestBody.Value.Content))
			}
			for status, documented := range operation.Responses.Map() {
				code, err := strconv.Atoi(strings.ReplaceAll(status, "XX", "00"))
				if err != nil { // of "default"
					code = http.StatusTeapot
				}
				f(method, path, code, examplesIn(t, documented.Value.Content))
			}
		}
	}
}

func examplesIn(t *testing.T, content openapi3.Content) (bodies [][]byte) {
	t.Helper()
	media := content.Get("application/json")
	if media == nil {
		return nil
	}
	values := []any{media.Example}
	for _, named := range media.Examples {
		values = append(values, named.Value.Value)
	}
	for _, value := range values {
		if value == nil {
			continue
		}
		body, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	return bodies
}

// isWrittenFromFacts reports whether the document of version 3 is still ours. The vendor's may have no examples.
func isWrittenFromFacts(t *testing.T) bool {
	t.Helper()
	return strings.Contains(string(read(t, "api/v3/provenance.json")), `"written_from_facts"`)
}

// Every example of the corrected documents is valid. As long as that of version 3 is written from facts, every message
// of it has one.
func TestTheExamplesKeepTheContract(t *testing.T) {
	t.Parallel()
	fromFacts := strings.Contains(string(read(t, "api/v3/provenance.json")), `"written_from_facts"`)
	for version, document := range map[int][]byte{1: openapi.Corrected(), 3: openapi.CorrectedV3()} {
		kit, second := contractOf(t, document), newSecondOpinion(t, document)
		checked := 0
		messages(t, document, func(method, path string, status int, examples [][]byte) {
			if version == 3 && fromFacts && len(examples) == 0 {
				t.Errorf("%s %s %d has no example", method, path, status)
			}
			for _, body := range examples {
				checked++
				url := strings.ReplaceAll(path, "{endpoint_id}", endpointID)
				var err error
				if status == 0 {
					req := request(t, method, url, body)
					err = errors.Join(kit.CheckRequest(req), second.checkRequest(req))
				} else {
					req := request(t, method, url, nil)
					resp := &http.Response{
						StatusCode: status, Body: io.NopCloser(bytes.NewReader(body)),
						Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
					}
					err = errors.Join(kit.CheckResponse(req, resp), second.checkResponse(req, resp))
				}
				if err != nil {
					t.Errorf("%s %s %d: %v", method, path, status, err)
				}
			}
		})
		if checked < 3 && (version == 1 || fromFacts) {
			t.Errorf("version %d has %d examples, want those of 200, 400 and 404 at least", version, checked)
		}
	}
}

// The client reads every example of a success, and of a failure what is in it.
func TestTheClientReadsTheExamplesOfVersion3(t *testing.T) {
	t.Parallel()
	read := 0
	messages(t, openapi.CorrectedV3(), func(method, path string, status int, examples [][]byte) {
		call := callsOfVersion3[method+" "+path]
		if status == 0 || call == nil {
			return
		}
		for _, body := range examples {
			read++
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Has("token") {
					body = []byte(`{"data":[]}`) // the page after the example
				}
				w.WriteHeader(status)
				_, _ = w.Write(body)
			}))
			defer server.Close()
			client, err := v3.NewClient("key", v3.WithBaseURL(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			if err := call(t.Context(), client); (err == nil) != (status/100 == 2) || err != nil && !errors.Is(err, v3.ErrAPI) {
				t.Errorf("%s %s %d: error %v", method, path, status, err)
			}
		}
	})
	if read < len(callsOfVersion3) && isWrittenFromFacts(t) {
		t.Errorf("%d examples", read)
	}
}

// The client reads every example of both documents: of a success the endpoint, of a failure what it says.
func TestTheClientReadsTheExamplesOfVersion1(t *testing.T) {
	t.Parallel()
	check := func(status int, examples [][]byte) {
		for _, body := range examples {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write(body)
			}))
			defer server.Close()
			client, err := heygen.NewClient("key", heygen.WithBaseURL(server.URL))
			must(t, err)
			endpoint, err := client.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
			if status == http.StatusOK {
				if err != nil || endpoint.EndpointID == "" || endpoint.URL == "" || endpoint.CreatedAt.Time.IsZero() ||
					endpoint.Secret.IsZero() || endpoint.Events.IsZero() || endpoint.Status == "" {
					t.Errorf("endpoint %+v, error %v", endpoint, err)
				}
				continue
			}
			failure, ok := errors.AsType[*heygen.Error](err)
			if !ok || !errors.Is(err, heygen.ErrAPI) || failure.StatusCode != status || failure.Message == "" {
				t.Errorf("%d: error %v", status, err)
			}
		}
	}
	for _, document := range [][]byte{openapi.Published(), openapi.Corrected()} {
		messages(t, document, func(verb, path string, status int, examples [][]byte) {
			if status > 0 && verb+" "+path == method {
				check(status, examples)
			}
		})
	}
}
