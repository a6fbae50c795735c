package tests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/heygen-go/heygen"

// goTool runs the go command in a directory of the repository and returns what it prints.
func goTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join("..", filepath.FromSlash(dir))
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly -trimpath", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// dependencies returns the packages that a package links beyond the standard library.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	return strings.Fields(goTool(t, ".", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg))
}

func within(pkg, path string) bool { return pkg == path || strings.HasPrefix(pkg, path+"/") }

// The arrows between the packages run one way, and a service that imports the client links this module and one small
// library. That is what keeps the client thin.
func TestImports(t *testing.T) {
	t.Parallel()
	const json = "github.com/go-json-experiment/json"
	tests := map[string][]string{
		"wire":      {},
		"webhook":   {},
		"generated": {module + "/wire"},
		"generated/v3": {module + "/wire",
			"github.com/oapi-codegen/runtime", "github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid"},
		"wrapper": {module + "/wire", module + "/generated", module + "/internal/loopback", json},
		"wrapper/v3": {module + "/wire", module + "/generated", module + "/generated/v3", module + "/wrapper",
			module + "/internal/loopback", json,
			"github.com/oapi-codegen/runtime", "github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid"},
		"generated/v3/server": {module + "/wire", module + "/generated/v3",
			"github.com/oapi-codegen/runtime", "github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid"},
		"generated/server": {module + "/wire", module + "/generated",
			"github.com/oapi-codegen/runtime", "github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid"},
		"heygentest": {module, module + "/webhook", module + "/wire", module + "/generated", module + "/generated/server",
			module + "/generated/v3", module + "/generated/v3/server", module + "/wrapper", module + "/wrapper/v3",
			module + "/contract", module + "/internal/cors", module + "/internal/formats",
			module + "/internal/jsonpointer", module + "/internal/loopback", json, "github.com/oapi-codegen/runtime",
			"github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid", "github.com/getkin/kin-openapi",
			"github.com/santhosh-tekuri/jsonschema/v6", "github.com/dlclark/regexp2", "go.yaml.in/yaml/v4",
			"github.com/go-openapi", "golang.org/x/text"},
		"contract": {module, module + "/internal/cors", module + "/internal/formats",
			module + "/internal/jsonpointer", module + "/internal/loopback", json, "github.com/getkin/kin-openapi",
			"github.com/santhosh-tekuri/jsonschema/v6", "github.com/dlclark/regexp2",
			"go.yaml.in/yaml/v4", "github.com/go-openapi", "golang.org/x/text"},
	}
	for pkg, allowed := range tests {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			for _, dependency := range dependencies(t, module+"/"+pkg) {
				own := dependency == module+"/"+pkg
				inside := within(dependency, module) && !slices.Contains(allowed, dependency)
				known := slices.ContainsFunc(allowed, func(path string) bool {
					return path != module && within(dependency, path) || path == dependency
				})
				if !own && (inside || !known) {
					t.Errorf("%s links %s", pkg, dependency)
				}
			}
		})
	}
}

// A module outside this one tests with the sandbox and the kit.
func TestTester(t *testing.T) {
	t.Parallel()
	if got, want := goTool(t, "tests/testdata/tester", "run", "."), "1 true https://example.com/hook\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// A module outside this one changes an endpoint of the sandbox, and links few modules. The program for version 3 is
// that for version 1 with another import, and both use one sandbox.
func TestConsumers(t *testing.T) {
	t.Parallel()
	const json = "github.com/go-json-experiment/json"
	runtime := []string{"github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid", "github.com/oapi-codegen/runtime"}
	sandbox := newSandbox(t)
	for _, test := range []struct {
		dir, secret string // how it is printed after an update
		links       []string
	}{
		{"tests/testdata/consumer", "[redacted]", []string{json}},
		{"tests/testdata/consumer3", "", append(runtime, json)},
	} {
		binary := filepath.Join(t.TempDir(), "consumer")
		goTool(t, test.dir, "build", "-o", binary, ".")
		for id, want := range map[string]string{
			endpointID: "enabled https://example.com/" + test.dir + " secret=" + test.secret + "\n",
			"unknown":  "there is no endpoint unknown\n",
		} {
			cmd := exec.CommandContext(t.Context(), binary, sandbox.URL, id, "https://example.com/"+test.dir)
			cmd.Env = append(os.Environ(), "HEYGEN_API_KEY="+sandbox.APIKey)
			if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
				t.Errorf("%s: printed %q, want %q, error %v", test.dir, out, want, err)
			}
		}
		endpoint, _ := sandbox.Endpoint(endpointID)
		if endpoint.URL != "https://example.com/"+test.dir || !endpoint.Events.All() {
			t.Errorf("%s: endpoint %+v", test.dir, endpoint)
		}
		// go mod tidy also resolves the tests of the packages that a module imports, so their imports are the importer's,
		// too.
		if diff := goTool(t, test.dir, "mod", "tidy", "-diff"); diff != "" {
			t.Errorf("%s: go mod tidy changes an importer's module:\n%s", test.dir, diff)
		}
		linked := strings.Fields(goTool(t, test.dir, "list", "-deps", "-f",
			`{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}`, "."))
		slices.Sort(linked)
		want := append(test.links, module)
		slices.Sort(want)
		if linked = slices.Compact(linked); !slices.Equal(linked, want) {
			t.Errorf("%s links the modules %q, want %q", test.dir, linked, want)
		}
	}
	if sums := strings.Count(string(read(t, "tests/testdata/consumer/go.sum")), "\n"); sums != 2 {
		t.Errorf("the go.sum of an importer of version 1 has %d lines, want the two of %s", sums, json)
	}
	one, three := string(read(t, "tests/testdata/consumer/main.go")), string(read(t, "tests/testdata/consumer3/main.go"))
	const imported = `heygen "` + module + `/wrapper`
	if moved := strings.Replace(one, imported+`"`, imported+`/v3"`, 1); moved != three || moved == one {
		t.Error("the programs differ in more than an import")
	}
}
