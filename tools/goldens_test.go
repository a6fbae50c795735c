package tools_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each name in the pattern of scripts/goldens is that of a test which there is: an update would otherwise leave golden
// files as they were.
func TestPatternOfScriptGoldensMatches(t *testing.T) {
	t.Parallel()
	script := readFile(t, "../scripts/goldens")
	command := regexp.MustCompile(`go test -vet=off (.*) -run "\$\{1:-\^Test\(([\w|]+)\)}" -update`)
	pattern := command.FindStringSubmatch(script)
	if pattern == nil {
		t.Fatalf("there is no pattern in\n%s", script)
	}
	var tests strings.Builder
	for directory := range strings.FieldsSeq(pattern[1]) {
		files, err := filepath.Glob(filepath.Join("..", directory, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			tests.WriteString(readFile(t, name))
		}
	}
	for name := range strings.SplitSeq(pattern[2], "|") {
		if !strings.Contains(tests.String(), "\nfunc Test"+name) {
			t.Errorf("no test in %s has a name that begins with Test%s", pattern[1], name)
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
