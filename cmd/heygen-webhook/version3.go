package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	v3 "github.com/heygen-go/heygen/wrapper/v3"
)

func (p *program) endpointsCommand() *cli.Command {
	return &cli.Command{
		Name:        "endpoints",
		Usage:       "list, create, change and delete webhook endpoints, and rotate their secrets",
		Description: "These commands use version 3 of HeyGen's API.\n\n" + keyFileHelp,
		Commands: []*cli.Command{
			withExamples(&cli.Command{
				Name:      "list",
				Usage:     "list the webhook endpoints of an API key",
				UsageText: name + " endpoints list [options]",
				Description: "Prints a line for each endpoint, with tabs between its id, status, URL, events and time of\n" +
					"creation, or its JSON.",
				Flags:  callFlags(),
				Action: p.listEndpoints,
			},
				name+" endpoints list --sandbox",
				name+" endpoints list --api-key-file ~/.heygen-key --output json",
			),
			withExamples(&cli.Command{
				Name:        "create",
				Usage:       "create a webhook endpoint",
				UsageText:   name + " endpoints create --url URL [--events TYPES | --all-events] [options]",
				Description: "Prints the endpoint. Without --events it gets every event.\n\n" + onceHelp,
				Flags: callFlags(slices.Concat(valueFlags(), []cli.Flag{
					&cli.StringFlag{Name: "entity-id", Usage: "`ID` of an entity, to get only the events about it"},
				}, secretFlags())...),
				Action: p.createEndpoint,
			},
				name+" endpoints create --sandbox --url https://example.com/hook --save-secret new-secret",
				name+" endpoints create --sandbox --url https://example.com/hook --events avatar_video.success --show-secret",
				name+" endpoints create --dry-run --url https://example.com/hook --all-events",
			),
			withExamples(&cli.Command{
				Name:  "update",
				Usage: "change the callback URL or the events of a webhook endpoint",
				UsageText: name +
					" endpoints update --endpoint-id ID [--url URL] [--events TYPES | --all-events] [options]",
				Description: "Prints the endpoint after the change. What is not given stays as it is; events are replaced\n" +
					"as a whole. It is safe to repeat: the update assigns values.",
				Flags:  callFlags(changeFlags()...),
				Action: p.update,
			},
				name+" endpoints update --sandbox --endpoint-id demo --url https://example.com/hook",
				name+" endpoints update --dry-run --endpoint-id demo --events avatar_video.success,avatar_video.fail",
			),
			withExamples(&cli.Command{
				Name:        "delete",
				Usage:       "delete a webhook endpoint",
				UsageText:   name + " endpoints delete --endpoint-id ID [options]",
				Description: "HeyGen delivers nothing to the endpoint any more.",
				Flags:       callFlags(endpointIDFlag()),
				Action:      p.deleteEndpoint,
			}, name+" endpoints delete --sandbox --endpoint-id demo"),
			withExamples(&cli.Command{
				Name:        "rotate-secret",
				Usage:       "give a webhook endpoint a new signing secret",
				UsageText:   name + " endpoints rotate-secret --endpoint-id ID [options]",
				Description: "The old secret is void at once.\n\n" + onceHelp,
				Flags:       callFlags(append([]cli.Flag{endpointIDFlag()}, secretFlags()...)...),
				Action:      p.rotateSecret,
			},
				name+" endpoints rotate-secret --sandbox --endpoint-id demo --save-secret new-secret",
				name+" endpoints rotate-secret --sandbox --endpoint-id demo --show-secret --output json",
			),
		},
	}
}

func (p *program) eventTypesCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "event-types",
		Usage:     "list the event types to which an endpoint can subscribe",
		UsageText: name + " event-types [options]",
		Description: "Uses version 3 of HeyGen's API. Prints a line for each type, with a tab between its name and its\n" +
			"description, or its JSON.",
		Flags:  callFlags(),
		Action: p.listEventTypes,
	}, name+" event-types --sandbox")
}

func (p *program) eventsCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "events",
		Usage:     "list the events that HeyGen delivered",
		UsageText: name + " events [--event-type TYPE] [--entity-id ID] [--limit NUMBER] [options]",
		Description: "Uses version 3 of HeyGen's API. Prints a line for each event, with tabs between its time, type, id\n" +
			"and data, or its JSON.",
		Flags: callFlags(
			&cli.StringFlag{Name: "event-type", Usage: "list the events of a `TYPE`, such as avatar_video.success"},
			&cli.StringFlag{Name: "entity-id", Usage: "list the events about the entity with an `ID`"},
			&cli.IntFlag{
				Name: "limit", Usage: "largest `NUMBER` of events to list", Value: 100,
				Config: cli.IntegerConfig{Base: 10}, Validator: atLeast(1),
			},
		),
		Action: p.listEvents,
	},
		name+" events --sandbox",
		name+" events --sandbox --event-type avatar_video.fail --limit 10 --output json",
	)
}

func (p *program) listEndpoints(ctx context.Context, cmd *cli.Command) error {
	columns := func(e v3.WebhookEndpoint) []string {
		return []string{e.EndpointID, e.Status, e.URL, eventsText(e.Events), e.CreatedAt.String()}
	}
	return list(ctx, p, cmd, math.MaxInt, columns, (*v3.Client).ListWebhookEndpoints)
}

func (p *program) listEventTypes(ctx context.Context, cmd *cli.Command) error {
	columns := func(t v3.EventType) []string { return []string{t.Type, t.Description} }
	return list(ctx, p, cmd, math.MaxInt, columns,
		func(client *v3.Client, ctx context.Context) iter.Seq2[v3.EventType, error] {
			return func(yield func(v3.EventType, error) bool) {
				types, err := client.ListWebhookEventTypes(ctx)
				if err != nil {
					yield(v3.EventType{}, err)
				}
				for _, t := range types {
					if !yield(t, nil) {
						return
					}
				}
			}
		})
}

func (p *program) listEvents(ctx context.Context, cmd *cli.Command) error {
	columns := func(e v3.Event) []string {
		var data bytes.Buffer
		_ = json.Compact(&data, e.Data) // it was read from JSON, or is missing
		return []string{e.CreatedAt.String(), e.Type, e.ID, string(escapeJSON(data.Bytes()))}
	}
	filter := v3.EventFilter{Type: cmd.String("event-type"), EntityID: cmd.String("entity-id")}
	return list(ctx, p, cmd, cmd.Int("limit"), columns,
		func(client *v3.Client, ctx context.Context) iter.Seq2[v3.Event, error] {
			return client.ListWebhookEvents(ctx, filter)
		})
}

// list prints the first items of a list as they come, each in a line. What it printed before a failure is valid.
func list[T any](
	ctx context.Context, p *program, cmd *cli.Command, limit int, columns func(T) []string,
	items func(*v3.Client, context.Context) iter.Seq2[T, error],
) error {
	client, closeSandbox, err := connect(ctx, p, cmd, v3.NewClient)
	if err != nil {
		return err
	}
	defer closeSandbox()
	printed := 0
	for item, err := range items(client, ctx) {
		switch {
		case printed == limit: // also if the page with the next one did not arrive
			p.note("there are more: --limit allows more than %d", limit)
			return nil
		case err != nil:
			return p.ended(cmd, "", readOnly, err)
		case cmd.String("output") == "json":
			printJSON(p.stdout, membersOf(cmd, item))
		default:
			texts := columns(item)
			for i := range texts {
				texts[i] = printable(texts[i]) // which quotes a text with a tab
			}
			fmt.Fprintln(p.stdout, strings.Join(texts, "\t"))
		}
		if p.stdout.err != nil {
			return nil // nothing reads the rest
		}
		printed++
	}
	return nil
}

func (p *program) deleteEndpoint(ctx context.Context, cmd *cli.Command) error {
	id, err := endpointID(cmd)
	if err != nil {
		return err
	}
	client, closeSandbox, err := connect(ctx, p, cmd, v3.NewClient)
	if err != nil {
		return err
	}
	defer closeSandbox()
	if err := client.DeleteWebhookEndpoint(ctx, id); err != nil {
		return p.ended(cmd, id, "the endpoint may have been deleted; it is safe to delete it again", err)
	}
	if cmd.String("output") == "json" {
		printJSON(p.stdout, map[string]any{"endpoint_id": id, "deleted": true})
		return nil
	}
	fmt.Fprintf(p.stdout, "%-10s%s\n", "deleted", printable(id))
	return nil
}

func (p *program) createEndpoint(ctx context.Context, cmd *cli.Command) error {
	callback, events, err := valuesOf(cmd)
	if err == nil && callback == "" {
		err = usageFailure(cmd, "--url is missing")
	}
	if err != nil {
		return err
	}
	req := v3.CreateWebhookEndpointRequest{URL: callback, Events: events, EntityID: cmd.String("entity-id")}
	return p.getSecret(ctx, cmd, "", func(client *v3.Client, key v3.CallOption) (any, v3.WebhookSecret, error) {
		endpoint, err := client.CreateWebhookEndpoint(ctx, req, key)
		if err != nil {
			return nil, v3.WebhookSecret{}, err
		}
		return endpoint, v3.WebhookSecret{EndpointID: endpoint.EndpointID, Secret: endpoint.Secret}, nil
	})
}

func (p *program) rotateSecret(ctx context.Context, cmd *cli.Command) error {
	id, err := endpointID(cmd)
	if err != nil {
		return err
	}
	return p.getSecret(ctx, cmd, id, func(client *v3.Client, key v3.CallOption) (any, v3.WebhookSecret, error) {
		secret, err := client.RotateWebhookSecret(ctx, id, key)
		if err != nil {
			return nil, v3.WebhookSecret{}, err
		}
		return secret, *secret, nil
	})
}
