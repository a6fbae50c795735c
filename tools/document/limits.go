package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gopkg.in/yaml.v3"
)

// The libraries that read, compare and generate have no limits of their own, and the time that some take grows with the
// cube of the depth. HeyGen's documents have about 20 levels and at most 30,000 values.
const (
	maxDepth  = 200
	maxValues = 250_000 // names of members included
)

// checkLimits returns an error for a definition, JSON, that is nested too deeply, has too many values, or holds a
// number that is none in most programs. It does not report other mistakes.
func checkLimits(definition []byte) error {
	decoder := jsontext.NewDecoder(bytes.NewReader(definition))
	for values := 0; ; values++ {
		token, err := decoder.ReadToken()
		at := func() string { return shortened(string(decoder.StackPointer())) }
		switch {
		case err != nil:
			return nil //nolint:nilerr // the caller parses it and says more
		case decoder.StackDepth() > maxDepth:
			return fmt.Errorf("%s has more than %d levels of objects and lists", at(), maxDepth)
		case values > maxValues:
			return fmt.Errorf("it has more than %d values, the last of them at %s", maxValues, at())
		case token.Kind() == '0' && !isFloat(token.String()):
			return fmt.Errorf("the number at %s is beyond the range of a double", at())
		}
	}
}

// shortened returns a JSON pointer as it stands in an error: that of what is nested deeply is long.
func shortened(place string) string {
	if len(place) > 300 {
		return place[:300] + "…"
	}
	return place
}

// isFloat reports whether a number of JSON is finite as a double, and zero only if it is.
func isFloat(number string) bool {
	value, err := strconv.ParseFloat(number, 64)
	digits, _, _ := strings.Cut(strings.ToLower(number), "e")
	return err == nil && (value != 0 || strings.Trim(digits, "-0.") == "")
}

// checkAliases is checkLimits for the depth and the values of YAML, aliases followed: one within its own anchor has no
// end. It also refuses a member that is there twice, because the line in JSON would say nothing about the YAML.
func checkAliases(node *yaml.Node) error {
	values := 0
	var visit func(node *yaml.Node, depth int) error
	visit = func(node *yaml.Node, depth int) error {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		if values++; values > maxValues {
			return fmt.Errorf("line %d: with its aliases followed it has more than %d values", node.Line, maxValues)
		}
		if depth > maxDepth {
			return fmt.Errorf("line %d has more than %d levels of objects and lists", node.Line, maxDepth)
		}
		seen := map[string]bool{}
		for name := range members(node) {
			if seen[name] {
				return fmt.Errorf("the object in line %d has the member %q twice", node.Line, name)
			}
			seen[name] = true
		}
		for _, child := range node.Content {
			if err := visit(child, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return visit(node, -1) // of the document around it
}

// decodeOne reads YAML of one document.
func decodeOne(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("not YAML of one document: something follows the first")
	}
	return &root, checkAliases(&root)
}
