package contract_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	openapi "github.com/heygen-go/heygen"
)

// fasterThanFilter is how many times faster than openapi3filter.ValidateResponse a check of the documented 200 is, at
// least.
const fasterThanFilter = 20

// The contenders take turns, so that a machine that slows down slows both, and the medians of their runs are compared.
func BenchmarkCheckResponseAgainstOpenAPI3Filter(b *testing.B) {
	req := request(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819"}`)
	body := examples(b, openapi.Corrected)["200"]
	run := func(check func(*http.Request, *http.Response) error) time.Duration {
		const calls = 10
		begin := time.Now()
		for range calls {
			if err := check(req, reply(200, body)); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(begin) / calls
	}
	kit, stock := load(b, openapi.Corrected), filter(b, openapi.Corrected)
	var ours, theirs []time.Duration
	for b.Loop() {
		ours, theirs = append(ours, run(kit.CheckResponse)), append(theirs, run(stock))
	}
	ratio := float64(median(theirs)) / float64(median(ours))
	b.ReportMetric(0, "ns/op") // of both together it says nothing
	b.ReportMetric(float64(median(ours).Nanoseconds()), "ns/CheckResponse")
	b.ReportMetric(float64(median(theirs).Nanoseconds()), "ns/ValidateResponse")
	b.ReportMetric(ratio, "times-faster")
	if b.N > 20 && ratio < fasterThanFilter {
		b.Errorf("%.1f times faster than openapi3filter, want %d", ratio, fasterThanFilter)
	}
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}

func BenchmarkCheckResponse(b *testing.B) {
	req := request(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819"}`)
	body := examples(b, openapi.Corrected)["200"]
	kit := load(b, openapi.Corrected)
	b.ReportAllocs()
	for b.Loop() {
		if err := kit.CheckResponse(req, reply(200, body)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckRequest(b *testing.B) {
	kit := load(b, openapi.Corrected)
	req := request(`{"endpoint_id":"e1","url":"https://example.org/hook","events":["avatar_video.success"]}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := kit.CheckRequest(req); err != nil {
			b.Fatal(err)
		}
	}
}
