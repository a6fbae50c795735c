package heygen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	heygen "github.com/heygen-go/heygen/wrapper/v3"
)

// The examples call a server in this process. Against HeyGen, NewClient needs an API key and no options. To test a
// service, package heygentest has a sandbox that behaves as HeyGen does.

// exampleServer responds with one status and body after another, and with the last one from then on.
func exampleServer(responses ...string) (url string, closeServer func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status, body, _ := strings.Cut(responses[0], " ")
		if len(responses) > 1 {
			responses = responses[1:]
		}
		var code int
		_, _ = fmt.Sscan(status, &code)
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}))
	return server.URL, server.Close
}

// exampleClient returns a client of a server that responds as exampleServer does.
func exampleClient(responses ...string) (client *heygen.Client, closeServer func()) {
	server, closeServer := exampleServer(responses...)
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server), heygen.WithRetry(heygen.RetryPolicy{
		MaxAttempts: 3, BaseDelay: time.Millisecond, // a service waits longer
	}))
	if err != nil {
		panic(err)
	}
	return client, closeServer
}

// A service makes one client and shares it. NewClient checks the options and returns all their errors at once.
func ExampleNewClient() {
	_, err := heygen.NewClient("key", heygen.WithTimeout(5*time.Second), heygen.WithUserAgent("shop/1.4"))
	fmt.Println(err)

	_, err = heygen.NewClient("key", heygen.WithBaseURL("http://example.com"), heygen.WithTimeout(0))
	fmt.Println(err)
	// Output:
	// <nil>
	// heygen: the base URL is not https; http is allowed on loopback only, to keep the API key secret
	// WithTimeout: the timeout is not positive
}

// HeyGen sends the secret of an endpoint once. A service keeps it to verify deliveries.
func ExampleClient_CreateWebhookEndpoint() {
	client, closeServer := exampleClient(`200 {"data":{"endpoint_id":"e1","url":"https://example.com/hook",` +
		`"status":"enabled","events":["avatar_video.success"],"created_at":"2026-03-25T12:00:00Z","secret":"whsec_1"}}`)
	defer closeServer()

	endpoint, err := client.CreateWebhookEndpoint(context.Background(), heygen.CreateWebhookEndpointRequest{
		URL:    "https://example.com/hook",
		Events: heygen.OnlyEvents("avatar_video.success"),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(endpoint.EndpointID, endpoint.Status, endpoint.Events)
	fmt.Println(endpoint.Secret, endpoint.Secret.Reveal())
	// Output:
	// e1 enabled ["avatar_video.success"]
	// [redacted] whsec_1
}

// The events of an endpoint are replaced as a whole. The secret is not sent again.
func ExampleClient_UpdateWebhookEndpoint() {
	client, closeServer := exampleClient(`200 {"data":{"endpoint_id":"e1","url":"https://example.com/hook",` +
		`"status":"enabled","events":null,"created_at":"2026-03-25T12:00:00Z","secret":null}}`)
	defer closeServer()

	endpoint, err := client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: "e1",
		Events:     heygen.AllEvents(),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(endpoint.URL, endpoint.Events, endpoint.Secret.IsZero())
	// Output:
	// https://example.com/hook all true
}

// An endpoint that is gone already is no failure of a program that wants it gone.
func ExampleClient_DeleteWebhookEndpoint() {
	client, closeServer := exampleClient(`200 {"data":{}}`,
		`404 {"error":{"code":"webhook_not_found","message":"No such endpoint","param":"endpoint_id"}}`)
	defer closeServer()

	for range 2 {
		err := client.DeleteWebhookEndpoint(context.Background(), "e1")
		fmt.Println(err == nil, errors.Is(err, heygen.ErrNotFound))
	}
	// Output:
	// true false
	// false true
}

// The first response is lost, and the client asks again with the same Idempotency-Key.
func ExampleClient_RotateWebhookSecret() {
	client, closeServer := exampleClient("502 lost", `200 {"data":{"endpoint_id":"e1","secret":"whsec_2"}}`)
	defer closeServer()

	rotated, err := client.RotateWebhookSecret(context.Background(), "e1")
	if err != nil {
		panic(err)
	}
	fmt.Println(rotated.EndpointID, rotated.Secret, rotated.Secret.Reveal())
	// Output:
	// e1 [redacted] whsec_2
}

// The loop gets the second page when it comes to it.
func ExampleClient_ListWebhookEndpoints() {
	client, closeServer := exampleClient(
		`200 {"data":[{"endpoint_id":"e1","url":"https://example.com/1"}],"has_more":true,"next_token":"t2"}`,
		`200 {"data":[{"endpoint_id":"e2","url":"https://example.com/2"}],"has_more":false,"next_token":null}`)
	defer closeServer()

	for endpoint, err := range client.ListWebhookEndpoints(context.Background()) {
		if err != nil {
			panic(err)
		}
		fmt.Println(endpoint.EndpointID, endpoint.URL)
	}
	// Output:
	// e1 https://example.com/1
	// e2 https://example.com/2
}

func ExampleClient_ListWebhookEventTypes() {
	client, closeServer := exampleClient(`200 {"data":[{"event_type":"avatar_video.success","description":"Done"}]}`)
	defer closeServer()

	types, err := client.ListWebhookEventTypes(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(types[0].Type, types[0].Description)
	// Output:
	// avatar_video.success Done
}

// The last failure that HeyGen delivered.
func ExampleClient_ListWebhookEvents() {
	client, closeServer := exampleClient(`200 {"data":[{"event_id":"v1","event_type":"avatar_video.fail",` +
		`"event_data":{"video_id":"x1"},"created_at":"2026-03-25T12:05:00Z"}],"has_more":true,"next_token":"t2"}`)
	defer closeServer()

	filter := heygen.EventFilter{Type: "avatar_video.fail"}
	for event, err := range client.ListWebhookEvents(context.Background(), filter) {
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s %s %s\n", event.ID, event.CreatedAt, event.Data)
		break // and no second page
	}
	// Output:
	// v1 2026-03-25T12:05:00Z {"video_id":"x1"}
}

// A program that may crash stores a key before the call, and repeats the call with it.
func ExampleWithIdempotencyKey() {
	client, closeServer := exampleClient(`200 {"data":{"endpoint_id":"e1","secret":"whsec_2"}}`)
	defer closeServer()

	key := "rotation-2026-11-28" // stored
	rotated, err := client.RotateWebhookSecret(context.Background(), "e1", heygen.WithIdempotencyKey(key))
	fmt.Println(rotated.Secret.Reveal(), err)
	// Output:
	// whsec_2 <nil>
}

// Five attempts instead of three. RetryPolicy{} is one attempt.
func ExampleDefaultRetryPolicy() {
	server, closeServer := exampleServer("503 busy", "429 busy", "502 busy", "503 busy",
		`200 {"data":{"endpoint_id":"e1","secret":"whsec_2"}}`)
	defer closeServer()
	policy := heygen.DefaultRetryPolicy()
	policy.MaxAttempts = 5
	policy.BaseDelay = time.Millisecond // a service waits longer
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server), heygen.WithRetry(policy))
	if err != nil {
		panic(err)
	}

	_, err = client.RotateWebhookSecret(context.Background(), "e1")
	fmt.Println(err)
	// Output:
	// <nil>
}

// Param names what HeyGen calls wrong.
func ExampleError() {
	client, closeServer := exampleClient(`400 {"error":{"code":"invalid_parameter","message":"Not absolute",` +
		`"param":"url","doc_url":"https://docs.example.com/errors"}}`)
	defer closeServer()

	_, err := client.CreateWebhookEndpoint(context.Background(), heygen.CreateWebhookEndpointRequest{URL: "/hook"})
	var e *heygen.Error
	if errors.As(err, &e) {
		fmt.Println(e.StatusCode, e.Code, e.Param, e.DocURL, e.Kind())
	}
	// Output:
	// 400 invalid_parameter url https://docs.example.com/errors api
}

// Do calls an operation that the client has no method for, here with a request made by hand.
func ExampleDo() {
	client, closeServer := exampleClient(`200 {"data":{"endpoint_id":"e1","status":"disabled"}}`)
	defer closeServer()

	endpoint, err := heygen.Do[heygen.WebhookEndpoint](context.Background(), client, "GetWebhookEndpoint",
		func(base *url.URL) (*http.Request, error) {
			return http.NewRequest(http.MethodGet, base.JoinPath("v3/webhooks/endpoints/e1").String(), nil)
		})
	if err != nil {
		panic(err)
	}
	fmt.Println(endpoint.EndpointID, endpoint.Status)
	// Output:
	// e1 disabled
}

// A secret for the endpoint of a test, which is not printed by accident.
func ExampleNewSecret() {
	endpoint := heygen.WebhookEndpoint{EndpointID: "e1", Secret: heygen.NewSecret("whsec_123456")}
	fmt.Printf("%+v\n", endpoint.Secret)
	fmt.Println(endpoint.Secret.Reveal())
	// Output:
	// [redacted]
	// whsec_123456
}

// A program checks what its user gave it, before it makes a client.
func ExampleParseBaseURL() {
	_, err := heygen.ParseBaseURL("http://example.com")
	fmt.Println(err)
	fmt.Println(heygen.CheckAPIKey("a key") != nil)
	// Output:
	// the base URL is not https; http is allowed on loopback only, to keep the API key secret
	// true
}
