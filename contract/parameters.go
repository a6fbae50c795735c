package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// parameter is a parameter of a request or a header of a response.
type parameter struct {
	in, name, style       string
	explode               bool
	required, emptyIsGood bool
	schema                *jsonschema.Schema // nil if any text is good
	wants                 jsonTypes          // by the schema
	content               bool               // the text is JSON
}

func (c *Contract) newParameter(p *openapi3.Parameter) (*parameter, error) {
	method, err := p.SerializationMethod()
	if err != nil {
		return nil, err
	}
	made := &parameter{
		in: p.In, name: p.Name, style: method.Style, explode: method.Explode, required: p.Required,
		emptyIsGood: p.AllowEmptyValue,
	}
	schema := p.Schema
	for name, media := range p.Content { // there is one
		if documented, err := parseMedia(name); err == nil && documented.isJSON() {
			schema, made.content = media.Schema, true
		}
	}
	if schema != nil {
		made.schema = c.schemas[schema.Value]
	}
	made.wants = typesOf(made.schema)
	return made, nil
}

// parameterFindings checks parameters and security.
func (c *Contract) parameterFindings(req *http.Request, route *route, inPath map[string]string) (findings []Finding) {
	received := received{inPath, pairsOf(req.URL.RawQuery), canonical(req.Header), route}
	findings = missingCredentials(route.security, req, received)
	for _, p := range route.parameters {
		if keyword, detail := c.checkParameter(p, received); keyword != "" {
			findings = append(findings, Finding{PartyClient, "request " + p.in + " " + p.name, "", keyword, detail})
		}
	}
	return findings
}

// newHeaders returns the headers that the document describes of a response.
func (c *Contract) newHeaders(documented openapi3.Headers) (headers []*parameter, err error) {
	for _, name := range slices.Sorted(maps.Keys(documented)) {
		described := documented[name].Value.Parameter
		described.In, described.Name = "header", name
		header, err := c.newParameter(&described)
		if err != nil {
			return nil, fmt.Errorf("header %q: %w", name, err)
		}
		headers = append(headers, header)
	}
	return headers, nil
}

// headerFindings checks the headers of a response.
func (c *Contract) headerFindings(documented []*parameter, header http.Header, response string) (findings []Finding) {
	for _, p := range documented {
		if keyword, detail := c.checkParameter(p, received{header: header}); keyword != "" {
			findings = append(findings, Finding{PartyServer, response + " header " + p.name, "", keyword, detail})
		}
	}
	return findings
}

// received is what of a message holds parameters.
type received struct {
	path   map[string]string
	query  []pair
	header http.Header
	route  *route
}

// pair is a name and a value that is still escaped.
type pair struct{ name, value string }

func pairsOf(query string) (list []pair) {
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			list = append(list, pair{unescape(name), value})
		}
	}
	return list
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

func unescapePath(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

func asItIs(text string) string { return text }

// checkParameter returns the keyword and the detail of a finding, "" for none.
func (c *Contract) checkParameter(p *parameter, from received) (keyword, detail string) {
	texts, plain := p.texts(from)
	wants := p.wants
	if p.in == "query" && !p.content && wants&objects != 0 && (p.style == "deepObject" || p.style == "form" && p.explode) {
		if fields := p.fields(from); len(fields) > 0 {
			return c.fitting(p.schema, []any{c.fromFields(p.schema, fields)})
		}
	}
	switch {
	case len(texts) == 0 && p.required:
		return "required", "missing"
	case len(texts) == 0, p.emptyIsGood && texts[0] == "":
		return "", ""
	case p.content:
		value, _, problem := decode([]byte(plain(texts[0])))
		if problem != "" {
			return "json", problem
		}
		return c.fitting(p.schema, []any{value})
	}
	list := wants&(arrays|objects) != 0
	if len(texts) > 1 && (!list || !p.explode || p.style != "form") {
		return "schema", "occurs " + strconv.Itoa(len(texts)) + " times"
	}
	var values []any
	if wants&objects != 0 && len(texts) == 1 {
		values = append(values, c.fromFields(p.schema, p.members(texts[0], plain)))
	}
	if wants&arrays != 0 {
		for _, items := range p.items(texts) {
			values = append(values, c.fromItems(p.schema, items, plain))
		}
	}
	if wants&^(arrays|objects) != 0 && len(texts) == 1 {
		values = append([]any{c.scalar(p.schema, plain(p.unprefixed(texts[0])))}, values...)
	}
	return c.fitting(p.schema, values)
}

// fitting finds nothing if one of the values that a text can mean fits a schema, or what is wrong with the first.
func (c *Contract) fitting(schema *jsonschema.Schema, values []any) (keyword, detail string) {
	for i, value := range values {
		found := c.judge(schema, value)
		if len(found) == 0 {
			return "", ""
		}
		if i == 0 {
			detail = "does not fit its schema: " + found[0].Keyword + ": " + found[0].Detail
		}
	}
	return "schema", cmp.Or(detail, "does not fit its schema")
}

// texts returns the values of a parameter, still escaped, and what undoes that.
func (p *parameter) texts(from received) (texts []string, plain func(string) string) {
	switch p.in {
	case "path":
		if text, ok := from.path[p.name]; ok {
			return []string{text}, unescapePath
		}
	case "query":
		for _, pair := range from.query {
			if pair.name == p.name {
				texts = append(texts, pair.value)
			}
		}
		return texts, unescape
	case "header":
		texts = from.header.Values(p.name)
		list := p.wants&(arrays|objects) != 0 || slices.Contains(listHeaders, http.CanonicalHeaderKey(p.name))
		if list && len(texts) > 1 { // lines of a list are one list (RFC 9110, 5.3)
			texts = []string{strings.Join(texts, ",")}
		}
		return texts, strings.TrimSpace
	case "cookie":
		for _, cookie := range (&http.Request{Header: from.header}).Cookies() {
			if cookie.Name == p.name {
				texts = append(texts, cookie.Value)
			}
		}
	}
	return texts, unescapePath
}

// listHeaders are headers that may come in several lines although documents often describe them as one text.
var listHeaders = []string{
	"Allow", "Cache-Control", "Link", "Set-Cookie", "Vary", "Via", "Warning", "Www-Authenticate", "X-Forwarded-For",
}

// separated splits a text at the delimiters of a style that are not escaped. In a query some have to be.
func (p *parameter) separated(text string) []string {
	switch p.style {
	case "spaceDelimited":
		text = strings.NewReplacer("%20", " ", "+", " ").Replace(text)
		return strings.Split(text, " ")
	case "pipeDelimited":
		text = strings.NewReplacer("%7C", "|", "%7c", "|").Replace(text)
		return strings.Split(text, "|")
	}
	return strings.Split(text, ",")
}

// unprefixed returns the value of a text of the styles label and matrix.
func (p *parameter) unprefixed(text string) string {
	switch p.style {
	case "label":
		return strings.TrimPrefix(text, ".")
	case "matrix":
		return strings.TrimPrefix(text, ";"+p.name+"=")
	}
	return text
}

// items returns the lists that texts can mean.
func (p *parameter) items(texts []string) (lists [][]string) {
	text := p.unprefixed(texts[0])
	switch {
	case p.style == "matrix" && p.explode:
		return [][]string{strings.Split(text, ";"+p.name+"=")}
	case p.style == "label" && (p.explode || !strings.Contains(text, ",")): // OpenAPI 3.1.0 has dots in both
		lists = [][]string{strings.Split(text, ".")}
	case p.explode && (p.in == "query" || p.in == "cookie"):
		lists = [][]string{texts}
	default:
		lists = [][]string{p.separated(text)}
	}
	if len(texts) == 1 && text == "" {
		lists = append(lists, nil)
	}
	return lists
}

// members returns the object that a text means: "a,1,b,2" or, exploded, "a=1,b=2".
func (p *parameter) members(text string, plain func(string) string) (fields []pair) {
	text = p.unprefixed(text)
	parts := p.separated(text)
	switch {
	case p.style == "matrix" && p.explode:
		parts = strings.Split(strings.TrimPrefix(text, ";"), ";")
	case p.style == "label" && (p.explode || len(parts) == 1):
		parts = strings.Split(text, ".")
	}
	if p.explode && p.in != "query" {
		for _, part := range parts {
			name, value, _ := strings.Cut(part, "=")
			fields = append(fields, pair{plain(name), plain(value)})
		}
		return fields
	}
	for i := 0; i+1 < len(parts); i += 2 {
		fields = append(fields, pair{plain(parts[i]), plain(parts[i+1])})
	}
	return fields
}

// fields returns the members of an object that a query holds by their own names, or as name[member].
func (p *parameter) fields(from received) (fields []pair) {
	for _, pair := range from.query {
		if p.style == "deepObject" {
			rest, ok := strings.CutPrefix(pair.name, p.name+"[")
			if ok && strings.HasSuffix(rest, "]") {
				pair.name, pair.value = strings.TrimSuffix(rest, "]"), unescape(pair.value)
				fields = append(fields, pair)
			}
			continue
		}
		other := slices.ContainsFunc(from.route.parameters, func(o *parameter) bool {
			return o != p && o.in == "query" && o.name == pair.name
		})
		named := memberSchema(p.schema, pair.name)
		if !other && (named != nil || p.wants == objects) {
			pair.value = unescape(pair.value)
			fields = append(fields, pair)
		}
	}
	return fields
}

func (c *Contract) fromItems(schema *jsonschema.Schema, items []string, plain func(string) string) any {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = c.scalar(itemSchema(schema, i), plain(item))
	}
	return list
}

// fromFields makes an object of fields. "a][b" is b of a, and a name that occurs twice is a list.
func (c *Contract) fromFields(schema *jsonschema.Schema, fields []pair) any {
	made, nested, lists := map[string]any{}, map[string][]pair{}, map[string][]string{}
	for _, field := range fields {
		name, rest, deeper := strings.Cut(field.name, "][")
		if deeper && rest != "" {
			nested[name] = append(nested[name], pair{rest, field.value})
		} else {
			lists[name] = append(lists[name], field.value)
		}
	}
	for name, texts := range lists {
		member := memberSchema(schema, name)
		if len(texts) > 1 || typesOf(member) == arrays {
			made[name] = c.fromItems(member, texts, asItIs)
		} else {
			made[name] = c.scalar(member, texts[0])
		}
	}
	for name, fields := range nested {
		made[name] = c.fromFields(memberSchema(schema, name), fields)
	}
	return made
}

// scalar returns what a text means: of the values that a schema can want the first that fits.
func (c *Contract) scalar(schema *jsonschema.Schema, text string) any {
	wants, values := typesOf(schema), []any(nil)
	if wants&numbers != 0 && isNumber(text) {
		values = append(values, json.Number(text))
	}
	if wants&booleans != 0 && (text == "true" || text == "false") {
		values = append(values, text == "true")
	}
	if wants&nulls != 0 && wants&texts == 0 && (text == "" || text == "null") {
		values = append(values, nil)
	}
	if wants&texts != 0 || len(values) == 0 {
		values = append(values, text)
	}
	for _, value := range values {
		if len(values) == 1 || len(c.judge(schema, value)) == 0 {
			return value
		}
	}
	return values[0]
}

// jsonTypes is a set of the types of JSON.
type jsonTypes int

const (
	nulls jsonTypes = 1 << iota
	booleans
	numbers
	texts
	arrays
	objects
	anything = nulls | booleans | numbers | texts | arrays | objects
)

var typeNames = map[string]jsonTypes{
	"null": nulls, "boolean": booleans, "number": numbers, "integer": numbers, "string": texts, "array": arrays,
	"object": objects,
}

// typesOf returns the types that a schema can want of a value, so that a text can be read as one of them.
func typesOf(schema *jsonschema.Schema) jsonTypes {
	if schema == nil {
		return anything
	}
	wants := typesWithin(schema, map[*jsonschema.Schema]jsonTypes{})
	if wants == anything {
		if hints := hintsWithin(schema, map[*jsonschema.Schema]bool{}); hints != 0 {
			return hints
		}
	}
	return wants
}

func typesWithin(schema *jsonschema.Schema, known map[*jsonschema.Schema]jsonTypes) jsonTypes {
	if wants, ok := known[schema]; ok {
		return wants
	}
	wants := anything
	known[schema] = wants
	defer func() { known[schema] = wants }()
	if schema.Types != nil {
		wants = 0
		for _, name := range schema.Types.ToStrings() {
			wants |= typeNames[name]
		}
	}
	if schema.Const != nil {
		wants &= typeOf(*schema.Const)
	}
	if schema.Enum != nil {
		var listed jsonTypes
		for _, value := range schema.Enum.Values {
			listed |= typeOf(value)
		}
		wants &= listed
	}
	for _, same := range append([]*jsonschema.Schema{schema.Ref}, schema.AllOf...) {
		if same != nil {
			wants &= typesWithin(same, known)
		}
	}
	for _, alternatives := range [][]*jsonschema.Schema{schema.AnyOf, schema.OneOf} {
		var listed jsonTypes
		for _, alternative := range alternatives {
			listed |= typesWithin(alternative, known)
		}
		if len(alternatives) > 0 {
			wants &= listed
		}
	}
	return wants
}

func typeOf(value any) jsonTypes {
	switch value.(type) {
	case nil:
		return nulls
	case bool:
		return booleans
	case string:
		return texts
	case []any:
		return arrays
	case map[string]any:
		return objects
	}
	return numbers
}

// hintsWithin returns the types that the keywords of a schema without a type are about, 0 for none.
func hintsWithin(s *jsonschema.Schema, seen map[*jsonschema.Schema]bool) (hints jsonTypes) {
	if seen[s] {
		return 0
	}
	seen[s] = true
	if s.Format != nil || s.Pattern != nil || s.MinLength != nil || s.MaxLength != nil {
		hints |= texts
	}
	if s.Minimum != nil || s.Maximum != nil || s.ExclusiveMinimum != nil || s.ExclusiveMaximum != nil ||
		s.MultipleOf != nil {
		hints |= numbers
	}
	if s.Items2020 != nil || s.PrefixItems != nil || s.Contains != nil || s.MinItems != nil || s.MaxItems != nil ||
		s.UniqueItems {
		hints |= arrays
	}
	if s.Properties != nil || s.Required != nil || s.PatternProperties != nil || s.AdditionalProperties != nil {
		hints |= objects
	}
	for _, same := range ofSameValue(s) {
		hints |= hintsWithin(same, seen)
	}
	return hints
}

func itemSchema(schema *jsonschema.Schema, i int) *jsonschema.Schema {
	return partSchema(schema, map[*jsonschema.Schema]bool{}, func(s *jsonschema.Schema) *jsonschema.Schema {
		if i < len(s.PrefixItems) {
			return s.PrefixItems[i]
		}
		return cmp.Or(s.Items2020, s.Contains)
	})
}

func memberSchema(schema *jsonschema.Schema, name string) *jsonschema.Schema {
	return partSchema(schema, map[*jsonschema.Schema]bool{}, func(s *jsonschema.Schema) *jsonschema.Schema {
		for pattern, member := range s.PatternProperties {
			if matches(pattern, name) {
				return member
			}
		}
		additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
		return cmp.Or(s.Properties[name], additional)
	})
}

// matches reports false if the comparison takes too long.
func matches(pattern jsonschema.Regexp, text string) (matched bool) {
	defer func() {
		if cause := recover(); cause != nil && cause != any(tooManySteps{}) {
			panic(cause)
		}
	}()
	return pattern.MatchString(text)
}

// partSchema returns the first part that a schema, or one that it applies to the same value, has.
func partSchema(schema *jsonschema.Schema, seen map[*jsonschema.Schema]bool,
	part func(*jsonschema.Schema) *jsonschema.Schema,
) *jsonschema.Schema {
	if schema == nil || seen[schema] {
		return nil
	}
	seen[schema] = true
	if found := part(schema); found != nil {
		return found
	}
	for _, same := range ofSameValue(schema) {
		if found := partSchema(same, seen, part); found != nil {
			return found
		}
	}
	return nil
}

// credentials are the places that must hold one, all of them: "header x-api-key".
type credentials []credential

type credential struct{ in, name string }

func (c *Contract) newSecurity(requirements openapi3.SecurityRequirements) (list []credentials, err error) {
	for _, requirement := range requirements {
		needed := credentials{}
		for _, name := range slices.Sorted(maps.Keys(requirement)) {
			scheme := c.doc.Components.SecuritySchemes[name]
			if scheme == nil || scheme.Value == nil {
				return nil, fmt.Errorf("no security scheme is called %q", name)
			}
			switch scheme.Value.Type {
			case "mutualTLS":
			case "apiKey":
				needed = append(needed, credential{scheme.Value.In, scheme.Value.Name})
			default:
				needed = append(needed, credential{"header", "Authorization"})
			}
		}
		list = append(list, needed)
	}
	return list, nil
}

// missingCredentials wants credentials to be there; the server decides whether they are right.
func missingCredentials(alternatives []credentials, req *http.Request, from received) []Finding {
	var missing []Finding
	for _, needed := range alternatives {
		i := slices.IndexFunc(needed, func(place credential) bool { return !place.given(req, from) })
		if i < 0 {
			return nil
		}
		missing = append(missing, Finding{
			PartyClient, "request " + needed[i].in + " " + needed[i].name, "", "security", "missing",
		})
	}
	return missing[:min(len(missing), 1)]
}

func (p credential) given(req *http.Request, from received) bool {
	value := ""
	switch p.in {
	case "header":
		value = from.header.Get(p.name)
	case "query":
		value = req.URL.Query().Get(p.name)
	case "cookie":
		if cookie, err := req.Cookie(p.name); err == nil {
			value = cookie.Value
		}
	}
	return strings.TrimSpace(value) != ""
}
