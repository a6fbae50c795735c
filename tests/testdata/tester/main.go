// Command tester is what somebody writes who tests with the sandbox and the contract kit.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
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
