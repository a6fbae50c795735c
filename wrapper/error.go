package heygen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The causes of a failed call, for errors.Is. Several can be true of one error; [Error.Kind] is exactly one.
var (
	// ErrInvalidRequest: the client refused the request before anything was sent, or HeyGen refused it.
	ErrInvalidRequest = errors.New("invalid request")
	// ErrUnauthorized: the API key is missing, wrong or expired.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the API key does not permit the call.
	ErrForbidden = errors.New("forbidden")
	// ErrNotFound: HeyGen does not know the id. A gateway's 404 is not ErrNotFound but [ErrMalformedResponse].
	ErrNotFound = errors.New("not found")
	// ErrConflict: the call conflicts with another one, such as one with the same Idempotency-Key that has not ended.
	ErrConflict = errors.New("conflict")
	// ErrPayment: the account has no credit left for the call.
	ErrPayment = errors.New("payment required")
	// ErrInvalidURL: HeyGen refused the callback URL.
	ErrInvalidURL = errors.New("invalid callback URL")
	// ErrRateLimited: too many requests; see [Error.RetryAfter].
	ErrRateLimited = errors.New("rate limited")
	// ErrServer: the server failed, or a gateway in front of it.
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

// The longest texts and bodies in an Error, in bytes.
const (
	maxMessage = 512
	maxCode    = 64
	maxText    = 2048
	maxBody    = 64 << 10
)

// Error is the error of every failed call.
type Error struct {
	Op         string        // the operation, such as "UpdateWebhookEndpoint"
	StatusCode int           // HTTP status; 0 if no response arrived
	Code       string        // HeyGen's own code as text: "400131", "not_found" in version 3; "" if the body had none
	Message    string        // HeyGen's explanation, at most 512 bytes, without control characters
	Param      string        // the parameter that version 3 blames, "" if none; cut and cleaned as Message is
	DocURL     string        // the page that version 3 points at, "" if none; cut and cleaned as Message is
	RequestID  string        // X-Request-Id of the response; "" if there was none
	RetryAfter time.Duration // the wait that the server asked for; 0 if it asked for none
	Attempts   int           // number of attempts; 0 if the request could not be built
	Err        error         // the cause, for errors.Is and errors.As; may be nil

	sent bool
	body *[]byte // a pointer, whose target %#v does not print
}

// Error returns one line of at most 2 KiB. It has no body, header, key or secret.
func (e *Error) Error() string {
	return clean("heygen: "+e.Op+part(": HTTP %d", e.StatusCode)+part(", code %s", e.Code)+part(", param %s", e.Param)+
		part(": %s", e.Message)+part(": %v", e.Err)+
		part(", request id %s", e.RequestID)+part(", attempt %d", e.Attempts), maxText)
}

// part formats a value, or returns "" for the zero value.
func part[T comparable](format string, value T) string {
	var zero T
	if value == zero {
		return ""
	}
	return fmt.Sprintf(format, value)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is what happened: by HeyGen's code, or by the HTTP status if the code does not say.
func (e *Error) Is(target error) bool {
	if target == nil {
		return false
	}
	if target == ErrAPI {
		return e.Code != ""
	}
	return target == codes[e.Code] || target == e.statusMeaning()
}

// statusMeaning returns what the HTTP status means, or nil. Gateways send 400, 404 and 422, too: these mean something
// only with a code of HeyGen's, and only if that code has no meaning of its own. 402 and 409 are of version 3, whose
// codes are words.
func (e *Error) statusMeaning() error {
	_, known := codes[e.Code]
	isWord := strings.ContainsFunc(e.Code, unicode.IsLetter)
	switch status := e.StatusCode; {
	case status == http.StatusUnauthorized:
		return ErrUnauthorized
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= http.StatusInternalServerError:
		return ErrServer
	case status == http.StatusConflict && isWord:
		return ErrConflict
	case status == http.StatusPaymentRequired && isWord:
		return ErrPayment
	case known || !isHeyGenCode(e.Code):
		return nil
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return ErrInvalidRequest
	case status == http.StatusNotFound:
		return ErrNotFound
	}
	return nil
}

// isHeyGenCode reports whether a code has the form of HeyGen's, which are words or have five digits or more. A gateway
// may send an HTTP status as its code.
func isHeyGenCode(code string) bool { return len(code) >= 5 }

// codeInProgress is the code of a request whose Idempotency-Key is that of another one, which has not ended.
const codeInProgress = "request_in_progress"

// codes are the codes of HeyGen's documentation: numbers, which do not encode the HTTP status, and words in version 3.
var codes = map[string]error{
	"40001": ErrInvalidRequest, "400175": ErrInvalidRequest,
	"400112": ErrUnauthorized, "40009": ErrUnauthorized, "401056": ErrUnauthorized, "401057": ErrUnauthorized,
	"400573": ErrForbidden, "400562": ErrForbidden, "400599": ErrForbidden, "400631": ErrForbidden,
	"400131": ErrNotFound, "400561": ErrNotFound,
	"400542": ErrInvalidURL,

	"invalid_parameter": ErrInvalidRequest, "rate_limit_exceeded": ErrRateLimited,
	"unauthorized": ErrUnauthorized, "authentication_failed": ErrUnauthorized,
	"not_found": ErrNotFound, "webhook_not_found": ErrNotFound,
	codeInProgress: ErrConflict, "insufficient_credit": ErrPayment,
}

// Retryable reports whether the same call may work later: after 429, 502, 503 and 504, 409 with code
// request_in_progress, a timeout (the context's deadline is one), or a connection that failed. The client itself
// repeats fewer calls than that; see the package comment.
func (e *Error) Retryable() bool {
	return repeatable(true, e) || errors.Is(e.Err, context.DeadlineExceeded)
}

// Sent reports whether the request may have reached HeyGen, in any attempt. It is false if the client refused the
// request, or if no attempt made a connection: after a failed dial or TLS handshake, or a timeout before either was
// done. It is true after an error of a transport of yours, which may have sent the request.
func (e *Error) Sent() bool { return e.sent || e.StatusCode != 0 }

// Body returns a copy of the first 64 KiB of the response's body, or nil if there is none. It may have secrets: do not
// log it.
func (e *Error) Body() []byte {
	if e.body == nil || len(*e.body) == 0 {
		return nil
	}
	return bytes.Clone(*e.body)
}

// withCause returns a copy of the error with another cause: an observer may have kept e.
func (e *Error) withCause(err error, key string) *Error {
	ended := *e
	ended.Err = newCause(err, key)
	return &ended
}

// newError makes the error of an attempt. It redacts the API key and the secrets of endpoints.
func newError(r response, f failure) *Error {
	body, secrets := bytes.Clone(r.body[:min(len(r.body), maxBody)]), append(secretsIn(r.body), r.key)
	return &Error{
		StatusCode: r.status,
		Code:       clean(f.code, maxCode, secrets...),
		Message:    clean(f.message, maxMessage, secrets...),
		Param:      clean(f.param, maxMessage, secrets...),
		DocURL:     clean(f.docURL, maxMessage, secrets...),
		RequestID:  r.shown("X-Request-Id"),
		RetryAfter: parseRetryAfter(r.header.Get("Retry-After"), time.Now()),
		Err:        newCause(f.err, secrets...),
		body:       &body,
	}
}

// cause is an error with a text that can be shown.
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
		// net/http and the JSON decoder quote what the server sent, which may be a secret.
		text, _, _ = strings.Cut(text, `"`)
		text, _, _ = strings.Cut(text, "MIME header line:")
	}
	return &cause{text: clean(text, maxMessage, secrets...), err: err}
}

func (c *cause) Error() string { return c.text }

// GoString keeps %#v from printing the wrapped error, whose text may have a secret.
func (c *cause) GoString() string { return strconv.Quote(c.text) }

// Is and As replace Unwrap: the text of the wrapped error may quote the server, and so a secret.
func (c *cause) Is(target error) bool { return errors.Is(c.err, target) }
func (c *cause) As(target any) bool   { return errors.As(c.err, target) }

// minSecret is the shortest text, in bytes, that is redacted as a secret. Redacting a key such as "k", which only a
// test has, would take letters out of every word.
const minSecret = 4

// clean makes text safe for a one-line error: it redacts the secrets, makes spaces and control characters one space,
// replaces invalid UTF-8, and cuts the text after limit bytes. The caller does not know every secret, so clean redacts
// words that look like one, too.
func clean(text string, limit int, secrets ...string) string {
	for _, secret := range secrets {
		if len(secret) >= minSecret {
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
