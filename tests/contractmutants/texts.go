package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/heygen-go/heygen/contract"
)

// texts changes a body as text, so that it is no JSON any more or is not to be told from other JSON.
func (m *maker) texts(s side, body object) {
	good := encode(body)
	anywhere := &broken{s.party, s.where, "*"}
	for name, text := range map[string]string{
		"blank":              " \r\n\t",
		"trailing text":      good + "x",
		"two values":         good + good,
		"two values, lines":  good + "\n" + good,
		"a NUL behind":       good + "\x00",
		"a comma behind":     good + ",",
		"a comma too much":   good[:len(good)-1] + ",}",
		"a comment":          "/**/" + good,
		"a line comment":     good + "//",
		"a byte order mark":  "\ufeff" + good,
		"UTF-16":             "\xff\xfe" + strings.Join(strings.Split(good, ""), "\x00") + "\x00",
		"single quotes":      strings.ReplaceAll(good, `"`, `'`),
		"no quotes":          strings.ReplaceAll(good, `"`, ``),
		"a form":             "endpoint_id=e1&code=100",
		"HTML":               "<!DOCTYPE html><html></html>",
		"XML":                `<?xml version="1.0"?><a/>`,
		"NaN":                good[:len(good)-1] + `,"added":NaN}`,
		"a leading zero":     good[:len(good)-1] + `,"added":01}`,
		"True":               good[:len(good)-1] + `,"added":True}`,
		"a raw newline":      good[:len(good)-1] + ",\"added\":\"\n\"}",
		"a bad escape":       good[:len(good)-1] + `,"added":"\x41"}`,
		"a cut escape":       good[:len(good)-1] + `,"added":"\u00"}`,
		"JSON in a string":   encode(good),
		"JSON in a list":     "[" + good + "]",
		"invalid UTF-8":      good[:len(good)-1] + ",\"added\":\"\xc3\x28\"}",
		"invalid UTF-8 name": good[:len(good)-1] + ",\"\xff\":1}",
		"too large":          good[:len(good)-1] + `,"added":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		m.add(s.name+": "+name, s.put(text), anywhere)
	}
	for i := range 8 {
		cut := good[:1+i*(len(good)-1)/8]
		m.add(fmt.Sprintf("%s: cut after %d bytes", s.name, len(cut)), s.put(cut), anywhere)
	}
	for _, p := range m.document.places(s.schema, body) {
		if p.member {
			twice := strings.Replace(encode(with(body, p.pointer+"\u007f", nil, false)), "\u007f", "", 1)
			m.add(s.name+": "+p.pointer+" twice", s.put(twice), &broken{s.party, s.where, p.pointer})
		}
		if _, isText := find(body, p.pointer).(string); isText {
			raw := strings.Replace(encode(with(body, p.pointer, "\u007f", false)), "\u007f", "\xff", 1)
			m.add(s.name+": "+p.pointer+" not UTF-8", s.put(raw), &broken{s.party, s.where, p.pointer})
		}
	}
	first := slices.Sorted(func(yield func(string) bool) {
		for name := range body {
			if !yield(name) {
				return
			}
		}
	})[0]
	for name, text := range map[string]string{
		"white space":       " \r\n\t" + strings.NewReplacer(`":`, "\" :\n", `,"`, ` , "`).Replace(good) + "\n",
		"an escaped name":   strings.Replace(good, `"`+first, fmt.Sprintf(`"\u%04x%s`, first[0], first[1:]), 1),
		"an escaped letter": good[:len(good)-1] + `,"added":"\u00E4\/\ud83d\ude00"}`,
		"deep":              good[:len(good)-1] + `,"added":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
		"numbers":           good[:len(good)-1] + `,"added":[0,-0,1e5,1E-5,0.1,123456789012345678901]}`,
		"100 as 1e2":        strings.Replace(good, `"code":100,`, `"code":1e2,`, 1),
		"100 as 100.0":      strings.Replace(good, `"code":100,`, `"code":100.0,`, 1),
	} {
		m.add(s.name+": "+name, s.put(text), nil)
	}
}

// types changes the content type of a message.
func (m *maker) types(s side) {
	where := "response content type"
	if s.status == 0 {
		where = "request content type"
	}
	for _, types := range [][]string{
		nil, {""}, {"text/html"}, {"text/plain; charset=utf-8"}, {"text/json"}, {"application/xml"},
		{"application/problem+json"}, {"application/x-www-form-urlencoded"}, {"application/octet-stream"},
		{"application/jsonp"}, {"application"}, {"json"}, {"*/*"}, {"application/*"}, {"application/json;="},
		{"application/json, text/html"}, {"application/json", "text/html"}, {"text/html", "application/json"},
	} {
		x := s.header(func(h http.Header) { h["Content-Type"] = types })
		m.add(fmt.Sprintf("%s: content type %q", s.name, types), x, &broken{s.party, where, ""})
	}
	for _, same := range []string{
		"application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8", " application/json ",
	} {
		m.add(fmt.Sprintf("%s: content type %q", s.name, same),
			s.header(func(h http.Header) { h.Set("Content-Type", same) }), nil)
	}
}

// undocumented gives a good reply each status that a server is likely to send.
func (m *maker) undocumented() {
	good, _ := m.goodReply(m.statuses()[0])
	for _, status := range []int{
		201, 202, 203, 204, 205, 206, 226, 300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 405, 406, 408, 409, 410, 413,
		415, 418, 422, 425, 429, 451, 499, 500, 501, 502, 503, 504, 511, 520, 599, 600, 999,
	} {
		x := good
		x.reply = &reply{status, good.reply.header, `{"code":400131,"message":"text"}`}
		if status < 400 {
			x.reply.body = ""
		}
		name := fmt.Sprintf("response %d", status)
		switch {
		case documentedAs(status, m.operation) != "":
			m.add(name, x, nil)
		case documentedAs(status, m.fixed) != "":
			m.add(name, x, &broken{contract.PartyDocument, "response status", ""})
		default:
			m.add(name, x, &broken{contract.PartyServer, "response status", ""})
		}
	}
}

// sentAndGot answers with other fields than were sent, or with the same in other words.
func (m *maker) sentAndGot() {
	good, body := m.goodReply(200)
	id := m.endpoint()
	for _, c := range []struct {
		member    string
		sent, got any
		same      bool
	}{
		{"url", "https://example.org/hook", "https://example.org/hook", true},
		{"url", "https://example.org", "https://example.org/", true},
		{"url", "HTTPS://EXAMPLE.org:443/a/../hook", "https://example.org/hook", true},
		{"url", "https://example.org/%7ehook?a=%c3%a4", "https://example.org/~hook?a=%C3%A4", true},
		{"url", "https://example.org/hook", "https://example.org/other", false},
		{"url", "https://example.org/hook", "https://example.com/hook", false},
		{"url", "https://example.org/hook", "http://example.org/hook", false},
		{"url", "https://example.org/hook", "https://example.org:8443/hook", false},
		{"url", "https://example.org/hook", "https://example.org/hook?a=b", false},
		{"url", "https://example.org/hook", "https://example.org/Hook", false},
		{"events", []any{"a", "b"}, []any{"b", "a"}, true},
		{"events", []any{"a", "a"}, []any{"a"}, true},
		{"events", []any{}, []any{}, true},
		{"events", []any{"a", "b"}, []any{"a"}, false},
		{"events", []any{"a"}, []any{"a", "b"}, false},
		{"events", []any{"a"}, []any{"A"}, false},
		{"events", []any{"a"}, []any{}, false},
	} {
		x := good
		x.sent = encode(object{"endpoint_id": id, c.member: c.sent})
		x.reply = &reply{200, good.reply.header, encode(with(body, "/data/"+c.member, c.got, false))}
		name := fmt.Sprintf("response 200: %s %v for %v", c.member, c.got, c.sent)
		if c.same {
			m.add(name, x, nil)
			continue
		}
		m.add(name, x, &broken{contract.PartyServer, "response 200 body", "/data/" + c.member})
	}
}
