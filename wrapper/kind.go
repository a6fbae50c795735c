package heygen

import (
	"context"
	"errors"
)

// Kind is one word for what happened, for metrics, switches and JSON. The words are stable.
type Kind string

// The kinds of an [Error].
const (
	KindUsage       Kind = "usage"        // the client refused the request or the API key
	KindAuth        Kind = "auth"         // the API key is missing, wrong or expired, or does not permit the call
	KindNotFound    Kind = "not-found"    // HeyGen does not know the id
	KindInvalidURL  Kind = "invalid-url"  // HeyGen refused the callback URL
	KindRateLimited Kind = "rate-limited" // too many requests
	KindConflict    Kind = "conflict"     // the call conflicts with another one
	KindPayment     Kind = "payment"      // the account has no credit left for the call
	KindServer      Kind = "server"       // the server failed, or a gateway in front of it
	KindAPI         Kind = "api"          // HeyGen reported another failure, with a code
	KindMalformed   Kind = "malformed"    // the response is not of the documented shape
	KindTooLarge    Kind = "too-large"    // the response is longer than 1 MiB
	KindRedirect    Kind = "redirect"     // the response is a redirect, which is never followed
	KindTransport   Kind = "transport"    // no complete response arrived
	KindTimeout     Kind = "timeout"      // the attempt or the context timed out
	KindCanceled    Kind = "canceled"     // the context was canceled
	KindOther       Kind = "other"        // an error of your own, from a transport or from the function for the API key
)

// kinds lists the kinds in the order of precedence: the end of the call by its caller, what the response says, and then
// what happened to the exchange.
var kinds = []struct {
	is   error
	kind Kind
}{
	{context.Canceled, KindCanceled},
	{ErrUnauthorized, KindAuth},
	{ErrForbidden, KindAuth},
	{ErrNotFound, KindNotFound},
	{ErrInvalidURL, KindInvalidURL},
	{ErrRateLimited, KindRateLimited},
	{ErrConflict, KindConflict},
	{ErrPayment, KindPayment},
	{ErrServer, KindServer},
	{ErrAPI, KindAPI},
	{ErrRedirect, KindRedirect},
	{ErrResponseTooLarge, KindTooLarge},
	{context.DeadlineExceeded, KindTimeout},
	{ErrTransport, KindTransport},
	{ErrMalformedResponse, KindMalformed},
	{ErrInvalidRequest, KindUsage},
}

// Kind returns exactly one kind, where errors.Is can be true for several errors. If several fit, the end of the context
// comes before what the response says, and that before what happened to the exchange.
func (e *Error) Kind() Kind {
	for _, k := range kinds {
		if errors.Is(e, k.is) {
			return k.kind
		}
	}
	return KindOther
}
