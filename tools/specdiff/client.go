package specdiff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/internal/jsonpointer"
	"github.com/heygen-go/heygen/tools/document"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// Client returns what breaks the client that this program is linked with under another corrected document: its requests
// that the document refuses, and the documented example responses that it misreads. What the old document breaks in the
// same way is left out. A new operation, for which the client has no method, is an addition.
func Client(old, corrected []byte) (Axis, error) {
	before, err := clientProblems(old)
	if err != nil {
		return Axis{}, fmt.Errorf("client: %w", err)
	}
	after, err := clientProblems(corrected)
	if err != nil {
		return Axis{}, fmt.Errorf("client: %w", err)
	}
	changes := without(after, before)
	known := operationsOf(old)
	for _, name := range sortedKeys(operationsOf(corrected)) {
		if id, ok := strings.CutPrefix(name, "id "); ok && !known[name] {
			changes = append(changes, Change{
				ID: "operation-without-method", Level: Compatible, Where: id,
				Text: "the client has no method for this operation: call it through heygen.Do",
			})
		}
	}
	return newAxis(changes), nil
}

// requests are those that the client can make: each state of events, without and with a URL.
func requests() (list []heygen.UpdateWebhookEndpointRequest) {
	for _, url := range []string{"", "https://example.com/hook"} {
		for _, events := range []heygen.Events{
			{}, heygen.AllEvents(), heygen.OnlyEvents(), heygen.OnlyEvents("avatar_video.success", "avatar_video.fail"),
		} {
			list = append(list, heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: url, Events: events})
		}
	}
	return list
}

// clientProblems sends every request of the client against a document, and every example response to the client.
func clientProblems(corrected []byte) (problems []Change, err error) {
	var root any
	if err := json.Unmarshal(corrected, &root); err != nil {
		return nil, err
	}
	path := ""
	_ = send(requests()[0], http.StatusServiceUnavailable, nil, func(sent *http.Request) { path = sent.URL.Path })
	operation, err := json.Marshal(onlyPath(root, path)) // an odd place elsewhere is not the client's
	if err != nil {
		return nil, err
	}
	kit, err := contract.Load(operation, contract.WithSchemaOnly())
	if err != nil {
		return nil, err
	}
	problem := func(id, where, text string) {
		change := Change{ID: id, Level: Breaking, Where: where, Text: text}
		if !slices.Contains(problems, change) {
			problems = append(problems, change)
		}
	}
	sentTo := ""
	for _, request := range requests() {
		_ = send(request, http.StatusServiceUnavailable, nil, func(sent *http.Request) {
			sentTo = jsonpointer.Append("/paths", sent.URL.Path) + "/" + strings.ToLower(sent.Method)
			violation, _ := errors.AsType[*contract.Violation](kit.CheckRequest(sent))
			if violation == nil {
				return
			}
			for _, found := range violation.Findings {
				problem("client-request-refused", strings.TrimSpace(found.Where+" "+found.Pointer), found.Detail)
			}
		})
	}
	if sentTo == "" {
		return nil, errors.New("no request was sent")
	}
	for _, e := range examplesOf(root) {
		of, isResponse := strings.CutPrefix(e.at.published, sentTo+"/responses/")
		name, of, _ := strings.Cut(of, "/")
		status, err := strconv.Atoi(strings.ReplaceAll(name, "XX", "00"))
		if !isResponse || err != nil || !strings.HasPrefix(of, "content/application~1json/example") {
			continue // with another name than a status: default, which is any
		}
		body, _ := json.Marshal(e.value) // it came from JSON
		if text := misread(status, e.value, send(requests()[0], status, body, func(*http.Request) {})); text != "" {
			problem("client-response-misread", e.at.published, text)
		}
	}
	return problems, nil
}

// onlyPath returns a document with one of its paths.
func onlyPath(root any, path string) map[string]any {
	all, _ := root.(map[string]any)
	only, paths := maps.Clone(all), map[string]any{}
	delete(only, "webhooks")
	if item := document.Follow(root, "paths", path); item != nil {
		paths[path] = item
	}
	only["paths"] = paths
	return only
}

// misread returns what is wrong with the client's result for an example response, or "".
func misread(status int, value any, err error) string {
	failed, ok := errors.AsType[*heygen.Error](err)
	code := document.Follow(value, "code")
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

// send makes the client send a request once and take a response, without a connection, and returns the client's error.
func send(request heygen.UpdateWebhookEndpointRequest, status int, body []byte, check func(*http.Request)) error {
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		check(req)
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}, nil
	})
	client, err := heygen.NewClient("key",
		heygen.WithHTTPClient(&http.Client{Transport: transport}), heygen.WithRetry(heygen.RetryPolicy{}))
	if err != nil {
		return err
	}
	_, err = client.UpdateWebhookEndpoint(context.Background(), request)
	return err
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
