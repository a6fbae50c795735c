package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) proxyCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "proxy",
		Usage:     "check the traffic of a client in any language",
		UsageText: name + " contract proxy [--target URL] [--addr HOST:PORT] [options]",
		Description: "Forwards a client's requests and checks each exchange. Prints its base URL on stderr, with --report\n" +
			"json as {\"base_url\": ...}, and otherwise at once every finding and what was not checked. SIGINT or\n" +
			"SIGTERM ends it with the report. Needs no key: the client has one. Redirects are not followed.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{
				Name: "target", Usage: "base `URL` of the server; else $HEYGEN_BASE_URL", DefaultText: heygen.DefaultBaseURL,
			},
			addrFlag(),
			&cli.BoolFlag{Name: "public", Usage: "let --addr be one that other machines reach"},
			&cli.BoolFlag{
				Name: "refuse", Usage: "respond to a broken request with 400, and in place of a broken response with 502",
			},
		}, checkerFlags()),
		Action: p.proxy,
	},
		name+` contract proxy --target "$HEYGEN_BASE_URL" --addr 127.0.0.1:0`,
		name+" contract proxy --refuse --report junit",
	)
}

func (p *program) proxy(ctx context.Context, cmd *cli.Command) error {
	target, err := heygen.ParseBaseURL(p.flagOr(cmd, "target", "HEYGEN_BASE_URL", heygen.DefaultBaseURL))
	if err != nil {
		return usageFailure(cmd, "--target: %v", err)
	}
	opts := []contract.Option{
		contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) {
			for _, f := range v.Findings {
				p.say("%s%s", v.Subject(), f)
			}
		}),
		contract.WithOnUnjudged(func(u contract.UnjudgedExchange) { p.say("%s", u) }),
	}
	if !cmd.Bool("refuse") {
		opts = append(opts, contract.WithReportOnly())
	}
	c, err := newChecker(ctx, cmd, contract.New, opts...)
	if err != nil {
		return err
	}
	listener, err := listen(cmd)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	p.say("checking the exchanges through %s with %s; Ctrl-C ends it with the report", base, target)
	if p.json {
		printJSON(p.stderr, map[string]string{"base_url": base})
	}
	serve(ctx, listener, c.Proxy(target))
	return c.report(p, cmd)
}
