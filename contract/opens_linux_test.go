package contract_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// watched returns a directory with a file, file.json, and a function that reports whether something there was opened
// since its last call, by whatever code: the kernel counts.
func watched(t testing.TB) (directory string, opened func() bool) {
	t.Helper()
	directory = t.TempDir()
	file := filepath.Join(directory, "file.json")
	if err := os.WriteFile(file, []byte(`{"type": "object"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	watcher, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(watcher) })
	if _, err := syscall.InotifyAddWatch(watcher, directory, syscall.IN_OPEN); err != nil {
		t.Fatal(err)
	}
	opened = func() bool {
		n, err := syscall.Read(watcher, make([]byte, 1<<16))
		return n > 0 && err == nil
	}
	if _, err := os.ReadFile(file); err != nil || !opened() {
		t.Fatalf("opening a file is not noticed: %v", err)
	}
	return directory, opened
}
