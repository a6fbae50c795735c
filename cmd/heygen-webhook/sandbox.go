package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

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
			"Faults: normal, and\n" + faultHelp() + "\n" +
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

// faultHelp lists the faults for the help.
func faultHelp() string {
	var list strings.Builder
	for _, kind := range faultKinds {
		fmt.Fprintf(&list, "   %-28s%s\n", kind.usage, kind.effect)
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
		heygentest.WithLatency(cmd.Duration("latency")),
		heygentest.WithObserver(func(call heygentest.Call) { logCall(ctx, log, call) }),
	}
	if cmd.IsSet("rate-limit") {
		options = append(options, heygentest.WithRateLimit(cmd.Int("rate-limit")))
	}
	addr, addrErr := loopbackAddr(cmd.String("addr"))
	sandbox, err := heygentest.New(options...)
	if err := errors.Join(addrErr, err); err != nil {
		return startFailure(cmd, err)
	}
	for _, id := range ids {
		sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
	}
	faults.runOn(sandbox)
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return startFailure(cmd, err)
	}
	server := &http.Server{Handler: withPage(sandbox), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	url := "http://" + listener.Addr().String()
	ready := map[string]string{"base_url": url, "api_key": sandbox.APIKey, "page": url + "/_/"}
	if err := json.NewEncoder(p.stdout).Encode(ready); err != nil {
		_ = server.Close()
		return unwritable(err)
	}
	<-ctx.Done()
	sandbox.Close() // ends the calls that hang
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(ending) != nil {
		_ = server.Close() // a request that never ends
	}
	<-served
	return nil
}

// loopbackAddr resolves the address of --addr. It refuses one that other machines can reach.
func loopbackAddr(addr string) (string, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("--addr: %w", err)
	}
	if !resolved.IP.IsLoopback() {
		return "", fmt.Errorf("--addr: %q is not a loopback address: give one such as 127.0.0.1:8080", addr)
	}
	return resolved.String(), nil
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
		return &failure{Kind: kindTransport, Message: failed.Error(), next: "give another --addr; port 0 is a free one"}
	}
	text := strings.NewReplacer("heygentest: ", "", "WithLatency", "--latency",
		"WithRateLimit", "--rate-limit", "\n", "; ").Replace(err.Error())
	return usageFailure(cmd, "%s", text)
}

// logCall logs a call by an allow-list: no header, no body, no query.
func logCall(ctx context.Context, log *slog.Logger, call heygentest.Call) {
	path, _, _ := strings.Cut(call.RequestURI, "?")
	attributes := []slog.Attr{
		slog.Int("call", call.Number), slog.String("method", call.Method), slog.String("path", path),
		slog.Int("status", call.StatusCode), slog.Duration("duration", call.Duration),
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
