package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// kind says to a program what went wrong. There are no others than these.
type kind string

const (
	kindUsage       kind = "usage"
	kindAuth        kind = "auth"
	kindNotFound    kind = "not-found"
	kindInvalidURL  kind = "invalid-url"
	kindRateLimited kind = "rate-limited"
	kindServer      kind = "server"
	kindAPI         kind = "api"
	kindMalformed   kind = "malformed"
	kindTooLarge    kind = "too-large"
	kindRedirect    kind = "redirect"
	kindTransport   kind = "transport"
	kindTimeout     kind = "timeout"
	kindCanceled    kind = "canceled"
	kindIncomplete  kind = "incomplete" // some of many endpoints failed
	kindContract    kind = "contract"   // findings, or nothing was judged
)

const exitCodes = "0 done, 1 failed, 2 usage, 3 authentication, 4 timeout, 130 canceled."

func (k kind) exitCode() int {
	switch k {
	case kindUsage:
		return 2
	case kindAuth:
		return 3
	case kindTimeout:
		return 4
	case kindCanceled:
		return 130
	}
	return 1
}

// kinds has the kind of an error in its first line that matches: what the user did, what the server said, and only then
// what became of the exchange.
var kinds = []struct {
	is   error
	kind kind
}{
	{context.Canceled, kindCanceled},
	{heygen.ErrUnauthorized, kindAuth},
	{heygen.ErrForbidden, kindAuth},
	{heygen.ErrNotFound, kindNotFound},
	{heygen.ErrInvalidURL, kindInvalidURL},
	{heygen.ErrRateLimited, kindRateLimited},
	{heygen.ErrServer, kindServer},
	{heygen.ErrAPI, kindAPI},
	{heygen.ErrRedirect, kindRedirect},
	{heygen.ErrResponseTooLarge, kindTooLarge},
	{context.DeadlineExceeded, kindTimeout},
	{heygen.ErrTransport, kindTransport},
	{heygen.ErrMalformedResponse, kindMalformed},
}

func kindOf(err error) kind {
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return k.kind
		}
	}
	return kindUsage // the client itself refused the request
}

// failure is what a person and a program are told. Its JSON form has all members, always, but for the faults.
type failure struct {
	Kind      kind   `json:"kind"`
	Status    int    `json:"status"` // HTTP status; 0 when no response arrived
	Code      string `json:"code"`   // HeyGen's own; "" when there was none
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
	Retryable bool   `json:"retryable"` // the same call may work later
	Attempts  int    `json:"attempts"`  // attempts made, also those that sent nothing

	Faults []fault `json:"faults,omitempty"` // what is wrong in a file that was given

	next string // what to do now
}

func (f *failure) Error() string { return f.Message }

// facts are the members that are not zero, for a person.
func (f *failure) facts() string {
	var facts []string
	if f.Status != 0 {
		facts = append(facts, "HTTP "+strconv.Itoa(f.Status))
	}
	if f.Code != "" {
		facts = append(facts, "code "+f.Code)
	}
	if f.RequestID != "" {
		facts = append(facts, "request id "+f.RequestID)
	}
	if f.Attempts > 1 {
		facts = append(facts, fmt.Sprintf("%d attempts", f.Attempts))
	}
	if len(facts) == 0 {
		return ""
	}
	return " (" + strings.Join(facts, ", ") + ")"
}

// report prints what went wrong, and returns the exit code.
func (p *program) report(err error) int {
	f, ok := errors.AsType[*failure](err)
	if !ok { // cli refused the arguments
		f = &failure{Kind: kindUsage, Message: err.Error(), next: helpOf(name)}
	}
	if p.json {
		whole := *f
		whole.Message += "; " + f.next
		printJSON(p.stderr, map[string]failure{"error": whole})
	} else {
		fmt.Fprintf(p.stderr, "%s: %s%s\n", name, printable(f.Message), f.facts())
		for _, fault := range f.Faults {
			fmt.Fprintf(p.stderr, "  line %d: %s\n", fault.Line, printable(fault.Problem))
		}
		fmt.Fprintf(p.stderr, "  %s\n", f.next)
	}
	return f.Kind.exitCode()
}

func usageFailure(cmd *cli.Command, format string, args ...any) *failure {
	return &failure{Kind: kindUsage, Message: fmt.Sprintf(format, args...), next: helpOf(cmd.FullName())}
}

// usageError takes over the errors of cli's parser.
func usageError(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	return usageFailure(cmd, "%v", err)
}

// callFailure says what a failed update means. Where no attempt came as far as a connection, connected is false.
func callFailure(cmd *cli.Command, req heygen.UpdateWebhookEndpointRequest, err error, connected bool) *failure {
	e, ok := errors.AsType[*heygen.Error](err)
	if !ok {
		e = &heygen.Error{Err: err}
	}
	k := kindOf(err)
	return &failure{
		Kind:      k,
		Status:    e.StatusCode,
		Code:      e.Code,
		Message:   whatHappened(k, e),
		RequestID: e.RequestID,
		Retryable: e.Retryable(),
		Attempts:  e.Attempts,
		next:      whatNext(cmd, req, k, e, connected),
	}
}

// whatHappened is HeyGen's explanation, and the client's where it has one.
func whatHappened(k kind, e *heygen.Error) string {
	var texts []string
	if e.Message != "" {
		texts = append(texts, e.Message)
	}
	switch {
	case k == kindCanceled:
		texts = append(texts, "canceled before the call was done")
	case e.Err != nil:
		texts = append(texts, e.Err.Error())
	}
	if len(texts) == 0 {
		return "HeyGen did not say why"
	}
	return strings.Join(texts, ": ")
}

// What to do, where more than one place says it.
const (
	unsent     = "nothing was sent"
	repeatable = "the update may have been applied; it is safe to send it again, because it sets the same values"
	checkRoad  = "check --base-url, and the proxies between here and there"
)

// endOfV1 is the day until which HeyGen announced support of v1 of its API.
const endOfV1 = "2026-10-31"

func helpOf(command string) string { return "see " + command + " --help" }

func whatNext(
	cmd *cli.Command, req heygen.UpdateWebhookEndpointRequest, k kind, e *heygen.Error, connected bool,
) string {
	effect := unsent
	if connected {
		effect = repeatable
	}
	unserved := e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusGone
	switch {
	case k == kindNotFound && cmd.Bool("sandbox"):
		return "the sandbox holds one endpoint: give the id " + demoID
	case k == kindNotFound:
		return fmt.Sprintf("check the id %q: GET /v1/webhook/endpoint.list lists the endpoints of an API key",
			req.EndpointID)
	case unserved && (k == kindMalformed || k == kindAPI):
		return "this says nothing about the endpoint: the path is not served; check --base-url, and note that HeyGen " +
			"announced support of v1 of its API until " + endOfV1
	case k == kindAuth && e.Code == "":
		return checkKey(cmd) + "; " + checkRoad
	case k == kindAuth && errors.Is(e, heygen.ErrForbidden):
		return "HeyGen knows the API key, but does not permit it this: ask the owner of the account"
	case k == kindAuth:
		return checkKey(cmd)
	case k == kindInvalidURL && req.URL != "" && !isAbsolute(req.URL):
		return "it is not an absolute http or https URL: give one such as https://example.com/hook"
	case k == kindInvalidURL:
		return "HeyGen probes the URL with an OPTIONS request and a limit of 1 second: see that the receiver answers it, " +
			"with TLS at OpenSSL security level 2 or above"
	case k == kindRateLimited && e.RetryAfter > 0:
		return fmt.Sprintf("try again in %s", e.RetryAfter.Round(time.Second))
	case k == kindRateLimited:
		return "HeyGen did not say when to try again: wait a minute"
	case k == kindServer:
		return "HeyGen failed, or a gateway before it; try again later: " + repeatable
	case k == kindAPI:
		return "see with --dry-run what was sent, and look the code up in HeyGen's documentation of errors"
	case k == kindRedirect:
		return "redirects are not followed, so that the API key stays with one host; " +
			"if HeyGen has moved, give the new host with --base-url"
	case k == kindTimeout:
		return effect + "; --timeout gives it longer"
	case k == kindTransport:
		return "check the network and --base-url; " + effect
	case k == kindCanceled, e.StatusCode/100 == 2:
		return effect
	case k == kindUsage:
		return helpOf(cmd.FullName())
	default:
		return "the answer is not HeyGen's: " + checkRoad
	}
}

// isAbsolute reports whether a text is an absolute http or https URL.
func isAbsolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
