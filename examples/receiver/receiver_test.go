package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// The tests run on SQLite, and with the tag postgres on the PostgreSQL of DATABASE_URL. The services are processes of
// this test binary, so that they can be killed.

func TestMain(m *testing.M) {
	if hold, service := os.LookupEnv("RECEIVER_TEST_HOLD"); service {
		if err := run(context.Background(), &holder{at: hold}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// holder prints spans, and stops a service at the start or the end of one until the test writes a line.
type holder struct{ at string }

const (
	never    = ""
	claimed  = "start of insert" // the handler has claimed the delivery
	inserted = "end of insert"   // the transaction is committed, and no response is sent
	working  = "start of work"
)

func (h *holder) hold(at string) {
	if h.at == at {
		fmt.Fprintln(os.Stderr, "holding")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	}
}

func (h *holder) OnStart(_ context.Context, span sdktrace.ReadWriteSpan) {
	h.hold("start of " + span.Name())
}

func (h *holder) OnEnd(span sdktrace.ReadOnlySpan) {
	fmt.Fprintf(os.Stderr, "span %s %s %s %v\n",
		span.SpanContext().TraceID(), span.Name(), span.SpanKind(), span.Attributes())
	h.hold("end of " + span.Name())
}

func (h *holder) Shutdown(context.Context) error   { return nil }
func (h *holder) ForceFlush(context.Context) error { return nil }

const (
	endpointID = "tea"
	success    = "avatar_video.success"
)

// fixture is a sandbox and a database, for services.
type fixture struct {
	sandbox  *heygentest.Server
	database string // the variable that names it to a service
	db       *sql.DB
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	driver, source, variable := newDatabase(t)
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	sandbox := heygentest.NewServer(heygentest.WithProbe())
	t.Cleanup(sandbox.Close)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: endpointID})
	return &fixture{sandbox, variable, db}
}

// command returns the command of a service, which moves the endpoint to its own address.
func (f *fixture) command(t *testing.T, hold string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "RECEIVER_TEST_HOLD="+hold,
		"ADDR=127.0.0.1:0", "DATABASE_URL=", f.database,
		"HEYGEN_BASE_URL="+f.sandbox.URL, "HEYGEN_API_KEY="+f.sandbox.APIKey,
		"HEYGEN_ENDPOINT_ID="+endpointID, "HEYGEN_ENDPOINT_URL=", "HEYGEN_WEBHOOK_SECRET=")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// service is a process.
type service struct {
	cmd    *exec.Cmd
	stdin  io.Writer
	stderr *bufio.Scanner
	log    []string // the lines that were read
	url    string
}

func (f *fixture) start(t *testing.T, hold string, env ...string) *service {
	t.Helper()
	cmd := f.command(t, hold, env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &service{cmd: cmd, stdin: stdin, stderr: bufio.NewScanner(stderr)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(strings.Join(s.log, "\n"))
		}
	})
	_, address, _ := strings.Cut(s.waitFor(t, "receiving"), "address=")
	s.url = "http://" + address
	return s
}

// waitFor reads what the service prints up to a line with the text, which it returns.
func (s *service) waitFor(t *testing.T, text string) string {
	t.Helper()
	for s.stderr.Scan() {
		s.log = append(s.log, s.stderr.Text())
		if strings.Contains(s.stderr.Text(), text) {
			return s.stderr.Text()
		}
	}
	t.Fatalf("the service ended and did not print %q", text)
	return ""
}

func (s *service) kill(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.cmd.Wait()
}

// stop sends SIGTERM and waits for the end of the service.
func (s *service) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.waitForEnd(t)
}

func (s *service) waitForEnd(t *testing.T) {
	t.Helper()
	for s.stderr.Scan() {
		s.log = append(s.log, s.stderr.Text())
	}
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("the service ended with %v", err)
	}
}

// deliver delivers an event and reports whether an attempt got a 2xx.
func (f *fixture) deliver(t *testing.T, event []byte, faults ...heygentest.DeliveryFault) bool {
	t.Helper()
	delivery, err := f.sandbox.Deliver(t.Context(), endpointID, event, faults...)
	if err != nil {
		t.Error(err)
	}
	return delivery.Delivered()
}

func (f *fixture) mustDeliver(t *testing.T, event []byte, faults ...heygentest.DeliveryFault) {
	t.Helper()
	if !f.deliver(t, event, faults...) {
		t.Errorf("not delivered: %+v", f.sandbox.Deliveries())
	}
}

// want waits until a query returns a text.
func (f *fixture) want(t *testing.T, query, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		var got string
		if err := f.db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// wantDone waits until n deliveries and no other have become n jobs and n videos, each at the first attempt.
func (f *fixture) wantDone(t *testing.T, n int) {
	t.Helper()
	f.want(t, counts, fmt.Sprintf("%d deliveries, %d jobs, %d done at once, %d videos", n, n, n, n))
}

const counts = `SELECT (SELECT count(*) FROM deliveries) || ' deliveries, ' ||
	(SELECT count(*) FROM river_job) || ' jobs, ' ||
	(SELECT count(*) FROM river_job WHERE state = 'completed' AND attempt = 1) || ' done at once, ' ||
	(SELECT count(*) FROM videos) || ' videos'`

func TestADeliveryBecomesOneJob(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	service := f.start(t, never)
	events := [][]byte{
		heygentest.Event(success), heygentest.Event("avatar_video.fail"),
		heygentest.Event(success), heygentest.Event(success),
	}
	f.mustDeliver(t, events[0])
	f.mustDeliver(t, events[1], heygentest.DeliverTwice())
	f.mustDeliver(t, events[2], heygentest.DeliverReplayed())
	f.deliver(t, events[3], heygentest.DeliverHangUp(), heygentest.DeliverOnce())
	f.wantDone(t, len(events))
	service.stop(t)

	f.start(t, never) // has nothing in memory
	for _, event := range events {
		f.mustDeliver(t, event)
	}
	f.mustDeliver(t, heygentest.Event(success))
	f.wantDone(t, len(events)+1)
}

func TestAKilledServiceLosesNothingAndDoesNothingTwice(t *testing.T) {
	t.Parallel()
	for hold, jobs := range map[string]string{claimed: "0", inserted: "1"} {
		t.Run(hold, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.start(t, never).stop(t)
			f.exec(t, "UPDATE river_queue SET paused_at = CURRENT_TIMESTAMP") // the killed service does not work on the job
			service := f.start(t, hold)
			event := heygentest.Event(success)
			delivered := make(chan bool)
			go func() { delivered <- f.deliver(t, event, heygentest.DeliverOnce()) }()
			service.waitFor(t, "holding")
			service.kill(t)
			if <-delivered {
				t.Error("a killed service responded")
			}
			f.want(t, "SELECT count(*) FROM river_job WHERE state = 'available'", jobs)

			f.exec(t, "UPDATE river_queue SET paused_at = NULL")
			f.start(t, never)
			f.mustDeliver(t, event)
			f.mustDeliver(t, event)
			f.wantDone(t, 1)
		})
	}
}

// Both or none: a record without its job would make a duplicate of what comes again, and lose it.
func TestNoRecordIsKeptWithoutItsJob(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.start(t, never)
	event := heygentest.Event(success)
	f.exec(t, "ALTER TABLE river_job RENAME TO hidden")
	if f.deliver(t, event, heygentest.DeliverOnce()) {
		t.Error("the service accepted an event without a place for its job")
	}
	f.exec(t, "ALTER TABLE hidden RENAME TO river_job")
	f.want(t, "SELECT count(*) FROM deliveries", "0")
	f.mustDeliver(t, event)
	f.wantDone(t, 1)
}

func (f *fixture) exec(t *testing.T, statement string) {
	t.Helper()
	if _, err := f.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestSIGTERMFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, hold := range []string{claimed, working} {
		t.Run(hold, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			service := f.start(t, hold)
			delivered := make(chan bool)
			go func() {
				delivered <- f.deliver(t, heygentest.Event(success), heygentest.DeliverOnce())
			}()
			service.waitFor(t, "holding")
			if err := service.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			for service.accepts(t) {
				continue // the signal has not come yet
			}
			_, _ = io.WriteString(service.stdin, "go on\n")
			if !<-delivered {
				t.Error("not delivered")
			}
			service.waitForEnd(t)
			if hold == claimed {
				f.start(t, never) // the job may be left to the next service
			}
			f.wantDone(t, 1)
		})
	}
}

// accepts reports whether the service accepts connections.
func (s *service) accepts(t *testing.T) bool {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

// A service that knows the secret leaves the endpoint as it is, and needs no API key.
func TestTheSecretOfTheEnvironment(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "coffee", Secret: heygen.NewSecret("whsec_coffee")})
	service := f.start(t, never, "HEYGEN_WEBHOOK_SECRET=whsec_coffee", "HEYGEN_API_KEY=")
	if calls := f.sandbox.Calls(); len(calls) != 0 {
		t.Errorf("the service called HeyGen: %+v", calls)
	}
	for id, want := range map[string]bool{endpointID: false, "coffee": true} {
		if _, err := f.sandbox.Client().UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{
			EndpointID: id, URL: service.url,
		}); err != nil {
			t.Fatal(err)
		}
		delivery, err := f.sandbox.Deliver(t.Context(), id, heygentest.Event(success), heygentest.DeliverOnce())
		if err != nil || delivery.Delivered() != want {
			t.Errorf("to %s: %+v, %v", id, delivery, err)
		}
	}
	f.wantDone(t, 1)
}

func TestBeforeTheSecretIsKnown(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&receiver{})
	defer server.Close()
	for method, want := range map[string]int{http.MethodOptions: 200, http.MethodPost: 503} {
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", method, resp.StatusCode, want)
		}
	}
}

// One trace has the delivery and its work, and no span and no log line holds a credential.
func TestTraces(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: endpointID, Secret: heygen.NewSecret("whsec_tea")})
	service := f.start(t, never)
	f.mustDeliver(t, heygentest.Event(success))
	f.deliver(t, heygentest.Event(success), heygentest.DeliverOtherSecret())
	f.wantDone(t, 1)
	service.stop(t)
	f.sandbox.Verify(t)

	log := strings.Join(service.log, "\n")
	traces := map[string][]string{}
	for _, span := range regexp.MustCompile(`(?m)^span (\w+) (\w+ \w+)`).FindAllStringSubmatch(log, -1) {
		traces[span[1]] = append(traces[span[1]], span[2])
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(traces)), func(spans []string) bool {
		slices.Sort(spans)
		return slices.Equal(spans, []string{"POST server", "insert producer", "work consumer"})
	}) {
		t.Errorf("the traces have the spans %q", traces)
	}
	for _, credential := range []string{f.sandbox.APIKey, "whsec_"} {
		if strings.Contains(log, credential) {
			t.Errorf("the log holds %s:\n%s", credential, log)
		}
	}
}

func TestAServiceThatCannotRegisterEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ env, want string }{
		"no API key":                       {"HEYGEN_API_KEY=", "key"},
		"another key":                      {"HEYGEN_API_KEY=another", "unauthorized"},
		"an address that does not respond": {"HEYGEN_ENDPOINT_URL=http://127.0.0.1:1/", "400542"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, err := newFixture(t).command(t, never, test.env).CombinedOutput()
			if err == nil || !strings.Contains(strings.ToLower(string(output)), test.want) {
				t.Errorf("got %v and\n%s", err, output)
			}
		})
	}
}
