package tests

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/webhook"
	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

// receive is what a service writes: nil only when the video is safe.
func receive(secret string, save func(url string) error) (http.Handler, error) {
	verifier, err := webhook.NewVerifier(secret)
	if err != nil {
		return nil, err
	}
	return webhook.NewHandler(verifier, func(_ context.Context, event webhook.Event) error {
		return save(event.Details().URL)
	})
}

func TestVideos(t *testing.T) { //nolint:paralleltest // it is what the README shows
	sandbox := heygentest.NewServer(heygentest.WithProbe())
	defer sandbox.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("OPTIONS /hook", func(http.ResponseWriter, *http.Request) {}) // HeyGen's probe
	service := httptest.NewServer(mux)
	defer service.Close()

	create := heygen.CreateWebhookEndpointRequest{URL: service.URL + "/hook"}
	endpoint, err := sandbox.ClientV3().CreateWebhookEndpoint(t.Context(), create)
	must(t, err)
	var videos []string
	save := func(url string) error { videos = append(videos, url); return nil }
	handler, err := receive(endpoint.Secret.Reveal(), save)
	must(t, err)
	mux.Handle("POST /hook", handler)

	_, err = sandbox.Emit(t.Context(), heygentest.Event("avatar_video.success"), heygentest.DeliverTwice())
	must(t, err)
	if sandbox.Verify(t); len(videos) != 1 { // one event, delivered twice
		t.Errorf("videos: %q", videos)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The README shows the code above.
func TestTheREADMEShowsTheCircle(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("receiving_test.go")
	must(t, err)
	_, code, _ := strings.Cut(string(source), "\n// receive is")
	code, _, _ = strings.Cut(code, "\nfunc must(")
	code = strings.Replace(code, " //nolint:paralleltest // it is what the README shows", "", 1)
	if !strings.Contains(string(read(t, "README.md")), code) {
		t.Error("the README shows another test than TestVideos")
	}
}
