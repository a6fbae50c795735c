package revision

import (
	"regexp"
	"strings"

	"github.com/heygen-go/heygen/tools/document"
)

var failed = regexp.MustCompile(`^correction "([^"]*)"`)

func correct(revised, corrections []byte, became *Corrections) ([]byte, error) {
	*became = Corrections{Applied: []string{}, Obsolete: []Correction{}, Lost: []Correction{}, Candidates: []Candidate{}}
	for {
		corrected, err := document.Correct(revised, corrections)
		if err == nil {
			for _, m := range regexp.MustCompile(`(?m)^  - x-correction: (.*)$`).FindAllStringSubmatch(string(corrections), -1) {
				if n := len(became.Applied); n == 0 || became.Applied[n-1] != m[1] {
					became.Applied = append(became.Applied, m[1])
				}
			}
			return corrected, nil
		}
		name := failed.FindStringSubmatch(err.Error())
		if name == nil {
			return nil, err
		}
		became.Obsolete = append(became.Obsolete, Correction{ID: name[1]})
		parts := strings.Split(string(corrections), "\n  - ")
		kept := parts[:1]
		for _, part := range parts[1:] {
			if !strings.HasPrefix(part, "x-correction: "+name[1]+"\n") {
				kept = append(kept, part)
			}
		}
		corrections = []byte(strings.Join(kept, "\n  - ") + "\n")
	}
}

// documentAxis knows only that the document changed.
func documentAxis() Axis {
	return newAxis([]Change{{
		ID: "document-changed", Level: Compatible, Text: "the document changed; what changed in it is not compared yet",
	}})
}
