package heygentest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/webhook"
	heygen "github.com/heygen-go/heygen/wrapper"
	heygenv3 "github.com/heygen-go/heygen/wrapper/v3"
)

// move stands for your own code: it moves the webhook endpoint of a shop.
func move(ctx context.Context, client *heygen.Client, shop string) error {
	_, err := client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{
		EndpointID: shop, URL: "https://" + shop + ".example.org/webhook",
	})
	if errors.Is(err, heygen.ErrNotFound) {
		return fmt.Errorf("shop %s has no endpoint", shop)
	}
	return err
}

// Test your own code against the sandbox.
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

// Test what your code does when HeyGen has a failure.
func ExampleSandbox_Next() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "tea"})
	client := sandbox.Client(heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 2, BaseDelay: 1, MaxDelay: 1}))

	sandbox.Next(heygentest.FaultError(503, 5000, "busy")) // only the first attempt fails
	fmt.Println(move(context.Background(), client, "tea"))

	sandbox.Next(heygentest.FaultReset(), heygentest.FaultShape(502, heygentest.ShapeHTML))
	err := move(context.Background(), client, "tea")
	fmt.Println(errors.Is(err, heygen.ErrServer), len(sandbox.Calls()), "calls")
	// Output:
	// <nil>
	// true 4 calls
}

// A rule selects the calls that fail, and the test fails if something scripted did not happen.
func ExampleSandbox_Verify() {
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
	// heygentest: a scripted fault was never used: hang
}

// A program serves a sandbox with a server of its own, logs the calls, and saves and restores the endpoints.
func ExampleNew() {
	sandbox, err := heygentest.New(
		heygentest.WithRateLimit(100),
		heygentest.WithLatency(time.Millisecond),
		heygentest.WithObserver(func(call heygentest.Call) { fmt.Println(call.Method, call.RequestURI, call.StatusCode) }),
	)
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(sandbox)
	defer server.Close()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "tea", URL: "https://tea.example.com"})
	before := sandbox.Snapshot()

	client, err := heygen.NewClient(sandbox.APIKey, heygen.WithBaseURL(server.URL))
	if err != nil {
		panic(err)
	}
	fmt.Println(move(context.Background(), client, "tea"))
	if err := sandbox.Restore(before); err != nil {
		panic(err)
	}
	endpoint, _ := sandbox.Endpoint("tea")
	fmt.Println(endpoint.URL, endpoint.Status)
	// Output:
	// PATCH /v1/webhook/endpoint.update 200
	// <nil>
	// https://tea.example.com enabled
}

// A test delivers an event to a service, once as HeyGen would and once forged.
func ExampleSandbox_Deliver() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	verifier, err := webhook.NewVerifier("whsec_example")
	if err != nil {
		panic(err)
	}
	handler, err := webhook.NewHandler(verifier, func(_ context.Context, event webhook.Event) error {
		fmt.Println("received", event.Type)
		return nil
	})
	if err != nil {
		panic(err)
	}
	service := httptest.NewServer(handler)
	defer service.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: "tea", URL: service.URL, Secret: heygen.NewSecret("whsec_example"),
	})

	event := heygentest.Event(heygentest.EventTypes()[0])
	for _, fault := range []heygentest.DeliveryFault{heygentest.DeliverHeadersV3(), heygentest.DeliverTampered()} {
		delivery, err := sandbox.Deliver(context.Background(), "tea", event, fault)
		if err != nil {
			panic(err)
		}
		fmt.Println(delivery.Fault, delivery.Attempts[0].StatusCode)
	}
	sandbox.Verify(printer{})
	// Output:
	// received avatar_video.fail
	// headers-v3 200
	// tampered 401
}

// A migration is tested in one sandbox: version 3 moves the endpoints of version 1, which has ended.
func ExampleWithSunset() {
	sandbox := heygentest.NewServer(heygentest.WithSunset(time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)))
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "tea"})

	err := move(context.Background(), sandbox.Client(), "tea")
	fmt.Println(errors.Is(err, heygen.ErrMalformedResponse), sandbox.Calls()[0].StatusCode)
	endpoint, err := sandbox.ClientV3().UpdateWebhookEndpoint(context.Background(),
		heygenv3.UpdateWebhookEndpointRequest{EndpointID: "tea", URL: "https://tea.example.org"})
	fmt.Println(endpoint.URL, err)
	// Output:
	// true 410
	// https://tea.example.org <nil>
}

// A request that is repeated with its Idempotency-Key creates one endpoint.
func ExampleFaultErrorV3() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()

	sandbox.Next(heygentest.FaultErrorV3(409, "request_in_progress", "busy"))
	for range 2 {
		endpoint, err := sandbox.ClientV3().CreateWebhookEndpoint(context.Background(),
			heygenv3.CreateWebhookEndpointRequest{URL: "https://tea.example.org"},
			heygenv3.WithIdempotencyKey("order-7"))
		fmt.Println(endpoint.URL, err)
	}
	for _, call := range sandbox.Calls() {
		fmt.Println(call.StatusCode, strings.Count(string(sandbox.Snapshot()), "endpoint_id"))
	}
	// Output:
	// https://tea.example.org <nil>
	// https://tea.example.org <nil>
	// 409 1
	// 200 1
	// 200 1
}

// printer stands for a *testing.T.
type printer struct{}

func (printer) Helper() {}

func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
