package heygen

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

// maxResponse is the length of the longest body that is read, in bytes after decompression.
const maxResponse = 1 << 20

// Do calls an operation for which the client has no method, and does everything that a method does: authentication,
// retries, limits, and decoding of the envelope. It returns the data of the envelope. If the operation responds without
// data, T is struct{}.
//
// op is the operation's name in errors and logs. build makes the request, with a builder of package generated or by
// hand: with http.NewRequest and a URL made by base.JoinPath. Do sets the headers X-Api-Key, Accept and User-Agent in
// it, so no other call may have the same Header. Do refuses a request to another host or scheme than those of base. A
// body is sent again in a further attempt if the request has GetBody, which http.NewRequest sets for a bytes.Reader,
// bytes.Buffer or strings.Reader.
//
//	endpoint, err := heygen.Do[heygen.WebhookEndpoint](ctx, client, "UpdateWebhookEndpoint",
//		func(base *url.URL) (*http.Request, error) {
//			return generated.NewUpdateWebhookEndpointRequest(base, req)
//		})
func Do[T any](ctx context.Context, c *Client, op string, build func(*url.URL) (*http.Request, error)) (*T, error) {
	var data *T
	err := c.call(ctx, op, build, func(status int, body []byte) (code string, f failure) {
		data, f = decodeSuccess[T](status, body)
		return codeSuccess, f
	})
	return data, err
}

// DoV3 calls an operation of version 3 of the API as [Do] calls one of version 1. T is the type of the whole body, such
// as a struct with the members data, has_more and next_token. With struct{} only what makes a success is looked at: an
// object whose data is there and not null, and whose error is not there or null.
func DoV3[T any](ctx context.Context, c *Client, op string, build func(*url.URL) (*http.Request, error)) (*T, error) {
	var whole *T
	err := c.call(ctx, op, build, func(status int, body []byte) (code string, f failure) {
		whole, f = decodeSuccessV3[T](status, body)
		return "", f
	})
	return whole, err
}

// builder builds a request under the path of a base URL.
type builder = func(base *url.URL) (*http.Request, error)

// decoder reads the body of a 2xx. The zero failure is success, with the code for [Attempt].
type decoder func(status int, body []byte) (code string, f failure)

// call builds the request and sends it as often as the retry policy allows.
func (c *Client) call(ctx context.Context, op string, build builder, decode decoder) error {
	req, err := c.newRequest(build)
	if err != nil {
		return &Error{Op: op, Err: fmt.Errorf("%w: %w", ErrInvalidRequest, err)}
	}
	sent, key := false, ""
	for number := 1; ; number++ {
		start := time.Now()
		r, failed := c.attempt(ctx, req, decode, key)
		if failed == nil {
			c.observe(ctx, op, number, start, r, nil, 0)
			return nil
		}
		sent, key = sent || r.sent, r.key
		failed.Op, failed.Attempts, failed.sent = op, number, sent
		wait, again := c.retry.next(ctx, number, req, failed)
		c.observe(ctx, op, number, start, r, failed, wait)
		if !again {
			return failed
		}
		if err := sleep(ctx, wait); err != nil {
			return failed.withCause(fmt.Errorf("%w while waiting for the next attempt", err), r.key)
		}
		if req, err = copyRequest(ctx, req); err != nil {
			return failed.withCause(err, r.key)
		}
	}
}

// newRequest builds a request and refuses one that would send the API key elsewhere.
func (c *Client) newRequest(build builder) (*http.Request, error) {
	if c == nil || c.base == nil {
		return nil, errors.New("the client was not made by NewClient")
	}
	if build == nil {
		return nil, errors.New("the function that builds the request is nil")
	}
	base := *c.base // a copy: build must not change where the client sends the key
	req, err := build(&base)
	if err != nil {
		return nil, err
	}
	if req == nil || req.URL == nil {
		return nil, errors.New("there is no request, or it has no URL")
	}
	if req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host {
		return nil, fmt.Errorf("refusing to send the API key to a host other than %s", c.base.Host)
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	return req, nil
}

// copyRequest returns a request for a further attempt. The transport may still read the one before.
func copyRequest(ctx context.Context, req *http.Request) (*http.Request, error) {
	req = req.Clone(ctx)
	if req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err == nil && body == nil {
		err = errors.New("GetBody of the request returned no body")
	}
	req.Body = body
	return req, err
}

// sleep returns early, with an error, when the context ends.
func sleep(ctx context.Context, wait time.Duration) error {
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// response is the response to one attempt, with the API key that was sent, so that errors can redact it.
type response struct {
	key    string
	sent   bool // whether the request may have reached the server
	status int  // 0 if no response arrived
	header http.Header
	body   []byte
	code   string // after a success: codeSuccess in version 1, "" in version 3
}

// shown returns the text of a header for observers and errors: at most 64 bytes, and redacted.
func (r response) shown(header string) string {
	text := r.header.Get(header)
	if text == "" {
		return ""
	}
	return clean(text, maxCode, append(secretsIn(r.body), r.key)...)
}

// attempt sends the request once. It returns a nil error after a success. The caller fills in the Op and the Attempts
// of the error. lastKey is the API key of the attempt before, which errors redact if there is none for this one.
func (c *Client) attempt(ctx context.Context, req *http.Request, decode decoder, lastKey string) (response, *Error) {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r, err := c.exchange(limited, req)
	r.key = cmp.Or(r.key, lastKey)
	var f failure
	switch {
	case r.status/100 == 3: // also if its body could not be read
		f.err = fmt.Errorf("%w: it points at host %s", ErrRedirect, redirectHost(req.URL, r.header.Get("Location")))
	case err != nil:
		f.err = exchangeError(ctx, limited, err)
	case r.status/100 == 2:
		if r.code, f = decode(r.status, r.body); f == (failure{}) {
			return r, nil
		}
	default:
		f = decodeFailure(r.body)
	}
	if ofHeyGen := f.err == nil && isHeyGenCode(f.code); !ofHeyGen && c.mayHaveEnded(r.status, req.URL) {
		f.err = withEnd(f.err)
	}
	return r, newError(r, f)
}

// withEnd returns an error, or nil, with what HeyGen announced.
func withEnd(err error) error {
	const end = "HeyGen announced the end of version 1 for 2026-10-31, " +
		"and the client of version 3 is github.com/heygen-go/heygen/wrapper/v3"
	if err == nil {
		return errors.New(end)
	}
	return fmt.Errorf("%w; %s", err, end)
}

// mayHaveEnded reports whether a failure without HeyGen's envelope can be the end of version 1.
func (c *Client) mayHaveEnded(status int, requested *url.URL) bool {
	below := c.base.JoinPath("v1/").Path // without the first slash if the base URL has no path
	return (status == http.StatusNotFound || status == http.StatusGone) &&
		strings.HasPrefix(strings.TrimPrefix(requested.Path, "/"), strings.TrimPrefix(below, "/"))
}

// exchange sends the request with the headers of every request of this client, and reads the response.
func (c *Client) exchange(ctx context.Context, req *http.Request) (response, error) {
	var r response
	key, err := c.apiKey(ctx)
	r.key = key
	if err == nil {
		err = CheckAPIKey(key)
	}
	if err != nil {
		return r, fmt.Errorf("getting the API key: %w", err)
	}
	c.setHeaders(req.Header, key)
	if ctx.Err() != nil {
		return r, ctx.Err() // not every transport looks at it before it sends
	}
	// Not by an http.Client: it would follow redirects, with the API key, and lose the status of some that it cannot
	// follow.
	resp, err := c.transport.RoundTrip(req.WithContext(ctx))
	if err == nil && resp == nil {
		err = errors.New("the transport returned neither a response nor an error")
	}
	if err != nil {
		r.sent = mayHaveReached(err)
		return r, networkError(err)
	}
	if resp.Body == nil {
		resp.Body = http.NoBody // of a transport made by hand
	}
	r.status, r.header, r.sent = resp.StatusCode, resp.Header, true
	if r.status == http.StatusSwitchingProtocols {
		_ = resp.Body.Close() // reading it would not end with the context
		return r, nil
	}
	r.body, err = c.readBody(ctx, resp)
	return r, err
}

// setHeaders sets the headers of every request of this client. Their values share one array: three would be two
// allocations more.
func (c *Client) setHeaders(header http.Header, key string) {
	values := []string{key, "application/json", c.userAgent}
	header["X-Api-Key"] = values[0:1:1]
	header["Accept"] = values[1:2:2]
	header["User-Agent"] = values[2:3:3]
}

// readBody reads and closes a body. One of net/http ends with the context. Any other is read by a goroutine, which is
// left alone when the context ends.
func (c *Client) readBody(ctx context.Context, resp *http.Response) ([]byte, error) {
	if _, endsInTime := c.transport.(netHTTP); endsInTime || isInMemory(resp.Body) {
		return readAll(ctx, resp)
	}
	type result struct {
		body     []byte
		err      error
		panicked any
	}
	done := make(chan result, 1) // with room, so that a late result ends the goroutine, too
	go func() {
		var r result
		defer func() {
			r.panicked = recover()
			done <- r
		}()
		r.body, r.err = readAll(ctx, resp)
	}()
	select {
	case r := <-done:
		if r.panicked != nil {
			panic(r.panicked)
		}
		return r.body, r.err
	case <-ctx.Done():
		go resp.Body.Close() // which may block as long as the reading
		return nil, ctx.Err()
	}
}

// isInMemory reports whether a body is as tests make it: io.NopCloser of bytes that are there already. A goroutine
// would make such a call take a third longer.
func isInMemory(body io.ReadCloser) bool {
	closer := reflect.ValueOf(body)
	if closer.Kind() != reflect.Struct || closer.NumField() != 1 || closer.Type().PkgPath() != "io" {
		return body == http.NoBody
	}
	switch closer.Field(0).Interface().(type) {
	case *bytes.Reader, *bytes.Buffer, *strings.Reader:
		return true
	}
	return false
}

// readAll reads to the end and closes the body, so that the connection can be used again. It reads at most maxResponse
// bytes.
func readAll(ctx context.Context, resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	size := resp.ContentLength + 1 // the end is read with the last byte
	if size <= 0 || size > 64<<10 {
		size = 512
	}
	body := make([]byte, 0, size)
	for len(body) <= maxResponse {
		if ctx.Err() != nil {
			return body, ctx.Err() // a reader may return 0 bytes for ever
		}
		if len(body) == cap(body) {
			body = slices.Grow(body, len(body))
		}
		room := body[len(body):min(cap(body), maxResponse+1)]
		n, err := resp.Body.Read(room)
		if n < 0 || n > len(room) {
			return body, fmt.Errorf("%w: a read of the body returned an impossible count", ErrTransport)
		}
		body = body[:len(body)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return body, fmt.Errorf("%w: %w", ErrTransport, err)
		}
	}
	if len(body) > maxResponse {
		return body, fmt.Errorf("%w: over %d bytes", ErrResponseTooLarge, maxResponse)
	}
	return bytes.TrimPrefix(body, []byte("\uFEFF")), nil // without a byte order mark, which JSON does not allow
}
