//go:build !linux

package contract_test

import "testing"

// watched returns a directory. Only Linux reports what is opened there.
func watched(t testing.TB) (directory string, opened func() bool) {
	t.Helper()
	return t.TempDir(), func() bool { return false }
}
