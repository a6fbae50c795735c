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
	Code       string        // HeyGen's own code as text; "100" after a success of version 1, "" if there is none
	RequestID  string        // X-Request-Id of the response, also after a success; "" if there was none
	Duration   time.Duration // from the request for the API key to the end of the body
	Wait       time.Duration // before the next attempt; 0 if none follows
	Err        error         // nil after a success, else an *Error
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
		a.Code, a.RequestID = r.code, requestID(r, secretIn(r.body))
	} else {
		a.Code, a.RequestID, a.Err = failed.Code, failed.RequestID, failed
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
	}
}
