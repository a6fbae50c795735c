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
		"hang, client gone":      {fault: FaultHang(), cancel: true, want: "aborted after 1m0s"},
		"hang, sandbox closing":  {fault: FaultHang(), closing: true, want: "aborted after 1m0s"},
		"delay, client gone":     {fault: FaultDelay(time.Hour), cancel: true, want: "aborted after 1m0s"},
		"delay, sandbox closing": {fault: FaultDelay(time.Hour), closing: true, want: "aborted after 1m0s"},
		"delay":                  {fault: FaultDelay(time.Hour), want: "responded after 1h0m0s"},
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
				start, got := time.Now(), ""
				func() {
					defer func() {
						if recover() == http.ErrAbortHandler { //nolint:errorlint // a panic's value
							got = "aborted after " + time.Since(start).String()
						}
					}()
					x := exchange{r: httptest.NewRequestWithContext(ctx, http.MethodPatch, "/", nil), closing: closing}
					test.fault.respond(x, func() *response {
						got = "responded after " + time.Since(start).String()
						return nil
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

// A slow body begins at once and ends after its duration.
func TestTheDurationOfASlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &watch{ResponseRecorder: httptest.NewRecorder(), start: time.Now()}
		x := exchange{w: w, r: httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/", nil)}
		x.send(FaultResponse(200, nil, "0123456789abc").With(FaultSlowBody(time.Minute)).respond(x, nil))
		if w.Body.String() != "0123456789abc" || w.first != 6*time.Second || w.last != time.Minute {
			t.Errorf("%q came from %s to %s", w.Body, w.first, w.last)
		}
	})
}

// watch notes when the first and the last piece of a body were written.
type watch struct {
	*httptest.ResponseRecorder
	start       time.Time
	first, last time.Duration
}

func (w *watch) Write(data []byte) (int, error) {
	if w.last = time.Since(w.start); w.first == 0 {
		w.first = w.last
	}
	return w.ResponseRecorder.Write(data)
}

func TestTheRateLimitIsBySecond(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := limit{perSecond: 2}
	for _, step := range []struct{ at, wait time.Duration }{
		{0, 0}, {time.Millisecond, 0}, {250 * time.Millisecond, 750 * time.Millisecond},
		{999 * time.Millisecond, time.Millisecond}, {time.Second, 0}, {1900 * time.Millisecond, 0},
		{1900 * time.Millisecond, 100 * time.Millisecond}, {5 * time.Second, 0},
	} {
		if wait := l.take(start.Add(step.at)); wait != step.wait {
			t.Errorf("after %s: wait %s, want %s", step.at, wait, step.wait)
		}
	}
	for range 10 {
		if (&limit{}).take(start) != 0 {
			t.Error("a call was limited without a limit")
		}
	}
}

func TestLatencyComesBeforeEveryResponse(t *testing.T) {
	t.Parallel()
	newSandbox(t) // compiles the contract outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		sandbox := newSandbox(t, WithLatency(time.Hour))
		start := time.Now()
		for _, fault := range []Fault{{}, FaultResponse(418, nil, "tea")} {
			sandbox.Next(fault)
			sandbox.ServeHTTP(httptest.NewRecorder(), newUpdate(t, `{"endpoint_id":"e1"}`))
		}
		if took := time.Since(start); took != 2*time.Hour {
			t.Errorf("took %s", took)
		}
	})
}
