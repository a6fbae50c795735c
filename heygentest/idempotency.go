package heygentest

import (
	"bytes"
	"net/http"
	"time"
)

// Bounds of the successes that can be repeated.
const (
	keyTime = 24 * time.Hour // HeyGen documents it
	maxKeys = 1000
)

// keys knows the POSTs with an Idempotency-Key by their scope: the key and the path.
type keys struct {
	underWay map[string]bool
	done     map[string]success
	order    []string // of done, the oldest first
}

// success is the response to the first request with a key.
type success struct {
	at   time.Time
	body []byte
}

func newKeys() keys { return keys{underWay: map[string]bool{}, done: map[string]success{}} }

// claim notes whether a request is the first with its Idempotency-Key. If it is, others with the key get 409 until
// release.
func (s *Sandbox) claim(r *request) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" || r.Method != http.MethodPost || !isV3(r.Request) {
		return
	}
	scope := key + " " + r.URL.EscapedPath() // a key has no space
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.keys.order) > 0 && time.Since(s.keys.done[s.keys.order[0]].at) >= keyTime {
		s.keys.forgetOldest()
	}
	first, done := s.keys.done[scope]
	switch {
	case done:
		r.first = first.body
	case s.keys.underWay[scope]:
		r.inProgress = true
	default:
		r.scope, s.keys.underWay[scope] = scope, true
	}
}

// remember keeps the response to the first request with a key, which is a success.
func (k *keys) remember(scope string, resp *response) {
	k.done[scope] = success{time.Now(), bytes.Clone(resp.body.Bytes())} // a fault may change the response
	if k.order = append(k.order, scope); len(k.order) > maxKeys {
		k.forgetOldest()
	}
}

func (k *keys) forgetOldest() {
	delete(k.done, k.order[0])
	k.order = k.order[1:]
}

// release ends the time in which other requests with the same key get 409.
func (s *Sandbox) release(r *request) {
	if r.scope == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys.underWay, r.scope)
}
