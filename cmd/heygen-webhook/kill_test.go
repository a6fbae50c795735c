//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// A run that was killed during any call is resumed, and killed again. The last run completes, and no run sends a
// request that the results confirm.
func TestKilledApplyIsResumed(t *testing.T) {
	t.Parallel()
	const endpoints, kills = 40, 3
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			s := newScene(t)
			var state strings.Builder
			for i := range endpoints {
				id := fmt.Sprint("k", i)
				s.server.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
				fmt.Fprintf(&state, `{"endpoint_id":%q,"url":"https://example.com/%d"}`+"\n", id, i)
			}
			directory := t.TempDir()
			input, results := filepath.Join(directory, "state.jsonl"), filepath.Join(directory, "results.jsonl")
			if err := os.WriteFile(input, []byte(state.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			before := 0
			var left atomic.Int64 // calls until the run is killed
			var kill chan func()
			front := s.withProxy(t, func(int) {
				if left.Add(-1) == 0 {
					(<-kill)()
				}
			})
			for turn := range kills + 1 {
				confirmed := front.confirmedIn(t, results)
				kill = make(chan func(), 1)
				left.Store(int64(1 + random.IntN(endpoints/kills)))
				if turn == kills {
					left.Store(-1) // the last run lives
				}
				flag := "--resume "
				if turn == 0 {
					flag = "--results "
				}
				cmd := command(t, front, "heygen-webhook apply --file "+input+" "+flag+results)
				var stderr strings.Builder
				cmd.Stderr = &stderr
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				kill <- func() { _ = cmd.Process.Signal(syscall.SIGKILL) }
				err := cmd.Wait()
				if killed := err != nil; killed != (turn < kills) {
					t.Fatalf("turn %d ended with %v: %s", turn, err, &stderr)
				}
				calls := s.server.Calls()
				sent := slices.DeleteFunc(slices.Clone(calls[before:]), func(c heygentest.Call) bool {
					return turn < kills && !json.Valid(c.RequestBody) // killed while it was sent
				})
				for _, id := range idsOf(t, sent) {
					if slices.Contains(confirmed, id) {
						t.Errorf("turn %d sent %s, which was confirmed", turn, id)
					}
				}
				before = len(calls)
			}
			if n := len(front.confirmedIn(t, results)); n != endpoints {
				t.Errorf("%d of %d are confirmed", n, endpoints)
			}
			for i := range endpoints {
				want := fmt.Sprint("https://example.com/", i)
				if endpoint, _ := s.server.Endpoint(fmt.Sprint("k", i)); endpoint.URL != want {
					t.Errorf("URL %s, want %s", endpoint.URL, want)
				}
			}
		})
	}
}

// A disk that is full for a moment cuts a line off. The summary counts what was sent, and --resume goes on.
func TestApplyOnAFullDisk(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	state := ""
	for i := range 9 {
		id := fmt.Sprint("k", i)
		s.server.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id})
		state += fmt.Sprintf(`{"endpoint_id":%q,"events":["a"]}`+"\n", id)
	}
	input := write(t, "state.jsonl", state)
	results := input + resultsSuffix
	cmd := command(t, s, "heygen-webhook apply --file "+input)
	cmd.Args[2] = "ulimit -f 1; " + cmd.Args[2] // files end at 512 or 1024 bytes
	output, err := cmd.CombinedOutput()
	sent := len(s.server.Calls())
	summary := fmt.Sprintf(`"updated":%d,"failed":0,"unsent":%d,`, sent, 9-sent)
	content, _ := os.ReadFile(results)
	if exitCode(err) != 1 || !strings.Contains(string(output), summary) || len(content)%512 != 0 || len(content) == 0 {
		t.Errorf("%v, %d bytes of results, want %s in %s", err, len(content), summary, output)
	}
	confirmed := strings.Count(string(content), "\n")
	if o := s.run(t, "apply", "--file", input, "--resume", results); o.code != 0 {
		t.Errorf("%+v", o)
	}
	if again := len(s.server.Calls()) - sent; again != 9-confirmed || len(s.confirmedIn(t, results)) != 9 {
		t.Errorf("sent %d after %d were confirmed", again, confirmed)
	}
}

// A secret that cannot be saved is not lost: the key of the call gets it again.
func TestSaveSecretOnAFullDisk(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	rotate := "heygen-webhook endpoints rotate-secret --endpoint-id e1 --save-secret secret"
	cmd := command(t, s, rotate)
	cmd.Args[2] = "ulimit -f 0; " + cmd.Args[2]
	output, err := cmd.CombinedOutput()
	calls := s.server.Calls()
	if exitCode(err) != 1 || len(calls) != 1 || !strings.Contains(string(output), "the secret cannot be saved") {
		t.Fatalf("%v, %d calls: %s", err, len(calls), output)
	}
	if _, err := os.Stat(filepath.Join(cmd.Dir, "secret")); err == nil {
		t.Error("a file was left")
	}
	again := " --idempotency-key " + calls[0].Header.Get("Idempotency-Key")
	if !strings.Contains(string(output), again+" ") {
		t.Fatalf("no %q in %s", again, output)
	}
	cmd = command(t, s, rotate+again)
	output, err = cmd.CombinedOutput()
	content, _ := os.ReadFile(filepath.Join(cmd.Dir, "secret"))
	endpoint, _ := s.server.Endpoint("e1")
	if err != nil || string(content) != endpoint.Secret.Reveal()+"\n" {
		t.Errorf("%v: %s, and the file is not of the endpoint's secret", err, output)
	}
}

func TestApplyFinishesItsCallsAtSIGINT(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	interrupt := make(chan func(), 1)
	front := s.withProxy(t, func(call int) {
		if call == 1 {
			(<-interrupt)()
		}
	})
	cmd := command(t, front, "heygen-webhook apply --file - --results results")
	cmd.Stdin = strings.NewReader(three)
	said := make(chan struct{})
	stderr := &untilSaid{text: "interrupted: finishing", said: said}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	interrupt <- func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-said // only then the call goes on
	}
	err := cmd.Wait()
	want := "to go on: repeat the command with --resume results in place of --results\n"
	if exitCode(err) != 130 || !strings.Contains(stderr.all, want) {
		t.Errorf("%v: %s", err, stderr.all)
	}
	if got := front.confirmedIn(t, filepath.Join(cmd.Dir, "results")); !slices.Equal(got, []string{"e1"}) {
		t.Errorf("confirmed %v", got)
	}
}

// untilSaid closes said once a text was written to it.
type untilSaid struct {
	text, all string
	said      chan struct{}
}

func (u *untilSaid) Write(data []byte) (int, error) {
	before := strings.Contains(u.all, u.text)
	if u.all += string(data); !before && strings.Contains(u.all, u.text) {
		close(u.said)
	}
	return len(data), nil
}
