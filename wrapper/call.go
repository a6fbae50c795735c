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
	"time"
)

// maxResponse is the length of the longest body that is read, in bytes after decompression.
const maxResponse = 1 << 20

// Do calls an operation that has no method yet, with everything a method has: authentication, retries, limits and error
// envelope. build makes the request with a builder of package generated, to which it passes base on; op names the
// operation in errors and logs. Do returns what the envelope holds as data. Where an operation answers without data, T
// is struct{}.
//
//	endpoint, err := heygen.Do[heygen.WebhookEndpoint](ctx, client, "UpdateWebhookEndpoint",
//		func(base *url.URL) (*http.Request, error) {
//			return generated.NewUpdateWebhookEndpointRequest(base, req)
//		})
func Do[T any](
	ctx context.Context, c *Client, op string, build func(base *url.URL) (*http.Request, error),
) (*T, error) {
	var data *T
	err := c.call(ctx, op, build, func(status int, body []byte) (f failure) {
		data, f = decodeSuccess[T](status, body)
		return f
	})
	if err != nil {
		return nil, err
	}
	return data, nil
}

// call builds the request and repeats it as the retry policy says. decode reads the body of a 2xx.
func (c *Client) call(
	ctx context.Context, op string, build func(*url.URL) (*http.Request, error), decode decoder,
) error {
	req, err := build(c.base)
	if err == nil && (req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host) {
		err = errors.New("the request is not for the base URL's host, and the API key goes nowhere else")
	}
	if err != nil {
		return &Error{Op: op, Err: fmt.Errorf("%w: %w", ErrInvalidRequest, err)}
	}
	for attempt := 1; ; attempt++ {
		start := time.Now()
		r, failed := c.attempt(ctx, req, decode)
		if failed == nil {
			c.log.attempt(ctx, op, attempt, time.Since(start), r, nil, 0)
			return nil
		}
		failed.Op, failed.Attempts = op, attempt
		wait, again := c.retry.next(ctx, attempt, req, failed)
		c.log.attempt(ctx, op, attempt, time.Since(start), r, failed, wait)
		if !again {
			return failed
		}
		if err := sleep(ctx, wait); err != nil {
			failed.Err = newCause(fmt.Errorf("%w while waiting to repeat the call", err), nil)
			return failed
		}
	}
}

// decoder reads the body of a 2xx. The zero failure is success.
type decoder func(status int, body []byte) failure

// reply is what came back.
type reply struct {
	status int // 0 if no response arrived
	header http.Header
	body   []byte
}

// attempt sends the request once. The error's Op and Attempts are the caller's to fill in.
func (c *Client) attempt(ctx context.Context, req *http.Request, decode decoder) (reply, *Error) {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var r reply
	key, err := c.currentKey(limited)
	if err == nil {
		r, err = c.exchange(limited, req, key)
	}
	var f failure
	switch {
	case err != nil:
		f.err = exchangeError(ctx, limited, err)
	case r.status/100 == 3:
		f.err = fmt.Errorf("%w: it points at host %s", ErrRedirect, cmp.Or(redirectHost(r.header), "(none)"))
	case r.status/100 == 2:
		if f = decode(r.status, r.body); f == (failure{}) {
			return r, nil
		}
	default:
		f = decodeFailure(r.body)
	}
	return r, newError(r, f, key)
}

func (c *Client) currentKey(ctx context.Context) (string, error) {
	key, err := c.apiKey(ctx)
	if err != nil {
		return "", fmt.Errorf("getting the API key: %w", err)
	}
	if err := checkAPIKey(key); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalidRequest, err)
	}
	return key, nil
}

// exchange sends a copy of the request, because the transport may still be reading that of the last attempt.
func (c *Client) exchange(ctx context.Context, req *http.Request, key string) (reply, error) {
	req = req.Clone(ctx)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return reply{}, err
		}
		req.Body = body
	}
	req.Header.Set("X-Api-Key", key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // the body has been read
	r := reply{status: resp.StatusCode, header: resp.Header}
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	switch {
	case err != nil:
		err = fmt.Errorf("%w: %w", ErrTransport, err)
	case len(r.body) > maxResponse:
		err = fmt.Errorf("%w: over %d bytes", ErrResponseTooLarge, maxResponse)
	}
	r.body = bytes.TrimPrefix(r.body, []byte("\uFEFF")) // a byte order mark, which JSON does not allow
	return r, err
}
