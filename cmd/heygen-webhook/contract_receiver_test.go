package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/webhook"
)

// goodReceiver is a handler that does nothing with the events of deliveries that were signed with the test's secret.
func goodReceiver(t *testing.T) http.Handler {
	t.Helper()
	verifier, err := webhook.NewVerifier(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := webhook.NewHandler(verifier, func(context.Context, webhook.Event) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// quickReceiver is good, and gives up a body after 4 seconds instead of 10, so that its tests take less time.
func quickReceiver(t *testing.T) http.Handler {
	t.Helper()
	return withBody(t, func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(4 * time.Second))
		return io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	})
}

// withBody returns a receiver that is good but for the way it reads the body.
func withBody(t *testing.T, read func(http.ResponseWriter, *http.Request) ([]byte, error)) http.Handler {
	t.Helper()
	good := goodReceiver(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, err := read(w, r)
			if err != nil {
				http.Error(w, "no body", 400)
				return
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		good.ServeHTTP(w, r)
	})
}

// serveReceiver returns the URL of a handler.
func serveReceiver(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL + "/hook"
}

// brokenRules returns what a receiver breaks of the rules.
func brokenRules(
	t *testing.T, receiver http.Handler, rules []receiverRule, limit time.Duration,
) map[string]map[string]int {
	t.Helper()
	target, err := url.Parse(serveReceiver(t, receiver))
	if err != nil {
		t.Fatal(err)
	}
	c := newReceiverCheck(target, testSecret)
	c.bodyLimit = limit
	c.run(t.Context(), rules)
	return c.broken
}

// delivered is a request to a broken receiver, with its body.
type delivered struct {
	*http.Request
	body      []byte
	signature string
	right     string
}

func (d delivered) eventType() string {
	var event struct {
		Type string `json:"event_type"`
	}
	_ = json.Unmarshal(d.body, &event)
	return event.Type
}

// except returns a receiver that is good except for the requests to which respond returns a status.
func except(t *testing.T, respond func(w http.ResponseWriter, d delivered) (status int)) http.Handler {
	good := goodReceiver(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		signature := r.Header.Get("Signature")
		if signature == "" {
			signature = r.Header.Get("Heygen-Signature")
		}
		if status := respond(w, delivered{r, body, signature, webhook.Sign(testSecret, body)}); status != 0 {
			w.WriteHeader(status)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		good.ServeHTTP(w, r)
	})
}

// accepting returns a receiver that is good, but also accepts the forged deliveries that accepted reports.
func accepting(t *testing.T, accepted func(d delivered) bool) http.Handler {
	return except(t, func(_ http.ResponseWriter, d delivered) int {
		if d.Method == http.MethodPost && d.signature != d.right && accepted(d) {
			return http.StatusOK
		}
		return 0
	})
}

// refusing returns a receiver that is good, but responds with the status to the deliveries that refused reports.
func refusing(t *testing.T, status int, refused func(d delivered) bool) http.Handler {
	return except(t, func(_ http.ResponseWriter, d delivered) int {
		if d.Method == http.MethodPost && refused(d) {
			return status
		}
		return 0
	})
}

func TestAGoodReceiverBreaksNoQuickRule(t *testing.T) {
	t.Parallel()
	if broken := brokenRules(t, goodReceiver(t), quickRules, time.Minute); len(broken) > 0 {
		t.Errorf("%v", broken)
	}
}

// Each receiver breaks these rules and no others.
func TestReceiversThatBreakQuickRules(t *testing.T) {
	t.Parallel()
	onlyKnown := []string{"avatar_video.success", ""}
	firstTime := func() func(text string) bool {
		var mu sync.Mutex
		seen := map[string]bool{}
		return func(text string) bool {
			mu.Lock()
			defer mu.Unlock()
			before := seen[text]
			seen[text] = true
			return !before
		}
	}
	newID, newBody := firstTime(), firstTime()
	for name, test := range map[string]struct {
		receiver http.Handler
		broken   string
	}{
		"does not know OPTIONS": {except(t, func(_ http.ResponseWriter, d delivered) int {
			return map[bool]int{true: 405}[d.Method == http.MethodOptions]
		}), "probe"},
		"responds late to OPTIONS": {except(t, func(_ http.ResponseWriter, d delivered) int {
			if d.Method == http.MethodOptions {
				<-d.Context().Done()
			}
			return 0
		}), "probe"},
		"shows a page": {except(t, func(_ http.ResponseWriter, d delivered) int {
			return map[bool]int{true: 200}[d.Method == http.MethodGet]
		}), "methods"},
		"works on PUT": {except(t, func(_ http.ResponseWriter, d delivered) int {
			return map[bool]int{true: 200}[d.Method == http.MethodPut && d.signature == d.right]
		}), "methods"},

		"reads Signature alone": {except(t, func(_ http.ResponseWriter, d delivered) int {
			d.Header.Del("Heygen-Signature")
			return 0
		}), "several-values signature-v3"},
		"reads Heygen-Signature alone": {except(t, func(_ http.ResponseWriter, d delivered) int {
			d.Header.Del("Signature")
			return 0
		}), "several-values signature-v1"},
		"compares hex as text": {refusing(t, 401, func(d delivered) bool {
			return d.signature != strings.ToLower(d.signature)
		}), "capitals"},
		"verifies what it formats": {refusing(t, 401, func(d delivered) bool {
			var value map[string]any
			var formatted bytes.Buffer
			return json.Unmarshal(d.body, &value) == nil && json.Compact(&formatted, d.body) == nil &&
				!bytes.Equal(formatted.Bytes(), d.body)
		}), "raw-body"},
		"needs a time": {refusing(t, 400, func(d delivered) bool {
			return d.signature == d.right && d.Header.Get("Heygen-Timestamp") == "" && d.Header.Get("Heygen-Signature") != ""
		}), "no-timestamp"},
		"fails for old times": {refusing(t, 500, func(d delivered) bool {
			at := d.Header.Get("Heygen-Timestamp")
			return at != "" && at != "yesterday" && at < strconv.FormatInt(time.Now().Add(-30*time.Minute).Unix(), 10)
		}), "old-timestamp"},
		"knows all types": {refusing(t, 400, func(d delivered) bool {
			return !slices.Contains(onlyKnown, d.eventType())
		}), "unknown-type"},
		"fails without data": {refusing(t, 500, func(d delivered) bool {
			return d.signature == d.right && bytes.Contains(d.body, []byte(`"event_data":null`))
		}), "event-data"},
		"fails for what is no event": {refusing(t, 500, func(d delivered) bool {
			return d.signature == d.right && d.eventType() == ""
		}), "forged-id malformed"},
		"matches names without case": {except(t, func(_ http.ResponseWriter, d delivered) int {
			return map[bool]int{true: 200}[d.Method == http.MethodPost && d.signature == d.right && d.eventType() != ""]
		}), "malformed"},

		"verifies nothing": {accepting(t, func(delivered) bool { return true }),
			"base64 decoded-secret empty empty-key forged-id other-body other-hash other-header other-secret query " +
				"re-encoded signed-time unsigned wrong-digit wrong-length"},
		"verifies what has a signature": {accepting(t, func(d delivered) bool { return d.signature == "" }),
			"empty other-header query unsigned"},
		"fails without a signature": {refusing(t, 500, func(d delivered) bool {
			_, ok := d.Header["Signature"]
			return !ok && d.signature == ""
		}), "other-header query unsigned"},
		"compares the first digits": {accepting(t, func(d delivered) bool {
			return len(d.signature) > 8 && d.signature[:8] == d.right[:8]
		}), "wrong-digit wrong-length"},
		"compares as many digits as came": {accepting(t, func(d delivered) bool {
			return d.signature != "" && strings.HasPrefix(d.right, d.signature)
		}), "wrong-length"},
		"verifies the format of JavaScript": {accepting(t, func(d delivered) bool {
			var formatted bytes.Buffer
			_ = json.Compact(&formatted, d.body)
			return d.signature == webhook.Sign(testSecret, formatted.Bytes())
		}), "re-encoded"},
		"has an empty secret": {accepting(t, func(d delivered) bool {
			return d.signature == webhook.Sign("", d.body)
		}), "empty-key"},
		"cuts the prefix off the secret": {accepting(t, func(d delivered) bool {
			return d.signature == webhook.Sign(strings.TrimPrefix(testSecret, secretPrefix), d.body)
		}), "decoded-secret"},
		"decodes the secret": {accepting(t, func(d delivered) bool {
			key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(testSecret, secretPrefix))
			return err == nil && d.signature == webhook.Sign(string(key), d.body)
		}), "decoded-secret"},
		"verifies time and body": {accepting(t, func(d delivered) bool {
			signed := d.Header.Get("Heygen-Timestamp") + "." + string(d.body)
			return d.signature == webhook.Sign(testSecret, []byte(signed))
		}), "signed-time"},
		"reads Base64": {accepting(t, func(d delivered) bool {
			return d.signature == base64.StdEncoding.EncodeToString(mac(sha256.New, testSecret, d.body))
		}), "base64"},
		"verifies SHA-1": {accepting(t, func(d delivered) bool {
			return d.signature == hex.EncodeToString(mac(sha1.New, testSecret, d.body))
		}), "other-hash"},
		"reads another header": {accepting(t, func(d delivered) bool {
			return d.Header.Get("X-Signature") == d.right
		}), "other-header"},
		"reads the query": {accepting(t, func(d delivered) bool {
			return d.URL.Query().Get("signature") == d.right
		}), "query"},

		"fails for a duplicate": {refusing(t, 500, func(d delivered) bool {
			return d.signature == d.right && len(d.body) > 0 && !newBody(string(d.body))
		}), "same-again same-body ten-at-once"},
		"refuses ids that came, also forged ones": {refusing(t, 400, func(d delivered) bool {
			return d.Header.Get("Heygen-Event-Id") != "" && !newID(d.Header.Get("Heygen-Event-Id"))
		}), "forged-id same-again same-id ten-at-once"},
		"shows the right signature": {except(t, func(w http.ResponseWriter, d delivered) int {
			w.Header().Set("X-Want", strings.ToUpper(d.right))
			return 0
		}), "secrecy"},
		"shows the secret in a header": {except(t, func(w http.ResponseWriter, _ delivered) int {
			w.Header().Set("X-Debug", "key="+testSecret)
			return 0
		}), "secrecy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := brokenRules(t, test.receiver, quickRules, time.Minute)
			if got := strings.Join(slices.Sorted(maps.Keys(broken)), " "); got != test.broken {
				t.Errorf("broken: %s\nwant:   %s\n%v", got, test.broken, broken)
			}
		})
	}
}

// Each receiver breaks one rule about large bodies and time. They are checked at the same time: most of it is waiting.
func TestReceiversThatBreakSlowRules(t *testing.T) {
	t.Parallel()
	readAll := withBody(t, func(_ http.ResponseWriter, r *http.Request) ([]byte, error) { return io.ReadAll(r.Body) })
	drained := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	var mu sync.Mutex
	var group sync.WaitGroup
	defer group.Wait()
	for rule, receiver := range map[string]http.Handler{
		"body-1-mib": withBody(t, func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
			return io.ReadAll(http.MaxBytesReader(w, r.Body, 100_000))
		}),
		"body-too-large": drained,
		"body-endless":   drained,
		"compressed": withBody(t, func(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
			unzipped, err := gzip.NewReader(r.Body)
			if err != nil {
				return nil, err
			}
			return io.ReadAll(unzipped)
		}),
		"slow-body": withBody(t, func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second))
			return io.ReadAll(r.Body)
		}),
		"standing-still": readAll,
		"cut-off": withBody(t, func(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
			body, _ := io.ReadAll(r.Body)
			return body, nil
		}),
		"probe-busy": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			readAll.ServeHTTP(w, r)
		}),
	} {
		group.Go(func() {
			of := slices.DeleteFunc(slices.Clone(slowRules), func(r receiverRule) bool { return r.name != rule })
			if broken := brokenRules(t, receiver, of, 3*time.Second); len(of) != 1 || len(broken[rule]) == 0 {
				t.Errorf("%s: %d rules, broken %v", rule, len(of), broken)
			}
		})
	}
	group.Go(func() { // to close the connection is as good as a response
		closing := withBody(t, func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second))
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			return body, nil
		})
		of := slices.DeleteFunc(slices.Clone(slowRules), func(r receiverRule) bool {
			return r.name != "standing-still" && r.name != "cut-off"
		})
		if broken := brokenRules(t, closing, of, 5*time.Second); len(broken) > 0 {
			t.Errorf("a receiver that closes the connection breaks %v", broken)
		}
	})
	group.Go(func() {
		if broken := brokenRules(t, goodReceiver(t), slowRules, 15*time.Second); len(broken) > 0 {
			t.Errorf("a good receiver breaks %v", broken)
		}
	})
}

// byTiming is the rule whose number of responses depends on which of two things comes first.
var byTiming = regexp.MustCompile(`(secrecy) +seen .*`)

func TestContractReceiver(t *testing.T) {
	t.Parallel()
	good := quickReceiver(t)
	for file, test := range map[string]struct {
		receiver http.Handler
		report   string
	}{
		"contract-receiver.txt": {good, "text"},
		"contract-receiver-broken.txt": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.Header.Get("Signature")+r.Header.Get("Heygen-Signature") == "" {
				return // with 200
			}
			good.ServeHTTP(w, r)
		}), "junit"},
		"contract-receiver-secret.txt": {good, "text"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			secret := testSecret
			if file == "contract-receiver-secret.txt" {
				secret += "-of-another-endpoint"
			}
			s := newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": secret})
			target := serveReceiver(t, test.receiver) + "?token=1"
			text := s.transcript(t, "contract", "receiver", "--url", target, "--report", test.report)
			golden(t, file, byTiming.ReplaceAllString(text, "$1 seen N times"))
		})
	}
}

func TestContractReceiverReportsJSON(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret})
	target := serveReceiver(t, http.NotFoundHandler())
	o := s.run(t, "contract", "receiver", "--url", target, "--report", "json")
	var summary contract.Summary
	if err := json.Unmarshal([]byte(o.stdout), &summary); err != nil || o.code != 1 || len(summary.Findings) == 0 ||
		!strings.HasPrefix(o.stderr, `{"error":{"kind":"contract"`) {
		t.Errorf("%v, %+v", err, o)
	}
}

func TestContractReceiverRefusals(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret})
	var all string
	for _, args := range [][]string{
		{},
		{"--url", "127.0.0.1:8080"},
		{"--url", "http://example.com/hook?token=" + hookToken},
		{"--url", "http://127.0.0.1:1/hook"},
	} {
		all += s.transcript(t, append([]string{"contract", "receiver"}, args...)...) + "\n"
	}
	golden(t, "contract-receiver-refusals.txt", all)
}

func TestContractReceiverIsCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	good := goodReceiver(t)
	target := serveReceiver(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		good.ServeHTTP(w, r)
	}))
	s := newScene(t).with(map[string]string{"HEYGEN_WEBHOOK_SECRET": testSecret})
	o := s.runUntil(ctx, t, "contract", "receiver", "--url", target)
	if o.code != 130 || o.stdout != "" || !strings.Contains(o.stderr, "canceled before the end of the check") {
		t.Errorf("%+v", o)
	}
}
