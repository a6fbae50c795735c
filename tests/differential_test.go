package tests

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	openapi "github.com/heygen-go/heygen"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// FuzzDifferential checks the same messages with package contract and with kin-openapi, against both documents. They
// may differ in the gaps alone. The seeds are the documented examples, exchanges of the client with the sandbox, and
// the samples of the gaps, each as it is and changed in its places.
func FuzzDifferential(f *testing.F) {
	add := func(m message, changes uint64) {
		for seed := range changes {
			f.Add(m.method, m.target, m.contentType, m.key, m.body, uint16(m.status), m.requested, seed)
		}
	}
	for _, document := range [][]byte{openapi.Published(), openapi.Corrected()} {
		for _, e := range examplesOf(f, document) {
			add(responded(e.status, string(e.body)), 50)
		}
	}
	for _, m := range recordedMessages(f) {
		add(m, 20)
	}
	for _, g := range gaps {
		for _, sample := range g.samples {
			if len(sample.body) < 1<<20 {
				add(sample, 2)
			}
		}
	}
	for _, odd := range []string{
		"", " ", "text/html", "application/json; charset=utf-8", "APPLICATION/JSON", "*/*", "a/b/c",
	} {
		add(sent(goodUpdate, func(m *message) { m.contentType = odd }), 1)
		add(typed(odd), 1)
		add(sent(goodUpdate, func(m *message) { m.target = updatePath + "?" + odd }), 1)
		add(sent(goodUpdate, func(m *message) { m.method = odd }), 1)
	}
	for _, target := range []string{"/", "/" + updatePath, "/v1/.." + updatePath, strings.ToUpper(updatePath)} {
		add(sent(goodUpdate, func(m *message) { m.target = target }), 1)
	}
	for _, status := range []int{100, 101, 199, 201, 204, 299, 300, 302, 403, 429, 499, 500, 599, 600, 999, 1000} {
		add(responded(status, `{"code":1}`), 1)
	}
	documents := bothDocuments(f)
	f.Fuzz(func(t *testing.T, method, target, contentType, key, body string, status uint16, requested string,
		seed uint64,
	) {
		m := message{method, target, contentType, key, changed(body, seed), int(status), requested}
		for _, j := range documents {
			if _, err := j.differ(m); err != nil {
				t.Error(err)
			}
		}
	})
}

// recordedMessages are the messages of exchanges between a client and the sandbox.
func recordedMessages(f *testing.F) (messages []message) {
	sandbox := newSandbox(f)
	record := func(base http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			requested, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			text, _ := io.ReadAll(requested)
			resp, err := base.RoundTrip(req)
			if err != nil {
				return nil, err
			}
			got, err := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(bytes.NewReader(got))
			messages = append(messages, sent(string(text), nil), message{
				contentType: resp.Header.Get("Content-Type"), status: resp.StatusCode, body: string(got), requested: string(text),
			})
			return resp, err
		})
	}
	client := sandbox.Client(heygen.WithTransport(record))
	for _, req := range []heygen.UpdateWebhookEndpointRequest{
		{EndpointID: endpointID, URL: "https://example.com/hook", Events: heygen.AllEvents()},
		{EndpointID: endpointID, URL: "https://example.com/ü?q=<&>", Events: heygen.OnlyEvents("a", "b")},
		{EndpointID: "unknown", Events: heygen.OnlyEvents()},
		{EndpointID: endpointID, URL: "/hook"},
	} {
		_, _ = client.UpdateWebhookEndpoint(f.Context(), req) // the messages matter, not the result
	}
	if len(messages) != 8 {
		f.Fatalf("%d messages were recorded, want 8", len(messages))
	}
	return messages
}

// oddValues take the place of a value. Some are no JSON.
var oddValues = []string{
	`null`, `true`, `0`, `-0`, `-1`, `1.5`, `100`, `100.0`, `1e2`, `1.00000000000000000001`, `1e-400`, `0e-400`, `1e400`,
	`12345678901234567890`, `4503599627370496.5`, `10000000000000000000000.5e-1`, `""`, `"100"`, `"enabled"`, `"Enabled"`,
	`"\ud800"`, "\"\xff\"", `"\u0000"`, `[]`, `[null]`, `["a","a"]`, `[[]]`, `[1]`, `{}`, `{"a":1}`,
	`"2025-10-22T08:31:48"`, `"2025-10-22T08:31:48Z"`, `"2025-10-22t08:31:48.5z"`, `"2025-02-29T00:00:00Z"`,
	`"2025-10-22T24:00:00Z"`, `"2025-12-31T23:59:60Z"`, `"2025-12-31T23:59:60"`, `"2025-10-22 08:31:48"`,
	`"2025-10-22T08:31:48+24:00"`, `"2025-10-22T08:31:48,5Z"`, `"2025-10-22T08:31:48-00:00"`, `"2025-10-22"`,
	`"0000-01-01T00:00:00Z"`, `"٢025-10-22T08:31:48Z"`, `nul`, `01`, `'a'`, `NaN`, ``,
}

// changed is a JSON text with up to three of its values replaced, doubled or taken out. A text that is no JSON stays as
// it is, and so does every one with the seed 0.
func changed(text string, seed uint64) string {
	if seed == 0 {
		return text
	}
	dice := rand.New(rand.NewPCG(seed, 0))
	for range 1 + dice.IntN(3) {
		places := placesOf(text, 0)
		if len(places) == 0 {
			return text
		}
		at := places[dice.IntN(len(places))]
		value, odd := text[at.value:at.end], oddValues[dice.IntN(len(oddValues))]
		switch dice.IntN(8) {
		case 0: // a member or an item less; the comma before it stays, and often breaks the JSON
			text = text[:at.start] + strings.TrimPrefix(text[at.end:], ",")
		case 1: // the same member or item again
			text = text[:at.end] + "," + text[at.start:]
		case 2:
			text = text[:at.start] + `"more":` + odd + "," + text[at.start:]
		case 3:
			text = text[:at.value] + "[" + value + "]" + text[at.end:]
		case 4:
			text = text[:at.end] + odd + text[at.end:]
		default:
			text = text[:at.value] + odd + text[at.end:]
		}
	}
	return text
}

// place is where a member or an item of a JSON text is; start is that of its name, if it has one.
type place struct{ start, value, end int }

// placesOf finds the values of a JSON text that begins at an offset, outer ones first.
func placesOf(text string, offset int) []place {
	lax := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	in := jsontext.NewDecoder(strings.NewReader(text), lax...)
	whole, err := in.ReadValue()
	if err != nil {
		return nil
	}
	end := int(in.InputOffset())
	begin := end - len(whole)
	places := []place{{offset + begin, offset + begin, offset + end}}
	if kind := whole.Kind(); kind != '{' && kind != '[' {
		return places
	}
	inner := jsontext.NewDecoder(bytes.NewReader(whole), lax...)
	_, _ = inner.ReadToken()
	for start := -1; inner.PeekKind() != '}' && inner.PeekKind() != ']'; {
		value, _ := inner.ReadValue()
		end := int(inner.InputOffset())
		if start < 0 {
			start = end - len(value)
		}
		if _, names := inner.StackIndex(1); whole.Kind() == '{' && names%2 == 1 {
			continue // that was a name
		}
		deeper := placesOf(string(value), offset+begin+end-len(value))
		deeper[0].start = offset + begin + start
		places = append(places, deeper...)
		start = -1
	}
	return places
}
