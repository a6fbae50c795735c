// Command service is an example of a service that uses the client: an HTTP service that moves the callback URL of its
// webhook endpoint at HeyGen, with a trace of every request and of every attempt of a call.
//
//	HEYGEN_API_KEY=... HEYGEN_ENDPOINT_ID=... go run .
//	curl -X PUT -d '{"url":"https://example.com/hook"}' http://127.0.0.1:8080/callback
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	exporter, err := stdouttrace.New() // put the exporter of your tracing system here
	if err != nil {
		return err
	}
	tracing := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	end := context.WithoutCancel(ctx) // for the requests and spans that are under way when ctx ends
	defer func() { err = errors.Join(err, tracing.Shutdown(end)) }()
	client, err := heygen.NewClient(os.Getenv("HEYGEN_API_KEY"), traced(tracing))
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:              cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"),
		Handler:           newService(client, os.Getenv("HEYGEN_ENDPOINT_ID"), tracing),
		ReadHeaderTimeout: 5 * time.Second,
	}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() { stopped <- server.Shutdown(end) })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// traced makes a span for every attempt of a call. otelhttp records no header and no body, so neither the API key nor
// the signing secret is in a span.
func traced(tracing trace.TracerProvider) heygen.Option {
	return heygen.WithTransport(func(base http.RoundTripper) http.RoundTripper {
		return otelhttp.NewTransport(base, otelhttp.WithTracerProvider(tracing))
	})
}
