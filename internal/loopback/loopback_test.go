package loopback_test

import (
	"testing"

	"github.com/heygen-go/heygen/internal/loopback"
)

func TestIs(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.8.9.10": true, "::1": true, "[::1]": true,
		"::ffff:127.0.0.1": true,
		"":                 false, "api.heygen.com": false, "localhost.example.com": false, "127.0.0.1.example.com": false,
		"10.0.0.1": false, "0.0.0.0": false, "::": false, "127.1": false, "localhost.": false,
	} {
		if got := loopback.Is(host); got != want {
			t.Errorf("Is(%q) = %v, want %v", host, got, want)
		}
	}
}
