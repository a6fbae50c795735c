package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// An action that is named by a tag is whatever its owner makes of the tag.
func TestWorkflowsPinActionsByHash(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	uses := regexp.MustCompile(`(?m)\buses:.*$`)
	pinned := regexp.MustCompile(`^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	found := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range uses.FindAllString(string(text), -1) {
			found++
			if !pinned.MatchString(line) {
				t.Errorf("%s: %q: want the hash of a commit, and its version in a comment", name, line)
			}
		}
	}
	if found == 0 {
		t.Error("no workflow uses an action")
	}
}
