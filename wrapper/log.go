package heygen

import (
	"context"
	"log/slog"
	"time"
)

// logger logs attempts. The zero logger logs nothing.
type logger struct{ *slog.Logger }

// attempt logs by allow-list: whatever else a request or a reply holds may be a secret.
func (l logger) attempt(
	ctx context.Context, op string, attempt int, duration time.Duration, r reply, failed *Error, wait time.Duration,
) {
	if l.Logger == nil {
		return
	}
	level, text := slog.LevelDebug, "heygen call succeeded"
	attrs := []slog.Attr{
		slog.String("op", op), slog.Int("attempt", attempt), slog.Int("status", r.status),
		slog.Duration("duration", duration),
	}
	if failed != nil {
		level, text = slog.LevelWarn, "heygen call failed"
		attrs = append(attrs, slog.String("code", failed.Code), slog.String("request_id", failed.RequestID))
		if wait > 0 {
			attrs = append(attrs, slog.Duration("wait", wait))
		}
	}
	l.LogAttrs(ctx, level, text, attrs...)
}
