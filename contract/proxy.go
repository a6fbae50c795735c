package contract

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/heygen-go/heygen/internal/loopback"
)

// Proxy returns a handler that sends every request on to target and checks the exchange. It is for a client in
// another language, which uses the proxy's URL as its base URL.
//
// A request that breaks the contract is not sent on and gets a 400; a response that breaks it or cannot be checked, or
// none, becomes a 502. Both are plain text and hold no value of a message; with [WithReportOnly] what there is goes
// through. [WithOnUnjudged] and [WithCollector] report every response that was not checked. Redirects are passed on and
// not followed.
//
// The path of target, if any, goes in front of that of the request, which counts from the root. Because requests carry
// an API key, target must be an https URL, or an http one on loopback; else every response is a 502 that says so.
func (c *Contract) Proxy(target *url.URL) http.Handler {
	if err := checkTarget(target); err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		})
	}
	to := *target
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.RawQuery = p.In.URL.RawQuery
			p.Out.Header.Del("Accept-Encoding") // so that the transport decompresses, and the response can be checked
			p.Out.Header.Del("Connection")      // no other protocol
			p.Out.Header.Del("Upgrade")
		},
		Transport:    &transport{contract: c, base: onward{&to}, whole: true},
		ErrorHandler: refuseFromProxy,
		ErrorLog:     log.New(io.Discard, "", 0), // its texts print URLs
	}
}

// onward sends requests to a target. The contract, in front of it, does not expect the target's path.
type onward struct{ target *url.URL }

func (o onward) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := req.Clone(req.Context())
	(&httputil.ProxyRequest{In: req, Out: sent}).SetURL(o.target)
	sent.URL.RawQuery = req.URL.RawQuery
	return http.DefaultTransport.RoundTrip(sent)
}

// refuseFromProxy writes the response to an exchange that ended with an error.
func refuseFromProxy(w http.ResponseWriter, _ *http.Request, err error) {
	var violation *Violation
	var broken brokenOff
	text := "contract: the target gave no response that can be read"
	switch {
	case errors.As(err, &violation) && violation.Message != messageRequest:
		text = violation.Error()
	case errors.As(err, &violation), errors.As(err, &broken) && broken.status == 0:
		refuse(w, err, http.StatusBadRequest)
		return
	case errors.As(err, &broken):
		text = fmt.Sprintf("contract: the response of the target, status %d, broke off", broken.status)
	case errors.Is(err, errCoding):
		text = "contract: " + string(UnjudgedCoding)
	}
	http.Error(w, text, http.StatusBadGateway)
}

func checkTarget(target *url.URL) error {
	if target == nil || target.Host == "" {
		return errors.New("contract: the target of the proxy is no URL with a host")
	}
	if target.Scheme != "https" && (target.Scheme != "http" || !loopback.Is(target.Hostname())) {
		return errors.New("contract: the target of the proxy is neither an https URL nor an http one on loopback")
	}
	return nil
}
