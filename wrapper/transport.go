package heygen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// wrapTransport returns a client's transport with what the options put around it and, around all that, the refusal of
// redirects.
func wrapTransport(base http.RoundTripper, wraps []func(http.RoundTripper) http.RoundTripper) http.RoundTripper {
	transport := cmp.Or(base, http.DefaultTransport)
	if network, ok := transport.(*http.Transport); ok {
		if base == nil {
			network = network.Clone()
			network.MaxResponseHeaderBytes = 256 << 10 // by itself net/http would read 10 MiB, which is 100 of heap
		}
		transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := network.RoundTrip(req)
			if err != nil {
				// Most errors of net/http have no type: say here that they are the network's and not a transport's
				// that the caller put in.
				err = fmt.Errorf("%w: %w", ErrTransport, err)
			}
			return resp, err
		})
	}
	for _, wrap := range wraps {
		transport = wrap(transport)
	}
	return refuseRedirects(transport)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// refusedHost is the header in which refuseRedirects leaves the host of a redirect.
const refusedHost = "Heygen-Refused-Host"

// refuseRedirects hides the Location of a response from http.Client, which would send the API key to another host, turn
// a PATCH into a GET, and lose the status of a response whose Location it cannot parse before CheckRedirect is asked.
func refuseRedirects(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if err != nil || resp.StatusCode/100 != 3 {
			return resp, err
		}
		resp.Header = resp.Header.Clone()
		if location, err := resp.Location(); err == nil {
			resp.Header.Set(refusedHost, location.Host)
		}
		resp.Header.Del("Location")
		return resp, nil
	})
}

// exchangeError says what the error of an exchange was: the end of the caller's context, the end of the attempt, or
// what it was before.
func exchangeError(ctx, attempt context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return contextError(ctx)
	case attempt.Err() != nil:
		return fmt.Errorf("%w: no complete response in time: %w", ErrTransport, context.DeadlineExceeded)
	}
	return err
}

func contextError(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}

// networkError marks what a transport that is not net/http's own passes on from the network.
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

// isReset reports whether the other side broke the connection off.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.EPIPE)
}
