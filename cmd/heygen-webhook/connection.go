package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// callFlags are the flags of a command that calls HeyGen and prints the result: its own, and those that all have.
func callFlags(own ...cli.Flag) []cli.Flag {
	return slices.Concat(own, connectionFlags(), []cli.Flag{
		&cli.BoolFlag{Name: "dry-run", Usage: "print the request instead of sending it; needs no key"},
		outputFlag("`FORMAT` of the result and of errors: text, or json in one line"),
	})
}

// connectionFlags are those of every command that calls HeyGen.
func connectionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:      "api-key-file",
			Usage:     "`FILE` with the API key, of a mode such as 0600 or 0640; else $HEYGEN_API_KEY",
			TakesFile: true,
		},
		&cli.StringFlag{
			Name:        "base-url",
			Usage:       "`URL` of the server; else $HEYGEN_BASE_URL",
			DefaultText: heygen.DefaultBaseURL,
		},
		&cli.DurationFlag{
			Name:      "timeout",
			Usage:     "limit of one attempt, a `DURATION` such as 30s",
			Value:     30 * time.Second,
			Validator: atLeast(time.Millisecond),
		},
		&cli.IntFlag{
			Name:      "retries",
			Usage:     "`NUMBER` of repeats of a call that may work later, at most 100",
			Value:     heygen.DefaultRetryPolicy().MaxAttempts - 1,
			Config:    cli.IntegerConfig{Base: 10},
			Validator: between(0, 100),
		},
		&cli.BoolFlag{
			Name:  "sandbox",
			Usage: "call a fake HeyGen on this machine, which has one endpoint, " + demoID + "; needs no key",
		},
	}
}

// atLeast is the validator of a flag with a least value.
func atLeast[T cmp.Ordered](least T) func(T) error {
	return func(value T) error {
		if value < least {
			return fmt.Errorf("it must be %v or more", least)
		}
		return nil
	}
}

// between is the validator of a flag with a least and a greatest value.
func between(least, most int) func(int) error {
	return func(value int) error {
		if value < least || value > most {
			return fmt.Errorf("it must be from %d to %d", least, most)
		}
		return nil
	}
}

// flagOr returns the value of a flag, or else of a variable of the environment, or else the default.
func (p *program) flagOr(cmd *cli.Command, flag, variable, byDefault string) string {
	if cmd.IsSet(flag) {
		return cmd.String(flag)
	}
	return cmp.Or(p.getenv(variable), byDefault)
}

// server returns the base URL and the key that the flags ask for. The caller calls closeSandbox, which does nothing
// without a sandbox.
func (p *program) server(ctx context.Context, cmd *cli.Command) (base, key string, closeSandbox func(), err error) {
	closeSandbox = func() {}
	base = p.flagOr(cmd, "base-url", "HEYGEN_BASE_URL", heygen.DefaultBaseURL)
	switch sandbox, dryRun := cmd.Bool("sandbox"), cmd.Bool("dry-run"); {
	case sandbox && cmd.IsSet("base-url"):
		err = usageFailure(cmd, "--sandbox and --base-url exclude each other")
	case sandbox:
		server := heygentest.NewServer()
		server.AddEndpoint(demoEndpoint)
		p.say("this is the sandbox, not HeyGen: it holds one endpoint, %s, and forgets it at the end", demoID)
		if key = server.APIKey; dryRun {
			key = redacted
		}
		return server.URL, key, server.Close, nil
	case dryRun:
		key = redacted
	default:
		key, err = p.apiKey(ctx, cmd)
	}
	if _, wrong := heygen.ParseBaseURL(base); err == nil && wrong != nil {
		err = usageFailure(cmd, "%v", wrong)
	}
	return base, key, closeSandbox, err
}

// connect makes the client that the flags ask for, with the NewClient of either version of the API. The caller calls
// closeSandbox.
func connect[Client any](
	ctx context.Context, p *program, cmd *cli.Command, newClient func(string, ...heygen.Option) (Client, error),
	more ...heygen.Option,
) (client Client, closeSandbox func(), err error) {
	base, key, closeSandbox, err := p.server(ctx, cmd)
	if err != nil {
		return client, nil, err
	}
	policy := heygen.DefaultRetryPolicy()
	policy.MaxAttempts = cmd.Int("retries") + 1
	opts := append(more,
		heygen.WithBaseURL(base), heygen.WithTimeout(cmd.Duration("timeout")), heygen.WithRetry(policy))
	if cmd.Bool("dry-run") {
		opts = append(opts, heygen.WithTransport(func(http.RoundTripper) http.RoundTripper { return capture{} }))
	}
	if client, err = newClient(key, opts...); err != nil {
		return client, nil, usageFailure(cmd, "%s", oneLine(err))
	}
	return client, closeSandbox, nil
}

// demoID is the id of the sandbox's endpoint.
const demoID = "demo"

var demoEndpoint = heygen.WebhookEndpoint{EndpointID: demoID}
