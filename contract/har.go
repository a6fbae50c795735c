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
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/heygen-go/heygen/internal/cors"
	"github.com/heygen-go/heygen/internal/loopback"
)

// HAREntry is what [Contract.CheckHAR] found in one entry of an archive. It holds no value of the recorded traffic.
type HAREntry struct {
	Index     int       // among the entries of the archive, from 0
	Operation string    // "PATCH /v1/webhook/endpoint.update", or "" if the document has none for it
	Unjudged  Unjudged  // why a message was not checked, the response if neither was; "" if both were
	Findings  []Finding // those of the request, then those of the response
}

// CheckHAR checks recorded traffic, an HTTP archive (HAR 1.2) of a browser, a proxy or a client, and returns one entry
// for each of the archive's, in its order. As with [WithReportOnly] the response to a broken request is checked, too.
// It returns an error if r cannot be read or is no archive. A broken contract is not an error, and neither is an entry
// that cannot be checked: HAREntry.Unjudged has the reason, and [WithOnUnjudged] and [WithCollector] get it, too.
//
// Programs record what they have. A body is checked if the entry has its text, or if it says that there was none: a
// size that is -1 or missing is unknown.
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
		entries[i] = c.checkEntry(fmt.Sprintf("entry %d", i), text)
		entries[i].Index = i
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
		recordedMessage
		Method   string       `json:"method"`
		URL      string       `json:"url"`
		PostData recordedBody `json:"postData"`
	} `json:"request"`
	Response struct {
		recordedMessage
		Status  int          `json:"status"`
		Content recordedBody `json:"content"`
		Error   any          `json:"_error"`       // of Chrome, null without one
		Failure any          `json:"_failureText"` // of Playwright
	} `json:"response"`
}

type recordedMessage struct {
	Headers []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"headers"`
	BodySize *float64 `json:"bodySize"` // on the wire; -1 is unknown
}

// header is without the names of HTTP/2 that are no headers.
func (m *recordedMessage) header() http.Header {
	header := http.Header{}
	for _, h := range m.Headers {
		if !strings.HasPrefix(h.Name, ":") {
			header.Add(h.Name, h.Value)
		}
	}
	return header
}

type recordedBody struct {
	Size     *float64 `json:"size"` // -1 is unknown
	MimeType string   `json:"mimeType"`
	Text     string   `json:"text"`
	Encoding string   `json:"encoding"`
	Comment  string   `json:"comment"` // of Firefox, which explains there why it kept no text
}

// complete adds the content type to a header that was recorded without one: Chrome does so for some requests.
func (b *recordedBody) complete(header http.Header) http.Header {
	if len(header) == 0 && strings.Contains(b.MimeType, "/") {
		header.Set("Content-Type", b.MimeType)
	}
	return header
}

// bytes returns a body. It reports false if that was not recorded, or not as it was.
func (b *recordedBody) bytes(bodySize *float64, header http.Header) ([]byte, bool) {
	size := -1.0 // the largest that is stated: Content-Length and bodySize are of the coded body
	for _, stated := range []*float64{b.Size, bodySize} {
		if stated != nil {
			size = max(size, *stated)
		}
	}
	length, err := strconv.ParseFloat(header.Get("Content-Length"), 64)
	if err == nil {
		size = max(size, length)
	}
	if b.Text == "" { // Sizes are often 0 for a body that the program did not keep.
		byDefault := bodySize != nil && *bodySize < 0 && err != nil // nothing states the size but b.Size
		return nil, size == 0 && !byDefault && b.Comment == "" && header.Get("Transfer-Encoding") == ""
	}
	data := []byte(b.Text)
	switch strings.ToLower(b.Encoding) {
	case "", "utf-8", "utf8":
	case "base64":
		if data, err = base64.StdEncoding.DecodeString(b.Text); err != nil {
			return nil, false
		}
	default:
		return nil, false
	}
	cutOff := size > float64(len(data)) && beginsJSON(data) && !jsontext.Value(data).IsValid()
	return data, !cutOff
}

func beginsJSON(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) > 0 && strings.IndexByte(`{["`, body[0]) >= 0
}

// isCoded reports whether a body was recorded as it was on the wire, under its content coding. Most programs undo that
// and keep the header.
func isCoded(body []byte) bool {
	isBinary := func(r rune) bool { return r == utf8.RuneError || r < ' ' && !strings.ContainsRune("\t\r\n", r) }
	return !beginsJSON(body) && bytes.ContainsFunc(body, isBinary)
}

func (c *Contract) checkEntry(exchange string, text jsontext.Value) (entry HAREntry) {
	unjudged := func(reason Unjudged) HAREntry {
		entry.Unjudged = reason
		c.unjudged(UnjudgedExchange{exchange, entry.Operation, reason})
		return entry
	}
	var to struct {
		Request struct {
			Method string `json:"method"`
			URL    string `json:"url"`
		} `json:"request"`
		ResourceType any `json:"_resourceType"` // of Chrome
	}
	if err := decodeHAR(text, &to); err != nil || to.Request.URL == "" {
		return unjudged(UnjudgedEntry)
	}
	target, err := url.Parse(to.Request.URL)
	if err != nil || !isHTTP(target) || to.Request.Method == http.MethodConnect { // a tunnel that a proxy saw
		return unjudged(UnjudgedHost)
	}
	req := &http.Request{Method: to.Request.Method, URL: target, Host: target.Host}
	route, _, unknown := c.route(req)
	switch {
	case unknown == nil:
		entry.Operation = route.name
	case unknown[0].Keyword == "path" && !c.isServer(target):
		return unjudged(UnjudgedHost)
	}
	var recorded recording
	if err := decodeHAR(text, &recorded); err != nil || recorded.Request.Headers == nil {
		return unjudged(UnjudgedEntry)
	}
	req.Header = recorded.Request.PostData.complete(recorded.Request.header())
	req.Header.Del("Content-Encoding")
	if cors.IsPreflight(req.Method, req.Header) || to.ResourceType == "preflight" {
		return unjudged(UnjudgedPreflight)
	}
	sent, haveSent := recorded.Request.PostData.bytes(recorded.Request.BodySize, req.Header)
	req.Body, req.GetBody = readable(sent), func() (io.ReadCloser, error) { return readable(sent), nil }
	if haveSent || unknown != nil || route.body == nil {
		entry.Findings = findingsOf(c.checkRequest(exchange, req))
	} else {
		unjudged(UnjudgedRequestBody)
	}
	if unknown != nil { // nothing is documented of its response
		return entry
	}
	got, reason := recorded.response(req.Method)
	status := recorded.Response.Status
	if reason != "" && (reason == UnjudgedResponse || c.knowsStatus(req, status)) {
		return unjudged(reason)
	}
	resp := &http.Response{StatusCode: status, Body: readable(got),
		Header: recorded.Response.Content.complete(recorded.Response.header())}
	resp.Header.Del("Content-Encoding")
	entry.Findings = append(entry.Findings, findingsOf(c.checkResponse(exchange, req, resp))...)
	return entry
}

// isHTTP reports whether a URL is one of HTTP. Browsers record others, too: data:, blob: and wss:.
func isHTTP(target *url.URL) bool {
	return target.Opaque == "" && slices.Contains([]string{"http", "https", ""}, strings.ToLower(target.Scheme))
}

// response returns the body of the recorded response, decoded, or the reason for which it cannot be checked.
func (r *recording) response(method string) ([]byte, Unjudged) {
	resp, header := &r.Response, r.Response.header()
	switch {
	case resp.Status < 100, // 0 and -1 are the statuses of a request that was aborted
		header.Get("Non-Authoritative-Reason") != "": // a redirect that Chrome itself made
		return nil, UnjudgedResponse
	case resp.Headers == nil:
		return nil, UnjudgedEntry
	case !hasContent(method, resp.Status):
		return nil, "" // a browser records with a 304 the body that it has kept
	}
	body, recorded := resp.Content.bytes(resp.BodySize, header)
	failed := resp.Error != nil && resp.Error != "" || resp.Failure != nil && resp.Failure != ""
	switch {
	case failed && !jsontext.Value(body).IsValid():
		return nil, UnjudgedBrokenOff
	case !recorded:
		return nil, UnjudgedResponseBody
	case !isCoded(body):
		return body, ""
	}
	body, err := decompress(header, body)
	if err != nil {
		return nil, UnjudgedCoding
	}
	return body, ""
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
	return loopback.Is(host) || slices.Contains(c.hosts, strings.ToLower(host))
}
