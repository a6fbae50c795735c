package main

import (
	"regexp"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
)

// unbuilt is what differs between builds.
var unbuilt = regexp.MustCompile(`go1\.[\w.-]+|\(devel\)|v\d[\w.+-]*`)

// Neither needs a key.
func TestSpecAndVersion(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_API_KEY": ""})
	for want, args := range map[string][]string{
		string(openapi.Corrected()): {"spec", "show"},
		string(openapi.Published()): {"spec", "show", "--published"},
	} {
		var stdout, stderr strings.Builder // the documents hold what looks like a secret
		code := run(t.Context(), append([]string{name}, args...), &stdout, &stderr, func(string) string { return "" })
		if code != 0 || stdout.String() != want || stderr.String() != "" {
			t.Errorf("%q: exit code %d, %s", args, code, &stderr)
		}
	}
	for _, command := range []string{"spec deviations", "version"} {
		var texts []string
		for _, format := range []string{"text", "json"} {
			text := s.transcript(t, append(strings.Fields(command), "--output", format)...)
			if command == "version" {
				text = unbuilt.ReplaceAllString(text, "VERSION")
			}
			texts = append(texts, text)
		}
		golden(t, strings.ReplaceAll(command, " ", "-")+".txt", strings.Join(texts, "\n"))
	}
}
