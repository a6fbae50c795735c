package contract

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// Proxy returns a handler that sends every request on to target and judges the exchange: the way for a client in
// another language, which takes the proxy's URL for its base URL.
//
// A request that breaks the contract is not sent on and is answered with 400; a reply that breaks it, or none, is
// answered with 502. The answers are plain text and hold no value; with [ReportOnly] broken exchanges go through.
// Redirects are passed on and not followed.
//
// The path of target, if any, goes in front of that of the request, which counts from the root. Because requests carry
// an API key, target must be an https URL, or an http one on loopback; else every answer is a 502 that says so.
func (c *Contract) Proxy(target *url.URL) http.Handler {
	if err := checkTarget(target); err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		})
	}
	to := *target
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		judged := r.Clone(r.Context())
		if err := c.CheckRequest(judged); c.refuses(err) {
			refuse(w, err, http.StatusBadRequest)
			return
		}
		proxy := httputil.ReverseProxy{
			Rewrite: func(p *httputil.ProxyRequest) {
				p.SetURL(&to)
				p.Out.URL.RawQuery = p.In.URL.RawQuery
				p.Out.Header.Del("Accept-Encoding") // so that the transport decompresses, and the reply can be judged
				p.Out.Header.Del("Connection")      // no other protocol
				p.Out.Header.Del("Upgrade")
			},
			ModifyResponse: func(reply *http.Response) error {
				if err := c.CheckResponse(judged, reply); c.refuses(err) {
					return err
				}
				return nil
			},
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
				if broken := (brokenOff{}); errors.As(err, &broken) {
					err = fmt.Errorf("contract: the reply of the target, status %d, broke off", broken.status)
				} else if !errors.As(err, new(*Violation)) {
					err = errors.New("contract: the target gave no reply that can be read")
				}
				http.Error(w, err.Error(), http.StatusBadGateway)
			},
			ErrorLog: log.New(io.Discard, "", 0), // its texts print URLs
		}
		proxy.ServeHTTP(w, judged)
	})
}

func checkTarget(target *url.URL) error {
	if target == nil || target.Host == "" {
		return errors.New("contract: the target of the proxy is no URL with a host")
	}
	if target.Scheme != "https" && (target.Scheme != "http" || !isLoopback(target.Hostname())) {
		return errors.New("contract: the target of the proxy is not https: want that, or http on loopback")
	}
	return nil
}
