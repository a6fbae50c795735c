package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// readDocument reads a document of JSON or YAML. Its numbers are json.Number, so that none loses digits.
func readDocument(text []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("empty")
	}
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		var err error
		if text, err = fromYAML(text); err != nil {
			return nil, err
		}
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	document, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not an object")
	}
	return document, checkValue(document, "", 0)
}

// fromYAML makes of YAML what JSON would be: the names of members are strings, 200 as well as "200", and so are times.
func fromYAML(text []byte) ([]byte, error) {
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil, err
	}
	asText := func(node *yaml.Node) {
		if node.Kind == yaml.ScalarNode && node.ShortTag() != "!!merge" {
			node.Tag = "!!str"
		}
	}
	var change func(node *yaml.Node)
	change = func(node *yaml.Node) {
		if node.ShortTag() == "!!timestamp" {
			asText(node)
		}
		for i, child := range node.Content {
			if change(child); node.Kind == yaml.MappingNode && i%2 == 0 {
				asText(child)
			}
		}
	}
	change(&node)
	var value any
	if err := node.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,4})?$`)

// isNumber reports whether a text is a number of JSON, and of a size that can be calculated with.
func isNumber(text string) bool { return number.MatchString(text) }

// maxNesting is how deep the values of a document may lie: schemas that are deeper would take too long to read.
const maxNesting = 200

// What a document may have of one kind in one place. The schema library takes time by the square of it, or we do.
const (
	maxSchemasOfList    = 2000
	maxParametersOfPath = 100
)

// checkValue reports what would take the schema library all time or memory: numbers of many digits, and deep values.
func checkValue(value any, at string, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("%q: more than %d levels deep", at[:min(len(at), 200)]+"...", maxNesting)
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if err := checkValue(member, jsonpointer.Append(at, name), depth+1); err != nil {
				return err
			}
		}
	case []any:
		name := at[strings.LastIndexByte(at, '/')+1:]
		if len(value) > maxSchemasOfList && slices.Contains([]string{"allOf", "anyOf", "oneOf", "prefixItems"}, name) {
			return fmt.Errorf("%q: more than %d schemas", at, maxSchemasOfList)
		}
		for i, item := range value {
			if err := checkValue(item, at+"/"+strconv.Itoa(i), depth+1); err != nil {
				return err
			}
		}
	case json.Number:
		if !isNumber(value.String()) {
			return fmt.Errorf("%q: a number out of range", at)
		}
	}
	return nil
}

// reader makes of a document what messages are checked against. Only what matters to a check is read, and no mistake
// elsewhere matters. It goes on after a mistake, to find more of them.
type reader struct {
	document   map[string]any
	rules      []rule // of version 1
	schemas    *schemas
	compiled   map[string]*jsonschema.Schema // by place
	notChecked []string
	omitted    map[string]bool
	everywhere []credentials // what operations need that do not say what they need
	errs       []error
}

// maxReferences is how many references in a row are followed.
const maxReferences = 32

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

func (r *reader) fail(at, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%q: %s", "#"+at, fmt.Sprintf(format, args...)))
}

func (r *reader) omit(at, reason string) {
	text := printable(fmt.Sprintf("%q: %s", "#"+at, reason))
	if !r.omitted[text] { // several operations can have the same
		r.omitted[text] = true
		r.notChecked = append(r.notChecked, text)
	}
}

// follow returns the object that a value is or refers to, and its pointer. It reports a reference that leads nowhere.
func (r *reader) follow(value any, at string) (map[string]any, string) {
	for range maxReferences {
		found, ok := value.(map[string]any)
		if !ok && value != nil {
			r.fail(at, "not an object")
			return nil, at
		}
		ref, ok := found["$ref"].(string)
		if !ok {
			return found, at
		}
		pointer, local := strings.CutPrefix(ref, "#")
		pointer, err := url.PathUnescape(pointer)
		if value, ok = lookup(r.document, pointer); !local || err != nil || !ok {
			r.fail(at, "$ref %q leads to nothing in the document", ref)
			return nil, at
		}
		at = pointer
	}
	r.fail(at, "$ref without end")
	return nil, at
}

// lookup returns the value that a pointer points at.
func lookup(value any, pointer string) (any, bool) {
	if pointer != "" && pointer[0] != '/' {
		return nil, false
	}
	for _, token := range jsonpointer.Split(pointer) {
		ok := false
		switch container := value.(type) {
		case map[string]any:
			value, ok = container[token]
		case []any:
			i, err := strconv.Atoi(token)
			if ok = err == nil && i >= 0 && i < len(container); ok {
				value = container[i]
			}
		}
		if !ok {
			return nil, false
		}
	}
	return value, true
}

// paths returns the paths of the document, those that fix more first.
func (r *reader) paths() (paths []*pathTemplate) {
	r.everywhere = r.security(r.document["security"], "")
	known := map[string]bool{}
	if _, ok := r.document["paths"].(map[string]any); !ok && r.document["paths"] != nil {
		r.fail("/paths", "not an object")
	}
	for name, value := range members(object(r.document["paths"])) {
		if !strings.HasPrefix(name, "/") {
			continue
		}
		at := jsonpointer.Append("/paths", name)
		if strings.Count(name, "{") > maxParametersOfPath {
			r.fail(at[:100]+"...", "more than %d parameters", maxParametersOfPath)
			continue
		}
		if ref, ok := object(value)["$ref"].(string); ok && !strings.HasPrefix(ref, "#") {
			r.omit(at, "$ref leads out of the document")
			value = maps.Clone(object(value))
			delete(object(value), "$ref")
		}
		item, target := r.follow(value, at)
		member := func(name string) (any, string) {
			if found, ok := item[name]; ok {
				return found, target + "/" + name
			}
			return object(value)[name], at + "/" + name // OpenAPI allows operations beside the $ref of a path
		}
		template := newTemplate(name)
		list, place := member("parameters")
		shared := r.parameters(list, place, template)
		for _, method := range methods {
			if operation, at := member(method); operation != nil {
				method = strings.ToUpper(method)
				made := r.route(operation, at, template, shared)
				made.name = printable(method + " " + name)
				if strings.HasPrefix(name, "/v1/") {
					made.rules = r.rules
				}
				template.routes[method] = made
				key := method + " " + templateName.ReplaceAllString(name, "{}")
				if known[key] {
					r.omit(at, "another path is the same but for the names of its parameters")
				}
				known[key] = true
			}
		}
		paths = append(paths, template)
	}
	slices.SortFunc(paths, func(a, b *pathTemplate) int { return strings.Compare(a.order, b.order) })
	return paths
}

// route reads an operation of a path, whose parameters it shares.
func (r *reader) route(value any, at string, path *pathTemplate, shared []*parameter) *route {
	operation, at := r.follow(value, at)
	own := r.parameters(operation["parameters"], at+"/parameters", path)
	shared = slices.DeleteFunc(slices.Clone(shared), func(p *parameter) bool {
		return slices.ContainsFunc(own, func(o *parameter) bool { return o.in == p.in && o.name == p.name })
	})
	made := &route{parameters: slices.Concat(shared, own), responses: map[string]*described{}}
	for _, name := range path.names {
		if !slices.ContainsFunc(made.parameters, func(p *parameter) bool { return p.in == "path" && p.name == name }) {
			r.omit(at, "the parameter {"+name+"} is not described")
		}
	}
	made.security = r.everywhere
	if security, ok := operation["security"]; ok {
		made.security = r.security(security, at)
	}
	if body, ok := operation["requestBody"]; ok {
		body, at := r.follow(body, at+"/requestBody")
		made.body = &described{required: body["required"] == true, content: r.content(body["content"], at+"/content")}
	}
	for status, response := range members(object(operation["responses"])) {
		at := jsonpointer.Append(at+"/responses", status)
		if strings.HasPrefix(status, "x-") {
			continue
		}
		if status != "default" {
			status = strings.ToUpper(status) // 2xx is 2XX
		}
		if !statusName.MatchString(status) {
			r.omit(at, "not a status")
			continue
		}
		response, at := r.follow(response, at)
		made.responses[status] = &described{
			headers: r.headers(response["headers"], at+"/headers"), content: r.content(response["content"], at+"/content"),
		}
	}
	if len(made.responses) == 0 {
		r.omit(at, "no response is documented")
		made.responses["default"] = &described{}
	}
	return made
}

var statusName = regexp.MustCompile(`^([1-9]([0-9]{2}|XX)|default)$`)

// parameters reads those of an operation or a path, without the headers that OpenAPI wants to be ignored.
func (r *reader) parameters(value any, at string, path *pathTemplate) (parameters []*parameter) {
	list, _ := value.([]any)
	for i, value := range list {
		found, at := r.follow(value, at+"/"+strconv.Itoa(i))
		name, _ := found["name"].(string)
		in, _ := found["in"].(string)
		ignored := []string{"accept", "content-type", "authorization"}
		switch {
		case in == "header" && slices.Contains(ignored, strings.ToLower(name)):
		case slices.ContainsFunc(parameters, func(p *parameter) bool { return p.in == in && p.name == name }):
			r.omit(at, "another parameter has the same name and place")
		case in == "path" && !slices.Contains(path.names, name):
			r.omit(at, "the path has no such parameter")
		default:
			parameters = append(parameters, r.parameter(found, at, in, name))
		}
	}
	return parameters
}

// headers reads those of a response.
func (r *reader) headers(value any, at string) (headers []*parameter) {
	for name, header := range members(object(value)) {
		if !strings.EqualFold(name, "Content-Type") { // OpenAPI wants it to be ignored
			found, at := r.follow(header, jsonpointer.Append(at, name))
			headers = append(headers, r.parameter(found, at, "header", name))
		}
	}
	return headers
}

// styles are those that are checked beside deepObject, by the place of a parameter. Each is the default there.
var styles = map[string]string{"path": "simple", "header": "simple", "query": "form", "cookie": "form"}

func (r *reader) parameter(found map[string]any, at, in, name string) *parameter {
	p := &parameter{
		in: in, name: name, style: styles[in], required: found["required"] == true || in == "path",
		emptyIsGood: found["allowEmptyValue"] == true,
	}
	if style, ok := found["style"].(string); ok {
		p.style = style
	}
	explode, given := found["explode"].(bool)
	p.explode = given && explode || !given && p.style == "form"
	if p.style == "" || p.style != styles[in] && (p.style != "deepObject" || in != "query") {
		r.omit(at, "parameters of this place and style are not checked")
		p.notChecked = true
		return p
	}
	if _, ok := found["schema"]; ok {
		p.schema = r.schema(at + "/schema")
	}
	content := r.content(found["content"], at+"/content")
	exploded := in == "cookie" && p.explode && typesOf(p.schema)&scalars == 0 // OpenAPI does not say how
	if p.notChecked = len(content) > 1 || exploded; p.notChecked {
		r.omit(at, "parameters of this kind are not checked")
		return p
	}
	for _, media := range content {
		if media.isJSON() {
			p.schema, p.isJSON = media.schema, true
		}
	}
	p.wants = typesOf(p.schema)
	return p
}

// content reads the media types of a message, sorted by name.
func (r *reader) content(value any, at string) (list []media) {
	for name, value := range members(object(value)) {
		found, at := r.follow(value, jsonpointer.Append(at, name))
		parsed, err := parseMedia(name)
		if err != nil {
			r.fail(at, "not a media type")
		}
		documented := media{mediaType: parsed, text: name}
		if _, ok := found["schema"]; ok {
			if parsed.isJSON() || parsed.isRange() {
				documented.schema = r.schema(at + "/schema")
			}
			if !parsed.isJSON() {
				r.omit(at, "bodies that are not JSON are not checked")
			}
		}
		list = append(list, documented)
	}
	return list
}

// schema returns the schema at a place, or nil if it is not judged.
func (r *reader) schema(at string) *jsonschema.Schema {
	if schema, known := r.compiled[at]; known {
		return schema
	}
	schema, unknown, err := r.schemas.compile(at)
	if err != nil {
		r.errs = append(r.errs, err)
	} else if unknown != "" {
		r.omit(at, unknown)
	}
	r.compiled[at] = schema
	return schema
}

// hosts reads those of the servers.
func (r *reader) hosts() (hosts []string) {
	servers, _ := r.document["servers"].([]any)
	for _, server := range servers {
		text, _ := object(server)["url"].(string)
		if server, err := url.Parse(text); err == nil {
			hosts = append(hosts, strings.ToLower(server.Hostname()))
		}
	}
	return hosts
}

// security reads which credentials an operation needs.
func (r *reader) security(value any, at string) (alternatives []credentials) {
	schemes := object(object(r.document["components"])["securitySchemes"])
	requirements, _ := value.([]any)
	for _, requirement := range requirements {
		needed := credentials{}
		for name := range members(object(requirement)) {
			scheme, _ := r.follow(schemes[name], jsonpointer.Append("/components/securitySchemes", name))
			switch scheme["type"] {
			case nil:
				r.omit(at, fmt.Sprintf("security: no scheme is called %q", name))
				return nil
			case "mutualTLS":
			case "apiKey":
				in, _ := scheme["in"].(string)
				name, _ := scheme["name"].(string)
				needed = append(needed, &parameter{in: in, name: name})
			default:
				needed = append(needed, &parameter{in: "header", name: "Authorization"})
			}
		}
		alternatives = append(alternatives, needed)
	}
	return alternatives
}

func object(value any) map[string]any {
	found, _ := value.(map[string]any)
	return found
}

// members returns the members of an object, sorted by name.
func members[V any](object map[string]V) func(yield func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if !yield(name, object[name]) {
				return
			}
		}
	}
}
