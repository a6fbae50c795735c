package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func fromFlag() cli.Flag {
	return &cli.StringFlag{
		Name:      "from",
		Usage:     "`FILE` with the request as JSON, or - for standard input; replaces the flags above",
		TakesFile: true,
	}
}

// maxRequest is far more than a request has, in bytes.
const maxRequest = 1 << 20

// requestFromFile reads the request that --from names.
func requestFromFile(ctx context.Context, cmd *cli.Command) (req heygen.UpdateWebhookEndpointRequest, err error) {
	for _, flag := range []string{"endpoint-id", "url", "events", "all-events"} {
		if cmd.IsSet(flag) {
			return req, usageFailure(cmd, "--from and --%s exclude each other", flag)
		}
	}
	path := cmd.String("from")
	data, err := until(ctx, "the request", func() ([]byte, error) {
		file, err := openInput(path)
		if err != nil {
			return nil, err
		}
		defer file.Close() //nolint:errcheck // it is only read
		return io.ReadAll(io.LimitReader(file, maxRequest+1))
	})
	switch {
	case err != nil:
		return req, unreadable(cmd, err)
	case len(data) > maxRequest:
		return req, usageFailure(cmd, "%s holds more than a request", inputName(path))
	}
	members, problem := membersOfJSON(data, 1)
	if problem != nil {
		return req, faultsFailure(cmd, path, []fault{*problem})
	}
	req, faults := requestFrom(1, members, eventsOrNull)
	if len(faults) > 0 {
		return req, faultsFailure(cmd, path, faults)
	}
	return req, nil
}

// eventsOrNull reads events as a request has it, with null for every event.
func eventsOrNull(value any) (events heygen.Events, problem string) {
	switch value := value.(type) {
	case nil:
		return heygen.AllEvents(), ""
	case []any:
		return listFrom(value)
	}
	return events, fmt.Sprintf("events is %s: it must be null for every event, or a list", typeName(value))
}

func openInput(path string) (*os.File, error) {
	if path == "-" {
		return os.Stdin, nil
	}
	return os.Open(path)
}

func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// faultsFailure lists what is wrong in a file.
func faultsFailure(cmd *cli.Command, path string, faults []fault) *failure {
	f := usageFailure(cmd, "%s has %s, and nothing was sent", inputName(path), count(len(faults), "fault"))
	f.Faults = slices.SortedStableFunc(slices.Values(faults), func(a, b fault) int { return a.Line - b.Line })
	return f
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}
