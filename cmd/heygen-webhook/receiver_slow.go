package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/heygen-go/heygen/webhook"
)

// slowRules are the rules about large bodies and about time. They are checked after the others, because a receiver that
// waits for one of these bodies may respond to nothing else meanwhile.
var slowRules = []receiverRule{
	{"body-1-mib", "a body of 1 MiB is accepted", func(ctx context.Context, r *ruleCheck) {
		r.accepts(ctx, "1 MiB", r.signed(largeEvent(1<<20)))
	}},
	{"body-too-large", "a body of 16 MiB is refused, or the connection closed", checkTooLarge},
	{"body-endless", "an endless body is refused, or the connection closed", checkEndless},
	{"compressed", "a compressed body is refused, whether it was signed before or after", checkCompressed},
	{"slow-body", "a body that takes 3 seconds is accepted", func(ctx context.Context, r *ruleCheck) {
		m := r.signed(newEvent())
		m.stream, m.length = &slowReader{ctx: ctx, data: m.body, pieces: 6, wait: 500 * time.Millisecond}, int64(len(m.body))
		r.expect(ctx, "a body in 3 seconds", m, deliveryLimit, response.is2xx, "a 2xx")
	}},
	{"standing-still", "a body that stands still is given up within 15 seconds", checkStandingStill},
	{"cut-off", "a body that is cut off gets no 2xx", checkCutOff},
	{"probe-busy", "OPTIONS gets a 2xx within a second while bodies stand still", checkProbeBusy},
	{ruleSecrecy, "no response holds the secret or the right signature", nil},
}

// largeEvent returns an event of this size in bytes.
func largeEvent(size int) []byte {
	begin, end := `{"event_type":"avatar_video.success","event_data":{"video_id":"`+rand.Text()+`","msg":"`, `"}}`
	return []byte(begin + strings.Repeat("x", size-len(begin)-len(end)) + end)
}

func isRefusedOrClosed(got response) bool { return got.is4xx() || got.closed }

// isGivenUp reports whether a delivery that never ends has ended, but not well.
func isGivenUp(got response) bool { return !got.is2xx() && (got.status != 0 || got.closed) }

func checkTooLarge(ctx context.Context, r *ruleCheck) {
	m := r.signed(largeEvent(16 << 20))
	r.expect(ctx, "16 MiB by Content-Length", m, r.bodyLimit, isRefusedOrClosed, "a 4xx, or the connection closed")
	m.stream, m.length = bytes.NewReader(m.body), -1
	r.expect(ctx, "16 MiB in chunks", m, r.bodyLimit, isRefusedOrClosed, "a 4xx, or the connection closed")
}

func checkEndless(ctx context.Context, r *ruleCheck) {
	m := signedAs(strings.Repeat("0", 64), nil)
	m.stream, m.length = &endlessReader{ctx}, -1
	r.expect(ctx, "an endless body", m, r.bodyLimit, isRefusedOrClosed,
		"a 4xx, or the connection closed, within 15 seconds")
}

func checkCompressed(ctx context.Context, r *ruleCheck) {
	event := newEvent()
	compressed := gzipped(event)
	r.refuses(ctx, "signed after", r.signed(compressed).with("Content-Encoding", "gzip"))
	event = newEvent()
	forged := signedAs(webhook.Sign(r.secret, event), gzipped(event))
	r.refuses(ctx, "signed before", forged.with("Content-Encoding", "gzip"))
}

func checkStandingStill(ctx context.Context, r *ruleCheck) {
	var group sync.WaitGroup
	for what, share := range map[string]int{"before the body": 0, "in the middle of the body": 2} {
		group.Go(func() {
			got := r.standStill(ctx, share, r.bodyLimit)
			r.judge(ctx, what, got, isGivenUp, "that it is given up within 15 seconds")
		})
	}
	group.Wait()
}

// standStill sends a delivery that stops before the body, with share 0, or after a part of it, until the receiver gives
// it up or the time is over.
func (r *ruleCheck) standStill(ctx context.Context, share int, limit time.Duration) response {
	m := r.signed(newEvent())
	begin := 0
	if share > 0 {
		begin = len(m.body) / share
	}
	return r.sendByHand(ctx, limit, m, fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(m.body), m.body[:begin]), false)
}

// checkProbeBusy probes after the receiver had time to begin with the bodies that stand still.
func checkProbeBusy(ctx context.Context, r *ruleCheck) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	for range 5 {
		group.Go(func() { r.standStill(ctx, 2, r.bodyLimit) })
	}
	if wait(ctx, 500*time.Millisecond) != nil {
		return
	}
	m := message{method: http.MethodOptions, header: http.Header{}}
	r.expect(ctx, "while 5 bodies stand still", m, probeLimit, response.is2xx, "a 2xx within a second")
}

// checkCutOff ends the connection before the length that was announced. What arrived is an event, and signed.
func checkCutOff(ctx context.Context, r *ruleCheck) {
	for what, framing := range map[string]func(body []byte) string{
		"with a Content-Length": func(body []byte) string {
			return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body)+10, body)
		},
		"in chunks": func(body []byte) string {
			return fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(body), body)
		},
	} {
		m := r.signed(newEvent())
		got := r.sendByHand(ctx, r.bodyLimit, m, framing(m.body), true)
		r.judge(ctx, what, got, isGivenUp, "no 2xx")
	}
}

// sendByHand sends the beginning of a request, of which rest is what follows the header. With end it then closes the
// connection for sending alone, so that a response can come. net/http sends no body that is too short, and does not
// report that the receiver closed the connection while a body stands still.
func (r *ruleCheck) sendByHand(ctx context.Context, limit time.Duration, m message, rest string, end bool) response {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := dial(ctx, r.target)
	if err != nil {
		return ended(ctx)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	var head bytes.Buffer
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", r.target.RequestURI(), r.target.Host)
	_ = m.header.Write(&head)
	if _, err = io.WriteString(conn, head.String()+rest); err == nil && end {
		err = conn.(interface{ CloseWrite() error }).CloseWrite() // of TCP and of TLS
	}
	if err != nil {
		return ended(ctx)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return ended(ctx)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	r.arrived(m.body, fmt.Sprint(resp.Header, string(body)))
	return response{status: resp.StatusCode}
}

func dial(ctx context.Context, target *url.URL) (net.Conn, error) {
	port := target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	address := net.JoinHostPort(target.Hostname(), port)
	if target.Scheme == "https" {
		return (&tls.Dialer{}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// slowReader reads data in pieces, each after a wait. Its reads end with the context.
type slowReader struct {
	ctx    context.Context
	data   []byte
	pieces int
	wait   time.Duration
}

func (s *slowReader) Read(buffer []byte) (int, error) {
	if len(s.data) == 0 {
		return 0, io.EOF
	}
	if err := wait(s.ctx, s.wait); err != nil {
		return 0, err
	}
	n := copy(buffer, s.data[:max(len(s.data)/max(s.pieces, 1), 1)])
	s.data, s.pieces = s.data[n:], s.pieces-1
	return n, nil
}

// endlessReader reads 32 KiB every 5 milliseconds.
type endlessReader struct{ ctx context.Context }

func (e *endlessReader) Read(buffer []byte) (int, error) {
	n := min(len(buffer), 32<<10)
	for i := range buffer[:n] {
		buffer[i] = ' '
	}
	return n, wait(e.ctx, 5*time.Millisecond)
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
