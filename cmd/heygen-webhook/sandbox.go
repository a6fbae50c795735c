package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) sandboxCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "sandbox",
		Usage:     "serve a fake HeyGen on this machine, to test against in any language",
		UsageText: name + " sandbox [--addr HOST:PORT] [--endpoint-id ID] [--faults FILE] [options]",
		Description: "Prints its base URL, its API key and its page as JSON in one line, logs every exchange on stderr,\n" +
			"and serves until it gets SIGINT or SIGTERM. What it holds is forgotten then.\n\n" +
			"The page, on /_/ for a browser on this machine, shows the endpoints, the last exchanges with what\n" +
			"breaks the contract in them, and the reference of the API, from which calls can be tried. It needs no\n" +
			"network.\n\n" +
			"A file of faults is YAML or JSON. Those of next come first, one for each call. A rule is for every\n" +
			"n-th of the calls whose endpoint id begins with id_prefix; without these it is for every call. In a\n" +
			"list of faults each changes the answer of those before it.\n\n" +
			"   next:\n" +
			"     - error 503 5000 busy\n" +
			"     - [shape 429 v1, retry-after 2s]\n" +
			"   rules:\n" +
			"     - {id_prefix: slow-, every: 3, fault: slow-body 2s}\n\n" +
			"Faults: normal, and\n" + faultKinds() + "\n" +
			"Exit codes: " + exitCodes,
		Flags: []cli.Flag{
			&cli.StringFlag{
				Name:  "addr",
				Usage: "loopback `HOST:PORT` to listen on; port 0 is a free one",
				Value: "127.0.0.1:0",
			},
			&cli.StringSliceFlag{
				Name:   "endpoint-id",
				Usage:  "`ID` of an endpoint that it holds; may be repeated",
				Value:  []string{demoID},
				Config: cli.StringConfig{TrimSpace: true},
			},
			&cli.StringFlag{Name: "faults", Usage: "`FILE` that says which calls fail, and how", TakesFile: true},
			&cli.DurationFlag{Name: "latency", Usage: "`DURATION` before every answer", DefaultText: "none"},
			&cli.IntFlag{
				Name:        "rate-limit",
				Usage:       "`NUMBER` of calls a second; more are answered with 429",
				DefaultText: "no limit",
				Config:      cli.IntegerConfig{Base: 10},
			},
		},
		OnUsageError: usageError,
		Action:       p.sandbox,
	},
		name+" sandbox",
		name+" sandbox --addr 127.0.0.1:0 --endpoint-id e1 --endpoint-id e2 --rate-limit 10",
		name+" sandbox --endpoint-id slow-1 --faults ~/faults.yaml",
	)
}

// faultKinds lists the faults for the help.
func faultKinds() string {
	var list strings.Builder
	for _, kind := range heygentest.FaultKinds() {
		fmt.Fprintf(&list, "   %-28s%s\n", kind.Usage, kind.Effect)
	}
	return list.String()
}

func (p *program) sandbox(ctx context.Context, cmd *cli.Command) error {
	faults, err := scriptOf(ctx, cmd)
	if err != nil {
		return err
	}
	ids := cmd.StringSlice("endpoint-id")
	if slices.Contains(ids, "") {
		return usageFailure(cmd, "--endpoint-id is empty")
	}
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	options := []heygentest.Option{
		heygentest.WithAddr(cmd.String("addr")),
		heygentest.WithLatency(cmd.Duration("latency")),
		heygentest.WithHandler(withPage),
		heygentest.OnCall(func(call heygentest.Call) { logCall(ctx, log, call) }),
	}
	if cmd.IsSet("rate-limit") {
		options = append(options, heygentest.WithRateLimit(cmd.Int("rate-limit")))
	}
	server, err := heygentest.Start(options...)
	if err != nil {
		return startFailure(cmd, err)
	}
	defer server.Close()
	for _, id := range ids {
		server.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
	}
	faults.runOn(server)
	ready := map[string]string{"base_url": server.URL, "api_key": server.APIKey, "page": server.URL + "/_/"}
	if err := json.NewEncoder(p.stdout).Encode(ready); err != nil {
		return unwritable(err)
	}
	<-ctx.Done()
	return nil
}

// scriptOf reads the file of --faults.
func scriptOf(ctx context.Context, cmd *cli.Command) (script, error) {
	path := cmd.String("faults")
	if path == "" {
		return script{}, nil
	}
	data, err := until(ctx, "the faults", func() ([]byte, error) { return os.ReadFile(path) })
	if err != nil {
		return script{}, unreadable(cmd, err)
	}
	read, mistakes := readScript(data)
	if len(mistakes) > 0 {
		f := usageFailure(cmd, "%s has %s", path, count(len(mistakes), "mistake"))
		f.Faults = mistakes
		return script{}, f
	}
	return read, nil
}

// startFailure tells a port that is taken from a flag that is wrong.
func startFailure(cmd *cli.Command, err error) *failure {
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		return &failure{Kind: heygen.KindTransport, Message: failed.Error(), next: "give another --addr; port 0 is a free one"}
	}
	text := strings.NewReplacer("heygentest: ", "", "WithAddr", "--addr", "WithLatency", "--latency",
		"WithRateLimit", "--rate-limit", "\n", "; ").Replace(err.Error())
	return usageFailure(cmd, "%s", text)
}

// logCall logs a call by an allow-list: no header, no body, no query.
func logCall(ctx context.Context, log *slog.Logger, call heygentest.Call) {
	path, _, _ := strings.Cut(call.Target, "?")
	attributes := []slog.Attr{
		slog.Int("call", call.Number), slog.String("method", call.Method), slog.String("path", path),
		slog.Int("status", call.Status), slog.Duration("duration", call.Took),
	}
	if call.RequestID != "" {
		attributes = append(attributes, slog.String("request_id", call.RequestID))
	}
	if call.Fault != "" {
		attributes = append(attributes, slog.String("fault", call.Fault))
	}
	if len(call.Findings) > 0 {
		violation := contract.Violation{Findings: call.Findings}
		attributes = append(attributes, slog.String("violation", violation.Error()))
	}
	log.LogAttrs(ctx, slog.LevelInfo, "exchange", attributes...)
}

// names lists what can be written in a place.
func names[T any](of map[string]T) string {
	return strings.Join(slices.Sorted(maps.Keys(of)), ", ")
}
