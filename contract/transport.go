package contract

import (
	"errors"
	"net/http"
)

// Transport returns a transport that checks every exchange that goes through base, http.DefaultTransport if nil.
//
// A request that breaks the contract is not sent. A response that breaks it is closed. Both give a *[Violation], which
// errors.As finds in the error of the http.Client. With [WithReportOnly] both go through. Errors of base come through
// as they are. If the body of a response breaks off, only its status is checked; the caller gets the error when reading
// the body. [WithOnUnjudged] and [WithCollector] report every response that was not checked. The body of a good
// response has been read from the network, up to 1 MiB, when the caller gets it.
func (c *Contract) Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{contract: c, base: base}
}

type transport struct {
	contract *Contract
	base     http.RoundTripper
	whole    bool // refuse a response whose body breaks off
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	exchange := t.contract.exchange()
	if t.contract.passes(exchange, req) {
		return t.base.RoundTrip(req)
	}
	sent := req.Clone(req.Context()) // a RoundTripper must not change the request, and checkRequest does
	if err := t.contract.checkRequest(exchange, sent); t.contract.refuses(err) {
		if sent.Body != nil {
			_ = sent.Body.Close()
		}
		return nil, err
	}
	resp, err := t.base.RoundTrip(sent)
	if err == nil && resp == nil {
		err = errors.New("contract: the base transport returned neither a response nor an error")
	}
	if err != nil {
		t.contract.judgeNoResponse(exchange, sent, UnjudgedResponse)
		return resp, err
	}
	err = t.contract.checkResponse(exchange, sent, resp)
	if t.contract.refuses(err) && (t.whole || !errors.As(err, new(brokenOff))) {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// refuses reports whether an exchange ends with the error of a check. With [WithReportOnly] it goes on; the error of
// reading a body comes up again when the body is read.
func (c *Contract) refuses(err error) bool { return err != nil && !c.reportOnly }
