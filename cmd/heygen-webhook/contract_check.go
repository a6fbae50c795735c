package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const contractPath = "/v1/webhook/endpoint.update"

func (p *program) checkCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "check",
		Usage:     "check with five requests whether a server keeps the contract",
		UsageText: name + " contract check --endpoint-id ID --endpoint-url URL [options]",
		Description: "Sends a wrong key, a wrong id and an invalid URL, and twice the endpoint's callback URL, so that it ends\n" +
			"with that one. Use an endpoint to throw away: HeyGen does not document the effect of an update on what it\n" +
			"does not send, such as the events.\n\n" +
			"Exit codes: " + exitCodes,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "endpoint-id", Usage: "`ID` of an endpoint to throw away; else $HEYGEN_ENDPOINT_ID"},
			&cli.StringFlag{
				Name:  "endpoint-url",
				Usage: "callback `URL` that it has and will have; else $HEYGEN_ENDPOINT_URL",
			},
		}, slices.DeleteFunc(connectionFlags(), func(f cli.Flag) bool { return f.Names()[0] == "retries" }), checkerFlags()),
		OnUsageError: usageError,
		Action:       p.check,
	},
		name+" contract check --sandbox --endpoint-id demo --endpoint-url https://example.com/hook",
		name+" contract check --api-key-file ~/.heygen-key --endpoint-id demo --endpoint-url https://example.com/hook",
		name+" contract check --sandbox --endpoint-id demo --endpoint-url https://example.com/hook --report junit",
	)
}

// check makes the calls, and fails if one response is not as the document says.
func (p *program) check(ctx context.Context, cmd *cli.Command) error {
	id, callback := p.getenv("HEYGEN_ENDPOINT_ID"), p.getenv("HEYGEN_ENDPOINT_URL")
	if cmd.IsSet("endpoint-id") {
		id = cmd.String("endpoint-id")
	}
	if cmd.IsSet("endpoint-url") {
		callback = cmd.String("endpoint-url")
	}
	if id == "" {
		return usageFailure(cmd, "--endpoint-id is missing or empty")
	}
	if !isAbsolute(callback) {
		return usageFailure(cmd, "--endpoint-url is missing, or not an absolute http or https URL")
	}
	base, key, closeSandbox, err := p.server(ctx, cmd)
	if err != nil {
		return err
	}
	defer closeSandbox()
	var found []contract.Finding
	c, err := newChecker(ctx, cmd, contract.WithReportOnly(),
		contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) { found = append(found, v.Findings...) }))
	if err != nil {
		return err
	}
	network := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	defer network.CloseIdleConnections()
	client := &http.Client{
		Transport: c.Transport(underBase(base, network)), Timeout: cmd.Duration("timeout"),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key stays here
	}
	p.say("sending 5 requests to %s, for the endpoint %s to throw away", base, printable(id))
	for _, call := range checkCalls(key, id, callback) {
		found = nil
		status, err := call.do(ctx, client)
		if err != nil {
			return call.failure(err)
		}
		if call.key == key && (status == http.StatusUnauthorized || status == http.StatusForbidden) {
			return &failure{
				Kind: heygen.KindAuth, Status: status, Attempts: 1,
				Message: call.name + ": the server refused the API key, so the check ends here",
				next:    checkKey(cmd),
			}
		}
		if !slices.Contains(call.want, status) {
			f := unexpected(status, call.want)
			found, c.more = append(found, f), append(c.more, c.summaryOf(f, status))
		}
		verdict := "agreed"
		if len(found) > 0 {
			verdict = "NOT AGREED"
		}
		p.say("%s: %d, %s", call.name, status, verdict)
		for _, f := range found {
			p.say("  %s", f)
		}
	}
	return c.report(p, cmd)
}

// checkCall is one request, and the statuses that its response may have.
type checkCall struct {
	name         string
	key, id, url string
	want         []int
}

// checkCalls ends with those that leave the endpoint as the user names it.
func checkCalls(key, id, callback string) []checkCall {
	return []checkCall{
		{"a wrong key", "wrong-" + rand.Text(), id, callback, []int{401, 403}},
		{"a wrong id", key, "wrong-" + rand.Text(), callback, []int{404}},
		{"an invalid URL", key, id, "not a URL", []int{400}},
		{"the values named", key, id, callback, []int{200}},
		{"the values named, again", key, id, callback, []int{200}},
	}
}

// do sends a call and returns the status of its response. Its error has no URL, which could hold a secret.
func (c checkCall) do(ctx context.Context, client *http.Client) (status int, err error) {
	body, err := json.Marshal(map[string]string{"endpoint_id": c.id, "url": c.url})
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, "http://base.invalid"+contractPath,
		bytes.NewReader(body))
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
		return 0, err
	}
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

// failure explains why the call got no response.
func (c checkCall) failure(err error) *failure {
	effect := "nothing that changes the endpoint was sent"
	if slices.Equal(c.want, []int{200}) {
		effect = "the endpoint may have the URL that was named"
	}
	timeout := (interface{ Timeout() bool })(nil)
	switch {
	case errors.Is(err, context.Canceled):
		return &failure{Kind: heygen.KindCanceled, Message: "canceled before the check ended", next: effect}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &failure{
			Kind: heygen.KindTimeout, Message: c.name + ": no response in time", next: effect + "; --timeout allows more time",
		}
	}
	return &failure{
		Kind: heygen.KindTransport, Message: c.name + ": no response: " + err.Error(),
		next: "check the network and --base-url; " + effect,
	}
}

func unexpected(status int, want []int) contract.Finding {
	return contract.Finding{
		Party: contract.PartyServer, Where: "response status", Keyword: "expected",
		Detail: fmt.Sprintf("%d, want one of %v", status, want),
	}
}

// summaryOf puts a finding under the message of a status in the report.
func (c *checker) summaryOf(f contract.Finding, status int) contract.FindingSummary {
	s := contract.FindingSummary{
		Operation: http.MethodPatch + " " + contractPath, Message: fmt.Sprintf("response %d", status), Party: f.Party,
		Where: f.Where, Keyword: f.Keyword, Detail: f.Detail, Times: 1,
	}
	for _, operation := range c.seen.Summary().Operations {
		for _, message := range operation.Messages {
			if message.Message == fmt.Sprintf("response %dXX", status/100) && message.Seen > 0 {
				s.Message = message.Message
			}
		}
	}
	return s
}

// roundTripper is a transport that is just a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// underBase sends requests, whose paths count from the root for the contract, to a path of the server.
func underBase(base string, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		target, err := url.Parse(strings.TrimSuffix(base, "/") + req.URL.Path)
		if err != nil {
			return nil, err
		}
		sent := req.Clone(req.Context())
		sent.URL, sent.Host = target, ""
		return next.RoundTrip(sent)
	})
}
