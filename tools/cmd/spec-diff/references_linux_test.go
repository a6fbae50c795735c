package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/tools/document"
	"github.com/heygen-go/heygen/tools/generate"
)

// A document leads nowhere: whatever takes one opens no file and asks no server that the document names. The files are
// a regular one and a FIFO, which would hang what reads it. The kernel reports who opens them.
func TestReferencesLeadNowhere(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, `{"type": "object"}`)
	}))
	t.Cleanup(server.Close)
	secrets := t.TempDir()
	file, fifo := filepath.Join(secrets, "file.json"), filepath.Join(secrets, "fifo.json")
	mustWrite(t, file, `{"type": "object"}`)
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(fifo, os.O_RDWR, 0) // so that opening it succeeds, and is reported
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	opened := watch(t, secrets)
	cli := filepath.Join(t.TempDir(), "heygen-webhook")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", cli, "./cmd/heygen-webhook")
	build.Dir, build.Env = filepath.Join("..", "..", ".."), environment()
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	archive := filepath.Join(t.TempDir(), "empty.har")
	mustWrite(t, archive, `{"log":{"version":"1.2","creator":{"name":"t","version":"1"},"entries":[]}}`)
	docs := t.TempDir()
	up := strings.Repeat("../", 30)
	targets := map[string]string{
		"file": "file://" + file, "FIFO": "file://" + fifo, "http": server.URL + "/x.json",
		"relative file": strings.TrimPrefix(up+file, "/"), "relative FIFO": up + strings.TrimPrefix(fifo, "/"),
		"absolute": file,
	}
	entrances := map[string]func(t *testing.T, name string, definition []byte){
		"spec-diff": func(t *testing.T, name string, _ []byte) {
			t.Helper()
			if status := run(t.Context(), []string{"-C", template, name}, io.Discard, io.Discard); status != exitBreaks {
				var stderr strings.Builder
				run(t.Context(), []string{"-C", template, name}, io.Discard, &stderr)
				t.Errorf("status %d: %s", status, &stderr)
			}
		},
		"generate": func(_ *testing.T, _ string, definition []byte) {
			_, _ = generate.New(filepath.Join("..", "..", "..")).Module(t.Context(), document.V1, definition)
		},
		"contract.Load": func(_ *testing.T, _ string, definition []byte) {
			_, _ = contract.Load(definition, contract.WithSchemaOnly())
		},
		"command line": func(t *testing.T, name string, _ []byte) {
			t.Helper()
			for _, args := range [][]string{
				{"contract", "har", "--document", name, archive},
				{"contract", "check", "--document", name, "--base-url", "http://127.0.0.1:1", "--endpoint-id", "e"},
			} {
				command := exec.CommandContext(t.Context(), cli, args...)
				command.Env = append(environment(), "HEYGEN_API_KEY=key")
				_ = command.Run()
			}
		},
	}
	check := func(t *testing.T, entrance, reference string, do func()) {
		t.Helper()
		done := make(chan struct{})
		go func() { defer close(done); do() }()
		timer := time.NewTimer(time.Minute)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
			t.Fatalf("%s hangs at %s", entrance, reference)
		}
		if names := opened(); len(names) > 0 {
			t.Errorf("%s opens %q for %s", entrance, names, reference)
		}
		if asked.Swap(0) > 0 {
			t.Errorf("%s asks a server for %s", entrance, reference)
		}
	}
	for kind, target := range targets {
		var all []string
		for keyword, schema := range map[string]string{
			"$ref":         `{"$ref": %q}`,
			"$dynamicRef":  `{"$dynamicRef": %q}`,
			"$schema":      `{"$schema": %q, "type": "object"}`,
			"$id":          `{"$id": %q, "type": "object", "properties": {"a": {"$ref": "other.json"}, "b": {"$ref": "#/x"}}}`,
			"sibling":      `{"type": "object", "$ref": %q, "description": "d"}`,
			"mapping":      `{"oneOf": [{"type": "object"}], "discriminator": {"propertyName": "k", "mapping": {"a": %q}}}`,
			"within":       `{"allOf": [{"type": "array", "items": {"$ref": %q}}], "example": [1]}`,
			"with pointer": `{"$ref": "%s#/x"}`,
		} {
			schema = fmt.Sprintf(schema, target)
			all = append(all, schema)
			definition, name := hostile(t, docs, schema)
			for entrance, enter := range entrances {
				check(t, entrance, kind+" in "+keyword, func() { enter(t, name, definition) })
			}
		}
		definition, name := hostile(t, docs, all...)
		for entrance, enter := range entrances {
			check(t, entrance, kind+" in all", func() { enter(t, name, definition) })
		}
		check(t, "update", kind, func() {
			_, _ = update(t, newTree(t), "DOC="+name, "GENERATE=yes", "TESTS=true")
		})
	}
}

// hostile returns a definition with schemas in a request, a response and components, and the name of its file.
func hostile(t *testing.T, directory string, schemas ...string) (definition []byte, name string) {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(read(t, filepath.Join("..", "..", ".."), "openapi.json")), &root); err != nil {
		t.Fatal(err)
	}
	properties, components := map[string]any{}, root["components"].(map[string]any)
	for i, text := range schemas {
		var schema any
		if err := json.Unmarshal([]byte(text), &schema); err != nil {
			t.Fatal(err)
		}
		properties[fmt.Sprint("p", i)] = schema
	}
	components["schemas"] = map[string]any{"S": map[string]any{"type": "object", "properties": properties}}
	content := map[string]any{"application/json": map[string]any{
		"schema": map[string]any{"$ref": "#/components/schemas/S"}, "example": map[string]any{"p0": map[string]any{"a": 1}},
	}}
	root["paths"].(map[string]any)["/v1/hostile"] = map[string]any{"post": map[string]any{
		"operationId": "hostile", "requestBody": map[string]any{"content": content},
		"responses": map[string]any{"200": map[string]any{"description": "d", "content": content}},
	}}
	definition, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(directory, "update-a-webhook-endpoint.json")
	mustWrite(t, name, string(definition))
	return definition, name
}

// watch returns a function that returns which files of a directory were opened since it was called last.
func watch(t *testing.T, directory string) (opened func() []string) {
	t.Helper()
	watcher, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(watcher) })
	if _, err := syscall.InotifyAddWatch(watcher, directory, syscall.IN_OPEN); err != nil {
		t.Fatal(err)
	}
	opened = func() (names []string) {
		events := make([]byte, 1<<16)
		n, err := syscall.Read(watcher, events)
		for at := 0; err == nil && at < n; {
			size := int(events[at+12]) + int(events[at+13])<<8 // little-endian, or the name is not empty all the same
			names = append(names, string(bytes.TrimRight(events[at+16:at+16+size], "\x00")))
			at += 16 + size
		}
		return slices.Compact(names)
	}
	if _, err := os.ReadFile(filepath.Join(directory, "file.json")); err != nil || len(opened()) != 1 {
		t.Fatalf("opening a file is not noticed: %v", err)
	}
	return opened
}
