// Package browser_test drives the sandbox's page in headless Chromium. It is a module of its own, which "make test"
// leaves alone, because a bare machine has no browser: "make test-browser" runs it, and fails where there is none.
package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

const timeout = time.Minute

// A call that is tried changes an endpoint, the exchange appears with what it breaks, and the page stays at home.
func TestPage(t *testing.T) {
	t.Parallel()
	sandbox := serve(t)
	tab, complaints := open(t, sandbox)

	const body = ".reference .body-param__text"
	tryIt := func(request string) chromedp.Action {
		return chromedp.Tasks{
			chromedp.WaitVisible(body),
			chromedp.Focus(body),
			chromedp.Evaluate(`document.activeElement.select()`, nil),
			chromedp.SendKeys(body, request),
			chromedp.Click(".reference .btn.execute"),
		}
	}
	text := func(selector string, into *string) chromedp.Action {
		return chromedp.Text(selector, into, chromedp.NodeVisible)
	}
	var endpoints, exchange, findings string
	err := chromedp.Run(tab,
		chromedp.Navigate(sandbox.Page),
		tryIt(`{"endpoint_id": "e1", "url": "https://example.com/tried"}`),
		chromedp.WaitVisible(`//*[@id="endpoints"]//td[.="https://example.com/tried"]`, chromedp.BySearch),
		text("#endpoints", &endpoints),
		chromedp.WaitVisible(`//*[@id="exchanges"]/li[1]//strong[.="200"]`, chromedp.BySearch),
		text("#exchanges > li:first-child", &exchange),

		tryIt(`{"endpoint_id": "e1", "url": 1}`),
		chromedp.WaitVisible("#exchanges > li:first-child .findings"),
		text("#exchanges > li:first-child .findings", &findings),
	)
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints())
	}
	if !strings.Contains(endpoints, "e1") {
		t.Errorf("endpoints: %s", endpoints)
	}
	if !strings.Contains(exchange, "PATCH") || !strings.Contains(exchange, "/v1/webhook/endpoint.update") {
		t.Errorf("exchange: %s", exchange)
	}
	if !strings.Contains(findings, "client") || !strings.Contains(findings, "/url") {
		t.Errorf("findings: %s", findings)
	}
	if said := complaints(); said != "" {
		t.Errorf("the browser says\n%s", said)
	}
}

// served is what the program prints when it serves.
type served struct {
	BaseURL string `json:"base_url"`
	Page    string `json:"page"`
}

// serve builds the program, which serves the sandbox until the test ends.
func serve(t *testing.T) (s served) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "heygen-webhook")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/heygen-webhook")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	sandbox := exec.CommandContext(t.Context(), program, "sandbox", "--addr", "127.0.0.1:0", "--endpoint-id", "e1")
	var stderr bytes.Buffer
	sandbox.Stderr = &stderr
	stdout, err := sandbox.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = sandbox.Process.Signal(os.Interrupt)
		_ = sandbox.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &s) != nil {
		t.Fatalf("%v: %s%s", err, line, &stderr)
	}
	return s
}

// open opens a tab, and returns what the browser complained of: errors of the page, and requests to elsewhere.
func open(t *testing.T, sandbox served) (tab context.Context, complaints func() string) {
	t.Helper()
	options := slices.Concat(chromedp.DefaultExecAllocatorOptions[:], []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(browser(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // a container's root may not have one, and it opens only the page
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	})
	ctx, cancel := context.WithTimeout(context.Background(), timeout) //nolint:usetesting // t.Context ends before Cleanup
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	tab, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)

	var mu sync.Mutex
	var all []string
	complain := func(format string, arguments ...any) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, fmt.Sprintf(format, arguments...))
	}
	chromedp.ListenTarget(tab, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complain("exception: %s", e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError || e.Type == runtime.APITypeAssert {
				complain("console: %s", e.Args[0].Value)
			}
		case *log.EventEntryAdded:
			// The browser logs the 400 of a wrong request, too: that is what was asked for.
			if e.Entry.Level == log.LevelError && !strings.HasPrefix(e.Entry.URL, sandbox.BaseURL+"/v1/") {
				complain("log: %s %s", e.Entry.Text, e.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			if to, err := url.Parse(e.Request.URL); err != nil ||
				to.Scheme != "data" && to.Scheme != "blob" && !strings.HasPrefix(e.Request.URL, sandbox.BaseURL+"/") {
				complain("request to elsewhere: %s", e.Request.URL)
			}
		}
	})
	if err := chromedp.Run(tab, network.Enable(), log.Enable(), runtime.Enable()); err != nil {
		t.Fatal(err)
	}
	return tab, func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(all, "\n")
	}
}

// browser is that of the variable CHROME, or else the first in the path.
func browser(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if chrome := os.Getenv("CHROME"); chrome != "" {
		names = []string{chrome}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no browser: install Chromium, or set CHROME to the path of one")
	return ""
}
