//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/urfave/cli/v3"
)

// asProgram is the variable that makes the test binary the program, which saves building it.
const asProgram = "HEYGEN_WEBHOOK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// homeFiles are the files that the examples name. They are in the home directory, where the examples run.
var homeFiles = map[string]string{
	".heygen-key":    testKey + "\n",
	".heygen-secret": testSecret + "\n",
	"endpoints.yaml": "- endpoint_id: demo\n  url: https://example.com/hook\n  events: all\n",
	"results.jsonl":  "",
	"faults.yaml":    "next: [retry-after 1s]\n",
	"state.json":     `{"endpoints":[{"endpoint_id":"e1"}]}`,
	"traffic.har":    goodArchive,
}

// command is a line of shell with the program in the PATH, in a home and with an environment that are the scene's.
func command(t *testing.T, s scene, line string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	binary, err := os.Executable()
	if err == nil {
		err = os.Symlink(binary, filepath.Join(home, name))
	}
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range homeFiles {
		if err := os.WriteFile(filepath.Join(home, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec "+line)
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "PATH="+home+":"+os.Getenv("PATH"), "HOME="+home, asProgram+"=1")
	for name, value := range s.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// Signals, pipes, and the examples as a shell reads them take a process of their own.
func TestBinary(t *testing.T) {
	t.Parallel()

	for name, sig := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run("is canceled by "+name, func(t *testing.T) {
			t.Parallel()
			arrived := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client has gone
				close(arrived)
				<-r.Context().Done()
			}))
			defer server.Close()
			s := newScene(t).with(map[string]string{"HEYGEN_BASE_URL": server.URL})
			cmd := command(t, s, "heygen-webhook update --endpoint-id e1 --all-events")
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case <-arrived:
			case err := <-ended:
				t.Fatalf("ended before the call: %v, %s", err, &stderr)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			err := <-ended
			want := endOfV1Line + "heygen-webhook: canceled before the call ended\n  " + repeatable + "\n"
			if exitCode(err) != 130 || stdout.String() != "" || stderr.String() != want {
				t.Errorf("%v, stdout %q, stderr %q, want %q", err, &stdout, &stderr, want)
			}
		})
	}

	// waitForKey starts the program, and returns while it reads a key from a pipe that stays open.
	waitForKey := func(t *testing.T, stderr io.Writer) *exec.Cmd {
		t.Helper()
		fifo := makeFIFO(t)
		cmd := command(t, newScene(t), "heygen-webhook update --endpoint-id e1 --all-events --api-key-file "+fifo)
		cmd.Stderr = stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		writer, err := os.OpenFile(fifo, os.O_WRONLY, 0) // returns when the program has opened it, too
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = writer.Close() })
		return cmd
	}

	t.Run("reads the request from standard input", func(t *testing.T) {
		t.Parallel()
		s := newScene(t)
		cmd := command(t, s, "heygen-webhook update --from -")
		cmd.Stdin = strings.NewReader(`{"endpoint_id":"e1","events":null}`)
		output, err := cmd.CombinedOutput()
		if endpoint, _ := s.server.Endpoint("e1"); err != nil || !endpoint.Events.All() {
			t.Errorf("%v\n%s", err, output)
		}
	})

	t.Run("is canceled while it reads the key file", func(t *testing.T) {
		t.Parallel()
		var stderr strings.Builder
		cmd := waitForKey(t, &stderr)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		want := "heygen-webhook: canceled while reading the API key\n  nothing was sent\n"
		if exitCode(err) != 130 || stderr.String() != want {
			t.Errorf("%v, stderr %q, want %q", err, &stderr, want)
		}
	})

	t.Run("ends at the second SIGINT where nothing listens to the first", func(t *testing.T) {
		t.Parallel()
		cmd := waitForKey(t, fullPipe(t)) // the first ends the reading, but the error cannot be printed
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for again := time.NewTicker(10 * time.Millisecond); ; <-again.C {
			_ = cmd.Process.Signal(os.Interrupt) // fails once it has ended
			select {
			case err := <-ended:
				if err == nil || err.Error() != "signal: interrupt" {
					t.Errorf("ended with %v", err)
				}
				return
			default:
			}
		}
	})

	// A reader that has gone wants no more: the exit code says what became of the command.
	for line, code := range map[string]int{
		"--help": 0, "update --help": 0, "completion bash": 0, "spec show": 0, "spec deviations --output json": 0,
		"update --endpoint-id e1 --all-events": 0, "update --endpoint-id e2 --all-events": 1,
		"apply --file endpoints.yaml --sandbox": 0, "endpoints list": 0, "event-types": 0,
	} {
		t.Run("writes into a closed pipe: "+line, func(t *testing.T) {
			t.Parallel()
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			_ = reader.Close()
			defer func() { _ = writer.Close() }()
			cmd := command(t, newScene(t), "heygen-webhook "+line)
			var stderr strings.Builder
			cmd.Stdout, cmd.Stderr = writer, &stderr
			err = cmd.Run()
			if exitCode(err) != code || strings.Contains(stderr.String(), "stdout") {
				t.Errorf("%v, stderr %q", err, &stderr)
			}
		})
	}

	for _, path := range commandPaths(t) {
		examples := examplesOf(t, path)
		if len(examples) == 0 {
			t.Errorf("the help of %s has no example", path)
		}
		for _, example := range examples {
			t.Run(example, func(t *testing.T) {
				t.Parallel()
				s := newScene(t).with(map[string]string{
					"HEYGEN_API_KEY": "", "HEYGEN_WEBHOOK_SECRET": testSecret, "RECEIVER": serveReceiver(t, quickReceiver(t)),
				})
				s.server.AddEndpoint(demoEndpoint)
				run := (*exec.Cmd).CombinedOutput
				switch strings.Join(path, " ") {
				case "sandbox", "listen":
					run = serveUntilReady
				case "contract proxy":
					run = func(cmd *exec.Cmd) ([]byte, error) { return sendThrough(t, cmd) }
				}
				if output, err := run(command(t, s, example)); err != nil {
					t.Errorf("%v\n%s", err, output)
				}
			})
		}
	}
}

// The scripts of the completion ask the program itself, in a process of its own, and nothing is sent for it.
func TestCompletion(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, shell := range []string{"bash", "zsh", "fish", "pwsh"} {
		if o := s.run(t, "completion", shell); o.code != 0 || !strings.Contains(o.stdout, "--generate-shell-completion") {
			t.Errorf("%s: %+v", shell, o)
		}
	}
	for words, want := range map[string]string{
		"": "apply", "update --endpoint-id e1 --": "--all-events", "contract": "receiver", "spec": "deviations",
		"endpoints": "rotate-secret", "endpoints create --": "--save-secret",
	} {
		output, err := command(t, s, "heygen-webhook "+words+" --generate-shell-completion").CombinedOutput()
		if err != nil || !strings.Contains(string(output), want) || len(s.server.Calls()) > 0 {
			t.Errorf("%q: %v\n%s\nwant %s", words, err, output, want)
		}
	}
}

// commandPaths are the words that call each command that does something: those without commands of their own.
func commandPaths(t *testing.T) (paths [][]string) {
	t.Helper()
	root := (&program{stdout: &rememberingWriter{w: io.Discard}, stderr: io.Discard}).root()
	if err := root.Run(t.Context(), []string{name}); err != nil { // sets the full names
		t.Fatal(err)
	}
	err := root.Walk(func(cmd *cli.Command) error {
		words := strings.Fields(cmd.FullName())[1:]
		if len(words) > 0 && len(cmd.VisibleCommands()) == 0 && cmd.Name != "help" && words[0] != "completion" {
			paths = append(paths, words)
		}
		return nil
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("%v: no command", err)
	}
	return paths
}

// sendThrough runs the proxy, sends an update through it, and then ends it.
func sendThrough(t *testing.T, cmd *exec.Cmd) ([]byte, error) {
	t.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(stderr)
	ready, _ := lines.ReadString('\n')
	if base := baseURL.FindString(ready); base == "" {
		t.Errorf("no base URL in %q", ready)
	} else if err := sendUpdate(t, base, testKey, `{"endpoint_id":"demo"}`); err != nil {
		t.Error(err)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	rest, _ := io.ReadAll(lines)
	return append([]byte(ready), rest...), cmd.Wait()
}

// serveUntilReady runs the sandbox until it says where it is, and then ends it.
func serveUntilReady(cmd *exec.Cmd) ([]byte, error) {
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || !json.Valid(line) {
		_ = cmd.Process.Kill()
		return append(line, stderr.Bytes()...), errors.Join(err, cmd.Wait(), errors.New("it does not say that it is ready"))
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return line, err
	}
	return line, cmd.Wait()
}

func TestCanceledWhileTheDocumentIsRead(t *testing.T) {
	t.Parallel()
	fifo := makeFIFO(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := newScene(t).runUntil(ctx, t, "contract", "har", "traffic.har", "--document", fifo)
	if o.code != 130 || !strings.Contains(o.stderr, "canceled while reading ") {
		t.Errorf("%+v", o)
	}
	writer, err := os.OpenFile(fifo, os.O_WRONLY, 0) // ends the reading that was not waited for
	if err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
}

func makeFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// fullPipe is a pipe without a reader that is full.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = writer.Close(), reader.Close() })
	fd := int(writer.Fd())
	err = syscall.SetNonblock(fd, true)
	for err == nil {
		_, err = syscall.Write(fd, make([]byte, 4096))
	}
	if !errors.Is(err, syscall.EAGAIN) {
		t.Fatal(err)
	}
	return writer
}

// examplesOf are the lines in the last section of a command's help.
func examplesOf(t *testing.T, command []string) []string {
	t.Helper()
	_, section, _ := strings.Cut(newScene(t).run(t, append(command, "--help")...).stdout, "\nEXAMPLES:\n")
	var lines []string
	for line := range strings.Lines(section) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

func exitCode(err error) int {
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return failed.ExitCode()
	}
	return 0
}
