package contract_test

import (
	_ "embed"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// The documents of these tests. The vendored ones may change, and these tests hold; package tests checks those.
var (
	//go:embed testdata/published.json
	publishedDocument []byte
	//go:embed testdata/corrected.json
	correctedDocument []byte
	//go:embed testdata/version3.json
	version3Document []byte
	//go:embed testdata/corrections.yaml
	corrections []byte
)

const (
	path      = "/v1/webhook/endpoint.update"
	operation = "PATCH " + path
)

// load returns the contract of a document; that of the published one has the corrected one, too.
func load(t testing.TB, document []byte, opts ...contract.Option) *contract.Contract {
	t.Helper()
	if string(document) == string(publishedDocument) {
		opts = append(opts, contract.WithCorrected(correctedDocument))
	}
	c, err := contract.Load(document, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// request is an update as a client sends it, good but for its body.
func request(body string) *http.Request {
	req, err := http.NewRequest(http.MethodPatch, "https://api.example.org"+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	return good(req)
}

// received is an update as a server receives it: without GetBody.
func received(body io.Reader) *http.Request {
	return good(httptest.NewRequest(http.MethodPatch, path, body))
}

func good(req *http.Request) *http.Request {
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	return req
}

// response is a response in JSON.
func response(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(body)),
	}
}

// success is the body of a response to {"endpoint_id":"e1"}, with further members of its data.
func success(more string) string {
	return `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.org/","status":"enabled"` + more + `}}`
}

// findings returns the findings of a check, which must have broken the contract if there are any.
func findings(t testing.TB, err error) []contract.Finding {
	t.Helper()
	if err == nil {
		return nil
	}
	var violation *contract.Violation
	if !errors.As(err, &violation) || len(violation.Findings) == 0 {
		t.Fatalf("got %v, want a *Violation with findings", err)
	}
	return violation.Findings
}

// texts are findings in short: party, place, keyword.
func texts(findings []contract.Finding) []string {
	short := []string{}
	for _, f := range findings {
		short = append(short, string(f.Party)+": "+strings.TrimSpace(f.Where+" "+f.Pointer)+": "+f.Keyword)
	}
	return short
}

func wantTexts(t testing.TB, err error, want ...string) {
	t.Helper()
	got := texts(findings(t, err))
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("got findings\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func wantBody(t testing.TB, body io.ReadCloser, want string) {
	t.Helper()
	got, err := io.ReadAll(body)
	if err != nil || string(got) != want {
		t.Errorf("body of %d bytes, error %v; want %d bytes", len(got), err, len(want))
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
}

var errBroken = errors.New("connection lost")

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errBroken }
