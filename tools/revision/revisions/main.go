// Command revisions updates a clone of the working tree to each revision of the table in testdata/revisions.yaml, by
// "make update". It checks that the clone is then updated, or else untouched to the byte, as the table says. A line
// tells each revision's outcome. The exit status is 1 if one is not as expected.
//
//	revisions [-run pattern] [-tests target] [-workers n]
//
// Without a pattern, revisions that are like others are left out.
//
// It is run in its module's root.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heygen-go/heygen/tools/revision/internal/table"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	pattern := flag.String("run", "", "only revisions whose names match this `pattern`")
	tests := flag.String("tests", "test-client", "`target` of make that an update runs")
	workers := flag.Int("workers", runtime.NumCPU(), "updates at a time")
	flag.Parse()
	err := all(ctx, *pattern, *tests, *workers)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "revisions:", err)
		os.Exit(1)
	}
}

func all(ctx context.Context, pattern, tests string, workers int) error {
	chosen, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	revisions, err := table.Load(".")
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "heygen-revisions-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	start := time.Now()
	base := filepath.Join(scratch, "base")
	if err := table.Checkout(ctx, ".", base); err != nil {
		return err
	}
	idle := make(chan *clone, workers)
	for i := range workers {
		c := &clone{base: base, directory: filepath.Join(scratch, fmt.Sprint(i), "tree")}
		if err := c.make(ctx); err != nil {
			return err
		}
		idle <- c
	}
	var running errgroup.Group
	running.SetLimit(workers)
	results := make(chan bool, len(revisions))
	done := 0
	for _, r := range revisions {
		if !chosen.MatchString(r.Name) || pattern == "" && r.Like != "" {
			continue
		}
		done++
		running.Go(func() error {
			c := <-idle
			defer func() { idle <- c }()
			begin := time.Now()
			got, said, err := c.update(ctx, r, tests)
			if err != nil {
				return fmt.Errorf("%s: %w", r.Name, err)
			}
			took := time.Since(begin).Seconds()
			if got == r.Update {
				fmt.Printf("ok   %5.1fs  %-22s %s\n", took, got, r.Name)
			} else {
				fmt.Printf("FAIL %5.1fs  %-22s %s: want %s\n%s\n", took, got, r.Name, r.Update, said)
			}
			results <- got == r.Update
			return nil
		})
	}
	if err := running.Wait(); err != nil {
		return err
	}
	close(results)
	failed := 0
	for ok := range results {
		if !ok {
			failed++
		}
	}
	fmt.Printf("%d revisions, %d not as expected, %.0f s\n", done, failed, time.Since(start).Seconds())
	if failed > 0 || done == 0 {
		return errors.New("not as the table says")
	}
	return nil
}
