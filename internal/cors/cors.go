// Package cors recognizes the requests that a browser makes or refuses on its own.
package cors

import (
	"net/http"
	"net/url"
	"strings"
)

// IsPreflight reports whether a request is a CORS preflight. The browser makes it, not the program under test
// (https://fetch.spec.whatwg.org/#cors-preflight-fetch). header has canonical names.
func IsPreflight(method string, header http.Header) bool {
	return method == http.MethodOptions && header.Get("Origin") != "" &&
		header.Get("Access-Control-Request-Method") != ""
}

// IsCrossSite reports whether a page of another site made a browser send a request. Browsers say so in Sec-Fetch-Site.
// An old one, or one that does not trust the address, sends at least an Origin, except with an image or a link.
func IsCrossSite(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "cross-site"
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	from, err := url.Parse(origin) // "null" is a page without an origin of its own
	return err != nil || !strings.EqualFold(from.Hostname(), (&url.URL{Host: r.Host}).Hostname())
}
