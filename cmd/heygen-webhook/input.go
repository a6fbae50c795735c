package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// byteOrderMark is what some editors write at the beginning of a file.
const byteOrderMark = "\ufeff"

// maxInput is far more than a file for this program has, in bytes. A device may never end.
const maxInput = 64 << 20

// readInput reads a file that the command line names, or standard input.
func readInput(ctx context.Context, cmd *cli.Command, path string) ([]byte, error) {
	data, err := until(ctx, inputName(path), func() ([]byte, error) {
		file := os.Stdin
		if path != "-" {
			var err error
			if file, err = os.Open(path); err != nil {
				return nil, usageFailure(cmd, "%v", err)
			}
			defer file.Close() //nolint:errcheck // it is only read
		}
		data, err := io.ReadAll(io.LimitReader(file, maxInput+1))
		if err != nil {
			return nil, usageFailure(cmd, "%v", err)
		}
		return data, nil
	})
	if len(data) > maxInput {
		return nil, usageFailure(cmd, "%s is larger than %d MiB", inputName(path), maxInput>>20)
	}
	return data, err
}

func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// until reads, but does not wait for the end of the reading once the context is done: a pipe may have no writer, or one
// that never closes it.
func until[T any](ctx context.Context, what string, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1) // with room, so that a late result does not wait for a reader
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, &failure{Kind: heygen.KindCanceled, Message: "canceled while reading " + what, next: unsent}
	}
}

// mistakesFailure lists the mistakes in a file.
func mistakesFailure(cmd *cli.Command, path string, mistakes []mistake) *failure {
	f := usageFailure(cmd, "%s has %s", inputName(path), count(len(mistakes), "mistake"))
	f.Mistakes = mistakes
	return f
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}
