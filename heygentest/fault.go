package heygentest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Fault is a scripted failure of the sandbox: it replaces the normal response to a call, or changes it; see
// [Sandbox.Next] and [Sandbox.On]. The zero Fault is the normal behaviour, for a script in which a later call fails.
//
// What a client can meet, and the fault for it:
//
//	a failure in each known shape              FaultShape(503, ShapeHTML), FaultError(503, 5000, "busy")
//	a failure of version 3                     FaultErrorV3(409, "request_in_progress", "busy")
//	a failure under status 200                 FaultError(200, 400131, "not found")
//	any other response, to the byte            FaultResponse(418, header, "tea")
//	Retry-After                                FaultShape(429, ShapeV1).With(FaultRetryAfter(2 * time.Second))
//	a redirect to another host                 FaultRedirect(307, "http://127.0.0.1:1/")
//	a late response, none, a reset connection  FaultDelay(d), FaultHang(), FaultReset()
//	a response that is lost                    FaultResetLate()
//	a body that is slow, cut off, too large    FaultSlowBody(d), FaultTruncate(), FaultOversize()
//	a wrong content type                       FaultHeader("Content-Type", "text/html")
//	a time with a zone, or with microseconds   FaultMember("/data/created_at", "2025-10-22T08:31:48Z")
//	null, or nothing, in place of a value      FaultMember("/data/secret", nil), FaultMissingMember("/data/secret")
//	unknown values and members                 FaultMember("/data/status", "paused"), FaultMember("/data/color", "red")
//
// A fault that changes a response changes the normal one, so the call has its effect. [Fault.With] makes it change the
// response of another fault.
type Fault struct {
	text string
	do   func(x exchange, next func() *response) *response
}

// exchange is a call that meets a fault.
type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	closing <-chan struct{} // closed when the sandbox closes
}

// wait blocks until the channel fires. If the request is canceled or the sandbox closes first, wait aborts the
// connection.
func (x exchange) wait(until <-chan time.Time) {
	select {
	case <-until:
	case <-x.r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-x.closing:
		panic(http.ErrAbortHandler)
	}
}

// maxText is how many bytes of its text String shows.
const maxText = 200

// String returns the fault in the words of the faults file of "heygen-webhook sandbox", "error 503 5000 busy" for
// example: at most its first 200 bytes, and "" for the normal behaviour.
func (f Fault) String() string {
	if len(f.text) > maxText {
		return strings.ToValidUTF8(f.text[:maxText], "") + "..."
	}
	return f.text
}

// With returns a fault that applies other to the response of f:
//
//	FaultError(503, 5000, "busy").With(FaultRetryAfter(time.Second)).With(FaultSlowBody(time.Second))
func (f Fault) With(other Fault) Fault {
	text := f.text
	switch {
	case text == "":
		text = other.text
	case other.text != "" && len(text) <= maxText: // String shows no more
		text += " with " + other.text
	}
	return Fault{text, func(x exchange, next func() *response) *response {
		return other.respond(x, func() *response { return f.respond(x, next) })
	}}
}

// respond returns the response to send, or nil if the connection is gone. next makes the normal response.
func (f Fault) respond(x exchange, next func() *response) *response {
	if f.do == nil {
		return next()
	}
	return f.do(x, next)
}

// instead returns a fault that writes a response of its own.
func instead(text string, write func(*response)) Fault {
	return Fault{text, func(exchange, func() *response) *response {
		resp := newResponse()
		write(resp)
		return resp
	}}
}

// change returns a fault that edits the response of others.
func change(text string, edit func(*response)) Fault {
	return Fault{text, func(_ exchange, next func() *response) *response {
		resp := next()
		if resp != nil {
			edit(resp)
		}
		return resp
	}}
}

// checkStatus panics if a status is not that of a whole response.
func checkStatus(status int) {
	if status < 200 || status > 999 {
		panic(fmt.Sprintf("heygentest: %d is not a status from 200 to 999", status))
	}
}

// FaultResponse responds with exactly this status, header, which may be nil, and body. The contract is not applied, and
// no Content-Type is added. With a Content-Length that is too large the body breaks off. Like the other faults with a
// status, it panics if that is not from 200 to 999.
func FaultResponse(status int, header http.Header, body string) Fault {
	checkStatus(status)
	return instead(strings.TrimSpace(fmt.Sprintf("respond %d %s", status, body)), func(resp *response) {
		resp.status, resp.header = status, header.Clone()
		if resp.header == nil {
			resp.header = http.Header{}
		}
		resp.body.WriteString(body)
	})
}

// FaultError responds with HeyGen's error envelope of version 1. That is a failure also under status 200.
func FaultError(status, code int, message string) Fault {
	checkStatus(status)
	text := strings.TrimSpace(fmt.Sprintf("error %d %d %s", status, code, message))
	return instead(text, func(resp *response) { writeError(resp, status, code, message) })
}

// FaultErrorV3 responds with HeyGen's error of version 3, whose code is a word:
//
//	FaultErrorV3(409, "request_in_progress", "busy")
//	FaultErrorV3(402, "insufficient_credit", "no credit is left")
//
// It panics if the code is empty or has a space.
func FaultErrorV3(status int, code, message string) Fault {
	checkStatus(status)
	if code == "" || strings.ContainsFunc(code, unicode.IsSpace) {
		panic(fmt.Sprintf("heygentest: the code %q is not one word", code))
	}
	text := strings.TrimSpace(fmt.Sprintf("error-v3 %d %s %s", status, code, message))
	return instead(text, func(resp *response) {
		writeErrorV3(resp, status, code, "", message)
	})
}

// FaultRedirect responds with a redirect, which a client must not follow: its API key would go to the other host.
func FaultRedirect(status int, location string) Fault {
	checkStatus(status)
	return instead(fmt.Sprintf("redirect %d %s", status, location), func(resp *response) {
		resp.header.Set("Location", location)
		resp.WriteHeader(status)
	})
}

// FaultRetryAfter adds a Retry-After in seconds, rounded up.
func FaultRetryAfter(d time.Duration) Fault {
	return change("retry-after "+d.String(), func(resp *response) { resp.header.Set("Retry-After", inSeconds(d)) })
}

func inSeconds(d time.Duration) string {
	seconds := d / time.Second
	if d%time.Second > 0 {
		seconds++
	}
	return strconv.FormatInt(int64(seconds), 10)
}

// FaultRetryAfterDate adds a Retry-After as an HTTP date, which is d after the response and has whole seconds.
func FaultRetryAfterDate(d time.Duration) Fault {
	return change("retry-after-date "+d.String(), func(resp *response) {
		resp.header.Set("Retry-After", time.Now().Add(d).UTC().Format(http.TimeFormat))
	})
}

// FaultDelay waits before the call has any effect. If the client or the sandbox ends the call first, it has none.
func FaultDelay(d time.Duration) Fault {
	return Fault{"delay " + d.String(), func(x exchange, next func() *response) *response {
		x.wait(time.After(d))
		return next()
	}}
}

// FaultHang never responds. The call ends when the client gives up or the sandbox closes.
func FaultHang() Fault {
	return Fault{"hang", func(x exchange, _ func() *response) *response {
		x.wait(nil)
		return nil
	}}
}

// FaultReset resets the connection instead of responding. The call has no effect.
func FaultReset() Fault { return instead("reset", func(resp *response) { resp.reset = true }) }

// FaultResetLate resets the connection when the call has had its effect, so that the client gets no response to it. A
// request that is repeated with the same Idempotency-Key must get that response.
func FaultResetLate() Fault { return change("reset-late", func(resp *response) { resp.reset = true }) }

// FaultSlowBody sends the header at once and the body in pieces, the last one after d.
func FaultSlowBody(d time.Duration) Fault {
	return change("slow-body "+d.String(), func(resp *response) { resp.duration = d })
}

// FaultTruncate announces the whole body, sends half of it, and closes the connection.
func FaultTruncate() Fault {
	return change("truncate", func(resp *response) {
		resp.header.Set("Content-Length", strconv.Itoa(resp.body.Len()))
		resp.body.Truncate(resp.body.Len() / 2)
	})
}

// FaultOversize appends spaces to the body until it is over 1 MiB. JSON stays JSON.
func FaultOversize() Fault {
	return change("oversize", func(resp *response) {
		resp.body.Write(bytes.Repeat([]byte(" "), max(0, 1<<20+1-resp.body.Len())))
	})
}

// FaultHeader sets a header of the response, or removes it if the value is "".
func FaultHeader(name, value string) Fault {
	return change(strings.TrimSpace("header "+name+" "+value), func(resp *response) {
		if resp.header.Set(name, value); value == "" {
			resp.header.Del(name)
		}
	})
}

// FaultMember sets a member of the response's body to the JSON of a value. The JSON pointer, such as "/data/status",
// must lead through objects; a body without these stays unchanged. FaultMember panics if the value has no JSON or the
// pointer does not begin with a slash.
func FaultMember(pointer string, value any) Fault {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("heygentest: FaultMember: %v", err))
	}
	return member(fmt.Sprintf("set %s %s", pointer, text), pointer, text)
}

// FaultMissingMember removes a member from the response's body. For the pointer see [FaultMember].
func FaultMissingMember(pointer string) Fault { return member("remove "+pointer, pointer, nil) }

func member(text, pointer string, value []byte) Fault {
	if !strings.HasPrefix(pointer, "/") {
		panic(fmt.Sprintf("heygentest: the pointer %q does not begin with a slash", pointer))
	}
	names := jsonpointer.Split(pointer)
	return change(text, func(resp *response) {
		resp.body = *bytes.NewBuffer(withMember(resp.body.Bytes(), names, value))
	})
}

// withMember returns an object with another value of one member, or without the member if the value is nil.
func withMember(object []byte, names []string, value []byte) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || members == nil {
		return object
	}
	switch inner, ok := members[names[0]]; {
	case len(names) > 1 && ok:
		members[names[0]] = withMember(inner, names[1:], value)
	case len(names) > 1:
		return object
	case value == nil:
		delete(members, names[0])
	default:
		members[names[0]] = value
	}
	edited, err := json.Marshal(members)
	if err != nil {
		return object // cannot happen: it was decoded from JSON
	}
	return edited
}
