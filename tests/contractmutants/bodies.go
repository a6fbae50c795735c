package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/heygen-go/heygen/contract"
)

// side is one body of an exchange: who is at fault for it, and how to put another in its place.
type side struct {
	party  contract.Party
	name   string // of the mutants
	where  string // of findings
	status int    // 0 for a request
	schema object
	fixed  object // the schema of the corrected document; nil if there is none
	put    func(text string) exchange
	header func(change func(http.Header)) exchange
}

func (m *maker) requests() {
	good, body := m.goodRequest(false)
	s := side{
		contract.PartyClient, "request", "request body", 0, m.operation.request, m.fixed.request,
		func(text string) exchange { x := good; x.sent = text; return x },
		func(change func(http.Header)) exchange {
			x := good
			x.header = good.header.Clone()
			change(x.header)
			return x
		},
	}
	m.bodies(s, body)
	m.texts(s, body)
	m.types(s)

	minimal, _ := m.goodRequest(true)
	m.add("request: required members alone", minimal, nil)
	empty := s.put("")
	switch {
	case m.operation.bodyRequired:
		m.add("request: no body", empty, &broken{contract.PartyClient, "request body", ""})
	default:
		m.add("request: no body", empty, nil)
	}
	place := "request header " + m.operation.header
	for name, key := range map[string][]string{"no key": nil, "empty key": {""}, "blank key": {" "}} {
		x := s.header(func(h http.Header) { h[http.CanonicalHeaderKey(m.operation.header)] = key })
		m.add("request: "+name, x, &broken{contract.PartyClient, place, ""})
	}
	m.add("request: another header", s.header(func(h http.Header) { h.Set("X-Trace", "1") }), nil)

	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "patch"} {
		x := good
		if x.method = method; method != m.operation.method {
			m.add("request: method "+method, x, &broken{contract.PartyClient, "request method", ""})
		}
	}
	path := m.operation.path
	for _, other := range []string{
		"/", path + "/", "/" + path, path + "x", path[:len(path)-1], "/base" + path, strings.ToUpper(path),
		strings.Replace(path, "/v1/", "/v2/", 1), strings.Replace(path[1:], "/", "//", 1),
		"/" + strings.Replace(path[1:], "/", "%2F", 1), strings.Replace(path, ".", "/", 1),
		strings.Replace(path, ".", "x", 1), path + "%20", path + ";a", path + "%3Fa",
	} {
		x := good
		x.path = "/" + strings.TrimPrefix(other, "/")
		m.add("request: path "+x.path, x, &broken{contract.PartyClient, "request path", ""})
	}
	for _, same := range []string{path + "?a=b", path + "?", strings.Replace(path, ".", "%2E", 1)} {
		x := good
		x.path = same
		m.add("request: path "+same, x, nil)
	}
}

func (m *maker) replies(status int) {
	good, body := m.goodReply(status)
	s := side{
		contract.PartyServer, fmt.Sprintf("response %d", status), fmt.Sprintf("response %d body", status), status,
		m.operation.responses[documentedAs(status, m.operation)].schema,
		m.fixed.responses[documentedAs(status, m.fixed)].schema,
		func(text string) exchange {
			x := good
			x.reply = &reply{status, good.reply.header, text}
			return x
		},
		func(change func(http.Header)) exchange {
			x := good
			x.reply = &reply{status, good.reply.header.Clone(), good.reply.body}
			change(x.reply.header)
			return x
		},
	}
	m.bodies(s, body)
	m.texts(s, body)
	m.types(s)
	m.codes(s, body)
	m.add(s.name+": empty", s.put(""), &broken{s.party, s.where, ""})
}

// truth says where a body that was changed in one place breaks the contract: by the schema of that place, or by a rule.
// What it breaks of the published document alone is that document's fault.
func (m *maker) truth(s side, at place, value, body any, dropped bool) *broken {
	judge := func(d document, schema object) (pointer string, bad bool) {
		switch {
		case dropped && at.required && schema != nil:
			return parent(at.pointer), true
		case !dropped && schema != nil && d.breaks(schema, value):
			return at.pointer, true
		case s.status == 0:
			return "", false
		}
		return breaksRule(s.status, body, m.endpoint())
	}
	pointer, bad := judge(m.document, at.schema)
	if !bad {
		return nil
	}
	fixed := m.corrected.at(s.fixed, at.pointer)
	if at.member {
		required, _ := m.corrected.at(s.fixed, parent(at.pointer))["required"].([]any)
		at.required = slices.Contains(required, any(at.pointer[strings.LastIndexByte(at.pointer, '/')+1:]))
	}
	if also, bad := judge(m.corrected, fixed); !bad || also != pointer {
		return &broken{contract.PartyDocument, s.where, pointer}
	}
	return &broken{s.party, s.where, pointer}
}

// endpoint is the id that replies answer.
func (m *maker) endpoint() string {
	_, body := m.goodRequest(true)
	id, _ := body["endpoint_id"].(string)
	return id
}

// values are one of each JSON type.
var values = []any{nil, true, 7.0, 7.5, "text", []any{}, object{}}

// bodies changes each value that a schema describes: its type, its presence, its enum, its format, its items.
func (m *maker) bodies(s side, body object) {
	m.add(s.name+": as it is", s.put(encode(body)), nil)
	change := func(p place, value any, name string) {
		changed := with(body, p.pointer, value, false)
		m.add(fmt.Sprintf("%s: %s %s", s.name, p.pointer, name), s.put(encode(changed)), m.truth(s, p, value, changed, false))
	}
	for _, p := range m.document.places(s.schema, body) {
		for _, value := range values {
			change(p, value, "= "+encode(value))
		}
		if p.member {
			changed := with(body, p.pointer, nil, true)
			m.add(s.name+": "+p.pointer+" taken away", s.put(encode(changed)), m.truth(s, p, nil, changed, true))
		}
		listed, _ := p.schema["enum"].([]any)
		for _, value := range listed {
			change(p, value, fmt.Sprintf("= %q", value))
			change(p, strings.ToUpper(value.(string)), "in upper case")
			change(p, value.(string)+" ", "with a blank")
		}
		if f := format(p.schema); strings.Contains(f, "date-time") {
			for _, t := range times {
				change(p, t.text, fmt.Sprintf("= %q", t.text))
			}
		}
		if slices.Contains(types(p.schema), "string") && listed == nil && format(p.schema) == "" {
			for _, text := range []string{"", " ", "\u0000", "ä \U0001F600 \u2028", strings.Repeat("x", 5000)} {
				change(p, text, fmt.Sprintf("= %.10q", text))
			}
		}
		m.items(s, p, body)
		m.additions(s, p, body)
	}
}

// items puts a value of each type behind those of a list.
func (m *maker) items(s side, p place, body object) {
	item, ok := p.schema["items"].(object)
	list, isList := find(body, p.pointer).([]any)
	if !ok || !isList {
		return
	}
	for _, value := range values {
		changed := with(body, p.pointer, append(slices.Clone(list), value), false)
		at := place{pointer: fmt.Sprintf("%s/%d", p.pointer, len(list)), schema: m.document.resolve(item)}
		m.add(fmt.Sprintf("%s: %s with %s", s.name, p.pointer, encode(value)), s.put(encode(changed)),
			m.truth(s, at, value, changed, false))
	}
}

// additions puts a member into each object that no document names: objects are open unless they are closed.
func (m *maker) additions(s side, p place, body object) {
	if _, ok := find(body, p.pointer).(object); !ok {
		return
	}
	pointer := p.pointer + "/added"
	text := encode(with(body, pointer, object{"more": []any{nil}}, false))
	m.add(s.name+": "+pointer, s.put(text), nil)
	if properties, _ := p.schema["properties"].(object); len(properties) > 0 {
		m.add(s.name+": "+pointer+", closed", s.put(text), &broken{s.party, s.where, pointer})
		m.mutants[len(m.mutants)-1].strict = true
	}
}

// codes gives a reply each kind of code there is, documented or not.
func (m *maker) codes(s side, body object) {
	at := place{pointer: "/code", schema: m.document.at(s.schema, "/code"), member: true}
	required, _ := m.document.resolve(s.schema)["required"].([]any)
	at.required = slices.Contains(required, any("code"))
	for _, code := range []any{nil, "100", 100.0, 0.0, -1.0, 99.0, 101.0, 400131.0, 2147483648.0} {
		changed := with(body, at.pointer, code, false)
		m.add(fmt.Sprintf("%s: code %s", s.name, encode(code)), s.put(encode(changed)), m.truth(s, at, code, changed, false))
	}
	changed := with(body, at.pointer, nil, true)
	m.add(s.name+": no code", s.put(encode(changed)), m.truth(s, at, nil, changed, true))
}

func find(value any, pointer string) any {
	for _, token := range strings.Split(pointer, "/")[1:] {
		switch node := value.(type) {
		case object:
			value = node[token]
		case []any:
			value = node[token[0]-'0']
		}
	}
	return value
}
