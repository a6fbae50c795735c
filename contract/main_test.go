package contract_test

import _ "embed"

// The documents of these tests. The vendored ones may change, and these tests hold; package tests checks those.
var (
	//go:embed testdata/published.json
	publishedDocument []byte
	//go:embed testdata/corrected.json
	correctedDocument []byte
	//go:embed testdata/corrections.yaml
	corrections []byte
)
