package heygentest_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// The sandbox keeps exactly what an update sends, or refuses the update and changes nothing. It never breaks the
// contract, which would be status 500.
func FuzzUpdate(f *testing.F) {
	for _, id := range []string{
		"e1", "", " ", "1b7c53dfc92349e89b82c1zfa7cf7819", "é\n\"<&>\u2028😀\x00", "../..?a=b#c", "\xff",
	} {
		for _, target := range []string{
			"", "https://example.com/hook", "HTTP://user:pass@[::1]:8443/ü?q=<&>#f", "ftp://example.com", "/hook",
			"https://", "https://exa mple.com", "https://example.com/%zz", "https://example.com/\x00", "https://a\xff",
		} {
			f.Add(id, target, byte(0), "")
			f.Add(id, target, byte(3), "avatar_video.success,avatar_video.fail,avatar_video.fail")
		}
	}
	f.Add("e1", "", byte(1), "")
	f.Add("e1", "", byte(2), "")
	f.Add("e1", "", byte(3), "é\n\"\",,\u2028,null")
	f.Add("e1", "", byte(3), "\xff")
	sandbox := heygentest.NewServer()
	f.Cleanup(sandbox.Close)
	c := client(sandbox)
	f.Fuzz(func(t *testing.T, id, target string, state byte, types string) {
		sent := heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: target}
		switch state % 4 {
		case 1:
			sent.Events = heygen.AllEvents()
		case 2:
			sent.Events = heygen.OnlyEvents()
		case 3:
			sent.Events = heygen.OnlyEvents(strings.Split(types, ",")...)
		}
		if id != "" && utf8.ValidString(id) { // else AddEndpoint refuses it
			sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: id, Events: heygen.OnlyEvents("before")})
		}
		want, _ := sandbox.Endpoint(id)

		updated, err := c.UpdateWebhookEndpoint(t.Context(), sent)
		refused := refusal(sent)
		if !errors.Is(err, refused) {
			t.Fatalf("error %v, want %v", err, refused)
		}
		if refused == nil {
			want.URL = cmp.Or(sent.URL, want.URL)
			if !sent.Events.IsZero() {
				want.Events = sent.Events
			}
			if got := dump(t, *updated); got != dump(t, want) {
				t.Errorf("the response is %s, want %s", got, dump(t, want))
			}
		}
		if got, _ := sandbox.Endpoint(id); dump(t, got) != dump(t, want) {
			t.Errorf("the sandbox has %s, want %s", dump(t, got), dump(t, want))
		}
	})
}

// No request of version 3 makes the sandbox break the contract, which would be status 500.
func FuzzVersion3(f *testing.F) {
	for _, body := range []string{
		`{"url":"https://example.org","events":["a",""],"entity_id":"é\u0000"}`,
		`{"url":"https://a/ü?q=<&>#f","events":null}`,
		`{"url":"/"}`, `{"events":[]}`, `{}`, `null`, ``,
	} {
		f.Add(byte(0), "", "", body, "key")
		f.Add(byte(1), "/e1", "", body, "")
		f.Add(byte(2), "/%2e%2E/rotate-secret", "", body, "a:b")
	}
	for _, query := range []string{"limit=1e1", "token=a;b", "token=%zz", "limit=1.0&token=", "limit=-0", "limit=100"} {
		f.Add(byte(3), "", query, "", "")
		f.Add(byte(3), "/../events", query, "", "")
	}
	sandbox, err := heygentest.New()
	if err != nil {
		f.Fatal(err)
	}
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: ".."})
	f.Fuzz(func(t *testing.T, method byte, tail, query, body, key string) {
		u := &url.URL{Path: "/v3/webhooks/endpoints", RawQuery: query}
		if plain, err := url.PathUnescape(tail); err == nil {
			u.Path, u.RawPath = u.Path+plain, u.Path+tail
		}
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", strings.NewReader(body))
		r.Method, r.URL = []string{"POST", "PATCH", "DELETE", "GET"}[method%4], u
		r.Header.Set("X-Api-Key", sandbox.APIKey)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
		w := httptest.NewRecorder()
		if sandbox.ServeHTTP(w, r); w.Code >= 500 {
			t.Errorf("%s %s %q: %d %s", r.Method, u, body, w.Code, w.Body)
		}
	})
}

// refusal returns the error that an update must end in: nil for a valid one.
func refusal(sent heygen.UpdateWebhookEndpointRequest) error {
	u, err := url.Parse(sent.URL)
	switch {
	case sent.EndpointID == "",
		!utf8.ValidString(strings.Join(append(sent.Events.Types(), sent.EndpointID, sent.URL), ",")):
		return heygen.ErrInvalidRequest
	case sent.URL != "" && (err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http"):
		return heygen.ErrInvalidURL
	}
	return nil
}

// dump returns all of an endpoint, including its secret.
func dump(t *testing.T, endpoint heygen.WebhookEndpoint) string {
	t.Helper()
	text, err := json.Marshal(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
