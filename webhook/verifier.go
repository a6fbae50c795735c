// Package webhook receives what HeyGen delivers to a webhook endpoint. It verifies each delivery with the endpoint's
// signing secret, and calls a function once for all copies of a delivery:
//
//	verifier, err := webhook.NewVerifier(os.Getenv("HEYGEN_WEBHOOK_SECRET"))
//	...
//	handler, err := webhook.NewHandler(verifier, func(ctx context.Context, event webhook.Event) error {
//		return jobs.Insert(ctx, event.Type, event.Data) // nil only when the event is safe
//	})
//	...
//	http.Handle("/heygen", handler)
//
// [Verifier.Verify] alone is for other frameworks than net/http. The package needs the standard library only.
//
// What HeyGen signs and sends is documented for version 3 of its API, and was seen on the wire for version 1: the
// signature is the HMAC-SHA256 of the raw body, with the secret as the key. Nothing else is signed.
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strings"
	"sync"
)

// What is wrong with a delivery, for errors.Is. No error holds a signature or a secret.
var (
	ErrUnsigned  = errors.New("webhook: the delivery has no signature")
	ErrSignature = errors.New("webhook: no signature of the delivery is right")
	ErrMalformed = errors.New("webhook: the signed body is not an event")
)

// Verifier checks that a delivery was signed with one of its secrets. A Verifier is safe for concurrent use.
type Verifier struct {
	// Functions, because whatever prints a Verifier shows their addresses and not the secrets.
	signers []func(body []byte) []byte
}

// NewVerifier returns a Verifier that accepts each of the secrets. There are several while a secret is rotated: it is
// not known with which of them HeyGen signs when it repeats a delivery from before.
//
// A secret is used as it is, with its prefix. NewVerifier returns an error if there is none, and for one that is empty
// or begins or ends with a space or a line break, because that is a mistake in a file or a variable.
func NewVerifier(secrets ...string) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, errors.New("webhook: NewVerifier needs the secret of the endpoint")
	}
	v := &Verifier{}
	for i, secret := range secrets {
		switch strings.TrimSpace(secret) {
		case "":
			return nil, fmt.Errorf("webhook: secret %d is empty, so anybody could sign with it", i+1)
		case secret:
			v.signers = append(v.signers, signer(secret))
		default:
			return nil, fmt.Errorf("webhook: secret %d begins or ends with white space; remove it", i+1)
		}
	}
	return v, nil
}

// Sign returns the signature of a body as HeyGen sends it: HMAC-SHA256 with the secret as it is, in lower-case hex. It
// is for tests, and for programs that deliver.
func Sign(secret string, body []byte) string { return hex.EncodeToString(signer(secret)(body)) }

// signer returns a function that signs bodies. It keeps the state of the hash after the key, which is half the work of
// a short body.
func signer(secret string) func(body []byte) []byte {
	macs := sync.Pool{New: func() any { return hmac.New(sha256.New, []byte(secret)) }}
	return func(body []byte) []byte {
		mac := macs.Get().(hash.Hash)
		defer macs.Put(mac)
		mac.Reset()
		mac.Write(body)
		return mac.Sum(nil)
	}
}

// Verify returns the event of a delivery with this header and this body, which must be the body to the byte: a body
// that was decoded and encoded again has another signature. The signature is the value of the header Signature or
// Heygen-Signature; of several values one must be right.
//
// Verify returns [ErrUnsigned] or [ErrSignature] if the delivery does not come from HeyGen, and [ErrMalformed] if it
// does but its body is not a JSON object with a text "event_type".
//
// A signature says nothing of time: see [Event] for what is not signed, and [Handler] for duplicates.
func (v *Verifier) Verify(header http.Header, body []byte) (Event, error) {
	candidates := signatures(header)
	if len(candidates) == 0 {
		return Event{}, ErrUnsigned
	}
	for _, signer := range v.signers {
		right := signer(body)
		for _, candidate := range candidates {
			// Decoded, because hex has capitals, too. Equal takes the same time for every wrong signature.
			if decoded, err := hex.DecodeString(candidate); err == nil && hmac.Equal(decoded, right) {
				return newEvent(header, body)
			}
		}
	}
	return Event{}, ErrSignature
}

// signatures returns the values of both headers, also those that a proxy joined by commas.
func signatures(header http.Header) []string {
	var found []string
	for _, value := range append(values(header, "Signature"), values(header, "Heygen-Signature")...) {
		for value := range strings.SplitSeq(value, ",") {
			if value = strings.TrimSpace(value); value != "" {
				found = append(found, value)
			}
		}
	}
	return found
}

// values returns the values of a header, whatever the case of its name: frameworks other than net/http have headers of
// their own, which a caller converts.
func values(header http.Header, name string) []string {
	if found := header[name]; len(found) > 0 {
		return found
	}
	for other, found := range header {
		if strings.EqualFold(other, name) {
			return found
		}
	}
	return nil
}
