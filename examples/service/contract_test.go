package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

// The contract checks every exchange of the service with HeyGen. The report is for a CI server; this keeps it, below
// _artifacts:
//
//	go test -run TestContract -artifacts
func TestContract(t *testing.T) {
	t.Parallel()
	var seen contract.Collector
	kit, err := contract.New(contract.WithCollector(&seen))
	if err != nil {
		t.Fatal(err)
	}
	service, sandbox, _ := start(t, heygen.WithTransport(kit.Transport))
	for _, fault := range []heygentest.Fault{
		{}, // the normal behaviour
		heygentest.FaultErrorV3(400, "invalid_parameter", "Invalid URL"),
		heygentest.FaultErrorV3(401, "unauthorized", "Unauthorized"),
		heygentest.FaultErrorV3(404, "webhook_not_found", "not found"),
	} {
		sandbox.Next(fault)
		put(service, `{"url":"`+newURL+`"}`)
	}

	summary := seen.Summary()
	for _, finding := range summary.Findings {
		t.Errorf("%s: %s %s: %s", finding.Party, finding.Where, finding.Pointer, finding.Detail)
	}
	if len(summary.Operations) == 0 {
		t.Error("no exchange was checked")
	}
	var junit bytes.Buffer
	if err := report.JUnit(&junit, summary); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "contract.xml"), junit.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
