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

// RetryPolicy limits the attempts of a call and the waits between them. The package comment says which calls are
// repeated. The zero value is one attempt.
type RetryPolicy struct {
	MaxAttempts int           // attempts of one call, including the first; 0 means 1
	BaseDelay   time.Duration // bound of the first wait, doubled with each attempt; 0 means 250 ms
	MaxDelay    time.Duration // bound of every wait; a longer Retry-After ends the call; 0 means 10 s
}

// DefaultRetryPolicy is three attempts, 250 ms and 10 s.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxAttempts: 3, BaseDelay: 250 * time.Millisecond, MaxDelay: 10 * time.Second}
}

// next returns how long to wait before the attempt after this one, which failed with e. It returns false if none
// follows.
func (p RetryPolicy) next(ctx context.Context, attempt int, req *http.Request, e *Error) (time.Duration, bool) {
	last := attempt >= p.MaxAttempts
	replayable := req.Body == nil || req.GetBody != nil
	if last || !replayable || ctx.Err() != nil || !repeatable(isIdempotent(req), e) {
		return 0, false
	}
	defaults := DefaultRetryPolicy()
	limit := cmp.Or(p.MaxDelay, defaults.MaxDelay)
	wait := e.RetryAfter
	if wait == 0 {
		wait = backoff(cmp.Or(p.BaseDelay, defaults.BaseDelay), limit, attempt)
		if e.StatusCode != http.StatusConflict { // where the caller's own request needs the time
			wait = rand.N(wait) //nolint:gosec // no secret
		}
	}
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

// isIdempotent reports whether a second request leaves the same state: unless it is a POST without the header by which
// HeyGen recognizes it.
func isIdempotent(req *http.Request) bool {
	return req.Method != http.MethodPost || req.Header.Get(idempotencyKey) != ""
}

// repeatable reports whether a call that failed with e may be sent again. It may if HeyGen refused it for the time
// being, or no connection was made. Otherwise it may if it is idempotent.
func repeatable(idempotent bool, e *Error) bool {
	switch e.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusConflict:
		return e.Code == codeInProgress
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return idempotent
	case 0:
		return errors.Is(e.Err, ErrTransport) &&
			(isFailedDial(e.Err) || isUnprocessed(e.Err) || idempotent && isClosed(e.Err))
	}
	return idempotent && e.StatusCode/100 == 2 && isReset(e.Err)
}

// parseRetryAfter returns the wait that a Retry-After header asks for, in seconds or until a date. It returns 0 if the
// header cannot be read or is a date in the past.
func parseRetryAfter(text string, now time.Time) time.Duration {
	if strings.Trim(text, "0123456789") == "" {
		seconds, _ := strconv.ParseUint(text, 10, 64) // the largest number if text is a larger one, 0 if it is empty
		return time.Duration(min(seconds, math.MaxInt64/uint64(time.Second))) * time.Second
	}
	date, _ := http.ParseTime(text) // the zero time, long past, if text is no date
	return max(0, date.Sub(now))
}
