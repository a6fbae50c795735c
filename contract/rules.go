package contract

import (
	"bufio"
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// exchange is what the rules look at. A body that is not a JSON object is nil.
type exchange struct {
	status    int
	sent, got map[string]any
}

// rule is a check that a schema cannot express.
type rule struct {
	name  string
	check func(exchange) []flaw
}

// flaw is a finding of a rule.
type flaw struct{ pointer, detail string }

const errorUnder200 = "error-under-200"

// rules are all there are; the package comment describes them.
var rules = []rule{
	{"data-on-success", exchange.dataOnSuccess},
	{errorUnder200, exchange.errorUnder200},
	{"error-code", exchange.errorCode},
	{"endpoint-asked-for", exchange.endpointAskedFor},
	{"fields-sent", exchange.fieldsSent},
}

func isRule(name string) bool {
	return slices.ContainsFunc(rules, func(r rule) bool { return r.name == name })
}

func withoutRule(from []rule, name string) []rule {
	return slices.DeleteFunc(slices.Clone(from), func(r rule) bool { return r.name == name })
}

func ruleNames() string {
	var names []string
	for _, r := range rules {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

func (c *Contract) hasRule(name string) bool {
	return slices.ContainsFunc(c.rules, func(r rule) bool { return r.name == name })
}

// addRules adds what the rules find in places where the schema found nothing.
func (c *Contract) addRules(findings []Finding, x exchange) []Finding {
	if x.got == nil {
		return findings
	}
	spoken := map[string]bool{}
	for _, f := range findings {
		spoken[f.Pointer] = true
	}
	for _, r := range c.rules {
		for _, f := range r.check(x) {
			if !spoken[f.pointer] {
				findings = append(findings, Finding{Pointer: f.pointer, Keyword: r.name, Detail: f.detail})
			}
		}
	}
	return findings
}

// failureSchema is the first schema of a 4xx or 5xx, or nil. An error under 200 is judged by it.
func failureSchema(responses *openapi3.Responses) *openapi3.SchemaRef {
	documented := responses.Map()
	for _, status := range slices.Sorted(maps.Keys(documented)) {
		if status[0] != '4' && status[0] != '5' {
			continue
		}
		if media := documented[status].Value.Content.Get("application/json"); media != nil {
			return media.Schema
		}
	}
	return nil
}

func (x exchange) ok() bool        { return x.status >= 200 && x.status < 300 }
func (x exchange) succeeded() bool { return x.ok() && x.got["code"] == 100.0 }

func (x exchange) dataOnSuccess() []flaw {
	data, ok := x.got["data"]
	if _, object := data.(map[string]any); object || !x.succeeded() {
		return nil
	}
	if !ok {
		return []flaw{{"", "member data is missing from a success"}}
	}
	return []flaw{{"/data", "data of a success is not an object"}}
}

func (x exchange) errorUnder200() []flaw {
	// A code that is missing or no number is for the schema to find.
	if code, number := x.got["code"].(float64); x.ok() && number && code != 100 {
		return []flaw{{"/code", "a failure under a 2xx status"}}
	}
	return nil
}

func (x exchange) errorCode() []flaw {
	if x.status < 400 {
		return nil
	}
	switch code, ok := x.got["code"]; {
	case !ok:
		return []flaw{{"", "member code is missing from a failure"}}
	case code == nil:
		return []flaw{{"/code", "the code of a failure is null"}}
	case code == 100.0:
		return []flaw{{"/code", "the code of a success under a 4xx or 5xx status"}}
	}
	return nil
}

func (x exchange) endpointAskedFor() []flaw {
	data, _ := x.got["data"].(map[string]any)
	asked, sent := x.sent["endpoint_id"].(string)
	answered, got := data["endpoint_id"].(string)
	if x.succeeded() && sent && got && asked != answered {
		return []flaw{{"/data/endpoint_id", "not the endpoint asked for"}}
	}
	return nil
}

func (x exchange) fieldsSent() (flaws []flaw) {
	data, _ := x.got["data"].(map[string]any)
	if !x.succeeded() {
		return nil
	}
	sentURL, sent := x.sent["url"].(string)
	gotURL, got := data["url"].(string)
	if sent && got && sentURL != gotURL && normalURL(sentURL) != normalURL(gotURL) {
		flaws = append(flaws, flaw{"/data/url", "not the URL that was sent"})
	}
	sentEvents, sent := x.sent["events"]
	gotEvents, got := data["events"]
	if sent && got && !sameEvents(sentEvents, gotEvents) {
		flaws = append(flaws, flaw{"/data/events", "not the events that were sent"})
	}
	return flaws
}

// sameEvents compares as sets. What HeyGen makes of an empty list nobody says, so it may come back as every event.
func sameEvents(sent, got any) bool {
	sentList, sentIsList := sent.([]any)
	gotList, gotIsList := got.([]any)
	switch {
	case sent == nil:
		return got == nil
	case sentIsList && got == nil:
		return len(sentList) == 0
	case !sentIsList || !gotIsList:
		return true // a wrong type is for the schema to find
	}
	return maps.Equal(set(sentList), set(gotList))
}

func set(list []any) map[any]bool {
	members := map[any]bool{}
	for _, item := range list {
		if text, ok := item.(string); ok { // only what can be compared
			members[text] = true
		}
	}
	return members
}

// asciiHost is a host as net/http sends it: the labels of an internationalised name in ASCII (RFC 5891).
func asciiHost(host string) string {
	if !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return host
	}
	var sent bytes.Buffer
	if err := (&http.Request{URL: &url.URL{Host: host}}).Write(&sent); err != nil {
		return host
	}
	received, err := http.ReadRequest(bufio.NewReader(&sent))
	if err != nil || received.Host == "" {
		return host
	}
	return received.Host
}

var (
	escapable  = regexp.MustCompile(`%[0-9A-Fa-f]{2}|[^!-~]+`)
	unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]$`)
)

// normalURL makes URLs equal that RFC 3986 (6.2.2, 6.2.3) calls equivalent. A text that is no URL stays as it is.
func normalURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	u = u.ResolveReference(u) // without dot segments
	u.Scheme, u.Host = strings.ToLower(u.Scheme), asciiHost(strings.ToLower(u.Host))
	if port := u.Port(); port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return escapable.ReplaceAllStringFunc(u.String(), func(text string) string {
		if text[0] != '%' {
			return url.PathEscape(text)
		}
		if plain, _ := url.PathUnescape(text); unreserved.MatchString(plain) {
			return plain
		}
		return strings.ToUpper(text)
	})
}
