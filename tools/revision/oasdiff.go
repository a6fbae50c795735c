package revision

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

var (
	// stricter are the checks that oasdiff passes and that break here: something that somebody may rely on is gone, if
	// only its name.
	stricter = set("response-optional-property-removed", "optional-response-header-removed", "api-operation-id-removed",
		"api-security-anonymous-access-added", "api-path-removed-with-deprecation", "api-removed-with-deprecation",
		"request-parameter-removed-with-deprecation", "request-property-removed-with-deprecation",
		"response-required-property-removed-with-deprecation")
	// ignored are the checks that judge the version by the other changes. So are those that judge a date of sunset by
	// today's.
	ignored = set("api-version-not-bumped", "api-version-decreased", "api-major-version-not-bumped")
)

// checked are the changes that oasdiff's checks name, and what they tell.
func checked(old, revised object, found []difference) ([]Change, told, error) {
	tells := told{newPlaces(), newPlaces()}
	oldLines, newLines := linesOf(old), linesOf(revised)
	all, err := oasdiff(oldLines.text.Bytes(), newLines.text.Bytes())
	if err != nil {
		return nil, tells, err
	}
	locate, localize := newLocator(found), checker.NewDefaultLocalizer()
	var changes []Change
	for _, named := range all {
		id := named.GetId()
		if ignored[id] || strings.Contains(id, "sunset") && !strings.Contains(id, "removed") {
			continue
		}
		was, is := locate.place(named, oldLines.begins(named.GetBaseSource()), newLines.begins(named.GetRevisionSource()))
		about := locate.rules[id]
		tells.old.add(was, about)
		tells.revised.add(is, about)
		change := Change{
			ID: id, Level: Compatible, Direction: about.direction, Pointer: cmp.Or(is, was),
			Text: named.GetUncolorizedText(localize),
		}
		if named.GetLevel() >= checker.WARN || stricter[id] {
			change.Level = Breaking
		} else if locate.old[was].unclear || locate.revised[is].unclear {
			change.Level = Breaking
			change.Text += unknown
		}
		changes = append(changes, change)
	}
	return changes, tells, nil
}

// oasdiff runs its checks. It panics on documents that are none, such as one with a null among its servers.
func oasdiff(old, revised []byte) (changes checker.Changes, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("oasdiff cannot compare the definitions: %v", reason)
		}
	}()
	base, err := loaded("old", old)
	if err != nil {
		return nil, err
	}
	revision, err := loaded("new", revised)
	if err != nil {
		return nil, err
	}
	differs, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), base, revision)
	if err != nil {
		return nil, fmt.Errorf("oasdiff cannot compare the definitions: %w", err)
	}
	checks := checker.NewConfig(checker.GetAllChecks())
	return checker.CheckBackwardCompatibilityUntilLevel(checks, differs, sources, checker.INFO), nil
}

// loaded reads a definition with the lines it is on, and nothing else: a reference to elsewhere is an error.
func loaded(name string, definition []byte) (*load.SpecInfo, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	spec, err := load.NewSpecInfoFromData(loader, definition, name)
	if err != nil {
		return nil, fmt.Errorf("oasdiff cannot read the %s definition: %w", name, err)
	}
	return spec, nil
}

// rule is what oasdiff says of one of its checks.
type rule struct {
	direction string
	keywords  []string // whose values it is about
	members   []string // whose members or entries it is about
}

func rulesByID() map[string]rule {
	rules := map[string]rule{}
	for _, r := range checker.GetAllRules() {
		var made rule
		switch r.Direction {
		case checker.DirectionRequest:
			made.direction = "request"
		case checker.DirectionResponse:
			made.direction = "response"
		}
		for _, location := range r.Locations { // such as "paths.*.*.requestBody.content.*.schema.maxLength:set"
			at, _, _ := strings.Cut(location, ":")
			keyword, isMember := strings.CutSuffix(at, ".*")
			keyword = keyword[strings.LastIndexByte(keyword, '.')+1:]
			if isMember {
				made.members = append(made.members, keyword)
			} else {
				made.keywords = append(made.keywords, keyword)
			}
		}
		rules[r.Id] = made
	}
	return rules
}

// locator finds out where a change is.
type locator struct {
	rules        map[string]rule
	found        []difference
	old, revised map[string]difference // by pointer
}

func newLocator(found []difference) locator {
	l := locator{rulesByID(), found, map[string]difference{}, map[string]difference{}}
	for _, d := range found {
		l.old[d.oldPointer], l.revised[d.pointer] = d, d
	}
	delete(l.old, "")     // what came, and
	delete(l.revised, "") // what is gone
	return l
}

// place returns the pointers of what a change is about, in the old document and in the new one, of which one can be "".
// oasdiff's own places can be next to it, or missing.
func (l locator) place(named checker.Change, was, is string) (string, string) {
	about := l.rules[named.GetId()]
	was, is = outermost(was, l.old), outermost(is, l.revised)
	if was == "" && is == "" || slices.ContainsFunc(about.members, referable) &&
		!about.isOf(l.old[was]) && !about.isOf(l.revised[is]) { // it is where the member refers to
		return l.search(named, about)
	}
	for _, keyword := range about.keywords {
		if d, ok := l.old[was+"/"+keyword]; ok && was != "" {
			return d.oldPointer, d.pointer
		}
		if d, ok := l.revised[is+"/"+keyword]; ok && is != "" {
			return d.oldPointer, d.pointer
		}
	}
	return l.typeOrFormat(was, is)
}

// referable reports whether members of a keyword can be references.
func referable(keyword string) bool {
	return slices.Contains([]string{"properties", "parameters", "responses", "headers"}, keyword)
}

// isOf reports whether a difference is one of the members a check is about.
func (r rule) isOf(d difference) bool {
	return d.direction == r.direction && slices.Contains(r.members, d.keyword)
}

// outermost is what came or went as a whole with what is at a pointer, except for a path, which holds operations.
func outermost(pointer string, found map[string]difference) string {
	for up := range above(pointer) {
		if d, ok := found[up]; ok && (d.oldPointer == "" || d.pointer == "") && d.keyword != "paths" {
			pointer = up
		}
	}
	return pointer
}

// typeOrFormat is the place of the format if that differs and not the type, where oasdiff places both.
func (l locator) typeOrFormat(was, is string) (string, string) {
	oldSchema, wasType := strings.CutSuffix(was, "/type")
	schema, isType := strings.CutSuffix(is, "/type")
	_, differed := l.old[was]
	_, differs := l.revised[is]
	if !wasType && !isType || differed || differs {
		return was, is
	}
	if d, ok := l.old[oldSchema+"/format"]; ok {
		return d.oldPointer, d.pointer
	}
	if d, ok := l.revised[schema+"/format"]; ok {
		return d.oldPointer, d.pointer
	}
	return was, is
}

// search looks for a difference in what a change is about, of the property it names. If there is none, the change is
// somewhere in the operation.
func (l locator) search(named checker.Change, about rule) (was, is string) {
	operation := "/paths/" + escape(named.GetPath()) + "/" + strings.ToLower(named.GetOperation())
	for _, d := range l.found {
		at := cmp.Or(d.pointer, d.oldPointer)
		within := strings.HasPrefix(at, operation+"/") || strings.HasPrefix(at, "/components/")
		isMember := slices.Contains(about.members, d.keyword)
		if d.direction != about.direction || !within || !isMember && !slices.Contains(about.keywords, d.keyword) {
			continue
		}
		if !isMember {
			at = path.Dir(at)
		}
		if names(named, at) || isMember && isNamed(named, d) {
			return d.oldPointer, d.pointer
		}
	}
	return "", operation
}

// isNamed reports whether a change names a parameter, a response or a header that came or went.
func isNamed(change checker.Change, d difference) bool {
	value, _ := cmp.Or(d.new, d.old).(object)
	name := value["name"]
	if d.keyword != "parameters" {
		name = unescape.Replace(path.Base(cmp.Or(d.pointer, d.oldPointer)))
	}
	return d.keyword != "properties" && slices.Contains(change.GetArgs(), name)
}

// names reports whether a change names the property that is at a pointer. In a component all that is known of it is the
// end of its name.
func names(change checker.Change, pointer string) bool {
	tokens := strings.Split(strings.ReplaceAll(pointer, "/properties/", "/"), "/")
	isComponent := tokens[1] == "components"
	begin := min(4, len(tokens))
	if !isComponent {
		begin = slices.Index(tokens, "schema") + 1
	}
	property := unescape.Replace(strings.Join(tokens[begin:], "/"))
	for _, arg := range change.GetArgs() {
		text, ok := arg.(string)
		if ok && property != "" && (text == property || isComponent && strings.HasSuffix(text, "/"+property)) {
			return true
		}
	}
	return property == "" && len(change.GetArgs()) < 2 // the body itself; a response has a status
}
