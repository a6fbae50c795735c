package heygen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
)

// maxIdle is how many idle connections the client's own transport keeps. All are to one host, for which net/http would
// keep two.
const maxIdle = 100

// ownTransport is http.DefaultTransport with limits that fit calls to one host. Its type is another one only if a
// program replaced it.
func ownTransport() http.RoundTripper {
	shared, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	own := shared.Clone()
	own.MaxIdleConns, own.MaxIdleConnsPerHost = maxIdle, maxIdle
	own.MaxResponseHeaderBytes = 256 << 10 // net/http would read 10 MiB, which takes 100 MiB of heap
	return own
}

// wrapTransport returns the transport of a client: base, or the client's own if base is nil, inside the transports that
// WithTransport put around it.
func wrapTransport(base http.RoundTripper, wraps []func(http.RoundTripper) http.RoundTripper,
) (http.RoundTripper, error) {
	if base == nil {
		base = ownTransport()
	}
	transport := base
	if network, ok := base.(*http.Transport); ok {
		transport = netHTTP(network.RoundTrip)
	}
	for _, wrap := range wraps {
		if transport = wrap(transport); transport == nil {
			return nil, errors.New("WithTransport: the function returned nil")
		}
	}
	return transport, nil
}

// netHTTP is the RoundTrip of net/http's transport, a function, so that fmt does not walk through one in use.
// It makes the errors of net/http a roundTripError. Most have no type, and look like those of a transport that the
// caller put around it.
//
// It also keeps net/http from sending a request again: the retry policy decides that. net/http would send it without
// end, or for longer than the attempt may take, if an HTTP/2 server refused it. After the server closed a kept
// connection net/http would send it if it has an Idempotency-Key, which net/http knows in one spelling and servers in
// every. It still does so with a GET, of which a second one changes nothing.
type netHTTP func(*http.Request) (*http.Response, error)

func (t netHTTP) RoundTrip(req *http.Request) (*http.Response, error) {
	var conn struct{ got, http2, wrote atomic.Bool }
	refused := func() bool { return conn.http2.Load() && conn.wrote.Load() }
	ctx, end := req.Context(), func(error) {}
	if req.Body == nil || req.Body == http.NoBody { // net/http does not call GetBody
		ctx, end = context.WithCancelCause(ctx) // it ends with the attempt, after the body of the response
	}
	traced := req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			if refused() {
				end(errUnprocessed)
			}
			conn.got.Store(true)
			conn.http2.Store(isHTTP2(got.Conn))
		},
		WroteHeaders: func() { conn.wrote.Store(true) },
	}))
	if getBody := req.GetBody; getBody != nil {
		traced.GetBody = func() (io.ReadCloser, error) {
			if refused() {
				return nil, errUnprocessed
			}
			return getBody()
		}
	}
	if key, ok := req.Header[idempotencyKey]; ok {
		traced.Header = maps.Clone(req.Header)
		delete(traced.Header, idempotencyKey)
		traced.Header["idempotency-key"] = key
	}
	resp, err := t(traced)
	if err == nil {
		return resp, nil
	}
	if errors.Is(context.Cause(ctx), errUnprocessed) {
		err = errUnprocessed
	}
	return nil, &roundTripError{fmt.Errorf("%w: %w", ErrTransport, err), conn.got.Load()}
}

const idempotencyKey = "Idempotency-Key"

// errUnprocessed is an HTTP/2 server's refusal that makes net/http send the request again: GOAWAY or RST_STREAM for a
// request that was not processed.
var errUnprocessed = errors.New("the HTTP/2 server refused the request without processing it")

func isHTTP2(conn net.Conn) bool {
	secured, ok := conn.(*tls.Conn)
	return ok && secured.ConnectionState().NegotiatedProtocol == "h2"
}

// roundTripError is an error of net/http. Without a connection net/http sent nothing of the request.
type roundTripError struct {
	error
	connected bool
}

func (e *roundTripError) Unwrap() error { return e.error }

// mayHaveReached reports whether a request that ended in err may have reached the server. What a transport of the
// caller's did is not known.
func mayHaveReached(err error) bool {
	if e, ok := errors.AsType[*roundTripError](err); ok {
		return e.connected
	}
	return !isFailedDial(err)
}

// redirectHost returns the host that a redirect from a URL points at, for an error.
func redirectHost(from *url.URL, location string) string {
	to, err := from.Parse(location)
	if err != nil || location == "" || to.Host == "" {
		return "(none)"
	}
	return to.Host
}

// exchangeError returns the error of an exchange: the end of the caller's context, the end of the attempt, or else err
// itself.
func exchangeError(ctx, attempt context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return contextError(ctx)
	case attempt.Err() != nil:
		return fmt.Errorf("%w: no complete response in time: %w", ErrTransport, context.DeadlineExceeded)
	}
	return err
}

// contextError is the context's error and, if it has another one, its cause.
func contextError(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}

// networkError makes an error of the network ErrTransport also if a transport other than net/http's returned it.
func networkError(err error) error {
	_, network := errors.AsType[net.Error](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	if !errors.Is(err, ErrTransport) && (network || certificate || isClosed(err)) {
		return fmt.Errorf("%w: %w", ErrTransport, err)
	}
	return err
}

// isClosed reports whether the other side closed the connection, or the HTTP/2 stream, before the end of the response.
func isClosed(err error) bool {
	if isReset(err) || isUnprocessed(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	// These errors of net/http have no type that it exports. What it quotes is the server's.
	text, _, _ := strings.Cut(fmt.Sprint(err), `"`)
	return slices.ContainsFunc([]string{
		"server closed idle connection",
		"GOAWAY",                        // in three errors
		"; received from peer",          // the server reset the stream
		"http2: client connection lost", // it did not respond to a ping
	}, func(part string) bool { return strings.Contains(text, part) })
}

// isUnprocessed reports whether the server said that it did not process the request.
func isUnprocessed(err error) bool { return errors.Is(err, errUnprocessed) }

// isFailedDial reports whether no connection was made, so that nothing can have been sent.
func isFailedDial(err error) bool {
	network, ok := errors.AsType[*net.OpError](err)
	return ok && (network.Op == "dial" || isFailedDial(network.Err)) // the dial of a proxy is inside a "proxyconnect"
}

// resets are the errors of a connection that the other side reset. The last two are Windows's WSAECONNABORTED and
// WSAECONNRESET, which package syscall has there alone; elsewhere no error has these numbers.
var resets = []error{
	syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.Errno(10053), syscall.Errno(10054),
}

// isReset reports whether the other side reset the connection.
func isReset(err error) bool {
	return slices.ContainsFunc(resets, func(reset error) bool { return errors.Is(err, reset) })
}
