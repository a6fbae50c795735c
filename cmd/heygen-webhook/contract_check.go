package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// The paths of an update, as the documents name them.
const (
	contractPath   = "/v1/webhook/endpoint.update"
	contractPathV3 = "/v3/webhooks/endpoints/{endpoint_id}"
)

func (p *program) checkCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "check",
		Usage:     "check with five requests whether a server keeps the contract",
		UsageText: name + " contract check --endpoint-id ID --endpoint-url URL [options]",
		Description: "Sends a wrong key, a wrong id and an invalid URL, and twice the endpoint's callback URL, so that it\n" +
			"ends with that one. Use an endpoint to throw away: HeyGen does not document the effect of an update on\n" +
			"what it does not send, such as the events.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "endpoint-id", Usage: "`ID` of an endpoint to throw away; else $HEYGEN_ENDPOINT_ID"},
			&cli.StringFlag{
				Name:  "endpoint-url",
				Usage: "callback `URL` that it has and will have; else $HEYGEN_ENDPOINT_URL",
			},
			apiFlag(),
		}, slices.DeleteFunc(connectionFlags(), func(f cli.Flag) bool { return f.Names()[0] == "retries" }), checkerFlags()),
		Action: p.check,
	},
		name+" contract check --sandbox --api v3 --endpoint-id demo --endpoint-url https://example.com/hook",
		name+" contract check --api-key-file ~/.heygen-key --endpoint-id demo --endpoint-url https://example.com/hook",
		name+" contract check --sandbox --endpoint-id demo --endpoint-url https://example.com/hook --report junit",
	)
}

// check makes the calls, and fails if one response is not as the document says.
func (p *program) check(ctx context.Context, cmd *cli.Command) error {
	id := p.flagOr(cmd, "endpoint-id", "HEYGEN_ENDPOINT_ID", "")
	callback := p.flagOr(cmd, "endpoint-url", "HEYGEN_ENDPOINT_URL", "")
	if id == "" {
		return usageFailure(cmd, "--endpoint-id is missing or empty")
	}
	if !isAbsolute(callback) {
		return usageFailure(cmd, "--endpoint-url is missing, or not an absolute http or https URL")
	}
	if cmd.String("document") == "published" && !usesV1(cmd) {
		return usageFailure(cmd, "%s", noPublishedV3)
	}
	base, key, closeSandbox, err := p.server(ctx, cmd)
	if err != nil {
		return err
	}
	defer closeSandbox()
	var found []contract.Finding
	verdict := ""
	c, err := newChecker(ctx, cmd, ofVersion(cmd), contract.WithReportOnly(),
		contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) { found = append(found, v.Findings...) }),
		contract.WithOnUnjudged(func(u contract.UnjudgedExchange) { verdict = "not checked: " + string(u.Reason) }))
	if err != nil {
		return err
	}
	p.say("sending 5 requests to %s, for the endpoint %s to throw away", base, printable(id))
	for _, call := range checkCalls(key, id, callback) {
		found, verdict = nil, "agreed"
		status, err := call.send(ctx, cmd, base, c.Transport)
		if e, failed := errors.AsType[*heygen.Error](err); failed && call.endsWith(key, id, e) {
			f := callFailure(cmd, call.req.EndpointID, repeatable, err)
			if f.Kind == heygen.KindAuth {
				f.Message = "the server refused the API key: " + f.Message
			}
			f.Message = call.name + ": " + f.Message
			return f
		}
		if !slices.Contains(call.want, status) {
			found = append(found, c.unexpected(cmd, status, call.want))
		}
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

// ofVersion returns what makes the contract of the version of the API that the requests are of.
func ofVersion(cmd *cli.Command) func(...contract.Option) (*contract.Contract, error) {
	document := openapi.CorrectedV3()
	if usesV1(cmd) {
		document = openapi.Corrected()
	}
	return func(opts ...contract.Option) (*contract.Contract, error) { return contract.Load(document, opts...) }
}

// checkCall is one request, and the statuses that its response may have.
type checkCall struct {
	name string
	key  string
	req  heygen.UpdateWebhookEndpointRequest
	want []int
}

// checkCalls ends with those that leave the endpoint as the user names it.
func checkCalls(key, id, callback string) []checkCall {
	named := heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: callback}
	wrongID, wrongURL := named, named
	wrongID.EndpointID, wrongURL.URL = "wrong-"+rand.Text(), "not a URL"
	return []checkCall{
		{"a wrong key", "wrong-" + rand.Text(), named, []int{401, 403}},
		{"a wrong id", key, wrongID, []int{404}},
		{"an invalid URL", key, wrongURL, []int{400}},
		{"the values named", key, named, []int{200}},
		{"the values named, again", key, named, []int{200}},
	}
}

// send makes one attempt of a call, and returns the status of its response.
func (c checkCall) send(
	ctx context.Context, cmd *cli.Command, base string, check func(http.RoundTripper) http.RoundTripper,
) (status int, err error) {
	network := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	defer network.CloseIdleConnections()
	update, err := newUpdater(cmd)(c.key,
		heygen.WithBaseURL("https://base.invalid"), heygen.WithHTTPClient(&http.Client{Transport: underBase(base, network)}),
		heygen.WithTransport(check), heygen.WithTimeout(cmd.Duration("timeout")), heygen.WithRetry(heygen.RetryPolicy{}),
		heygen.WithObserver(func(_ context.Context, attempt heygen.Attempt) { status = attempt.StatusCode }))
	if err != nil {
		return 0, err
	}
	_, err = update(ctx, c.req)
	return status, err
}

// endsWith reports whether a failure ends the check: if there is no response, or if the server does not know the user's
// key or endpoint.
func (c checkCall) endsWith(key, id string, err *heygen.Error) bool {
	switch err.Kind() {
	case heygen.KindTransport, heygen.KindTimeout, heygen.KindCanceled, heygen.KindUsage, heygen.KindOther:
		return true
	case heygen.KindAuth:
		return c.key == key
	case heygen.KindNotFound:
		return c.key == key && c.req.EndpointID == id
	}
	return false
}

// unexpected is the finding about a status that the contract has, but not for this request. The report has it, too.
func (c *checker) unexpected(cmd *cli.Command, status int, want []int) contract.Finding {
	path := contractPathV3
	if usesV1(cmd) {
		path = contractPath
	}
	f := contract.Finding{
		Party: contract.PartyServer, Where: "response status", Keyword: "expected",
		Detail: fmt.Sprintf("%d, want one of %v", status, want),
	}
	s := contract.FindingSummary{
		Operation: http.MethodPatch + " " + path, Message: fmt.Sprintf("response %d", status), Party: f.Party,
		Where: f.Where, Keyword: f.Keyword, Detail: f.Detail, Times: 1,
	}
	for _, operation := range c.seen.Summary().Operations {
		for _, message := range operation.Messages {
			if message.Message == fmt.Sprintf("response %dXX", status/100) && message.Seen > 0 {
				s.Message = message.Message
			}
		}
	}
	c.more = append(c.more, s)
	return f
}

// roundTripper is a transport that is just a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// underBase sends requests to a server with a base path, which the contract, in front of it, does not expect.
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
