// Package generate makes Go code of documents with oapi-codegen. Its configuration, templates and Go names are in api/.
package generate

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

// Files are the contents of generated files by their names, which are relative to the root of the repository.
type Files map[string][]byte

// output is a file that oapi-codegen makes. An empty name or package is that of the configuration.
type output struct{ config, name, goPackage string }

// Module returns the files of generated/ in the repository at root, made from a corrected document.
func Module(root string, corrected []byte) (Files, error) {
	names, err := os.ReadFile(filepath.Join(root, "api", "names.yaml"))
	if err != nil {
		return nil, err
	}
	return files(root, corrected, names,
		output{config: "api/generated.yaml", name: "generated/heygen.gen.go"}, output{config: "api/generated-server.yaml"})
}

// Operations returns the request builders of tests/operations in the repository at root, made from the document there.
func Operations(root string) (Files, error) {
	content, err := os.ReadFile(filepath.Join(root, "tests", "operations", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	definition, err := document.Extract(content)
	if err != nil {
		return nil, err
	}
	return files(root, definition, nil,
		output{config: "api/generated.yaml", name: "tests/operations/operations.gen.go", goPackage: "operations"})
}

func files(root string, definition, names []byte, outputs ...output) (Files, error) {
	if err := document.CheckSupported(definition); err != nil {
		return nil, err
	}
	named, err := document.Name(definition, names)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "heygen-generate-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	input := filepath.Join(scratch, "named.json")
	if err := os.WriteFile(input, named, 0o600); err != nil {
		return nil, err
	}
	made := Files{}
	for _, o := range outputs {
		name, code, err := o.generate(root, input)
		if err != nil {
			return nil, fmt.Errorf("oapi-codegen, by %s: %s", o.config, strings.ReplaceAll(err.Error(), input, "the document"))
		}
		made[name] = []byte(code)
	}
	return made, nil
}

var oneAtATime sync.Mutex // oapi-codegen has global state

// generate does what the command oapi-codegen does, with names in the configuration relative to root. An input that
// oapi-codegen does not expect can make it panic.
func (o output) generate(root, input string) (name, code string, err error) {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("it panics: %v", reason)
		}
	}()
	text, err := os.ReadFile(filepath.Join(root, o.config))
	if err != nil {
		return "", "", err
	}
	var config struct {
		codegen.Configuration `yaml:",inline"`

		Output string
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return "", "", err
	}
	config.PackageName = cmp.Or(o.goPackage, config.PackageName)
	config.Configuration = config.UpdateDefaults()
	if err := config.Validate(); err != nil {
		return "", "", err
	}
	for template, file := range config.OutputOptions.UserTemplates {
		config.OutputOptions.UserTemplates[template] = filepath.Join(root, file)
	}
	overlay := util.LoadSwaggerWithOverlayOpts{Strict: true}
	if path := config.OutputOptions.Overlay.Path; path != "" {
		overlay.Path = filepath.Join(root, path)
	}
	spec, err := util.LoadSwaggerWithOverlay(input, overlay)
	if err != nil {
		return "", "", err
	}
	code, err = codegen.Generate(spec, config.Configuration)
	return cmp.Or(o.name, config.Output), code, err
}
