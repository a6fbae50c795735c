package bench_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/webhook"
)

// BenchmarkWebhook compares a verified delivery of 1 KiB through webhook.Handler, in memory, with a handler written by
// hand that reads the body, checks the signature and decodes the event, and does nothing else. Every delivery is
// another one.
func BenchmarkWebhook(b *testing.B) {
	const secret = "whsec_benchmark"
	verifier, err := webhook.NewVerifier(secret)
	if err != nil {
		b.Fatal(err)
	}
	ours, err := webhook.NewHandler(verifier, func(context.Context, webhook.Event) error { return nil })
	if err != nil {
		b.Fatal(err)
	}
	byHand := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if signature, err := hex.DecodeString(r.Header.Get("Signature")); err != nil || !hmac.Equal(signature, mac.Sum(nil)) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var event struct {
			Type string          `json:"event_type"`
			Data json.RawMessage `json:"event_data"`
		}
		if json.Unmarshal(body, &event) != nil || event.Type == "" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	sent := 0
	deliver := func(to http.Handler) func(int) error {
		return func(operations int) error {
			for range operations {
				sent++
				body := fmt.Appendf(
					nil,
					`{"event_type":"avatar_video.success","event_data":{"video_id":"%032d","url":"https://example.org/%s"}}`,
					sent,
					strings.Repeat("v", 914),
				)
				r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
				r.Header.Set("Signature", webhook.Sign(secret, body))
				w := httptest.NewRecorder()
				if to.ServeHTTP(w, r); w.Code != http.StatusOK {
					return fmt.Errorf("status %d", w.Code)
				}
			}
			return nil
		}
	}
	_, ratio := contest(b, 2000, deliver(ours), deliver(byHand))
	atMost(b, "time/by-hand", ratio.time, 1.15)
}
