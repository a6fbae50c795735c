package contract

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Entry is what [Contract.CheckHAR] found in one entry of an HTTP archive. It holds no value of the recorded traffic.
type Entry struct {
	Index     int       // among the entries of the archive, from 0
	Operation string    // "PATCH /v1/webhook/endpoint.update", or "" if the document has none for it
	Unjudged  string    // what was not judged, and so can be right or wrong: see [Contract.CheckHAR]; "" for nothing
	Findings  []Finding // those of the request, then those of the reply
}

// The reasons for which an entry, or a part of it, is not judged.
const (
	anotherHost   = "another host"
	anotherPath   = "another path"
	noReply       = "no reply was recorded"
	noReplyBody   = "the body of the reply was not recorded"
	noRequestBody = "the body of the request was not recorded"
)

// CheckHAR judges recorded traffic, an HTTP archive (HAR 1.2) of a browser, a proxy or a client, and returns one entry
// for each of the archive's, in its order. Unlike [Contract.Transport] it also judges the reply to a broken request.
// The error is that of reading r, or says which entry is no HAR; a broken contract is none.
//
// As elsewhere hosts do not matter, but an archive holds much else: a request whose path the document does not have is
// not judged. Its Unjudged is "another path" if it went to a server of the document or to loopback, and else "another
// host". An exchange that was cut off, and a body that was not recorded, are said there, too.
//
// Traffic that was recorded earlier can be judged by a newer document: load that one.
func (c *Contract) CheckHAR(r io.Reader) ([]Entry, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("contract: HAR: %w", err)
	}
	var har struct {
		Log struct {
			Entries []jsontext.Value `json:"entries"`
		} `json:"log"`
	}
	if err := decodeHAR(bytes.TrimPrefix(data, []byte("\ufeff")), &har); err != nil || har.Log.Entries == nil {
		return nil, errors.New("contract: HAR: not a JSON object with log.entries")
	}
	entries := make([]Entry, len(har.Log.Entries))
	for i, text := range har.Log.Entries {
		var recorded recording
		if err := decodeHAR(text, &recorded); err != nil {
			return nil, fmt.Errorf("contract: HAR: entry %d: not of the form of HAR 1.2", i)
		}
		entries[i], err = c.checkRecording(recorded)
		if err != nil {
			return nil, fmt.Errorf("contract: HAR: entry %d: %w", i, err)
		}
		entries[i].Index = i
	}
	return entries, nil
}

// decodeHAR is lenient: who records is not on trial.
func decodeHAR(data []byte, into any) error {
	return json.Unmarshal(data, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// recording is an entry, as much of it as can be judged.
type recording struct {
	Request struct {
		Method   string        `json:"method"`
		URL      string        `json:"url"`
		Headers  recordedNames `json:"headers"`
		BodySize float64       `json:"bodySize"`
		PostData *recordedBody `json:"postData"`
	} `json:"request"`
	Response struct {
		Status  int           `json:"status"`
		Headers recordedNames `json:"headers"`
		Content recordedBody  `json:"content"`
	} `json:"response"`
}

type recordedNames []struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// header is without the names of HTTP/2 that are no headers, and without the coding of a body that is recorded decoded.
func (n recordedNames) header() http.Header {
	header := http.Header{}
	for _, h := range n {
		if !strings.HasPrefix(h.Name, ":") {
			header.Add(h.Name, h.Value)
		}
	}
	header.Del("Content-Encoding")
	return header
}

type recordedBody struct {
	Size     float64 `json:"size"`
	Text     *string `json:"text"`
	Encoding string  `json:"encoding"`
}

// bytes reports false if there was a body that was not recorded.
func (b *recordedBody) bytes(size float64) (data []byte, recorded bool, err error) {
	switch {
	case b == nil || b.Text == nil || *b.Text == "" && size > 0:
		return nil, size == 0 || b == nil && size < 0, nil
	case b.Encoding == "base64":
		data, err = base64.StdEncoding.DecodeString(*b.Text)
		if err != nil {
			err = errors.New("a body is not base64")
		}
		return data, true, err
	case b.Encoding != "":
		return nil, false, nil
	}
	return []byte(*b.Text), true, nil
}

func (c *Contract) checkRecording(recorded recording) (Entry, error) {
	target, err := url.Parse(recorded.Request.URL)
	if err != nil {
		return Entry{Unjudged: anotherHost}, nil //nolint:nilerr // the URLs of the document's servers can be read
	}
	req := &http.Request{
		Method: recorded.Request.Method, URL: target, Host: target.Host, Header: recorded.Request.Headers.header(),
	}
	var entry Entry
	route, _, unknown := c.route(req)
	switch {
	case len(unknown) > 0 && unknown[0].Keyword == "path" && c.isServer(target):
		return Entry{Unjudged: anotherPath}, nil
	case len(unknown) > 0 && unknown[0].Keyword == "path":
		return Entry{Unjudged: anotherHost}, nil
	case len(unknown) == 0:
		entry.Operation = operationName(route)
	}
	sent, haveSent, err := recorded.Request.PostData.bytes(recorded.Request.BodySize)
	if err != nil {
		return Entry{}, err
	}
	got, haveGot, err := recorded.Response.Content.bytes(recorded.Response.Content.Size)
	if err != nil {
		return Entry{}, err
	}
	req.Body, req.GetBody = readable(sent), func() (io.ReadCloser, error) { return readable(sent), nil }
	if haveSent {
		entry.Findings = findingsOf(c.CheckRequest(req))
	} else {
		entry.Unjudged = noRequestBody
	}
	switch {
	case len(unknown) > 0: // the reply would be found guilty of the same
	case recorded.Response.Status == 0:
		entry.Unjudged = noReply
	case !haveGot:
		entry.Unjudged = noReplyBody
	default:
		resp := &http.Response{
			StatusCode: recorded.Response.Status, Header: recorded.Response.Headers.header(), Body: readable(got),
		}
		entry.Findings = append(entry.Findings, findingsOf(c.CheckResponse(req, resp))...)
	}
	return entry, nil
}

// findingsOf returns the findings of a check of a message in memory, which has no other error.
func findingsOf(err error) []Finding {
	if violation := (*Violation)(nil); errors.As(err, &violation) {
		return violation.Findings
	}
	return nil
}

// isServer reports whether a URL is one of a server of the document, or on loopback.
func (c *Contract) isServer(target *url.URL) bool {
	host := target.Hostname()
	return isLoopback(host) || slices.ContainsFunc(c.servers, func(s *openapi3.Server) bool {
		server, err := url.Parse(s.URL)
		return err == nil && strings.EqualFold(server.Hostname(), host)
	})
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
