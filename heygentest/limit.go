package heygentest

import "time"

// limit counts the calls of the current second.
type limit struct {
	perSecond int // 0 for no limit
	start     time.Time
	used      int
}

// take counts a call. It returns 0 if the call is within the limit, and otherwise how long to wait.
func (l *limit) take(now time.Time) time.Duration {
	if now.Sub(l.start) >= time.Second {
		l.start, l.used = now, 0
	}
	if l.perSecond > 0 && l.used == l.perSecond {
		return l.start.Add(time.Second).Sub(now)
	}
	l.used++
	return 0
}
