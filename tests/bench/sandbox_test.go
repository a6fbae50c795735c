package bench_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// BenchmarkSandbox compares the sandbox, which checks each exchange, with a handler that reads the request and writes
// the same bytes, over eight connections.
func BenchmarkSandbox(b *testing.B) {
	const connections = 8
	sandbox := heygentest.NewServer()
	b.Cleanup(sandbox.Close)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	header, body, err := update(b.Context(), http.DefaultClient, sandbox.URL, sandbox.APIKey)
	if err != nil {
		b.Fatal(err)
	}
	header.Del("Date") // net/http sets both
	header.Del("Content-Length")
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		maps.Copy(w.Header(), header)
		_, _ = w.Write(body)
	}))
	b.Cleanup(bare.Close)
	load := func(url string) func(int) error {
		transport := &http.Transport{MaxIdleConnsPerHost: connections}
		b.Cleanup(transport.CloseIdleConnections)
		client := &http.Client{Transport: transport}
		return func(operations int) error {
			return concurrently(connections, operations, func() error {
				_, _, err := update(b.Context(), client, url, sandbox.APIKey)
				return err
			})
		}
	}
	ours, ratio := contest(b, 2048, load(sandbox.URL), load(bare.URL))
	b.ReportMetric(1e9/ours.time, "updates/s")
	atLeast(b, "of-a-bare-handler", 1/ratio.time, 0.42)
}

// concurrently shares operations between goroutines and returns one of their errors.
func concurrently(goroutines, operations int, one func() error) error {
	failed := make(chan error, goroutines)
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() { failed <- repeated(one)(operations / goroutines) })
	}
	group.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// update sends one update and returns the response.
func update(ctx context.Context, client *http.Client, server, key string) (http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, server+"/v1/webhook/endpoint.update",
		strings.NewReader(`{"endpoint_id":"e1","url":"`+hook+`"}`))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("X-Api-Key", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", resp.StatusCode, body)
	}
	return resp.Header, body, err
}
