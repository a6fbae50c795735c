package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

func (p *program) updateCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:  "update",
		Usage: "change the callback URL or the events of a webhook endpoint",
		UsageText: name + " update --endpoint-id ID [--url URL] [--events TYPES | --all-events] [options]\n" +
			name + " update --from FILE [options]",
		Description: "Uses version 1 of HeyGen's API, or version 3 with --api v3, as endpoints update does.\n\n" +
			"Sends one request and prints the endpoint after it. Only the given members are sent.\n" +
			"It is safe to repeat: the update assigns values.\n\n" +
			"The file of --from is JSON or YAML with endpoint_id, url and events: a list, or all or null for every event.\n\n" +
			keyFileHelp,
		Flags: callFlags(slices.Concat(changeFlags(), []cli.Flag{
			&cli.StringFlag{
				Name:      "from",
				Usage:     "`FILE` with the request, or - for standard input; replaces the flags above",
				TakesFile: true,
			},
			showSecretFlag(),
			apiFlag(),
		})...),
		Action: p.update,
	},
		name+" update --sandbox --endpoint-id demo --url https://example.com/hook",
		name+" update --sandbox --endpoint-id demo --events avatar_video.success,avatar_video.fail --output json",
		name+" update --dry-run --api v3 --endpoint-id demo --all-events",
		`echo '{"endpoint_id":"demo","events":null}' | `+name+" update --sandbox --from -",
		name+" update --api-key-file ~/.heygen-key --endpoint-id demo --url https://example.com/hook",
	)
}

// changeFlags name an endpoint and the changes to it.
func changeFlags() []cli.Flag {
	return append([]cli.Flag{endpointIDFlag()}, valueFlags()...)
}

func endpointIDFlag() cli.Flag {
	return &cli.StringFlag{Name: "endpoint-id", Usage: "`ID` of the endpoint; required", OnlyOnce: true}
}

// valueFlags are the values of an endpoint.
func valueFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name:     "url",
			Usage:    "callback `URL`; HeyGen probes it with an OPTIONS request and a limit of 1 second",
			OnlyOnce: true,
		},
		&cli.StringSliceFlag{
			Name:   "events",
			Usage:  "event `TYPES`, with commas between them or in several flags",
			Config: cli.StringConfig{TrimSpace: true},
		},
		&cli.BoolFlag{Name: "all-events", Usage: "subscribe to every event, as --events all does"},
	}
}

func showSecretFlag() cli.Flag {
	return &cli.BoolFlag{Name: "show-secret", Usage: "print the endpoint's signing secret instead of " + redacted}
}

func apiFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "api", Usage: "`VERSION` of the API: v1, whose announced end was " + endOfV1 + ", or v3", Value: "v1",
		Validator: oneOf("v1", "v3"),
	}
}

// usesV1 reports whether a command with --api uses version 1 of the API.
func usesV1(cmd *cli.Command) bool { return cmd.String("api") == "v1" }

// updater updates an endpoint, and returns it as it is then.
type updater func(context.Context, heygen.UpdateWebhookEndpointRequest) (endpoint any, err error)

// newUpdater returns the function that makes an updater, of the version of the API that the command uses, with a key.
func newUpdater(cmd *cli.Command) func(string, ...heygen.Option) (updater, error) {
	if usesV1(cmd) {
		return func(key string, opts ...heygen.Option) (updater, error) {
			client, err := heygen.NewClient(key, opts...)
			return func(ctx context.Context, req heygen.UpdateWebhookEndpointRequest) (any, error) {
				return client.UpdateWebhookEndpoint(ctx, req)
			}, err
		}
	}
	return func(key string, opts ...heygen.Option) (updater, error) {
		client, err := v3.NewClient(key, opts...)
		return func(ctx context.Context, req heygen.UpdateWebhookEndpointRequest) (any, error) {
			return client.UpdateWebhookEndpoint(ctx,
				v3.UpdateWebhookEndpointRequest{EndpointID: req.EndpointID, URL: req.URL, Events: req.Events})
		}, err
	}
}

// updater returns the updater that the flags ask for. The caller calls closeSandbox.
func (p *program) updater(ctx context.Context, cmd *cli.Command, opts ...heygen.Option) (updater, func(), error) {
	update, closeSandbox, err := connect(ctx, p, cmd, newUpdater(cmd), opts...)
	if err == nil && usesV1(cmd) {
		p.note("version 1 of HeyGen's API is past its announced end, %s: use --api v3 or %s endpoints update", endOfV1, name)
	}
	return update, closeSandbox, err
}

func (p *program) update(ctx context.Context, cmd *cli.Command) error {
	req, err := updateRequest(ctx, cmd)
	if err != nil {
		return err
	}
	update, closeSandbox, err := p.updater(ctx, cmd)
	if err != nil {
		return err
	}
	defer closeSandbox()
	endpoint, err := update(ctx, req)
	if err != nil {
		return p.ended(cmd, req.EndpointID, repeatable, err)
	}
	p.printEndpoint(cmd, endpoint)
	return nil
}

func updateRequest(ctx context.Context, cmd *cli.Command) (req heygen.UpdateWebhookEndpointRequest, err error) {
	if cmd.IsSet("from") {
		return requestFromFile(ctx, cmd)
	}
	if req.EndpointID, err = endpointID(cmd); err != nil {
		return req, err
	}
	if req.URL, req.Events, err = valuesOf(cmd); err == nil && req.URL == "" && req.Events.IsZero() {
		err = usageFailure(cmd, "there is nothing to change: give --url, --events or --all-events")
	}
	return req, err
}

func endpointID(cmd *cli.Command) (id string, err error) {
	if id = cmd.String("endpoint-id"); id == "" {
		err = usageFailure(cmd, "--endpoint-id is missing or empty")
	}
	return id, err
}

// valuesOf reads the flags of valueFlags, which may be missing.
func valuesOf(cmd *cli.Command) (callback string, events heygen.Events, err error) {
	callback = cmd.String("url")
	withEvents, all := cmd.IsSet("events"), cmd.Bool("all-events")
	switch {
	case cmd.IsSet("url") && !isAbsolute(callback):
		err = usageFailure(cmd, "--url is not an absolute http or https URL, such as https://example.com/hook")
	case withEvents && all:
		err = usageFailure(cmd, "--events and --all-events exclude each other")
	case all:
		events = heygen.AllEvents()
	case withEvents:
		events, err = eventsFlag(cmd)
	}
	return callback, events, err
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
	Body    json.RawMessage   `json:"body"` // nil, and null in JSON, if there is none
}

func (*capturedRequest) Error() string { return "captured instead of sent" }

// capture is the transport of --dry-run.
type capture struct{}

func (capture) RoundTrip(req *http.Request) (*http.Response, error) {
	captured := &capturedRequest{Method: req.Method, URL: req.URL.String(), Headers: joined(req.Header)}
	if req.Body == nil {
		return nil, captured
	}
	var err error
	captured.Body, err = io.ReadAll(req.Body)
	_ = req.Body.Close()
	if err != nil {
		return nil, err
	}
	return nil, captured
}

// joined returns a header with one text for each name.
func joined(header http.Header) map[string]string {
	texts := map[string]string{}
	for name, values := range header {
		texts[name] = strings.Join(values, ", ")
	}
	return texts
}
