package document_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/heygen-go/heygen/internal/jsonpointer"
)

type object = map[string]any

// change sets a member of a document, by its JSON pointer; the value absent removes it.
type change struct {
	pointer string
	value   any
}

type absent struct{}

// api reads a file of the repository's api directory, or of its root with "../".
func api(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "api", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func decode(t *testing.T, document []byte) object {
	t.Helper()
	var decoded object
	if err := json.Unmarshal(document, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// changed returns a JSON document after changes. It adds the objects that are missing around a member that is set.
func changed(t *testing.T, document []byte, changes ...change) []byte {
	t.Helper()
	root := decode(t, document)
	for _, c := range changes {
		tokens := jsonpointer.Split(c.pointer)
		last := len(tokens) - 1
		parent := root
		for _, token := range tokens[:last] {
			if parent[token] == nil {
				parent[token] = object{}
			}
			next, ok := parent[token].(object)
			if !ok {
				t.Fatalf("%s: %s is not an object", c.pointer, token)
			}
			parent = next
		}
		if c.value == (absent{}) {
			delete(parent, tokens[last])
		} else {
			parent[tokens[last]] = c.value
		}
	}
	encoded, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// exists reports whether a document has the member that a JSON pointer points at.
func exists(document object, pointer string) bool {
	node := any(document)
	for _, token := range jsonpointer.Split(pointer) {
		members, _ := node.(object)
		var ok bool
		if node, ok = members[token]; !ok {
			return false
		}
	}
	return true
}
