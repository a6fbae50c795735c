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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchange := c.exchange()
		checked := r.Clone(r.Context())
		preflight := c.passes(exchange, r)
		if !preflight {
			if err := c.judgeRequest(exchange, checked); c.refuses(err) {
				refuse(w, err, http.StatusBadRequest)
				return
			}
		}
		proxy := httputil.ReverseProxy{
			Rewrite: func(p *httputil.ProxyRequest) {
				p.SetURL(&to)
				p.Out.URL.RawQuery = p.In.URL.RawQuery
				p.Out.Header.Del("Accept-Encoding") // so that the transport decompresses, and the response can be checked
				p.Out.Header.Del("Connection")      // no other protocol
				p.Out.Header.Del("Upgrade")
			},
			ModifyResponse: func(resp *http.Response) error {
				if preflight {
					return nil
				}
				err := c.judgeResponse(exchange, checked, resp)
				switch {
				case !c.refuses(err):
					return nil
				case errors.As(err, new(brokenOff)):
					return refused(fmt.Sprintf("contract: the response of the target, status %d, broke off", resp.StatusCode))
				case !errors.As(err, new(*Violation)):
					return refused("contract: " + string(UnjudgedCoding))
				}
				return refused(err.Error())
			},
			ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
				if text := refused(""); !errors.As(err, &text) {
					if !preflight {
						c.judgeNoResponse(exchange, checked, UnjudgedResponse)
					}
					err = errors.New("contract: the target gave no response that can be read")
				}
				http.Error(w, err.Error(), http.StatusBadGateway)
			},
			ErrorLog: log.New(io.Discard, "", 0), // its texts print URLs
		}
		proxy.ServeHTTP(w, checked)
	})
}

// refused says why a response of the target does not go through.
type refused string

func (r refused) Error() string { return string(r) }

func checkTarget(target *url.URL) error {
	if target == nil || target.Host == "" {
		return errors.New("contract: the target of the proxy is no URL with a host")
	}
	if target.Scheme != "https" && (target.Scheme != "http" || !loopback.Is(target.Hostname())) {
		return errors.New("contract: the target of the proxy is neither an https URL nor an http one on loopback")
	}
	return nil
}
