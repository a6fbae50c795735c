package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/heygen-go/heygen/contract"
)

// exchange is a request and, unless the request is what was changed, a reply.
type exchange struct {
	method, path string
	header       http.Header
	sent         string
	reply        *reply
}

type reply struct {
	status int
	header http.Header
	body   string
}

// mutant is a good exchange with one thing changed, and the truth about it.
type mutant struct {
	name     string
	strict   bool // judged by contract.Strict
	exchange exchange
	broken   *broken // nil if it is still good
}

// broken is where an exchange breaks the contract, and whose fault that is.
type broken struct {
	party   contract.Party
	where   string
	pointer string // anywhere if "*"
}

// maker makes the mutants of one operation of one document.
type maker struct {
	document, corrected document // the second says whom to blame; both are the same for the corrected document
	operation           operation
	fixed               operation // the same operation in the corrected document
	mutants             []mutant
}

func mutantsOf(d, corrected document) (all []mutant) {
	fixed := corrected.operations()
	for i, o := range d.operations() {
		m := maker{document: d, corrected: corrected, operation: o, fixed: fixed[i]}
		m.requests()
		for _, status := range m.statuses() {
			m.replies(status)
		}
		m.undocumented()
		m.sentAndGot()
		all = append(all, m.mutants...)
	}
	return unique(all)
}

// unique leaves out mutants that are the same exchange. Two of them cannot be right and wrong.
func unique(mutants []mutant) (different []mutant) {
	seen := map[string]mutant{}
	for _, m := range mutants {
		answer := reply{}
		if m.exchange.reply != nil {
			answer = *m.exchange.reply
		}
		key := fmt.Sprint(m.strict, m.exchange.method, m.exchange.path, m.exchange.header, m.exchange.sent, answer)
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

// goodRequest is one with every member, or with the required ones alone.
func (m *maker) goodRequest(requiredOnly bool) (exchange, object) {
	body := m.document.sample(m.operation.request).(object)
	for _, p := range m.document.places(m.operation.request, body) {
		if requiredOnly && p.member && !p.required && strings.Count(p.pointer, "/") == 1 {
			delete(body, p.pointer[1:])
		}
	}
	return exchange{
		method: m.operation.method, path: m.operation.path, sent: encode(body),
		header: http.Header{
			"Content-Type": {m.operation.contentType}, http.CanonicalHeaderKey(m.operation.header): {"key"},
		},
	}, body
}

// goodReply is the documented example of a status, or one made of its schema; it answers the request it comes with.
func (m *maker) goodReply(status int) (exchange, object) {
	x, sent := m.goodRequest(true)
	described := m.operation.responses[documentedAs(status, m.operation)]
	body := m.document.sample(described.schema)
	if described.example != nil {
		body = m.document.repair(described.schema, described.example)
	}
	members := body.(object)
	if data, ok := members["data"].(object); ok {
		data["endpoint_id"] = sent["endpoint_id"]
	}
	if status >= 400 && members["code"] == nil { // prose alone says that there is one
		members["code"] = 400131.0
	}
	x.reply = &reply{status, http.Header{"Content-Type": {described.contentType}}, encode(members)}
	return x, members
}

// documentedAs is the name under which an operation has a status: "200", "5XX", or "".
func documentedAs(status int, o operation) string {
	name := strconv.Itoa(status)
	for _, name := range []string{name, name[:1] + "XX"} {
		if _, ok := o.responses[name]; ok {
			return name
		}
	}
	return ""
}

// statuses are the documented ones, a number for each.
func (m *maker) statuses() (numbers []int) {
	for name := range m.operation.responses {
		number, err := strconv.Atoi(strings.Replace(name, "XX", "03", 1))
		if err != nil {
			panic("a status is no number: " + name)
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers
}

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// with returns a copy of a value with another value at a pointer; drop takes the member away instead.
func with(value any, pointer string, change any, drop bool) any {
	if pointer == "" {
		return change
	}
	token, rest, _ := strings.Cut(pointer[1:], "/")
	if rest != "" {
		rest = "/" + rest
	}
	if list, ok := value.([]any); ok {
		i, err := strconv.Atoi(token)
		if err != nil {
			panic(err)
		}
		copied := slices.Clone(list)
		copied[i] = with(list[i], rest, change, drop)
		return copied
	}
	copied := maps.Clone(value.(object))
	if drop && rest == "" {
		delete(copied, token)
	} else {
		copied[token] = with(copied[token], rest, change, drop)
	}
	return copied
}

func parent(pointer string) string { return pointer[:strings.LastIndexByte(pointer, '/')] }
