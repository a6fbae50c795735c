package heygentest

import (
	"sync"
	"time"
)

// limit counts the calls of the present second.
type limit struct {
	perSecond int // 0 for no limit

	mu    sync.Mutex
	began time.Time
	used  int
}

// take counts a call, and returns how long to wait if there were too many: 0 if not.
func (l *limit) take(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.began) >= time.Second {
		l.began, l.used = now, 0
	}
	if l.perSecond > 0 && l.used == l.perSecond {
		return l.began.Add(time.Second).Sub(now)
	}
	l.used++
	return 0
}
