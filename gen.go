// Package openapi holds the OpenAPI documents of HeyGen's webhook endpoint API; the Go client is package heygen, in
// github.com/heygen-go/heygen/wrapper.
//
// The published document contradicts its own examples. The corrected one is what the client, the sandbox (package
// heygentest) and the contract kit (package contract) are made from.
package openapi

import _ "embed"

// Published is the vendor's OpenAPI 3.1 document, JSON, exactly as its page holds it (openapi.json). Its provenance is
// in api/provenance.json.
//
//go:embed openapi.json
var Published []byte

// Corrected is the published document with the corrections applied, JSON (api/openapi.json).
//
//go:embed api/openapi.json
var Corrected []byte

// Corrections is the OpenAPI Overlay 1.1 that makes Corrected of Published, YAML (api/corrections.yaml). It gives the
// reason and the evidence of every correction.
//
//go:embed api/corrections.yaml
var Corrections []byte

//go:generate go -C tools run ./cmd/document
//go:generate go -C tools run ./cmd/generate
