package cors_test

import (
	"net/http"
	"testing"

	"github.com/heygen-go/heygen/internal/cors"
)

func TestIsPreflight(t *testing.T) {
	t.Parallel()
	browser := http.Header{"Origin": {"https://app.example"}, "Access-Control-Request-Method": {"PATCH"}}
	for _, test := range []struct {
		method string
		header http.Header
		want   bool
	}{
		{"OPTIONS", browser, true}, {"PATCH", browser, false}, {"OPTIONS", nil, false},
		{"OPTIONS", http.Header{"Origin": {"https://app.example"}}, false},
		{"OPTIONS", http.Header{"Access-Control-Request-Method": {"PATCH"}}, false},
	} {
		if got := cors.IsPreflight(test.method, test.header); got != test.want {
			t.Errorf("%s %v: got %t", test.method, test.header, got)
		}
	}
}

func TestIsCrossSite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		site, origin string
		want         bool
	}{
		{"", "", false}, // no browser
		{"cross-site", "", true},
		{"cross-site", "http://127.0.0.1:80", true},
		{"same-site", "http://other.example", false},
		{"same-origin", "", false},
		{"none", "", false}, // the user's own address line
		{"", "https://other.example", true},
		{"", "null", true}, // a file, or a frame in a sandbox
		{"", "://", true},
		{"", "http://127.0.0.1:3000", false}, // another program of this machine
	} {
		r := &http.Request{Host: "127.0.0.1:8080", Header: http.Header{}}
		for name, value := range map[string]string{"Sec-Fetch-Site": test.site, "Origin": test.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if got := cors.IsCrossSite(r); got != test.want {
			t.Errorf("%+v: got %t", test, got)
		}
	}
}
