package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// pathTemplate is a path of the document.
type pathTemplate struct {
	slashes int
	literal string         // the path without parameters; "" for one with some
	pattern *regexp.Regexp // of one with parameters, whose names are
	names   []string
	order   string // sorts those that fix more before those that fix less
	routes  map[string]*route
}

// route is an operation of the document.
type route struct {
	name       string // "PATCH /v1/webhook/endpoint.update"
	parameters []*parameter
	security   []credentials         // one of them is needed, if there are any
	body       *described            // nil if it takes none
	responses  map[string]*described // by status as the document names it
	rules      []rule                // about its responses
}

// described is what the document says about a request body or a response.
type described struct {
	required bool
	headers  []*parameter
	content  []media // nil if nothing is said of it
}

// media is a media type of the document, and the schema of such bodies, nil if there is none to judge by.
type media struct {
	mediaType
	text   string
	schema *jsonschema.Schema
}

// response returns what the document says about a status, and under which name: "200", "5XX" or "default".
func (r *route) response(status int) (string, *described) {
	number := strconv.Itoa(status)
	for _, name := range []string{number, number[:1] + "XX", "default"} {
		if found := r.responses[name]; found != nil && (len(number) == 3 || name == "default") {
			return name, found
		}
	}
	return "", nil
}

var templateName = regexp.MustCompile(`\{[^{}/]+\}`)

func newTemplate(path string) *pathTemplate {
	t := &pathTemplate{slashes: strings.Count(path, "/"), routes: map[string]*route{}}
	var order strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		if fixed := templateName.ReplaceAllString(segment, ""); fixed == segment {
			order.WriteString("0")
		} else { // more that is fixed comes first
			fmt.Fprintf(&order, "1%05d", max(0, 99999-len(fixed)))
		}
	}
	t.order = order.String() + path
	for _, name := range templateName.FindAllString(path, -1) {
		t.names = append(t.names, strings.Trim(name, "{}"))
	}
	if len(t.names) == 0 {
		t.literal = normalEscapes(path)
		return t
	}
	fixed := templateName.Split(path, -1)
	for i, text := range fixed {
		fixed[i] = regexp.QuoteMeta(normalEscapes(text))
	}
	t.pattern = regexp.MustCompile("^" + strings.Join(fixed, "([^/]+?)") + "$")
	return t
}

// match returns the values of the parameters in a path, still escaped.
func (t *pathTemplate) match(path string, slashes int) (map[string]string, bool) {
	if t.slashes != slashes {
		return nil, false
	}
	if t.pattern == nil {
		return nil, t.literal == path
	}
	found := t.pattern.FindStringSubmatch(path)
	if found == nil {
		return nil, false
	}
	values := make(map[string]string, len(t.names))
	for i, name := range t.names {
		values[name] = found[i+1]
	}
	return values, true
}

// route finds the operation of a request, and the values of the parameters in its path, still escaped: an escaped
// delimiter is data (RFC 3986, 2.2).
func (c *Contract) route(req *http.Request) (*route, map[string]string, []Finding) {
	path := cmp.Or(req.URL.EscapedPath(), "/")
	if strings.Contains(path, "%") {
		path = normalEscapes(path)
	}
	slashes, known := strings.Count(path, "/"), false
	for _, template := range c.paths {
		values, ok := template.match(path, slashes)
		if !ok {
			continue
		}
		if found := template.routes[req.Method]; found != nil {
			return found, values, nil
		}
		known = true
	}
	if known {
		return nil, nil, []Finding{{PartyClient, "request method", "", "method", "the path does not take it"}}
	}
	return nil, nil, []Finding{{PartyClient, "request path", "", "path", "the document has no such path"}}
}
