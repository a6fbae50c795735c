package contract_test

import (
	"testing"
)

func BenchmarkCheckResponse(b *testing.B) {
	req := request(`{"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819"}`)
	body := examples(b, correctedDocument)["200"]
	kit := load(b, correctedDocument)
	b.ReportAllocs()
	for b.Loop() {
		if err := kit.CheckResponse(req, reply(200, body)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckRequest(b *testing.B) {
	kit := load(b, correctedDocument)
	req := request(`{"endpoint_id":"e1","url":"https://example.org/hook","events":["avatar_video.success"]}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := kit.CheckRequest(req); err != nil {
			b.Fatal(err)
		}
	}
}
