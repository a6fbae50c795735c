package heygen

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryPolicy says how often a call is attempted and how long it waits in between; the package comment says what is
// repeated. The zero value is one attempt.
type RetryPolicy struct {
	MaxAttempts int           // attempts in all; 0 and 1 are one
	BaseDelay   time.Duration // bound of the first wait, doubled with each attempt; 0 is 250 ms
	MaxDelay    time.Duration // bound of every wait; a longer Retry-After ends the call; 0 is 10 s
}

// DefaultRetryPolicy is three attempts, 250 ms and 10 s.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxAttempts: 3, BaseDelay: 250 * time.Millisecond, MaxDelay: 10 * time.Second}
}

// next returns how long to wait before the attempt after this one, which failed with e, or false for no further one.
func (p RetryPolicy) next(ctx context.Context, attempt int, req *http.Request, e *Error) (time.Duration, bool) {
	once := attempt >= p.MaxAttempts || req.Body != nil && req.GetBody == nil
	if once || ctx.Err() != nil || !repeatable(req.Method, e) {
		return 0, false
	}
	defaults := DefaultRetryPolicy()
	base, limit := cmp.Or(p.BaseDelay, defaults.BaseDelay), cmp.Or(p.MaxDelay, defaults.MaxDelay)
	wait := cmp.Or(e.RetryAfter, rand.N(backoff(base, limit, attempt))) //nolint:gosec // jitter is no secret
	deadline, limited := ctx.Deadline()
	if wait > limit || limited && time.Until(deadline) <= wait {
		return 0, false
	}
	return wait, true
}

// backoff is base doubled attempt-1 times, at most limit.
func backoff(base, limit time.Duration, attempt int) time.Duration {
	for ; attempt > 1 && base < limit; attempt-- {
		base += min(base, limit-base)
	}
	return min(base, limit)
}

// repeatable reports whether a call that failed with e may be sent again: always if HeyGen refused it for now or no
// connection was made, else only if it is no POST, because then a second one leaves the state the first one made.
func repeatable(method string, e *Error) bool {
	switch e.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return method != http.MethodPost
	case 0:
		return errors.Is(e.Err, ErrTransport) && (isFailedDial(e.Err) || method != http.MethodPost && isClosed(e.Err))
	}
	return method != http.MethodPost && e.StatusCode/100 == 2 && isReset(e.Err)
}

// parseRetryAfter returns how long a Retry-After header asks to wait, in seconds or until a date; 0 if it says nothing
// that can be read or lies in the past.
func parseRetryAfter(text string, now time.Time) time.Duration {
	if strings.Trim(text, "0123456789") == "" {
		seconds, _ := strconv.ParseUint(text, 10, 64) // the most there is if it says more, 0 if it says nothing
		return time.Duration(min(seconds, math.MaxInt64/uint64(time.Second))) * time.Second
	}
	date, _ := http.ParseTime(text) // long past if it cannot be read
	return max(0, date.Sub(now))
}
