package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) updateCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:  "update",
		Usage: "change the callback URL or the events of a webhook endpoint",
		UsageText: name + " update --endpoint-id ID [--url URL] [--events TYPES | --all-events] [options]\n" +
			name + " update --from FILE [options]",
		Description: "Sends one request and prints the endpoint after it. Only the given members are sent.\n" +
			"It is safe to repeat: the update assigns values.\n\n" +
			"The file of --from is JSON or YAML with endpoint_id, url and events: a list, or all or null for every event.\n\n" +
			keyFileHelp,
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
			&cli.BoolFlag{Name: "all-events", Usage: "subscribe to every event, as --events all does"},
			&cli.StringFlag{
				Name:      "from",
				Usage:     "`FILE` with the request, or - for standard input; replaces the flags above",
				TakesFile: true,
			},
			&cli.BoolFlag{Name: "show-secret", Usage: "print the endpoint's signing secret instead of " + redacted},
		}, connectionFlags(), []cli.Flag{
			&cli.BoolFlag{
				Name:  "dry-run",
				Usage: "print the request instead of sending it; needs no key",
			},
			outputFlag("`FORMAT` of the result and of errors: text, or json in one line"),
		}),
		Action: p.update,
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
	endpoint, err := client.UpdateWebhookEndpoint(ctx, req)
	if captured, ok := errors.AsType[*capturedRequest](err); ok {
		p.printRequest(cmd, captured)
		return nil
	}
	if err != nil {
		return callFailure(cmd, req, err)
	}
	p.printEndpoint(cmd, *endpoint)
	return nil
}

func updateRequest(ctx context.Context, cmd *cli.Command) (req heygen.UpdateWebhookEndpointRequest, err error) {
	if cmd.IsSet("from") {
		return requestFromFile(ctx, cmd)
	}
	req.EndpointID, req.URL = cmd.String("endpoint-id"), cmd.String("url")
	withURL, withEvents, all := cmd.IsSet("url"), cmd.IsSet("events"), cmd.Bool("all-events")
	switch {
	case req.EndpointID == "":
		err = usageFailure(cmd, "--endpoint-id is missing or empty")
	case withURL && !isAbsolute(req.URL):
		err = usageFailure(cmd, "--url is not an absolute http or https URL, such as https://example.com/hook")
	case withEvents && all:
		err = usageFailure(cmd, "--events and --all-events exclude each other")
	case all:
		req.Events = heygen.AllEvents()
	case withEvents:
		req.Events, err = eventsFlag(cmd)
	case !withURL:
		err = usageFailure(cmd, "there is nothing to change: give --url, --events or --all-events")
	}
	return req, err
}

func eventsFlag(cmd *cli.Command) (heygen.Events, error) {
	types := cmd.StringSlice("events")
	switch {
	case slices.Equal(types, []string{"all"}):
		return heygen.AllEvents(), nil
	case slices.Equal(types, []string{""}):
		types = nil
	}
	events, problem := listedEvents(types)
	if problem != "" {
		return events, usageFailure(cmd, "--events %s", problem)
	}
	return events, nil
}

// requestFromFile reads the request that --from names.
func requestFromFile(ctx context.Context, cmd *cli.Command) (req heygen.UpdateWebhookEndpointRequest, err error) {
	for _, flag := range []string{"endpoint-id", "url", "events", "all-events"} {
		if cmd.IsSet(flag) {
			return req, usageFailure(cmd, "--from and --%s exclude each other", flag)
		}
	}
	path := cmd.String("from")
	requests, err := endpointsFromFile(ctx, cmd, path)
	if err != nil {
		return req, err
	}
	if len(requests) > 1 {
		return req, usageFailure(cmd, "%s has %d endpoints: update changes one, apply several",
			inputName(path), len(requests))
	}
	return requests[0], nil
}

// capturedRequest is a request as the client would have sent it. It is the error that ends the call before that.
type capturedRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

func (*capturedRequest) Error() string { return "captured instead of sent" }

// capture is the transport of --dry-run.
type capture struct{}

func (capture) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	return nil, &capturedRequest{Method: req.Method, URL: req.URL.String(), Headers: joined(req.Header), Body: body}
}

// joined returns a header with one text for each name.
func joined(header http.Header) map[string]string {
	texts := map[string]string{}
	for name, values := range header {
		texts[name] = strings.Join(values, ", ")
	}
	return texts
}
