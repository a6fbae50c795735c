package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/heygen-go/heygen/webhook"
)

// A service receives deliveries. Its store could be one in a database that several processes share.
func ExampleNewHandler() {
	verifier, err := webhook.NewVerifier("whsec_example")
	if err != nil {
		panic(err)
	}
	handler, err := webhook.NewHandler(verifier, func(_ context.Context, event webhook.Event) error {
		fmt.Println(event.Type, event.Details().VideoID)
		return nil
	}, webhook.WithStore(webhook.NewMemoryStore()))
	if err != nil {
		panic(err)
	}

	const body = `{"event_type":"avatar_video.success","event_data":{"video_id":"v1"}}`
	for range 2 { // HeyGen delivers some events more than once
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Signature", webhook.Sign("whsec_example", []byte(body)))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// avatar_video.success v1
	// 200
	// 200
}

// A framework other than net/http gives Verify the header and the bytes of the body.
func ExampleVerifier_Verify() {
	verifier, err := webhook.NewVerifier("whsec_example")
	if err != nil {
		panic(err)
	}
	_, err = verifier.Verify(http.Header{"signature": {"00"}}, []byte(`{"event_type":"avatar_video.success"}`))
	fmt.Println(err)
	// Output:
	// webhook: no signature of the delivery is right
}
