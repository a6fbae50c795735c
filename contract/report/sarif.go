package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/heygen-go/heygen/contract"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool    sarifTool     `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID          string             `json:"ruleId"`
	Level           string             `json:"level"`
	Message         sarifText          `json:"message"`
	Locations       []sarifLocation    `json:"locations"`
	OccurrenceCount int                `json:"occurrenceCount"`
	Suppressions    []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

// SARIF writes SARIF 2.1.0, one result for each finding: an error if the client or the server is to blame, a warning if
// the document is. What AllowDeviations allows is suppressed. Traffic has no file, so results are located in the
// document, whose path in the repository is given, such as "api/corrected.json"; their logical location says where in the
// exchange they are.
func SARIF(w io.Writer, s contract.Summary, document string) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			"heygen-contract", "https://github.com/heygen-go/heygen", []sarifRule{},
		}},
		Results: []sarifResult{},
	}
	for _, f := range s.Findings {
		id := string(f.Party) + "/" + f.Keyword
		i, known := slices.BinarySearchFunc(run.Tool.Driver.Rules, id, func(r sarifRule, id string) int {
			return cmp.Compare(r.ID, id)
		})
		if !known {
			text := fmt.Sprintf("The %s breaks the contract: %s.", f.Party, f.Keyword)
			run.Tool.Driver.Rules = slices.Insert(run.Tool.Driver.Rules, i, sarifRule{id, sarifText{text}})
		}
		run.Results = append(run.Results, sarifResultOf(f, id, document))
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	const schema = "https://json.schemastore.org/sarif-2.1.0.json"
	return out.Encode(sarifLog{schema, "2.1.0", []sarifRun{run}})
}

func sarifResultOf(f contract.FindingSummary, id, document string) sarifResult {
	result := sarifResult{
		RuleID: id, Level: "error", OccurrenceCount: f.Times,
		Message: sarifText{fmt.Sprintf("%s: %s", place(f), f.Detail)},
		Locations: []sarifLocation{{
			sarifPhysical{sarifArtifact{document}, sarifRegion{1}},
			[]sarifLogical{{cmp.Or(f.Operation, "no operation") + " " + place(f)}},
		}},
	}
	if f.Party == contract.Document {
		result.Level = "warning"
	}
	if f.Allowed {
		result.Suppressions = []sarifSuppression{{"external", "a known deviation of the published document"}}
	}
	return result
}
