package main

import (
	"context"
	"errors"
	"net/http/httptrace"
	"slices"
	"sync/atomic"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) updateCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:  "update",
		Usage: "change the callback URL or the events of a webhook endpoint",
		UsageText: name + " update --endpoint-id ID [--url URL] [--events TYPES | --all-events] [options]\n" +
			name + " update --from FILE [options]",
		Description: "Sends one request and prints the endpoint as it is then. What is not given is not sent.\n" +
			"It is safe to repeat: the update assigns values.\n\n" +
			"The JSON of --from is an object with endpoint_id, url and events: null for every event, or a list.\n\n" +
			"Exit codes: " + exitCodes,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "endpoint-id", Usage: "`ID` of the endpoint to change; required", OnlyOnce: true},
			&cli.StringFlag{
				Name:     "url",
				Usage:    "new callback `URL`; HeyGen probes it with an OPTIONS request and a limit of 1 second",
				OnlyOnce: true,
			},
			&cli.StringSliceFlag{
				Name:   "events",
				Usage:  "new event `TYPES`, with commas between them or in several flags",
				Config: cli.StringConfig{TrimSpace: true},
			},
			&cli.BoolFlag{Name: "all-events", Usage: "subscribe to every event; excludes --events"},
			fromFlag(),
			&cli.BoolFlag{Name: "show-secret", Usage: "print the endpoint's signing secret instead of " + redacted},
		}, connectionFlags(), []cli.Flag{dryRunFlag(), outputFlag()}),
		OnUsageError: usageError,
		Action:       p.update,
	},
		name+" update --sandbox --endpoint-id demo --url https://example.com/hook",
		name+" update --sandbox --endpoint-id demo --events avatar_video.success,avatar_video.fail --output json",
		name+" update --dry-run --endpoint-id demo --all-events",
		`echo '{"endpoint_id":"demo","events":null}' | `+name+" update --sandbox --from -",
		name+" update --api-key-file ~/.heygen-key --endpoint-id demo --url https://example.com/hook",
	)
}

func (p *program) update(ctx context.Context, cmd *cli.Command) error {
	req, err := updateRequest(ctx, cmd)
	if err != nil {
		return err
	}
	client, closeSandbox, err := p.connect(ctx, cmd)
	if err != nil {
		return err
	}
	defer closeSandbox()
	endpoint, connected, err := updateEndpoint(ctx, client, req)
	if captured, ok := errors.AsType[*capturedRequest](err); ok {
		p.printRequest(cmd, captured)
		return nil
	}
	if err != nil {
		return callFailure(cmd, req, err, connected)
	}
	p.printEndpoint(cmd, *endpoint)
	return nil
}

// updateEndpoint sends a request. Where no attempt came as far as a connection, connected is false: nothing was sent.
func updateEndpoint(
	ctx context.Context, client *heygen.Client, req heygen.UpdateWebhookEndpointRequest,
) (endpoint *heygen.WebhookEndpoint, connected bool, err error) {
	var got atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.Store(true) }}
	endpoint, err = client.UpdateWebhookEndpoint(httptrace.WithClientTrace(ctx, trace), req)
	return endpoint, got.Load(), err
}

func updateRequest(ctx context.Context, cmd *cli.Command) (heygen.UpdateWebhookEndpointRequest, error) {
	if cmd.IsSet("from") {
		return requestFromFile(ctx, cmd)
	}
	req := heygen.UpdateWebhookEndpointRequest{EndpointID: cmd.String("endpoint-id"), URL: cmd.String("url")}
	withURL, withEvents, all := cmd.IsSet("url"), cmd.IsSet("events"), cmd.Bool("all-events")
	var err error
	switch {
	case req.EndpointID == "":
		err = usageFailure(cmd, "--endpoint-id is missing or empty")
	case withURL && req.URL == "":
		err = usageFailure(cmd, "--url is empty")
	case withEvents && all:
		err = usageFailure(cmd, "--events and --all-events exclude each other")
	case all:
		req.Events = heygen.AllEvents()
	case withEvents:
		req.Events, err = listedEvents(cmd)
	case !withURL:
		err = usageFailure(cmd, "there is nothing to change: give --url, --events or --all-events")
	}
	return req, err
}

// listedEvents refuses an empty list, which an unset shell variable makes, too.
func listedEvents(cmd *cli.Command) (heygen.Events, error) {
	types := cmd.StringSlice("events")
	if slices.Equal(types, []string{""}) {
		return heygen.Events{}, usageFailure(cmd, "--events is empty, and HeyGen does not document what an empty list does: "+
			"name event types, or give --all-events")
	}
	if slices.Contains(types, "") {
		return heygen.Events{}, usageFailure(cmd, "--events holds an empty event type")
	}
	return heygen.OnlyEvents(types...), nil
}
