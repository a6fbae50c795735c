// Command receiver is an example of a service that receives what HeyGen delivers. It moves its webhook endpoint to its
// own URL, verifies each delivery, and hands the event to a job queue in one transaction with the record that it came.
// Then it responds. Its jobs keep the addresses of finished videos.
//
//	HEYGEN_API_KEY=... HEYGEN_ENDPOINT_ID=... HEYGEN_ENDPOINT_URL=https://example.com/heygen go run .
//
// The database is a SQLite file, for one process, or the PostgreSQL that DATABASE_URL names, for any number. A process
// with HEYGEN_WEBHOOK_SECRET leaves the endpoint as it is.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func main() {
	exporter, err := stdouttrace.New() // put the exporter of your tracing system here
	if err == nil {
		err = run(context.Background(), sdktrace.NewBatchSpanProcessor(exporter))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until a signal comes or ctx ends, and returns when what was under way then is done.
func run(ctx context.Context, spans sdktrace.SpanProcessor) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	source := os.Getenv("DATABASE_URL")
	if source == "" {
		db, closeDB, err := openSQLite(ctx, cmp.Or(os.Getenv("DATABASE_FILE"), "receiver.db"))
		if err != nil {
			return fmt.Errorf("SQLite: %w", err)
		}
		defer closeDB()
		return serve(ctx, db, spans)
	}
	db, closeDB, err := openPostgreSQL(ctx, source)
	if err != nil {
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	defer closeDB()
	return serve(ctx, db, spans)
}

func serve[TTx any](ctx context.Context, db database[TTx], spans sdktrace.SpanProcessor) error {
	tracing := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	queue, err := newQueue(db, tracing)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"))
	if err != nil {
		return err
	}
	if err := queue.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, listener.Close())
	}
	receiver := &receiver{}
	server := &http.Server{
		Handler:           otelhttp.NewHandler(receiver, "receiver", otelhttp.WithTracerProvider(tracing)),
		ReadHeaderTimeout: 5 * time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	secret := os.Getenv("HEYGEN_WEBHOOK_SECRET")
	if secret == "" {
		// A sandbox on this machine can use the listener's own address. HeyGen would refuse it.
		secret, err = register(ctx, cmp.Or(os.Getenv("HEYGEN_ENDPOINT_URL"), "http://"+listener.Addr().String()), tracing)
	}
	if err == nil {
		err = receiver.open(secret, queue.receive)
	}
	if err == nil {
		slog.InfoContext(ctx, "receiving", "address", listener.Addr().String())
		select {
		case <-ctx.Done():
		case err = <-served:
		}
	}
	// First the deliveries end, then the jobs.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 25*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(end), queue.jobs.Stop(end), tracing.Shutdown(end))
}

// register moves the endpoint to url, which HeyGen probes before it responds, and returns the signing secret. It can be
// called at every start.
func register(ctx context.Context, url string, tracing trace.TracerProvider) (string, error) {
	client, err := heygen.NewClient(os.Getenv("HEYGEN_API_KEY"),
		heygen.WithBaseURL(cmp.Or(os.Getenv("HEYGEN_BASE_URL"), heygen.DefaultBaseURL)),
		heygen.WithTransport(func(base http.RoundTripper) http.RoundTripper {
			return otelhttp.NewTransport(base, otelhttp.WithTracerProvider(tracing)) // records no header and no body
		}))
	if err != nil {
		return "", err
	}
	endpoint, err := client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{
		EndpointID: os.Getenv("HEYGEN_ENDPOINT_ID"),
		URL:        url,
		Events:     heygen.OnlyEvents("avatar_video.success", "avatar_video.fail"),
	})
	if err != nil {
		return "", err
	}
	return endpoint.Secret.Reveal(), nil
}
