package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress tells a person how far a run is: a bar on a terminal, lines elsewhere, nothing where stderr is JSON.
type progress struct {
	p     *program
	bar   *progressbar.ProgressBar // or nil
	every time.Duration            // between lines
	said  time.Time
}

func (p *program) newProgress(total, skipped int) *progress {
	p.say("%d to send, %d confirmed by an earlier run", total, skipped)
	progress := &progress{p: p, every: 10 * time.Second, said: time.Now()}
	if file, ok := p.stderr.(*os.File); ok && !p.json && term.IsTerminal(int(file.Fd())) {
		progress.bar = newBar(file, total)
	}
	return progress
}

func newBar(w io.Writer, total int) *progressbar.ProgressBar {
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond))
}

// add says how far it is after one call more.
func (g *progress) add(s summary) {
	switch {
	case g.bar != nil:
		if s.Failed > 0 {
			g.bar.Describe(fmt.Sprintf("%d failed", s.Failed))
		}
		_ = g.bar.Add(1)
	case time.Since(g.said) >= g.every:
		g.said = time.Now()
		g.p.say("%d updated, %d failed, %d to send", s.Updated, s.Failed, s.Unsent)
	}
}

// say prints a line above what the bar prints next.
func (g *progress) say(text string) {
	if g.bar != nil {
		_ = g.bar.Clear()
	}
	g.p.say("%s", text)
}

func (g *progress) end() {
	if g.bar != nil {
		_ = g.bar.Exit()
		fmt.Fprintln(g.p.stderr)
	}
}

// say tells a person on stderr, but not where an error would be the second document there.
func (p *program) say(format string, args ...any) {
	if !p.json {
		fmt.Fprintf(p.stderr, name+": "+format+"\n", args...)
	}
}
