package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/webhook"
)

func TestSign(t *testing.T) {
	t.Parallel()
	// Computed with: printf '{"event_type":"x"}' | openssl dgst -sha256 -hmac whsec_test
	const want = "3fb993718b7d85a47b9d5272f9719d11bcb78cb998f61ff14cf00120c929dd9d"
	if got := webhook.Sign("whsec_test", []byte(`{"event_type":"x"}`)); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func newVerifier(t testing.TB) *webhook.Verifier {
	t.Helper()
	v, err := webhook.NewVerifier(secret)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestNewVerifierRefuses(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{
		{}, {""}, {" "}, {"\n"}, {secret, ""}, {"", secret}, {" " + secret}, {secret + "\n"},
		{secret + "\u00a0"}, {"\t" + secret},
	} {
		v, err := webhook.NewVerifier(secrets...)
		if err == nil || v != nil {
			t.Errorf("%q is accepted", secrets)
			continue
		}
		if strings.Contains(err.Error(), "MfKQ9r8") {
			t.Errorf("the error holds the secret: %v", err)
		}
	}
}

// What no request of net/http can have; TestSignatures has the others.
func TestVerify(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	right := webhook.Sign(secret, []byte(body))
	for name, test := range map[string]struct {
		header http.Header
		body   string
		want   error
	}{
		"header not of net/http": {http.Header{"heygen-signature": {right}}, body, nil},
		"nil header":             {nil, body, webhook.ErrUnsigned},
		"no value":               {http.Header{"Signature": {}}, body, webhook.ErrUnsigned},
		"only commas":            {http.Header{"Signature": {" , ,"}}, body, webhook.ErrUnsigned},
		"no event":               {http.Header{"Signature": {webhook.Sign(secret, nil)}}, "", webhook.ErrMalformed},
	} {
		event, err := v.Verify(test.header, []byte(test.body))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if (err == nil) != (event.Type != "") || (err == nil) != (event.Body != nil) {
			t.Errorf("%s: event %+v with error %v", name, event, err)
		}
		if err != nil && (strings.Contains(err.Error(), right) || strings.Contains(err.Error(), secret)) {
			t.Errorf("%s: the error holds a secret: %v", name, err)
		}
	}
	empty := http.Header{"Signature": {webhook.Sign("", []byte(body))}}
	if _, err := new(webhook.Verifier).Verify(empty, []byte(body)); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("the zero Verifier: %v", err)
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	for name, test := range map[string]struct {
		body, id, timestamp string
		wantID              string
		wantSent            string
	}{
		"neither":                 {`{"event_type":"x"}`, "", "", "", ""},
		"headers":                 {`{"event_type":"x"}`, "h1", " 1764324000 ", "h1", "2025-11-28T10:00:00Z"},
		"the signed id is better": {`{"event_type":"x","event_id":"b1"}`, "h1", "", "b1", ""},
		"id null":                 {`{"event_type":"x","event_id":null}`, "h1", "", "h1", ""},
		"unreadable":              {`{"event_type":"x"}`, "", "2025-11-28", "", ""},
		"the far future":          {`{"event_type":"x"}`, "", "9223372036854775807", "", "9999-12-31T23:59:59Z"},
		"the far past":            {`{"event_type":"x"}`, "", "-9223372036854775808", "", "1970-01-01T00:00:00Z"},
	} {
		event, err := v.Verify(http.Header{
			"signature":       {webhook.Sign(secret, []byte(test.body))},
			"Heygen-Event-Id": {test.id}, "Heygen-Timestamp": {test.timestamp},
		}, []byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sent := ""
		if !event.Sent.IsZero() {
			sent = event.Sent.Format(time.RFC3339)
		}
		if event.ID != test.wantID || sent != test.wantSent {
			t.Errorf("%s: id %q, sent %q", name, event.ID, sent)
		}
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]webhook.Details{
		``:     {},
		`null`: {},
		`[1]`:  {},
		`"x"`:  {},
		`{"video_id":"v","url":"u","callback_id":"c","gif_download_url":"g","video_page_url":"p",` +
			`"video_share_page_url":"s","folder_id":null}`: {
			VideoID: "v", URL: "u", CallbackID: "c", GIFURL: "g", PageURL: "p", SharePageURL: "s",
		},
		`{"video_id":"v","msg":"too long","callback_id":null}`:        {VideoID: "v", Message: "too long"},
		`{"video_id":"v","subtitle_url":"s"}`:                         {VideoID: "v", CaptionURL: "s"},
		`{"video_id":"v","caption_url":"s"}`:                          {VideoID: "v", CaptionURL: "s"},
		`{"video_translate_id":"t","url":"u","output_language":"fr"}`: {TranslationID: "t", URL: "u", OutputLanguage: "fr"},
		`{"video_translation_id":"t","message":"no"}`:                 {TranslationID: "t", Message: "no"},
		`{"id":"t","error":"no"}`:                                     {TranslationID: "t", Message: "no"},
		`{"project_id":"p","video_url":"u","landing_page_url":"l","gif_url":"g","gif_html":"h"}`: {
			ProjectID: "p", URL: "u", LandingPageURL: "l", GIFURL: "g", GIFHTML: "h",
		},
		`{"session_id":"s","failure_message":"no","failure_code":4001}`: {SessionID: "s", Message: "no", FailureCode: "4001"},
		`{"msg":null,"message":"","error":{"a":1},"reason":"no"}`:       {Message: "no"},
		`{"URL":"u"}`:                       {},
		`{"folder_id":"f","video_id":true}`: {FolderID: "f"},
	} {
		if got := (webhook.Event{Data: []byte(data)}).Details(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v", data, got)
		}
	}
	event := webhook.Event{
		Body: []byte(`{"event_type":"x","callback_id":"outside","event_data":{"contact_info":{"name":"n"}}}`),
		Data: []byte(`{"contact_info":{"name":"n"}}`),
	}
	if got := event.Details(); got.CallbackID != "outside" || string(got.ContactInfo) != `{"name":"n"}` {
		t.Errorf("%+v", got)
	}
}

func TestPrintedWithoutSecret(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	h, err := webhook.NewHandler(v, func(context.Context, webhook.Event) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "verifier", v, "handler", h)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		fmt.Fprintf(&log, format+format+format+"\n", v, *v, h)
	}
	for _, word := range []string{
		secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%v", []byte(secret)), fmt.Sprintf("%#v", []byte(secret)),
	} {
		if strings.Contains(log.String(), word) {
			t.Errorf("printed: %q", word)
		}
	}
}

func TestNewHandlerRefuses(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	work := func(context.Context, webhook.Event) error { return nil }
	_, err := webhook.NewHandler(nil, nil, nil, webhook.WithStore(nil), webhook.WithTimeout(0),
		webhook.WithTolerance(-1), webhook.WithMaxBody(0), webhook.WithLogger(nil))
	for _, word := range []string{
		"verifier", "function", "option 1", "WithStore", "WithTimeout", "WithTolerance", "WithMaxBody", "WithLogger",
	} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not name %s", err, word)
		}
	}
	if _, err := webhook.NewHandler(v, work, webhook.WithMaxBody(1<<30+1)); err == nil {
		t.Error("a body over 1 GiB is accepted")
	}
	h, err := webhook.NewHandler(v, work, webhook.WithMaxBody(1<<30), webhook.WithMaxBody(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if got := webhook.BodyTimeout(h); got != 10*time.Second {
		t.Errorf("a body may take %s", got)
	}
	for text, want := range map[string]int{body: 200, body + " ": 413} {
		// In memory: a writer without deadlines.
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(text))
		r.Header.Set("Signature", webhook.Sign(secret, []byte(text)))
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%d bytes: status %d", len(text), w.Code)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("Signature", webhook.Sign(secret, []byte(body)), []byte(body), true)
	f.Add("heygen-signature", "00", []byte(`{"event_type":"x","event_data":null}`), true)
	f.Add("x", "", []byte{}, false)
	v := newVerifier(f)
	f.Fuzz(func(t *testing.T, name, value string, body []byte, signed bool) {
		header := http.Header{name: {value}}
		right := webhook.Sign(secret, body)
		if signed {
			header["Signature"] = append(header["Signature"], right)
		}
		event, err := v.Verify(header, body)
		holds := signed || strings.Contains(strings.ToLower(value), right)
		switch {
		case !holds && !errors.Is(err, webhook.ErrUnsigned) && !errors.Is(err, webhook.ErrSignature):
			t.Fatalf("accepted or parsed without its signature: %v", err)
		case err == nil && (event.Type == "" || !bytes.Equal(event.Body, body) || !bytes.Contains(body, event.Data)):
			t.Fatalf("event %+v", event)
		case err != nil && strings.Contains(err.Error(), right):
			t.Fatal("the error holds the signature")
		}
		_ = event.Details()
	})
}

func FuzzHandler(f *testing.F) {
	f.Add("POST", body, true, "e1", "1764324000")
	f.Add("OPTIONS", "", false, "", "")
	f.Add("POST", `{"event_type":1}`, true, "", "x")
	v := newVerifier(f)
	f.Fuzz(func(t *testing.T, method, body string, signed bool, id, timestamp string) {
		calls := 0
		work := func(context.Context, webhook.Event) error { calls++; return nil }
		h, err := webhook.NewHandler(v, work, webhook.WithTolerance(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Method = method
			r.Header = http.Header{"Heygen-Event-Id": {id}, "Heygen-Timestamp": {timestamp}}
			if signed {
				r.Header.Set("Signature", webhook.Sign(secret, []byte(body)))
			}
			h.ServeHTTP(w, r)
			switch {
			case w.Code == 200 && (method != "OPTIONS" && !signed || method == "OPTIONS" && calls > 0):
				t.Fatalf("%s is accepted, %d calls", method, calls)
			case w.Code == 200 && method == "POST" && calls != 1, w.Code != 200 && calls != 0:
				t.Fatalf("status %d, %d calls", w.Code, calls)
			}
		}
	})
}

// An event is what encoding/json reads, with exact names.
func FuzzEvent(f *testing.F) {
	for _, seed := range []string{
		`{"event_type":"x"}`, ` { "event_type" : "x" , "event_data" : [ {"a":"}\"]"} , 1 ] } `, `{}`, `[]`, `"{"`,
		`null`, `1`,
		`{"event_data":1.5e3,"event_type":"\u0078","event_type":"y"}`, `{"event_type":"x","event_data":true}`,
		`{"event\u005ftype":"x","event_id":"1"}`, `{"a":{"event_type":"y"},"event_type":"x"}`, "{\"event_type\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	v := newVerifier(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := v.Verify(http.Header{"Signature": {webhook.Sign(secret, body)}}, body)
		var members map[string]json.RawMessage
		var eventType, id string
		isObject := json.Unmarshal(body, &members) == nil && members != nil
		isText := isObject && json.Unmarshal(members["event_type"], &eventType) == nil && eventType != ""
		_ = json.Unmarshal(members["event_id"], &id)
		switch {
		case isText != (err == nil):
			t.Fatalf("%v, but encoding/json reads %v", err, members)
		case isText && (event.Type != eventType || event.ID != id || !bytes.Equal(event.Data, members["event_data"])):
			t.Fatalf("%+v, but encoding/json reads %q %q %s", event, eventType, id, members["event_data"])
		}
	})
}
