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
					x := exchange{r: httptest.NewRequestWithContext(ctx, http.MethodPatch, "/", nil), closing: closing}
					test.fault.answer(x, func() *answer {
						got = "answered after " + time.Since(begin).String()
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

// A slow body begins at once and takes its time.
func TestASlowBodyTakesItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &watch{ResponseRecorder: httptest.NewRecorder(), began: time.Now()}
		x := exchange{w: w, r: httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/", nil)}
		x.send(RespondWith(200, nil, "0123456789abc").With(SlowBody(time.Minute)).answer(x, nil))
		if w.Body.String() != "0123456789abc" || w.first != 6*time.Second || w.last != time.Minute {
			t.Errorf("%q came from %s to %s", w.Body, w.first, w.last)
		}
	})
}

// watch notes when the first and the last piece of a body were written.
type watch struct {
	*httptest.ResponseRecorder
	began       time.Time
	first, last time.Duration
}

func (w *watch) Write(data []byte) (int, error) {
	if w.last = time.Since(w.began); w.first == 0 {
		w.first = w.last
	}
	return w.ResponseRecorder.Write(data)
}

func TestTheRateLimitIsBySecond(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := limit{perSecond: 2}
	for _, step := range []struct{ at, wait time.Duration }{
		{0, 0}, {time.Millisecond, 0}, {250 * time.Millisecond, 750 * time.Millisecond},
		{999 * time.Millisecond, time.Millisecond}, {time.Second, 0}, {1900 * time.Millisecond, 0},
		{1900 * time.Millisecond, 100 * time.Millisecond}, {5 * time.Second, 0},
	} {
		if wait := l.take(began.Add(step.at)); wait != step.wait {
			t.Errorf("after %s: wait %s, want %s", step.at, wait, step.wait)
		}
	}
	for range 10 {
		if (&limit{}).take(began) != 0 {
			t.Error("a limit that nobody asked for")
		}
	}
}

func TestLatencyComesBeforeEveryAnswer(t *testing.T) {
	t.Parallel()
	kit, err := corrected()
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		sandbox := &Server{contract: kit, latency: time.Hour, closing: make(chan struct{})} // without a socket
		began := time.Now()
		for _, fault := range []Fault{{}, RespondWith(418, nil, "tea")} {
			sandbox.Next(fault)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/", nil)
			sandbox.serve(httptest.NewRecorder(), r)
		}
		if took := time.Since(began); took != 2*time.Hour {
			t.Errorf("took %s", took)
		}
	})
}
