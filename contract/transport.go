package contract

import (
	"errors"
	"net/http"
)

// Transport returns a transport that judges every exchange that goes through base, http.DefaultTransport if nil.
//
// A request that breaks the contract is not sent. A reply that breaks it is closed. Both are a *[Violation], which
// errors.As finds in the error of the http.Client. With [ReportOnly] both go through. Errors of base come through as
// they are, and so does a reply whose body breaks off: it is not judged, and who reads it finds the error. The body of
// a good reply has been read from the network, up to 1 MiB, when the caller gets it.
func (c *Contract) Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{c, base}
}

type transport struct {
	contract *Contract
	base     http.RoundTripper
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := req.Clone(req.Context()) // a RoundTripper must not change the request, and CheckRequest does
	if err := t.contract.CheckRequest(sent); t.contract.refuses(err) {
		if sent.Body != nil {
			_ = sent.Body.Close()
		}
		return nil, err
	}
	resp, err := t.base.RoundTrip(sent)
	if err != nil {
		return resp, err
	}
	if err := t.contract.CheckResponse(sent, resp); t.contract.refuses(err) && !errors.As(err, new(brokenOff)) {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// refuses reports whether an exchange ends with the error of a check. That of reading a body comes up again when the
// body is read.
func (c *Contract) refuses(err error) bool { return err != nil && !c.reportOnly }
