package heygen

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"regexp"
)

// CallOption changes one call.
type CallOption func(*call) error

// call is what the options of a call change.
type call struct {
	key string // "" for a random one
}

const keyHeader = "Idempotency-Key"

// keyForm is what HeyGen accepts.
var keyForm = regexp.MustCompile(`^[A-Za-z0-9_:.-]{1,255}$`)

// WithIdempotencyKey gives the Idempotency-Key of a POST, 1 to 255 of the characters A-Z a-z 0-9 _ : . and -. HeyGen
// acts once on all calls of an operation that have the same key, within 24 hours, and sends the first response to each,
// whatever the others ask for. Without this option every call has a random key of its own.
//
// Give one to go on after a crash: store it before the call, and repeat the call with it.
func WithIdempotencyKey(key string) CallOption {
	return func(c *call) error {
		if !keyForm.MatchString(key) {
			return errors.New("WithIdempotencyKey: want 1 to 255 of A-Z a-z 0-9 _ : . and - as Idempotency-Key")
		}
		c.key = key
		return nil
	}
}

// withKey returns a builder whose POSTs have an Idempotency-Key. A call builds its request once, so its attempts share
// the key.
func withKey(build func(*url.URL) (*http.Request, error), opts []CallOption) func(*url.URL) (*http.Request, error) {
	if build == nil {
		return nil // which the client refuses
	}
	return func(base *url.URL) (*http.Request, error) {
		var c call
		for _, opt := range opts {
			if opt == nil {
				return nil, errors.New("an option of the call is nil")
			}
			if err := opt(&c); err != nil {
				return nil, err
			}
		}
		req, err := build(base)
		if err != nil || req == nil {
			return req, err
		}
		isPOST := req.Method == http.MethodPost
		if c.key != "" && !isPOST {
			return nil, errors.New("WithIdempotencyKey: only a POST has a key")
		}
		if !isPOST || c.key == "" && req.Header.Get(keyHeader) != "" {
			return req, nil
		}
		if c.key == "" {
			c.key = rand.Text()
		}
		req = req.Clone(req.Context()) // build may return it, or its header, again: another call has another key
		if req.Header == nil {
			req.Header = http.Header{}
		}
		req.Header.Set(keyHeader, c.key)
		return req, nil
	}
}
