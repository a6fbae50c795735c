package heygentest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/heygen-go/heygen/internal/loopback"
	"github.com/heygen-go/heygen/webhook"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// Limits of deliveries. HeyGen documents the times for version 3.
const (
	probeTime     = time.Second
	deliveryTime  = 10 * time.Second
	maxAttempts   = 5
	firstWait     = time.Minute // doubles; HeyGen names no figures
	maxEvent      = 1 << 20
	maxDeliveries = 1000
)

// Delivery records an event that was sent to an endpoint, and what came of it.
type Delivery struct {
	Number     int // from 1
	EndpointID string
	URL        string
	EventType  string
	EventID    string // in the header Heygen-Event-Id and in the history of version 3
	Start      time.Time
	Body       []byte // as it was sent, at most the first 64 KiB
	Fault      string // the faults, as [DeliveryFault.String] writes them; "" if none
	Attempts   []DeliveryAttempt
}

// DeliveryAttempt is one request of a [Delivery].
type DeliveryAttempt struct {
	Wait       time.Duration // how long HeyGen would have waited before it; 0 for the first
	Header     http.Header   // of the request, with the signature
	Duration   time.Duration
	StatusCode int    // 0 if no response came within 10 seconds
	Err        string // why none came; "" if one did
}

// Delivered reports whether an attempt got a 2xx.
func (d Delivery) Delivered() bool {
	return slices.ContainsFunc(d.Attempts, func(a DeliveryAttempt) bool { return is2xx(a.StatusCode) })
}

func is2xx(status int) bool { return status >= 200 && status < 300 }

func (d Delivery) clone() Delivery {
	d.Body, d.Attempts = bytes.Clone(d.Body), slices.Clone(d.Attempts)
	for i := range d.Attempts {
		d.Attempts[i].Header = d.Attempts[i].Header.Clone()
	}
	return d
}

// WithProbe makes the sandbox probe the URL of a new endpoint, or one to which an update moves an endpoint, if it is on
// loopback, as HeyGen does: with an OPTIONS request, which must get a 2xx within a second. Else the call fails with
// HeyGen's code 400542, in version 3 invalid_parameter. Other URLs are not probed.
func WithProbe() Option {
	return func(c *config) error {
		c.probe = true
		return nil
	}
}

// Deliver sends an event, such as one of [Event], to the URL of an endpoint, and returns what came of it. The request
// is signed with the endpoint's secret and has the header of version 1, Signature, unless a fault says otherwise.
//
// What does not get a 2xx within 10 seconds is repeated at once, 5 attempts in all; each says how long HeyGen would
// have waited. HeyGen documents for version 3 that it repeats for up to 24 hours, with waits that grow; the sandbox
// doubles them from a minute.
//
// Deliver returns an error, and sends nothing, if there is no such endpoint, if it is not enabled, if its URL is not on
// loopback, or if the event is not a JSON object with a text "event_type"; and if the context ends.
func (s *Sandbox) Deliver(ctx context.Context, endpointID string, event []byte, faults ...DeliveryFault,
) (Delivery, error) {
	s.serving.Add(1)
	defer s.serving.Done()
	fail := func(format string, args ...any) (Delivery, error) {
		return Delivery{}, fmt.Errorf("heygentest: Deliver: "+format, args...)
	}
	eventType, err := eventTypeOf(event)
	endpoint, ok := s.Endpoint(endpointID)
	switch {
	case err != nil:
		return fail("%w", err)
	case !ok:
		return fail("there is no endpoint %q", endpointID)
	case endpoint.Status != heygen.WebhookEndpointStatusEnabled:
		return fail("endpoint %q is %s: HeyGen delivers nothing to it", endpointID, endpoint.Status)
	case !isLoopback(endpoint.URL):
		return fail("the URL of endpoint %q is not on loopback: the sandbox delivers nowhere else", endpointID)
	}
	ctx, cancel := s.untilClosed(ctx)
	defer cancel()
	m := newMessage(endpoint.Secret.Reveal(), event, faults)
	delivery := Delivery{
		EndpointID: endpointID, URL: endpoint.URL, EventType: eventType, EventID: m.id, Start: time.Now(),
		Body: kept(m.sent), Fault: m.fault,
	}
	delivery.Attempts = m.deliver(ctx, endpoint.URL)
	if err := ctx.Err(); err != nil {
		return delivery, fmt.Errorf("heygentest: Deliver: %w", err)
	}
	s.record(&delivery, endpoint.EntityID, m.forged)
	return delivery.clone(), nil
}

// Emit delivers an event to every endpoint that is enabled, subscribed to its type, and on loopback, in the order of
// their ids. See [Sandbox.Deliver].
func (s *Sandbox) Emit(ctx context.Context, event []byte, faults ...DeliveryFault) ([]Delivery, error) {
	eventType, err := eventTypeOf(event)
	if err != nil {
		return nil, fmt.Errorf("heygentest: Emit: %w", err)
	}
	s.mu.Lock()
	endpoints := maps.Clone(s.endpoints)
	s.mu.Unlock()
	var deliveries []Delivery
	for _, id := range slices.Sorted(maps.Keys(endpoints)) {
		if !wants(endpoints[id], eventType) {
			continue
		}
		delivery, err := s.Deliver(ctx, id, event, faults...)
		if err != nil {
			return deliveries, err
		}
		deliveries = append(deliveries, delivery)
	}
	return deliveries, nil
}

func wants(endpoint heygen.WebhookEndpoint, eventType string) bool {
	return endpoint.Status == heygen.WebhookEndpointStatusEnabled && endpoint.Events.Includes(eventType) &&
		isLoopback(endpoint.URL)
}

// Deliveries returns the last 1000 deliveries, in the order in which they ended.
func (s *Sandbox) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var deliveries []Delivery
	for _, delivery := range s.deliveries {
		deliveries = append(deliveries, delivery.clone())
	}
	return deliveries
}

// record keeps a delivery, its event unless HeyGen did not sign it, and what Verify has to say of it.
func (s *Sandbox) record(delivery *Delivery, entityID *string, forged bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivered++
	delivery.Number = s.delivered
	s.deliveries = append(s.deliveries, delivery.clone())
	if len(s.deliveries) > maxDeliveries {
		s.deliveries = s.deliveries[1:]
	}
	if !forged {
		s.events = append(s.events, newPastEvent(*delivery, entityID))
		s.events = s.events[max(0, len(s.events)-maxDeliveries):]
	}
	what := fmt.Sprintf("delivery %d, %q to endpoint %q", delivery.Number, delivery.EventType, delivery.EndpointID)
	switch {
	case forged && delivery.Delivered():
		s.report(fmt.Sprintf("%s with the fault %s: the receiver accepted what HeyGen did not sign", what, delivery.Fault))
	case !forged && !delivery.Delivered():
		last := delivery.Attempts[len(delivery.Attempts)-1]
		s.report(fmt.Sprintf("%s: no attempt of %d got a 2xx; the last: status %d %s", what, len(delivery.Attempts),
			last.StatusCode, last.Err))
	}
}

func eventTypeOf(event []byte) (string, error) {
	var members map[string]json.RawMessage
	var eventType string
	switch err := json.Unmarshal(event, &members); {
	case err != nil || json.Unmarshal(members["event_type"], &eventType) != nil || eventType == "":
		return "", errors.New(`the event is not a JSON object with a text "event_type"`)
	case len(event) > maxEvent:
		return "", errors.New("the event is over 1 MiB")
	}
	return eventType, nil
}

func isLoopback(address string) bool {
	u, err := url.Parse(address)
	return err == nil && loopback.Is(u.Hostname())
}

// untilClosed returns a context that also ends when the sandbox closes.
func (s *Sandbox) untilClosed(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// toReceivers sends what HeyGen would: it follows no redirect, and keeps no connection.
var toReceivers = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// probeChange returns the URL that a request gives to an endpoint if the receiver there does not respond to the probe,
// and else "".
func (s *Sandbox) probeChange(r *request) string {
	if !s.probes || len(r.findings) > 0 || r.Header.Get("X-Api-Key") != s.APIKey || r.inProgress || r.first != nil {
		return ""
	}
	members, _ := r.value.(map[string]any)
	address, _ := members["url"].(string)
	id := r.endpointID()
	endpoint, ok := s.Endpoint(id)
	creates := r.Method == http.MethodPost && id == ""
	moves := r.Method == http.MethodPatch && ok && endpoint.URL != address
	if !creates && !moves || !isLoopback(address) || probe(r.Context(), address) {
		return ""
	}
	return address
}

// probe reports whether a receiver responds to the probe.
func probe(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodOptions, address, nil)
	if err != nil {
		return false
	}
	resp, err := toReceivers.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return is2xx(resp.StatusCode)
}

// message is what is to be delivered, and how.
type message struct {
	secret       string
	signed, sent []byte
	headers      func(h http.Header, signature, id string, at time.Time)
	unsigned     bool
	id           string
	age          time.Duration
	attempts     int  // at most
	copies       int  // of every attempt, at once
	replayed     bool // afterwards under another id
	hangUp       bool // in the first attempt
	forged       bool // a receiver must refuse it
	fault        string
}

func newMessage(secret string, event []byte, faults []DeliveryFault) *message {
	m := &message{
		secret:   secret,
		signed:   event,
		sent:     event,
		headers:  headersV1,
		id:       newID(),
		attempts: maxAttempts,
		copies:   1,
	}
	for _, fault := range faults {
		fault.edit(m)
		if m.fault != "" {
			m.fault += " with "
		}
		m.fault += fault.text
	}
	return m
}

func headersV1(h http.Header, signature, _ string, _ time.Time) { h["Signature"] = []string{signature} }

func headersV3(h http.Header, signature, id string, at time.Time) {
	h["Heygen-Signature"] = []string{signature}
	h["Heygen-Event-Id"] = []string{id}
	h["Heygen-Timestamp"] = []string{strconv.FormatInt(at.Unix(), 10)}
}

// deliver sends a message until it gets a 2xx, and at most as often as its attempts say. A forged one, which HeyGen
// would not send, is sent once.
func (m *message) deliver(ctx context.Context, address string) (attempts []DeliveryAttempt) {
	wait := time.Duration(0)
	for range m.attempts {
		copies := m.atOnce(ctx, address, wait)
		attempts = append(attempts, copies...)
		m.hangUp = false
		if ctx.Err() != nil || m.forged ||
			slices.ContainsFunc(copies, func(a DeliveryAttempt) bool { return is2xx(a.StatusCode) }) {
			break
		}
		wait = max(firstWait, 2*wait)
	}
	if m.replayed && ctx.Err() == nil {
		m.id = newID()
		attempts = append(attempts, m.send(ctx, address, 0))
	}
	return attempts
}

func (m *message) atOnce(ctx context.Context, address string, wait time.Duration) []DeliveryAttempt {
	copies := make([]DeliveryAttempt, m.copies)
	var group sync.WaitGroup
	for i := range copies {
		group.Go(func() { copies[i] = m.send(ctx, address, wait) })
	}
	group.Wait()
	return copies
}

func (m *message) send(ctx context.Context, address string, wait time.Duration) (attempt DeliveryAttempt) {
	attempt.Wait = wait
	begun := time.Now()
	defer func() { attempt.Duration = time.Since(begun) }()
	ctx, cancel := context.WithTimeout(ctx, deliveryTime)
	defer cancel()
	if m.hangUp {
		sent := func(httptrace.WroteRequestInfo) { cancel() }
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: sent})
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(m.sent))
	if err != nil {
		attempt.Err = err.Error()
		return attempt
	}
	req.Header.Set("Content-Type", "application/json")
	m.headers(req.Header, webhook.Sign(m.secret, m.signed), m.id, begun.Add(-m.age))
	if m.unsigned {
		req.Header.Del("Signature")
		req.Header.Del("Heygen-Signature")
	}
	attempt.Header = req.Header.Clone()
	resp, err := toReceivers.Do(req)
	if err == nil {
		defer resp.Body.Close()
	}
	switch {
	case m.hangUp: // whatever came before the connection was closed
		attempt.Err = "hung up"
	case err != nil:
		attempt.Err = err.Error()
	default:
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
		attempt.StatusCode = resp.StatusCode
	}
	return attempt
}

// DeliveryFault makes the sandbox deliver otherwise than usual; see [Sandbox.Deliver]. Several are applied in their
// order. [Sandbox.Verify] fails a test if a receiver accepts what has the fault unsigned, other-secret, tampered or
// re-encoded.
type DeliveryFault struct {
	text string
	edit func(*message)
}

// String returns the fault as text: its name and, after a space, its argument, "stale 10m0s" for example.
func (f DeliveryFault) String() string { return f.text }

// DeliverOnce does not repeat what gets no 2xx.
func DeliverOnce() DeliveryFault {
	return DeliveryFault{"once", func(m *message) { m.attempts = 1 }}
}

// DeliverUnsigned sends no signature.
func DeliverUnsigned() DeliveryFault {
	return DeliveryFault{"unsigned", func(m *message) { m.unsigned, m.forged = true, true }}
}

// DeliverOtherSecret signs with a secret that is not the endpoint's.
func DeliverOtherSecret() DeliveryFault {
	return DeliveryFault{"other-secret", func(m *message) { m.secret, m.forged = "whsec_"+rand.Text(), true }}
}

// DeliverTampered adds a member to the event after it was signed.
func DeliverTampered() DeliveryFault {
	return DeliveryFault{"tampered", func(m *message) {
		m.sent, m.forged = bytes.Replace(m.sent, []byte("{"), []byte(`{"tampered":true,`), 1), true
	}}
}

// DeliverReencoded formats the event anew after it was signed, as relays do.
func DeliverReencoded() DeliveryFault {
	return DeliveryFault{"re-encoded", func(m *message) {
		var formatted bytes.Buffer
		_ = json.Indent(&formatted, m.sent, "", "   ") // eventTypeOf has decoded it
		m.sent, m.forged = append(formatted.Bytes(), '\n'), true
	}}
}

// DeliverStale sends the headers of version 3, with a time that is d ago, or to come if d is negative.
func DeliverStale(d time.Duration) DeliveryFault {
	return DeliveryFault{"stale " + d.String(), func(m *message) { m.headers, m.age = headersV3, d }}
}

// DeliverTwice sends every attempt twice at the same time.
func DeliverTwice() DeliveryFault {
	return DeliveryFault{"twice", func(m *message) { m.copies = 2 }}
}

// DeliverReplayed sends the headers of version 3, and afterwards the same again under another id.
func DeliverReplayed() DeliveryFault {
	return DeliveryFault{"replayed", func(m *message) { m.headers, m.replayed = headersV3, true }}
}

// DeliverHeadersV1 sends the header of version 1, Signature. That is the default.
func DeliverHeadersV1() DeliveryFault {
	return DeliveryFault{"headers-v1", func(m *message) { m.headers = headersV1 }}
}

// DeliverHeadersV3 sends the headers of version 3: Heygen-Signature, Heygen-Event-Id and Heygen-Timestamp.
func DeliverHeadersV3() DeliveryFault {
	return DeliveryFault{"headers-v3", func(m *message) { m.headers = headersV3 }}
}

// DeliverHangUp closes the connection of the first attempt as soon as the request is sent.
func DeliverHangUp() DeliveryFault {
	return DeliveryFault{"hang-up", func(m *message) { m.hangUp = true }}
}
