// Command tester is what somebody writes who tests with the sandbox and the contract kit. It names the public surface
// of both, so that it stops compiling when a name or a type of it changes.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
	heygenv3 "github.com/heygen-go/heygen/wrapper/v3"
)

func main() {
	if err := test(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func test() error {
	kit, err := contract.New()
	if err != nil {
		return err
	}
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	client := sandbox.Client(heygen.WithTransport(kit.Transport))
	if _, err := client.UpdateWebhookEndpoint(context.Background(),
		heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: "https://example.com/hook"}); err != nil {
		return err
	}
	endpoint, found := sandbox.Endpoint("e1")
	fmt.Println(len(sandbox.Calls()), found, endpoint.URL)
	return nil
}

var (
	_ func([]byte, ...contract.Option) (*contract.Contract, error)    = contract.Load
	_ func(*contract.Contract, http.RoundTripper) http.RoundTripper   = (*contract.Contract).Transport
	_ func(*contract.Contract, *http.Request) error                   = (*contract.Contract).CheckRequest
	_ func(*contract.Contract, *http.Request, *http.Response) error   = (*contract.Contract).CheckResponse
	_ func([]byte) ([]contract.Deviation, error)                      = contract.Deviations
	_ func(...contract.Option) (*contract.Contract, error)            = contract.New
	_ func(...heygentest.Option) *heygentest.Server                   = heygentest.NewServer
	_ func(*heygentest.Server)                                        = (*heygentest.Server).Close
	_ func(*heygentest.Server, ...heygen.Option) *heygen.Client       = (*heygentest.Server).Client
	_ func(*heygentest.Server, ...heygenv3.Option) *heygenv3.Client   = (*heygentest.Server).ClientV3
	_ func(*heygentest.Server, heygen.WebhookEndpoint)                = (*heygentest.Server).AddEndpoint
	_ func(time.Time) heygentest.Option                               = heygentest.WithSunset
	_ func(int, string, string) heygentest.Fault                      = heygentest.FaultErrorV3
	_ func() heygentest.Fault                                         = heygentest.FaultResetLate
	_ func(*heygentest.Server, string) (heygen.WebhookEndpoint, bool) = (*heygentest.Server).Endpoint
	_ func(*heygentest.Server, ...heygentest.Fault)                   = (*heygentest.Server).Next
	_ func(*heygentest.Server) []heygentest.Call                      = (*heygentest.Server).Calls
	_ func(*heygentest.Server, heygentest.Rule, heygentest.Fault)     = (*heygentest.Server).On
	_ func(*heygentest.Server) []byte                                 = (*heygentest.Server).Snapshot
	_ func(*heygentest.Server, []byte) error                          = (*heygentest.Server).Restore
	_ func(...heygentest.Option) (*heygentest.Sandbox, error)         = heygentest.New
	_ func(*heygentest.Sandbox)                                       = (*heygentest.Sandbox).Close
	_ func(*heygentest.Server, heygentest.TB)                         = (*heygentest.Server).Verify
)

var (
	_ error = &contract.Violation{Findings: []contract.Finding{
		{Party: contract.PartyClient, Where: "", Pointer: "", Keyword: "", Detail: ""},
		{Party: contract.PartyServer}, {Party: contract.PartyDocument},
	}}
	_ = contract.Deviation{ID: "", Pointer: "", Reason: "", Evidence: ""}
	_ = []contract.Option{
		contract.WithSchemaOnly(), contract.WithoutRules("fields-sent"), contract.WithAllowedDeviations(), contract.WithStrict(),
	}
	_ http.Handler = (*heygentest.Sandbox)(nil)
	_              = func(s *heygentest.Server) []string { return []string{s.URL, s.APIKey} }
	_              = [][]byte{openapi.Published(), openapi.Corrected(), openapi.Corrections()}
)
