package heygen

import (
	"context"
	"log/slog"
	"time"
)

// Attempt reports one attempt of a call, for metrics and logs. It has no header and no body.
type Attempt struct {
	Op         string        // the operation, such as "UpdateWebhookEndpoint"
	Number     int           // the first attempt of a call is 1
	StatusCode int           // HTTP status; 0 if no response arrived
	Code       string        // HeyGen's own code as text; "100" after a success of version 1, "" if there was none
	RequestID  string        // X-Request-Id of the response, also after a success; "" if there was none
	Duration   time.Duration // from the request for the API key to the end of the body
	Wait       time.Duration // before the next attempt; 0 if none follows
	Err        error         // nil after a success, else an *Error

	// The headers by which HeyGen announces the end of an operation, such as "@1793404800" (RFC 9745) and "Sat, 31 Oct
	// 2026 00:00:00 GMT" (RFC 8594). They are set on the first attempt of a client whose response has one of them, so
	// that they are reported once, and "" on all others.
	Deprecation, Sunset string
}

// observe reports an attempt that ended just now, successfully if failed is nil.
func (c *Client) observe(ctx context.Context, op string, number int, start time.Time, r response, failed *Error,
	wait time.Duration,
) {
	if len(c.observers) == 0 {
		return
	}
	a := Attempt{Op: op, Number: number, StatusCode: r.status, Duration: time.Since(start), Wait: wait}
	if failed == nil {
		a.Code, a.RequestID = r.code, r.shown("X-Request-Id")
	} else {
		a.Code, a.RequestID, a.Err = failed.Code, failed.RequestID, failed
	}
	if !c.announced.Load() {
		deprecation, sunset := r.shown("Deprecation"), r.shown("Sunset")
		if deprecation+sunset != "" && c.announced.CompareAndSwap(false, true) {
			a.Deprecation, a.Sunset = deprecation, sunset
		}
	}
	for _, observer := range c.observers {
		observer(ctx, a)
	}
}

// logAttempts returns an observer that logs by an allow-list: everything else of an exchange may be a secret.
func logAttempts(l *slog.Logger) func(context.Context, Attempt) {
	return func(ctx context.Context, a Attempt) {
		level, message := slog.LevelDebug, "heygen call succeeded"
		if a.Err != nil {
			level, message = slog.LevelWarn, "heygen call failed"
		}
		l.LogAttrs(ctx, level, message,
			slog.String("op", a.Op), slog.Int("attempt", a.Number), slog.Int("status", a.StatusCode),
			slog.String("code", a.Code), slog.String("request_id", a.RequestID),
			slog.Duration("duration", a.Duration), slog.Duration("wait", a.Wait))
		if a.Deprecation+a.Sunset != "" {
			l.LogAttrs(ctx, slog.LevelWarn, "heygen announced the end of an operation", slog.String("op", a.Op),
				slog.String("deprecation", a.Deprecation), slog.String("sunset", a.Sunset))
		}
	}
}
