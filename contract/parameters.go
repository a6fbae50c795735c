package contract

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
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

// checkParameters checks the parameters of a request, or the headers of a response.
func (c *Contract) checkParameters(list []*parameter, from received, party Party, message string) (found []Finding) {
	for _, p := range list {
		if keyword, detail := c.checkParameter(p, from); keyword != "" {
			found = append(found, Finding{party, message + " " + p.in + " " + p.name, "", keyword, detail})
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

var unescape, unescapePath = unescapeBy(url.QueryUnescape), unescapeBy(url.PathUnescape)

// unescapeBy leaves a text as it is if its escapes are none.
func unescapeBy(undo func(string) (string, error)) func(string) string {
	return func(text string) string {
		if plain, err := undo(text); err == nil {
			return plain
		}
		return text
	}
}

// checkParameter returns the keyword and the detail of a finding, "" for none.
func (c *Contract) checkParameter(p *parameter, from received) (keyword, detail string) {
	if p.notChecked {
		return "", ""
	}
	if fields := p.fields(from.query, from.route); len(fields) > 0 {
		return c.fitting(p.schema, func(read reading) any { return objectOf([]*jsonschema.Schema{p.schema}, fields, read) })
	}
	given, plain := p.texts(from)
	cookies := p.in == "header" && strings.EqualFold(p.name, "Set-Cookie") // whose lines are no list (RFC 9110, 5.3)
	apart := p.explode && p.style == "form" || cookies                     // the items of a list
	switch {
	case len(given) == 0 && p.required:
		return "required", "missing"
	case len(given) > 1 && cookies && p.wants&arrays == 0:
		for _, line := range given {
			if keyword, detail = c.checkParameter(p, received{header: http.Header{"Set-Cookie": {line}}}); keyword != "" {
				break
			}
		}
		return keyword, detail
	case len(given) > 1 && (!apart || p.wants&arrays == 0 || p.isJSON):
		return "schema", "occurs " + strconv.Itoa(len(given)) + " times"
	case len(given) == 0, p.emptyIsGood && len(given) == 1 && given[0] == "":
		return "", ""
	case p.isJSON:
		value, _, problem := decode([]byte(plain(given[0])))
		if problem != "" {
			return "json", problem
		}
		return c.fitting(p.schema, func(reading) any { return value })
	}
	wants, parts := p.wants, given
	if wants == anything && len(given) == 1 {
		wants = scalars
	}
	if p.in == "header" && !apart {
		parts = headerItem.FindAllString(given[0], -1)
	} else if !apart {
		parts = strings.Split(given[0], ",")
	}
	whole := []*jsonschema.Schema{p.schema}
	var values []func(reading) any
	if wants&scalars != 0 && len(given) == 1 {
		values = append(values, func(read reading) any { return read(whole, plain(given[0])) })
	}
	if wants&objects != 0 && len(given) == 1 && (p.explode || len(parts)%2 == 0 || given[0] == "") {
		fields := fieldsOf(parts, p.explode, plain)
		values = append(values, func(read reading) any { return objectOf(whole, fields, read) })
	}
	if wants&arrays != 0 {
		items := make([]string, len(parts))
		for i, part := range parts {
			items[i] = plain(part)
		}
		values = append(values, func(read reading) any { return listOf(whole, items, read) })
		if len(items) == 1 && items[0] == "" {
			values = append(values, func(reading) any { return []any{} })
		}
	}
	return c.fitting(p.schema, values...)
}

// headerItem matches an item of a list in a header. Empty ones count for nothing (RFC 9110, 5.6.1).
var headerItem = regexp.MustCompile(`[ \t]*(?:"(?:[^"\\]|\\.)*"|[^, \t])(?:"(?:[^"\\]|\\.)*"|[^,])*`)

// fitting finds nothing if the texts of a parameter can mean a value that fits a schema, or what is wrong with the
// first of the values. The makers of values read every text in the same order each time.
func (c *Contract) fitting(schema *jsonschema.Schema, makers ...func(reading) any) (keyword, detail string) {
	undecided := false
	for i, value := range makers {
		read, first, differ := readings{}, "", false
		for n, more := 1, true; more; n++ {
			found := c.judge(schema, value(read.text))
			if len(found) == 0 {
				return "", ""
			}
			is := found[0].Keyword + ": " + found[0].Detail
			first = cmp.Or(first, is)
			differ = differ || is != first
			if more = read.advance(); more && n == maxReadings {
				undecided, more = undecided || differ, false
			}
		}
		if i == 0 {
			detail = "does not fit its schema: " + first
		}
	}
	if undecided {
		return "", ""
	}
	return "schema", cmp.Or(detail, "does not fit its schema")
}

// reading makes a value of a text that schemas are applied to.
type reading func(schemas []*jsonschema.Schema, text string) any

// maxReadings is how many values are tried, because texts are ambiguous: "1" can be a number or a text.
const maxReadings = 64

// readings steps through what several texts can mean together.
type readings struct {
	chosen, sizes []int // for each text which meaning, and of how many
	next          int   // text
}

func (r *readings) text(schemas []*jsonschema.Schema, text string) any {
	meanings := meaningsOf(text, wantsOf(schemas))
	if r.next == len(r.chosen) {
		r.chosen, r.sizes = append(r.chosen, 0), append(r.sizes, len(meanings))
	}
	r.next++
	return meanings[r.chosen[r.next-1]]
}

func (r *readings) advance() bool {
	r.next = 0
	for i := range r.chosen {
		if r.chosen[i]++; r.chosen[i] < r.sizes[i] {
			return true
		}
		r.chosen[i] = 0
	}
	return false
}

// meaningsOf returns the values that a text can be, of types that are wanted if it can be one.
func meaningsOf(text string, wants jsonTypes) (values []any) {
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
	return values
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
		name := http.CanonicalHeaderKey(p.name)
		if len(texts) > 1 && !slices.Contains(singleLines, name) { // the lines are one value (RFC 9110, 5.3)
			texts = []string{strings.Join(texts, ", ")}
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

// singleLines are headers of which several lines are not one value with commas.
var singleLines = []string{
	"Authorization", "Content-Length", "Content-Location", "Date", "Etag", "Expires", "From", "Host", "Idempotency-Key",
	"If-Modified-Since", "If-Range", "If-Unmodified-Since", "Last-Modified", "Location", "Max-Forwards", "Range",
	"Referer", "Retry-After", "Server", "Set-Cookie", "User-Agent",
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
		case !other && (p.wants == objects || len(memberSchemas([]*jsonschema.Schema{p.schema}, pair.name)) > 0):
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

func listOf(schemas []*jsonschema.Schema, items []string, read reading) any {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = read(itemSchemas(schemas, i), item)
	}
	return list
}

// objectOf makes an object of fields. "a][b" is b of a, and a name that occurs twice is a list.
func objectOf(schemas []*jsonschema.Schema, fields []pair, read reading) any {
	made, nested, lists := map[string]any{}, map[string][]pair{}, map[string][]string{}
	for _, field := range fields {
		name, rest, deeper := strings.Cut(field.name, "][")
		list := wantsOf(memberSchemas(schemas, name)) == arrays
		if deeper && rest != "" && !list {
			nested[name] = append(nested[name], pair{rest, field.value})
		} else {
			lists[name] = append(lists[name], field.value)
		}
	}
	for name, texts := range members(lists) {
		schemas := memberSchemas(schemas, name)
		if len(texts) > 1 || wantsOf(schemas) == arrays {
			made[name] = listOf(schemas, texts, read)
		} else {
			made[name] = read(schemas, texts[0])
		}
	}
	for name, fields := range members(nested) {
		value := objectOf(memberSchemas(schemas, name), fields, read)
		if text, both := made[name]; both {
			value = []any{text, value}
		}
		made[name] = value
	}
	return made
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
	known[s] = anything // within itself
	within := func(s *jsonschema.Schema) jsonTypes { return typesWithin(s, known) }
	var demands []jsonTypes
	if s.Types != nil {
		demands = append(demands, union(s.Types.ToStrings(), func(name string) jsonTypes { return typeNames[name] }))
	}
	if s.Const != nil {
		demands = append(demands, typeOf(*s.Const))
	}
	if s.Enum != nil {
		demands = append(demands, union(s.Enum.Values, typeOf))
	}
	for _, same := range append([]*jsonschema.Schema{s.Ref}, s.AllOf...) {
		demands = append(demands, within(same))
	}
	demands = append(demands, union(s.AnyOf, within), union(s.OneOf, within))
	wants := anything
	for _, to := range demands {
		if wants&to != 0 { // what does not go together is found when a value is judged
			wants &= to
		}
	}
	if wants == anything {
		wants = cmp.Or(typesOfKeywords(s), anything)
	}
	known[s] = wants
	return wants
}

func union[T any](list []T, typesOf func(T) jsonTypes) (all jsonTypes) {
	for _, item := range list {
		all |= typesOf(item)
	}
	return all
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

// wantsOf returns the types that some of the schemas want, any if there is none.
func wantsOf(schemas []*jsonschema.Schema) jsonTypes {
	return cmp.Or(union(schemas, typesOf), anything)
}

// itemSchemas returns the schemas of an item.
func itemSchemas(schemas []*jsonschema.Schema, i int) (found []*jsonschema.Schema) {
	for _, s := range applied(schemas) {
		if i < len(s.PrefixItems) {
			found = append(found, s.PrefixItems[i])
		} else if s.Items2020 != nil {
			found = append(found, s.Items2020)
		}
	}
	return found
}

// memberSchemas returns the schemas of a member.
func memberSchemas(schemas []*jsonschema.Schema, name string) (found []*jsonschema.Schema) {
	for _, s := range applied(schemas) {
		named := len(found)
		if member := s.Properties[name]; member != nil {
			found = append(found, member)
		}
		for pattern, member := range s.PatternProperties {
			if matches(pattern, name) {
				found = append(found, member)
			}
		}
		if additional, _ := s.AdditionalProperties.(*jsonschema.Schema); additional != nil && len(found) == named {
			found = append(found, additional)
		}
	}
	return found
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
