// Package generate makes Go code of documents with oapi-codegen. Its configuration, templates and Go names are in api/.
package generate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"golang.org/x/tools/go/ast/astutil"
	"gopkg.in/yaml.v3"

	"github.com/heygen-go/heygen/tools/document"
)

// Files are the contents of generated files by their names, which are relative to the root of the repository.
type Files map[string][]byte

// output is a file that oapi-codegen makes.
type output struct {
	configs  []string // laid over each other
	overlays [][]byte // of the corrected document
}

// The configurations of the client and the server side.
var (
	clientConfigs = []string{"api/generated.yaml"}
	serverConfigs = []string{"api/generated.yaml", "api/generated-server.yaml"}
)

// Module returns the files of a version's Go packages, made from its corrected document. It returns an error once ctx
// is done, or after a limit of 30 seconds.
func (g *Generator) Module(ctx context.Context, api document.API, corrected []byte) (Files, error) {
	names, err := os.ReadFile(filepath.Join(g.root, api.Dir, "names.yaml"))
	if err != nil {
		return nil, err
	}
	serverNames, err := os.ReadFile(filepath.Join(g.root, api.Dir, "names-server.yaml"))
	if err != nil {
		return nil, err
	}
	client := output{configs: clientConfigs, overlays: [][]byte{names}}
	server := output{configs: serverConfigs, overlays: [][]byte{names, serverNames}}
	if api != document.V1 {
		client.configs = append(slices.Clip(client.configs), api.Dir+"/generated.yaml")
		server.configs = append(slices.Clip(server.configs), api.Dir+"/generated-server.yaml")
	}
	return Within(ctx, limit, func(ctx context.Context) (Files, error) {
		return g.files(ctx, corrected, client, server)
	})
}

// files makes outputs of a corrected document. It refuses a document of which the code would not compile, or would do
// something else than the document says, and names every such place.
func (g *Generator) files(ctx context.Context, definition []byte, outputs ...output) (Files, error) {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	isReadable, refused := document.CheckSupported(definition)
	if !isReadable {
		return nil, refused
	}
	made, refusals := Files{}, refusals{refused}
	for _, o := range outputs {
		named, err := document.Name(definition, o.overlays...)
		if err != nil {
			return nil, errors.Join(append(refusals, err)...)
		}
		parts, err := document.Parts(named)
		if err != nil {
			return nil, err
		}
		refusals.add(checkRoutes(parts)...)
		config, err := o.configuration(g.root)
		if err != nil {
			return nil, err
		}
		code, err := generate(config.Configuration, named)
		if err != nil {
			refusals.add(generatorError(parts, err))
			break
		}
		refusals.add(checkNames(parts)...)
		mistakes, err := g.check(ctx, module+path.Dir(config.Output), code)
		if err != nil {
			return nil, err
		}
		refusals.add(explain(parts, code, mistakes)...)
		made[config.Output] = code
	}
	return made, errors.Join(refusals...)
}

// refusals are errors, each once, because most parts of a document go into several files. One without a place is left
// out beside others, because it comes of these.
type refusals []error

func (r *refusals) add(errs ...error) {
	for _, err := range errs {
		isFirst := !slices.ContainsFunc(*r, func(known error) bool { return known != nil })
		if strings.HasPrefix(err.Error(), noPlace) && !isFirst {
			continue
		}
		if !slices.ContainsFunc(*r, func(known error) bool { return known != nil && known.Error() == err.Error() }) {
			*r = append(*r, err)
		}
	}
}

var oneAtATime sync.Mutex // oapi-codegen has global state

type configuration struct {
	codegen.Configuration `yaml:",inline"`

	Output string // name of the file
}

// configuration reads the configurations, in which names are relative to root.
func (o output) configuration(root string) (config configuration, err error) {
	for _, name := range o.configs {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return config, err
		}
		if err := yaml.Unmarshal(text, &config); err != nil {
			return config, fmt.Errorf("%s: %w", name, err)
		}
	}
	config.Configuration = config.UpdateDefaults()
	config.OutputOptions.SkipFmt = true // code that is none has no line numbers otherwise
	for template, file := range config.OutputOptions.UserTemplates {
		config.OutputOptions.UserTemplates[template] = filepath.Join(root, file)
	}
	return config, config.Validate()
}

// generate returns the code that oapi-codegen makes of a document. Code that cannot be formatted comes back as it is. A
// document that oapi-codegen does not expect can make it panic.
func generate(config codegen.Configuration, definition []byte) (code []byte, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("it panics: %v", reason)
		}
	}()
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true // oapi-codegen routes in the order of the document
	spec, err := loader.LoadFromData(definition)
	if err != nil {
		return nil, err
	}
	raw, err := codegen.Generate(spec, config)
	if err != nil {
		return nil, err
	}
	return prune([]byte(raw)), nil
}

// prune removes the imports that code does not use, and formats it. Code that cannot be parsed comes back as it is.
// goimports would do the same, and read the whole module cache for it.
func prune(code []byte) []byte {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", code, parser.ParseComments)
	if err != nil {
		return code
	}
	for _, spec := range slices.Clone(file.Imports) {
		path, _ := strconv.Unquote(spec.Path.Value)
		if !astutil.UsesImport(file, path) {
			name := ""
			if spec.Name != nil {
				name = spec.Name.Name
			}
			astutil.DeleteNamedImport(fset, file, name, path)
		}
	}
	ast.SortImports(fset, file)
	var formatted bytes.Buffer
	if err := format.Node(&formatted, fset, file); err != nil {
		return code
	}
	return formatted.Bytes()
}
