package heygen_test

import (
	"context"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// names are the errors as the package comment writes them.
var names = map[string]error{
	"ErrInvalidRequest": heygen.ErrInvalidRequest, "ErrUnauthorized": heygen.ErrUnauthorized,
	"ErrForbidden": heygen.ErrForbidden, "ErrNotFound": heygen.ErrNotFound, "ErrInvalidURL": heygen.ErrInvalidURL,
	"ErrConflict": heygen.ErrConflict, "ErrPayment": heygen.ErrPayment, "ErrRateLimited": heygen.ErrRateLimited,
	"ErrServer": heygen.ErrServer, "ErrAPI": heygen.ErrAPI,
	"ErrMalformedResponse": heygen.ErrMalformedResponse, "ErrResponseTooLarge": heygen.ErrResponseTooLarge,
	"ErrRedirect": heygen.ErrRedirect, "ErrTransport": heygen.ErrTransport,
	"context.Canceled": context.Canceled, "context.DeadlineExceeded": context.DeadlineExceeded,
}

// The tables in the package comments, of which the second has the codes of version 3, are true. The first has every
// error and every kind but "other".
func TestTheTablesInThePackageComments(t *testing.T) {
	t.Parallel()
	seen := checkTable(t, "client.go")
	if want := len(names) + 15; len(seen) != want { // and the kinds
		t.Errorf("the table has %d errors and kinds, want %d: %v", len(seen), want, seen)
	}
	if seen := checkTable(t, "v3/client.go"); len(seen) == 0 {
		t.Error("the package comment of version 3 has no table")
	}
}

// checkTable makes the calls of a table, and returns the errors and kinds that are in it.
func checkTable(t *testing.T, name string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(file.Doc.Text()) {
		columns := regexp.MustCompile(` {2,}`).Split(strings.TrimSpace(line), -1)
		if !regexp.MustCompile(`^\t(\d{3}|none) `).MatchString(line) || len(columns) != 4 {
			continue
		}
		status, body, listed, kind := columns[0], columns[1], strings.Split(columns[2], ", "), columns[3]
		seen[kind] = true
		got := asError(t, failAs(t, status, body))
		for name, is := range names {
			want := false
			for _, each := range listed {
				want = want || each == name
				seen[each] = true
			}
			if errors.Is(got, is) != want {
				t.Errorf("%s %s: errors.Is of %s is %t: %v", status, body, name, !want, got)
			}
		}
		if string(got.Kind()) != kind || status != "none" && strconv.Itoa(got.StatusCode) != status {
			t.Errorf("%s %s: kind %s, status %d, want %s", status, body, got.Kind(), got.StatusCode, kind)
		}
	}
	return seen
}

// failAs makes the call of one line of the table, with one attempt.
func failAs(t *testing.T, status, body string) error {
	t.Helper()
	ctx := t.Context()
	code, _ := strconv.Atoi(status)
	first := responds(code, body)
	send, timeout := send, time.Minute
	if regexp.MustCompile(`^([a-z]+(_[a-z]+)+|unauthorized)$`).MatchString(body) {
		first = responds(code, `{"error":{"code":"`+body+`"}}`)
	}
	switch body {
	case "empty", "any":
		first = responds(code, "")
	case "cut off":
		first = breaksOff(code, io.ErrUnexpectedEOF)
	case "over 1 MiB":
		first = responds(code, strings.Repeat(" ", 1<<20+1))
	case "too late":
		timeout = 20 * time.Millisecond
		if first = hangs; code != 0 {
			first = hangsInBody
		}
	case "no connection":
		first = fails(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
	case "past the deadline":
		limited, cancel := context.WithTimeout(ctx, time.Nanosecond)
		defer cancel()
		ctx, first = limited, hangs
	case "canceled":
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		ctx = canceled
	case "nothing was sent":
		send = func(ctx context.Context, client *heygen.Client) error {
			_, err := client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{})
			return err
		}
	}
	return send(ctx, newClient(t, roundTripper(func(req *http.Request) (*http.Response, error) { return first(req) }),
		heygen.WithRetry(heygen.RetryPolicy{}), heygen.WithTimeout(timeout)))
}
