package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// leaveTime is how long the server may read on after a response to a request whose body the handler did not want.
const leaveTime = time.Second

// readBody returns the whole body, or the status and the reason of its refusal.
func (h *Handler) readBody(w http.ResponseWriter, r *http.Request) ([]byte, int, error) {
	if r.ContentLength > h.maxBody {
		leaveBody(w, r)
		return nil, http.StatusRequestEntityTooLarge, h.tooLarge()
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.bodyTimeout)) // net/http lifts it after the body

	// Room for a usual body at once; for a large one only as it comes, because a Content-Length costs its sender nothing.
	body := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), 64<<10)+bytes.MinRead))
	_, err := body.ReadFrom(io.LimitReader(r.Body, h.maxBody+1))
	switch {
	case err == nil && int64(body.Len()) > h.maxBody:
		leaveBody(w, r)
		return nil, http.StatusRequestEntityTooLarge, h.tooLarge()
	case err == nil:
		return body.Bytes(), http.StatusOK, nil
	}
	// The deadline stays: without it the server would wait for the rest of the body before it sends the response.
	w.Header().Set("Connection", "close")
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, http.StatusRequestTimeout, fmt.Errorf("webhook: the body did not arrive within %s", h.bodyTimeout)
	}
	return nil, http.StatusBadRequest, fmt.Errorf("webhook: reading the body: %w", err)
}

func (h *Handler) tooLarge() error {
	return fmt.Errorf("webhook: the body is larger than %d bytes", h.maxBody)
}

// leaveBody makes the server send the response at once and close the connection. Without it the server first reads the
// rest of the body, which may never come.
func leaveBody(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(leaveTime))
}
