//go:build browser

// Package browser_test drives the sandbox's page in headless Chromium. Its build tag keeps it out of "make test",
// because a bare machine has no browser. "make test-browser" runs it, and fails if there is none.
package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience limits the whole test.
const patience = 60 * time.Second

// Elements of the page.
const (
	bodyToTry = chromedp.CSS("#reference .body-param__text")
	execute   = chromedp.CSS("#reference .execute")
	endpoints = chromedp.CSS("#endpoints")
	problem   = chromedp.CSS("#problem")

	eventType   = chromedp.CSS("#event-type")
	eventFaults = chromedp.CSS("#event-faults")
	send        = chromedp.CSS("#event button:enabled")
	sent        = chromedp.CSS("#event-result")
)

// id is as long as HeyGen's ids are.
const id = "9fd2dd9ca1e845a6a5d6c2a3a1b0e4f7"

// Calls from the page and from another client change endpoints, appear with their findings, and are shown as text. The
// page fits wide and narrow screens in either colour scheme, and loads nothing from elsewhere.
func TestPage(t *testing.T) {
	t.Parallel()
	page := startSandbox(t, "next: [normal, 'set /data/status \"paused\"']\n")
	ctx, seen := startBrowser(t, page)
	run := func(what string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, strings.Join(seen.all(), "\n"))
		}
	}
	run("the page loads", chromedp.Navigate(page), chromedp.WaitVisible(execute), chromedp.WaitVisible(endpoints+" tr"))

	run("a try-it call", chromedp.Click(execute), chromedp.WaitVisible(call(1)+" .good"))
	expect(ctx, t, endpoints, "https://example.com/hook", "avatar_video.success")
	if got := urlOf(t, page, id); got != "https://example.com/hook" {
		t.Errorf("the endpoint has the URL %s", got)
	}

	const markup = "https://example.com/<img src=x onerror=alert(1)>"
	run("a try-it call with a typed body, and a fault in the response",
		chromedp.Click(bodyToTry), chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)),
		chromedp.SendKeys(bodyToTry, `{"endpoint_id":"`+id+`","url":"`+markup+`","events":null}`),
		chromedp.Click(execute), chromedp.WaitVisible(call(2)+" .findings"))
	expect(ctx, t, call(2), "200", "set /data/status", "server response 200 body /data/status enum")
	expect(ctx, t, endpoints, markup, "all")
	if got := urlOf(t, page, id); got != markup {
		t.Errorf("the endpoint has the URL %s", got)
	}

	patch(t, page, `{"endpoint_id":5}`)
	run("a call that breaks the contract, by another client",
		chromedp.WaitVisible(call(3)+" .findings"), chromedp.Click(call(3)+" summary"))
	expect(ctx, t, call(3), "400", "client request body /endpoint_id type", `{"endpoint_id":5}`)

	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Signature") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(receiver.Close)
	patch(t, page, `{"endpoint_id":"`+id+`","url":"`+receiver.URL+`"}`)
	run("an event to all that are subscribed", chromedp.WaitVisible(call(4)+" .good"),
		chromedp.Click(send), chromedp.WaitVisible(delivery(1)+" .good"), chromedp.Click(delivery(1)+" summary"))
	expect(ctx, t, sent, "1 endpoint of 1 responded with a 2xx.")
	expect(ctx, t, delivery(1), "avatar_video.success to "+id, "delivered 1 attempt", "Sent to "+receiver.URL,
		`{"event_type":`, "Attempt 1: 200", "Signature: ")
	all := chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl))
	run("an event of a typed type to one endpoint, with faults",
		chromedp.Click(eventType), all, chromedp.SendKeys(eventType, "<img src=x>"),
		chromedp.SendKeys("#event-endpoint", id[:1]), chromedp.SendKeys(eventFaults, "unsigned, headers-v3"),
		chromedp.Click(send), chromedp.WaitVisible(delivery(2)+" .bad"))
	expect(ctx, t, sent, "0 endpoints of 1 responded with a 2xx.")
	expect(ctx, t, delivery(2), "<img src=x> to "+id, "not delivered 1 attempt", "Fault: unsigned with headers-v3")
	run("a mistake", chromedp.Click(eventFaults), all, chromedp.SendKeys(eventFaults, "explode"), chromedp.Click(send))
	const mistake = `document.querySelector('#event-result').textContent.includes('"explode"')`
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](mistake)); err != nil {
		t.Errorf("the mistake is not shown: %v", err)
	}
	if got := evaluate[string](ctx, t, "document.querySelector('#event-endpoint').value"); got != id {
		t.Errorf("the chosen endpoint is now %q", got)
	}
	run("the list of faults", chromedp.Click("#event summary"), chromedp.WaitVisible("#fault-list dt"))

	const dark = chromedp.CSS("html.dark-mode")
	for _, width := range []int64{1280, 390} {
		run("the dark scheme", chromedp.EmulateViewport(width, 900), inScheme("dark"), chromedp.WaitReady(dark))
		run("the light scheme", inScheme("light"), chromedp.WaitNotPresent(dark))
		if cut := evaluate[string](ctx, t, cutElements); cut != "" {
			t.Errorf("at %d pixels these are cut or hidden: %s", width, cut)
		}
	}

	expect(ctx, t, problem, "")
	if images := evaluate[int](ctx, t, "document.querySelectorAll('.state img').length"); images != 0 {
		t.Errorf("%d images", images)
	}
	for _, complaint := range seen.all() {
		t.Error(complaint)
	}
	if !seen.loaded(page + "swagger-ui/swagger-ui-bundle.js") {
		t.Error("no request was seen")
	}
}

// cutElements lists the parts of the page that are wider than their place, and cells of endpoints outside the window.
const cutElements = `[document.documentElement, ...document.querySelectorAll('section, .state *, #reference')]
	.filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
	.concat([...document.querySelectorAll('#endpoints td')].filter((e) => {
		const box = e.getBoundingClientRect();
		return box.width === 0 || box.height === 0 || box.left < 0 || box.right > innerWidth;
	})).map((e) => e.tagName + '#' + e.id + ' ' + e.textContent.slice(0, 40)).join('; ')`

// call selects a call by its number. The newest is the first.
func call(number int) chromedp.CSS {
	return chromedp.CSS(fmt.Sprintf("#calls > li:nth-last-child(%d)", number))
}

// delivery selects a delivery by its number. The newest is the first.
func delivery(number int) chromedp.CSS {
	return chromedp.CSS(fmt.Sprintf("#deliveries > li:nth-last-child(%d)", number))
}

func inScheme(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

func evaluate[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// expect compares an element's text, apart from spaces: it must have these parts, and be empty for the part "".
func expect(ctx context.Context, t *testing.T, selector chromedp.CSS, parts ...string) {
	t.Helper()
	text, err := chromedp.Run(ctx, chromedp.TextContent(selector, chromedp.NodeReady))
	if err != nil {
		t.Fatal(err)
	}
	text = strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		if !strings.Contains(text, part) || part == "" && text != "" {
			t.Errorf("%s shows %q, want %q", selector, text, part)
		}
	}
}

// startSandbox builds the program, has it serve the sandbox under a script of faults, and returns its page.
func startSandbox(t *testing.T, faults string) (page string) {
	t.Helper()
	dir := t.TempDir()
	program, script := filepath.Join(dir, "heygen-webhook"), filepath.Join(dir, "faults.yaml")
	if err := os.WriteFile(script, []byte(faults), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, "./cmd/heygen-webhook")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	sandbox := exec.CommandContext(t.Context(), program, "sandbox", "--endpoint-id", id, "--faults", script)
	stdout, err := sandbox.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sandbox.Wait() }) // the test's context has killed it
	var ready struct{ Page string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &ready) != nil || ready.Page == "" {
		t.Fatalf("%v: the sandbox prints %q", err, line)
	}
	return ready.Page
}

// urlOf returns the URL of an endpoint, from the sandbox and not from the browser.
func urlOf(t *testing.T, page, id string) string {
	t.Helper()
	resp, err := http.Get(page + "state.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var state struct {
		Endpoints []struct {
			ID  string `json:"endpoint_id"`
			URL string `json:"url"`
		} `json:"endpoints"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&state); err != nil {
		t.Fatal(err)
	}
	for _, endpoint := range state.Endpoints {
		if endpoint.ID == id {
			return endpoint.URL
		}
	}
	return ""
}

func patch(t *testing.T, page, body string) {
	t.Helper()
	target := strings.TrimSuffix(page, "/_/") + "/v1/webhook/endpoint.update"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "sandbox-key")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// startBrowser starts Chromium with a profile of its own, and without the parts that call their vendor.
func startBrowser(t *testing.T, page string) (context.Context, *observer) {
	t.Helper()
	seen := &observer{origin: strings.TrimSuffix(page, "/_/")}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience) // until the profile is removed
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(t.Logf), chromedp.WithListener(seen.observe),
		chromedp.WithAllocatorOptions(
			chromedp.ExecPath(findBrowser(t)),
			chromedp.UserDataDir(t.TempDir()),
			chromedp.NoSandbox, // root has none, and the page is ours
			chromedp.DisableGPU,
			chromedp.WindowSize(1400, 900),
			chromedp.Flag("disable-quic", true),
			chromedp.Flag("disable-component-update", true),
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		))
	t.Cleanup(cancel)
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatalf("Chromium does not start: %v", err)
	}
	return ctx, seen
}

// findBrowser finds the browser of the variable CHROME, or else the first one in the path.
func findBrowser(t *testing.T) string {
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
	t.Fatal("there is no browser, so nothing was tested: install Chromium, or set CHROME to the path of one")
	return ""
}

// observer records what a page loads, and its errors.
type observer struct {
	origin string // of the page, which must send no request elsewhere

	mu         sync.Mutex
	requests   []string
	complaints []string
}

func (o *observer) observe(event any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	complain := func(format string, args ...any) {
		o.complaints = append(o.complaints, fmt.Sprintf(format, args...))
	}
	switch event := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if event.Type == "error" || event.Type == "assert" {
			for _, arg := range event.Args {
				complain("console.%s: %s %s", event.Type, arg.Value, arg.Description)
			}
		}
	case *runtime.EventExceptionThrown:
		complain("%v", &chromedp.ExceptionError{ExceptionDetails: event.ExceptionDetails})
	case *log.EventEntryAdded:
		mistake := o.origin + "/_/events" // the test makes one
		if event.Entry.Level == log.EntryLevelError && event.Entry.URL != mistake {
			complain("log: %s %s", event.Entry.Text, event.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		target := event.Request.URL
		o.requests = append(o.requests, target)
		if !strings.HasPrefix(target, o.origin+"/") && !strings.HasPrefix(target, "data:") {
			complain("a request to %s", target)
		}
	}
}

func (o *observer) loaded(target string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Contains(o.requests, target)
}

func (o *observer) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.complaints)
}
