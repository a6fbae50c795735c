package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

func TestExitStatus(t *testing.T) {
	t.Parallel()
	breaking := filepath.Join(t.TempDir(), "page.md")
	mustWrite(t, breaking, strings.Replace(read(t, template, vendored), `"/v1/`, `"/v9/`, 1))
	tree := newTree(t)
	tests := map[string]struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		"the same":          {[]string{"-C", root, vendored}, exitFine, "nothing changes", ""},
		"something breaks":  {[]string{"-C", tree, breaking}, exitBreaks, "api-path-removed", ""},
		"no document":       {nil, exitFailed, "", "name one document"},
		"an empty document": {[]string{""}, exitFailed, "", "name one document"},
		"two documents":     {[]string{"a", "b"}, exitFailed, "", "name one document"},
		"no such file":      {[]string{"-C", root, "gone.md"}, exitFailed, "", "gone.md: no such file"},
		"unknown format":    {[]string{"-format", "xml", "page.md"}, exitFailed, "", "want text, markdown or json"},
		"unknown flag":      {[]string{"-x"}, exitFailed, "", "not defined"},
		"help":              {[]string{"-h"}, exitFine, "", "directory"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr strings.Builder
			status := run(t.Context(), tt.args, &stdout, &stderr)
			if status != tt.status || !strings.Contains(stdout.String(), tt.stdout) ||
				!strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("status %d, want %d\n%s\n%s", status, tt.status, &stdout, &stderr)
			}
		})
	}
}

func TestReportFileAndFormats(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	for format, begin := range map[string]string{"text": "from version", "markdown": "from `version", "json": "{"} {
		var stdout, stderr strings.Builder
		args := []string{"-C", root, "-format", format, "-report", file, "--", vendored}
		status := run(t.Context(), args, &stdout, &stderr)
		if status != exitFine || !strings.HasPrefix(stdout.String(), begin) {
			t.Errorf("%s: status %d\n%s\n%s", format, status, &stdout, &stderr)
		}
	}
	content, err := os.ReadFile(file)
	if err != nil || !json.Valid(content) {
		t.Errorf("%v, the report is\n%s", err, content)
	}
}
