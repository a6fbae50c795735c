// Package loopback recognizes the names and addresses of this machine's loopback interface.
package loopback

import (
	"net/netip"
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
