package webhook

import "time"

// WithBodyTimeout replaces the 10 seconds within which a body must arrive.
func WithBodyTimeout(d time.Duration) Option {
	return func(c *config) error {
		c.bodyTimeout = d
		return nil
	}
}

// BodyTimeout returns the time within which a body must arrive.
func BodyTimeout(h *Handler) time.Duration { return h.bodyTimeout }
