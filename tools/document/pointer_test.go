package document_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// api reads a file of the repository's api directory, or of its root with "../".
func api(t *testing.T, name string) []byte {
	t.Helper()
	return file(t, filepath.Join("..", "..", "api", name))
}

// frozen reads a document, or corrections, that no update replaces. What is said of single members is said of these.
func frozen(t *testing.T, name string) []byte {
	t.Helper()
	return file(t, filepath.Join("..", "..", "contract", "testdata", name))
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
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

func encode(t *testing.T, document any) []byte {
	t.Helper()
	encoded, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// unescape turns a token of a JSON pointer (RFC 6901) into the name of a member.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// resolve returns what a JSON pointer points at.
func resolve(document any, pointer string) (any, bool) {
	if pointer == "" {
		return document, true
	}
	token, rest, more := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if more {
		rest = "/" + rest
	}
	switch node := document.(type) {
	case object:
		child, ok := node[unescape.Replace(token)]
		if !ok {
			return nil, false
		}
		return resolve(child, rest)
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(node) {
			return nil, false
		}
		return resolve(node[i], rest)
	default:
		return nil, false
	}
}

// split parts a JSON pointer into that of what is around and the name of the member.
func split(pointer string) (around, member string) {
	i := strings.LastIndex(pointer, "/")
	return pointer[:i], unescape.Replace(pointer[i+1:])
}

// set puts a value where a JSON pointer points.
func set(t *testing.T, document object, pointer string, value any) {
	t.Helper()
	around, member := split(pointer)
	objectAt(t, document, around)[member] = value
}

// drop removes the member a JSON pointer points at.
func drop(t *testing.T, document object, pointer string) {
	t.Helper()
	around, member := split(pointer)
	delete(objectAt(t, document, around), member)
}

func objectAt(t *testing.T, document object, pointer string) object {
	t.Helper()
	node, _ := resolve(document, pointer)
	found, ok := node.(object)
	if !ok {
		t.Fatalf("no object at %s", pointer)
	}
	return found
}
