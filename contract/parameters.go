package contract

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// parameter is a parameter of a request or a header of a response.
type parameter struct {
	in, name, style       string
	explode               bool
	required, emptyIsGood bool
	notChecked            bool
	schema                *jsonschema.Schema // nil if any text is good
	wants                 jsonTypes          // by the schema
	isJSON                bool               // the text
}

// parameterFindings checks parameters and security.
func (c *Contract) parameterFindings(req *http.Request, route *route, inPath map[string]string) []Finding {
	from := received{inPath, pairsOf(req.URL.RawQuery), canonical(req.Header), route}
	return append(missingCredentials(route.security, from),
		c.checkParameters(route.parameters, from, PartyClient, "request ")...)
}

// headerFindings checks the headers of a response.
func (c *Contract) headerFindings(documented []*parameter, header http.Header, response string) []Finding {
	return c.checkParameters(documented, received{header: header}, PartyServer, response+" ")
}

func (c *Contract) checkParameters(list []*parameter, from received, party Party, message string) (found []Finding) {
	for _, p := range list {
		if keyword, detail := c.checkParameter(p, from); keyword != "" {
			found = append(found, Finding{party, message + p.in + " " + p.name, "", keyword, detail})
		}
	}
	return found
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

// checkParameter returns the keyword and the detail of a finding, "" for none.
func (c *Contract) checkParameter(p *parameter, from received) (keyword, detail string) {
	if p.notChecked {
		return "", ""
	}
	if fields := p.fields(from.query, from.route); len(fields) > 0 {
		return c.fitting(p.schema, c.meanings(func(read reading) any { return objectOf(p.schema, fields, read) }))
	}
	given, plain := p.texts(from)
	switch {
	case len(given) == 0 && p.required:
		return "required", "missing"
	case len(given) == 0, p.emptyIsGood && given[0] == "":
		return "", ""
	case p.isJSON:
		value, _, problem := decode([]byte(plain(given[0])))
		if problem != "" {
			return "json", problem
		}
		return c.fitting(p.schema, []any{value})
	}
	apart := p.explode && p.style == "form" // the items of a list
	if len(given) > 1 && (!apart || p.wants&arrays == 0) {
		return "schema", "occurs " + strconv.Itoa(len(given)) + " times"
	}
	wants, parts := p.wants, given
	if wants == anything && len(given) == 1 {
		wants = scalars
	}
	if !apart {
		parts = strings.Split(given[0], ",")
	}
	var values []any
	if wants&scalars != 0 && len(given) == 1 {
		values = append(values, c.scalar(p.schema, plain(given[0])))
	}
	if wants&objects != 0 && len(given) == 1 {
		fields := fieldsOf(parts, p.explode, plain)
		values = append(values, c.meanings(func(read reading) any { return objectOf(p.schema, fields, read) })...)
	}
	if wants&arrays != 0 {
		for i, part := range parts {
			parts[i] = plain(part)
		}
		values = append(values, c.meanings(func(read reading) any { return listOf(p.schema, parts, read) })...)
		if len(parts) == 1 && parts[0] == "" {
			values = append(values, []any{})
		}
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
		texts = []string{from.path[p.name]}
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

// fields returns the members of an object that a query holds by their own names, or as name[member].
func (p *parameter) fields(query []pair, route *route) (fields []pair) {
	if p.wants&objects == 0 || p.isJSON || !p.explode && p.style != "deepObject" {
		return nil
	}
	for _, pair := range query {
		pair.value = unescape(pair.value)
		rest, within := strings.CutPrefix(pair.name, p.name+"[")
		other := slices.ContainsFunc(route.parameters, func(o *parameter) bool {
			return o != p && o.in == "query" && o.name == pair.name
		})
		switch {
		case p.style == "deepObject":
			if name, closed := strings.CutSuffix(rest, "]"); within && closed {
				pair.name = name
				fields = append(fields, pair)
			}
		case !other && (p.wants == objects || memberSchema(p.schema, pair.name) != nil):
			fields = append(fields, pair)
		}
	}
	return fields
}

// fieldsOf returns the members of an object of "a,1,b,2" or, exploded, "a=1,b=2".
func fieldsOf(parts []string, explode bool, plain func(string) string) (fields []pair) {
	if explode {
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

// reading makes a value of the text of an item or a member. Its schema may be nil.
type reading func(schema *jsonschema.Schema, text string) any

// meanings returns the values that a parameter of several parts can mean: where the document does not say what a part
// is, "1" can be a number or a text.
func (c *Contract) meanings(value func(reading) any) []any {
	return []any{value(c.scalar), value(func(schema *jsonschema.Schema, text string) any {
		if typesOf(schema) == anything {
			return text
		}
		return c.scalar(schema, text)
	})}
}

func listOf(schema *jsonschema.Schema, items []string, read reading) any {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = read(itemSchema(schema, i), item)
	}
	return list
}

// objectOf makes an object of fields. "a][b" is b of a, and a name that occurs twice is a list.
func objectOf(schema *jsonschema.Schema, fields []pair, read reading) any {
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
			made[name] = listOf(member, texts, read)
		} else {
			made[name] = read(member, texts[0])
		}
	}
	for name, fields := range nested {
		made[name] = objectOf(memberSchema(schema, name), fields, read)
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
	scalars  = nulls | booleans | numbers | texts
	anything = scalars | arrays | objects
)

var typeNames = map[string]jsonTypes{
	"null": nulls, "boolean": booleans, "number": numbers, "integer": numbers, "string": texts, "array": arrays,
	"object": objects,
}

// typesOf returns the types that a schema can want of a value, so that a text can be read as one of them. A schema
// without a type wants what its keywords are about.
func typesOf(schema *jsonschema.Schema) jsonTypes {
	return typesWithin(schema, map[*jsonschema.Schema]jsonTypes{})
}

func typesWithin(s *jsonschema.Schema, known map[*jsonschema.Schema]jsonTypes) jsonTypes {
	if s == nil {
		return anything
	}
	if wants, ok := known[s]; ok {
		return wants
	}
	known[s] = anything
	wants := anything
	narrow := func(to jsonTypes) {
		if wants&to != 0 { // what does not go together is found when a value is judged
			wants &= to
		}
	}
	if s.Types != nil {
		var listed jsonTypes
		for _, name := range s.Types.ToStrings() {
			listed |= typeNames[name]
		}
		narrow(listed)
	}
	if s.Const != nil {
		narrow(typeOf(*s.Const))
	}
	if s.Enum != nil {
		var listed jsonTypes
		for _, value := range s.Enum.Values {
			listed |= typeOf(value)
		}
		narrow(listed)
	}
	for _, same := range append([]*jsonschema.Schema{s.Ref}, s.AllOf...) {
		narrow(typesWithin(same, known))
	}
	for _, alternatives := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		var listed jsonTypes
		for _, alternative := range alternatives {
			listed |= typesWithin(alternative, known)
		}
		narrow(listed)
	}
	if wants == anything {
		narrow(typesOfKeywords(s))
	}
	known[s] = wants
	return wants
}

func typesOfKeywords(s *jsonschema.Schema) (wants jsonTypes) {
	if s.Format != nil || s.Pattern != nil || s.MinLength != nil || s.MaxLength != nil {
		wants |= texts
	}
	if s.Minimum != nil || s.Maximum != nil || s.ExclusiveMinimum != nil || s.ExclusiveMaximum != nil ||
		s.MultipleOf != nil {
		wants |= numbers
	}
	if s.Items2020 != nil || s.PrefixItems != nil || s.Contains != nil || s.MinItems != nil || s.MaxItems != nil ||
		s.UniqueItems {
		wants |= arrays
	}
	if s.Properties != nil || s.Required != nil || s.PatternProperties != nil || s.AdditionalProperties != nil {
		wants |= objects
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

// itemSchema returns the schema of an item, or nil if there is none.
func itemSchema(schema *jsonschema.Schema, i int) *jsonschema.Schema {
	return firstOf(schema, func(s *jsonschema.Schema) *jsonschema.Schema {
		if i < len(s.PrefixItems) {
			return s.PrefixItems[i]
		}
		if s.Const != nil {
			if list, ok := (*s.Const).([]any); ok && i < len(list) {
				return &jsonschema.Schema{DraftVersion: 2020, Const: &list[i]}
			}
		}
		return s.Items2020
	})
}

// memberSchema returns the schema of a member, or nil if there is none.
func memberSchema(schema *jsonschema.Schema, name string) *jsonschema.Schema {
	return firstOf(schema, func(s *jsonschema.Schema) *jsonschema.Schema {
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

// credentials are the places that must hold one, all of them.
type credentials []*parameter

// missingCredentials wants credentials to be there; the server decides whether they are right.
func missingCredentials(alternatives []credentials, from received) []Finding {
	var missing []Finding
	for _, needed := range alternatives {
		i := slices.IndexFunc(needed, func(p *parameter) bool {
			texts, plain := p.texts(from)
			return len(texts) == 0 || strings.TrimSpace(plain(texts[0])) == ""
		})
		if i < 0 {
			return nil
		}
		where := "request " + needed[i].in + " " + needed[i].name
		missing = append(missing, Finding{PartyClient, where, "", "security", "missing"})
	}
	return missing[:min(len(missing), 1)]
}
