package tests

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The shell blocks of these pages are one script each, which runs as it is written. The programs are the built command
// and, for curl, which a machine may not have, the test binary.
func TestTheShellBlocksRun(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	goTool(t, ".", "build", "-buildvcs=false", "-o", filepath.Join(bin, "heygen-webhook"), "./cmd/heygen-webhook")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(bin, "curl"))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"docs/sandbox-http.md", "docs/testing-your-service.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			script := strings.Join(blocks(string(read(t, page)), "sh"), "\n")
			if script == "" {
				t.Fatal("there is no block")
			}
			run := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script)
			run.Dir = t.TempDir()
			run.WaitDelay = 10 * time.Second // then what the script has left running, with its output, is an error
			run.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
			if output, err := run.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// curl is what these pages use of curl: -s, -S, -f, -X, -H, -d, and one URL. It returns the exit code.
func curl(args []string, stdout, stderr io.Writer) int {
	var method, data string
	header := http.Header{}
	set := flag.NewFlagSet("curl", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.Bool("sSf", false, "silent, but for errors; fail for a status from 400")
	set.StringVar(&method, "X", "", "method")
	set.StringVar(&data, "d", "", "body")
	set.Func("H", "header", func(text string) error {
		name, value, _ := strings.Cut(text, ":")
		header.Set(name, strings.TrimSpace(value))
		return nil
	})
	var urls []string
	for len(args) > 0 {
		if set.Parse(args) != nil {
			return 2
		}
		if args = set.Args(); len(args) > 0 { // flags may follow the URL
			urls, args = append(urls, args[0]), args[1:]
		}
	}
	if len(urls) != 1 {
		fmt.Fprintf(stderr, "curl: %d URLs\n", len(urls))
		return 2
	}
	if method == "" && data != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequest(method, urls[0], bytes.NewBufferString(data))
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 7
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusBadRequest {
		_, _ = io.Copy(stderr, resp.Body) // more than curl prints, to see why
		return 22
	}
	if _, err := io.Copy(stdout, resp.Body); err != nil {
		return 23
	}
	return 0
}
