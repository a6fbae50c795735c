package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/webhook"
)

// Limits of the check of a receiver. HeyGen waits 1 second for the response to a probe and 10 to a delivery.
const (
	probeLimit    = time.Second
	deliveryLimit = 10 * time.Second
	sideBySide    = 8 // quick requests: small servers have a short queue
)

// receiverRule is a rule that a receiver must keep.
type receiverRule struct {
	name  string
	want  string // for the help
	check func(context.Context, *ruleCheck)
}

// receiverCheck sends requests to a receiver, and collects by rule what is wrong with the responses.
type receiverCheck struct {
	target *url.URL
	secret string
	client *http.Client
	slots  chan struct{} // has one for each quick request under way

	bodyLimit time.Duration // for the receiver to give up a body that stands still

	accepted atomic.Bool // a delivery

	mu     sync.Mutex
	rules  []string                  // in the order of the report
	seen   map[string]int            // requests that were judged
	broken map[string]map[string]int // what is wrong, and how often
}

func newReceiverCheck(target *url.URL, secret string) *receiverCheck {
	onlyHTTP1 := new(http.Protocols) // as most senders; a cut of the connection is not visible in HTTP/2
	onlyHTTP1.SetHTTP1(true)
	return &receiverCheck{
		target: target, secret: secret, slots: make(chan struct{}, sideBySide),
		bodyLimit: 15 * time.Second, // good receivers take about 10
		client: &http.Client{
			Transport: &http.Transport{
				DisableKeepAlives: true, DisableCompression: true, Protocols: onlyHTTP1,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		seen: map[string]int{}, broken: map[string]map[string]int{},
	}
}

// run checks rules side by side.
func (c *receiverCheck) run(ctx context.Context, rules []receiverRule) {
	var group sync.WaitGroup
	for _, rule := range rules {
		c.rules = append(c.rules, rule.name)
		if rule.check == nil { // every request is checked for it
			continue
		}
		group.Go(func() { rule.check(ctx, &ruleCheck{c, rule.name}) })
	}
	group.Wait()
}

func (c *receiverCheck) breaks(rule, detail string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken[rule] == nil {
		c.broken[rule] = map[string]int{}
	}
	c.broken[rule][detail]++
}

// ruleCheck is the check of one rule.
type ruleCheck struct {
	*receiverCheck
	rule string
}

// message is a request to the receiver.
type message struct {
	method string
	query  string // besides that of the URL
	header http.Header
	body   []byte
	stream io.Reader // in place of the body
	length int64     // of the stream; -1 in chunks
}

// newEvent is an event that the receiver does not have.
func newEvent() []byte { return heygentest.Event("avatar_video.success") }

// signed returns a delivery of a body with the right signature, in both headers, a fresh id and the time.
func (c *receiverCheck) signed(body []byte) message {
	return signedAs(webhook.Sign(c.secret, body), body)
}

// signedAs returns a delivery with this signature.
func signedAs(signature string, body []byte) message {
	m := unsigned(body)
	m.header["Signature"] = []string{signature}
	m.header["Heygen-Signature"] = []string{signature}
	return m
}

func unsigned(body []byte) message {
	return message{method: http.MethodPost, body: body, header: http.Header{
		"Content-Type":     {"application/json"},
		"Heygen-Event-Id":  {rand.Text()},
		"Heygen-Timestamp": {strconv.FormatInt(time.Now().Unix(), 10)},
	}}
}

// with returns the message with other values of a header. Without values it has none. The name is sent as it is.
func (m message) with(name string, values ...string) message {
	m.header = m.header.Clone()
	delete(m.header, name)
	if len(values) > 0 {
		m.header[name] = values
	}
	return m
}

// response is what came: a status, or the reason why none did.
type response struct {
	status int
	closed bool // by the receiver, before a response
}

func (r response) is2xx() bool { return r.status/100 == 2 }
func (r response) is4xx() bool { return r.status/100 == 4 }

func (r response) String() string {
	switch {
	case r.closed:
		return "the connection was closed without a response"
	case r.status == 0:
		return "no response in time"
	}
	return strconv.Itoa(r.status)
}

// send sends a message.
func (r *ruleCheck) send(ctx context.Context, limit time.Duration, m message) response {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	target := *r.target
	if m.query != "" {
		target.RawQuery = strings.TrimPrefix(target.RawQuery+"&"+m.query, "&")
	}
	stream := m.stream
	if stream == nil {
		stream = bytes.NewReader(m.body)
	}
	req, err := http.NewRequestWithContext(ctx, m.method, target.String(), stream)
	if err != nil {
		return response{}
	}
	if m.stream != nil {
		req.ContentLength = m.length
	}
	maps.Copy(req.Header, m.header)
	resp, err := r.client.Do(req)
	if err != nil {
		return ended(ctx)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	r.arrived(m.body, fmt.Sprint(resp.Header, string(body)))
	if resp.StatusCode/100 == 2 && m.method == http.MethodPost {
		r.accepted.Store(true)
	}
	return response{status: resp.StatusCode}
}

// ended is the response of a request that failed.
func ended(ctx context.Context) response { return response{closed: ctx.Err() == nil} }

func (c *receiverCheck) count(rule string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[rule]++
}

// arrived looks for secrets in a response.
func (r *ruleCheck) arrived(sent []byte, text string) {
	r.count(ruleSecrecy)
	text = strings.ToLower(text)
	for what, hidden := range map[string]string{
		"the secret": strings.TrimPrefix(r.secret, secretPrefix), "the right signature": webhook.Sign(r.secret, sent),
	} {
		if len(hidden) >= 8 && strings.Contains(text, strings.ToLower(hidden)) { // a shorter one is in many a text
			r.breaks(ruleSecrecy, fmt.Sprintf("a response to a request of the rule %s holds %s", r.rule, what))
		}
	}
}

// expect sends a message, and finds fault with a response that is not as it should be.
func (r *ruleCheck) expect(
	ctx context.Context, what string, m message, limit time.Duration, good func(response) bool, want string,
) response {
	got := r.send(ctx, limit, m)
	r.judge(ctx, what, got, good, want)
	return got
}

func (r *ruleCheck) judge(ctx context.Context, what string, got response, good func(response) bool, want string) {
	if ctx.Err() != nil { // the check was canceled
		return
	}
	r.count(r.rule)
	if !good(got) {
		r.breaks(r.rule, fmt.Sprintf("%s: %s, want %s", what, got, want))
	}
}

// quick is expect for a delivery that can be sent beside others.
func (r *ruleCheck) quick(ctx context.Context, what string, m message, good func(response) bool, want string) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return
	}
	defer func() { <-r.slots }()
	r.expect(ctx, what, m, deliveryLimit, good, want)
}

// accepts expects a 2xx.
func (r *ruleCheck) accepts(ctx context.Context, what string, m message) {
	r.quick(ctx, what, m, response.is2xx, "a 2xx")
}

// twice expects a 2xx to a delivery and, to the one that repeats it, a 2xx or 409 because it is being worked on.
func (r *ruleCheck) twice(ctx context.Context, what string, first, again message) {
	r.accepts(ctx, "the first", first)
	r.quick(ctx, what, again, is2xxOr409, "a 2xx or 409")
}

func is2xxOr409(got response) bool { return got.is2xx() || got.status == http.StatusConflict }

// refuses expects a 4xx.
func (r *ruleCheck) refuses(ctx context.Context, what string, m message) {
	r.quick(ctx, what, m, response.is4xx, "a 4xx")
}
