package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
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
	operation  *openapi3.Operation
	parameters []*parameter
	headers    map[string][]*parameter // of a response, by its status as the document names it
	security   []credentials           // one of them is needed, if there are any
}

var templateName = regexp.MustCompile(`\{[^{}/]+\}`)

// addPaths adds the paths of the document, those that fix more of a path first: OpenAPI wants a path without parameters
// to be matched before one with some.
func (c *Contract) addPaths() error {
	for path, item := range c.doc.Paths.Map() {
		template := newTemplate(path)
		for method, operation := range item.Operations() {
			added, err := c.newRoute(method, path, item, operation)
			if err != nil {
				return err
			}
			template.routes[method] = added
		}
		c.paths = append(c.paths, template)
	}
	slices.SortFunc(c.paths, func(a, b *pathTemplate) int { return cmp.Compare(a.order, b.order) })
	return nil
}

func newTemplate(path string) *pathTemplate {
	t := &pathTemplate{slashes: strings.Count(path, "/"), routes: map[string]*route{}}
	var pattern, order strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		fixed := 0
		pattern.WriteByte('/')
		rest := segment
		for _, at := range templateName.FindAllStringIndex(segment, -1) {
			before := segment[len(segment)-len(rest) : at[0]]
			t.names = append(t.names, segment[at[0]+1:at[1]-1])
			pattern.WriteString(regexp.QuoteMeta(normalEscapes(before)) + "([^/]+?)")
			rest, fixed = segment[at[1]:], fixed+len(before)
		}
		pattern.WriteString(regexp.QuoteMeta(normalEscapes(rest)))
		if rest == segment {
			order.WriteString("0")
		} else { // more that is fixed comes first
			fmt.Fprintf(&order, "1%05d", max(0, 99999-fixed-len(rest)))
		}
	}
	t.order = order.String() + path
	if len(t.names) == 0 {
		t.literal = normalEscapes(path)
	} else {
		t.pattern = regexp.MustCompile("^" + strings.TrimPrefix(pattern.String(), "/") + "$")
	}
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

func operationName(route *route) string { return route.name }

func (c *Contract) newRoute(method, path string, item *openapi3.PathItem, operation *openapi3.Operation,
) (*route, error) {
	r := &route{name: printable(method + " " + path), operation: operation, headers: map[string][]*parameter{}}
	for i, ref := range slices.Concat(item.Parameters, operation.Parameters) {
		p := ref.Value
		if i < len(item.Parameters) && operation.Parameters.GetByInAndName(p.In, p.Name) != nil {
			continue // the operation says something else about it
		}
		added, err := c.newParameter(p)
		if err != nil {
			return nil, fmt.Errorf("%s %s: parameter %q: %w", method, path, p.Name, err)
		}
		r.parameters = append(r.parameters, added)
	}
	security := c.doc.Security
	if operation.Security != nil {
		security = *operation.Security
	}
	var err error
	if r.security, err = c.newSecurity(security); err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if operation.RequestBody != nil {
		if err := c.addTypes(operation.RequestBody.Value.Content); err != nil {
			return nil, fmt.Errorf("%s %s: request: %w", method, path, err)
		}
	}
	for status, response := range operation.Responses.Map() {
		if r.headers[status], err = c.newHeaders(response.Value.Headers); err == nil {
			err = c.addTypes(response.Value.Content)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: response %q: %w", method, path, status, err)
		}
	}
	return r, nil
}

func (c *Contract) addTypes(content openapi3.Content) error {
	for name := range content {
		parsed, err := parseMedia(name)
		if err != nil {
			return fmt.Errorf("%q is no media type", name)
		}
		c.types[name] = parsed
	}
	return nil
}
