package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/contract/report"
)

const path = "/v1/webhook/endpoint.update"

// call is one request and the statuses that answer it.
type call struct {
	name    string
	key     string
	id, url string
	want    []int
}

// calls ends with those that leave the endpoint as the operator names it.
func (s settings) calls() []call {
	good := call{"the values named", s.key, s.endpointID, s.endpointURL, []int{200}}
	again := good
	again.name += ", again"
	return []call{
		{"a wrong key", "wrong-" + rand.Text(), s.endpointID, s.endpointURL, []int{401, 403}},
		{"a wrong id", s.key, "wrong-" + rand.Text(), s.endpointURL, []int{404}},
		{"an invalid URL", s.key, s.endpointID, "not a URL", []int{400}},
		good,
		again,
	}
}

// live makes the calls and reports whether all of them were answered as the documents say.
func (s settings) live(out io.Writer) (agreed bool, err error) {
	if err := checkBase(s.base); err != nil {
		return false, err
	}
	var found []contract.Finding
	var seen contract.Collector
	// By the published document, so that what only that is wrong about shows; its deviations do not fail the run.
	kit, err := contract.Load(openapi.Published, contract.ReportOnly(), contract.AllowDeviations(),
		contract.Collect(&seen), contract.OnViolation(func(_ *http.Request, v *contract.Violation) {
			found = append(found, v.Findings...)
		}))
	if err != nil {
		return false, err
	}
	tape := &tape{base: http.DefaultTransport, hide: []string{s.key}}
	client := newClient(kit.Transport(underBase(s.base, tape)))
	agreed = true
	for _, c := range s.calls() {
		found = nil
		status, err := c.do(client)
		if err != nil {
			return false, errors.Join(err, tape.write(s.har))
		}
		if !slices.Contains(c.want, status) {
			detail := fmt.Sprintf("%d, want one of %v", status, c.want)
			found = append(found, contract.Finding{
				Party: contract.Server, Where: "response status", Keyword: "expected", Detail: detail,
			})
		}
		verdict := "agreed"
		if len(found) > 0 {
			agreed, verdict = false, "NOT AGREED"
		}
		fmt.Fprintf(out, "%s: %d, %s\n", c.name, status, verdict)
		for _, f := range found {
			fmt.Fprintf(out, "  %s\n", f)
		}
	}
	fmt.Fprintln(out)
	return agreed, errors.Join(report.Text(out, seen.Summary()), tape.write(s.har))
}

// do sends a call and returns the status of its answer. Its error holds no URL, which could hold a secret.
func (c call) do(client *http.Client) (status int, err error) {
	body, err := json.Marshal(map[string]string{"endpoint_id": c.id, "url": c.url})
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPatch, "http://base.invalid"+path,
		strings.NewReader(string(body)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", c.key)
	resp, err := client.Do(req)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if err != nil {
		return 0, fmt.Errorf("%s: no answer: %w", c.name, err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, nil
}

// roundTripper is a transport that is just a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// underBase sends requests, whose paths count from the root for the contract, to where the server is.
func underBase(base string, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		target, err := url.Parse(base + req.URL.Path)
		if err != nil {
			return nil, err
		}
		sent := req.Clone(req.Context())
		sent.URL, sent.Host = target, ""
		return next.RoundTrip(sent)
	})
}
