package contract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Collector sums up what contracts checked. Give one to [WithCollector]; its zero value is empty and ready, and it is
// safe for concurrent use. Package report, in contract/report, writes its [Summary].
type Collector struct {
	exchanges atomic.Int64
	mu        sync.Mutex
	messages  map[messageKey]*messageCount
	findings  map[findingKey]occurrences
	unjudged  map[unjudgedKey]occurrences
	omitted   int
}

const (
	maxFindings  = 1000   // findings that a Collector keeps: a broken server must not fill the memory of a process
	maxSchemas   = 10_000 // schemas of a message in which a Collector looks for members
	maxExchanges = 5      // that it names for each
)

type messageKey struct{ operation, message string }

type messageCount struct {
	documented bool
	seen       int
	members    map[string]int // by pointer, those of the document alone
}

type findingKey struct {
	messageKey
	Finding
	allowed bool
}

type unjudgedKey struct {
	operation string
	reason    Unjudged
}

// occurrences counts exchanges, and names the first of them.
type occurrences struct {
	times     int
	exchanges []string
}

func (o occurrences) and(exchange string) occurrences {
	o.times++
	if exchange != "" && len(o.exchanges) < maxExchanges {
		o.exchanges = append(o.exchanges, exchange)
	}
	return o
}

// Summary is what a [Collector] has counted. It holds no value from a message. Its JSON is stable.
type Summary struct {
	Operations []OperationSummary `json:"operations"` // sorted by name
	Findings   []FindingSummary   `json:"findings"`   // sorted by party, operation, message and place; 1,000 at most
	Omitted    int                `json:"omitted"`    // findings beyond those
	Unjudged   []UnjudgedSummary  `json:"unjudged"`   // what was not checked, sorted by operation and reason
}

// OperationSummary is about one operation of the document or, with no name, about requests to none of them.
type OperationSummary struct {
	Operation string           `json:"operation"` // "PATCH /v1/webhook/endpoint.update"
	Messages  []MessageSummary `json:"messages"`  // the request, then the responses by status
}

// MessageSummary is about the request, or the responses of one status, of an operation.
type MessageSummary struct {
	Message    string          `json:"message"` // "request", or "response 200", "response 5XX" as the document says
	Documented bool            `json:"documented"`
	Seen       int             `json:"seen"`    // messages checked
	Members    []MemberSummary `json:"members"` // of the body that the document names, sorted by pointer
}

// MemberSummary is about one member of a body.
type MemberSummary struct {
	Pointer string `json:"pointer"` // JSON pointer; the items of a list are "*"
	Seen    int    `json:"seen"`    // messages that had it
}

// FindingSummary is one finding, however often it was made.
type FindingSummary struct {
	Operation string   `json:"operation"`
	Message   string   `json:"message"`
	Party     Party    `json:"party"`
	Where     string   `json:"where"`
	Pointer   string   `json:"pointer"`
	Keyword   string   `json:"keyword"`
	Detail    string   `json:"detail"`
	Times     int      `json:"times"`
	Exchanges []string `json:"exchanges"` // the first 5 exchanges that had it, named as in Violation, if they have names
	Allowed   bool     `json:"allowed"`   // no violation, because of WithAllowedDeviations
}

// UnjudgedSummary counts the exchanges of which the request or the response was not checked, for one reason.
type UnjudgedSummary struct {
	Operation string   `json:"operation"` // "" if the document has none for them
	Reason    Unjudged `json:"reason"`
	Times     int      `json:"times"`
	Exchanges []string `json:"exchanges"` // the first 5, named as in Violation, if they have names
}

// Summary returns what was checked until now.
func (c *Collector) Summary() Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Summary{
		Operations: []OperationSummary{}, Findings: []FindingSummary{}, Omitted: c.omitted, Unjudged: []UnjudgedSummary{},
	}
	byMessage := func(a, b messageKey) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.message, b.message))
	}
	for _, key := range slices.SortedFunc(maps.Keys(c.messages), byMessage) {
		if n := len(s.Operations); n == 0 || s.Operations[n-1].Operation != key.operation {
			s.Operations = append(s.Operations, OperationSummary{Operation: key.operation})
		}
		count, last := c.messages[key], &s.Operations[len(s.Operations)-1]
		message := MessageSummary{key.message, count.documented, count.seen, []MemberSummary{}}
		for _, pointer := range slices.Sorted(maps.Keys(count.members)) {
			message.Members = append(message.Members, MemberSummary{printable(pointer), count.members[pointer]})
		}
		last.Messages = append(last.Messages, message)
	}
	for key, count := range c.findings {
		f := key.Finding
		s.Findings = append(s.Findings, FindingSummary{key.operation, key.message, f.Party, f.Where, f.Pointer, f.Keyword,
			f.Detail, count.times, append([]string{}, count.exchanges...), key.allowed})
	}
	slices.SortFunc(s.Findings, func(a, b FindingSummary) int {
		return cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Operation, b.Operation),
			cmp.Compare(a.Message, b.Message), cmp.Compare(a.Where, b.Where), cmp.Compare(a.Pointer, b.Pointer),
			cmp.Compare(a.Keyword, b.Keyword), cmp.Compare(a.Detail, b.Detail),
			cmp.Compare(fmt.Sprint(a.Allowed), fmt.Sprint(b.Allowed)))
	})
	for key, count := range c.unjudged {
		s.Unjudged = append(s.Unjudged,
			UnjudgedSummary{key.operation, key.reason, count.times, append([]string{}, count.exchanges...)})
	}
	slices.SortFunc(s.Unjudged, func(a, b UnjudgedSummary) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Reason, b.Reason))
	})
	return s
}

// NeverSeen returns the documented messages that were never checked: "PATCH /v1/webhook/endpoint.update response 403".
func (s Summary) NeverSeen() (names []string) {
	for _, operation := range s.Operations {
		for _, message := range operation.Messages {
			if message.Documented && message.Seen == 0 {
				names = append(names, operation.Operation+" "+message.Message)
			}
		}
	}
	return names
}

// Responses returns the number of responses that were checked. If it is 0, nothing is known of the server.
func (s Summary) Responses() (n int) {
	for _, operation := range s.Operations {
		for _, message := range operation.Messages {
			if message.Message != messageRequest {
				n += message.Seen
			}
		}
	}
	return n
}

// expect adds the messages and members of a document, seen or not.
func (c *Collector) expect(contract *Contract) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, path := range contract.paths {
		for _, route := range path.routes {
			c.message(messageKey{route.name, messageRequest}).expect(route.body)
			for status, response := range route.responses {
				c.message(messageKey{route.name, "response " + status}).expect(response)
			}
		}
	}
}

func (m *messageCount) expect(documented *described) {
	m.documented = true
	if documented == nil {
		return
	}
	walk := memberWalk{left: maxSchemas, visit: func(pointer string) { m.members[pointer] += 0 }}
	for _, media := range documented.content {
		walk.schema(media.schema, "", nil)
	}
}

// message returns the count of a message, a new one if there is none.
func (c *Collector) message(key messageKey) *messageCount {
	if c.messages == nil {
		c.messages, c.findings = map[messageKey]*messageCount{}, map[findingKey]occurrences{}
	}
	if c.messages[key] == nil {
		c.messages[key] = &messageCount{members: map[string]int{}}
	}
	return c.messages[key]
}

// add counts a checked message of an exchange, whose name may be "". Deviations are allowed if they make no violation.
func (c *Collector) add(exchange string, m message, allowDeviations bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := messageKey{m.operation, m.name}
	count := c.message(key)
	count.seen++
	for pointer := range count.has(m.value) {
		count.members[pointer]++
	}
	for _, f := range m.findings {
		c.find(exchange, findingKey{key, f, allowDeviations && f.Party == PartyDocument})
	}
}

func (c *Collector) find(exchange string, key findingKey) {
	count, known := c.findings[key]
	if !known && len(c.findings) == maxFindings {
		c.omitted++
		return
	}
	c.findings[key] = count.and(exchange)
}

// skip counts what was not checked. Operations and reasons are few, so this is bounded.
func (c *Collector) skip(u UnjudgedExchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unjudged == nil {
		c.unjudged = map[unjudgedKey]occurrences{}
	}
	key := unjudgedKey{u.Operation, u.Reason}
	c.unjudged[key] = c.unjudged[key].and(u.Exchange)
}

// has returns the pointers of the documented members of a value.
func (m *messageCount) has(value any) map[string]bool {
	found := map[string]bool{}
	var walk func(value any, at string)
	step := func(value any, at string) {
		if _, documented := m.members[at]; documented {
			found[at] = true
			walk(value, at)
		}
	}
	walk = func(value any, at string) {
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				step(member, jsonpointer.Append(at, name))
			}
		case []any:
			for _, item := range value {
				step(item, at+"/*")
			}
		}
	}
	walk(value, "")
	return found
}

// memberWalk visits the pointers of the members and items that a schema names. It visits a schema within itself once,
// and ends after some schemas, because a few that refer to each other can name members without end.
type memberWalk struct {
	left  int // schemas
	visit func(pointer string)
}

func (w *memberWalk) schema(schema *jsonschema.Schema, at string, within []*jsonschema.Schema) {
	if schema == nil || w.left == 0 || slices.Contains(within, schema) {
		return
	}
	w.left--
	within = append(slices.Clone(within), schema)
	for name, member := range schema.Properties {
		to := jsonpointer.Append(at, name)
		w.visit(to)
		w.schema(member, to, within)
	}
	if schema.Items2020 != nil {
		w.visit(at + "/*")
		w.schema(schema.Items2020, at+"/*", within)
	}
	for _, same := range slices.Concat([]*jsonschema.Schema{schema.Ref}, schema.AllOf, schema.AnyOf, schema.OneOf) {
		w.schema(same, at, within)
	}
}
