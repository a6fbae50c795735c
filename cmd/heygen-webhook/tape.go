package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/urfave/cli/v3"
)

// tape is a transport that records the exchanges that go through base as HAR 1.2, without keys and secrets.
type tape struct {
	base    http.RoundTripper
	hide    []string // values that are nowhere in the archive
	entries []entry
}

type entry struct {
	Started  time.Time `json:"startedDateTime"`
	Time     float64   `json:"time"` // milliseconds
	Request  request   `json:"request"`
	Response response  `json:"response"`
	Cache    struct{}  `json:"cache"`
	Timings  timings   `json:"timings"`
}

type timings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type request struct {
	Method      string   `json:"method"`
	URL         string   `json:"url"`
	HTTPVersion string   `json:"httpVersion"`
	Cookies     []string `json:"cookies"`
	Headers     []header `json:"headers"`
	QueryString []string `json:"queryString"`
	PostData    *content `json:"postData,omitempty"`
	HeadersSize int      `json:"headersSize"`
	BodySize    int      `json:"bodySize"`
}

type response struct {
	Status      int      `json:"status"`
	StatusText  string   `json:"statusText"`
	HTTPVersion string   `json:"httpVersion"`
	Cookies     []string `json:"cookies"`
	Headers     []header `json:"headers"`
	Content     *content `json:"content"`
	RedirectURL string   `json:"redirectURL"`
	HeadersSize int      `json:"headersSize"`
	BodySize    int      `json:"bodySize"`
}

type header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type content struct {
	Size     int     `json:"size"`
	MIMEType string  `json:"mimeType"`
	Text     *string `json:"text,omitempty"`
	Comment  string  `json:"comment,omitempty"`
}

// maxBody is how much of a body is recorded: one byte more than the contract allows.
const maxBody = 1<<20 + 1

func (t *tape) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, err := readAll(&req.Body)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	got, err := readAll(&resp.Body)
	if err != nil {
		return nil, err
	}
	wait := float64(time.Since(begin).Microseconds()) / 1000
	t.entries = append(t.entries, entry{
		Started: begin, Time: wait, Timings: timings{Wait: wait},
		Request: request{
			Method: req.Method, URL: t.redact(withoutTokens(req.URL.String())), HTTPVersion: resp.Proto, Cookies: []string{},
			Headers: t.headers(req.Header), QueryString: []string{}, PostData: t.content(req.Header, sent),
			HeadersSize: -1, BodySize: len(sent),
		},
		Response: response{
			Status: resp.StatusCode, HTTPVersion: resp.Proto, Cookies: []string{}, Headers: t.headers(resp.Header),
			Content: t.content(resp.Header, got), HeadersSize: -1, BodySize: len(got),
		},
	})
	return resp, nil
}

// readAll reads a body and puts one in its place that can be read from the start.
func readAll(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(*body, maxBody))
	*body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), *body), *body}
	return data, err
}

// write writes the archive to the file of --har, if there is one.
func (t *tape) write(cmd *cli.Command) error {
	file := cmd.String("har")
	if file == "" {
		return nil
	}
	entries := t.entries
	if entries == nil {
		entries = []entry{}
	}
	archive, err := json.MarshalIndent(map[string]any{"log": map[string]any{
		"version": "1.2", "creator": map[string]string{"name": name, "version": "1"}, "entries": entries,
	}}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(archive, '\n'), 0o600); err != nil {
		return usageFailure(cmd, "the file of --har cannot be written: %v", err)
	}
	return nil
}

// recordedHeaders are those whose values are recorded.
var recordedHeaders = []string{"Content-Type", "Content-Length", "Date", "Retry-After", "Server"}

func (t *tape) headers(h http.Header) []header {
	list := []header{}
	for name, values := range h {
		for _, value := range values {
			if !slices.Contains(recordedHeaders, name) {
				value = redacted
			}
			list = append(list, header{name, t.redact(value)})
		}
	}
	slices.SortFunc(list, func(a, b header) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func (t *tape) redact(text string) string {
	for _, hidden := range t.hide {
		text = strings.ReplaceAll(text, hidden, redacted)
	}
	return text
}

// content keeps a JSON body but for its secrets; of another nobody knows what is secret, so it is left out.
func (t *tape) content(h http.Header, body []byte) *content {
	c := &content{Size: len(body), MIMEType: t.redact(h.Get("Content-Type"))}
	if len(body) == 0 {
		return c
	}
	text, err := withoutSecrets(body)
	if err != nil {
		c.Comment = "not JSON, left out"
		return c
	}
	text = t.redact(text)
	c.Text = &text
	return c
}

// secretName is the name of a member that is not for others to see.
var secretName = regexp.MustCompile(`(?i)secret|token|password|api.?key|signature|credential`)

// userinfo and query are what of a URL, in any text, may hold a secret.
var (
	userinfo = regexp.MustCompile(`(://)[^/?#\s]*@`)
	query    = regexp.MustCompile(`(://[^?#\s]*)[?#]\S*`)
)

// withoutTokens hides them. What comes out is a URL as much as what went in.
func withoutTokens(text string) string {
	return query.ReplaceAllString(userinfo.ReplaceAllString(text, "${1}redacted@"), "${1}?redacted")
}

// withoutSecrets copies one JSON value, with duplicate names and all, but for the values of members with such names and
// what of URLs may be secret.
func withoutSecrets(body []byte) (string, error) {
	lenient := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	in := jsontext.NewDecoder(bytes.NewReader(body), lenient...)
	var text bytes.Buffer
	out := jsontext.NewEncoder(&text, lenient...)
	for {
		kind, length := in.StackIndex(in.StackDepth())
		name := kind == '{' && length%2 == 0
		token, err := in.ReadToken()
		if errors.Is(err, io.EOF) && in.StackDepth() == 0 {
			return strings.TrimSuffix(text.String(), "\n"), nil
		}
		if err != nil {
			return "", err
		}
		secret := name && token.Kind() == '"' && secretName.MatchString(token.String())
		if text := token.String(); token.Kind() == '"' && withoutTokens(text) != text {
			token = jsontext.String(withoutTokens(text))
		}
		if err := out.WriteToken(token); err != nil {
			return "", err
		}
		if !secret {
			continue
		}
		value, err := in.ReadValue()
		if err != nil {
			return "", err
		}
		if value.Kind() != 'n' { // that there is none is no secret
			value = jsontext.Value(`"` + redacted + `"`)
		}
		if err := out.WriteValue(value); err != nil {
			return "", err
		}
	}
}
