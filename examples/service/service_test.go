package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/heygen-go/heygen/heygentest"
	v1 "github.com/heygen-go/heygen/wrapper"
	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

const (
	endpointID = "tea"
	secret     = "whsec_of_the_sandbox"
	oldURL     = "https://old.example.com/hook"
	newURL     = "https://new.example.com/hook"
)

// start returns the service, the sandbox it calls, and the spans it has made.
func start(t *testing.T, opts ...heygen.Option) (http.Handler, *heygentest.Server, *tracetest.InMemoryExporter) {
	t.Helper()
	sandbox := heygentest.NewServer()
	t.Cleanup(sandbox.Close)
	sandbox.AddEndpoint(v1.WebhookEndpoint{
		EndpointID: endpointID,
		URL:        oldURL,
		Events:     heygen.OnlyEvents("avatar_video.success"),
		Secret:     heygen.NewSecret(secret),
	})
	spans := tracetest.NewInMemoryExporter()
	tracing := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	quick := heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond, MaxDelay: time.Second})
	client := sandbox.ClientV3(append([]heygen.Option{quick, traced(tracing)}, opts...)...)
	return newService(client, endpointID, tracing), sandbox, spans
}

// put sends the service a request to move its callback.
func put(service http.Handler, body string) *httptest.ResponseRecorder {
	resp := httptest.NewRecorder()
	service.ServeHTTP(resp, httptest.NewRequest(http.MethodPut, "/callback", strings.NewReader(body)))
	return resp
}

func TestTheServiceMovesItsCallback(t *testing.T) {
	t.Parallel()
	service, sandbox, _ := start(t)
	resp := put(service, `{"url":"`+newURL+`"}`)
	if got, want := resp.Body.String(), `{"url":"`+newURL+`","status":"enabled"}`+"\n"; got != want {
		t.Errorf("got %d %s, want %s", resp.Code, got, want)
	}
	endpoint, _ := sandbox.Endpoint(endpointID)
	if endpoint.URL != newURL {
		t.Errorf("the endpoint is %+v", endpoint)
	}
	if sent, want := string(sandbox.Calls()[0].RequestBody), `{"url":"`+newURL+`"}`; sent != want {
		t.Errorf("sent %s, want %s", sent, want) // no events
	}
}

// The service's response when HeyGen refuses, is busy, or is not there.
func TestTheServiceExplainsFailures(t *testing.T) {
	t.Parallel()
	retryLater := http.Header{"Retry-After": {"30"}}
	tests := map[string]struct {
		fault      heygentest.Fault
		status     int
		retryAfter string
	}{
		"the URL is refused": {heygentest.FaultErrorV3(400, "invalid_parameter", "Invalid URL"), 422, ""},
		"HeyGen is busy":     {heygentest.FaultResponse(429, retryLater, `{"error":{"code":"too_many"}}`), 503, "30"},
		"the key is wrong":   {heygentest.FaultErrorV3(401, "unauthorized", "Unauthorized"), 502, ""},
		"no such endpoint":   {heygentest.FaultErrorV3(404, "webhook_not_found", "not found"), 502, ""},
		"a gateway's page":   {heygentest.FaultResponse(404, nil, "<html>"), 502, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, sandbox, _ := start(t)
			sandbox.Next(test.fault)
			resp := put(service, `{"url":"`+newURL+`"}`)
			if resp.Code != test.status || resp.Header().Get("Retry-After") != test.retryAfter {
				t.Errorf("got %d %v %s, want %d", resp.Code, resp.Header(), resp.Body, test.status)
			}
			if endpoint, _ := sandbox.Endpoint(endpointID); endpoint.URL != oldURL {
				t.Errorf("the callback is %s", endpoint.URL)
			}
		})
	}
}

func TestNothingIsSentWithoutAURL(t *testing.T) {
	t.Parallel()
	service, sandbox, _ := start(t)
	for _, body := range []string{"", "{}", "[]", `{"url":1}`} {
		if resp := put(service, body); resp.Code != 400 {
			t.Errorf("%q: got %d", body, resp.Code)
		}
	}
	if calls := sandbox.Calls(); len(calls) != 0 {
		t.Errorf("%d calls", len(calls))
	}
}

// One trace has the request and every attempt of the call that it caused, and no credential.
func TestEveryAttemptIsASpan(t *testing.T) {
	t.Parallel()
	service, sandbox, exporter := start(t)
	sandbox.Next(heygentest.FaultResponse(503, nil, "")) // the client retries
	if resp := put(service, `{"url":"`+newURL+`"}`); resp.Code != 200 {
		t.Fatalf("got %d %s", resp.Code, resp.Body)
	}

	var statuses []string
	spans := exporter.GetSpans() // in the order of their ends: the request's is the last
	request := spans[len(spans)-1]
	for _, span := range spans {
		for _, attribute := range span.Attributes {
			if attribute.Key == "http.response.status_code" {
				statuses = append(statuses, span.SpanKind.String()+" "+attribute.Value.String())
			}
		}
		if span.SpanContext.TraceID() != request.SpanContext.TraceID() {
			t.Errorf("span %s is in a trace of its own", span.Name)
		}
		for _, credential := range []string{sandbox.APIKey, secret} {
			if text := fmt.Sprintf("%+v", span); strings.Contains(text, credential) {
				t.Errorf("span %s holds %s", span.Name, credential)
			}
		}
	}
	if got, want := strings.Join(statuses, ", "), "client 503, client 200, server 200"; got != want {
		t.Errorf("spans %s, want %s", got, want)
	}
}

func TestTheServiceStarts(t *testing.T) {
	t.Setenv("ADDR", "127.0.0.1:0")
	t.Setenv("HEYGEN_API_KEY", "")
	if err := run(t.Context()); err == nil {
		t.Error("it started without a key")
	}
	t.Setenv("HEYGEN_API_KEY", "key")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx); err != nil {
		t.Error(err)
	}
}
