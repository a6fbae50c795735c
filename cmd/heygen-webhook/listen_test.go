package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/heygen-go/heygen/webhook"
)

// listening is the program while it listens.
type listening struct {
	url   string
	lines *bufio.Reader
	stop  func() (code int, stderr string)
}

func startListen(t *testing.T, args ...string) listening {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, writer := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	getenv := func(name string) string { return map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret}[name] }
	go func() {
		code := run(ctx, append([]string{name, "listen"}, args...), writer, &stderr, getenv)
		_ = writer.Close()
		ended <- code
	}()
	l := listening{lines: bufio.NewReader(stdout)}
	t.Cleanup(func() {
		cancel()
		_ = stdout.Close()
	})
	l.stop = func() (int, string) {
		cancel()
		return <-ended, stderr.String()
	}
	var first map[string]string
	if err := json.Unmarshal([]byte(l.line(t)), &first); err != nil || len(first) != 1 {
		t.Fatalf("%v: %v", err, first)
	}
	l.url = first["url"]
	return l
}

// line returns the next line on stdout. It has no secret and no signature.
func (l listening) line(t *testing.T) string {
	t.Helper()
	line, err := l.lines.ReadString('\n')
	if err != nil || strings.Contains(line, testSecret) {
		t.Fatalf("%q, %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// post sends a delivery, and returns the status through the channel.
func post(t *testing.T, target string, header http.Header, body string) <-chan int {
	t.Helper()
	status := make(chan int, 1)
	go func() {
		defer close(status)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header = header.Clone()
		if header == nil {
			req.Header = http.Header{}
		}
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
		status <- resp.StatusCode
	}()
	return status
}

func signedHeader(body string) http.Header {
	return http.Header{"Signature": {webhook.Sign(testSecret, []byte(body))}}
}

func TestListenPrintsWhatComes(t *testing.T) {
	t.Parallel()
	l := startListen(t)
	full := `{"event_type":"avatar_video.success","event_data":{"n": 1e400, "t":"<&` + "\u202e" + `é"}}`
	fullHeader := signedHeader(full)
	fullHeader["Heygen-Event-Id"], fullHeader["Heygen-Timestamp"] = []string{"e-1"}, []string{"1700000000"}
	for _, test := range []struct {
		header http.Header
		body   string
		status int
		line   string
	}{
		{fullHeader, full, 200, `{"type":"avatar_video.success","id":"e-1","sent":"2023-11-14T22:13:20Z",` +
			`"data":{"n":1e400,"t":"<&\u202eé"}}`},
		{signedHeader(`{"event_type":"new"}`), `{"event_type":"new"}`, 200, `{"type":"new","id":"","sent":null,"data":null}`},
		{nil, full, 401, `{"status":401,"reason":"the delivery has no signature"}`},
		{signedHeader("{}"), full, 401, `{"status":401,"reason":"no signature of the delivery is right"}`},
		{signedHeader("{}"), "{}", 400,
			`{"status":400,"reason":"the signed body is not an event: it has no text \"event_type\""}`},
	} {
		status := post(t, l.url+"hook?a=1", test.header, test.body)
		if line := l.line(t); line != test.line {
			t.Errorf("%s\nwant %s", line, test.line)
		}
		if got := <-status; got != test.status {
			t.Errorf("%s: %d, want %d", test.body, got, test.status)
		}
	}
	if got := <-post(t, l.url, fullHeader, full); got != 200 { // again, which prints nothing
		t.Error(got)
	}
	if code, stderr := l.stop(); code != 0 || stderr != "" {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	if rest, err := io.ReadAll(l.lines); err != nil || len(rest) > 0 {
		t.Errorf("%s, %v", rest, err)
	}
}

func TestListenForwardsToTheByte(t *testing.T) {
	t.Parallel()
	statuses := []int{503, 302, 204}
	type arrived struct {
		header http.Header
		body   string
		uri    string
	}
	got := make(chan arrived, len(statuses))
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(statuses[len(got)])
		got <- arrived{r.Header, string(body), r.RequestURI}
	}))
	t.Cleanup(service.Close)
	l := startListen(t, "--forward", service.URL+"/in?token=1")
	body := "{ \"event_type\":\"x\",\n\"event_data\" : {\"a\":1.0} }\n"
	header := signedHeader(body)
	maps.Copy(header, http.Header{
		"Content-Type": {"application/json"}, "X-Own": {"a", "b"}, "User-Agent": {""}, "Accept-Encoding": {"identity"},
		"Connection": {"close, X-Hop"}, "X-Hop": {"1"}, "Te": {"trailers"}, "Proxy-Authorization": {"Basic eA=="},
	})
	event := `{"type":"x","id":"","sent":null,"data":{"a":1.0}}`
	for _, want := range []struct {
		status int
		lines  []string
	}{
		{500, []string{event, `{"status":500,"type":"x","id":"","reason":"--forward: the response was 503"}`}},
		{500, []string{event, `{"status":500,"type":"x","id":"","reason":"--forward: the response was 302"}`}},
		{200, []string{event}},
	} {
		status := post(t, l.url, header, body)
		for _, line := range want.lines {
			if printed := l.line(t); printed != line {
				t.Errorf("%s\nwant %s", printed, line)
			}
		}
		if code := <-status; code != want.status {
			t.Errorf("%d, want %d", code, want.status)
		}
	}
	refused := post(t, l.url, nil, body) // is not forwarded
	l.line(t)
	if code := <-refused; code != 401 {
		t.Error(code)
	}
	if len(got) != len(statuses) {
		t.Fatalf("%d requests were forwarded", len(got))
	}
	for range statuses {
		a := <-got
		names := slices.Sorted(maps.Keys(a.header))
		want := []string{"Accept-Encoding", "Content-Length", "Content-Type", "Signature", "X-Own"}
		if a.body != body || a.uri != "/in?token=1" || !slices.Equal(names, want) ||
			!slices.Equal(a.header["X-Own"], []string{"a", "b"}) || a.header.Get("Signature") != header.Get("Signature") {
			t.Errorf("%+v", a)
		}
	}
}

func TestListenForwardsToNoService(t *testing.T) {
	t.Parallel()
	l := startListen(t, "--forward", "http://127.0.0.1:1/in?token="+hookToken)
	body := `{"event_type":"x"}`
	status := post(t, l.url, signedHeader(body), body)
	l.line(t)
	line := l.line(t)
	if !strings.Contains(line, `"reason":"--forward: dial tcp`) || strings.Contains(line, hookToken) || <-status != 500 {
		t.Error(line)
	}
}

// When its reader has gone, as head does, there is nothing left to do.
func TestListenEndsWithItsReader(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	ended := make(chan int, 1)
	getenv := func(string) string { return testSecret }
	go func() { ended <- run(t.Context(), []string{name, "listen"}, writer, io.Discard, getenv) }()
	line, err := bufio.NewReader(reader).ReadBytes('\n')
	var first struct{ URL string }
	if err != nil || json.Unmarshal(line, &first) != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	body := `{"event_type":"x"}`
	<-post(t, first.URL, signedHeader(body), body)
	if code := <-ended; code != 1 {
		t.Errorf("exit code %d", code)
	}
}

func TestListenRefusals(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret})
	all := newScene(t).transcript(t, "listen") + "\n"
	all += newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret + " "}).transcript(t, "listen") + "\n"
	for _, args := range [][]string{
		{"--addr", "0.0.0.0:0"},
		{"--forward", "/hook"},
		{"--forward", "http://example.com/?token=" + hookToken},
		{"--secret-file", "no-such-file"},
		{"--secret", "x"},
	} {
		all += s.transcript(t, append([]string{"listen"}, args...)...) + "\n"
	}
	golden(t, "listen-refusals.txt", all)
}
