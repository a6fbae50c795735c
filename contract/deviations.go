package contract

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// Deviation is a defect of the published document, and so a correction of it.
type Deviation struct {
	ID       string // stable name of the correction
	Pointer  string // JSON pointer of the defect in the published document
	Reason   string
	Evidence string // the example or the prose that shows it
}

// Deviations returns the defects that an overlay of corrections, such as [openapi.Corrections], corrects, in its order.
// It returns an error if the overlay is not YAML of the form of api/corrections.yaml.
func Deviations(corrections []byte) (list []Deviation, err error) {
	var overlay struct {
		Actions []struct {
			ID       string `yaml:"x-correction"`
			Pointer  string `yaml:"x-pointer"`
			Reason   string `yaml:"description"`
			Evidence string `yaml:"x-evidence"`
		}
	}
	if err := yaml.Unmarshal(corrections, &overlay); err != nil {
		return nil, fmt.Errorf("contract: corrections: %w", err)
	}
	for _, action := range overlay.Actions {
		if action.Reason != "" { // the first action of a correction describes it
			list = append(list, Deviation(action))
		}
	}
	return list, nil
}
