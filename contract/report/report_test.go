package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

var update = flag.Bool("update", false, "write the golden files")

// read returns a document of the contract's tests: the vendored ones may change.
func read(name string) []byte {
	document, err := os.ReadFile("../testdata/" + name + ".json")
	if err != nil {
		panic(err)
	}
	return document
}

func request(body string) *http.Request {
	req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "key")
	return req
}

// run is the summary of a run that has everything a report shows.
func run(t *testing.T) contract.Summary {
	t.Helper()
	var seen contract.Collector
	for _, opts := range [][]contract.Option{nil, {contract.WithAllowedDeviations()}} {
		opts = append(opts, contract.WithCollector(&seen), contract.WithCorrected(read("corrected")),
			contract.WithReportOnly())
		c, err := contract.Load(read("published"), opts...)
		if err != nil {
			t.Fatal(err)
		}
		for _, response := range []struct {
			status int
			body   string
		}{
			{200, `{"code":100,"data":{"endpoint_id":"e1","status":"<paused>","events":null}}`},
			{404, `{"code":400131,"message":"x"}`},
			{418, ``},
		} {
			c.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(response.status)
				_, _ = io.WriteString(w, response.body)
			})).ServeHTTP(httptest.NewRecorder(), request(`{"endpoint_id":"e1"}`))
		}
		for range 6 {
			c.Handler(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		}
		_ = c.CheckRequest(request(`{}`)) // the collector has what it found
		if _, err := c.CheckHAR(strings.NewReader(`{"log":{"entries":[{},{},{},{},{}]}}`)); err != nil {
			t.Fatal(err)
		}
		c.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
		})).ServeHTTP(httptest.NewRecorder(), request(`{"endpoint_id":"e1"}`))
	}
	s := seen.Summary()
	s.Omitted = 7
	return s
}

// formats are all there are, by golden file.
var formats = map[string]func(io.Writer, contract.Summary) error{
	"report.txt": report.Text, "report.json": report.JSON, "junit.xml": report.JUnit,
}

func TestFormats(t *testing.T) {
	t.Parallel()
	s := run(t)
	for name, write := range formats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := write(&got, s); err != nil {
				t.Fatal(err)
			}
			file := "testdata/" + name
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("%s differs (go test ./contract/report -update):\n%s", file, got.String())
			}
			if strings.Contains(got.String(), "paused") {
				t.Error("the report holds a value from a body")
			}
		})
	}
}

func TestEmptyReportsAreWellFormed(t *testing.T) {
	t.Parallel()
	for name, write := range formats {
		var got bytes.Buffer
		if err := write(&got, new(contract.Collector).Summary()); err != nil {
			t.Fatal(err)
		}
		switch {
		case name == "report.txt":
			if got.String() != "findings, client: 0\nfindings, server: 0\nfindings, document: 0\n" {
				t.Errorf("%s: got %s", name, got.String())
			}
		case name == "junit.xml":
			if err := xml.Unmarshal(got.Bytes(), new(struct{ XMLName xml.Name })); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case !json.Valid(got.Bytes()) || strings.Contains(got.String(), "null"):
			t.Errorf("%s: got %s", name, got.String())
		}
	}
}

// The file may be on a full disk.
func TestWriteErrorsComeBack(t *testing.T) {
	t.Parallel()
	for name, write := range formats {
		if err := write(full{}, run(t)); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
