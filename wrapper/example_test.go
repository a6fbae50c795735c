package heygen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/generated"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// A service makes one client and shares it. The options are checked, and all that is wrong comes at once.
func ExampleNewClient() {
	_, err := heygen.NewClient("key", heygen.WithTimeout(5*time.Second), heygen.WithUserAgent("shop/1.4"))
	fmt.Println(err)

	_, err = heygen.NewClient("", heygen.WithBaseURL("http://example.com"))
	fmt.Println(err)
	// Output:
	// <nil>
	// heygen: the base URL is not https: want that, or http on loopback, to keep the API key secret
	// invalid request: the API key is empty or not ASCII without blanks: trim it, or copy it
}

// The sandbox stands in for HeyGen here; with heygen.NewClient(key) the calls are the same.
func ExampleClient_UpdateWebhookEndpoint() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1", URL: "https://old.example.com/hook"})
	client, err := sandbox.Client()
	if err != nil {
		panic(err)
	}

	endpoint, err := client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: "e1",
		URL:        "https://new.example.com/hook",
		Events:     heygen.OnlyEvents("avatar_video.success", "avatar_video.fail"),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(endpoint.URL, endpoint.Status, endpoint.Events, endpoint.Secret)
	// Output:
	// https://new.example.com/hook enabled ["avatar_video.success" "avatar_video.fail"] [redacted]
}

// The three things an update can say about events.
func ExampleAllEvents() {
	for _, events := range []heygen.Events{
		{},                 // not sent: as it was
		heygen.AllEvents(), // null
		heygen.OnlyEvents("avatar_video.success"), // a list
	} {
		fmt.Println(events, events.Includes("avatar_video.success"))
	}
	// Output:
	// unset false
	// all true
	// ["avatar_video.success"] true
}

// What happened, and what HeyGen said about it.
func ExampleError() {
	sandbox := heygentest.NewServer() // it has no endpoint
	defer sandbox.Close()
	client, err := sandbox.Client()
	if err != nil {
		panic(err)
	}

	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	var e *heygen.Error
	if errors.As(err, &e) {
		fmt.Println(e.StatusCode, e.Code, e.Message)
	}
	fmt.Println(errors.Is(err, heygen.ErrNotFound), e.Retryable())
	// Output:
	// 404 400131 Webhook endpoint not found
	// true false
}

// Five attempts instead of three, and longer waits. RetryPolicy{} is one attempt.
func ExampleWithRetry() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	policy := heygen.DefaultRetryPolicy()
	policy.MaxAttempts = 5
	policy.BaseDelay = time.Millisecond // in a service longer
	client, err := sandbox.Client(heygen.WithRetry(policy))
	if err != nil {
		panic(err)
	}

	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	busy := heygentest.RespondWithError(503, 5000, "busy")
	sandbox.Next(busy, busy, busy)
	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	fmt.Println(err, len(sandbox.Calls()), "calls")
	// Output:
	// <nil> 4 calls
}

// A transport around the client's sees every attempt: the contract's, for example, ends a call that breaks it.
func ExampleWithTransport() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	kit, err := contract.Load(openapi.Corrected())
	if err != nil {
		panic(err)
	}
	client, err := sandbox.Client(heygen.WithTransport(kit.Transport))
	if err != nil {
		panic(err)
	}
	sandbox.Next(heygentest.SetMember("/data/status", 7))
	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	var violation *contract.Violation
	if errors.As(err, &violation) {
		fmt.Println(violation)
	}
	// Output:
	// contract: server: response 200 body /data/status: type: want string, got number
}

// A key that is rotated, in a file for example, is read before each attempt.
func ExampleWithAPIKeyFunc() {
	client, err := heygen.NewClient("", heygen.WithAPIKeyFunc(func(context.Context) (string, error) {
		key, err := os.ReadFile("testdata/no-such-key")
		return strings.TrimSpace(string(key)), err
	}))
	if err != nil {
		panic(err)
	}
	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	fmt.Println(errors.Is(err, os.ErrNotExist))
	// Output:
	// true
}

// One record for each attempt, without a credential.
func ExampleWithLogger() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	var log bytes.Buffer
	client, err := sandbox.Client(heygen.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		panic(err)
	}
	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	fmt.Println(err != nil)
	_, record, _ := strings.Cut(log.String(), "level=")
	record, _, _ = strings.Cut(record, " request_id=") // the times after it vary
	fmt.Println(record)
	// Output:
	// true
	// WARN msg="heygen call failed" op=UpdateWebhookEndpoint attempt=1 status=404 code=400131
}

// An operation without a method is called with everything a method has.
func ExampleDo() {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	client, err := sandbox.Client()
	if err != nil {
		panic(err)
	}
	endpoint, err := heygen.Do[heygen.WebhookEndpoint](context.Background(), client, "UpdateWebhookEndpoint",
		func(base *url.URL) (*http.Request, error) {
			return generated.NewUpdateWebhookEndpointRequest(base, heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
		})
	if err != nil {
		panic(err)
	}
	fmt.Println(endpoint.EndpointID, endpoint.Status)
	// Output:
	// e1 enabled
}

// The endpoint of a test, with a secret that does not show by accident.
func ExampleNewSecret() {
	endpoint := heygen.WebhookEndpoint{EndpointID: "e1", Secret: heygen.NewSecret("whsec_123456")}
	fmt.Printf("%+v\n", endpoint.Secret)
	fmt.Println(endpoint.Secret.Reveal())
	// Output:
	// [redacted]
	// whsec_123456
}
