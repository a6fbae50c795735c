package main

import (
	"cmp"
	"errors"
	"fmt"
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
			Usage:     "`FILE` that holds the API key and that only its owner can read; else $HEYGEN_API_KEY is the key",
			TakesFile: true,
		},
		&cli.StringFlag{
			Name:        "base-url",
			Usage:       "`URL` of the server, https or on loopback; else that of $HEYGEN_BASE_URL",
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
			Usage:     "`NUMBER` of repeats, after the first attempt, of a call that may work later",
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
func (p *program) connect(cmd *cli.Command) (client *heygen.Client, closeSandbox func(), err error) {
	policy := heygen.DefaultRetryPolicy()
	policy.MaxAttempts = cmd.Int("retries") + 1
	opts := []heygen.Option{heygen.WithTimeout(cmd.Duration("timeout")), heygen.WithRetry(policy)}

	base, key := cmp.Or(p.getenv("HEYGEN_BASE_URL"), heygen.DefaultBaseURL), ""
	if cmd.IsSet("base-url") {
		base = cmd.String("base-url")
	}
	closeSandbox = func() {}
	switch sandbox := cmd.Bool("sandbox"); {
	case sandbox && cmd.IsSet("base-url"):
		return nil, nil, usageFailure(cmd, "--sandbox and --base-url exclude each other")
	case sandbox:
		server := p.startSandbox()
		base, key, closeSandbox = server.URL, server.APIKey, server.Close
	case !cmd.Bool("dry-run"):
		if key, err = p.apiKey(cmd); err != nil {
			return nil, nil, err
		}
	}
	if cmd.Bool("dry-run") {
		key = redacted
		opts = append(opts, heygen.WithTransport(captureRequest))
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
	server.AddEndpoint(heygen.WebhookEndpoint{EndpointID: demoID})
	p.notice(fmt.Sprintf("this is the sandbox, not HeyGen: it holds one endpoint, %s, and forgets it at the end", demoID))
	return server
}
