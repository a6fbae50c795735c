package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/webhook"
)

// receiverScene is a scene with a receiver, and the secret of its deliveries.
func receiverScene(t *testing.T, receiver http.Handler) (s scene, target string) {
	t.Helper()
	return newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret}), serveReceiver(t, receiver)
}

var (
	// Texts that differ from one delivery to the next.
	took       = regexp.MustCompile(`(after |"duration":")[\d.]+m?s`)
	eventID    = regexp.MustCompile(`Heygen-Event-Id: \w+`)
	timestamp  = regexp.MustCompile(`Heygen-Timestamp: \d+`)
	noResponse = regexp.MustCompile(`: (EOF|read tcp .*)`)
)

func deliveryGolden(t *testing.T, file, text string) {
	t.Helper()
	text = took.ReplaceAllString(text, "${1}TIME")
	text = eventID.ReplaceAllString(text, "Heygen-Event-Id: ID")
	text = timestamp.ReplaceAllString(text, "Heygen-Timestamp: TIME")
	golden(t, file, noResponse.ReplaceAllString(text, ": EOF"))
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	s, target := receiverScene(t, goodReceiver(t))
	var all string
	for _, args := range [][]string{
		{"--type", "avatar_video.success"},
		{"--type", "a type of tomorrow", "--data", "testdata/event-data.json", "--output", "json"},
		{"--type", "x", "--fault", "headers-v3", "--fault", "replayed"},
		{"--type", "x", "--fault", "tampered"},
		{"--type", "x", "--fault", "unsigned", "--output", "json"},
	} {
		all += s.transcript(t, append([]string{"deliver", "--url", target}, args...)...) + "\n"
	}
	deliveryGolden(t, "deliver.txt", all)
}

func TestDeliverToWhatDoesNotAccept(t *testing.T) {
	t.Parallel()
	ok := func(http.ResponseWriter) {}
	var all string
	for _, respond := range []struct{ probe, delivery func(http.ResponseWriter) }{
		{func(w http.ResponseWriter) { w.WriteHeader(405) }, ok},
		{ok, func(w http.ResponseWriter) { w.WriteHeader(503) }},
		{ok, func(http.ResponseWriter) { panic(http.ErrAbortHandler) }},
	} {
		s, target := receiverScene(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				respond.probe(w)
				return
			}
			respond.delivery(w)
		}))
		all += s.transcript(t, "deliver", "--url", target, "--type", "x") + "\n"
	}
	deliveryGolden(t, "deliver-broken.txt", all)
}

// A dry run shows the request with its signature, and sends nothing.
func TestDeliverDryRun(t *testing.T) {
	t.Parallel()
	s, target := receiverScene(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was sent", r.Method)
	}))
	args := []string{"deliver", "--url", target, "--type", "x", "--data", "testdata/event-data.json", "--dry-run"}
	all := s.transcript(t, args...) + "\n"
	all += s.transcript(t, append(args, "--fault", "headers-v3", "--fault", "re-encoded", "--fault", "twice")...) + "\n"
	deliveryGolden(t, "deliver-dry-run.txt", all)

	o := s.run(t, append(args, "--output", "json")...)
	var printed plannedRequest
	if err := json.Unmarshal([]byte(o.stdout), &printed); err != nil || o.code != 0 || printed.URL != target ||
		printed.Headers["Signature"] != webhook.Sign(testSecret, []byte(printed.Body)) {
		t.Errorf("%v, %+v", err, o)
	}
}

func TestDeliverRefusals(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret})
	local := []string{"--url", "http://127.0.0.1:1/hook"}
	all := newScene(t).transcript(t, append([]string{"deliver", "--type", "x"}, local...)...) + "\n"
	for _, args := range [][]string{
		{"--type", "x"},
		{"--type", "x", "--url", "https://example.com/hook?token=" + hookToken},
		local,
		append(local, "--type", "x", "--fault", "late"),
		append(local, "--type", "x", "--fault", "stale"),
		append(local, "--type", "x", "--data", "testdata/faults.yaml"),
		append(local, "--type", "x"),
		append(local, "--type", "x", "--output", "json"),
	} {
		all += s.transcript(t, append([]string{"deliver"}, args...)...) + "\n"
	}
	golden(t, "deliver-refusals.txt", all)
}

// What is not sent as an event is a mistake in the arguments.
func TestDeliverTooMuch(t *testing.T) {
	t.Parallel()
	s, target := receiverScene(t, goodReceiver(t))
	path := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(path, []byte(`"`+strings.Repeat("x", 1<<20)+`"`), 0o600); err != nil {
		t.Fatal(err)
	}
	o := s.run(t, "deliver", "--url", target, "--type", "x", "--data", path)
	if o.code != 2 || !strings.Contains(o.stderr, "the event is over 1 MiB") {
		t.Errorf("%+v", o)
	}
}

// The file of the secret is read by the rules of the key file.
func TestSecretFile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		content string
		mode    os.FileMode
		code    int
		stderr  string
	}{
		"secret":                 {testSecret + "\n", 0o600, 0, ""},
		"mounted by a container": {testSecret + "\r\n", 0o440, 0, ""},
		"another secret":         {"other", 0o600, 1, "2xx (HTTP 401)"},
		"empty": {"\n", 0o600, 3,
			"secret 1 is empty, so anybody could sign with it\n  check the signing secret in the file of"},
		"space":                 {" " + testSecret, 0o600, 3, "begins or ends with white space"},
		"readable by everybody": {testSecret, 0o604, 2, "others can read the signing secret in"},
		"writable by the group": {testSecret, 0o620, 2, "others can write the signing secret in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && want.mode&0o026 != 0 {
				want.code, want.stderr = 0, "" // there the mode says nothing
			}
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(want.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, want.mode); err != nil {
				t.Fatal(err)
			}
			target := serveReceiver(t, goodReceiver(t))
			o := newScene(t).run(t, "deliver", "--url", target, "--type", "x", "--secret-file", path)
			if o.code != want.code || !strings.Contains(o.stderr, want.stderr) || want.stderr == "" && o.stderr != "" {
				t.Errorf("%+v, want %+v", o, want)
			}
		})
	}
}

// The data arrives to the byte, and signed as HeyGen signs.
func TestDeliverSendsTheDataAsItIs(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/event-data.json")
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPost {
			bodies <- string(body)
			if r.Header.Get("Signature") != webhook.Sign(testSecret, body) {
				w.WriteHeader(401)
			}
		}
	}))
	t.Cleanup(receiver.Close)
	s := newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret})
	o := s.run(t, "deliver", "--url", receiver.URL, "--type", "x", "--data", "testdata/event-data.json")
	want := `{"event_type":"x","event_data":` + strings.TrimSpace(string(data)) + `}`
	if got := <-bodies; o.code != 0 || got != want {
		t.Errorf("%+v\n%s\nwant %s", o, got, want)
	}
}
