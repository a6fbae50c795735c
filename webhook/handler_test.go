package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heygen-go/heygen/webhook"
)

const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	body   = `{"event_type":"avatar_video.success","event_data":{"video_id":"v1","url":"https://example.org/v.mp4"}}`
)

// log is what the handler and its server log.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) holdsNothingSecret(t *testing.T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, word := range []string{"whsec", "MfKQ9r8", webhook.Sign(secret, []byte(body))[:16], "000000"} {
		if strings.Contains(strings.ToLower(l.text.String()), strings.ToLower(word)) {
			t.Errorf("the log holds %q:\n%s", word, &l.text)
		}
	}
}

// receiver is a handler on a socket that counts the calls of its function.
type receiver struct {
	url   string
	log   log
	calls atomic.Int64
	mu    sync.Mutex
	last  webhook.Event
}

func serve(t *testing.T, work func(context.Context, webhook.Event) error, opts ...webhook.Option) *receiver {
	t.Helper()
	r := &receiver{}
	verifier, err := webhook.NewVerifier("whsec_the one before", secret)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(&r.log, nil))
	handler, err := webhook.NewHandler(verifier, func(ctx context.Context, event webhook.Event) error {
		r.calls.Add(1)
		r.mu.Lock()
		r.last = event
		r.mu.Unlock()
		if work == nil {
			return nil
		}
		return work(ctx, event)
	}, append([]webhook.Option{webhook.WithLogger(logger)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelError)
	server.Start()
	t.Cleanup(func() {
		server.Close()
		r.log.holdsNothingSecret(t)
	})
	r.url = server.URL
	return r
}

// deliver sends a signed delivery and returns the status of the response.
func (r *receiver) deliver(t *testing.T, body string, header ...string) int {
	t.Helper()
	return r.send(t, "POST", body, append([]string{"Signature: " + webhook.Sign(secret, []byte(body))}, header...)...)
}

// send sends a request with header lines, checks that the response holds nothing secret, and returns its status.
func (r *receiver) send(t *testing.T, method, body string, header ...string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ":")
		req.Header[name] = append(req.Header[name], value) // as it stands, also in small letters
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	fixed := strings.TrimSpace(string(text))
	if want := http.StatusText(resp.StatusCode); fixed != want && (resp.StatusCode != 200 || fixed != "") {
		t.Errorf("the response %d says %q", resp.StatusCode, fixed)
	}
	return resp.StatusCode
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	right := webhook.Sign(secret, []byte(body))
	mac := func(key, text string) []byte {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	old := hmac.New(sha1.New, []byte(secret))
	old.Write([]byte(body))
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	wrong := right[:63] + map[bool]string{true: "1", false: "0"}[right[63] == '0']
	tests := map[string]struct {
		header []string
		status int
	}{
		"Signature":                               {[]string{"Signature: " + right}, 200},
		"Heygen-Signature":                        {[]string{"Heygen-Signature: " + right}, 200},
		"name in small letters":                   {[]string{"signature: " + right}, 200},
		"name in capitals":                        {[]string{"HEYGEN-SIGNATURE: " + right}, 200},
		"hex in capitals":                         {[]string{"Signature: " + strings.ToUpper(right)}, 200},
		"spaces around":                           {[]string{"Signature:  \t" + right + "  "}, 200},
		"two lines, the second right":             {[]string{"Signature: " + wrong, "Signature: " + right}, 200},
		"two values, the first right":             {[]string{"Signature: " + right + ", " + wrong}, 200},
		"wrong in one header, right in the other": {[]string{"Signature: " + wrong, "Heygen-Signature: " + right}, 200},
		"of the secret before": {
			[]string{"Signature: " + webhook.Sign("whsec_the one before", []byte(body))}, 200,
		},

		"none":                  {nil, 401},
		"empty":                 {[]string{"Signature: "}, 401},
		"under another name":    {[]string{"X-Signature: " + right}, 401},
		"in Authorization":      {[]string{"Authorization: Bearer " + right}, 401},
		"one digit wrong":       {[]string{"Signature: " + wrong}, 401},
		"cut off":               {[]string{"Signature: " + right[:62]}, 401},
		"half a byte short":     {[]string{"Signature: " + right[:63]}, 401},
		"longer":                {[]string{"Signature: " + right + "00"}, 401},
		"with a prefix":         {[]string{"Signature: sha256=" + right}, 401},
		"of another body":       {[]string{"Signature: " + webhook.Sign(secret, []byte(body+" "))}, 401},
		"by another secret":     {[]string{"Signature: " + webhook.Sign("whsec_another", []byte(body))}, 401},
		"by an empty key":       {[]string{"Signature: " + webhook.Sign("", []byte(body))}, 401},
		"secret decoded":        {[]string{"Signature: " + webhook.Sign(string(decoded), []byte(body))}, 401},
		"secret without prefix": {[]string{"Signature: " + webhook.Sign(secret[6:], []byte(body))}, 401},
		"over timestamp and body": {
			[]string{"Heygen-Timestamp: 1764324000", "Signature: " + webhook.Sign(secret, []byte("1764324000."+body))},
			401,
		},
		"base64":            {[]string{"Signature: " + base64.StdEncoding.EncodeToString(mac(secret, body))}, 401},
		"SHA-1":             {[]string{"Signature: " + hex.EncodeToString(old.Sum(nil))}, 401},
		"the secret itself": {[]string{"Signature: " + secret}, 401},
		"Unicode digits":    {[]string{"Signature: " + strings.Repeat("٣", 64)}, 401},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serve(t, nil)
			if got := r.send(t, "POST", body, test.header...); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			want := int64(0)
			if test.status == 200 {
				want = 1
			}
			if got := r.calls.Load(); got != want {
				t.Errorf("the function was called %d times, want %d", got, want)
			}
		})
	}
	t.Run("in the query", func(t *testing.T) {
		t.Parallel()
		r := serve(t, nil)
		r.url += "?Signature=" + right
		if got := r.send(t, "POST", body); got != 401 {
			t.Errorf("status %d", got)
		}
	})
}

func TestBodies(t *testing.T) {
	t.Parallel()
	large := `{"event_type":"x","event_data":"` + strings.Repeat("a", 1<<20-34) + `"}`
	tests := map[string]struct {
		body   string
		status int
		data   string
	}{
		"an event":         {`{"event_type":"x","event_data":{ "a" : [1, 2] }}`, 200, `{ "a" : [1, 2] }`},
		"unknown type":     {`{"event_type":"brand_new.thing","event_data":{}}`, 200, `{}`},
		"data null":        {`{"event_type":"x","event_data":null}`, 200, `null`},
		"no data":          {`{"event_type":"x"}`, 200, ``},
		"data is an array": {`{"event_type":"x","event_data":[]}`, 200, `[]`},
		"beyond float64": {
			`{"event_type":"x","event_data":{"n":1e999, "m":12345678901234567890123}}`,
			200,
			`{"n":1e999, "m":12345678901234567890123}`,
		},
		"other scripts":       {`{"event_type":"x","event_data":"日本 🎬 \u00e9 é"}`, 200, `"日本 🎬 \u00e9 é"`},
		"more members":        {`{"x":1,"event_type":"x","callback_id":"c"}`, 200, ``},
		"white space around":  {" \r\n{\"event_type\":\"x\"}\n", 200, ``},
		"type with an escape": {`{"event_type":"a\u0062"}`, 200, ``},
		"1 MiB":               {large, 200, large[31 : len(large)-1]},
		"1 MiB and a byte":    {large + " ", 413, ``},

		"empty":                  {``, 400, ``},
		"no JSON":                {`event_type=x`, 400, ``},
		"cut off":                {`{"event_type":"x"`, 400, ``},
		"two objects":            {`{"event_type":"x"}{"event_type":"x"}`, 400, ``},
		"an array":               {`[{"event_type":"x"}]`, 400, ``},
		"a string":               {`"{\"event_type\":\"x\"}"`, 400, ``},
		"null":                   {`null`, 400, ``},
		"no type":                {`{"event_data":{}}`, 400, ``},
		"type null":              {`{"event_type":null}`, 400, ``},
		"type a number":          {`{"event_type":1}`, 400, ``},
		"type an object":         {`{"event_type":{"event_type":"x"}}`, 400, ``},
		"type empty":             {`{"event_type":""}`, 400, ``},
		"type in other letters":  {`{"Event_Type":"x"}`, 400, ``},
		"type without the score": {`{"eventType":"x"}`, 400, ``},
		"a byte order mark":      {"\ufeff" + `{"event_type":"x"}`, 400, ``},
		"compressed": {
			"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xabV*K-*\xce\xcc\xcfS\xb2R2T\xaa\x05\x00", 400, ``,
		},
		"deep": {`{"event_type":"x","event_data":` + strings.Repeat("[", 20_000), 400, ``},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serve(t, nil)
			if got := r.deliver(t, test.body); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			switch got := r.calls.Load(); {
			case test.status != 200:
				if got != 0 {
					t.Errorf("the function was called")
				}
			case got != 1:
				t.Errorf("the function was called %d times", got)
			case string(r.last.Data) != test.data || (test.data == "") != (r.last.Data == nil):
				t.Errorf("data %.80q", r.last.Data)
			case string(r.last.Body) != test.body:
				t.Errorf("body %.80q", r.last.Body)
			}
		})
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	r := serve(t, nil)
	// net/http's client sends no body with HEAD and TRACE; see TestStandingStill.
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE", "post", "QUERY"} {
		if got := r.send(t, method, body, "Signature: "+webhook.Sign(secret, []byte(body))); got != 405 {
			t.Errorf("%s: status %d", method, got)
		}
	}
	for _, text := range []string{"", body} {
		if got := r.send(t, "OPTIONS", text, "Signature: nonsense", "Origin: https://example.org"); got != 200 {
			t.Errorf("OPTIONS: status %d", got)
		}
	}
	if got := r.calls.Load(); got != 0 {
		t.Errorf("the function was called %d times", got)
	}
}

func TestTolerance(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
	tests := []struct {
		timestamp        string
		byDefault, fiveM int
	}{
		{at(0), 200, 200},
		{at(-4 * time.Minute), 200, 200},
		{at(4 * time.Minute), 200, 200},
		{at(-6 * time.Minute), 200, 400},
		{at(6 * time.Minute), 200, 400},
		{at(-24 * time.Hour), 200, 400},
		{"0", 200, 400},
		{"-1", 200, 400},
		{"9223372036854775807", 200, 400},
		{"-9223372036854775808", 200, 400},
		{at(0) + "000", 200, 400}, // milliseconds
		{"", 200, 200},
		{"soon", 200, 200},
		{"1e9", 200, 200},
		{"92233720368547758070", 200, 200},
		{"2025-10-22T08:31:48Z", 200, 200},
	}
	for _, test := range tests {
		t.Run(test.timestamp, func(t *testing.T) {
			t.Parallel()
			header := "Heygen-Timestamp: " + test.timestamp
			if got := serve(t, nil).deliver(t, body, header); got != test.byDefault {
				t.Errorf("by default: status %d, want %d", got, test.byDefault)
			}
			r := serve(t, nil, webhook.WithTolerance(5*time.Minute))
			if got := r.deliver(t, body, header, "Heygen-Event-Id: e1"); got != test.fiveM {
				t.Errorf("with a tolerance: status %d, want %d", got, test.fiveM)
			}
			// A refused delivery uses up neither its body nor its id.
			if got := r.deliver(t, body, "Heygen-Timestamp: "+at(0), "Heygen-Event-Id: e1"); got != 200 || r.calls.Load() != 1 {
				t.Errorf("the same in time: status %d, %d calls", got, r.calls.Load())
			}
		})
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	other := strings.Replace(body, "v1", "v2", 1)
	withID := `{"event_type":"x","event_id":"e1","n":%d}`
	tests := map[string]struct {
		deliver func(t *testing.T, r *receiver) []int
		calls   int64
	}{
		"the same again": {func(t *testing.T, r *receiver) []int {
			return []int{r.deliver(t, body), r.deliver(t, body), r.deliver(t, body)}
		}, 1},
		"same id, other body": {func(t *testing.T, r *receiver) []int {
			return []int{r.deliver(t, body, "Heygen-Event-Id: e1"), r.deliver(t, other, "heygen-event-id: e1")}
		}, 1},
		"same id in other bodies": {func(t *testing.T, r *receiver) []int {
			return []int{r.deliver(t, fmt.Sprintf(withID, 1)), r.deliver(t, fmt.Sprintf(withID, 2))}
		}, 1},
		"same body, other id": {func(t *testing.T, r *receiver) []int {
			return []int{r.deliver(t, body, "Heygen-Event-Id: e1"), r.deliver(t, body, "Heygen-Event-Id: e2")}
		}, 1},
		"a copy does not use up another id": {func(t *testing.T, r *receiver) []int {
			return []int{
				r.deliver(t, body, "Heygen-Event-Id: e1"), r.deliver(t, body, "Heygen-Event-Id: e2"),
				r.deliver(t, other, "Heygen-Event-Id: e2"),
			}
		}, 2},
		"other bodies without ids": {func(t *testing.T, r *receiver) []int {
			return []int{r.deliver(t, body), r.deliver(t, other)}
		}, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serve(t, nil)
			for i, status := range test.deliver(t, r) {
				if status != 200 {
					t.Errorf("delivery %d: status %d", i+1, status)
				}
			}
			if got := r.calls.Load(); got != test.calls {
				t.Errorf("the function was called %d times, want %d", got, test.calls)
			}
		})
	}
}

func TestRefusedDeliveriesUseUpNothing(t *testing.T) {
	t.Parallel()
	r := serve(t, nil)
	id := "Heygen-Event-Id: e1"
	if got := r.send(t, "POST", body, id, "Signature: "+strings.Repeat("0", 64)); got != 401 {
		t.Errorf("forged: status %d", got)
	}
	if got := r.deliver(t, `{"event":"x"}`, id); got != 400 {
		t.Errorf("malformed: status %d", got)
	}
	if got := r.deliver(t, body, id); got != 200 || r.calls.Load() != 1 {
		t.Errorf("the real one: status %d, %d calls", got, r.calls.Load())
	}
}

func TestTenAtOnce(t *testing.T) {
	t.Parallel()
	started, release := make(chan bool, 10), make(chan bool)
	r := serve(t, func(context.Context, webhook.Event) error {
		started <- true
		<-release
		return nil
	})
	statuses := make(chan int, 10)
	for range 10 {
		go func() { statuses <- r.deliver(t, body) }()
	}
	<-started
	for range 9 {
		if got := <-statuses; got != 409 {
			t.Errorf("a copy while the first is worked on: status %d", got)
		}
	}
	// The probe is answered whatever else is going on.
	if got := r.send(t, "OPTIONS", ""); got != 200 {
		t.Errorf("OPTIONS: status %d", got)
	}
	close(release)
	if got := <-statuses; got != 200 {
		t.Errorf("the first: status %d", got)
	}
	if got := r.deliver(t, body); got != 200 || r.calls.Load() != 1 {
		t.Errorf("afterwards: status %d, %d calls", got, r.calls.Load())
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	ended := make(chan bool, 1)
	tests := map[string]struct {
		fail   func(context.Context) error // the first time
		status int                         // 0 for a closed connection
	}{
		"an error":       {func(context.Context) error { return errors.New("disk full") }, 500},
		"a panic":        {func(context.Context) error { panic("oops") }, 0},
		"an abort":       {func(context.Context) error { panic(http.ErrAbortHandler) }, 0},
		"its own end":    {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503},
		"nil, too late":  {func(ctx context.Context) error { <-ctx.Done(); return nil }, 503},
		"panic too late": {func(ctx context.Context) error { <-ctx.Done(); ended <- true; panic("late") }, 503},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r *receiver
			r = serve(t, func(ctx context.Context, _ webhook.Event) error {
				if r.calls.Load() == 1 {
					return test.fail(ctx)
				}
				return nil
			}, webhook.WithTimeout(300*time.Millisecond))
			if test.status == 0 {
				req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, strings.NewReader(body))
				req.Header.Set("Signature", webhook.Sign(secret, []byte(body)))
				if resp, err := http.DefaultClient.Do(req); err == nil {
					_ = resp.Body.Close()
					t.Errorf("status %d, want a closed connection", resp.StatusCode)
				}
			} else if got := r.deliver(t, body); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
			if got := settled(t, r); got != 200 || r.calls.Load() != 2 {
				t.Errorf("again: status %d, %d calls", got, r.calls.Load())
			}
		})
	}
}

// settled delivers until the delivery before has ended: a copy of one under way gets 409.
func settled(t *testing.T, r *receiver) int {
	t.Helper()
	for range 1000 {
		if status := r.deliver(t, body); status != 409 {
			return status
		}
	}
	t.Fatal("the first delivery never ends")
	return 0
}

func TestManyDeliveriesLeaveNothing(t *testing.T) { //nolint:paralleltest // it counts goroutines
	handler, err := webhook.NewHandler(newVerifier(t), func(context.Context, webhook.Event) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for i := range 20_000 {
		text := fmt.Sprintf(`{"event_type":"x","event_id":"%d"}`, i)
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text))
		r.Header.Set("Signature", webhook.Sign(secret, []byte(text)))
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, before %d", after, before)
	}
}

func TestSenderHangsUp(t *testing.T) {
	t.Parallel()
	started, hungUp := make(chan bool), make(chan bool)
	finished := make(chan error, 1)
	r := serve(t, func(ctx context.Context, _ webhook.Event) error {
		close(started)
		<-hungUp
		finished <- ctx.Err()
		return nil
	})
	ctx, hangUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Signature", webhook.Sign(secret, []byte(body)))
	go func() { <-started; hangUp() }()
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
		t.Error("the sender did not hang up")
	}
	close(hungUp)
	if err := <-finished; err != nil {
		t.Errorf("the work was ended: %v", err)
	}
	if got := settled(t, r); got != 200 || r.calls.Load() != 1 {
		t.Errorf("again: status %d, %d calls; the work must count", got, r.calls.Load())
	}
}

// A function may work for longer than a body may take, and the connection goes on.
func TestWorkBeyondTheDeadlineOfTheBody(t *testing.T) {
	t.Parallel()
	r := serve(t, func(context.Context, webhook.Event) error {
		time.Sleep(150 * time.Millisecond)
		return nil
	}, webhook.WithBodyTimeout(50*time.Millisecond))
	for _, text := range []string{body, body + " "} {
		if got := r.deliver(t, text); got != 200 {
			t.Errorf("status %d", got)
		}
	}
}

// store fails where a test says so.
type store struct {
	*webhook.MemoryStore
	claim, settle error
	state         webhook.State
}

func (s *store) Claim(ctx context.Context, keys []string) (webhook.State, error) {
	if s.claim != nil || s.state != 0 {
		return s.state, s.claim
	}
	return s.MemoryStore.Claim(ctx, keys)
}

func (s *store) Settle(ctx context.Context, keys []string, done bool) error {
	return errors.Join(s.settle, s.MemoryStore.Settle(ctx, keys, done))
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*store{
		"claim":         {claim: errors.New("no database")},
		"unknown state": {state: 7},
		"settle":        {settle: errors.New("no database")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.MemoryStore = webhook.NewMemoryStore()
			r := serve(t, nil, webhook.WithStore(s))
			if got := r.deliver(t, body); got != 503 {
				t.Errorf("status %d, want 503", got)
			}
			if got := r.calls.Load(); (got != 0) != (name == "settle") {
				t.Errorf("the function was called %d times", got)
			}
		})
	}
}

// raw sends bytes and returns the status of the response, 0 if the connection closes without one, and how long it took.
func raw(t *testing.T, r *receiver, request string) (int, time.Duration) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // nothing is lost
	start := time.Now()
	go func() { _, _ = io.WriteString(conn, request) }()
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.Fields(request)[0]})
	if err != nil {
		return 0, time.Since(start)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, time.Since(start)
}

func TestStandingStill(t *testing.T) {
	t.Parallel()
	const chunked = "Transfer-Encoding: chunked"
	head := "%s / HTTP/1.1\r\nHost: x\r\nSignature: " + webhook.Sign(secret, []byte(body)) + "\r\n%s\r\n\r\n"
	full := fmt.Sprintf("Content-Length: %d", len(body))
	tests := map[string]struct {
		request string
		status  int
		within  time.Duration
	}{
		"probe without its body":   {fmt.Sprintf(head, "OPTIONS", "Content-Length: 5"), 200, time.Second},
		"probe without its chunks": {fmt.Sprintf(head, "OPTIONS", chunked), 200, time.Second},
		"GET without its body":     {fmt.Sprintf(head, "GET", "Content-Length: 5"), 405, time.Second},
		"HEAD":                     {fmt.Sprintf(head, "HEAD", "Content-Length: 0"), 405, time.Second},
		"TRACE":                    {fmt.Sprintf(head, "TRACE", full) + body, 405, time.Second},
		"large Content-Length":     {fmt.Sprintf(head, "POST", "Content-Length: 1048577"), 413, time.Second},
		"endless": {
			fmt.Sprintf(head, "POST", chunked) + strings.Repeat("ffff\r\n"+strings.Repeat(" ", 0xffff)+"\r\n", 20),
			413, 5 * time.Second,
		},
		"body that stands still":    {fmt.Sprintf(head, "POST", full) + body[:20], 408, 2 * time.Second},
		"chunked that stands still": {fmt.Sprintf(head, "POST", chunked) + "5\r\n{", 408, 2 * time.Second},
		"chunks that are none":      {fmt.Sprintf(head, "POST", chunked) + "zz\r\n{", 400, time.Second},
		"whole, in one piece":       {fmt.Sprintf(head, "POST", full) + body, 200, time.Second},
		"whole, in chunks": {
			fmt.Sprintf(head, "POST", chunked) + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body), 200, time.Second,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := serve(t, nil, webhook.WithBodyTimeout(500*time.Millisecond))
			status, took := raw(t, r, test.request)
			if status != test.status && (test.status != 413 || status != 0) {
				t.Errorf("status %d, want %d", status, test.status)
			}
			if took > test.within {
				t.Errorf("after %s, want %s", took, test.within)
			}
			if got := r.calls.Load(); (got == 1) != strings.HasPrefix(name, "whole") {
				t.Errorf("the function was called %d times", got)
			}
		})
	}
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		r := serve(t, nil)
		reader, writer := io.Pipe()
		go func() {
			for _, b := range []byte(body) {
				time.Sleep(5 * time.Millisecond)
				_, _ = writer.Write([]byte{b})
			}
			_ = writer.Close()
		}()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url, reader)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Signature", webhook.Sign(secret, []byte(body)))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || r.calls.Load() != 1 {
			t.Errorf("status %d, %d calls", resp.StatusCode, r.calls.Load())
		}
	})
}
