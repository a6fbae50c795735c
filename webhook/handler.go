package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// Handler is an http.Handler that receives deliveries. Make one with [NewHandler].
//
// It responds with 200 only after the function has returned nil, so that HeyGen repeats a delivery that was not worked
// on:
//
//	200  the function returned nil, now or for an earlier copy of the delivery; and the probe, an OPTIONS request
//	400  the body is not an event, was cut off, or the delivery is out of the tolerance
//	401  no signature is right, or there is none
//	405  another method than POST and OPTIONS
//	408  the body did not arrive within 10 seconds
//	409  a copy of the delivery is being worked on: if that fails, HeyGen must come again
//	413  the body is too large
//	500  the function returned an error, or panicked, in which case the panic goes on in ServeHTTP
//	503  the function did not return in time, or the store failed
//
// Nothing but the signature is looked at before it is right. No response and no log line holds a secret or a signature.
//
// The read of a body ends in time only if the http.ResponseWriter can set a deadline. One that a middleware wraps
// needs a method Unwrap; without it the limit is http.Server.ReadTimeout.
type Handler struct {
	verifier *Verifier
	work     func(context.Context, Event) error
	config
}

// Option configures a [Handler].
type Option func(*config) error

type config struct {
	store       Store
	timeout     time.Duration
	tolerance   time.Duration // 0 for any
	maxBody     int64
	bodyTimeout time.Duration
	logger      *slog.Logger
}

// WithStore sets the store that remembers deliveries. The default is a [MemoryStore] of the handler's own; several
// processes need one that they share.
func WithStore(store Store) Option {
	return func(c *config) error {
		if store == nil {
			return errors.New("WithStore: the store is nil")
		}
		c.store = store
		return nil
	}
}

// WithTimeout limits the time from the end of the body to the response. The default is 8 seconds: HeyGen waits 10.
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithTimeout: the duration is not positive")
		}
		c.timeout = d
		return nil
	}
}

// WithTolerance refuses deliveries whose Heygen-Timestamp is further than d from now, in either direction. HeyGen's
// page advises 5 minutes. By default the timestamp is not looked at: it is not signed, so looking stops nobody who can
// copy a delivery, and HeyGen repeats a delivery for up to 24 hours, perhaps with the timestamp of the first time, so
// looking can lose an event. A delivery without a readable timestamp is accepted.
func WithTolerance(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("WithTolerance: the duration is not positive")
		}
		c.tolerance = d
		return nil
	}
}

// WithMaxBody sets the size in bytes of the largest body, at most 1 GiB. The default is 1 MiB.
func WithMaxBody(n int) Option {
	return func(c *config) error {
		if n < 1 || n > 1<<30 {
			return errors.New("WithMaxBody: the size is not from 1 byte to 1 GiB")
		}
		c.maxBody = int64(n)
		return nil
	}
}

// WithLogger logs what goes wrong: refused deliveries as warnings, failures of the function and of the store as
// errors. By default nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		c.logger = logger
		return nil
	}
}

// NewHandler returns a handler that calls work with the event of every delivery that v verifies, once for all copies
// of a delivery. It returns the joined errors of all options that it refuses.
//
// When work returns nil, the delivery is done and HeyGen does not repeat it, so work must have stored or finished what
// it is for. When it returns an error, panics, or returns after the timeout, the delivery is not done and work is
// called again when HeyGen repeats it. The context of work ends at the timeout, not when the sender hangs up. Several
// goroutines call work at the same time.
func NewHandler(v *Verifier, work func(context.Context, Event) error, opts ...Option) (*Handler, error) {
	h := &Handler{verifier: v, work: work, config: config{
		timeout: 8 * time.Second, maxBody: 1 << 20, bodyTimeout: 10 * time.Second, logger: slog.New(slog.DiscardHandler),
	}}
	var errs []error
	if v == nil {
		errs = append(errs, errors.New("the verifier is nil"))
	}
	if work == nil {
		errs = append(errs, errors.New("the function is nil"))
	}
	for i, opt := range opts {
		if opt == nil {
			errs = append(errs, fmt.Errorf("option %d is nil", i+1))
			continue
		}
		errs = append(errs, opt(&h.config))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("webhook: NewHandler: %w", err)
	}
	if h.store == nil {
		h.store = NewMemoryStore()
	}
	return h, nil
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		event, status, err := h.receive(w, r)
		if err != nil {
			h.logger.WarnContext(r.Context(), "webhook delivery refused", "status", status, "reason", err)
			respond(w, status)
			return
		}
		h.finish(w, r, event)
	case http.MethodOptions:
		leaveBody(w, r)
		w.Header().Set("Allow", allow)
		respond(w, http.StatusOK)
	default:
		leaveBody(w, r)
		w.Header().Set("Allow", allow)
		respond(w, http.StatusMethodNotAllowed)
	}
}

const allow = "OPTIONS, POST"

// receive returns the event of a delivery, or the status and the reason of its refusal.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) (Event, int, error) {
	body, status, err := h.readBody(w, r)
	if err != nil {
		return Event{}, status, err
	}
	event, err := h.verifier.Verify(r.Header, body)
	switch {
	case errors.Is(err, ErrMalformed):
		return Event{}, http.StatusBadRequest, err
	case err != nil:
		return Event{}, http.StatusUnauthorized, err
	}
	if h.tolerance > 0 && !event.Sent.IsZero() && time.Since(event.Sent).Abs() > h.tolerance {
		return Event{}, http.StatusBadRequest, fmt.Errorf("webhook: the delivery was sent at %s, out of the tolerance of %s",
			event.Sent.Format(time.RFC3339), h.tolerance)
	}
	return event, http.StatusOK, nil
}

// finish works on an event and sends the response: at the timeout if the work has not ended by then.
func (h *Handler) finish(w http.ResponseWriter, r *http.Request, event Event) {
	// The sender may hang up, which ends the context of the request: the work goes on.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), h.timeout)
	defer cancel()
	send := func(status int, failure error) {
		if failure != nil {
			h.logger.ErrorContext(ctx, "webhook delivery not done",
				"status", status, "type", event.Type, "id", event.ID, "reason", failure)
		}
		respond(w, status)
	}
	late := make(chan struct{})
	timer := time.AfterFunc(h.timeout, func() {
		defer close(late)
		w.Header().Set("Connection", "close") // the next delivery must not wait for this one
		send(http.StatusServiceUnavailable, fmt.Errorf("the work did not end within %s", h.timeout))
		_ = http.NewResponseController(w).Flush()
	})
	status, failure := 0, error(nil)
	defer func() {
		switch {
		case !timer.Stop():
			<-late
		case status != 0: // else the function panicked, which goes on
			send(status, failure)
		}
	}()
	status, failure = h.once(ctx, event)
}

// once calls the function unless a copy of the delivery was or is being worked on, and returns the status of the
// response.
func (h *Handler) once(ctx context.Context, event Event) (status int, err error) {
	keys := keysOf(event)
	switch state, err := h.store.Claim(ctx, keys); {
	case err != nil:
		return http.StatusServiceUnavailable, fmt.Errorf("claim: %w", err)
	case state == Done:
		return http.StatusOK, nil
	case state == Pending:
		return http.StatusConflict, nil
	case state != New:
		return http.StatusServiceUnavailable, fmt.Errorf("claim: the store returned the unknown state %d", state)
	}
	done := false
	defer func() { // also if the function panics
		ctx := ctx
		if deadline, _ := ctx.Deadline(); time.Until(deadline) < h.timeout/2 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), h.timeout)
			defer cancel()
		}
		if failed := h.store.Settle(ctx, keys, done); failed != nil {
			status, err = http.StatusServiceUnavailable, errors.Join(err, fmt.Errorf("settle: %w", failed))
		}
	}()
	if err := ctx.Err(); err != nil { // the store may have taken all the time
		return http.StatusServiceUnavailable, err
	}
	if err := h.work(ctx, event); err != nil {
		return http.StatusInternalServerError, err
	}
	if err := ctx.Err(); err != nil { // a function that returns nil may still have given up because of this
		return http.StatusServiceUnavailable, err
	}
	done = true
	return http.StatusOK, nil
}

// keysOf returns the keys of a delivery for the store. The first is of the body, because an id need not be signed.
func keysOf(event Event) []string {
	keys := []string{key("body:", event.Body)}
	if event.ID != "" {
		keys = append(keys, key("id:", []byte(event.ID)))
	}
	return keys
}

// key returns a digest, because an id can be of any length and hold any byte.
func key(prefix string, data []byte) string {
	digest := sha256.Sum256(data)
	return string(hex.AppendEncode([]byte(prefix), digest[:]))
}

// respond sends a status with a fixed text, and 200 with none.
func respond(w http.ResponseWriter, status int) {
	if status == http.StatusOK {
		return // net/http sends it
	}
	text := http.StatusText(status) + "\n"
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(text))) // so that the response is complete before the work ends
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) //nolint:gosec // one of the texts of net/http
}
