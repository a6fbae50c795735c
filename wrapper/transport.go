package heygen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// transportOf returns the transport of a client: its own, what the options put around it, and around all that the
// refusal of redirects.
func transportOf(client *http.Client, wraps []func(http.RoundTripper) http.RoundTripper) (http.RoundTripper, error) {
	transport := client.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	if network, ok := transport.(*http.Transport); ok {
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
		if transport = wrap(transport); transport == nil {
			return nil, errors.New("WithTransport: the function returned nil")
		}
	}
	return refuseRedirects(transport), nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// refusedLocation is where refuseRedirects keeps a Location from http.Client.
const refusedLocation = "Heygen-Refused-Location"

// refuseRedirects hides the Location of a reply from http.Client, which would send the API key to another host, turn a
// PATCH into a GET, and lose the status of a reply whose Location it cannot parse before CheckRedirect is asked.
func refuseRedirects(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if err != nil || resp.StatusCode/100 != 3 {
			return resp, err
		}
		resp.Header = resp.Header.Clone()
		resp.Header.Set(refusedLocation, resp.Header.Get("Location"))
		resp.Header.Del("Location")
		return resp, nil
	})
}

// redirectHost returns the host a refused redirect points at, or "" if it names none.
func redirectHost(header http.Header) string {
	location, err := url.Parse(header.Get(refusedLocation))
	if err != nil {
		return ""
	}
	return location.Host
}

// exchangeError says what the error of an exchange was: the end of the caller's context, the end of the attempt, the
// network's failure, or, returned as it is, that of a transport the caller put in.
func exchangeError(ctx, attempt context.Context, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // which holds the whole URL, and is a net.Error whatever happened
	}
	switch {
	case ctx.Err() != nil:
		return contextError(ctx)
	case attempt.Err() != nil:
		return fmt.Errorf("%w: no complete response in time: %w", ErrTransport, context.DeadlineExceeded)
	case !errors.Is(err, ErrTransport) && isNetworkError(err):
		return fmt.Errorf("%w: %w", ErrTransport, err)
	}
	return err
}

func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// isNetworkError recognises what a transport that is not net/http's own passes on from the network.
func isNetworkError(err error) bool {
	if isReset(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[tls.RecordHeaderError](err)
	return ok
}

// isFailedDial reports whether no connection was made, so that nothing can have been sent.
func isFailedDial(err error) bool {
	network, ok := errors.AsType[*net.OpError](err)
	return ok && network.Op == "dial"
}

// isReset reports whether the other side broke the connection off.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.EPIPE)
}
