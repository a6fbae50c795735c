package contract

import (
	"slices"
	"sync"

	"github.com/oasdiff/yaml3"

	openapi "github.com/heygen-go/heygen"
)

// Deviation is a defect of the published document, and so a correction of it.
type Deviation struct {
	ID       string // stable name of the correction
	Pointer  string // JSON pointer of the defect in the published document
	Reason   string
	Evidence string // the example or the prose that shows it
}

// Deviations lists the defects of the published document, in the order in which they are corrected.
func Deviations() []Deviation { return slices.Clone(deviations()) }

var deviations = sync.OnceValue(func() (list []Deviation) {
	var overlay struct {
		Actions []struct {
			ID       string `yaml:"x-correction"`
			Pointer  string `yaml:"x-pointer"`
			Reason   string `yaml:"description"`
			Evidence string `yaml:"x-evidence"`
		}
	}
	if err := yaml.Unmarshal(openapi.Corrections(), &overlay); err != nil {
		panic("contract: embedded corrections: " + err.Error())
	}
	for _, action := range overlay.Actions {
		if action.Reason != "" { // the first action of a correction describes it
			list = append(list, Deviation(action))
		}
	}
	return list
})
