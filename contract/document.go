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
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil && !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		var node yaml.Node
		if err = yaml.Unmarshal(text, &node); err == nil {
			value, err = (&yamlReader{left: 20 * len(text)}).value(&node)
		}
	}
	if err != nil {
		return nil, err
	}
	document, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not an object")
	}
	return document, nil
}

// yamlReader makes of YAML what JSON would be: the names of members are strings, 200 as well as "200".
type yamlReader struct{ left int } // values, because aliases can name some without end

func (r *yamlReader) value(node *yaml.Node) (any, error) {
	if r.left--; r.left < 0 {
		return nil, errors.New("its YAML aliases make it too large")
	}
	switch node.Kind {
	case yaml.DocumentNode:
		return r.value(node.Content[0])
	case yaml.AliasNode:
		return r.value(node.Alias)
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			var err error
			if list[i], err = r.value(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	case yaml.MappingNode:
		found, merged := map[string]any{}, []any(nil)
		for i := 0; i+1 < len(node.Content); i += 2 {
			name, member := node.Content[i], node.Content[i+1]
			value, err := r.value(member)
			if err != nil {
				return nil, err
			}
			if name.ShortTag() == "!!merge" {
				merged = append(merged, value)
			} else {
				found[name.Value] = value
			}
		}
		for len(merged) > 0 {
			switch source := merged[0].(type) {
			case []any:
				merged = append(merged, source...)
			case map[string]any:
				for name, value := range source {
					if _, has := found[name]; !has {
						found[name] = value
					}
				}
			}
			merged = merged[1:]
		}
		return found, nil
	}
	return scalarOfYAML(node), nil
}

func scalarOfYAML(node *yaml.Node) any {
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true")
	case "!!int", "!!float":
		if isNumber(node.Value) {
			return json.Number(node.Value)
		}
		var number any // 0x1F, or .inf, which JSON does not have
		if err := node.Decode(&number); err == nil && isNumber(fmt.Sprint(number)) {
			return json.Number(fmt.Sprint(number))
		}
	}
	return node.Value
}

var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,4})?$`)

// isNumber reports whether a text is a number of JSON, and of a size that can be calculated with.
func isNumber(text string) bool { return number.MatchString(text) }

// checkNumbers reports numbers that would take the schema library all memory.
func checkNumbers(value any, at string) error {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if err := checkNumbers(member, jsonpointer.Append(at, name)); err != nil {
				return err
			}
		}
	case []any:
		for i, item := range value {
			if err := checkNumbers(item, at+"/"+strconv.Itoa(i)); err != nil {
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

// outline is a document without what does not matter to a check, and with every reference but those of schemas
// resolved. Instead of a schema it has the pointer to it, so kin-openapi, which reads the outline, neither refuses nor
// changes a schema.
type outline struct {
	document   map[string]any
	roots      map[string]bool // pointers of the schemas of parameters, headers and bodies
	whole      bool            // each has to be one of its own
	notChecked []string
	errs       []error
}

// schemaPointer is the extension that takes the place of a schema in an outline.
const schemaPointer = "x-schema-pointer"

// maxReferences is how many references in a row are followed.
const maxReferences = 32

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

// text returns the outline as JSON.
func (o *outline) text() ([]byte, error) {
	paths := map[string]any{}
	for name, item := range members(o.document["paths"]) {
		if strings.HasPrefix(name, "/") {
			at := jsonpointer.Append("/paths", name)
			paths[name] = o.pathItem(item, at)
			o.matchParameters(name, object(paths[name]), at)
		}
	}
	schemes := map[string]any{}
	components := object(o.document["components"])
	for name, scheme := range members(components["securitySchemes"]) {
		schemes[name] = o.securityScheme(scheme, jsonpointer.Append("/components/securitySchemes", name))
	}
	servers := []any{}
	list, _ := o.document["servers"].([]any)
	for _, server := range list {
		if url, ok := object(server)["url"].(string); ok {
			servers = append(servers, map[string]any{"url": url})
		}
	}
	kept := pick(o.document, "openapi", "security")
	kept["info"] = map[string]any{"title": "outline", "version": "1"}
	kept["paths"], kept["servers"] = paths, servers
	kept["components"] = map[string]any{"securitySchemes": schemes}
	if len(o.errs) > 0 {
		return nil, errors.Join(o.errs[:min(len(o.errs), 5)]...)
	}
	return json.Marshal(kept)
}

func (o *outline) fail(at, format string, args ...any) {
	o.errs = append(o.errs, fmt.Errorf("%q: %s", "#"+at, fmt.Sprintf(format, args...)))
}

func (o *outline) omit(at, reason string) {
	o.notChecked = append(o.notChecked, fmt.Sprintf("%q: %s", "#"+at, reason))
}

// follow returns the object that a value is or refers to, and its pointer. It reports a reference that leads nowhere.
func (o *outline) follow(value any, at string) (map[string]any, string) {
	for range maxReferences {
		found, ok := value.(map[string]any)
		if !ok && value != nil {
			o.fail(at, "not an object")
			return nil, at
		}
		ref, ok := found["$ref"].(string)
		if !ok {
			return found, at
		}
		pointer, local := strings.CutPrefix(ref, "#")
		pointer, err := url.PathUnescape(pointer)
		if value, ok = lookup(o.document, pointer); !local || err != nil || !ok {
			o.fail(at, "$ref %q leads to nothing in the document", ref)
			return nil, at
		}
		at = pointer
	}
	o.fail(at, "$ref without end")
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

func (o *outline) pathItem(value any, at string) map[string]any {
	item, target := o.follow(value, at)
	member := func(name string) (any, string, bool) {
		if found, ok := item[name]; ok {
			return found, target + "/" + name, true
		}
		found, ok := object(value)[name] // OpenAPI allows operations beside the $ref of a path
		return found, at + "/" + name, ok
	}
	parameters, place, _ := member("parameters")
	kept := map[string]any{"parameters": o.parameters(parameters, place)}
	for _, method := range methods {
		if operation, place, ok := member(method); ok {
			kept[method] = o.operation(operation, place)
		}
	}
	return kept
}

// matchParameters makes the parameters of a path those that its template has, which kin-openapi insists on.
func (o *outline) matchParameters(path string, item map[string]any, at string) {
	inTemplate := templateName.FindAllString(path, -1)
	declared := map[string]bool{}
	strange := func(value any) bool {
		parameter := object(value)
		name := fmt.Sprintf("{%s}", parameter["name"])
		declared[name] = declared[name] || parameter["in"] == "path"
		return parameter["in"] == "path" && !slices.Contains(inTemplate, name)
	}
	filter := func(in map[string]any) []any {
		list, _ := in["parameters"].([]any)
		before := len(list)
		list = slices.DeleteFunc(list, strange)
		if len(list) < before {
			o.omit(at, "the path has no such parameter")
		}
		return list
	}
	item["parameters"] = filter(item)
	ofAll := maps.Clone(declared)
	for _, method := range methods {
		operation := object(item[method])
		if operation == nil {
			continue
		}
		declared = maps.Clone(ofAll)
		list := filter(operation)
		for _, name := range inTemplate {
			if !declared[name] {
				o.omit(at+"/"+method, "the parameter "+name+" is not described")
				list = append(list, map[string]any{
					"name": strings.Trim(name, "{}"), "in": "path", "required": true, "schema": map[string]any{},
				})
				declared[name] = true
			}
		}
		operation["parameters"] = list
	}
}

func (o *outline) operation(value any, at string) map[string]any {
	operation, at := o.follow(value, at)
	kept := pick(operation, "security")
	kept["parameters"] = o.parameters(operation["parameters"], at+"/parameters")
	if body, ok := operation["requestBody"]; ok {
		body, at := o.follow(body, at+"/requestBody")
		kept["requestBody"] = pick(body, "required")
		object(kept["requestBody"])["content"] = o.content(body["content"], at+"/content")
	}
	responses := map[string]any{}
	for status, response := range members(operation["responses"]) {
		at := jsonpointer.Append(at+"/responses", status)
		if strings.HasPrefix(status, "x-") {
			continue
		}
		if status != "default" {
			status = strings.ToUpper(status) // 2xx is 2XX
		}
		if !statusName.MatchString(status) {
			o.omit(at, "not a status")
			continue
		}
		response, at := o.follow(response, at)
		responses[status] = map[string]any{
			"description": "", "headers": o.headers(response["headers"], at+"/headers"),
			"content": o.content(response["content"], at+"/content"),
		}
	}
	if len(responses) == 0 {
		o.omit(at, "no response is documented")
		responses["default"] = map[string]any{"description": ""}
	}
	kept["responses"] = responses
	return kept
}

var statusName = regexp.MustCompile(`^([1-9]([0-9]{2}|XX)|default)$`)

// ignored reports whether OpenAPI wants a header parameter to be ignored.
func ignored(header string) bool {
	return slices.Contains([]string{"accept", "content-type", "authorization"}, strings.ToLower(header))
}

func (o *outline) parameters(value any, at string) []any {
	kept := []any{}
	list, _ := value.([]any)
	for i, parameter := range list {
		parameter, at := o.follow(parameter, at+"/"+strconv.Itoa(i))
		name, _ := parameter["name"].(string)
		if parameter["in"] == "header" && ignored(name) {
			continue
		}
		keep := o.typed(parameter, at, "name", "in", "required", "style", "explode", "allowEmptyValue")
		if parameter["in"] == "path" {
			keep["required"] = true
		}
		kept = append(kept, keep)
	}
	return kept
}

func (o *outline) headers(value any, at string) map[string]any {
	kept := map[string]any{}
	for name, header := range members(value) {
		if strings.EqualFold(name, "Content-Type") { // OpenAPI wants it to be ignored
			continue
		}
		header, at := o.follow(header, jsonpointer.Append(at, name))
		kept[name] = o.typed(header, at, "required", "style", "explode")
	}
	return kept
}

// typed keeps some members of a parameter or header, and its schema or content.
func (o *outline) typed(parameter map[string]any, at string, names ...string) map[string]any {
	kept := pick(parameter, names...)
	if content, ok := parameter["content"]; ok {
		kept["content"] = o.content(content, at+"/content")
	} else {
		kept["schema"] = map[string]any{}
	}
	if _, ok := parameter["schema"]; ok {
		kept["schema"] = o.schema(at + "/schema")
	}
	return kept
}

func (o *outline) content(value any, at string) map[string]any {
	kept := map[string]any{}
	for name, media := range members(value) {
		media, at := o.follow(media, jsonpointer.Append(at, name))
		keep := map[string]any{}
		if _, ok := media["schema"]; ok {
			keep["schema"] = o.schema(at + "/schema")
			if documented, err := parseMedia(name); err == nil && !documented.isJSON() && !documented.isRange() {
				o.omit(at, "bodies that are not JSON are not checked")
			}
		}
		kept[name] = keep
	}
	return kept
}

func (o *outline) schema(at string) map[string]any {
	for range maxReferences { // a schema that is a $ref alone is what it refers to, which saves a step of every check
		schema, _ := lookup(o.document, at)
		ref, _ := object(schema)["$ref"].(string)
		if o.whole || len(object(schema)) != 1 || !strings.HasPrefix(ref, "#/") || strings.Contains(ref, "%") {
			break
		}
		if _, ok := lookup(o.document, ref[1:]); !ok {
			break
		}
		at = ref[1:]
	}
	o.roots[at] = true
	return map[string]any{schemaPointer: at}
}

func (o *outline) securityScheme(value any, at string) map[string]any {
	scheme, _ := o.follow(value, at)
	switch scheme["type"] {
	case "apiKey", "mutualTLS":
		return pick(scheme, "type", "in", "name")
	}
	return map[string]any{"type": "http", "scheme": "bearer"} // all others come in Authorization
}

func object(value any) map[string]any {
	found, _ := value.(map[string]any)
	return found
}

// members returns the members of an object, sorted by name.
func members(value any) func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		found := object(value)
		for _, name := range slices.Sorted(maps.Keys(found)) {
			if !yield(name, found[name]) {
				return
			}
		}
	}
}

func pick(from map[string]any, names ...string) map[string]any {
	kept := map[string]any{}
	for _, name := range names {
		if value, ok := from[name]; ok {
			kept[name] = value
		}
	}
	return kept
}
