package wire_test

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"
)

// maxHeap is what the heap may grow by during a call, in bytes.
const maxHeap = 16 << 20

// measure fails if the heap grows too much while f runs, which must run alone, and ends f's context before the machine
// has no memory left.
func measure(t *testing.T, f func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	runtime.GC()
	before := heap()
	var done atomic.Bool
	peak := make(chan int64)
	go func() {
		most := before
		for !done.Load() {
			if most = max(most, heap()); most-before > 4*maxHeap {
				cancel()
			}
			time.Sleep(100 * time.Microsecond)
		}
		peak <- most
	}()
	f(ctx)
	done.Store(true)
	grown := <-peak - before
	t.Logf("the heap grows by %.1f MiB", float64(grown)/(1<<20))
	if grown > maxHeap {
		t.Errorf("the heap grows by %d bytes, more than %d", grown, maxHeap)
	}
}

// heap returns the bytes of the heap in use.
func heap() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() + samples[1].Value.Uint64())
}
