// Package stock is the client that oapi-codegen makes of a published document by default, of one that no update
// replaces. The benchmarks compare with it; nothing else uses it.
package stock

//go:generate go tool -modfile=../../../tools/go.mod oapi-codegen -config config.yaml ../../../contract/testdata/published.json
