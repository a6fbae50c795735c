package heygentest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// move stands for your own service: it moves the webhook endpoint of a shop.
func move(ctx context.Context, client *heygen.Client, shop string) error {
	_, err := client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{
		EndpointID: shop, URL: "https://" + shop + ".example.org/webhook",
	})
	if errors.Is(err, heygen.ErrNotFound) {
		return fmt.Errorf("shop %s has no endpoint", shop)
	}
	return err
}

// Testing your own service against the sandbox.
func Example() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "tea", Events: heygen.OnlyEvents("avatar_video.success")})
	client := sandbox.Client()

	fmt.Println(move(context.Background(), client, "tea"))
	endpoint, _ := sandbox.Endpoint("tea")
	fmt.Println(endpoint.URL, endpoint.Events)
	fmt.Println(move(context.Background(), client, "coffee"))
	fmt.Println(len(sandbox.Calls()), "calls")
	// Output:
	// <nil>
	// https://tea.example.org/webhook ["avatar_video.success"]
	// shop coffee has no endpoint
	// 2 calls
}

// What your service makes of a HeyGen that is in trouble.
func ExampleServer_Next() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "tea"})
	client := sandbox.Client(heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 2, BaseDelay: 1, MaxDelay: 1}))

	sandbox.Next(heygentest.FaultError(503, 5000, "busy")) // then it works
	fmt.Println(move(context.Background(), client, "tea"))

	sandbox.Next(heygentest.FaultReset(), heygentest.FaultResponse(502, nil, "<html>"))
	err = move(context.Background(), client, "tea")
	fmt.Println(errors.Is(err, heygen.ErrServer), len(sandbox.Calls()), "calls")
	// Output:
	// <nil>
	// true 4 calls
}

// Calls fail by a rule, without a word of the caller's, and the test fails if something did not happen.
func ExampleServer_On() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "tea"})
	sandbox.On(heygentest.Rule{IDPrefix: "tea", Every: 2}, heygentest.FaultMember("/data/status", "paused"))
	sandbox.Next(heygentest.Fault{}, heygentest.Fault{}, heygentest.FaultHang())
	client := sandbox.Client()

	for range 2 {
		fmt.Println(move(context.Background(), client, "tea"))
	}
	sandbox.Verify(printer{}) // in a test: sandbox.Verify(t)
	// Output:
	// <nil>
	// <nil>
	// heygentest: no call took the scripted fault 1 of 1 that are left: hang
}

// Faults that are data, in a file or a table: by name, with arguments.
func ExampleParseFault() {
	for _, text := range []string{"error 503 5000 busy", "slow-body 2s", "explode"} {
		fault, err := heygentest.ParseFault(text)
		if err != nil {
			fmt.Println("no such fault:", text)
			continue
		}
		fmt.Println(fault)
	}
	fmt.Println("there is also", heygentest.FaultKinds()[1].Usage)
	// Output:
	// error 503 5000 busy
	// slow-body 2s
	// no such fault: explode
	// there is also error STATUS CODE [MESSAGE]
}

// A program starts a sandbox with Start, which returns the error that NewServer panics with, and keeps its state.
func ExampleServer_Snapshot() {
	sandbox, err := heygentest.Start(heygentest.WithRateLimit(100))
	if err != nil {
		panic(err)
	}
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "tea", URL: "https://tea.example.org"})
	before := sandbox.Snapshot()

	client := sandbox.Client()
	fmt.Println(move(context.Background(), client, "tea"))
	if err := sandbox.Restore(before); err != nil {
		panic(err)
	}
	endpoint, _ := sandbox.Endpoint("tea")
	fmt.Println(endpoint.URL, endpoint.Status)
	// Output:
	// <nil>
	// https://tea.example.org enabled
}

// printer stands for a *testing.T.
type printer struct{}

func (printer) Helper() {}

func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
