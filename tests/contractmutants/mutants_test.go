package contractmutants

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/heygen-go/heygen/contract"
)

const (
	path     = "/v1/webhook/endpoint.update"
	typeJSON = "application/json"
	endpoint = "text" // the id of the endpoint in good exchanges
)

// exchange is a request and, with a status, the response to it.
type exchange struct {
	method, path string
	header       http.Header
	sent         string
	status       int
	contentType  []string // of the response
	got          string
}

// mutant is a good exchange with one thing changed, and the truth about it.
type mutant struct {
	name     string
	strict   bool // checked with contract.WithStrict
	exchange exchange
	broken   *broken // nil if it is still good
}

// broken is where an exchange breaks the contract, and the party to blame.
type broken struct {
	party   contract.Party
	where   string
	pointer string // anywhere if "*"
}

// maker makes the mutants of a document. The corrected document says whom to blame; it may be the same.
type maker struct {
	document, corrected document
	mutants             []mutant
}

func mutantsOf(d, corrected document) []mutant {
	m := maker{document: d, corrected: corrected}
	m.requests()
	for _, status := range d.statuses() {
		m.responses(status)
	}
	m.undocumented()
	m.sentAndGot()
	return unique(m.mutants)
}

// unique leaves out mutants that are the same exchange. Two of them cannot be right and wrong.
func unique(mutants []mutant) (different []mutant) {
	seen := map[string]mutant{}
	for _, m := range mutants {
		key := fmt.Sprint(m.strict, m.exchange)
		twin, known := seen[key]
		if known && (twin.broken == nil) != (m.broken == nil) {
			panic(fmt.Sprintf("the oracle contradicts itself: %s, %s", twin.name, m.name))
		}
		if !known {
			seen[key] = m
			different = append(different, m)
		}
	}
	return different
}

func (m *maker) add(name string, x exchange, b *broken) {
	m.mutants = append(m.mutants, mutant{name: m.document.name + " " + name, exchange: x, broken: b})
}

func goodRequest(body object) exchange {
	return exchange{
		method: http.MethodPatch, path: path, sent: encode(body),
		header: http.Header{"Content-Type": {typeJSON}, "X-Api-Key": {"key"}},
	}
}

// goodResponse returns a good response to a good request: for 200 one with every member, null where that is permitted.
func (m *maker) goodResponse(status int) (exchange, object) {
	body := object{"code": 400131.0, "message": "given"}
	switch status {
	case 200:
		var null any
		created := "2025-10-22T08:31:48"
		if m.document.name == "published" {
			null, created = "text", created+"Z"
		}
		body = object{"code": 100.0, "msg": null, "message": null, "data": object{
			"username": "given", "url": "https://example.org/hook", "events": []any{"a", "b"}, "created_at": created,
			"entity_id": null, "endpoint_id": endpoint, "status": "enabled", "secret": "given", "space_id": "given",
		}}
	case 400:
		body["code"] = 400542.0
	}
	x := goodRequest(object{"endpoint_id": endpoint})
	x.status, x.contentType, x.got = status, []string{typeJSON}, encode(body)
	return x, body
}

// side is one body of an exchange, and the party to blame for it.
type side struct {
	party  contract.Party
	name   string // of the message
	good   exchange
	schema object
	fixed  object // the schema of the corrected document; nil if there is none
}

func (s side) where() string { return s.name + " body" }

// put returns the exchange with another body.
func (s side) put(text string) exchange {
	x := s.good
	if x.status == 0 {
		x.sent = text
	} else {
		x.got = text
	}
	return x
}

// typed returns the exchange with other content types.
func (s side) typed(types ...string) exchange {
	x := s.good
	if x.contentType = types; x.status == 0 {
		x.contentType, x.header = nil, maps.Clone(x.header)
		x.header["Content-Type"] = types
	}
	return x
}

func (m *maker) requests() {
	body := object{"endpoint_id": endpoint, "url": "text", "events": []any{"text"}}
	good := goodRequest(body)
	s := side{contract.PartyClient, "request", good, m.document.schema(0), m.corrected.schema(0)}
	m.bodies(s, body)
	m.texts(s, body)
	m.types(s)

	m.add("request: required members alone", goodRequest(object{"endpoint_id": endpoint}), nil)
	var missing *broken
	if m.document.operation("requestBody", "required") == true {
		missing = &broken{s.party, s.where(), ""}
	}
	m.add("request: no body", s.put(""), missing)
	for _, key := range [][]string{nil, {""}, {" "}, {"key"}} {
		x, b := good, &broken{s.party, "request header x-api-key", ""}
		x.header = http.Header{"Content-Type": {typeJSON}, "X-Api-Key": key}
		if len(key) > 0 && key[0] == "key" {
			x.header["X-Trace"], b = []string{"1"}, nil
		}
		m.add(fmt.Sprintf("request: key %q", key), x, b)
	}

	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "patch"} {
		x := good
		x.method = method
		m.add("request: method "+method, x, &broken{s.party, "request method", ""})
	}
	for _, other := range []string{
		"/", path + "/", "/" + path, path + "x", path[:len(path)-1], "/base" + path, strings.ToUpper(path),
		"/v2/webhook/endpoint.update", "/v1//webhook/endpoint.update", "/v1%2Fwebhook/endpoint.update",
		"/v1/webhook/endpoint/update", "/v1/webhook/endpointxupdate", path + "%20", path + ";a", path + "%3Fa",
	} {
		x := good
		x.path = other
		m.add("request: path "+other, x, &broken{s.party, "request path", ""})
	}
	for _, same := range []string{path + "?a=b", path + "?", strings.Replace(path, ".", "%2E", 1)} {
		x := good
		x.path = same
		m.add("request: path "+same, x, nil)
	}
}

func (m *maker) responses(status int) {
	good, body := m.goodResponse(status)
	s := side{
		contract.PartyServer, fmt.Sprintf("response %d", status), good, m.document.schema(status), m.corrected.schema(status),
	}
	m.bodies(s, body)
	m.texts(s, body)
	m.types(s)
	m.codes(s, body)
	m.add(s.name+": empty", s.put(""), &broken{s.party, s.where(), ""})
}

// change adds a mutant with another value in one place of a body, and the truth about it: where it breaks the contract,
// by the schema of that place or by a rule. What breaks the published document alone is that document's mistake.
func (m *maker) change(s side, body object, at place, value any) {
	changed := with(body, at.pointer, value)
	truth := func(d document, schema object, required bool) (pointer string, bad bool) {
		switch {
		case value == any(taken{}) && required && schema != nil:
			return parent(at.pointer), true
		case value != any(taken{}) && schema != nil && d.breaks(schema, value):
			return at.pointer, true
		case s.good.status == 0:
			return "", false
		}
		return breaksRule(s.good.status, changed, endpoint)
	}
	var b *broken
	if pointer, bad := truth(m.document, at.schema, at.required); bad {
		b = &broken{s.party, s.where(), pointer}
		schema, needed := m.corrected.at(s.fixed, at.pointer), at.required
		if at.member {
			name := at.pointer[strings.LastIndexByte(at.pointer, '/')+1:]
			needed = slices.Contains(required(m.corrected.at(s.fixed, parent(at.pointer))), name)
		}
		if also, bad := truth(m.corrected, schema, needed); !bad || also != pointer {
			b.party = contract.PartyDocument
		}
	}
	m.add(fmt.Sprintf("%s: %s = %.20q", s.name, at.pointer, fmt.Sprint(value)), s.put(encode(changed)), b)
}

// values are one of each JSON type.
var values = []any{nil, true, 7.0, 7.5, "text", []any{}, object{}}

// bodies changes each value that a schema describes: its type, its presence, its enum, its format, its items.
func (m *maker) bodies(s side, body object) {
	m.add(s.name+": as it is", s.put(encode(body)), nil)
	for _, p := range m.document.places(s.schema, body) {
		others := slices.Clone(values)
		if p.member {
			others = append(others, taken{})
		}
		listed, _ := p.schema["enum"].([]any)
		for _, value := range listed {
			others = append(others, value, strings.ToUpper(value.(string)), value.(string)+" ")
		}
		if strings.Contains(format(p.schema), "date-time") {
			for _, t := range times {
				others = append(others, t.text)
			}
		}
		if slices.Contains(types(p.schema), "string") && listed == nil && format(p.schema) == "" {
			others = append(others, "", " ", "\u0000", "ä \U0001F600 \u2028", strings.Repeat("x", 5000))
		}
		for _, value := range others {
			m.change(s, body, p, value)
		}
		m.items(s, p, body)
		m.additions(s, p, body)
	}
}

// items puts a value of each type at the end of a list.
func (m *maker) items(s side, p place, body object) {
	item, ok := p.schema["items"].(object)
	list, isList := find(body, p.pointer).([]any)
	if !ok || !isList {
		return
	}
	at := place{pointer: fmt.Sprintf("%s/%d", p.pointer, len(list)), schema: m.document.resolve(item)}
	longer := with(body, p.pointer, append(slices.Clone(list), nil)).(object)
	for _, value := range values {
		m.change(s, longer, at, value)
	}
}

// additions puts a member that no document names into each object: objects are open unless they are closed.
func (m *maker) additions(s side, p place, body object) {
	if _, ok := find(body, p.pointer).(object); !ok {
		return
	}
	pointer := p.pointer + "/added"
	x := s.put(encode(with(body, pointer, object{"more": []any{nil}})))
	m.add(s.name+": "+pointer, x, nil)
	if properties, _ := p.schema["properties"].(object); len(properties) > 0 {
		m.add(s.name+": "+pointer+", closed", x, &broken{s.party, s.where(), pointer})
		m.mutants[len(m.mutants)-1].strict = true
	}
}

// codes gives a response each kind of code there is, documented or not.
func (m *maker) codes(s side, body object) {
	at := place{"/code", m.document.at(s.schema, "/code"), slices.Contains(required(s.schema), "code"), true}
	for _, code := range []any{nil, "100", 100.0, 0.0, -1.0, 99.0, 101.0, 400131.0, 2147483648.0, taken{}} {
		m.change(s, body, at, code)
	}
}

// texts changes a body as text: into what is no JSON, and into other spellings of the same JSON.
func (m *maker) texts(s side, body object) {
	good := encode(body)
	adding := func(member string) string { return good[:len(good)-1] + "," + member + "}" }
	anywhere := &broken{s.party, s.where(), "*"}
	for _, text := range []string{
		" \r\n\t", good + "x", good + good, good + "\n" + good, good + "\x00", good + ",", good[:len(good)-1] + ",}",
		"/**/" + good, good + "//", "\ufeff" + good, "\xff\xfe" + strings.Join(strings.Split(good, ""), "\x00") + "\x00",
		strings.ReplaceAll(good, `"`, `'`), strings.ReplaceAll(good, `"`, ``), "endpoint_id=e1&code=100",
		"<!DOCTYPE html><html></html>", `<?xml version="1.0"?><a/>`, adding(`"added":NaN`), adding(`"added":01`),
		adding(`"added":True`), adding("\"added\":\"\n\""), adding(`"added":"\x41"`), adding(`"added":"\u00"`),
		encode(good), "[" + good + "]", adding("\"added\":\"\xc3\x28\""), adding("\"\xff\":1"),
		adding(`"added":"` + strings.Repeat("x", 1<<20) + `"`),
	} {
		m.add(fmt.Sprintf("%s: %.10q...%.30q", s.name, text, text[max(0, len(text)-30):]), s.put(text), anywhere)
	}
	for i := range 8 {
		cut := good[:1+i*(len(good)-1)/8]
		m.add(fmt.Sprintf("%s: cut after %d bytes", s.name, len(cut)), s.put(cut), anywhere)
	}
	for _, p := range m.document.places(s.schema, body) {
		b := &broken{s.party, s.where(), p.pointer}
		if p.member {
			twice := strings.Replace(encode(with(body, p.pointer+"\u007f", nil)), "\u007f", "", 1)
			m.add(s.name+": "+p.pointer+" twice", s.put(twice), b)
		}
		if _, isText := find(body, p.pointer).(string); isText {
			raw := strings.Replace(encode(with(body, p.pointer, "\u007f")), "\u007f", "\xff", 1)
			m.add(s.name+": "+p.pointer+" not UTF-8", s.put(raw), b)
		}
	}
	first := slices.Min(slices.Collect(maps.Keys(body)))
	for _, text := range []string{
		" \r\n\t" + strings.NewReplacer(`":`, "\" :\n", `,"`, ` , "`).Replace(good) + "\n",
		strings.Replace(good, `"`+first, fmt.Sprintf(`"\u%04x%s`, first[0], first[1:]), 1),
		adding(`"added":"\u00E4\/\ud83d\ude00"`), adding(`"added":[0,-0,1e5,1E-5,0.1,123456789012345678901]`),
		adding(`"added":` + strings.Repeat("[", 500) + strings.Repeat("]", 500)),
		strings.Replace(good, `"code":100,`, `"code":1e2,`, 1), strings.Replace(good, `"code":100,`, `"code":100.0,`, 1),
	} {
		m.add(fmt.Sprintf("%s: still JSON: %.60q", s.name, text), s.put(text), nil)
	}
}

// types changes the content type of a message.
func (m *maker) types(s side) {
	b := &broken{s.party, s.name + " content type", ""}
	for _, types := range [][]string{
		nil, {""}, {"text/html"}, {"text/plain; charset=utf-8"}, {"text/json"}, {"application/xml"},
		{"application/problem+json"}, {"application/x-www-form-urlencoded"}, {"application/octet-stream"},
		{"application/jsonp"}, {"application"}, {"json"}, {"*/*"}, {"application/*"}, {"application/json;="},
		{"application/json, text/html"}, {"application/json", "text/html"}, {"text/html", "application/json"},
	} {
		m.add(fmt.Sprintf("%s: content type %q", s.name, types), s.typed(types...), b)
	}
	for _, same := range []string{
		"application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8", " application/json ",
	} {
		m.add(fmt.Sprintf("%s: content type %q", s.name, same), s.typed(same), nil)
	}
}

// undocumented gives a good response each status that a server is likely to send.
func (m *maker) undocumented() {
	good := goodRequest(object{"endpoint_id": endpoint})
	for _, status := range []int{
		201, 202, 203, 204, 205, 206, 226, 300, 301, 302, 303, 304, 307, 308, 401, 402, 403, 405, 406, 408, 409, 410, 413,
		415, 418, 422, 425, 429, 451, 499, 500, 501, 502, 503, 504, 511, 520, 599, 600, 999,
	} {
		x := good
		if x.status, x.contentType = status, []string{typeJSON}; status >= 400 {
			x.got = `{"code":400131,"message":"text"}`
		}
		b := &broken{contract.PartyServer, "response status", ""}
		switch {
		case m.document.documented(status) != "":
			b = nil
		case m.corrected.documented(status) != "":
			b.party = contract.PartyDocument
		}
		m.add(fmt.Sprintf("response %d", status), x, b)
	}
}

// sentAndGot has other fields in the response than in the request, or the same in other words.
func (m *maker) sentAndGot() {
	good, body := m.goodResponse(200)
	const hook = "https://example.org/hook"
	for _, c := range []struct {
		member    string
		sent, got any
		same      bool
	}{
		{"url", hook, hook, true},
		{"url", "https://example.org", "https://example.org/", true},
		{"url", "HTTPS://EXAMPLE.org:443/a/../hook", hook, true},
		{"url", "https://example.org/%7ehook?a=%c3%a4", "https://example.org/~hook?a=%C3%A4", true},
		{"url", hook, "https://example.org/other", false},
		{"url", hook, "https://example.com/hook", false},
		{"url", hook, "http://example.org/hook", false},
		{"url", hook, "https://example.org:8443/hook", false},
		{"url", hook, "https://example.org/hook?a=b", false},
		{"url", hook, "https://example.org/Hook", false},
		{"events", []any{"a", "b"}, []any{"b", "a"}, true},
		{"events", []any{"a", "a"}, []any{"a"}, true},
		{"events", []any{}, []any{}, true},
		{"events", []any{"a", "b"}, []any{"a"}, false},
		{"events", []any{"a"}, []any{"a", "b"}, false},
		{"events", []any{"a"}, []any{"A"}, false},
		{"events", []any{"a"}, []any{}, false},
	} {
		x := good
		x.sent = encode(object{"endpoint_id": endpoint, c.member: c.sent})
		x.got = encode(with(body, "/data/"+c.member, c.got))
		b := &broken{contract.PartyServer, "response 200 body", "/data/" + c.member}
		if c.same {
			b = nil
		}
		m.add(fmt.Sprintf("response 200: %s %v for %v", c.member, c.got, c.sent), x, b)
	}
}
