package specdiff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/internal/jsonpointer"
	"github.com/heygen-go/heygen/tools/document"
	heygen "github.com/heygen-go/heygen/wrapper"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

// Client returns what breaks the client that this program is linked with under another corrected document: its requests
// that the document refuses, and the documented example responses that it misreads. What the old document breaks in the
// same way is left out. A new operation, for which the client has no method, is an addition.
func Client(api document.API, old, corrected []byte) (Axis, error) {
	before, err := clientProblems(api, old)
	if err != nil {
		return Axis{}, fmt.Errorf("client: %w", err)
	}
	after, err := clientProblems(api, corrected)
	if err != nil {
		return Axis{}, fmt.Errorf("client: %w", err)
	}
	return newAxis(without(after, before)), nil
}

// A call is one that a user of a client can make. The options are those of the client.
type call func(options ...heygen.Option) error

// with makes a client for each call.
func with[Client any](newClient func(string, ...heygen.Option) (Client, error), do func(Client) error) call {
	return func(options ...heygen.Option) error {
		client, err := newClient("key", options...)
		if err != nil {
			return err
		}
		return do(client)
	}
}

// calls are those that make every request that the client of a version can send.
var calls = map[document.API]func() []call{document.V1: version1, document.V3: version3}

// The states of the parts of a request.
var (
	subscriptions = []heygen.Events{
		{}, heygen.AllEvents(), heygen.OnlyEvents(), heygen.OnlyEvents("avatar_video.success", "avatar_video.fail"),
	}
	urls = []string{"", "https://example.com/hook"}
)

func version1() (list []call) {
	for _, url := range urls {
		for _, events := range subscriptions {
			list = append(list, with(heygen.NewClient, func(client *heygen.Client) error {
				_, err := client.UpdateWebhookEndpoint(context.Background(),
					heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: url, Events: events})
				return err
			}))
		}
	}
	return list
}

func version3() (list []call) {
	ctx := context.Background()
	add := func(do func(*v3.Client) error) { list = append(list, with(v3.NewClient, do)) }
	for _, events := range subscriptions {
		for _, entity := range []string{"", "entity"} {
			add(func(client *v3.Client) error {
				_, err := client.CreateWebhookEndpoint(ctx,
					v3.CreateWebhookEndpointRequest{URL: urls[1], Events: events, EntityID: entity})
				return err
			})
		}
		for _, url := range urls {
			if url == "" && events.IsZero() {
				continue // no change, which the client does not send
			}
			add(func(client *v3.Client) error {
				_, err := client.UpdateWebhookEndpoint(ctx,
					v3.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: url, Events: events})
				return err
			})
		}
	}
	add(func(client *v3.Client) error { return client.DeleteWebhookEndpoint(ctx, "e1") })
	add(func(client *v3.Client) error {
		_, err := client.RotateWebhookSecret(ctx, "e1")
		return err
	})
	add(func(client *v3.Client) error {
		_, err := client.ListWebhookEventTypes(ctx)
		return err
	})
	add(func(client *v3.Client) error { return toTheEnd(client.ListWebhookEndpoints(ctx)) })
	for _, filter := range []v3.EventFilter{{}, {Type: "avatar_video.success", EntityID: "entity"}} {
		add(func(client *v3.Client) error { return toTheEnd(client.ListWebhookEvents(ctx, filter)) })
	}
	return list
}

func toTheEnd[T any](list iter.Seq2[T, error]) (err error) {
	for _, err = range list {
	}
	return err
}

// clientProblems sends every request of the client against a document, and every example response to the client, and
// finds the operations that the client has no method for.
func clientProblems(api document.API, corrected []byte) (problems []Change, err error) {
	var root any
	if err := json.Unmarshal(corrected, &root); err != nil {
		return nil, err
	}
	called := map[string]call{} // by operation, such as PATCH /v1/webhook/endpoint.update
	requests := map[string][]*http.Request{}
	paths := objectOf(document.Follow(root, "paths"))
	used := map[string]any{}
	for _, call := range calls[api]() {
		sent, _ := call.send(http.StatusOK, []byte(`{"data": [], "has_more": true, "next_token": "t"}`))
		if len(sent) == 0 {
			return nil, errors.New("no request was sent")
		}
		template := templateOf(paths, sent[0].URL.Path)
		operation := sent[0].Method + " " + template
		called[operation], requests[operation] = call, append(requests[operation], sent...)
		if item := document.Follow(root, "paths", template); item != nil {
			used[template] = item
		}
	}
	only := maps.Clone(objectOf(root)) // an odd place elsewhere is not the client's
	delete(only, "webhooks")
	only["paths"] = used
	definition, err := json.Marshal(only)
	if err != nil {
		return nil, err
	}
	kit, err := contract.Load(definition, contract.WithSchemaOnly())
	if err != nil {
		return nil, err
	}
	problem := func(id string, level Verdict, where, text string) {
		problems = withNew(problems, Change{ID: id, Level: level, Where: where, Text: text})
	}
	for _, operation := range sortedKeys(requests) {
		for _, sent := range requests[operation] {
			violation, _ := errors.AsType[*contract.Violation](kit.CheckRequest(sent))
			if violation == nil {
				continue
			}
			for _, found := range violation.Findings {
				problem("client-request-refused", Breaking,
					strings.TrimSpace(operation+" "+found.Where+" "+found.Pointer), found.Detail)
			}
		}
	}
	for _, e := range examplesOf(root) {
		names := jsonpointer.Split(e.at.published) // paths, path, method, responses, name, content, media type, example
		if len(names) < 8 || names[3] != "responses" || names[6] != "application/json" ||
			names[7] != "example" && names[7] != "examples" {
			continue
		}
		call := called[strings.ToUpper(names[2])+" "+names[1]]
		status := statusOf(names[4], document.Follow(root, names[:4]...))
		if call == nil || status == 0 {
			continue
		}
		body, _ := json.Marshal(e.value) // it came from JSON
		_, err := call.send(status, body)
		if text := misread(status, e.value, err); text != "" {
			problem("client-response-misread", Breaking, e.at.published, text)
		}
	}
	for _, operation := range sortedKeys(operations(root)) {
		if called[operation] == nil {
			problem("operation-without-method", Compatible, operation,
				"the client has no method for this operation: call it through heygen.Do")
		}
	}
	return problems, nil
}

var parameter = regexp.MustCompile(`\{[^{}]*\}`)

// templateOf returns the path of a document that is for the path of a request, which is returned if there is none.
func templateOf(paths map[string]any, sent string) string {
	for _, template := range sortedKeys(paths) { // a letter is before a parameter
		if ok, _ := path.Match(parameter.ReplaceAllString(template, "*"), sent); ok {
			return template
		}
	}
	return sent
}

// statusOf returns a status of a response of the document, by its name. Beside a success, "default" is a failure; alone
// it can be either, and the status is 0.
func statusOf(name string, responses any) int {
	for other := range objectOf(responses) {
		if name == "default" && strings.HasPrefix(other, "2") {
			return http.StatusInternalServerError
		}
	}
	status, _ := strconv.Atoi(strings.ReplaceAll(name, "XX", "00"))
	return status
}

// misread returns what is wrong with the client's result for an example response, or "".
func misread(status int, value any, err error) string {
	failed, ok := errors.AsType[*heygen.Error](err)
	code := document.Follow(value, "code")
	if code == nil {
		code = document.Follow(value, "error", "code")
	}
	switch {
	case status/100 == 2 && err != nil:
		return "the client fails: " + err.Error()
	case status/100 == 2:
		return ""
	case !ok:
		return fmt.Sprintf("the client returns %v, want its error for status %d", err, status)
	case failed.StatusCode != status:
		return fmt.Sprintf("the status of the error is %d, want %d", failed.StatusCode, status)
	case code != nil && failed.Code != fmt.Sprint(code):
		return fmt.Sprintf("the code of the error is %q, want %v", failed.Code, code)
	}
	return ""
}

// send makes a call without a connection and returns what it sends. The first response has a status and a body, and
// those after it are the last page of a list.
func (c call) send(status int, body []byte) (sent []*http.Request, err error) {
	transport := roundTripper(func(request *http.Request) (*http.Response, error) {
		if sent = append(sent, request); len(sent) > 1 {
			status, body = http.StatusOK, []byte(`{"data": []}`)
		}
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: request,
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	})
	err = c(heygen.WithHTTPClient(&http.Client{Transport: transport}), heygen.WithRetry(heygen.RetryPolicy{}))
	return sent, err
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
