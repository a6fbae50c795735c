// Package loopback recognizes the names and addresses of this machine's loopback interface.
package loopback

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Is reports whether host, a name or an address without a port, is localhost or a loopback address.
func Is(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.Unmap().IsLoopback()
}

// Only returns a handler that refuses every request for a host that is not on loopback. A page on the web can let its
// own name resolve to 127.0.0.1, and would be of the same origin as the server.
func Only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Is((&url.URL{Host: r.Host}).Hostname()) {
			http.Error(w, "this server responds to localhost and loopback addresses only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
