// Package openapi holds the OpenAPI documents of HeyGen's webhook endpoint API; the Go clients are packages heygen, in
// github.com/heygen-go/heygen/wrapper and, for version 3, github.com/heygen-go/heygen/wrapper/v3.
//
// The published document contradicts its own examples. The client, the sandbox (package heygentest) and the contract
// kit (package contract) are made from the corrected one.
package openapi

import (
	"bytes"
	_ "embed"
)

//go:generate go -C tools run ./cmd/generate

var (
	//go:embed openapi.json
	published []byte
	//go:embed api/corrected.json
	corrected []byte
	//go:embed api/corrections.yaml
	corrections []byte
	//go:embed api/v3/corrected.json
	correctedV3 []byte
)

// Published returns the vendor's OpenAPI 3.1 document, JSON, exactly as its page holds it (openapi.json).
// api/provenance.json says where it comes from.
func Published() []byte { return bytes.Clone(published) }

// Corrected returns the published document with the corrections applied, JSON (api/corrected.json).
func Corrected() []byte { return bytes.Clone(corrected) }

// Corrections returns the OpenAPI Overlay 1.1 that makes the corrected document of the published one, YAML
// (api/corrections.yaml). It gives the reason and the evidence of every correction.
func Corrections() []byte { return bytes.Clone(corrections) }

// CorrectedV3 returns the document of version 3 of the API, OpenAPI 3.1, JSON (api/v3/corrected.json). It is not the
// vendor's: it was written from facts. api/v3/provenance.json names the pages that state these.
func CorrectedV3() []byte { return bytes.Clone(correctedV3) }
