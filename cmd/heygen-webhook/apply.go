package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) applyCommand() *cli.Command {
	output := outputFlag()
	if flag, ok := output.(*cli.StringFlag); ok {
		flag.Usage = "`FORMAT` of errors: text, or json in one line; the summary is JSON"
	}
	return withExamples(&cli.Command{
		Name:  "apply",
		Usage: "change many webhook endpoints to what a file says",
		UsageText: name + " apply --file FILE [--results FILE] [options]\n" +
			name + " apply --file FILE --resume RESULTS [options]",
		Description: "The file holds for each endpoint endpoint_id and what to change: " +
			"url, events (all, or a list), or both.\n" +
			"It is JSON lines if it begins with {. Else it is YAML: documents, or a list whose items begin at the margin.\n" +
			"It is checked as a whole before anything is sent. What is not given is not sent.\n\n" +
			"Prints a summary. The results file takes a line of JSON for each endpoint that was updated or failed.\n" +
			"An endpoint is confirmed by a whole line with the outcome updated, written once HeyGen has answered so.\n" +
			"--resume skips what is confirmed there with the same desired state, and adds to the file. An update that was\n" +
			"sent but not confirmed is sent again: it assigns the same values. Lines are synced to the disk every second.\n\n" +
			"The first failure ends the run, as Ctrl-C does: calls under way are finished, and no new ones begin.\n\n" +
			"Exit codes: " + exitCodes,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{
				Name: "file", Aliases: []string{"f"}, TakesFile: true, OnlyOnce: true,
				Usage: "`FILE` with the desired state, or - for standard input; required",
			},
			&cli.StringFlag{
				Name: "results", TakesFile: true,
				Usage: "new `FILE` for the results; needed with --file -", DefaultText: "the name of --file and " + resultsSuffix,
			},
			&cli.StringFlag{Name: "resume", TakesFile: true, Usage: "results `FILE` of an earlier run to go on with"},
			&cli.IntFlag{
				Name: "concurrency", Usage: "`NUMBER` of calls at once", Value: 4,
				Config: cli.IntegerConfig{Base: 10}, Validator: checkConcurrency,
			},
			&cli.StringFlag{
				Name: "rate", Usage: "at most `N/s` calls begin in a second, such as 20/s or 0.5/s; repeats are not counted",
				Validator: func(text string) error { _, err := parseRate(text); return err },
			},
			&cli.BoolFlag{Name: "continue-on-error", Usage: "go on behind failures, but for a refused key"},
		}, connectionFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "print the request bodies instead of sending them; needs no key"},
			output,
		}),
		OnUsageError: usageError,
		Action:       p.apply,
	},
		name+" apply --file endpoints.yaml --dry-run",
		name+" apply --file endpoints.yaml --sandbox",
		name+" apply --file endpoints.yaml --resume results.jsonl --rate 20/s --api-key-file ~/.heygen-key",
		`echo '{"endpoint_id":"demo","events":"all"}' | `+name+" apply --file - --results new.jsonl --sandbox",
	)
}

const resultsSuffix = ".results.jsonl"

// maxConcurrency is what the usual limit of open files, 1024, has room for.
const maxConcurrency = 1000

func checkConcurrency(n int) error {
	if n < 1 || n > maxConcurrency {
		return fmt.Errorf("it must be from 1 to %d", maxConcurrency)
	}
	return nil
}

// parseRate returns the time between two calls.
func parseRate(text string) (time.Duration, error) {
	number, ok := strings.CutSuffix(text, "/s")
	rate, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(rate >= 1e-6 && rate <= 1e6) {
		return 0, errors.New("it must be a number of calls and /s, such as 20/s")
	}
	return time.Duration(float64(time.Second) / rate), nil
}

// apply is the road of a run: check the whole desired state, send what is not confirmed, sum up.
func (p *program) apply(ctx context.Context, cmd *cli.Command) error {
	input, resume, dryRun := cmd.String("file"), cmd.String("resume"), cmd.Bool("dry-run")
	path := resume // of the results
	switch {
	case input == "":
		return usageFailure(cmd, "--file is missing or empty")
	case cmd.IsSet("resume") && cmd.IsSet("results"):
		return usageFailure(cmd, "--resume and --results exclude each other: --resume adds to its file")
	case cmd.IsSet("resume") && resume == "":
		return usageFailure(cmd, "--resume is empty")
	case resume != "" || dryRun:
	case cmd.String("results") != "":
		path = cmd.String("results")
	case input == "-":
		return usageFailure(cmd, "--file - needs --results, a name for the results file")
	default:
		path = input + resultsSuffix
	}

	var results *resultsFile
	var confirmed map[string]string
	var err error
	if resume != "" {
		if results, confirmed, err = resumeResults(resume); err != nil {
			return usageFailure(cmd, "--resume %s: %v", resume, withoutPath(err))
		}
		defer results.file.Close() //nolint:errcheck // a second time, unless an error came before the first
	}
	concurrency := cmd.Int("concurrency")
	client, closeSandbox, err := p.connect(ctx, cmd, forMany(concurrency)...)
	if err != nil {
		return err
	}
	defer closeSandbox()
	todo, err := p.desiredState(ctx, cmd, confirmed)
	if err != nil {
		return err
	}
	defer todo.close()
	if dryRun {
		p.say("%d would be sent, %d confirmed by an earlier run", todo.unsent, todo.endpoints-todo.unsent)
		_, err := io.Copy(p.stdout, todo.file)
		return err
	}
	if results != nil {
		err = results.cut()
	} else {
		results, err = createResults(path)
	}
	if errors.Is(err, fs.ErrExist) {
		return usageFailure(cmd, "%s is there already: --resume goes on with it, --results gives another name", path)
	} else if err != nil {
		return usageFailure(cmd, "the results file cannot be written: %v", err)
	}

	r := newApplyRun(p, cmd, client, results, todo)
	r.resume = "repeat the command with --resume " + path
	if cmd.IsSet("results") {
		r.resume += " in place of --results"
	}
	r.summary.Results = path
	r.send(ctx, todo.file, concurrency)
	if err := results.close(); err != nil && r.fatal == nil {
		r.fatal = unwritableResults(err)
	}
	printJSON(p.stdout, r.summary)
	return r.outcome(ctx)
}

// forMany are the options of a client that makes many calls at once: without idle connections for all of them, most
// calls would open one of their own.
func forMany(concurrency int) []heygen.Option {
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		MaxIdleConnsPerHost:    concurrency,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10, // as the client has it
		ForceAttemptHTTP2:      true,
	}
	return []heygen.Option{heygen.WithHTTPClient(&http.Client{Transport: transport}), heygen.WithTransport(countAttempts)}
}

// desiredState reads and checks the file.
func (p *program) desiredState(ctx context.Context, cmd *cli.Command, confirmed map[string]string) (*desired, error) {
	path := cmd.String("file")
	d, err := until(ctx, "the desired state", func() (*desired, error) {
		input, err := openInput(path)
		if err != nil {
			return nil, err
		}
		defer input.Close() //nolint:errcheck // it is only read
		return readDesired(input, confirmed)
	})
	switch {
	case err != nil:
		return nil, unreadable(cmd, err)
	case len(d.faults) > 0:
		d.close()
		return nil, faultsFailure(cmd, path, d.faults)
	case d.endpoints == 0:
		d.close()
		return nil, usageFailure(cmd, "%s holds no endpoint", inputName(path))
	}
	return d, nil
}

// summary is what a run came to.
type summary struct {
	Endpoints int    `json:"endpoints"` // in the desired state
	Skipped   int    `json:"skipped"`   // confirmed by an earlier run
	Updated   int    `json:"updated"`
	Failed    int    `json:"failed"`
	Unsent    int    `json:"unsent"`
	Results   string `json:"results"`
}

// applyRun sends what a file says.
type applyRun struct {
	cmd       *cli.Command
	client    *heygen.Client
	every     time.Duration // between calls; 0 for no wait
	keepGoing bool
	resume    string // what goes on with it

	mu       sync.Mutex // of all below
	results  *resultsFile
	progress *progress
	summary  summary
	first    *failure // of an endpoint
	refused  *failure // of the key
	fatal    *failure // of a file
}

func newApplyRun(
	p *program, cmd *cli.Command, client *heygen.Client, results *resultsFile, todo *desired,
) *applyRun {
	skipped := todo.endpoints - todo.unsent
	every, _ := parseRate(cmd.String("rate")) // checked; none is 0
	return &applyRun{
		cmd: cmd, client: client, every: every, keepGoing: cmd.Bool("continue-on-error"), results: results,
		progress: p.newProgress(todo.unsent, skipped),
		summary:  summary{Endpoints: todo.endpoints, Skipped: skipped, Unsent: todo.unsent},
	}
}

// send sends the bodies, one a line, until they end, something ends the run, or ctx is done. It returns when all calls
// are.
func (r *applyRun) send(ctx context.Context, bodies io.Reader, concurrency int) {
	going, stop := context.WithCancel(ctx)
	defer stop()
	queue := make(chan []byte)
	var workers sync.WaitGroup
	for range concurrency {
		workers.Go(func() {
			for body := range queue {
				if going.Err() == nil && !r.update(ctx, body) {
					stop()
				}
			}
		})
	}
	var next <-chan time.Time
	if r.every > 0 {
		ticker := time.NewTicker(r.every)
		defer ticker.Stop()
		next = ticker.C
	}
	scanner := bufio.NewScanner(bodies)
	scanner.Buffer(nil, 8*maxItem) // JSON can be longer than the YAML it comes from
	for first := true; going.Err() == nil && scanner.Scan(); first = false {
		if next != nil && !first {
			select {
			case <-next:
			case <-going.Done():
			}
		}
		select {
		case queue <- slices.Clone(scanner.Bytes()):
		case <-going.Done():
		}
	}
	close(queue)
	done := make(chan struct{})
	go func() {
		workers.Wait()
		close(done)
	}()
	select {
	case <-ctx.Done():
	case <-done:
	}
	if ctx.Err() != nil {
		r.mu.Lock()
		r.progress.say("interrupted: finishing the calls under way; again to end at once")
		r.mu.Unlock()
	}
	<-done
	r.progress.end()
	if err := scanner.Err(); err != nil {
		r.fatal = &failure{
			Kind: kindTransport, Message: fmt.Sprintf("the temporary file cannot be read: %v", err), next: "see to the disk",
		}
	}
}

// update makes one call, to its end whatever ctx does, and writes down what came of it. It returns false if that ends
// the run.
func (r *applyRun) update(ctx context.Context, body []byte) bool {
	var req heygen.UpdateWebhookEndpointRequest
	if err := json.Unmarshal(body, &req); err != nil {
		panic(err) // it is our own
	}
	var seen attempts
	_, connected, err := updateEndpoint(context.WithValue(context.WithoutCancel(ctx), attemptsKey{}, &seen), r.client, req)
	line := result{
		Outcome: outcomeUpdated, EndpointID: req.EndpointID, Status: seen.status, Code: "100", Attempts: seen.number,
		Desired: hashOf(body),
	}
	var failed *failure
	if err != nil {
		failed = callFailure(r.cmd, req, err, connected)
		line.Outcome, line.Status, line.Code, line.Attempts = outcomeFailed, failed.Status, failed.Code, failed.Attempts
		line.Kind, line.Message = failed.Kind, failed.Message
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.results.write(line); err != nil {
		r.fatal = unwritableResults(err)
		return false
	}
	r.summary.Unsent--
	if failed == nil {
		r.summary.Updated++
	} else {
		r.summary.Failed++
		failed.Message = fmt.Sprintf("endpoint %q: %s", req.EndpointID, failed.Message)
		r.first = cmp.Or(r.first, failed)
	}
	if errors.Is(err, heygen.ErrUnauthorized) {
		r.refused = cmp.Or(r.refused, failed)
		return false
	}
	r.progress.add(r.summary)
	return failed == nil || r.keepGoing
}

func unwritableResults(err error) *failure {
	return &failure{
		Kind: kindTransport, Message: fmt.Sprintf("the results cannot be written: %v", withoutPath(err)),
		next: "see to the disk",
	}
}

// outcome is the error of the run, if it has one.
func (r *applyRun) outcome(ctx context.Context) error {
	then := "; to go on: " + r.resume
	endpoints := count(r.summary.Endpoints, "endpoint")
	left := fmt.Sprintf("%d of %s failed, %d not sent", r.summary.Failed, endpoints, r.summary.Unsent)
	switch {
	case r.fatal != nil:
		r.fatal.next += then
		return r.fatal
	case ctx.Err() != nil && r.summary.Unsent > 0:
		return &failure{Kind: kindCanceled, Message: "interrupted: " + left, next: "to go on: " + r.resume}
	case r.first == nil:
		return nil
	}
	f := *cmp.Or(r.refused, r.first)
	if r.refused == nil {
		f.Kind = kindIncomplete
	}
	f.Message = left + "; " + f.Message
	f.next += then
	return &f
}

// attempts is what the transport sees of a call.
type attempts struct{ number, status int }

type attemptsKey struct{}

// countAttempts keeps what the client does not say of a call that succeeds.
func countAttempts(next http.RoundTripper) http.RoundTripper {
	return attemptCounter{next}
}

type attemptCounter struct{ next http.RoundTripper }

func (c attemptCounter) RoundTrip(req *http.Request) (*http.Response, error) {
	seen, _ := req.Context().Value(attemptsKey{}).(*attempts)
	seen.number++
	resp, err := c.next.RoundTrip(req)
	if err == nil {
		seen.status = resp.StatusCode
	}
	return resp, err
}
