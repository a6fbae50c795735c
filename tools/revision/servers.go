package revision

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// server is one that a document names, with its variables at their defaults.
type server struct{ url, pointer string }

// serversOf are the servers of an operation: its own, or else those of its path, or else those of the document.
func serversOf(root object, operation string) (servers []server) {
	item := operation[:max(0, strings.LastIndexByte(operation, '/'))]
	for _, at := range []string{operation, item, ""} {
		listed, _ := resolve(root, "#"+at+"/servers").([]any)
		for i, entry := range listed {
			s, _ := entry.(object)
			url, _ := s["url"].(string)
			variables, _ := s["variables"].(object)
			for name, variable := range variables {
				value, _ := variable.(object)
				text, _ := value["default"].(string)
				url = strings.ReplaceAll(url, "{"+name+"}", text)
			}
			servers = append(servers, server{strings.TrimSuffix(url, "/"), at + "/servers/" + strconv.Itoa(i)})
		}
		if len(servers) > 0 {
			break
		}
	}
	return servers
}

// serverChanges tells which servers came and went, for the document and for each operation.
func serverChanges(old, revised object) (changes []Change) {
	for _, operation := range append([]string{""}, operationsOf(old)...) {
		if operation != "" && resolve(revised, "#"+operation) == nil {
			continue
		}
		before, after := serversOf(old, operation), serversOf(revised, operation)
		for _, gone := range without(before, after) {
			changes = append(changes, Change{
				ID: "server-removed", Level: Breaking, Pointer: gone.pointer,
				Text: fmt.Sprintf("the server %s is gone", gone.url),
			})
		}
		for _, fresh := range without(after, before) {
			changes = append(changes, Change{
				ID: "server-added", Level: Compatible, Pointer: fresh.pointer,
				Text: fmt.Sprintf("the server %s is new", fresh.url),
			})
		}
	}
	return changes
}

// without returns the servers that others have not the URL of.
func without(servers, others []server) []server {
	return slices.DeleteFunc(slices.Clone(servers), func(s server) bool {
		return slices.ContainsFunc(others, func(other server) bool { return other.url == s.url })
	})
}
