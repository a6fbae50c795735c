package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // a receiver must refuse it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/heygen-go/heygen/webhook"
)

const (
	ruleSecrecy  = "secrecy"
	secretPrefix = "whsec_"
)

// quickRules are the rules about requests that are sent at once. Most of their deliveries have the signature in both
// headers, an id and a time, so that a receiver that needs one of these breaks one rule and not all.
var quickRules = []receiverRule{
	{"probe", "OPTIONS gets a 2xx within a second", checkProbe},
	{"methods", "other methods get a 4xx, best 405, or 501", checkMethods},

	{"signature-v1", "the right signature as Signature is accepted", func(ctx context.Context, r *ruleCheck) {
		body := newEvent()
		r.accepts(ctx, "Signature alone", message{method: http.MethodPost, body: body, header: http.Header{
			"Content-Type": {"application/json"}, "Signature": {webhook.Sign(r.secret, body)},
		}})
	}},
	{"signature-v3", "the right signature as Heygen-Signature is accepted", func(ctx context.Context, r *ruleCheck) {
		r.accepts(ctx, "Heygen-Signature alone", r.signed(newEvent()).with("Signature"))
	}},
	{"header-case", "the names of headers have any case", checkHeaderCase},
	{"capitals", "hex in capitals is accepted", func(ctx context.Context, r *ruleCheck) {
		body := newEvent()
		r.accepts(ctx, "hex in capitals", signedAs(strings.ToUpper(webhook.Sign(r.secret, body)), body))
	}},
	{"several-values", "of several signatures one must be right", checkSeveralValues},
	{"raw-body", "the body as it came is verified, whatever its format", checkRawBody},
	{"no-timestamp", "a delivery without a readable time is accepted", func(ctx context.Context, r *ruleCheck) {
		r.accepts(ctx, "no time", r.signed(newEvent()).with("Heygen-Timestamp"))
		r.accepts(ctx, "an unreadable time", r.signed(newEvent()).with("Heygen-Timestamp", "yesterday"))
	}},
	{"old-timestamp", "a time an hour off gets a 2xx or, from a receiver with a tolerance, a 4xx", checkOldTimestamp},
	{"unknown-type", "an event of a new type is accepted", func(ctx context.Context, r *ruleCheck) {
		r.accepts(ctx, "a new type", r.signed(eventWith(`"`+rand.Text()+`.success"`, "{}")))
	}},
	{"event-data", "null, missing and unusual data is accepted", checkEventData},
	{"malformed", "signed, but no event: refused", checkMalformed},

	{"unsigned", "no signature: refused", func(ctx context.Context, r *ruleCheck) {
		r.refuses(ctx, "no signature", unsigned(newEvent()))
	}},
	{"empty", "an empty signature: refused", forgeries{
		"an empty signature": func(string, []byte) string { return "" },
	}.check},
	{"wrong-digit", "a signature with one digit changed: refused", forgeries{
		"the first": wrongDigit(0), "one in the middle": wrongDigit(33), "the last": wrongDigit(63),
	}.check},
	{"wrong-length", "a signature that was cut or has more: refused", forgeries{
		"a digit less":   func(secret string, body []byte) string { return webhook.Sign(secret, body)[:63] },
		"the first half": func(secret string, body []byte) string { return webhook.Sign(secret, body)[:32] },
		"a single digit": func(secret string, body []byte) string { return webhook.Sign(secret, body)[:1] },
		"a digit more":   func(secret string, body []byte) string { return webhook.Sign(secret, body) + "0" },
		"twice the same": func(secret string, body []byte) string { return strings.Repeat(webhook.Sign(secret, body), 2) },
	}.check},
	{"other-body", "the signature of another body: refused", forgeries{
		"the signature of another body": func(secret string, _ []byte) string { return webhook.Sign(secret, newEvent()) },
	}.check},
	{"re-encoded", "the signature of the same event in another format: refused", checkReencoded},
	{"other-secret", "a signature by another secret: refused", forgeries{
		"another secret": func(_ string, body []byte) string { return webhook.Sign(secretPrefix+rand.Text(), body) },
	}.check},
	{"empty-key", "a signature by an empty secret: refused", forgeries{
		"an empty secret": func(_ string, body []byte) string { return webhook.Sign("", body) },
	}.check},
	{"decoded-secret", "a signature by the secret decoded, or without its prefix: refused", checkDecodedSecret},
	{"signed-time", "a signature of time and body: refused", checkSignedTime},
	{"base64", "the signature in Base64: refused", forgeries{
		"Base64": func(secret string, body []byte) string {
			return base64.StdEncoding.EncodeToString(mac(sha256.New, secret, body))
		},
	}.check},
	{"other-hash", "HMAC-SHA1, HMAC-SHA512, or a hash without HMAC: refused", forgeries{
		"HMAC-SHA1": func(secret string, body []byte) string {
			return hex.EncodeToString(mac(sha1.New, secret, body))
		},
		"HMAC-SHA512": func(secret string, body []byte) string {
			return hex.EncodeToString(mac(sha512.New, secret, body))
		},
		"SHA-256 of the body": func(_ string, body []byte) string { return fmt.Sprintf("%x", sha256.Sum256(body)) },
		"SHA-256 of secret and body": func(secret string, body []byte) string {
			return fmt.Sprintf("%x", sha256.Sum256([]byte(secret+string(body))))
		},
	}.check},
	{"other-header", "the right signature in another header: refused", checkOtherHeader},
	{"query", "the right signature in the query: refused", func(ctx context.Context, r *ruleCheck) {
		body := newEvent()
		m := unsigned(body)
		signature := webhook.Sign(r.secret, body)
		m.query = "signature=" + signature + "&Signature=" + signature + "&Heygen-Signature=" + signature
		r.refuses(ctx, "the right signature in the query", m)
	}},

	{"same-again", "the same delivery again gets a 2xx or 409", func(ctx context.Context, r *ruleCheck) {
		m := r.signed(newEvent())
		r.twice(ctx, "the same again", m, m)
	}},
	{"same-id", "another event with the same id gets a 2xx or 409", func(ctx context.Context, r *ruleCheck) {
		first := r.signed(newEvent())
		again := r.signed(newEvent()).with("Heygen-Event-Id", first.header.Get("Heygen-Event-Id"))
		r.twice(ctx, "another event with the same id", first, again)
	}},
	{"same-body", "the same event with another id gets a 2xx or 409", func(ctx context.Context, r *ruleCheck) {
		m := r.signed(newEvent())
		r.twice(ctx, "the same event with another id", m, m.with("Heygen-Event-Id", rand.Text()))
	}},
	{"forged-id", "a refused delivery does not use up the id of a right one", checkForgedID},
	{"ten-at-once", "ten copies at once each get a 2xx or 409, and one a 2xx", checkTenAtOnce},
}

// forgeries make wrong signatures of bodies. Each is sent with one delivery.
type forgeries map[string]func(secret string, body []byte) string

func (f forgeries) check(ctx context.Context, r *ruleCheck) {
	for what, sign := range f {
		body := newEvent()
		r.refuses(ctx, what, signedAs(sign(r.secret, body), body))
	}
}

// wrongDigit makes the right signature with another digit in one place.
func wrongDigit(at int) func(secret string, body []byte) string {
	return func(secret string, body []byte) string {
		signature := []byte(webhook.Sign(secret, body))
		signature[at] = map[bool]byte{true: '1', false: '0'}[signature[at] == '0']
		return string(signature)
	}
}

func mac(newHash func() hash.Hash, key string, data []byte) []byte {
	m := hmac.New(newHash, []byte(key))
	m.Write(data)
	return m.Sum(nil)
}

// eventWith returns an event with this type and data, which are JSON. Each is new.
func eventWith(eventType, data string) []byte {
	return fmt.Appendf(nil, `{"event_type":%s,"event_data":%s,"created_at":"%s"}`, eventType, data, rand.Text())
}

func checkProbe(ctx context.Context, r *ruleCheck) {
	for what, m := range map[string]message{
		"OPTIONS":             {header: http.Header{}},
		"OPTIONS with a body": {header: http.Header{"Content-Type": {"application/json"}}, body: []byte("{}")},
		"OPTIONS of a browser": {header: http.Header{
			"Origin": {"https://example.org"}, "Access-Control-Request-Method": {"POST"},
		}},
	} {
		m.method = http.MethodOptions
		r.expect(ctx, what, m, probeLimit, response.is2xx, "a 2xx within a second")
	}
}

func checkMethods(ctx context.Context, r *ruleCheck) {
	good := func(got response) bool { return got.is4xx() || got.status == http.StatusNotImplemented }
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE"} {
		m := r.signed(newEvent())
		m.method = method
		r.quick(ctx, method+" with the right signature", m, good, "405")
		r.quick(ctx, method, message{method: method, header: http.Header{}}, good, "405")
	}
}

func checkHeaderCase(ctx context.Context, r *ruleCheck) {
	for what, change := range map[string]func(string) string{
		"small letters": strings.ToLower, "capitals": strings.ToUpper,
	} {
		body := newEvent()
		m, signature := unsigned(body), webhook.Sign(r.secret, body)
		for _, name := range []string{"Signature", "Heygen-Signature"} { // a receiver may read only one of them
			m = m.with(change(name), signature)
		}
		r.accepts(ctx, what, m)
	}
}

func checkSeveralValues(ctx context.Context, r *ruleCheck) {
	wrong := strings.Repeat("0", 64)
	for what, combine := range map[string]func(right string) []string{
		"the right one in a second header": func(right string) []string { return []string{wrong, right} },
		"the right one in the first":       func(right string) []string { return []string{right, wrong} },
		"the right one after a comma":      func(right string) []string { return []string{wrong + ", " + right} },
		"the right one before a comma":     func(right string) []string { return []string{right + "," + wrong} },
	} {
		body := newEvent()
		values := combine(webhook.Sign(r.secret, body))
		r.accepts(ctx, what, signedAs("", body).with("Signature", values...).with("Heygen-Signature", values...))
	}
	for _, name := range []string{"Signature", "Heygen-Signature"} {
		r.accepts(ctx, "a wrong "+name+" beside the right one", r.signed(newEvent()).with(name, wrong))
	}
}

func checkRawBody(ctx context.Context, r *ruleCheck) {
	id := rand.Text()
	for what, body := range map[string]string{
		"indented": "{\n\t\"event_type\": \"avatar_video.success\",\n\t\"event_data\": {\"video_id\": \"$ID\"}\n}\n",
		"with escapes": `{"event_type":"avatar\u005fvideo.success",` +
			`"event_data":{"video_id":"\u00e9$ID","url":"https:\/\/example.org\/"}}`,
		"with numbers":         `{"event_type":"avatar_video.success","event_data":{"video_id":"n$ID","a":1.0,"b":1E2}}`,
		"members out of order": ` {"z":1, "event_data":{"video_id":"o$ID"} ,"event_type":"avatar_video.success","a":2} `,
	} {
		r.accepts(ctx, what, r.signed([]byte(strings.ReplaceAll(body, "$ID", id))))
	}
}

func checkOldTimestamp(ctx context.Context, r *ruleCheck) {
	good := func(got response) bool { return got.is2xx() || got.is4xx() }
	for what, off := range map[string]time.Duration{"an hour ago": -time.Hour, "an hour ahead": time.Hour} {
		at := strconv.FormatInt(time.Now().Add(off).Unix(), 10)
		r.quick(ctx, what, r.signed(newEvent()).with("Heygen-Timestamp", at), good, "a 2xx or a 4xx")
	}
}

func checkEventData(ctx context.Context, r *ruleCheck) {
	for what, data := range map[string]string{
		"null": "null", "empty": "{}", "a number beyond float64": `{"video_id":"x","size":1e400}`,
		"a long integer": `{"video_id":"x","size":123456789012345678901234567890}`,
		"other scripts":  `{"video_id":"x","msg":"Ошибка 失敗 فشل 🎬"}`,
	} {
		r.accepts(ctx, what, r.signed(eventWith(`"avatar_video.success"`, data)))
	}
	r.accepts(ctx, "missing", r.signed(fmt.Appendf(nil, `{"event_type":"avatar_video.success","id":"%s"}`, rand.Text())))
}

func checkMalformed(ctx context.Context, r *ruleCheck) {
	for what, body := range map[string]string{
		"an empty body": "", "no JSON": "event_type=avatar_video.success",
		"JSON cut off": `{"event_type":"avatar_video.success"`,
		"a list":       `[{"event_type":"avatar_video.success"}]`, "null": "null", "a string": `"avatar_video.success"`,
		"an empty object": "{}", "event_type null": `{"event_type":null,"event_data":{}}`,
		"event_type a number": `{"event_type":7,"event_data":{}}`, "event_type empty": `{"event_type":"","event_data":{}}`,
		"EVENT_TYPE": `{"EVENT_TYPE":"avatar_video.success","event_data":{}}`,
	} {
		r.refuses(ctx, what, r.signed([]byte(body)))
	}
}

// checkReencoded sends events as they are not signed. A receiver that verifies what it encoded itself accepts them.
func checkReencoded(ctx context.Context, r *ruleCheck) {
	for what, format := range map[string]string{
		"the format of JavaScript": `{"event_type":"avatar_video.success","event_data":{"video_id":"%s"}}`,
		"the format of Python":     `{"event_type": "avatar_video.success", "event_data": {"video_id": "%s"}}`,
		"the order of Go":          `{"event_data":{"video_id":"%s"},"event_type":"avatar_video.success"}`,
	} {
		signed := fmt.Appendf(nil, format, rand.Text())
		var sent bytes.Buffer
		_ = json.Indent(&sent, signed, "", "    ")
		r.refuses(ctx, what, signedAs(webhook.Sign(r.secret, signed), sent.Bytes()))
	}
}

func checkDecodedSecret(ctx context.Context, r *ruleCheck) {
	bare := strings.TrimPrefix(r.secret, secretPrefix)
	keys := map[string]string{"without its prefix": bare}
	for what, decode := range map[string]func(string) ([]byte, error){
		"decoded from Base64":                 base64.StdEncoding.DecodeString,
		"decoded from Base64 without padding": base64.RawStdEncoding.DecodeString,
		"decoded from hex":                    hex.DecodeString,
	} {
		if key, err := decode(bare); err == nil && len(key) > 0 {
			keys[what] = string(key)
		}
	}
	for what, key := range keys {
		if key != r.secret {
			body := newEvent()
			r.refuses(ctx, "the secret "+what, signedAs(webhook.Sign(key, body), body))
		}
	}
}

func checkSignedTime(ctx context.Context, r *ruleCheck) {
	for what, format := range map[string]string{
		"time.body": "%[1]s.%[3]s", "timebody": "%[1]s%[3]s", "id.time.body": "%[2]s.%[1]s.%[3]s",
	} {
		m := unsigned(newEvent())
		at, id := m.header.Get("Heygen-Timestamp"), m.header.Get("Heygen-Event-Id")
		signature := webhook.Sign(r.secret, fmt.Appendf(nil, format, at, id, m.body))
		r.refuses(ctx, what, m.with("Signature", signature).with("Heygen-Signature", signature))
	}
}

func checkOtherHeader(ctx context.Context, r *ruleCheck) {
	for _, name := range []string{
		"X-Signature", "X-Heygen-Signature", "X-Hub-Signature-256", "Webhook-Signature", "Authorization",
	} {
		body := newEvent()
		r.refuses(ctx, name, unsigned(body).with(name, webhook.Sign(r.secret, body)))
	}
	body := newEvent()
	r.refuses(ctx, "Authorization: Bearer", unsigned(body).with("Authorization", "Bearer "+webhook.Sign(r.secret, body)))
}

func checkForgedID(ctx context.Context, r *ruleCheck) {
	id := rand.Text()
	body := newEvent()
	r.refuses(ctx, "a forged one", signedAs(strings.Repeat("0", 64), body).with("Heygen-Event-Id", id))
	r.refuses(ctx, "a malformed one", r.signed([]byte(`{"id":"`+id+`"}`)).with("Heygen-Event-Id", id))
	r.accepts(ctx, "a right one with the id of these", r.signed(body).with("Heygen-Event-Id", id))
}

func checkTenAtOnce(ctx context.Context, r *ruleCheck) {
	m := r.signed(newEvent())
	var mu sync.Mutex
	var group sync.WaitGroup
	accepted := false
	for range 10 {
		group.Go(func() {
			got := r.expect(ctx, "ten at once", m, deliveryLimit, is2xxOr409, "a 2xx or 409")
			mu.Lock()
			defer mu.Unlock()
			accepted = accepted || got.is2xx()
		})
	}
	group.Wait()
	if !accepted && ctx.Err() == nil {
		r.breaks(r.rule, "ten at once: none got a 2xx")
	}
}

// gzipped returns data as a compressed body.
func gzipped(data []byte) []byte {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, _ = w.Write(data) // into memory, which does not fail
	_ = w.Close()
	return compressed.Bytes()
}
