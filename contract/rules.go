package contract

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// rule is a check that a schema cannot express.
type rule struct {
	name  string
	check func(bodies) []flaw
}

// bodies is what the rules look at: the bodies of an exchange. One that is no JSON object is nil.
type bodies struct {
	status    int
	sent, got map[string]any
}

// flaw is a finding of a rule.
type flaw struct{ pointer, detail string }

func isRule(name string) bool {
	return slices.ContainsFunc(rules, func(r rule) bool { return r.name == name })
}

func ruleNames() string {
	var names []string
	for _, r := range rules {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

// addRules adds what the rules find in places where the schema found nothing.
func addRules(rules []rule, findings []Finding, b bodies) []Finding {
	if b.got == nil {
		return findings
	}
	bySchema := findings
	for _, r := range rules {
		for _, f := range r.check(b) {
			if !slices.ContainsFunc(bySchema, func(g Finding) bool { return g.Pointer == f.pointer }) {
				findings = append(findings, Finding{Pointer: f.pointer, Keyword: r.name, Detail: f.detail})
			}
		}
	}
	return findings
}

// rules are what HeyGen's version 1 promises in prose alone; the package comment describes them. They are true of no
// other API, and of no other version.
var rules = []rule{
	{"data-on-success", bodies.dataOnSuccess},
	{errorUnder200, bodies.errorUnder200},
	{"error-code", bodies.errorCode},
	{"endpoint-asked-for", bodies.endpointAskedFor},
	{"fields-sent", bodies.fieldsSent},
}

const errorUnder200 = "error-under-200"

// failureSchema returns the schema of a failure under a 2xx: that of the first documented 4xx or 5xx. It returns nil
// for any other response, and if the rule is switched off.
func (r *route) failureSchema(b bodies) *jsonschema.Schema {
	on := slices.ContainsFunc(r.rules, func(r rule) bool { return r.name == errorUnder200 })
	if !on || len(b.errorUnder200()) == 0 {
		return nil
	}
	for _, status := range slices.Sorted(maps.Keys(r.responses)) {
		for _, media := range r.responses[status].content {
			if media.name == "application/json" && (status[0] == '4' || status[0] == '5') {
				return media.schema
			}
		}
	}
	return nil
}

func (b bodies) ok() bool        { return b.status >= 200 && b.status < 300 }
func (b bodies) succeeded() bool { return b.ok() && b.got["code"] == 100.0 }

func (b bodies) dataOnSuccess() []flaw {
	data, ok := b.got["data"]
	if _, object := data.(map[string]any); object || !b.succeeded() {
		return nil
	}
	if !ok {
		return []flaw{{"", "member data is missing from a success"}}
	}
	return []flaw{{"/data", "data of a success is not an object"}}
}

func (b bodies) errorUnder200() []flaw {
	// The schema finds a code that is missing or no number.
	code, number := b.got["code"].(float64)
	if _, long := b.got["code"].(json.Number); b.ok() && (long || number && code != 100) {
		return []flaw{{"/code", "a failure under a 2xx status"}}
	}
	return nil
}

func (b bodies) errorCode() []flaw {
	if b.status < 400 {
		return nil
	}
	switch code, ok := b.got["code"]; {
	case !ok:
		return []flaw{{"", "member code is missing from a failure"}}
	case code == nil:
		return []flaw{{"/code", "the code of a failure is null"}}
	case code == 100.0:
		return []flaw{{"/code", "the code of a success under a 4xx or 5xx status"}}
	}
	return nil
}

func (b bodies) endpointAskedFor() []flaw {
	data, _ := b.got["data"].(map[string]any)
	sentID, sent := b.sent["endpoint_id"].(string)
	gotID, got := data["endpoint_id"].(string)
	if b.succeeded() && sent && got && sentID != gotID {
		return []flaw{{"/data/endpoint_id", "not the endpoint asked for"}}
	}
	return nil
}

func (b bodies) fieldsSent() (flaws []flaw) {
	data, _ := b.got["data"].(map[string]any)
	if !b.succeeded() {
		return nil
	}
	sentURL, sent := b.sent["url"].(string)
	gotURL, got := data["url"].(string)
	if sent && got && !sameURL(sentURL, gotURL) {
		flaws = append(flaws, flaw{"/data/url", "not the URL that was sent"})
	}
	sentEvents, sent := b.sent["events"]
	gotEvents, got := data["events"]
	if sent && got && !sameEvents(sentEvents, gotEvents) {
		flaws = append(flaws, flaw{"/data/events", "not the events that were sent"})
	}
	return flaws
}

// sameEvents compares events as sets. HeyGen does not document an empty list, so null in the response is accepted.
func sameEvents(sent, got any) bool {
	sentList, sentIsList := sent.([]any)
	gotList, gotIsList := got.([]any)
	switch {
	case sent == nil:
		return got == nil
	case sentIsList && got == nil:
		return len(sentList) == 0
	case !sentIsList || !gotIsList:
		return true // the schema finds a wrong type
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

// sameURL reports whether RFC 3986 (6.2.2, 6.2.3) calls two URLs equivalent. Hosts are not compared if one is
// internationalized: it may come back in its ASCII form.
func sameURL(a, b string) bool {
	if a == b {
		return true
	}
	u, err := url.Parse(a)
	v, err2 := url.Parse(b)
	if err != nil || err2 != nil || u.Host == "" {
		return false
	}
	if strings.ContainsFunc(u.Host+v.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		u.Host, v.Host = "", ""
	}
	return normal(u) == normal(v)
}

var (
	escapable  = regexp.MustCompile(`%[0-9A-Fa-f]{2}|[^!-~]+`)
	unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]$`)
)

func normal(u *url.URL) string {
	u = u.ResolveReference(u) // without dot segments
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if port := u.Port(); port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return normalEscapes(u.String())
}

// normalEscapes returns a URL, or a part of one, with the escapes that RFC 3986 (6.2.2) calls normal.
func normalEscapes(text string) string {
	return escapable.ReplaceAllStringFunc(text, func(text string) string {
		if text[0] != '%' {
			return url.PathEscape(text)
		}
		if plain, _ := url.PathUnescape(text); unreserved.MatchString(plain) {
			return plain
		}
		return strings.ToUpper(text)
	})
}
