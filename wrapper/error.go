package heygen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What a call can end in, for errors.Is. Several can be true of one error.
var (
	// ErrInvalidRequest: the request was refused, by the client before anything was sent, or by HeyGen.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrUnauthorized: the API key is missing, wrong or expired.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the API key does not permit the call.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: HeyGen does not know the id. A gateway's 404 is not ErrNotFound but [ErrMalformedResponse].
	ErrNotFound = errors.New("not found")
	// ErrInvalidURL: HeyGen refused the callback URL.
	ErrInvalidURL = errors.New("invalid callback URL")
	// ErrRateLimited: too many requests; see [Error.RetryAfter].
	ErrRateLimited = errors.New("rate limited")
	// ErrServer: the server, or a gateway before it, failed.
	ErrServer = errors.New("server failure")
	// ErrAPI: HeyGen itself reported the failure, with a code.
	ErrAPI = errors.New("failure reported by HeyGen")
	// ErrMalformedResponse: the response is not of the documented shape. Under a 2xx the call may have taken effect.
	ErrMalformedResponse = errors.New("malformed response")
	// ErrResponseTooLarge: the body is longer than 1 MiB. Under a 2xx the call may have taken effect.
	ErrResponseTooLarge = errors.New("response too large")
	// ErrRedirect: the response is a redirect, which is never followed.
	ErrRedirect = errors.New("redirect refused")
	// ErrTransport: no complete response arrived. The call may have taken effect.
	ErrTransport = errors.New("transport failure")
)

// Bounds of what an Error holds.
const (
	maxMessage = 512      // bytes
	maxCode    = 64       // bytes
	maxBody    = 64 << 10 // bytes
)

// Error is what every failed call returns.
type Error struct {
	Op         string        // the operation, such as "UpdateWebhookEndpoint"
	StatusCode int           // HTTP status; 0 when no response arrived
	Code       string        // HeyGen's own code as text, such as "400131"; "" when the body carried none
	Message    string        // HeyGen's explanation, at most 512 bytes, without control characters
	RequestID  string        // X-Request-Id, if there was one
	RetryAfter time.Duration // what the server asked for; 0 when nothing
	Attempts   int           // requests sent; 0 when the request was refused before that
	Err        error         // the cause, for errors.Is and errors.As; may be nil

	body *[]byte // behind a pointer, so that %#v does not print it
}

// Error is one line of bounded length: never a body, a header, a key or a secret.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString("heygen: " + e.Op)
	if e.StatusCode != 0 {
		fmt.Fprintf(&text, ": HTTP %d", e.StatusCode)
	}
	if e.Code != "" {
		text.WriteString(", code " + e.Code)
	}
	if e.Message != "" {
		text.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		text.WriteString(": " + clean(e.Err.Error(), maxMessage))
	}
	if e.RequestID != "" {
		text.WriteString(", request id " + e.RequestID)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&text, ", %d attempts", e.Attempts)
	}
	return text.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is what happened, by HeyGen's code or, where that is unknown, by the status.
func (e *Error) Is(target error) bool {
	return target == ErrAPI && e.Code != "" || target != nil && (target == e.byCode() || target == e.byStatus())
}

// byCode knows the codes of HeyGen's documentation of errors; they do not encode the HTTP status.
func (e *Error) byCode() error {
	switch e.Code {
	case "40001", "400175":
		return ErrInvalidRequest
	case "400112", "40009", "401056", "401057":
		return ErrUnauthorized
	case "400573", "400562", "400599", "400631":
		return ErrForbidden
	case "400131", "400561":
		return ErrNotFound
	case "400542":
		return ErrInvalidURL
	}
	return nil
}

// byStatus believes a 400, 404 or 422 only where HeyGen reported it, because gateways answer with them too.
func (e *Error) byStatus() error {
	reported := e.Code != "" && e.byCode() == nil
	switch {
	case e.StatusCode == http.StatusUnauthorized:
		return ErrUnauthorized
	case e.StatusCode == http.StatusForbidden:
		return ErrForbidden
	case e.StatusCode == http.StatusTooManyRequests:
		return ErrRateLimited
	case e.StatusCode >= http.StatusInternalServerError:
		return ErrServer
	case reported && (e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusUnprocessableEntity):
		return ErrInvalidRequest
	case reported && e.StatusCode == http.StatusNotFound:
		return ErrNotFound
	}
	return nil
}

// Retryable reports whether the same call may work later: after 429, 502, 503 and 504, a timeout, or a connection that
// failed. The client itself repeats fewer calls than that; see the package comment.
func (e *Error) Retryable() bool {
	return repeatable(http.MethodPatch, e) || errors.Is(e.Err, context.DeadlineExceeded)
}

// Body returns a copy of at most the first 64 KiB of the body that came, or nil. It may hold secrets: do not log it.
func (e *Error) Body() []byte {
	if e.body == nil {
		return nil
	}
	return bytes.Clone(*e.body)
}

// newError makes the error of an attempt, without what must not be shown: the key, and the endpoint's secret.
func newError(r reply, f failure, key string) *Error {
	secrets := []string{key, f.secret}
	e := &Error{
		StatusCode: r.status,
		Code:       clean(hide(f.code, secrets), maxCode),
		Message:    clean(hide(f.message, secrets), maxMessage),
		RequestID:  clean(hide(r.header.Get("X-Request-Id"), secrets), maxCode),
		RetryAfter: parseRetryAfter(r.header.Get("Retry-After"), time.Now()),
		Err:        newCause(f.err, secrets),
	}
	if r.body != nil {
		body := bytes.Clone(r.body[:min(len(r.body), maxBody)])
		e.body = &body
	}
	return e
}

// cause is an error with a text that is fit to be shown.
type cause struct {
	text string
	err  error
}

func newCause(err error, secrets []string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		text = ErrTransport.Error() + ": malformed response header"
	}
	// What net/http and the JSON decoder quote is what the server sent, which may be a secret.
	if errors.Is(err, ErrTransport) || errors.Is(err, ErrMalformedResponse) {
		text, _, _ = strings.Cut(text, `"`)
	}
	return &cause{text: clean(hide(text, secrets), maxMessage), err: err}
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }

func hide(text string, secrets []string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return text
}

// clean makes text fit for one line: control characters become blanks, invalid UTF-8 the replacement character, and
// what is longer than limit bytes is cut.
func clean(text string, limit int) string {
	if len(text) > limit {
		text = text[:limit]
		for len(text) > 0 && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.TrimSpace(text)
}
