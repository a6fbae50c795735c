package revision

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// renameSchemes renames the security schemes of the old document that are in the new one under another name, and tells
// it: a scheme's name is not sent.
func renameSchemes(old, revised object) (changes []Change) {
	const at = "/components/securitySchemes"
	before, _ := resolve(old, "#"+at).(object)
	after, _ := resolve(revised, "#"+at).(object)
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[name]; ok {
			continue
		}
		for _, oldName := range slices.Sorted(maps.Keys(before)) {
			if _, ok := after[oldName]; ok || !reflect.DeepEqual(before[oldName], after[name]) {
				continue
			}
			renameScheme(old, oldName, name)
			changes = append(changes, Change{
				ID: "security-scheme-renamed", Level: Compatible, Pointer: at + "/" + escape(name),
				Text: fmt.Sprintf("the security scheme %s is now called %s", oldName, name),
			})
			break
		}
	}
	return changes
}

func renameScheme(root object, oldName, name string) {
	rename := func(all any) {
		if all, ok := all.(object); ok && all[oldName] != nil {
			all[name] = all[oldName]
			delete(all, oldName)
		}
	}
	rename(resolve(root, "#/components/securitySchemes"))
	for _, operation := range append([]string{""}, operationsOf(root)...) {
		requirements, _ := resolve(root, "#"+operation+"/security").([]any)
		for _, requirement := range requirements {
			rename(requirement)
		}
	}
}
