package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) proxyCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "proxy",
		Usage:     "judge the traffic of a client in any language",
		UsageText: name + " contract proxy [--target URL] [--addr HOST:PORT] [options]",
		Description: "Passes on what a client sends to it, and judges each exchange. Says its base URL on stderr, with\n" +
			"--report json as {\"base_url\": ...}, and else every finding as it is made. It ends with SIGINT or\n" +
			"SIGTERM and reports then. Needs no key: the client has one. Redirects are not followed.\n\n" +
			"Exit codes: " + exitCodes,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{
				Name: "target", Usage: "base `URL` of the server; else $HEYGEN_BASE_URL", DefaultText: heygen.DefaultBaseURL,
			},
			&cli.StringFlag{
				Name: "addr", Usage: "loopback `HOST:PORT` to listen on; port 0 is a free one", Value: "127.0.0.1:0",
			},
			&cli.BoolFlag{Name: "public", Usage: "let --addr be one that other machines reach"},
			&cli.BoolFlag{
				Name: "refuse", Usage: "answer a broken request with 400 and a broken reply with 502 instead of passing it on",
			},
		}, judgeFlags()),
		OnUsageError: usageError,
		Action:       p.proxy,
	},
		name+` contract proxy --target "$HEYGEN_BASE_URL" --addr 127.0.0.1:0`,
		name+" contract proxy --refuse --report junit",
	)
}

func (p *program) proxy(ctx context.Context, cmd *cli.Command) error {
	target, err := p.proxyTarget(cmd)
	if err != nil {
		return err
	}
	var mu sync.Mutex // exchanges end at the same time
	opts := []contract.Option{contract.WithOnViolation(func(_ *http.Request, v *contract.Violation) {
		mu.Lock()
		defer mu.Unlock()
		for _, f := range v.Findings {
			p.say("%s", f)
		}
	})}
	if !cmd.Bool("refuse") {
		opts = append(opts, contract.WithReportOnly())
	}
	j, err := newJudge(ctx, cmd, opts...)
	if err != nil {
		return err
	}
	if host, _, err := net.SplitHostPort(cmd.String("addr")); err != nil {
		return usageFailure(cmd, "--addr is not HOST:PORT")
	} else if !isLoopback(host) && !cmd.Bool("public") {
		return usageFailure(cmd, "other machines reach --addr, and with it their requests HeyGen: give a loopback address, "+
			"or --public if that is wanted")
	}
	listener, err := net.Listen("tcp", cmd.String("addr"))
	if err != nil {
		return startFailure(cmd, err)
	}
	base := "http://" + listener.Addr().String()
	p.say("judging what goes through %s to %s; Ctrl-C ends it and reports", base, target)
	if p.json {
		printJSON(p.stderr, map[string]string{"base_url": base})
	}
	p.serve(ctx, listener, j.Proxy(target))
	return j.report(p, cmd)
}

// serve serves until the context is done, and then ends what is under way.
func (p *program) serve(ctx context.Context, listener net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = server.Serve(listener) }() // until Shutdown
	<-ctx.Done()
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(limited); errors.Is(err, context.DeadlineExceeded) {
		_ = server.Close()
	}
}

func (p *program) proxyTarget(cmd *cli.Command) (*url.URL, error) {
	target := cmp.Or(p.getenv("HEYGEN_BASE_URL"), heygen.DefaultBaseURL)
	if cmd.IsSet("target") {
		target = cmd.String("target")
	}
	if err := checkBase(target); err != nil {
		return nil, usageFailure(cmd, "--target: %s", err)
	}
	return url.Parse(target)
}

// checkBase says what is wrong with a base URL, as the client does.
func checkBase(base string) error {
	if _, err := heygen.NewClient("key", heygen.WithBaseURL(base)); err != nil {
		return errors.New(withoutPackage(err))
	}
	return nil
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
