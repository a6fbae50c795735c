package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/urfave/cli/v3"

	heygen "github.com/heygen-go/heygen/wrapper"
)

func (p *program) applyCommand() *cli.Command {
	return withExamples(&cli.Command{
		Name:  "apply",
		Usage: "change several webhook endpoints as a file says",
		UsageText: name + " apply --file FILE [--results FILE] [options]\n" +
			name + " apply --file FILE --resume RESULTS [options]",
		Description: "The file is a YAML list, YAML documents or JSON lines. Each endpoint has url, events or both:\n\n" +
			"   - endpoint_id: 9fd2dd9ca1e845a6a5d6c2a3a1b0e4f7\n" +
			"     url: https://example.com/hook\n" +
			"     events: [avatar_video.success, avatar_video.fail]\n" +
			"   - endpoint_id: 0c7b1f63e5d94a0f8d0b6a5e4c3d2b1a\n" +
			"     events: all    # or null\n\n" +
			"The whole file is checked before anything is sent. Only the given members are sent.\n\n" +
			"Prints a summary as JSON. The results file gets a line of JSON for each endpoint, after HeyGen's response.\n" +
			"--resume goes on after an interrupted run: it skips the endpoints that the results confirm with the same\n" +
			"values, and adds to the results. An update without a line is sent again; it assigns the same values.\n\n" +
			"The first failure ends the run. Ctrl-C ends it after the call under way.\n\n" +
			keyFileHelp,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{
				Name: "file", Aliases: []string{"f"}, TakesFile: true, OnlyOnce: true,
				Usage: "`FILE` with the endpoints, or - for standard input; required",
			},
			&cli.StringFlag{
				Name: "results", TakesFile: true,
				Usage: "new `FILE` for the results; needed with --file -", DefaultText: "the name of --file and " + resultsSuffix,
			},
			&cli.StringFlag{Name: "resume", TakesFile: true, Usage: "results `FILE` of an earlier run to go on with"},
			&cli.BoolFlag{Name: "continue-on-error", Usage: "go on after failures, except after a refused key"},
			apiFlag(),
		}, connectionFlags(), []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "print the changes instead of sending them; needs no key"},
			outputFlag("`FORMAT` of errors: text, or json in one line; the summary is JSON"),
		}),
		Action: p.apply,
	},
		name+" apply --file endpoints.yaml --dry-run",
		name+" apply --file endpoints.yaml --sandbox",
		name+" apply --file endpoints.yaml --resume results.jsonl --api-key-file ~/.heygen-key",
		`echo '{"endpoint_id":"demo","events":"all"}' | `+name+" apply --file - --results new.jsonl --sandbox",
	)
}

const resultsSuffix = ".results.jsonl"

// apply checks the whole file, sends the requests that the results do not confirm, and prints a summary.
func (p *program) apply(ctx context.Context, cmd *cli.Command) error {
	server := p.flagOr(cmd, "base-url", "HEYGEN_BASE_URL", heygen.DefaultBaseURL)
	if cmd.Bool("sandbox") {
		server = "sandbox" // its port is another one each time
	}
	results, err := resultsFlags(ctx, cmd, destination{server, cmd.String("api")})
	if err != nil {
		return err
	}
	requests, err := endpointsFromFile(ctx, cmd, cmd.String("file"))
	if err != nil {
		return err
	}
	run := &applyRun{program: p, cmd: cmd, results: results}
	run.summary = summary{Endpoints: len(requests), Results: results.path}
	run.todo = slices.DeleteFunc(requests, func(req heygen.UpdateWebhookEndpointRequest) bool {
		return results.confirmed[req.EndpointID] == hashOf(bodyOf(req))
	})
	run.summary.Unsent = len(run.todo)
	run.summary.Skipped = run.summary.Endpoints - run.summary.Unsent

	update, closeSandbox, err := p.updater(ctx, cmd, run.observer())
	if err != nil {
		return err
	}
	defer closeSandbox()
	if cmd.Bool("dry-run") {
		p.say("%d would be sent, %d confirmed by an earlier run", run.summary.Unsent, run.summary.Skipped)
		for _, req := range run.todo {
			fmt.Fprintf(p.stdout, "%s\n", escapeJSON(bodyOf(req)))
		}
		return nil
	}
	if err := results.open(cmd); err != nil {
		return err
	}
	p.say("%d to send, %d confirmed by an earlier run", run.summary.Unsent, run.summary.Skipped)
	err = run.send(ctx, update)
	if closed := results.file.Close(); closed != nil && err == nil {
		err = unwritableResults(closed, results.resume)
	}
	printJSON(p.stdout, run.summary)
	return err
}

// summary is the result of a run, printed as JSON.
type summary struct {
	Endpoints int    `json:"endpoints"` // in the file
	Skipped   int    `json:"skipped"`   // confirmed by an earlier run
	Updated   int    `json:"updated"`
	Failed    int    `json:"failed"`
	Unsent    int    `json:"unsent"`
	Results   string `json:"results"`
}

type applyRun struct {
	*program
	cmd     *cli.Command
	results *results
	todo    []heygen.UpdateWebhookEndpointRequest
	summary summary
	last    heygen.Attempt // of the call under way
}

func (r *applyRun) observer() heygen.Option {
	return heygen.WithObserver(func(_ context.Context, attempt heygen.Attempt) { r.last = attempt })
}

// send makes one call after another until one fails, or the context is done. Its error says how to go on.
func (r *applyRun) send(ctx context.Context, update updater) error {
	var first *failure
	for i, req := range r.todo {
		if ctx.Err() != nil {
			break
		}
		err := r.update(ctx, update, req)
		line := result{
			Outcome: outcomeUpdated, destination: r.results.destination, EndpointID: req.EndpointID, Status: r.last.StatusCode,
			Code: r.last.Code, Attempts: r.last.Number, Desired: hashOf(bodyOf(req)),
		}
		r.summary.Unsent--
		var failed *failure
		if err == nil {
			r.summary.Updated++
			r.say("%d of %d: %s updated", i+1, len(r.todo), printable(req.EndpointID))
		} else {
			failed = callFailure(r.cmd, req.EndpointID, repeatable, err)
			r.summary.Failed++
			r.say("%d of %d: %s failed: %s", i+1, len(r.todo), printable(req.EndpointID), printable(failed.Message))
			line.Outcome, line.Status, line.Code, line.Attempts = outcomeFailed, failed.Status, failed.Code, failed.Attempts
			line.Kind, line.Message = failed.Kind, failed.Message
		}
		if err := r.results.write(line); err != nil {
			return unwritableResults(err, r.results.resume)
		}
		if failed == nil {
			continue
		}
		failed.Message = fmt.Sprintf("endpoint %q: %s", req.EndpointID, failed.Message)
		if errors.Is(err, heygen.ErrUnauthorized) {
			return r.incomplete(failed, heygen.KindAuth)
		}
		first = cmp.Or(first, failed)
		if !r.cmd.Bool("continue-on-error") {
			break
		}
	}
	switch {
	case ctx.Err() != nil && r.summary.Unsent > 0:
		return r.incomplete(&failure{}, heygen.KindCanceled)
	case first != nil:
		return r.incomplete(first, kindIncomplete)
	}
	return nil
}

// incomplete is the failure of a run that was canceled, or whose cause is the failure of an endpoint.
func (r *applyRun) incomplete(cause *failure, kind kind) *failure {
	f := *cause
	f.Kind = kind
	f.Message = fmt.Sprintf("%d of %s failed, %d not sent",
		r.summary.Failed, count(r.summary.Endpoints, "endpoint"), r.summary.Unsent)
	f.next = r.results.resume
	if kind == heygen.KindCanceled {
		f.Message = "interrupted: " + f.Message
	} else {
		f.Message += "; " + cause.Message
		f.next = cause.next + "; " + f.next
	}
	return &f
}

const interrupted = "interrupted: finishing the call under way; Ctrl-C again ends at once"

// update makes one call, and finishes it even if the context is done before.
func (r *applyRun) update(ctx context.Context, update updater, req heygen.UpdateWebhookEndpointRequest) error {
	said := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { r.say(interrupted); close(said) })
	_, err := update(context.WithoutCancel(ctx), req)
	if !stop() {
		<-said
	}
	return err
}

// The outcomes of an endpoint. Only "updated" is confirmed: HeyGen responded with success, and the line was written.
const (
	outcomeUpdated = "updated"
	outcomeFailed  = "failed"
)

// result is a line of the results file. It begins with the outcome, by which a results file is recognised.
type result struct {
	Outcome string `json:"outcome"`
	destination
	EndpointID string `json:"endpoint_id"`
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Attempts   int    `json:"attempts"`
	Desired    string `json:"desired"` // the hash of the request body
	Kind       kind   `json:"kind,omitempty"`
	Message    string `json:"message,omitempty"`
}

// destination is where a run sends its updates. A result of another one confirms nothing.
type destination struct {
	Server string `json:"server"` // base URL, or "sandbox"
	API    string `json:"api"`    // "v1" or "v3"
}

const beginOfResult = `{"outcome":"`

// bodyOf is the request body for an endpoint in version 1, which stands for the changes to it in version 3, too.
func bodyOf(req heygen.UpdateWebhookEndpointRequest) []byte {
	body, err := json.Marshal(req)
	if err != nil {
		panic(err) // readEndpoints accepts nothing that has no JSON form
	}
	return body
}

// hashOf identifies a request.
func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// results is the results file: one line for each call, written before the next call begins.
type results struct {
	path        string
	destination                   // of this run
	resume      string            // how to go on with it, for the user
	confirmed   map[string]string // by endpoint id, the hash of the request that an earlier run confirmed
	whole       int64             // the length of its whole lines; -1 for a new file
	size        int64             // its length when it was read
	file        *os.File
}

// resultsFlags reads the flags about results, and an existing file.
func resultsFlags(ctx context.Context, cmd *cli.Command, to destination) (*results, error) {
	input, resume := cmd.String("file"), cmd.String("resume")
	r := &results{path: resume, destination: to, whole: -1}
	switch {
	case input == "":
		return nil, usageFailure(cmd, "--file is missing or empty")
	case cmd.IsSet("resume") && cmd.IsSet("results"):
		return nil, usageFailure(cmd, "--resume and --results exclude each other: --resume adds to its file")
	case cmd.IsSet("resume") && resume == "":
		return nil, usageFailure(cmd, "--resume is empty")
	case resume != "":
		_, err := until(ctx, resume, func() (none struct{}, err error) {
			if err = r.read(); err != nil {
				err = usageFailure(cmd, "--resume %s: %v", resume, withoutPath(err))
			}
			return none, err
		})
		if err != nil {
			return nil, err
		}
	case cmd.String("results") != "":
		r.path = cmd.String("results")
	case cmd.Bool("dry-run"):
	case input == "-":
		return nil, usageFailure(cmd, "--file - needs --results, a name for the results file")
	default:
		r.path = input + resultsSuffix
	}
	r.resume = "to go on: repeat the command with --resume " + r.path
	if cmd.IsSet("results") {
		r.resume += " in place of --results"
	}
	return r, nil
}

// read reads the results of an earlier run. Its last line may be half written.
func (r *results) read() error {
	if info, err := os.Stat(r.path); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	data, err := os.ReadFile(r.path)
	if err != nil {
		return err
	}
	r.confirmed, r.whole, r.size = map[string]string{}, 0, int64(len(data))
	number := 0
	for text := range bytes.Lines(data) {
		number++
		line := result{destination: destination{API: "v1"}} // of a program that knew no other
		isWhole, begins := bytes.HasSuffix(text, []byte("\n")), min(len(text), len(beginOfResult))
		isResult := string(text[:begins]) == beginOfResult[:begins]
		switch {
		case isResult && !isWhole:
			return nil
		case !isResult || json.Unmarshal(text, &line) != nil || line.EndpointID == "" || line.Desired == "":
			return fmt.Errorf("line %d is not a result of apply: is it a results file?", number)
		case line.Server != r.Server:
		case line.Outcome == outcomeUpdated && line.API == r.API:
			r.confirmed[line.EndpointID] = line.Desired
		default: // the update by the other version of the API, or the failed one, may have changed the endpoint
			delete(r.confirmed, line.EndpointID)
		}
		r.whole += int64(len(text))
	}
	return nil
}

// open creates the file, or cuts off a last line that was half written. Each line is one write at the end of the file,
// so that lines stay whole even if two runs write to it.
func (r *results) open(cmd *cli.Command) (err error) {
	flags := os.O_WRONLY | os.O_APPEND
	if r.whole < 0 {
		flags |= os.O_CREATE | os.O_EXCL
	}
	if r.file, err = os.OpenFile(r.path, flags, 0o600); err == nil && r.whole >= 0 {
		err = r.cutHalfLine()
	}
	if errors.Is(err, fs.ErrExist) {
		return usageFailure(cmd, "%s is there already: --resume goes on with it, --results gives another name", r.path)
	} else if err != nil {
		return usageFailure(cmd, "the results file cannot be written: %v", err)
	}
	return nil
}

func (r *results) cutHalfLine() error {
	info, err := r.file.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() != r.size:
		return errors.New("another run has written to it since it was read: repeat the command when that has ended")
	case r.whole < r.size:
		return os.Truncate(r.path, r.whole) // not by r.file: on Windows a file that is appended to cannot be cut off
	}
	return nil
}

// write writes a line, and syncs it to the disk.
func (r *results) write(line result) error {
	var text bytes.Buffer
	printJSON(&text, line)
	if _, err := r.file.Write(text.Bytes()); err != nil {
		return err
	}
	return r.file.Sync()
}

func unwritableResults(err error, resume string) *failure {
	return &failure{
		Kind: heygen.KindTransport, Message: fmt.Sprintf("the results cannot be written: %v", withoutPath(err)),
		next: "check the disk; " + resume,
	}
}
