package main

import (
	"bytes"
	"cmp"
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
		Usage:     "ask a server whether it keeps the contract",
		UsageText: name + " contract check --endpoint-id ID --endpoint-url URL [options]",
		Description: "Sends five requests: with a wrong key, a wrong id and an invalid URL, and twice the callback URL\n" +
			"of the endpoint, so that it ends with that one. Use an endpoint to throw away: nobody documents\n" +
			"what an update does to what it does not send, such as the events.\n\n" +
			"Exit codes: " + exitCodes,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "endpoint-id", Usage: "`ID` of an endpoint to throw away; else $HEYGEN_ENDPOINT_ID"},
			&cli.StringFlag{
				Name:  "endpoint-url",
				Usage: "callback `URL` that it has and is to have afterwards; else $HEYGEN_ENDPOINT_URL",
			},
			&cli.StringFlag{
				Name: "har", Usage: "`FILE` to write the exchanges to, without keys and secrets", TakesFile: true,
			},
		}, slices.DeleteFunc(connectionFlags(), func(f cli.Flag) bool { return f.Names()[0] == "retries" }), judgeFlags()),
		OnUsageError: usageError,
		Action:       p.check,
	},
		name+" contract check --sandbox --endpoint-id demo --endpoint-url https://example.com/hook",
		name+" contract check --api-key-file ~/.heygen-key --endpoint-id demo --endpoint-url https://example.com/hook",
		name+" contract check --sandbox --endpoint-id demo --endpoint-url https://example.com/hook --report junit",
	)
}

// suite is what the operator names.
type suite struct {
	base, key, endpointID, endpointURL string
}

// suiteOf reads the flags. The caller calls closeSandbox.
func (p *program) suiteOf(ctx context.Context, cmd *cli.Command) (s suite, closeSandbox func(), err error) {
	for _, setting := range []struct {
		value          *string
		flag, variable string
	}{
		{&s.endpointID, "endpoint-id", "HEYGEN_ENDPOINT_ID"},
		{&s.endpointURL, "endpoint-url", "HEYGEN_ENDPOINT_URL"},
		{&s.base, "base-url", "HEYGEN_BASE_URL"},
	} {
		*setting.value = p.getenv(setting.variable)
		if cmd.IsSet(setting.flag) {
			*setting.value = cmd.String(setting.flag)
		}
	}
	closeSandbox = func() {}
	switch {
	case s.endpointID == "":
		return s, nil, usageFailure(cmd, "--endpoint-id is missing or empty")
	case !isAbsolute(s.endpointURL):
		return s, nil, usageFailure(cmd, "--endpoint-url is missing, or not an absolute http or https URL")
	case cmd.Bool("sandbox") && cmd.IsSet("base-url"):
		return s, nil, usageFailure(cmd, "--sandbox and --base-url exclude each other")
	case cmd.Bool("sandbox"):
		server := p.startSandbox()
		s.base, s.key, closeSandbox = server.URL, server.APIKey, server.Close
		return s, closeSandbox, nil
	}
	if !cmd.IsSet("base-url") {
		s.base = cmp.Or(s.base, heygen.DefaultBaseURL)
	}
	if err := checkBase(s.base); err != nil {
		return s, nil, usageFailure(cmd, "%s", err)
	}
	s.key, err = p.apiKey(ctx, cmd)
	return s, closeSandbox, err
}

// check makes the calls and says whether all of them were answered as the document says.
func (p *program) check(ctx context.Context, cmd *cli.Command) (err error) {
	s, closeSandbox, err := p.suiteOf(ctx, cmd)
	if err != nil {
		return err
	}
	defer closeSandbox()
	var found []contract.Finding
	j, err := newJudge(ctx, cmd, contract.WithReportOnly(), contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) {
		found = append(found, v.Findings...)
	}))
	if err != nil {
		return err
	}
	network := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	defer network.CloseIdleConnections()
	tape := &tape{base: network, hide: []string{s.key}}
	client := &http.Client{
		Transport: j.Transport(underBase(s.base, tape)), Timeout: cmd.Duration("timeout"),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key stays here
	}
	p.say("sending 5 requests to %s, for the endpoint %s to throw away", s.base, s.endpointID)
	for _, c := range s.calls() {
		found = nil
		status, err := c.do(ctx, client)
		if err != nil {
			return errors.Join(c.failure(err), tape.write(cmd))
		}
		if !slices.Contains(c.want, status) {
			f := unexpected(status, c.want)
			found, j.more = append(found, f), append(j.more, j.summaryOf(f, status))
		}
		verdict := "agreed"
		if len(found) > 0 {
			verdict = "NOT AGREED"
		}
		p.say("%s: %d, %s", c.name, status, verdict)
		for _, f := range found {
			p.say("  %s", f)
		}
	}
	if err := tape.write(cmd); err != nil {
		return err
	}
	return j.report(p, cmd)
}

// failure says what it means that the call got no answer.
func (c liveCall) failure(err error) *failure {
	effect := "nothing that changes the endpoint was sent"
	if slices.Equal(c.want, []int{200}) {
		effect = "the endpoint may have got the URL that was named"
	}
	timeout := (interface{ Timeout() bool })(nil)
	f := &failure{Kind: kindTransport, Message: c.name + ": no answer: " + err.Error()}
	switch f.next = "check the network and --base-url; " + effect; {
	case errors.Is(err, context.Canceled):
		f = &failure{Kind: kindCanceled, Message: "canceled before the check was done", next: effect}
	case errors.As(err, &timeout) && timeout.Timeout():
		f = &failure{Kind: kindTimeout, Message: c.name + ": no answer in time", next: effect + "; --timeout gives it longer"}
	}
	return f
}

func unexpected(status int, want []int) contract.Finding {
	return contract.Finding{
		Party: contract.PartyServer, Where: "response status", Keyword: "expected",
		Detail: fmt.Sprintf("%d, want one of %v", status, want),
	}
}

// summaryOf puts a finding under the message of a status in the report.
func (j *judge) summaryOf(f contract.Finding, status int) contract.FindingSummary {
	s := contract.FindingSummary{
		Operation: http.MethodPatch + " " + contractPath, Message: fmt.Sprintf("response %d", status), Party: f.Party,
		Where: f.Where, Keyword: f.Keyword, Detail: f.Detail, Times: 1,
	}
	for _, operation := range j.seen.Summary().Operations {
		for _, message := range operation.Messages {
			if message.Message == fmt.Sprintf("response %dXX", status/100) && message.Seen > 0 {
				s.Message = message.Message
			}
		}
	}
	return s
}

// liveCall is one request and the statuses that answer it.
type liveCall struct {
	name    string
	key     string
	id, url string
	want    []int
}

// calls ends with those that leave the endpoint as the operator names it.
func (s suite) calls() []liveCall {
	good := liveCall{"the values named", s.key, s.endpointID, s.endpointURL, []int{200}}
	again := good
	again.name += ", again"
	return []liveCall{
		{"a wrong key", "wrong-" + rand.Text(), s.endpointID, s.endpointURL, []int{401, 403}},
		{"a wrong id", s.key, "wrong-" + rand.Text(), s.endpointURL, []int{404}},
		{"an invalid URL", s.key, s.endpointID, "not a URL", []int{400}},
		good,
		again,
	}
}

// do sends a call and returns the status of its answer. Its error holds no URL, which could hold a secret.
func (c liveCall) do(ctx context.Context, client *http.Client) (status int, err error) {
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

// roundTripper is a transport that is just a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// underBase sends requests, whose paths count from the root for the contract, to where the server is.
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
