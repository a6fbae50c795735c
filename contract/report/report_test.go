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

func document(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// run is the summary of a run that has everything a report shows.
func run(t *testing.T) contract.Summary {
	t.Helper()
	var seen contract.Collector
	for _, opts := range [][]contract.Option{nil, {contract.WithAllowedDeviations()}} {
		opts = append(opts, contract.WithCollector(&seen), contract.WithCorrected(document(t, "corrected")))
		kit, err := contract.Load(document(t, "published"), opts...)
		if err != nil {
			t.Fatal(err)
		}
		for _, reply := range []struct {
			status int
			body   string
		}{
			{200, `{"code":100,"data":{"endpoint_id":"e1","status":"<paused>","events":null}}`},
			{404, `{"code":400131,"message":"x"}`},
			{418, ``},
		} {
			req := httptest.NewRequest(http.MethodPatch, "/v1/webhook/endpoint.update",
				strings.NewReader(`{"endpoint_id":"e1"}`))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("X-Api-Key", "key")
			_ = kit.CheckRequest(req) // the collector has what it says
			_ = kit.CheckResponse(req, &http.Response{
				StatusCode: reply.status, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(reply.body)),
			})
		}
		_ = kit.CheckRequest(httptest.NewRequest(http.MethodGet, "/", nil))
	}
	s := seen.Summary()
	s.Omitted = 7
	return s
}

// formats are all there are, by golden file.
var formats = map[string]func(io.Writer, contract.Summary) error{
	"report.txt":  report.Text,
	"report.json": report.JSON,
	"junit.xml":   report.JUnit,
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
