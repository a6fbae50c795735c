package transaction

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// TestMain is also the program that the tests interrupt: a transaction of three steps in the tree of its argument.
func TestMain(m *testing.M) {
	if tree, ok := os.LookupEnv("TRANSACTION_TREE"); ok {
		os.Exit(program(tree, os.Getenv("TRANSACTION_POINT"), os.Getenv("TRANSACTION_FIFOS")))
	}
	os.Exit(runTests(m))
}

var templates string // a directory

func runTests(m *testing.M) int {
	var err error
	if templates, err = os.MkdirTemp("", "transaction"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(templates) }()
	return m.Run()
}

// program stops at a point until it is interrupted. With fifos, its command says that it has begun on one of them, and
// waits for the other.
func program(tree, point, fifos string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	reached = func(name string) {
		if name == point {
			fmt.Println("reached", name)
			<-ctx.Done()
		}
	}
	err := transact(ctx, tree, fifos)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return 0
}

func transact(ctx context.Context, tree, fifos string) (err error) {
	t, err := Begin(ctx, tree, os.Stdout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	in := func(name string) string { return filepath.Join(t.Scratch(), name) }
	return t.Run(ctx, []Step{
		{Name: "write", Do: func(context.Context) error {
			return errors.Join(
				os.WriteFile(in("changed"), []byte("new\n"), 0o600),
				os.Chmod(in("changed"), 0o755),
				os.MkdirAll(in("new directory"), 0o750),
				os.WriteFile(in("new directory/added"), []byte("new\n"), 0o600),
				os.Chmod(in("new directory/added"), 0o644),
				os.Remove(in("removed")),
			)
		}},
		{Name: "command", Do: func(ctx context.Context) error {
			if fifos == "" {
				return nil
			}
			// The inner shell is a child of a child, as the tests that make runs are.
			return t.Command(ctx, "sh", "-c", `(echo begun; read -r line <"$0/wait") >"$0/begun"; true`, fifos)
		}},
		{Name: "check", Do: func(ctx context.Context) error { return t.CheckReplaceable(ctx) }},
	}, io.Discard)
}

// process is a running program.
type process struct {
	*exec.Cmd
	stdout *bufio.Reader
	stderr *os.File
}

func start(t *testing.T, tree, point, fifos string) *process {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", // or else the race detector waits a second
		"TRANSACTION_TREE="+tree, "TRANSACTION_POINT="+point, "TRANSACTION_FIFOS="+fifos)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stderr.Close() })
	command.Stderr = stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{command, bufio.NewReader(stdout), stderr}
}

// awaitPoint waits until the program stops at its point.
func (p *process) awaitPoint(t *testing.T) {
	t.Helper()
	if line, err := p.stdout.ReadString('\n'); err != nil {
		t.Fatalf("the program ended before its point: %q, %s", line, p.said(t))
	}
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// end waits for the program and returns its exit status, -1 if a signal ended it, and what it printed.
func (p *process) end(t *testing.T) (status int, stderr string) {
	t.Helper()
	if _, err := io.Copy(io.Discard, p.stdout); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // the status says it
	return p.ProcessState.ExitCode(), p.said(t)
}

func (p *process) said(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(p.stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
