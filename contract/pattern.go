package contract

import (
	"regexp"
	"time"

	"github.com/dlclark/regexp2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxMatch is how long one text is compared with a pattern that Go's regexp cannot run.
const maxMatch = 250 * time.Millisecond

// differs matches patterns that mean something else in Go than in ECMA-262, whose patterns JSON Schema has.
var differs = regexp.MustCompile(`\\[sSAzQECa]|\[\[|\(\?[^:]`)

// compilePattern compiles a pattern of ECMA-262: with Go's regexp, whose time is linear, where both mean the same. A
// pattern that cannot be compiled is no error: see unknownPattern.
func compilePattern(text string) (jsonschema.Regexp, error) {
	if !differs.MatchString(text) {
		if compiled, err := regexp.Compile(text); err == nil {
			return compiled, nil
		}
	}
	compiled, err := regexp2.Compile(text, regexp2.ECMAScript|regexp2.Unicode)
	if err != nil {
		return unknownPattern{text}, nil //nolint:nilerr // schemas that have one are not judged
	}
	compiled.MatchTimeout = maxMatch
	return ecmaPattern{compiled}, nil
}

type ecmaPattern struct{ *regexp2.Regexp }

func (p ecmaPattern) MatchString(text string) bool {
	matched, err := p.Regexp.MatchString(text)
	if err != nil {
		panic(tooManySteps{}) // caught by Contract.judge
	}
	return matched
}

// unknownPattern is a pattern that cannot be compiled. A schema that has one in its reach is not judged.
type unknownPattern struct{ text string }

func (p unknownPattern) String() string        { return p.text }
func (unknownPattern) MatchString(string) bool { return true }
