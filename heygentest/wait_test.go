package heygentest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatEndsAHangAndADelay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault           Fault
		cancel, closing bool
		want            string
	}{
		"hang, client gone":      {fault: Hang(), cancel: true, want: "aborted after 1m0s"},
		"hang, sandbox closing":  {fault: Hang(), closing: true, want: "aborted after 1m0s"},
		"delay, client gone":     {fault: Delay(time.Hour), cancel: true, want: "aborted after 1m0s"},
		"delay, sandbox closing": {fault: Delay(time.Hour), closing: true, want: "aborted after 1m0s"},
		"delay":                  {fault: Delay(time.Hour), want: "answered after 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				closing := make(chan struct{})
				time.AfterFunc(time.Minute, func() {
					if test.cancel {
						cancel()
					}
					if test.closing {
						close(closing)
					}
				})
				begin, got := time.Now(), ""
				func() {
					defer func() {
						if recover() == http.ErrAbortHandler { //nolint:errorlint // a panic's value
							got = "aborted after " + time.Since(begin).String()
						}
					}()
					test.fault.serve(exchange{
						r:       httptest.NewRequestWithContext(ctx, http.MethodPatch, "/", nil),
						closing: closing,
						normal:  func() { got = "answered after " + time.Since(begin).String() },
					})
				}()
				if got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
				cancel()
			})
		})
	}
}
