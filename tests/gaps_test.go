package tests

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"io"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

// message is one message of an exchange: its request, or its response if status is not 0.
type message struct {
	method, target string
	contentType    string // several with "\n" between; "" for none
	key, body      string
	status         int
	requested      string // of a response, the body of the request
}

func (m message) isResponse() bool { return m.status != 0 }

// gap is a kind of message that kin-openapi 0.153.0 and package contract do not agree about.
type gap struct {
	name    string
	refused bool   // kin-openapi refuses what is right; else it lets through what is wrong
	in      string // the one document that has it; "" for both
	before  string // the release of Go from which on kin-openapi does not have it; "" for none
	// explains reports whether the gap is why only contract made a finding, or, if refused, why only kin-openapi refused.
	explains func(message, contract.Finding) bool
	samples  []message
}

const updatePath = "/v1/webhook/endpoint.update"

const goodUpdate = `{"endpoint_id":"e1"}`

// sent is an update as a client sends it, with other parts.
func sent(body string, change func(*message)) message {
	m := message{method: http.MethodPatch, target: updatePath, contentType: "application/json", key: "key", body: body}
	if change != nil {
		change(&m)
	}
	return m
}

// responded is a response to goodUpdate.
func responded(status int, body string) message {
	return message{contentType: "application/json", status: status, body: body, requested: goodUpdate}
}

func succeeded(more string) string {
	return `{"code":100,"data":{"endpoint_id":"e1","url":"https://example.org/","status":"enabled"` + more + `}}`
}

// gaps are all there are. If both agree about the samples of one now, what contract has for it may go.
var gaps = []gap{
	{name: "trailing data", explains: isJSON(trailing), samples: []message{
		sent(goodUpdate+"x", nil), sent(goodUpdate+goodUpdate, nil), responded(200, succeeded("")+"{}"),
	}},
	// https://github.com/getkin/kin-openapi/issues/322
	{name: "duplicate name", before: "go1.27", explains: isJSON(duplicate), samples: []message{
		sent(`{"endpoint_id":"e1","endpoint_id":"e2"}`, nil), responded(200, succeeded(`,"url":"x"`)),
	}},
	{name: "invalid UTF-8", explains: isJSON(notUTF8), samples: []message{
		sent("{\"endpoint_id\":\"\xff\"}", nil), responded(200, succeeded(",\"secret\":\"\xff\"")),
	}},
	{name: "lone surrogate", explains: isJSON(surrogate.MatchString), samples: []message{
		sent(`{"endpoint_id":"\ud800"}`, nil),
	}},
	{name: "number out of range", explains: isJSON(outOfRange), samples: []message{
		sent(`{"endpoint_id":"e1","more":1e400}`, nil),
	}},
	{name: "over 1 MiB", explains: keyword("size"), samples: []message{
		sent(strings.Repeat(" ", 1<<20)+goodUpdate, nil), responded(200, strings.Repeat(" ", 1<<20)+succeeded("")),
	}},
	{name: "key of white space", explains: keyword("security"), samples: []message{
		sent(goodUpdate, func(m *message) { m.key = " " }),
	}},
	{name: "content type that is not one media type", explains: contentType, samples: []message{
		sent(goodUpdate, func(m *message) { m.contentType += ";=" }), typed("application/json;="),
		sent(goodUpdate, func(m *message) { m.contentType += "\n" + m.contentType }), typed("application/json\ntext/html"),
	}},
	// https://github.com/getkin/kin-openapi/pull/400
	{name: "slashes in the path", explains: keyword("path"), samples: []message{
		sent(goodUpdate, func(m *message) { m.target += "/" }),
		sent(goodUpdate, func(m *message) { m.target = "/v1%2Fwebhook/endpoint.update" }),
	}},
	{name: "status that is not checked", explains: notChecked, samples: []message{
		responded(301, ""), responded(304, ""), responded(307, ""), responded(308, ""),
	}},
	{name: "leap second that never was", explains: noLeapSecond, samples: []message{
		responded(200, succeeded(`,"created_at":"2025-10-22T12:00:60Z"`)),
	}},
	{name: "date-time-local", in: "corrected", explains: notLocal, samples: []message{
		responded(200, succeeded(`,"created_at":"yesterday"`)),
		responded(200, succeeded(`,"created_at":"2025-02-30T08:31:48Z"`)),
	}},
	{name: "t and z in lower case", refused: true, in: "published", explains: lowerTime, samples: []message{
		responded(200, succeeded(`,"created_at":"2025-10-22t08:31:48z"`)),
	}},
	{name: "rule data-on-success", explains: keyword("data-on-success"), samples: []message{
		responded(200, `{"code":100}`),
	}},
	{name: "rule error-under-200", explains: keyword("error-under-200"), samples: []message{
		responded(200, `{"code":5}`),
	}},
	{name: "rule error-code", explains: keyword("error-code"), samples: []message{responded(404, `{"code":100}`)}},
	{name: "rule endpoint-asked-for", explains: keyword("endpoint-asked-for"), samples: []message{
		responded(200, strings.Replace(succeeded(""), "e1", "e2", 1)),
	}},
	{name: "rule fields-sent", explains: keyword("fields-sent"), samples: []message{
		{
			contentType: "application/json", status: 200, body: succeeded(""),
			requested: `{"endpoint_id":"e1","url":"https://example.com/other"}`,
		},
	}},
}

func typed(contentType string) message {
	m := responded(200, succeeded(""))
	m.contentType = contentType
	return m
}

func keyword(name string) func(message, contract.Finding) bool {
	return func(_ message, f contract.Finding) bool { return f.Keyword == name }
}

// isJSON is for what encoding/json lets through.
func isJSON(explains func(body string) bool) func(message, contract.Finding) bool {
	return func(m message, f contract.Finding) bool { return f.Keyword == "json" && explains(m.body) }
}

func trailing(body string) bool {
	in := json.NewDecoder(strings.NewReader(body))
	err := in.Decode(new(any))
	return err == nil && strings.TrimSpace(body[in.InputOffset():]) != ""
}

func duplicate(body string) bool {
	_, strict := jsontext.AppendFormat(nil, []byte(body))
	_, lax := jsontext.AppendFormat(nil, []byte(body), jsontext.AllowDuplicateNames(true))
	return strict != nil && lax == nil
}

func notUTF8(body string) bool { return !utf8.ValidString(body) }

var surrogate = regexp.MustCompile(`\\u[dD][89a-fA-F]`)

func outOfRange(body string) bool { return json.Unmarshal([]byte(body), new(any)) != nil }

func contentType(m message, f contract.Finding) bool {
	return f.Keyword == "content-type" && strings.ContainsAny(m.contentType, ";\n")
}

func notChecked(m message, _ contract.Finding) bool {
	return slices.Contains([]int{301, 304, 307, 308}, m.status)
}

var leapSecond = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:60(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

func noLeapSecond(m message, f contract.Finding) bool {
	return notLocal(m, f) && leapSecond.MatchString(createdAt(m))
}

// notLocal explains any text that is no time: the format date-time-local kin-openapi does not know.
func notLocal(m message, f contract.Finding) bool {
	return f.Pointer == "/data/created_at" && !isTime(createdAt(m))
}

// badOffset is one that time.Parse takes.
var badOffset = regexp.MustCompile(`[+-](24:\d\d|\d\d:60)$`)

func isTime(text string) bool {
	text = strings.ToUpper(text)
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05"} {
		if _, err := time.Parse(layout, text); err == nil && !strings.Contains(text, ",") && !badOffset.MatchString(text) {
			return true
		}
	}
	return false
}

func lowerTime(m message, _ contract.Finding) bool {
	text := createdAt(m)
	return strings.ContainsAny(text, "tz") && isTime(text)
}

func createdAt(m message) string {
	var got struct {
		Data struct {
			CreatedAt string `json:"created_at"`
		} `json:"data"`
	}
	_ = json.Unmarshal([]byte(m.body), &got)
	return got.Data.CreatedAt
}

// judges are package contract and kin-openapi on one document.
type judges struct {
	document string
	kits     []*contract.Contract // with its rules, and without
	second   secondOpinion
}

func bothDocuments(t testing.TB) []judges {
	t.Helper()
	var list []judges
	for name, document := range map[string][]byte{"corrected": openapi.Corrected(), "published": openapi.Published()} {
		list = append(list, judges{
			name, []*contract.Contract{contractOf(t, document), contractOf(t, document, contract.WithSchemaOnly())},
			newSecondOpinion(t, document),
		})
	}
	return list
}

// differ returns the names of the gaps that explain why the judges differ about a message. The error is that none does.
func (j judges) differ(m message) (names []string, err error) {
	req, resp, err := m.build()
	if err != nil {
		return nil, nil //nolint:nilerr // net/http cannot send it
	}
	theirs := j.second.checkRequest(req)
	if resp != nil {
		theirs = j.second.checkResponse(req, resp)
	}
	for _, kit := range j.kits {
		check := kit.CheckRequest(req)
		if resp != nil {
			check = kit.CheckResponse(req, resp)
		}
		ours := []contract.Finding{{}}
		if violation, ok := errors.AsType[*contract.Violation](check); ok {
			ours = violation.Findings
		}
		if (check != nil) == (theirs != nil) {
			continue
		}
		for _, f := range ours {
			i := slices.IndexFunc(gaps, func(g gap) bool {
				return (g.in == "" || g.in == j.document) && g.refused == (check == nil) && g.explains(m, f)
			})
			if i < 0 {
				return nil, fmt.Errorf("%s document: %+v: contract: %w; kin-openapi: %w", j.document, m, check, theirs)
			}
			names = append(names, gaps[i].name)
		}
	}
	return names, nil
}

// build makes what net/http makes of a message. The response is nil if it is a request.
func (m message) build() (*http.Request, *http.Response, error) {
	r := m
	if m.isResponse() {
		r = sent(m.requested, nil)
	}
	req, err := http.NewRequest(r.method, "https://api.heygen.com"+r.target, strings.NewReader(r.body))
	if err != nil {
		return nil, nil, err
	}
	req.Header = r.header()
	if !m.isResponse() {
		return req, nil, nil
	}
	return req, &http.Response{
		StatusCode: m.status, Header: m.header(), Body: io.NopCloser(strings.NewReader(m.body)),
	}, nil
}

func (m message) header() http.Header {
	header := http.Header{}
	if m.contentType != "" {
		header["Content-Type"] = strings.Split(m.contentType, "\n")
	}
	if m.key != "" {
		header["X-Api-Key"] = []string{m.key}
	}
	return header
}

// What package contract adds to kin-openapi, and where it is more tolerant.
func TestGapsOfKinOpenAPI(t *testing.T) {
	t.Parallel()
	documents := bothDocuments(t)
	for _, g := range gaps {
		for _, j := range documents {
			if g.in != "" && g.in != j.document {
				continue
			}
			for i, sample := range g.samples {
				names, err := j.differ(sample)
				closed := g.before != "" && version.Compare(runtime.Version(), g.before) >= 0
				if err != nil || slices.Contains(names, g.name) == closed {
					t.Errorf("%s, sample %d, %s document: they differ by %q, error %v", g.name, i, j.document, names, err)
				}
			}
		}
	}
}
