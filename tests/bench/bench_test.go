// Package bench_test compares the client, the contract and the sandbox with the simplest alternative to each. scripts/bench
// runs it.
//
// A figure is a ratio: contender and baseline take turns in one process, so that a machine that slows down slows both. A
// benchmark fails if its ratio is past its bar.
package bench_test

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// cost is what one operation takes.
type cost struct{ nanoseconds, allocs, bytes float64 }

// contest lets a contender and a baseline take turns, rounds of some operations each, and returns the medians of their
// costs. operations returns an error if one of the operations failed.
func contest(b *testing.B, operations int, contender, baseline func(operations int) error) (ours, theirs cost) {
	b.Helper()
	var rounds [2][]cost
	round := func() {
		for i, run := range []func(int) error{contender, baseline} {
			c, err := measure(operations, run)
			if err != nil {
				b.Fatal(err)
			}
			rounds[i] = append(rounds[i], c)
		}
	}
	round() // warms up
	rounds = [2][]cost{}
	for b.Loop() {
		round()
	}
	b.ReportMetric(0, "ns/op") // of a round of both, which says nothing
	return median(rounds[0]), median(rounds[1])
}

func measure(operations int, run func(int) error) (cost, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	err := run(operations)
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	each := float64(operations)
	return cost{
		nanoseconds: float64(elapsed.Nanoseconds()) / each,
		allocs:      float64(after.Mallocs-before.Mallocs) / each,
		bytes:       float64(after.TotalAlloc-before.TotalAlloc) / each,
	}, err
}

func median(costs []cost) cost {
	middle := func(of func(cost) float64) float64 {
		values := make([]float64, len(costs))
		for i, c := range costs {
			values[i] = of(c)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return cost{
		nanoseconds: middle(func(c cost) float64 { return c.nanoseconds }),
		allocs:      middle(func(c cost) float64 { return c.allocs }),
		bytes:       middle(func(c cost) float64 { return c.bytes }),
	}
}

// atMost reports a ratio and fails if it is above its bar.
func atMost(b *testing.B, name string, ratio, bar float64) {
	b.Helper()
	b.ReportMetric(ratio, name)
	if ratio > bar {
		b.Errorf("%s is %.3f, at most %.2f", name, ratio, bar)
	}
}

// atLeast reports a ratio and fails if it is below its bar.
func atLeast(b *testing.B, name string, ratio, bar float64) {
	b.Helper()
	b.ReportMetric(ratio, name)
	if ratio < bar {
		b.Errorf("%s is %.3f, at least %.2f", name, ratio, bar)
	}
}
