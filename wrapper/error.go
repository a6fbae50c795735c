package heygen

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
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
	// ErrTransport: no complete response arrived. The call may have taken effect, unless no connection was made.
	ErrTransport = errors.New("transport failure")
)

// Bounds of what an Error holds.
const (
	maxMessage = 512      // bytes
	maxCode    = 64       // bytes
	maxText    = 2048     // bytes
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
	Attempts   int           // attempts made; 0 when the request could not be built
	Err        error         // the cause, for errors.Is and errors.As; may be nil

	body *[]byte // behind a pointer, so that %#v does not print it
}

// Error is one line of bounded length: never a body, a header, a key or a secret.
func (e *Error) Error() string {
	return clean("heygen: "+e.Op+part(": HTTP %d", e.StatusCode)+part(", code %s", e.Code)+part(": %s", e.Message)+
		part(": %v", e.Err)+part(", request id %s", e.RequestID)+part(", attempt %d", e.Attempts), maxText)
}

func part[T comparable](format string, value T) string {
	if value == *new(T) {
		return ""
	}
	return fmt.Sprintf(format, value)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is what happened, by HeyGen's code or, where that is not a known one, by the status.
func (e *Error) Is(target error) bool {
	code, status := codes[e.Code], statuses[min(e.StatusCode, http.StatusInternalServerError)]
	if (status == ErrInvalidRequest || status == ErrNotFound) && (len(e.Code) < 5 || code != nil) {
		status = nil
	}
	return target != nil && (target == code || target == status || target == ErrAPI && e.Code != "")
}

// codes are what the codes of HeyGen's documentation mean; they do not encode the HTTP status.
var codes = map[string]error{
	"40001": ErrInvalidRequest, "400175": ErrInvalidRequest,
	"400112": ErrUnauthorized, "40009": ErrUnauthorized, "401056": ErrUnauthorized, "401057": ErrUnauthorized,
	"400573": ErrForbidden, "400562": ErrForbidden, "400599": ErrForbidden, "400631": ErrForbidden,
	"400131": ErrNotFound, "400561": ErrNotFound,
	"400542": ErrInvalidURL,
}

// statuses are what an HTTP status means. A 400, 404 or 422 is believed only with a code of HeyGen's, which has five
// digits or more or is a word, because gateways answer with them too, and only if the code does not say more.
var statuses = map[int]error{
	http.StatusBadRequest: ErrInvalidRequest, http.StatusUnprocessableEntity: ErrInvalidRequest,
	http.StatusUnauthorized: ErrUnauthorized, http.StatusForbidden: ErrForbidden,
	http.StatusNotFound: ErrNotFound, http.StatusTooManyRequests: ErrRateLimited,
	http.StatusInternalServerError: ErrServer, // and beyond
}

// Retryable reports whether the same call may work later: after 429, 502, 503 and 504, a timeout (the context's
// deadline is one), or a connection that failed. The client itself repeats fewer calls than that; see the package
// comment.
func (e *Error) Retryable() bool {
	return repeatable(http.MethodPatch, e) || errors.Is(e.Err, context.DeadlineExceeded)
}

// Body returns a copy of at most the first 64 KiB of the body that came, or nil. It may hold secrets: do not log it.
func (e *Error) Body() []byte { return bytes.Clone(*cmp.Or(e.body, new([]byte))) }

// newError makes the error of an attempt, without what must not be shown: the key, and the endpoint's secret.
func newError(r reply, f failure) *Error {
	body := bytes.Clone(r.body[:min(len(r.body), maxBody)])
	return &Error{
		StatusCode: r.status,
		Code:       clean(f.code, maxCode, r.key, f.secret),
		Message:    clean(f.message, maxMessage, r.key, f.secret),
		RequestID:  clean(r.header.Get("X-Request-Id"), maxCode, r.key, f.secret),
		RetryAfter: parseRetryAfter(r.header.Get("Retry-After"), time.Now()),
		Err:        newCause(f.err, r.key, f.secret),
		body:       &body,
	}
}

// cause is an error with a text that is fit to be shown.
type cause struct {
	text string
	err  error
}

func newCause(err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if errors.Is(err, ErrTransport) || errors.Is(err, ErrMalformedResponse) {
		// What net/http and the JSON decoder quote is what the server sent, which may be a secret.
		text, _, _ = strings.Cut(text, `"`)
		text, _, _ = strings.Cut(text, "MIME header line:")
	}
	return &cause{text: clean(text, maxMessage, secrets...), err: err}
}

func (c *cause) Error() string { return c.text }

// Is and As stand in for Unwrap, because the text of what is wrapped may quote the server, and so a secret.
func (c *cause) Is(target error) bool { return errors.Is(c.err, target) }
func (c *cause) As(target any) bool   { return errors.As(c.err, target) }

// clean makes text fit for one line without secrets: blanks and control characters become one blank, invalid UTF-8 the
// replacement character, and what is longer than limit bytes is cut. Not every secret is known, so words that look like
// one go, too.
func clean(text string, limit int, secrets ...string) string {
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	words := strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
	})
	for i := range words {
		if strings.Contains(words[i], "sec_") {
			words[i] = "[redacted]"
		}
	}
	text = strings.Join(words, " ")
	return strings.ToValidUTF8(text[:min(len(text), limit)], "") // without a character cut in two
}
