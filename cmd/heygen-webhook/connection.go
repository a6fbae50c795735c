package main

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// connectionFlags are those of every command that calls HeyGen.
func connectionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:      "api-key-file",
			Usage:     "`FILE` that holds the API key and that only its owner can read; else $HEYGEN_API_KEY",
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
			Validator: checkTimeout,
		},
		&cli.IntFlag{
			Name:      "retries",
			Usage:     "`NUMBER` of repeats of a call that may work later",
			Value:     heygen.DefaultRetryPolicy().MaxAttempts - 1,
			Config:    cli.IntegerConfig{Base: 10},
			Validator: checkRetries,
		},
		&cli.BoolFlag{
			Name:  "sandbox",
			Usage: "call a fake HeyGen on this machine, which holds one endpoint, " + demoID + "; needs no key",
		},
	}
}

func checkTimeout(d time.Duration) error {
	if d <= 0 {
		return errors.New("it must be positive")
	}
	return nil
}

func checkRetries(n int) error {
	if n < 0 {
		return errors.New("it must be 0 or more")
	}
	return nil
}

// connect makes the client that the flags ask for. The caller calls closeSandbox, which does nothing where there is no
// sandbox.
func (p *program) connect(
	ctx context.Context, cmd *cli.Command, more ...heygen.Option,
) (client *heygen.Client, closeSandbox func(), err error) {
	policy := heygen.DefaultRetryPolicy()
	policy.MaxAttempts = cmd.Int("retries") + 1
	opts := append([]heygen.Option{heygen.WithTimeout(cmd.Duration("timeout")), heygen.WithRetry(policy)}, more...)

	var key string
	base := cmp.Or(p.getenv("HEYGEN_BASE_URL"), heygen.DefaultBaseURL)
	if cmd.IsSet("base-url") {
		base = cmd.String("base-url")
	}
	closeSandbox = func() {}
	switch sandbox, dryRun := cmd.Bool("sandbox"), cmd.Bool("dry-run"); {
	case sandbox && cmd.IsSet("base-url"):
		return nil, nil, usageFailure(cmd, "--sandbox and --base-url exclude each other")
	case sandbox && dryRun:
		return nil, nil, usageFailure(cmd, "--sandbox and --dry-run exclude each other")
	case sandbox:
		server := p.startSandbox()
		base, key, closeSandbox = server.URL, server.APIKey, server.Close
	case dryRun:
		key = redacted
		opts = append(opts, heygen.WithTransport(captureRequest))
	default:
		if key, err = p.apiKey(ctx, cmd); err != nil {
			return nil, nil, err
		}
	}
	client, err = heygen.NewClient(key, append(opts, heygen.WithBaseURL(base))...)
	if err != nil {
		return nil, nil, usageFailure(cmd, "%s", withoutPackage(err))
	}
	return client, closeSandbox, nil
}

// withoutPackage is the text of an error of heygen.NewClient in one line.
func withoutPackage(err error) string {
	return strings.ReplaceAll(strings.TrimPrefix(err.Error(), "heygen: "), "\n", "; ")
}

// demoID is the id of the endpoint that the sandbox holds.
const demoID = "demo"

var demoEndpoint = heygen.WebhookEndpoint{EndpointID: demoID}

func (p *program) startSandbox() *heygentest.Server {
	server := heygentest.NewServer()
	server.AddEndpoint(demoEndpoint)
	p.say("this is the sandbox, not HeyGen: it holds one endpoint, %s, and forgets it at the end", demoID)
	return server
}
