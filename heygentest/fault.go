package heygentest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault is what happens to a call instead of the normal behaviour, or to the answer of the normal behaviour; see
// [Server.Next] and [Server.On]. The zero Fault is the normal behaviour, for a script in which a later call fails.
//
// What a client can meet, and how it is made:
//
//	a failure in each known shape, or none     RespondWithShape(503, HTML), RespondWithError(503, 5000, "busy")
//	a failure under 200                        RespondWithError(200, 400131, "not found")
//	anything else, to the byte                 RespondWith(418, header, "tea")
//	Retry-After                                RespondWithShape(429, V1).With(RetryAfter(2 * time.Second))
//	a redirect to another host                 Redirect(307, "http://127.0.0.1:1/")
//	a late answer, none, a broken connection   Delay(d), Hang(), Reset()
//	a body that is slow, cut off, too large    SlowBody(d), Truncate(), Oversize()
//	a wrong content type                       SetHeader("Content-Type", "text/html")
//	a time with a zone, or with microseconds   SetMember("/data/created_at", "2025-10-22T08:31:48Z")
//	null, or nothing, where a value should be  SetMember("/data/secret", nil), RemoveMember("/data/secret")
//	unknown values and members                 SetMember("/data/status", "paused"), SetMember("/data/color", "red")
//
// Those that change an answer change the normal one, so the update happens. [Fault.With] makes them change another.
type Fault struct {
	text string
	do   func(x exchange, next func() *answer) *answer
}

// exchange is a call that meets a fault.
type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	closing <-chan struct{} // closed when the sandbox closes
}

// String is the fault as [ParseFault] reads it, at most its first 200 bytes, and "" for the normal behaviour.
func (f Fault) String() string {
	if len(f.text) > 200 {
		return strings.ToValidUTF8(f.text[:200], "") + "..."
	}
	return f.text
}

// With returns the fault that does to the answer of f what other does to the normal one:
//
//	RespondWithError(503, 5000, "busy").With(RetryAfter(time.Second)).With(SlowBody(time.Second))
func (f Fault) With(other Fault) Fault {
	text := f.text + " with " + other.text
	if f.text == "" || other.text == "" {
		text = f.text + other.text
	}
	return Fault{text, func(x exchange, next func() *answer) *answer {
		return other.answer(x, func() *answer { return f.answer(x, next) })
	}}
}

// answer returns what is to be sent, or nil if the connection is gone.
func (f Fault) answer(x exchange, next func() *answer) *answer {
	if f.do == nil {
		return next()
	}
	return f.do(x, next)
}

// instead makes a fault that answers by itself.
func instead(text string, respond func(*answer)) Fault {
	return Fault{text, func(exchange, func() *answer) *answer {
		a := newAnswer()
		respond(a)
		return a
	}}
}

// change makes a fault that changes the answer there is.
func change(text string, edit func(*answer)) Fault {
	return Fault{text, func(_ exchange, next func() *answer) *answer {
		a := next()
		if a != nil {
			edit(a)
		}
		return a
	}}
}

// RespondWith answers with a status, a header, which may be nil, and a body, exactly: the contract is not asked, and a
// Content-Type that is not in the header is not sent. With a Content-Length that is too large the body breaks off.
func RespondWith(status int, header http.Header, body string) Fault {
	return instead(strings.TrimSpace(fmt.Sprintf("respond %d %s", status, body)), func(a *answer) {
		a.status, a.header = status, header.Clone()
		if a.header == nil {
			a.header = http.Header{}
		}
		a.body.WriteString(body)
	})
}

// RespondWithError answers with HeyGen's error envelope, that of version 1. Under 200 that is a failure, too.
func RespondWithError(status, code int, message string) Fault {
	text := strings.TrimSpace(fmt.Sprintf("error %d %d %s", status, code, message))
	return instead(text, func(a *answer) { writeError(a, status, code, message) })
}

// Redirect answers with a redirect, which a client must not follow: its key would go to the other host.
func Redirect(status int, location string) Fault {
	return instead(fmt.Sprintf("redirect %d %s", status, location), func(a *answer) {
		a.header.Set("Location", location)
		a.WriteHeader(status)
	})
}

// RetryAfter adds a Retry-After in seconds, rounded up.
func RetryAfter(d time.Duration) Fault {
	return change("retry-after "+d.String(), func(a *answer) { a.header.Set("Retry-After", inSeconds(d)) })
}

func inSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// RetryAfterDate adds a Retry-After as an HTTP date, which is d from when it is sent and has whole seconds.
func RetryAfterDate(d time.Duration) Fault {
	return change("retry-after-date "+d.String(), func(a *answer) {
		a.header.Set("Retry-After", time.Now().Add(d).UTC().Format(http.TimeFormat))
	})
}

// Delay waits before the answer is made, unless the client or the sandbox ends the call first.
func Delay(d time.Duration) Fault {
	return Fault{"delay " + d.String(), func(x exchange, next func() *answer) *answer {
		x.wait(time.After(d))
		return next()
	}}
}

// Hang never answers. The call ends when the client gives up or the sandbox is closed.
func Hang() Fault {
	return Fault{"hang", func(x exchange, _ func() *answer) *answer {
		x.wait(nil)
		return nil
	}}
}

// Reset resets the connection instead of answering.
func Reset() Fault {
	return Fault{"reset", func(x exchange, _ func() *answer) *answer {
		conn, _, err := http.NewResponseController(x.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // so that closing sends a reset
		}
		_ = conn.Close()
		return nil
	}}
}

// SlowBody sends the header at once and the body in pieces, the last after d.
func SlowBody(d time.Duration) Fault {
	return change("slow-body "+d.String(), func(a *answer) { a.over = d })
}

// Truncate announces the whole body, sends half of it, and closes the connection.
func Truncate() Fault {
	return change("truncate", func(a *answer) {
		a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
		a.body.Truncate(a.body.Len() / 2)
	})
}

// Oversize adds blanks to the body until it is over 1 MiB. JSON stays JSON.
func Oversize() Fault {
	return change("oversize", func(a *answer) {
		a.body.Write(bytes.Repeat([]byte(" "), max(0, 1<<20+1-a.body.Len())))
	})
}

// SetHeader sets a header of the answer. With the value "" it is not sent.
func SetHeader(name, value string) Fault {
	return change(strings.TrimSpace("header "+name+" "+value), func(a *answer) {
		if a.header.Set(name, value); value == "" {
			a.header.Del(name)
		}
	})
}

// SetMember sets a member of the answer's body to the JSON of a value. The pointer, such as "/data/status", goes
// through objects that are there, and an answer that has none stays as it is. It panics if the value has no JSON or the
// pointer does not begin with a slash.
func SetMember(pointer string, value any) Fault {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("heygentest: SetMember: %v", err))
	}
	return member(fmt.Sprintf("set %s %s", pointer, text), pointer, text)
}

// RemoveMember leaves a member out of the answer's body. For the pointer see [SetMember].
func RemoveMember(pointer string) Fault { return member("remove "+pointer, pointer, nil) }

func member(text, pointer string, value []byte) Fault {
	names := strings.Split(pointer, "/")
	if len(names) < 2 || names[0] != "" {
		panic(fmt.Sprintf("heygentest: the pointer %q does not begin with a slash", pointer))
	}
	for i, name := range names {
		names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	}
	return change(text, func(a *answer) {
		edited := withMember(a.body.Bytes(), names[1:], value)
		a.body = *bytes.NewBuffer(edited)
	})
}

// withMember returns an object with another value of one member, or without it if the value is nil.
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
		return object // what was decoded has JSON
	}
	return edited
}

// wait returns when it is time. If the call ends before, so does the connection.
func (x exchange) wait(until <-chan time.Time) {
	select {
	case <-until:
	case <-x.r.Context().Done():
		panic(http.ErrAbortHandler)
	case <-x.closing:
		panic(http.ErrAbortHandler)
	}
}
