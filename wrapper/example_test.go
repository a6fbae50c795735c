package heygen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/heygen-go/heygen/generated"
	heygen "github.com/heygen-go/heygen/wrapper"
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

func ExampleClient_UpdateWebhookEndpoint() {
	server, closeServer := exampleServer(`200 {"code":100,"data":{"endpoint_id":"e1","url":"https://example.com/hook",` +
		`"status":"enabled","events":["avatar_video.success","avatar_video.fail"],"secret":"whsec_123456"}}`)
	defer closeServer()
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server))
	if err != nil {
		panic(err)
	}

	endpoint, err := client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{
		EndpointID: "e1",
		URL:        "https://example.com/hook",
		Events:     heygen.OnlyEvents("avatar_video.success", "avatar_video.fail"),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(endpoint.URL, endpoint.Status)
	fmt.Println(endpoint.Events)
	fmt.Println(endpoint.Secret)
	// Output:
	// https://example.com/hook enabled
	// ["avatar_video.success","avatar_video.fail"]
	// [redacted]
}

// The three states of events in an update.
func ExampleAllEvents() {
	for _, events := range []heygen.Events{
		{},                 // not sent
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

// An error has HeyGen's own code and explanation, and one kind for a switch or a metric.
func ExampleError() {
	server, closeServer := exampleServer(`404 {"code":400131,"message":"Webhook endpoint not found"}`)
	defer closeServer()
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server))
	if err != nil {
		panic(err)
	}

	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	fmt.Println(errors.Is(err, heygen.ErrNotFound))
	var e *heygen.Error
	if errors.As(err, &e) {
		fmt.Println(e.StatusCode, e.Code, e.Message)
		fmt.Println(e.Kind(), e.Retryable(), e.Sent())
	}
	// Output:
	// true
	// 404 400131 Webhook endpoint not found
	// not-found false true
}

// Five attempts instead of three. RetryPolicy{} is one attempt.
func ExampleWithRetry() {
	server, closeServer := exampleServer("503 busy", "503 busy", "503 busy",
		`200 {"code":100,"data":{"endpoint_id":"e1"}}`)
	defer closeServer()
	policy := heygen.DefaultRetryPolicy()
	policy.MaxAttempts = 5
	policy.BaseDelay = time.Millisecond // a service waits longer
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server), heygen.WithRetry(policy))
	if err != nil {
		panic(err)
	}

	endpoint, err := client.UpdateWebhookEndpoint(context.Background(),
		heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	if err != nil {
		panic(err)
	}
	fmt.Println(endpoint.EndpointID)
	// Output:
	// e1
}

// An observer counts the attempts of each operation by what happened.
func ExampleWithObserver() {
	server, closeServer := exampleServer("503 busy", `200 {"code":100,"data":{"endpoint_id":"e1"}}`)
	defer closeServer()
	observe := func(_ context.Context, a heygen.Attempt) {
		kind := heygen.Kind("ok")
		var e *heygen.Error
		if errors.As(a.Err, &e) {
			kind = e.Kind()
		}
		fmt.Println(a.Op, a.Number, a.StatusCode, kind)
	}
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server), heygen.WithObserver(observe),
		heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond}))
	if err != nil {
		panic(err)
	}

	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	fmt.Println(err)
	// Output:
	// UpdateWebhookEndpoint 1 503 server
	// UpdateWebhookEndpoint 2 200 ok
	// <nil>
}

// A file has the API key, and is read before each attempt.
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
	server, closeServer := exampleServer(`404 {"code":400131,"message":"Webhook endpoint not found"}`)
	defer closeServer()
	var log bytes.Buffer
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server),
		heygen.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		panic(err)
	}

	_, err = client.UpdateWebhookEndpoint(context.Background(), heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"})
	fmt.Println(err != nil)
	_, record, _ := strings.Cut(log.String(), "level=")
	record, _, _ = strings.Cut(record, " request_id=") // the durations after it vary
	fmt.Println(record)
	// Output:
	// true
	// WARN msg="heygen call failed" op=UpdateWebhookEndpoint attempt=1 status=404 code=400131
}

// Do calls an operation with a builder of package generated.
func ExampleDo() {
	server, closeServer := exampleServer(`200 {"code":100,"data":{"endpoint_id":"e1","status":"enabled"}}`)
	defer closeServer()
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server))
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

// Do lists the endpoints with a request made by hand. This recipe is unconfirmed: the document of this module does not
// describe the operation, and nothing here has tried it against HeyGen.
func ExampleDo_listEndpoints() {
	server, closeServer := exampleServer(`200 {"code":100,"data":[{"endpoint_id":"e1","url":"https://example.com/hook"}]}`)
	defer closeServer()
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server))
	if err != nil {
		panic(err)
	}

	endpoints, err := heygen.Do[[]heygen.WebhookEndpoint](context.Background(), client, "ListWebhookEndpoints",
		func(base *url.URL) (*http.Request, error) {
			return http.NewRequest(http.MethodGet, base.JoinPath("v1/webhook/endpoint.list").String(), nil)
		})
	if err != nil {
		panic(err)
	}
	for _, endpoint := range *endpoints {
		fmt.Println(endpoint.EndpointID, endpoint.URL)
	}
	// Output:
	// e1 https://example.com/hook
}

// DoV3 calls an operation of version 3. Its type is that of the whole body.
func ExampleDoV3() {
	server, closeServer := exampleServer(
		`200 {"data":[{"event_type":"avatar_video.success"}],"has_more":false,"next_token":null}`,
		`400 {"error":{"code":"invalid_parameter","message":"limit is too large","param":"limit"}}`)
	defer closeServer()
	client, err := heygen.NewClient("key", heygen.WithBaseURL(server))
	if err != nil {
		panic(err)
	}
	type eventTypes struct {
		Data []struct {
			EventType string `json:"event_type"`
		} `json:"data"`
	}
	list := func(base *url.URL) (*http.Request, error) {
		return http.NewRequest(http.MethodGet, base.JoinPath("v3/webhooks/event-types").String(), nil)
	}

	whole, err := heygen.DoV3[eventTypes](context.Background(), client, "ListWebhookEventTypes", list)
	if err != nil {
		panic(err)
	}
	fmt.Println(whole.Data[0].EventType)
	_, err = heygen.DoV3[eventTypes](context.Background(), client, "ListWebhookEventTypes", list)
	fmt.Println(err)
	// Output:
	// avatar_video.success
	// heygen: ListWebhookEventTypes: HTTP 400, code invalid_parameter, param limit: limit is too large, attempt 1
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
