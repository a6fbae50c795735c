package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/tests/bench/report"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// measureThroughput updates endpoints of the sandbox, over loopback, from several goroutines at once.
func measureThroughput(r *report.Report, _ int) error {
	const updates = 4000
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	for _, goroutines := range []int{1, 8, 64} {
		transport := &http.Transport{MaxIdleConnsPerHost: goroutines}
		client := sandbox.Client(heygen.WithHTTPClient(&http.Client{Transport: transport}))
		var left, failed atomic.Int64
		left.Store(updates)
		var group sync.WaitGroup
		start := time.Now()
		for i := range goroutines {
			id := fmt.Sprint("e", i)
			sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
			group.Go(func() {
				for left.Add(-1) >= 0 {
					_, err := client.UpdateWebhookEndpoint(context.Background(),
						heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: hook})
					if err != nil {
						failed.Add(1)
					}
				}
			})
		}
		group.Wait()
		seconds := time.Since(start).Seconds()
		transport.CloseIdleConnections()
		if n := failed.Load(); n > 0 {
			return fmt.Errorf("%d of %d updates failed", n, updates)
		}
		r.Figure(fmt.Sprintf("sandbox-updates-%d-goroutines", goroutines), updates/seconds, "updates/s")
	}
	return nil
}
