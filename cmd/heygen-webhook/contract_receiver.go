package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/contract"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) receiverCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "receiver",
		Usage:     "check a receiver of deliveries, in any language",
		UsageText: name + " contract receiver --url URL [options]",
		Description: "Sends the receiver probes and about 120 deliveries, right and wrong ones, and checks the responses.\n" +
			"That takes about 15 seconds. The right ones are signed events, and the receiver works on them: give it a test\n" +
			"database and a secret of its own. Sent from here, it cannot be seen whether it works on an event once.\n\n" +
			"The rules, by the names that the report has:\n" + ruleHelp() + "\n" +
			"A delivery is accepted with a 2xx, and refused with a 4xx, best with 401 where the signature is wrong.\n" +
			"A 3xx and a 5xx are findings, and so is no response. HeyGen repeats what it gets no 2xx for.\n\n" +
			receiverHelp,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "url", Usage: "`URL` of the receiver, https or on loopback; required"},
			secretFlag(),
			reportFlag(),
		},
		Action: p.checkReceiver,
	},
		name+` contract receiver --secret-file ~/.heygen-secret --url "$RECEIVER"`,
		name+` contract receiver --secret-file ~/.heygen-secret --url "$RECEIVER" --report junit`,
	)
}

// ruleHelp lists the rules for the help.
func ruleHelp() string {
	var list strings.Builder
	for _, rule := range slices.Concat(quickRules, slowRules) {
		fmt.Fprintf(&list, "   %-16s%s\n", rule.name, rule.want)
	}
	return list.String()
}

func (p *program) checkReceiver(ctx context.Context, cmd *cli.Command) error {
	target, err := receiverURL(cmd, "url", false)
	if err != nil {
		return err
	}
	secret, err := p.signingSecret(ctx, cmd)
	if err != nil {
		return err
	}
	conn, err := dial(ctx, target)
	if err != nil {
		return &failure{
			Kind: heygen.KindTransport, Message: err.Error(), next: "check --url, and that the receiver runs; " + unsent,
		}
	}
	_ = conn.Close()
	p.say("sending deliveries to %s, which takes about 15 seconds", target.Host) // the rest may hold a token
	c := newReceiverCheck(target, secret)
	c.run(ctx, quickRules[:1]) // the probe comes when HeyGen delivers nothing
	c.run(ctx, quickRules[1:])
	c.run(ctx, slowRules)
	if ctx.Err() != nil {
		return &failure{
			Kind: heygen.KindCanceled, Message: "canceled before the end of the check",
			next: "the receiver has some of the events",
		}
	}
	err = p.reportSummary(cmd, c.summary(), "check --url, and that the receiver runs")
	if f, ok := errors.AsType[*failure](err); ok && f.Kind == kindContract && !c.accepted.Load() {
		f.next = "no delivery was accepted: check --url, and that the receiver has this secret"
	}
	return err
}

// summary is what came out, in the form of a contract's: one message for each rule.
func (c *receiverCheck) summary() contract.Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	path := c.target.EscapedPath()
	if path == "" {
		path = "/"
	}
	operation := contract.OperationSummary{Operation: http.MethodPost + " " + path}
	s := contract.Summary{Findings: []contract.FindingSummary{}, Unjudged: []contract.UnjudgedSummary{}}
	for _, rule := range c.rules {
		operation.Messages = append(operation.Messages, contract.MessageSummary{
			Message: rule, Documented: true, Seen: c.seen[rule], Members: []contract.MemberSummary{},
		})
		for _, detail := range slices.Sorted(maps.Keys(c.broken[rule])) {
			s.Findings = append(s.Findings, contract.FindingSummary{
				Operation: operation.Operation, Message: rule, Party: contract.PartyServer, Where: "response", Keyword: rule,
				Detail: detail, Times: c.broken[rule][detail], Exchanges: []string{},
			})
		}
	}
	s.Operations = []contract.OperationSummary{operation}
	return s
}
