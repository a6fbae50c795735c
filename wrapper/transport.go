package heygen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
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
		transport = markErrors(network)
	}
	for _, wrap := range wraps {
		if transport = wrap(transport); transport == nil {
			return nil, errors.New("WithTransport: the function returned nil")
		}
	}
	return transport, nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// markErrors makes the errors of net/http a roundTripError. Most have no type, and look like those of a transport that
// the caller put around it.
func markErrors(network *http.Transport) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		var connected atomic.Bool
		ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
		})
		resp, err := network.RoundTrip(req.WithContext(ctx))
		if err != nil {
			return nil, &roundTripError{fmt.Errorf("%w: %w", ErrTransport, err), connected.Load()}
		}
		return resp, nil
	})
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

// isClosed reports whether the other side closed the connection before the end of the response.
func isClosed(err error) bool {
	return isReset(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.Contains(fmt.Sprint(err), "server closed idle connection") // net/http's error has no type
}

// isFailedDial reports whether no connection was made, so that nothing can have been sent.
func isFailedDial(err error) bool {
	network, ok := errors.AsType[*net.OpError](err)
	return ok && (network.Op == "dial" || isFailedDial(network.Err)) // the dial of a proxy is inside a "proxyconnect"
}

// isReset reports whether the other side reset the connection.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.EPIPE)
}
