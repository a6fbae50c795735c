package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// packages are the directories of the packages whose tests are checked.
var packages = []string{"wrapper", "wire"}

// mutant is a single fault.
type mutant struct {
	Name string // what the code does then
	File string // slash-separated, from the repository's root
	Old  string // occurs exactly once in the file
	New  string // instead of Old; may be empty
}

// read reads a list of mutants, YAML. Members it does not know, names that occur twice and files outside the packages
// are errors.
func read(list []byte) ([]mutant, error) {
	var mutants []mutant
	decoder := yaml.NewDecoder(bytes.NewReader(list))
	decoder.KnownFields(true)
	if err := decoder.Decode(&mutants); err != nil {
		return nil, err
	}
	var errs []error
	names := map[string]bool{}
	for _, m := range mutants {
		directory, _, _ := strings.Cut(m.File, "/")
		switch {
		case m.Name == "" || m.Old == "":
			errs = append(errs, fmt.Errorf("mutant %q: name or old is missing", m.Name))
		case names[m.Name]:
			errs = append(errs, fmt.Errorf("mutant %q: the name occurs twice", m.Name))
		case !slices.Contains(packages, directory):
			errs = append(errs, fmt.Errorf("mutant %q: %s is in none of %v", m.Name, m.File, packages))
		}
		names[m.Name] = true
	}
	return mutants, errors.Join(errs...)
}

// apply returns the mutant's file with the fault in it.
func (m mutant) apply(root string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.File)))
	if err != nil {
		return nil, fmt.Errorf("mutant %q: %w", m.Name, err)
	}
	if found := bytes.Count(source, []byte(m.Old)); found != 1 {
		return nil, fmt.Errorf("mutant %q: old occurs %d times in %s, want once: correct it in mutants.yaml",
			m.Name, found, m.File)
	}
	return bytes.Replace(source, []byte(m.Old), []byte(m.New), 1), nil
}
