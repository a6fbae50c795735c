package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
)

func TestSpecShowPrintsTheDocuments(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		string(openapi.Corrected()):   {"spec", "show"},
		string(openapi.Published()):   {"spec", "show", "--published"},
		string(openapi.CorrectedV3()): {"spec", "show", "--api", "v3"},
	} {
		var stdout, stderr strings.Builder // the documents have texts that look like a secret
		code := run(t.Context(), append([]string{name}, args...), &stdout, &stderr, func(string) string { return "" })
		if code != 0 || stdout.String() != want || stderr.String() != "" {
			t.Errorf("%q: exit code %d, %s", args, code, &stderr)
		}
	}
}

// Both forms list every deviation with all that is known of it.
func TestSpecDeviations(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_API_KEY": ""})
	text := s.run(t, "spec", "deviations").stdout
	var list []deviation
	if err := json.Unmarshal([]byte(s.run(t, "spec", "deviations", "--output", "json").stdout), &list); err != nil {
		t.Fatal(err)
	}
	want, err := contract.Deviations(openapi.Corrections())
	if err != nil || len(list) != len(want) || len(want) == 0 {
		t.Fatalf("%d deviations, want %d; %v", len(list), len(want), err)
	}
	for i, d := range want {
		entry := fmt.Sprintf("%s\n  %s\n  evidence: %s\n  at: %s\n", d.ID, d.Reason, d.Evidence, d.Pointer)
		if list[i] != deviation(d) || !strings.Contains(text, entry) {
			t.Errorf("%+v is not printed", d)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	s := newScene(t).with(map[string]string{"HEYGEN_API_KEY": ""})
	for _, flag := range []string{"--version", "-v"} {
		if o := s.run(t, flag); o.code != 0 || o.stdout != name+" version "+moduleVersion()+"\n" {
			t.Errorf("%s: %+v", flag, o)
		}
	}
}
