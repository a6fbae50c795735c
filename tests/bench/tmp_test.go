package bench_test
import ("testing";"net/http"; heygen "github.com/heygen-go/heygen/wrapper")
func BenchmarkTmpOurs(b *testing.B) {
	client, _ := heygen.NewClient("key", heygen.WithHTTPClient(&http.Client{Transport: &memory{}}))
	b.ReportAllocs()
	for b.Loop() { if err := byClient(b.Context(), client); err != nil { b.Fatal(err) } }
}
func BenchmarkTmpHand(b *testing.B) {
	plain := &http.Client{Transport: &memory{}}
	b.ReportAllocs()
	for b.Loop() { if err := byHand(b.Context(), plain); err != nil { b.Fatal(err) } }
}
