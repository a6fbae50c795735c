package document

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

// Take returns the part of an OpenAPI definition, JSON, that the paths with a prefix such as /v3/webhooks/ are made of:
// the paths themselves, the components that these lead to, the security schemes that are named, the tags that are used,
// and info, servers and security of the whole API. Everything else is left out, and not looked at: also webhooks and
// the extensions (x-…) of the whole definition. If no path, component or webhook is left out, the definition comes back
// unchanged. It is an error if no path has the prefix, or if what is taken refers to a path or webhook that is not.
func Take(definition []byte, prefix string) ([]byte, error) {
	root, err := parse(definition)
	if err != nil {
		return nil, err
	}
	document := root.Content[0]
	t := taker{prefix: prefix, components: map[string]*yaml.Node{}, reached: map[string]bool{}, tags: map[string]bool{}}
	for kind, components := range members(get(document, "components")) {
		for name, component := range members(components) {
			t.components[kind+"/"+name] = component
		}
	}
	t.secure(document)
	isAnyLeft, leavesOut := false, get(document, "webhooks") != nil
	for path, item := range members(get(document, "paths")) {
		if strings.HasPrefix(path, prefix) {
			isAnyLeft = true
			eachObject(item, jsonpointer.Append("/paths", path), t.look)
		} else {
			leavesOut = true
		}
	}
	for ; len(t.open) > 0 && t.failed == nil; t.open = t.open[1:] {
		kind, name, _ := strings.Cut(t.open[0], "/")
		eachObject(t.components[t.open[0]], jsonpointer.Append("/components/"+kind, name), t.look)
	}
	switch {
	case !isAnyLeft:
		return nil, fmt.Errorf("no path of the definition begins with %q", prefix)
	case t.failed != nil:
		return nil, t.failed
	case !leavesOut && len(t.reached) == len(t.components):
		return definition, nil
	}
	t.drop(document)
	return format(root)
}

type taker struct {
	prefix     string
	components map[string]*yaml.Node // by kind and name: schemas/A
	reached    map[string]bool       // components, by the same
	open       []string              // those of them that are to be looked into
	tags       map[string]bool       // that are used
	failed     error
}

// look notes what an object refers to.
func (t *taker) look(object *yaml.Node, at string) {
	t.follow(text(get(object, "$ref")), at)
	for _, target := range members(get(object, "discriminator", "mapping")) {
		t.follow(target.Value, at)
		t.reach("schemas/" + target.Value)
	}
	t.secure(object)
	for _, tag := range items(get(object, "tags")) {
		t.tags[tag.Value] = true
	}
}

// secure reaches the security schemes that an operation, or the document, names.
func (t *taker) secure(operation *yaml.Node) {
	for _, requirement := range items(get(operation, "security")) {
		for name := range members(requirement) {
			t.reach("securitySchemes/" + name)
		}
	}
}

// follow reaches the component that a reference leads to, or into.
func (t *taker) follow(reference, at string) {
	pointer, err := url.PathUnescape(strings.TrimPrefix(reference, "#"))
	tokens := append(jsonpointer.Split(pointer), "", "")
	switch {
	case err != nil || !strings.HasPrefix(reference, "#/"): // judged by those who read the part
	case tokens[0] == "components":
		t.reach(tokens[1] + "/" + tokens[2])
	case tokens[0] == "webhooks", tokens[0] == "paths" && !strings.HasPrefix(tokens[1], t.prefix):
		t.failed = fmt.Errorf("%s: it refers to %s, which is not under %s", shortened(at), reference, t.prefix)
	}
}

func (t *taker) reach(component string) {
	if t.components[component] != nil && !t.reached[component] {
		t.reached[component] = true
		t.open = append(t.open, component)
	}
}

// drop leaves of a document what was reached.
func (t *taker) drop(document *yaml.Node) {
	keep(document, func(name string, value *yaml.Node) bool {
		switch name {
		case "paths":
			keep(value, func(path string, _ *yaml.Node) bool { return strings.HasPrefix(path, t.prefix) })
			return true
		case "components":
			keep(value, func(kind string, components *yaml.Node) bool {
				keep(components, func(name string, _ *yaml.Node) bool { return t.reached[kind+"/"+name] })
				return components.Kind == yaml.MappingNode && len(components.Content) > 0
			})
			return len(value.Content) > 0
		case "tags":
			isUnused := func(tag *yaml.Node) bool { return !t.tags[text(get(tag, "name"))] }
			value.Content = slices.DeleteFunc(items(value), isUnused)
			return len(value.Content) > 0
		}
		return slices.Contains([]string{"openapi", "jsonSchemaDialect", "info", "servers", "security"}, name)
	})
}
