package contract_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/contract"
)

// What some kinds of mistakes are reported as; TestEveryWayFindsTheSame has the others. That no mistake is missed is
// the score of tests/contractmutants.
func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	const good = `{"endpoint_id":"e1"}`
	for name, test := range map[string]struct {
		body   string
		change func(*http.Request)
		want   string // without the party, with ", " between
	}{
		"null in a list":          {`{"endpoint_id":"e1","events":[null]}`, nil, "request body /events/0: type"},
		"two mistakes":            {`{"url":1}`, nil, "request body: required, request body /url: type"},
		"duplicate name, escaped": {`{"url":"a","\u0075rl":"b"}`, nil, "request body /url: json"},
		"number out of range":     {`{"endpoint_id":"e1","more":1e400}`, nil, "request body /more: json"},
		"malformed content type":  {good, with("Content-Type", "application/json;="), "request content type: content-type"},
		"no key and no body":      {"", without("X-Api-Key"), "request header x-api-key: security, request body: required"},
		"no method, which is GET": {good, func(r *http.Request) { r.Method = "" }, "request method: method"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(test.body)
			if test.change != nil {
				test.change(req)
			}
			want := strings.Split("client: "+strings.ReplaceAll(test.want, ", ", ", client: "), ", ")
			wantTexts(t, c.CheckRequest(req), want...)
		})
	}
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func without(name string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Del(name) }
}

func at(path string) func(*http.Request) {
	return func(r *http.Request) { r.URL, _ = r.URL.Parse(path) }
}

// with200 is a success with another value for one of the members it has.
func with200(name, value string) string {
	changed := success("")
	start := strings.Index(changed, `"`+name+`":`) + len(name) + 3
	end := start + strings.IndexAny(changed[start:], ",}")
	return changed[:start] + value + changed[end:]
}

// CheckRequest blames the client for a request without operation; the response to it is not checked.
func TestAResponseWithoutOperationIsNotChecked(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	c := load(t, correctedDocument, contract.WithCollector(&seen))
	for _, change := range []func(*http.Request){at("/v1/unknown"), func(r *http.Request) { r.Method = http.MethodPut }} {
		req := request(`{}`)
		change(req)
		err := c.CheckResponse(req, response(200, success("")))
		if err == nil || errors.As(err, new(*contract.Violation)) || len(seen.Summary().Operations) != 1 {
			t.Errorf("got %v, want an error that is no violation", err)
		}
	}
}

func TestBodiesStayReadable(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	for _, sent := range []string{`{"endpoint_id":"e1"}`, `{"endpoint_id":1}`, "", strings.Repeat("x", 1<<20+100)} {
		for _, req := range []*http.Request{request(sent), received(strings.NewReader(sent))} {
			_ = c.CheckRequest(req)
			if req.GetBody != nil {
				again, err := req.GetBody()
				if err != nil {
					t.Fatal(err)
				}
				wantBody(t, again, sent)
			} else if len(sent) > 0 && len(sent) <= 1<<20 {
				t.Errorf("no GetBody for %d bytes", len(sent))
			}
			wantBody(t, req.Body, sent)
		}
		resp := response(200, sent)
		_ = c.CheckResponse(request(""), resp)
		wantBody(t, resp.Body, sent)
	}
}

// endless is a body that must not be read whole.
type endless struct{ read int }

func (e *endless) Close() error { return nil }

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 4<<20 {
		return 0, errors.New("read too much")
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestTooLargeBodiesAreNotReadWhole(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	req, resp := received(&endless{}), response(200, "")
	resp.Body = &endless{}
	wantTexts(t, c.CheckRequest(req), "client: request body: size")
	wantTexts(t, c.CheckResponse(request(""), resp), "server: response 200 body: size")

	fits := success(`,"padding":"` + strings.Repeat("x", 1<<20-len(success(`,"padding":""`))) + `"`)
	if len(fits) != 1<<20 {
		t.Fatalf("test body has %d bytes", len(fits))
	}
	wantTexts(t, c.CheckResponse(request(""), response(200, fits)))
	wantTexts(t, c.CheckResponse(request(""), response(200, fits+" ")), "server: response 200 body: size")
}

func TestAnUnreadableBodyIsNoViolation(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	broken := io.MultiReader(strings.NewReader(`{"code"`), errorReader{})
	resp := response(200, "")
	resp.Body = io.NopCloser(broken)
	for _, err := range []error{c.CheckRequest(received(broken)), c.CheckResponse(request(""), resp)} {
		if violation := new(contract.Violation); !errors.Is(err, errBroken) || errors.As(err, &violation) {
			t.Errorf("got %v, want the error of the body", err)
		}
	}
}

// What follows a 101 is no body and may never end.
func TestSwitchingProtocolsIsNotRead(t *testing.T) {
	t.Parallel()
	resp := response(101, "")
	resp.Body = io.NopCloser(errorReader{})
	c := load(t, correctedDocument)
	wantTexts(t, c.CheckResponse(request(`{}`), resp), "server: response status: status")

	resp.Body = nil
	base := roundTripper(func(*http.Request) (*http.Response, error) { return resp, nil })
	_, err := c.Transport(base).RoundTrip(request(`{"endpoint_id":"e1"}`))
	wantTexts(t, err, "server: response status: status")
}

func TestCompressedResponses(t *testing.T) {
	t.Parallel()
	c := load(t, correctedDocument)
	coded := func(coding, body string) *http.Response {
		resp := response(200, body)
		resp.Header.Set("Content-Encoding", coding)
		return resp
	}
	for _, coding := range []string{"gzip", "X-GZIP", " gzip ", "gzip, identity"} {
		good := gzipped(t, success(""))
		resp := coded(coding, good)
		wantTexts(t, c.CheckResponse(request(`{}`), resp))
		wantBody(t, resp.Body, good)
		wantTexts(t, c.CheckResponse(request(`{}`), coded(coding, gzipped(t, `{}`))), "server: response 200 body: required")
		wantTexts(t, c.CheckResponse(request(`{}`), coded(coding, gzipped(t, strings.Repeat(" ", 2<<20)))),
			"server: response 200 body: size")
		wantTexts(t, c.CheckResponse(request(`{}`), coded(coding, "")), "server: response 200 body: json")
	}
	wantTexts(t, c.CheckResponse(request(`{}`), coded("identity", success(""))))
	for _, resp := range []*http.Response{
		coded("br", success("")), coded("gzip, br", success("")), coded("gzip", success("")),
		coded("gzip", gzipped(t, success(""))[:30]),
	} {
		err := c.CheckResponse(request(`{}`), resp)
		if err == nil || errors.As(err, new(*contract.Violation)) {
			t.Errorf("got %v, want an error that is no violation", err)
		}
	}
	for coding, want := range map[string][]string{
		"gzip": {"client: request body /endpoint_id: type"}, "br": nil,
	} {
		sent := request(gzipped(t, `{"endpoint_id":5}`))
		sent.Header.Set("Content-Encoding", coding)
		wantTexts(t, c.CheckRequest(sent), want...)
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return zipped.String()
}
