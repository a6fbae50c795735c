package main

import (
	"context"
	"log/slog"
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
		UsageText: name + " sandbox [--addr HOST:PORT] [--endpoint-id ID] [--state FILE] [--faults FILE] [options]",
		Description: "It serves versions 1 and 3 of the API, both with the same endpoints.\n\n" +
			"Prints its base URL, its API key and its page as JSON in one line, logs every exchange on stderr,\n" +
			"and serves until SIGINT or SIGTERM. Then it forgets its endpoints. It responds to requests for localhost\n" +
			"and loopback addresses only, and not to a web page of another site that has no key.\n\n" +
			"The page, /_/ for a browser on this machine, shows the endpoints, the last calls with their findings and\n" +
			"the last deliveries, sends events, and has the reference of the API with requests to try. It needs no\n" +
			"network. Programs do the same over HTTP: see docs/sandbox-http.md.\n\n" +
			"A file of state is what GET /_/endpoints returns, or {\"endpoints\":[{\"endpoint_id\":\"e1\"}]}: what an\n" +
			"endpoint leaves out gets a value.\n\n" +
			"A file of faults is YAML or JSON. Those of next come first, one for each call. A rule applies to every\n" +
			"n-th of the calls whose endpoint id begins with id_prefix; without these to every call. In a list of\n" +
			"faults each changes the response of those before it.\n\n" +
			"   next:\n" +
			"     - error 503 5000 busy\n" +
			"     - [shape 429 v1, retry-after 2s]\n" +
			"   rules:\n" +
			"     - {id_prefix: slow-, every: 3, fault: slow-body 2s}\n\n" +
			"Faults: normal, and\n" + faultHelp(faultKinds),
		Flags: []cli.Flag{
			addrFlag(),
			&cli.StringSliceFlag{
				Name:   "endpoint-id",
				Usage:  "`ID` of an endpoint that it has; may be repeated",
				Value:  []string{demoID},
				Config: cli.StringConfig{TrimSpace: true},
			},
			&cli.StringFlag{
				Name: "state", Usage: "JSON `FILE` with endpoints, in place of --endpoint-id", TakesFile: true,
			},
			&cli.BoolFlag{
				Name: "probe", Usage: "probe a new URL on this machine as HeyGen does, with OPTIONS",
			},
			&cli.StringFlag{
				Name: "sunset", Usage: "`DATE` of the end of version 1, which is 410 from then on",
				Config: cli.StringConfig{TrimSpace: true},
			},
			&cli.StringFlag{Name: "faults", Usage: "`FILE` with faults", TakesFile: true},
			&cli.DurationFlag{
				Name:        "latency",
				Usage:       "`DURATION` before every response",
				DefaultText: "none",
				Validator:   atLeast(0 * time.Second),
			},
			&cli.IntFlag{
				Name:        "rate-limit",
				Usage:       "`NUMBER` of calls a second; more get a 429",
				DefaultText: "no limit",
				Config:      cli.IntegerConfig{Base: 10},
				Validator:   atLeast(1),
			},
		},
		Action: p.sandbox,
	},
		name+" sandbox",
		name+" sandbox --addr 127.0.0.1:0 --endpoint-id e1 --endpoint-id e2 --rate-limit 10",
		name+" sandbox --endpoint-id slow-1 --faults ~/faults.yaml",
		name+" sandbox --state ~/state.json --probe",
		name+" sandbox --sunset 2026-10-31",
	)
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
	if cmd.String("state") != "" && cmd.IsSet("endpoint-id") {
		return usageFailure(cmd, "--state has all endpoints: leave out --endpoint-id")
	}
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	options := []heygentest.Option{
		heygentest.WithLatency(cmd.Duration("latency")),
		heygentest.WithObserver(func(call heygentest.Call) { logCall(ctx, log, call) }),
	}
	if cmd.IsSet("rate-limit") {
		options = append(options, heygentest.WithRateLimit(cmd.Int("rate-limit")))
	}
	if cmd.Bool("probe") {
		options = append(options, heygentest.WithProbe())
	}
	if text := cmd.String("sunset"); cmd.IsSet("sunset") {
		at, err := parseDate(text)
		if err != nil {
			return usageFailure(cmd, "--sunset %q is no date: want 2026-10-31, or 2026-10-31T00:00:00Z", text)
		}
		options = append(options, heygentest.WithSunset(at))
	}
	sandbox, err := heygentest.New(options...)
	if err != nil {
		return err
	}
	if path := cmd.String("state"); path != "" {
		state, err := readInput(ctx, cmd, path)
		if err != nil {
			return err
		}
		if err := sandbox.Restore(state); err != nil {
			return mistakesFailure(cmd, path, restoreMistakes(err))
		}
	} else {
		for _, id := range ids {
			sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
		}
	}
	faults.runOn(sandbox)
	listener, err := listen(cmd)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	printJSON(p.stdout, map[string]string{"base_url": base, "api_key": sandbox.APIKey, "page": base + "/_/"})
	if p.stdout.err != nil {
		return listener.Close()
	}
	context.AfterFunc(ctx, sandbox.Close) // ends the calls that hang
	serve(ctx, listener, withPage(sandbox))
	return nil
}

// parseDate reads a time as RFC 3339, or a date, which begins at midnight UTC.
func parseDate(text string) (time.Time, error) {
	if date, err := time.Parse(time.DateOnly, text); err == nil {
		return date, nil
	}
	return time.Parse(time.RFC3339, text)
}

// scriptOf reads the file of --faults.
func scriptOf(ctx context.Context, cmd *cli.Command) (script, error) {
	path := cmd.String("faults")
	if path == "" {
		return script{}, nil
	}
	data, err := readInput(ctx, cmd, path)
	if err != nil {
		return script{}, err
	}
	read, mistakes := readScript(data)
	if len(mistakes) > 0 {
		return script{}, mistakesFailure(cmd, path, mistakes)
	}
	return read, nil
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
