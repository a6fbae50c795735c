package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"

	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

// service moves the callback URL of one webhook endpoint.
type service struct {
	client     *heygen.Client
	endpointID string
}

func newService(client *heygen.Client, endpointID string, tracing trace.TracerProvider) http.Handler {
	s := &service{client: client, endpointID: endpointID}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /callback", s.move)
	return otelhttp.NewHandler(mux, "service", otelhttp.WithTracerProvider(tracing))
}

// callback is the body of the service's requests and responses. It has only these members of the endpoint: JSON of the
// endpoint itself would carry the signing secret.
type callback struct {
	URL    string                       `json:"url"`
	Status heygen.WebhookEndpointStatus `json:"status,omitempty"`
}

func (s *service) move(w http.ResponseWriter, r *http.Request) {
	var wanted callback
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<10)).Decode(&wanted); err != nil || wanted.URL == "" {
		http.Error(w, `want {"url":"https://..."}`, http.StatusBadRequest)
		return
	}
	// Without Events the request does not mention the subscription, and HeyGen keeps it.
	endpoint, err := s.client.UpdateWebhookEndpoint(r.Context(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: s.endpointID,
		URL:        wanted.URL,
	})
	if err != nil {
		slog.WarnContext(r.Context(), "callback not moved", "error", err) // its text holds no secret
		respondError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(callback{URL: endpoint.URL, Status: endpoint.Status})
}

// respondError responds with what the caller of the service can do about a failed call.
func respondError(w http.ResponseWriter, err error) {
	var e *heygen.Error
	switch {
	case errors.Is(err, heygen.ErrInvalidRequest):
		http.Error(w, "HeyGen refused the URL: does it respond to OPTIONS within a second?", http.StatusUnprocessableEntity)
	case errors.As(err, &e) && e.Retryable():
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
		}
		http.Error(w, "HeyGen cannot be reached now: try again", http.StatusServiceUnavailable)
	default: // the key, the endpoint's id, or HeyGen itself: the caller can change none of them
		http.Error(w, "HeyGen did not move the callback", http.StatusBadGateway)
	}
}
