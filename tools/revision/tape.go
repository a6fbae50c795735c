package revision

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// tape is a transport that answers with one response and keeps the request.
type tape struct {
	status      int
	contentType string
	body        []byte

	sent     *http.Request
	sentBody []byte
}

// RoundTrip makes no connection.
func (t *tape) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	t.sent, t.sentBody = req, nil
	if req.Body != nil {
		if t.sentBody, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	return t.response(req), nil
}

func (t *tape) response(req *http.Request) *http.Response {
	header := http.Header{}
	if t.contentType != "" {
		header.Set("Content-Type", t.contentType)
	}
	return &http.Response{
		StatusCode: t.status, Header: header, Request: req,
		Body: io.NopCloser(bytes.NewReader(t.body)), ContentLength: int64(len(t.body)),
	}
}

// request is the one that was sent, with a body that can be read.
func (t *tape) request() *http.Request {
	req := t.sent.Clone(context.Background())
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(t.sentBody)), nil }
	req.Body, _ = req.GetBody()
	return req
}

// play makes the client send a request once and take the response.
func (t *tape) play(send request) (any, error) {
	client, err := heygen.NewClient("key",
		heygen.WithHTTPClient(&http.Client{Transport: t}), heygen.WithRetry(heygen.RetryPolicy{}))
	if err != nil {
		return nil, err
	}
	return send(context.Background(), client)
}

// String shows the exchange, or the request alone, without secrets.
func (t *tape) String() string {
	text := fmt.Sprintf("%s %s %s", t.sent.Method, t.sent.URL.Path, shown(t.sentBody))
	if t.contentType != "" || len(t.body) > 0 {
		text += fmt.Sprintf(" answered with %d %s", t.status, shown(t.body))
	}
	return strings.TrimSpace(text)
}

// credential is a member whose value is not shown, also within a text that holds JSON.
var credential = regexp.MustCompile(`(?i)(\\?"[a-z_-]*(?:secret|token|password|key)\\?"\s*:\s*\\?")[^"\\]*`)

const maxShown = 600 // bytes of a body

func shown(body []byte) string {
	text := credential.ReplaceAllString(string(body), "$1[redacted]")
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "..."
	}
	return text
}

// statusOf is a status that a document means by the name of a response: "200", "5XX" or "default".
func statusOf(name string, responses map[string]any) int {
	if status, err := strconv.Atoi(strings.ReplaceAll(strings.ToUpper(name), "X", "0")); err == nil {
		return status
	}
	for _, status := range []int{http.StatusInternalServerError, http.StatusBadRequest, http.StatusTeapot} {
		number := strconv.Itoa(status)
		if responses[number] == nil && responses[number[:1]+"XX"] == nil {
			return status
		}
	}
	return http.StatusTeapot
}

// operationPointer points at the operation of a request. The paths of the client have no parameters.
func operationPointer(req *http.Request) string {
	return "/paths/" + escape(req.URL.Path) + "/" + strings.ToLower(req.Method)
}
