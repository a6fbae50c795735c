package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) deliverCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "deliver",
		Usage:     "send one signed delivery to a receiver on this machine",
		UsageText: name + " deliver --url URL --type TYPE [--data FILE] [--fault TEXT]... [options]",
		Description: "Probes the URL as HeyGen does, with an OPTIONS request and a limit of 1 second, and sends an event\n" +
			"once, as HeyGen would. Prints each response. The exit code is 0 after a 2xx, else 1. So it is 1 after a\n" +
			"delivery with a fault that the receiver refused as it must. The URL must be on loopback.\n\n" +
			"Without --data the event has the data that is known of its type, with fresh ids. Of a body over 64 KiB\n" +
			"a dry run prints the beginning.\n\n" +
			receiverHelp + "\n\n" +
			"Faults:\n" + faultHelp(deliveryFaultKinds),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "url", Usage: "`URL` of the receiver, on loopback; required"},
			&cli.StringFlag{Name: "type", Usage: "`TYPE` of the event, such as avatar_video.success; required"},
			&cli.StringFlag{
				Name: "data", Usage: "`FILE` with the event's data, JSON, or - for standard input", TakesFile: true,
			},
			&cli.StringSliceFlag{
				Name: "fault", Usage: "fault, a `TEXT` such as tampered or \"stale 10m\"; may be repeated",
				Config: cli.StringConfig{TrimSpace: true},
			},
			secretFlag(),
			&cli.BoolFlag{Name: "dry-run", Usage: "print the request, with its signature, instead of sending it"},
			outputFlag("`FORMAT` of the result and of errors: text, or json in one line"),
		},
		Action: p.deliver,
	},
		name+` deliver --secret-file ~/.heygen-secret --url "$RECEIVER" --type avatar_video.success`,
		name+" deliver --url http://127.0.0.1:8080/hook --type x --fault headers-v3 --fault twice --dry-run",
		`echo '{"video_id":"v1"}' | `+name+` deliver --url "$RECEIVER" --type avatar_video.fail --data -`,
	)
}

func (p *program) deliver(ctx context.Context, cmd *cli.Command) error {
	target, err := receiverURL(cmd, "url", true)
	if err != nil {
		return err
	}
	event, err := eventOf(ctx, cmd)
	if err != nil {
		return err
	}
	faults := []heygentest.DeliveryFault{heygentest.DeliverOnce()}
	for _, text := range cmd.StringSlice("fault") {
		fault, err := parseDeliveryFault(text)
		if err != nil {
			return usageFailure(cmd, "--fault: %v", err)
		}
		faults = append(faults, fault)
	}
	secret, err := p.signingSecret(ctx, cmd)
	if err != nil {
		return err
	}
	sender := heygentest.NewServer(heygentest.WithProbe())
	defer sender.Close()
	sender.AddEndpoint(heygen.WebhookEndpoint{EndpointID: demoID, Secret: heygen.NewSecret(secret)})
	if cmd.Bool("dry-run") {
		return p.planDelivery(ctx, cmd, sender, target, event, faults)
	}
	delivery, err := probeAndDeliver(ctx, cmd, sender, target.String(), event, faults)
	if err != nil {
		return err
	}
	p.printDelivery(cmd, delivery)
	if delivery.Delivered() {
		return nil
	}
	last := delivery.Attempts[len(delivery.Attempts)-1]
	f := &failure{
		Kind: kindDelivery, Status: last.StatusCode, Message: "the receiver did not respond with a 2xx", Attempts: 1,
		next: "see the log of the receiver",
	}
	if last.StatusCode == 0 {
		f.Message += ": " + last.Err
	}
	return f
}

// eventOf returns the event that the flags ask for.
func eventOf(ctx context.Context, cmd *cli.Command) ([]byte, error) {
	eventType := cmd.String("type")
	if eventType == "" {
		return nil, usageFailure(cmd, "--type is missing or empty")
	}
	if !cmd.IsSet("data") {
		return heygentest.Event(eventType), nil
	}
	path := cmd.String("data")
	data, err := readInput(ctx, cmd, path)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte(byteOrderMark)))
	if !json.Valid(data) {
		return nil, usageFailure(cmd, "%s is not JSON", inputName(path))
	}
	text, err := json.Marshal(eventType)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"event_type":%s,"event_data":%s}`, text, data), nil
}

// probeAndDeliver moves the endpoint to the URL, which the sandbox probes for that, and delivers the event.
func probeAndDeliver(
	ctx context.Context, cmd *cli.Command, sender *heygentest.Server, target string, event []byte,
	faults []heygentest.DeliveryFault,
) (heygentest.Delivery, error) {
	move := heygen.UpdateWebhookEndpointRequest{EndpointID: demoID, URL: target}
	if _, err := sender.Client().UpdateWebhookEndpoint(ctx, move); err != nil {
		f := callFailure(cmd, demoID, repeatable, err)
		if f.Kind == heygen.KindInvalidURL {
			f = &failure{
				Kind: kindDelivery, Message: "the receiver did not respond to the probe, OPTIONS, with a 2xx within a second",
				next: "nothing was delivered; check the URL, and that the receiver responds to OPTIONS",
			}
		}
		return heygentest.Delivery{}, f
	}
	delivery, err := sender.Deliver(ctx, demoID, event, faults...)
	switch {
	case ctx.Err() != nil:
		return delivery, &failure{
			Kind: heygen.KindCanceled, Message: "canceled before the response", next: "the receiver may have the event",
		}
	case err != nil:
		return delivery, usageFailure(cmd, "%s", strings.TrimPrefix(oneLine(err), "Deliver: "))
	}
	return delivery, nil
}

// printedDelivery is the JSON form of a delivery.
type printedDelivery struct {
	URL       string            `json:"url"`
	Type      string            `json:"type"`
	Fault     string            `json:"fault"`
	Delivered bool              `json:"delivered"`
	Responses []printedResponse `json:"responses"`
}

type printedResponse struct {
	Status   int    `json:"status"`   // 0 if none came
	Error    string `json:"error"`    // why none came
	Duration string `json:"duration"` // such as 12ms
}

func (p *program) printDelivery(cmd *cli.Command, delivery heygentest.Delivery) {
	printed := printedDelivery{
		URL: delivery.URL, Type: delivery.EventType, Delivered: delivery.Delivered(),
		Fault: strings.TrimPrefix(strings.TrimPrefix(delivery.Fault, "once"), " with "), // once is not the user's
	}
	for _, a := range delivery.Attempts {
		printed.Responses = append(printed.Responses,
			printedResponse{a.StatusCode, a.Err, a.Duration.Round(time.Millisecond).String()})
	}
	if cmd.String("output") == "json" {
		printJSON(p.stdout, printed)
		return
	}
	if printed.Fault != "" {
		printed.Fault = " with " + printed.Fault
	}
	fmt.Fprintf(p.stdout, "%s to %s%s\n", printable(printed.Type), printable(printed.URL), printed.Fault)
	for _, r := range printed.Responses {
		if r.Status == 0 {
			fmt.Fprintf(p.stdout, "no response after %s: %s\n", r.Duration, printable(r.Error))
			continue
		}
		fmt.Fprintf(p.stdout, "%d after %s\n", r.Status, r.Duration)
	}
}

// plannedRequest is a request of a dry run. Its body is text, because JSON in JSON is not kept to the byte.
type plannedRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// planDelivery delivers to a receiver of its own, and prints what came there as what would come to the target.
func (p *program) planDelivery(
	ctx context.Context, cmd *cli.Command, sender *heygentest.Server, target *url.URL, event []byte,
	faults []heygentest.DeliveryFault,
) error {
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	delivery, err := probeAndDeliver(ctx, cmd, sender, receiver.URL, event, faults)
	if err != nil {
		return err
	}
	for i, attempt := range delivery.Attempts {
		headers := joined(attempt.Header)
		if cmd.String("output") == "json" {
			printJSON(p.stdout, plannedRequest{http.MethodPost, target.String(), headers, string(delivery.Body)})
			continue
		}
		if i > 0 {
			fmt.Fprintln(p.stdout)
		}
		p.printRequest(cmd, &capturedRequest{http.MethodPost, target.String(), headers, delivery.Body})
	}
	return nil
}
