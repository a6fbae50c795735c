package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestMain is also the program that the tests interrupt: update itself, stopping where it says that a step begins.
func TestMain(m *testing.M) {
	if line, ok := os.LookupEnv("UPDATE_STOPS_AT"); ok {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		status := run(ctx, os.Args[1:], os.Stdout, stopping{ctx, line})
		stop()
		os.Exit(status)
	}
	os.Exit(runTests(m))
}

// stopping is the standard error until a line is written: behind it, the writer waits to be interrupted.
type stopping struct {
	ctx  context.Context //nolint:containedctx // a Write has none
	line string
}

func (s stopping) Write(text []byte) (int, error) {
	n, err := os.Stderr.Write(text)
	if string(text) == s.line {
		<-s.ctx.Done()
	}
	return n, err
}

var shared string // a directory

func runTests(m *testing.M) int {
	var err error
	if shared, err = os.MkdirTemp("", "update"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(shared) }()
	return m.Run()
}

// process is a running update.
type process struct {
	*exec.Cmd
	tree   string
	stderr *bufio.Reader
	said   strings.Builder
}

// start starts an update of a tree, in which a stand-in for go and make does what settings say. It stops where it says
// that a step begins, if one is given.
func start(t *testing.T, tree, step string, settings []string, arguments ...string) *process {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], append([]string{"-C", tree}, arguments...)...)
	p := &process{Cmd: command, tree: tree}
	realGo, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	p.Env = append(os.Environ(),
		"GORACE=atexit_sleep_ms=0", // or else the race detector waits a second
		"STAND_IN_GO="+realGo, "UPDATE_STOPS_AT=step: "+step+"\n",
		"PATH="+standIns(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	p.Env = append(p.Env, settings...)
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stderr = bufio.NewReader(stderr)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// await waits until the update says that a step begins.
func (p *process) await(t *testing.T, step string) {
	t.Helper()
	for {
		line, err := p.stderr.ReadString('\n')
		p.said.WriteString(line)
		if err != nil {
			t.Fatalf("the update ended before step %s: %s", step, &p.said)
		}
		if line == "step: "+step+"\n" {
			return
		}
	}
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// end waits for the update and returns its exit status, -1 if a signal ended it, and what it printed.
func (p *process) end(t *testing.T) (status int, stderr string) {
	t.Helper()
	if _, err := io.Copy(&p.said, p.stderr); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // the status says it
	return p.ProcessState.ExitCode(), p.said.String()
}

// standIn is a go and a make whose steps take no time; what else a step asks go, it asks the real one. STAND_IN_FAILS
// is a command that fails, such as "go build"; STAND_IN_WAITS is one that says on a fifo that it has begun, and waits
// for another.
const standIn = `#!/bin/sh
case "${0##*/} $1" in
"$STAND_IN_FAILS") echo '--- FAIL: TestStandIn (0.00s)'; exit 1 ;;
"$STAND_IN_WAITS") (echo begun; read -r line <"$STAND_IN_FIFOS/wait") >"$STAND_IN_FIFOS/begun" ;;
"go generate" | "go test" | "go build" | "make test") ;;
*) exec "$STAND_IN_GO" "$@" ;;
esac
`

// standIns is the directory of the stand-ins.
func standIns(t *testing.T) string {
	t.Helper()
	directory, err := makeStandIns()
	if err != nil {
		t.Fatal(err)
	}
	return directory
}

var makeStandIns = sync.OnceValues(func() (string, error) {
	directory := filepath.Join(shared, "bin")
	if err := os.Mkdir(directory, 0o750); err != nil {
		return "", err
	}
	for _, name := range []string{"go", "make"} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(standIn), 0o755); err != nil {
			return "", err
		}
	}
	return directory, nil
})

// fifos are those that a stand-in waits with.
type fifos string

func newFIFOs(t *testing.T) fifos {
	t.Helper()
	directory := t.TempDir()
	for _, name := range []string{"begun", "wait"} {
		if err := syscall.Mkfifo(filepath.Join(directory, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fifos(directory)
}

// begun waits until the stand-in runs.
func (f fifos) begun(t *testing.T) *os.File {
	t.Helper()
	begun, err := os.Open(filepath.Join(string(f), "begun"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = begun.Close() })
	if _, err := io.ReadFull(begun, make([]byte, len("begun\n"))); err != nil {
		t.Fatal(err)
	}
	return begun
}

// release lets the stand-in go on.
func (f fifos) release(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(string(f), "wait"), []byte("go on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// awaitEnd waits until nothing of a stand-in runs any more.
func awaitEnd(t *testing.T, begun *os.File) {
	t.Helper()
	if rest, err := io.ReadAll(begun); err != nil || len(rest) > 0 {
		t.Fatalf("%q, error %v", rest, err)
	}
}

// awaitUnlocked waits until nobody holds the lock of a scratch copy.
func awaitUnlocked(t *testing.T, tree string) {
	t.Helper()
	scratch, err := os.Open(filepath.Join(tree, ".git", "heygen-update", "tree"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = scratch.Close() }()
	if err := syscall.Flock(int(scratch.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
}
