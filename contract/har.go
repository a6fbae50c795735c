package contract

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/heygen-go/heygen/internal/loopback"
)

// HAREntry is what [Contract.CheckHAR] found in one entry of an archive. It holds no value of the recorded traffic.
type HAREntry struct {
	Index     int       // among the entries of the archive, from 0
	Operation string    // "PATCH /v1/webhook/endpoint.update", or "" if the document has none for it
	Unjudged  Unjudged  // what was not checked, and so can be right or wrong; "" if all was
	Findings  []Finding // those of the request, then those of the response
}

// Unjudged is the reason for which an entry of an archive, or a part of it, was not checked.
type Unjudged string

// The reasons.
const (
	UnjudgedHost         Unjudged = "another host" // and a path that the document does not have
	UnjudgedResponse     Unjudged = "no response was recorded"
	UnjudgedResponseBody Unjudged = "the body of the response was not recorded"
	UnjudgedRequestBody  Unjudged = "the body of the request was not recorded"
)

// CheckHAR checks recorded traffic, an HTTP archive (HAR 1.2) of a browser, a proxy or a client, and returns one entry
// for each of the archive's, in its order. As with [WithReportOnly] the response to a broken request is checked, too.
// It returns an error if r cannot be read, or if an entry does not have the form of HAR. A broken contract is not an
// error.
//
// As elsewhere hosts do not matter, but an archive may hold other traffic: a request for a path that the document does
// not have is a finding if it went to a server of the document or to loopback. Otherwise it is not checked.
//
// Recorded traffic can be checked against a newer document: load that one.
func (c *Contract) CheckHAR(r io.Reader) ([]HAREntry, error) {
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
	entries := make([]HAREntry, len(har.Log.Entries))
	for i, text := range har.Log.Entries {
		var recorded recording
		if err := decodeHAR(text, &recorded); err != nil {
			return nil, fmt.Errorf("contract: HAR: entry %d: not of the form of HAR 1.2", i)
		}
		entry, err := c.checkRecording(fmt.Sprintf("entry %d", i), recorded)
		if err != nil {
			return nil, fmt.Errorf("contract: HAR: entry %d: %w", i, err)
		}
		entry.Index = i
		entries[i] = entry
	}
	return entries, nil
}

// decodeHAR is lenient: the recording program is not what is checked.
func decodeHAR(data []byte, into any) error {
	return json.Unmarshal(data, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// recording is an entry, as much of it as can be checked.
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

func (c *Contract) checkRecording(exchange string, recorded recording) (HAREntry, error) {
	target, err := url.Parse(recorded.Request.URL)
	if err != nil {
		return HAREntry{Unjudged: UnjudgedHost}, nil //nolint:nilerr // the URLs of the document's servers can be read
	}
	req := &http.Request{
		Method: recorded.Request.Method, URL: target, Host: target.Host, Header: recorded.Request.Headers.header(),
	}
	var entry HAREntry
	route, _, unknown := c.route(req)
	switch {
	case unknown == nil:
		entry.Operation = operationName(route)
	case unknown[0].Keyword == "path" && !c.isServer(target):
		return HAREntry{Unjudged: UnjudgedHost}, nil
	}
	sent, haveSent, err := recorded.Request.PostData.bytes(recorded.Request.BodySize)
	if err != nil {
		return HAREntry{}, err
	}
	got, haveGot, err := recorded.Response.Content.bytes(recorded.Response.Content.Size)
	if err != nil {
		return HAREntry{}, err
	}
	req.Body, req.GetBody = readable(sent), func() (io.ReadCloser, error) { return readable(sent), nil }
	if haveSent || unknown != nil {
		entry.Findings = findingsOf(c.checkRequest(exchange, req))
	} else {
		entry.Unjudged = UnjudgedRequestBody
	}
	switch {
	case unknown != nil: // nothing is documented of its response
	case recorded.Response.Status == 0:
		entry.Unjudged = UnjudgedResponse
	case !haveGot:
		entry.Unjudged = UnjudgedResponseBody
	default:
		resp := &http.Response{
			StatusCode: recorded.Response.Status, Header: recorded.Response.Headers.header(), Body: readable(got),
		}
		entry.Findings = append(entry.Findings, findingsOf(c.checkResponse(exchange, req, resp))...)
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
	return loopback.Is(host) || slices.ContainsFunc(c.servers, func(s *openapi3.Server) bool {
		server, err := url.Parse(s.URL)
		return err == nil && strings.EqualFold(server.Hostname(), host)
	})
}
