package heygen_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// Whatever comes back, a call ends in success or in an error that can be relied on.
func FuzzResponses(f *testing.F) {
	for _, body := range []string{
		documented, notFound, "", " ", "null", "[]", "1", `""`, "{}", "\uFEFF" + documented, documented + documented,
		`{"code":100}`, `{"code":100,"data":null}`, `{"code":100.0,"data":{}}`, `{"code":1e2,"data":{}}`,
		`{"code":" "}`,
		`{"code":"100","data":{}}`, `{"code":100.5,"data":{}}`, `{"code":true,"data":{}}`, `{"code":{},"data":{}}`,
		`{"code":400131,"Code":100,"data":{}}`, `{"code":100,"code":400131,"data":{}}`,
		`{"code":1e999999999,"data":{}}`, `{"code":92233720368547758079}`, "{\"code\":100,\"data\":{\"secret\":\"a\xff\"}}",
		`{"code":100,"data":{"secret":"\ud800"}}`, `{"code":100,"data":{"events":null,"created_at":1}}`,
		`{"data":null,"error":{"code":"quota","message":"` + testKey + `"}}`, `{"error":"broken"}`,
		`"{\"code\":400542,\"message\":\"Url of this webhook endpoint is invalid\"}"`,
		`{"code":400175,"msg":"a\u0000b\n\u001b[31m` + testKey + `"}`, `{"detail":[{"msg":"field required"}]}`,
		`{"type":"about:blank","title":"teapot"}`, "<html><title>" + testKey + "</title>", "\xff\xfe{\x00",
		`{"code":1,"message":"` + strings.Repeat("é", 60) + `","data":{"secret":"é"}}`,
		strings.Repeat("[", 50), `{"code":1,"message":` + strings.Repeat(`{"a":`, 50),
	} {
		for _, status := range []uint16{200, 206, 302, 400, 404, 503} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, number uint16, body []byte) {
		status := 200 + int(number)%400
		client := newClient(t, &network{script: []step{responds(status, string(body))}},
			heygen.WithRetry(heygen.RetryPolicy{}))
		endpoint, err := client.UpdateWebhookEndpoint(t.Context(), request)
		if err == nil {
			if endpoint == nil || status/100 != 2 || status == http.StatusPartialContent || !saysSuccess(body) {
				t.Fatalf("success: %+v", endpoint)
			}
			return
		}
		checkError(t, asError(t, err), status, body)
		if endpoint != nil {
			t.Errorf("an endpoint beside the error: %+v", endpoint)
		}
	})
}

// Whatever comes back in version 3, a call ends in success or in an error that can be relied on.
func FuzzResponsesOfVersion3(f *testing.F) {
	for _, body := range []string{
		"", "null", `{"data":{}}`, `{"data":[],"error":null}`, `{"data":null}`, `{"data":1,"error":{}}`, `{"data":0}{}`,
		`{"data":{},"Error":1}`, `{"data":{},"error":null,"error":1}`, "{\"data\":\"\xff\"}", `{"\u0064ata":{}}`, documented,
		`{"error":{"code":"not_found","message":"` + testKey + `","param":"a\u0000b","doc_url":"` + testKey + `"}}`,
		`{"data":[],"error":{}}`, `{"data":[],"error":"no"}`, `{"data":[],"error":false}`, `{"data":[],"data":[]}`,
		`{"data":[{"secret":"long enough"},{"secret":"` + testSecret + `"}],"error":{"code":"` + testSecret + `"}}`,
	} {
		for _, status := range []uint16{0, 6, 102, 200, 204, 209, 303} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, number uint16, body []byte) {
		status := 200 + int(number)%400
		client := newClient(t, &network{script: []step{responds(status, string(body))}},
			heygen.WithRetry(heygen.RetryPolicy{}))
		whole, err := heygen.DoV3[struct{}](t.Context(), client, "UpdateWebhookEndpoint", list)
		if (whole == nil) == (err == nil) {
			t.Errorf("%v and error %v", whole, err)
		}
		if err != nil {
			checkError(t, asError(t, err), status, body)
			return
		}
		var members map[string]any
		wrong := json.Unmarshal(bytes.TrimPrefix(body, []byte("\uFEFF")), &members)
		if wrong != nil || status/100 != 2 || status == http.StatusPartialContent ||
			members["data"] == nil || members["error"] != nil {
			t.Error("success")
		}
	})
}

// saysSuccess is another reading of an envelope than the client's: by encoding/json, which keeps the names of a map
// apart by case.
func saysSuccess(body []byte) bool {
	var members, data map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimPrefix(body, []byte("\uFEFF")), &members) != nil ||
		json.Unmarshal(members["data"], &data) != nil || data == nil {
		return false
	}
	var code any
	if json.Unmarshal(members["code"], &code) != nil {
		return false
	}
	return code == 100.0 || code == "100"
}

// checkError checks what holds of every error that a response is the reason for.
func checkError(t *testing.T, e *heygen.Error, status int, body []byte) {
	t.Helper()
	if e.StatusCode != status || e.Attempts != 1 || e.Op != "UpdateWebhookEndpoint" {
		t.Errorf("status %d, attempts %d, operation %s", e.StatusCode, e.Attempts, e.Op)
	}
	sent := body
	if len(body) <= 1<<20 {
		sent = bytes.TrimPrefix(body, []byte("\uFEFF"))
	}
	if !bytes.Equal(e.Body(), sent[:min(len(sent), 64<<10)]) {
		t.Errorf("the body is not what was sent: %q", e.Body())
	}
	for text, limit := range map[string]int{e.Message: 512, e.Param: 512, e.DocURL: 512, e.Code: 64, e.Error(): 2048} {
		if len(text) > limit || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) ||
			strings.Contains(text, testKey) {
			t.Errorf("%d bytes, at most %d are wanted, in one line and without the key: %q", len(text), limit, text)
		}
	}
	// A response is one of these and no other.
	api, redirect := errors.Is(e, heygen.ErrAPI), errors.Is(e, heygen.ErrRedirect)
	tooLarge, malformed := errors.Is(e, heygen.ErrResponseTooLarge), errors.Is(e, heygen.ErrMalformedResponse)
	isRedirect := status/100 == 3
	if redirect != isRedirect || tooLarge != (len(body) > 1<<20 && !isRedirect) || api != (e.Code != "") ||
		!isRedirect && !tooLarge && api == malformed {
		t.Errorf("%v: HeyGen's %t, redirect %t, too large %t, malformed %t", e, api, redirect, tooLarge, malformed)
	}
}

// Whatever Retry-After says, it is waited for exactly, or it ends the call, or it says nothing that can be followed.
func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{
		"", "0", "1", "007", "10", "11", "3600", "-5", "+5", "1.5", "18446744073709551617x", "1e3",
		"0x10", "1_0", "5s", "soon", "٣", "5, 7", " 5", "9223372036", "9223372037", "9223372036854775808",
		"18446744073709551616", strings.Repeat("9", 500),
		date(7*time.Second, http.TimeFormat), date(-time.Second, http.TimeFormat), date(time.Hour, http.TimeFormat),
		date(7*time.Second, time.ANSIC), date(7*time.Second, "Monday, 02-Jan-06 15:04:05 GMT"),
		"Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 0000 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:07 +0900",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := update(t, []step{refuses(503, header), responds(418, "")})
		e, want := asError(t, got.err), asked(header)
		switch {
		case want > 10*time.Second:
			if e.StatusCode != 503 || e.RetryAfter != want || got.took != 0 {
				t.Errorf("%v after %v, Retry-After %v, want %v", e, got.took, e.RetryAfter, want)
			}
		case e.StatusCode != 418 || got.took != want && (want > 0 || got.took > 250*time.Millisecond):
			t.Errorf("%v after %v, want a wait of %v", e, got.took, want)
		}
	})
}

// asked is another reading of Retry-After than the client's, in a bubble that has just begun.
func asked(header string) time.Duration {
	if regexp.MustCompile(`^[0-9]+$`).MatchString(header) {
		const longest = math.MaxInt64 / int64(time.Second)
		number, _ := new(big.Int).SetString(header, 10)
		if number.Cmp(big.NewInt(longest)) > 0 {
			number.SetInt64(longest)
		}
		return time.Duration(number.Int64()) * time.Second
	}
	until, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return max(0, until.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
}
