// Package stock is the client that oapi-codegen makes of the published document by default. The benchmarks compare with
// it; nothing else uses it.
package stock

//go:generate go tool -modfile=../../../tools/go.mod oapi-codegen -config config.yaml ../../../openapi.json
