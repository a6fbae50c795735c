package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// kind is one word for an error: one of the client's kinds, or one of those below.
type kind = heygen.Kind

const (
	kindIncomplete kind = "incomplete" // some of several endpoints failed
	kindContract   kind = "contract"   // there are findings, or no response was checked
	kindDelivery   kind = "delivery"   // the receiver did not respond to the probe, or to the delivery with a 2xx
)

const exitCodes = "0 done, 1 failed, 2 usage, 3 authentication, 4 timeout, 130 canceled."

func exitCodeOf(k kind) int {
	switch k {
	case heygen.KindUsage:
		return 2
	case heygen.KindAuth:
		return 3
	case heygen.KindTimeout:
		return 4
	case heygen.KindCanceled:
		return 130
	}
	return 1
}

// failure is an error as shown to the user. Its JSON form always has the members without omitempty.
type failure struct {
	Kind      kind   `json:"kind"`
	Status    int    `json:"status"`            // HTTP status; 0 when no response arrived
	Code      string `json:"code"`              // HeyGen's own; "" when there was none
	Param     string `json:"param,omitempty"`   // that HeyGen calls wrong, in version 3
	DocURL    string `json:"doc_url,omitempty"` // of HeyGen's explanation, in version 3
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
	Retryable bool   `json:"retryable"` // the same call may work later
	Attempts  int    `json:"attempts"`  // attempts made, also those that sent nothing

	Mistakes []mistake `json:"mistakes,omitempty"` // in a file that was given

	next string // what the user can do now
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
	if f.Param != "" {
		facts = append(facts, "parameter "+printable(f.Param))
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

// report prints an error, and returns the exit code.
func (p *program) report(err error) int {
	f, ok := errors.AsType[*failure](err)
	if !ok { // cli refused the arguments
		f = &failure{Kind: heygen.KindUsage, Message: err.Error(), next: helpOf(name)}
	}
	if p.json {
		whole := *f
		whole.Message += "; " + f.next
		printJSON(p.stderr, stderrDocument{&whole, p.notes})
	} else {
		fmt.Fprintf(p.stderr, "%s: %s%s\n", name, printable(f.Message), f.facts())
		for _, mistake := range f.Mistakes {
			fmt.Fprintf(p.stderr, "  %s\n", printable(mistake.String()))
		}
		fmt.Fprintf(p.stderr, "  %s\n", f.next)
	}
	return exitCodeOf(f.Kind)
}

func usageFailure(cmd *cli.Command, format string, args ...any) *failure {
	return &failure{Kind: heygen.KindUsage, Message: fmt.Sprintf(format, args...), next: helpOf(cmd.FullName())}
}

// usageError takes over the errors of cli's parser, which calls a flag after an unknown command the mistake.
func usageError(ctx context.Context, cmd *cli.Command, err error, _ bool) error {
	if unknown := refuseArguments(ctx, cmd); unknown != nil && len(cmd.VisibleCommands()) > 0 {
		return unknown
	}
	return usageFailure(cmd, "%v", err)
}

// ended is what the error of a call means for a command: nil after a dry run, whose request it prints. For id and
// effect see callFailure.
func (p *program) ended(cmd *cli.Command, id, effect string, err error) error {
	if captured, ok := errors.AsType[*capturedRequest](err); ok {
		p.printRequest(cmd, captured)
		return nil
	}
	return callFailure(cmd, id, effect, err)
}

// callFailure explains a failed call about an endpoint, or about none. effect says what a request that was sent may
// have done, and how to go on.
func callFailure(cmd *cli.Command, id, effect string, err error) *failure {
	e, ok := errors.AsType[*heygen.Error](err)
	if !ok {
		e = &heygen.Error{Err: err}
	}
	if !e.Sent() {
		effect = unsent
	}
	k := e.Kind()
	next := nextStep(cmd, id, effect, k, e)
	if e.DocURL != "" {
		next += "; HeyGen explains it at " + printable(e.DocURL)
	}
	return &failure{
		Kind:      k,
		Status:    e.StatusCode,
		Code:      e.Code,
		Param:     e.Param,
		DocURL:    e.DocURL,
		Message:   explanation(k, e),
		RequestID: e.RequestID,
		Retryable: e.Retryable(),
		Attempts:  e.Attempts,
		next:      next,
	}
}

// explanation is HeyGen's explanation, and the client's if it has one.
func explanation(k kind, e *heygen.Error) string {
	var texts []string
	if e.Message != "" {
		texts = append(texts, e.Message)
	}
	switch {
	case k == heygen.KindCanceled:
		texts = append(texts, "canceled before the call ended")
	case e.Err != nil:
		texts = append(texts, e.Err.Error())
	}
	if len(texts) == 0 {
		return "HeyGen gave no reason"
	}
	return strings.Join(texts, ": ")
}

// Next steps that several failures share.
const (
	unsent     = "nothing was sent"
	repeatable = "the update may have been applied; it is safe to send it again, because it sets the same values"
	readOnly   = "the call changes nothing, so it is safe to repeat"
	checkProxy = "check --base-url and any proxies in between"
)

// endOfV1 is the day that HeyGen announced as the end of version 1 of its API.
const endOfV1 = "2026-10-31"

func helpOf(command string) string { return "see " + command + " --help" }

func nextStep(cmd *cli.Command, id, effect string, k kind, e *heygen.Error) string {
	unserved := e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusGone
	switch {
	case k == heygen.KindNotFound && id == "":
		return "check the values of the flags"
	case k == heygen.KindNotFound && cmd.Bool("sandbox"):
		return "the sandbox has one endpoint: give the id " + demoID
	case k == heygen.KindNotFound:
		return fmt.Sprintf("check the id %q: %s endpoints list lists the endpoints of an API key", id, name)
	case unserved && (k == heygen.KindMalformed || k == heygen.KindAPI):
		next := "the server does not know the path, so nothing is known about the endpoint: check --base-url"
		if usesV1(cmd) {
			next += "; --api v3 uses version 3 of the API"
		}
		return next
	case k == heygen.KindAuth && e.Code == "":
		return checkKey(cmd) + "; " + checkProxy
	case k == heygen.KindAuth && errors.Is(e, heygen.ErrForbidden):
		return "HeyGen knows the API key, but does not permit it this: ask the owner of the account"
	case k == heygen.KindAuth:
		return checkKey(cmd)
	case k == heygen.KindConflict:
		return "the call conflicts with another one: try again later; " + effect
	case k == heygen.KindPayment:
		return "the account has no credit left for the call: ask the owner of the account"
	case k == heygen.KindInvalidURL, k == heygen.KindAPI && e.Param == "url":
		return "HeyGen probes the URL with an OPTIONS request and a limit of 1 second: check that the receiver responds, " +
			"with TLS at OpenSSL security level 2 or above"
	case k == heygen.KindRateLimited && e.RetryAfter > 0:
		return fmt.Sprintf("try again in %s", e.RetryAfter.Round(time.Second))
	case k == heygen.KindRateLimited:
		return "HeyGen set no time: try again in a minute"
	case k == heygen.KindServer:
		return "HeyGen failed, or a gateway in front of it; try again later: " + effect
	case k == heygen.KindAPI:
		return "check the request with --dry-run, and look the code up in HeyGen's documentation of errors"
	case k == heygen.KindRedirect:
		return "redirects are not followed, so that the API key stays with one host; " +
			"if HeyGen has moved, give the new host with --base-url"
	case k == heygen.KindTimeout:
		return effect + "; --timeout allows more time"
	case k == heygen.KindTransport:
		return "check the network and --base-url; " + effect
	case k == heygen.KindCanceled, e.StatusCode/100 == 2:
		return effect
	case k == heygen.KindUsage:
		return helpOf(cmd.FullName())
	default:
		return "the response is not from HeyGen: " + checkProxy
	}
}
