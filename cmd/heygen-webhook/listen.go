package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/heygen-go/heygen/webhook"
)

func (p *program) listenCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:      "listen",
		Usage:     "receive deliveries on this machine, verify and print them",
		UsageText: name + " listen [--addr HOST:PORT] [--forward URL] [options]",
		Description: "A receiver for development, on every path. It responds to HeyGen's probe, verifies, and serves\n" +
			"until SIGINT or SIGTERM. HeyGen reaches it through a tunnel that leaves the body as it is, to the byte.\n\n" +
			"Every line on stdout is JSON: first {\"url\": ...}, then for each event its type, id, sent and data, and\n" +
			"for each delivery that was refused or not done its status and reason. An event that comes again is\n" +
			"neither printed nor forwarded again, unless it was not done.\n\n" +
			"With --forward each verified delivery is sent on, with its body to the byte and its headers, the\n" +
			"signature included. It is done if the response is a 2xx; else HeyGen gets a 500, and repeats it.\n\n" +
			receiverHelp,
		Flags: []cli.Flag{
			addrFlag(),
			&cli.StringFlag{Name: "forward", Usage: "`URL` to send verified deliveries to; http on loopback only"},
			secretFlag(),
		},
		Action: p.listen,
	},
		name+" listen --secret-file ~/.heygen-secret",
		name+" listen --secret-file ~/.heygen-secret --addr 127.0.0.1:0 --forward http://127.0.0.1:3000/hook",
	)
}

func (p *program) listen(ctx context.Context, cmd *cli.Command) error {
	secret, err := p.signingSecret(ctx, cmd)
	if err != nil {
		return err
	}
	verifier, err := webhook.NewVerifier(secret)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines := slog.New(slog.NewJSONHandler(&lineWriter{p.stdout, stop}, &slog.HandlerOptions{ReplaceAttr: onlyOurs}))
	work := func(ctx context.Context, event webhook.Event) error {
		lines.LogAttrs(ctx, slog.LevelInfo, "", eventAttributes(event)...)
		return nil
	}
	if cmd.IsSet("forward") {
		target, err := receiverURL(cmd, "forward", false)
		if err != nil {
			return err
		}
		work = forwarding(ctx, target, work)
	}
	handler, err := webhook.NewHandler(verifier, work, webhook.WithLogger(lines))
	if err != nil {
		return err
	}
	listener, err := listen(cmd)
	if err != nil {
		return err
	}
	printJSON(p.stdout, map[string]string{"url": "http://" + listener.Addr().String() + "/"})
	if p.stdout.err != nil {
		return listener.Close()
	}
	serve(ctx, listener, withHeaderInContext(handler))
	return nil
}

// onlyOurs leaves the attributes of a log line, without what slog adds.
func onlyOurs(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, slog.LevelKey, slog.MessageKey:
		return slog.Attr{}
	}
	if err, ok := a.Value.Any().(error); ok {
		return slog.String(a.Key, oneLine(err))
	}
	return a
}

func eventAttributes(event webhook.Event) []slog.Attr {
	attributes := []slog.Attr{slog.String("type", event.Type), slog.String("id", event.ID), slog.Any("sent", nil)}
	if !event.Sent.IsZero() {
		attributes[2] = slog.Time("sent", event.Sent)
	}
	return append(attributes, slog.Any("data", event.Data))
}

// lineWriter writes JSON for a terminal. When stdout cannot be written any more, it ends the program.
type lineWriter struct {
	stdout *rememberingWriter
	stop   func()
}

func (l *lineWriter) Write(line []byte) (int, error) {
	_, err := l.stdout.Write(escapeJSON(line))
	if l.stdout.err != nil {
		l.stop()
	}
	return len(line), err
}

// headerKey is the key of the context's value with the header of a delivery.
type headerKey struct{}

// withHeaderInContext gives the function of the handler the header, which is not part of an event.
func withHeaderInContext(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), headerKey{}, r.Header)))
	})
}

// forwarding returns a function that works on an event, and then sends it on. It fails unless the response is a 2xx.
func forwarding(
	program context.Context, target *url.URL, work func(context.Context, webhook.Event) error,
) func(context.Context, webhook.Event) error {
	client := &http.Client{
		Transport:     &http.Transport{DisableCompression: true}, // which would add a header
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, event webhook.Event) error {
		if err := work(ctx, event); err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(program, cancel)()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(event.Body))
		if err != nil {
			return err
		}
		header, _ := ctx.Value(headerKey{}).(http.Header)
		req.Header = endToEnd(header)
		resp, err := client.Do(req)
		if failed, ok := errors.AsType[*url.Error](err); ok {
			return fmt.Errorf("--forward: %w", failed.Err) // without the URL, which may hold a token
		} else if err != nil {
			return err
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
		_ = resp.Body.Close()
		if resp.StatusCode/100 != 2 {
			return fmt.Errorf("--forward: the response was %d", resp.StatusCode)
		}
		return nil
	}
}

// endToEnd returns the header without the fields that are about one connection, by RFC 9110, section 7.6.1.
func endToEnd(header http.Header) http.Header {
	sent := header.Clone()
	hops := []string{
		"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "Content-Length",
	}
	for _, value := range header["Connection"] {
		hops = append(hops, strings.Split(value, ",")...)
	}
	for _, hop := range hops {
		sent.Del(strings.TrimSpace(hop))
	}
	if _, ok := sent["User-Agent"]; !ok {
		sent["User-Agent"] = nil // else net/http adds its own
	}
	return sent
}
