// Package bench_test compares the client, the contract and the sandbox with the simplest alternative to each.
// scripts/bench runs it.
//
// A figure is a ratio: contender and baseline take turns in one process, so that a machine that slows down slows
// both. A benchmark fails if its ratio is past its bar.
package bench_test

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// cost is what an operation takes.
type cost struct{ time, allocs, bytes float64 } // time in ns

// contest lets a contender and a baseline take turns, in rounds of some operations each. It returns the medians of the
// contender's cost, and of its ratio to the baseline's in the same round.
func contest(b *testing.B, operations int, contender, baseline func(operations int) error) (ours, ratio cost) {
	b.Helper()
	var costs, ratios []cost
	round := func() {
		ours, theirs := measure(b, operations, contender), measure(b, operations, baseline)
		costs = append(costs, ours)
		ratios = append(ratios, cost{ours.time / theirs.time, ours.allocs / theirs.allocs, ours.bytes / theirs.bytes})
	}
	round() // warms up
	costs, ratios = nil, nil
	for b.Loop() {
		round()
	}
	b.ReportMetric(0, "ns/op") // hides the time of a round of both
	return median(costs), median(ratios)
}

func measure(b *testing.B, operations int, run func(operations int) error) cost {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	err := run(operations)
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	if err != nil {
		b.Fatal(err)
	}
	n := float64(operations)
	return cost{
		time:   float64(elapsed.Nanoseconds()) / n,
		allocs: float64(after.Mallocs-before.Mallocs) / n,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
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
		time:   middle(func(c cost) float64 { return c.time }),
		allocs: middle(func(c cost) float64 { return c.allocs }),
		bytes:  middle(func(c cost) float64 { return c.bytes }),
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
