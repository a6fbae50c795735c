package heygen

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// maxResponse is the length of the longest body that is read, in bytes after decompression.
const maxResponse = 1 << 20

// Do calls an operation that has no method yet, with everything a method has: authentication, retries, limits and error
// envelope. build makes the request with a builder of package generated, which takes the base URL that build is given;
// op names the operation in errors and logs. Do returns what the envelope holds as data. Where an operation answers
// without data, T is struct{}.
//
//	endpoint, err := heygen.Do[heygen.WebhookEndpoint](ctx, client, "UpdateWebhookEndpoint",
//		func(base *url.URL) (*http.Request, error) {
//			return generated.NewUpdateWebhookEndpointRequest(base, req)
//		})
func Do[T any](ctx context.Context, c *Client, op string, build func(*url.URL) (*http.Request, error)) (*T, error) {
	var data *T
	err := c.call(ctx, op, build, func(status int, body []byte) (f failure) {
		data, f = decodeSuccess[T](status, body)
		return f
	})
	return data, err
}

// decoder reads the body of a 2xx. The zero failure is success.
type decoder func(status int, body []byte) failure

// call builds the request and repeats it as the retry policy says.
func (c *Client) call(ctx context.Context, op string, build func(*url.URL) (*http.Request, error), read decoder) error {
	req, err := build(c.base)
	if err == nil && (req == nil || req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host) {
		err = fmt.Errorf("the request is not for %s, and the API key goes nowhere else", c.base.Host)
	}
	if err != nil {
		return &Error{Op: op, Err: fmt.Errorf("%w: %w", ErrInvalidRequest, err)}
	}
	for attempt := 1; ; attempt++ {
		start := time.Now()
		status, failed := c.attempt(ctx, req, read)
		if failed == nil {
			c.logAttempt(ctx, op, attempt, status, nil, time.Since(start), 0)
			return nil
		}
		failed.Op, failed.Attempts = op, attempt
		wait, again := c.retry.next(ctx, attempt, req, failed)
		c.logAttempt(ctx, op, attempt, status, failed, time.Since(start), wait)
		if !again {
			return failed
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			failed.Err = newCause(fmt.Errorf("%w while waiting to repeat the call", contextError(ctx)))
			return failed
		}
		req = req.Clone(ctx) // the transport may still be reading the last one
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				failed.Err = newCause(err)
				return failed
			}
		}
	}
}

// attempt sends the request once and returns the status of the response, 0 if none arrived. The error's Op and Attempts
// are the caller's to fill in.
func (c *Client) attempt(ctx context.Context, req *http.Request, decode decoder) (int, *Error) {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	r, err := c.exchange(limited, req)
	var f failure
	switch {
	case r.status/100 == 3: // whatever became of its body
		f.err = fmt.Errorf("%w: it points at host %s", ErrRedirect, cmp.Or(r.header.Get(refusedHost), "(none)"))
	case err != nil:
		f.err = exchangeError(ctx, limited, err)
	case r.status/100 != 2:
		f = decodeFailure(r.body)
	default:
		if f = decode(r.status, r.body); f == (failure{}) {
			return r.status, nil
		}
	}
	return r.status, newError(r, f)
}

// reply is what came back, and the key it was asked for with.
type reply struct {
	key    string
	status int // 0 if no response arrived
	header http.Header
	body   []byte
}

// exchange sends the request with what every request of this client carries.
func (c *Client) exchange(ctx context.Context, req *http.Request) (r reply, err error) {
	r.key, err = c.apiKey(ctx)
	if err = cmp.Or(err, checkAPIKey(r.key)); err != nil {
		return r, fmt.Errorf("getting the API key: %w", err)
	}
	req.Header.Set("X-Api-Key", r.key)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.http.Do(req.WithContext(ctx))
	if err != nil {
		// Out of its *url.Error, which holds the whole URL and is a net.Error whatever happened.
		return r, networkError(errors.Unwrap(err))
	}
	defer resp.Body.Close()
	r.status, r.header = resp.StatusCode, resp.Header
	if r.status == http.StatusSwitchingProtocols {
		return r, nil // reading its body would not end with the context
	}
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	if err != nil {
		return r, fmt.Errorf("%w: %w", ErrTransport, err)
	}
	if len(r.body) > maxResponse {
		return r, fmt.Errorf("%w: over %d bytes", ErrResponseTooLarge, maxResponse)
	}
	r.body = bytes.TrimPrefix(r.body, []byte("\uFEFF")) // a byte order mark, which JSON does not allow
	return r, nil
}

// logAttempt logs by allow-list: whatever else a request or a response holds may be a secret.
func (c *Client) logAttempt(ctx context.Context, op string, n, status int, e *Error, took, wait time.Duration) {
	if c.log == nil {
		return
	}
	level, text := slog.LevelWarn, "heygen call failed"
	if e == nil {
		level, text, e = slog.LevelDebug, "heygen call succeeded", &Error{}
	}
	c.log.LogAttrs(ctx, level, text, slog.String("op", op), slog.Int("attempt", n), slog.Int("status", status),
		slog.String("code", e.Code), slog.String("request_id", e.RequestID),
		slog.Duration("duration", took), slog.Duration("wait", wait))
}
