package tests

import (
	"bufio"
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

// dependencies lists the packages that a package links beyond the standard library.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	return strings.Fields(goTool(t, ".", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg))
}

func within(pkg, path string) bool { return pkg == path || strings.HasPrefix(pkg, path+"/") }

// What a package may link: the arrows between the packages run one way, and a service that imports the client pays for
// this module and one small library.
func TestImports(t *testing.T) {
	t.Parallel()
	const json = "github.com/go-json-experiment/json"
	tests := map[string][]string{
		"wire":      {},
		"generated": {module + "/wire"},
		"wrapper":   {module + "/wire", module + "/generated", json},
		"generated/server": {module + "/wire", module + "/generated",
			"github.com/oapi-codegen/runtime", "github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid"},
		"heygentest": {module, module + "/wire", module + "/generated", module + "/generated/server", module + "/wrapper",
			module + "/contract", module + "/internal/formats", module + "/internal/jsonpointer", module + "/internal/loopback",
			json, "github.com/oapi-codegen/runtime",
			"github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid", "github.com/getkin/kin-openapi",
			"github.com/santhosh-tekuri/jsonschema/v6", "go.yaml.in/yaml/v4", "github.com/go-openapi", "golang.org/x/text",
			"github.com/gorilla/mux"},
		"contract": {module, module + "/internal/formats", module + "/internal/jsonpointer", module + "/internal/loopback",
			json, "github.com/getkin/kin-openapi",
			"github.com/santhosh-tekuri/jsonschema/v6",
			"go.yaml.in/yaml/v4", "github.com/go-openapi", "golang.org/x/text", "github.com/gorilla/mux"},
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

// The wrapper stays thin: at most 600 lines of code, comments and blank lines not counted, none over 120 columns.
func TestTheWrapperIsThin(t *testing.T) {
	t.Parallel()
	const maxLines, maxColumns = 600, 120
	files, err := filepath.Glob(filepath.Join("..", "wrapper", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	lines := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(bytes.NewReader(content))
		for number := 1; scanner.Scan(); number++ {
			line := strings.TrimSpace(scanner.Text())
			if line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
			if columns := len([]rune(strings.ReplaceAll(scanner.Text(), "\t", " "))); columns > maxColumns {
				t.Errorf("%s:%d has %d columns", file, number, columns)
			}
		}
	}
	if lines > maxLines {
		t.Errorf("%d lines of code, at most %d", lines, maxLines)
	}
}

// A module outside this one compiles against the surface of the sandbox and the kit, and tests with them.
func TestTester(t *testing.T) {
	t.Parallel()
	if got, want := goTool(t, "tests/testdata/tester", "run", "."), "1 true https://example.com/hook\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// A module outside this one compiles against the surface of the client and, with -mod=readonly, changes an endpoint of
// the sandbox.
func TestConsumer(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "consumer")
	goTool(t, "tests/testdata/consumer", "build", "-o", binary, ".")
	sandbox := newSandbox(t)
	cmd := exec.CommandContext(t.Context(), binary, sandbox.URL, endpointID)
	cmd.Env = append(os.Environ(), "HEYGEN_API_KEY="+sandbox.APIKey)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := string(out), "enabled https://example.com/hook [redacted]\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	endpoint, _ := sandbox.Endpoint(endpointID)
	if endpoint.URL != "https://example.com/hook" || !endpoint.Events.All() {
		t.Errorf("endpoint %+v", endpoint)
	}
	// What the consumer's own go.sum must list is what an importer pays.
	for sum := range strings.Lines(string(read(t, "tests/testdata/consumer/go.sum"))) {
		if !strings.HasPrefix(sum, "github.com/go-json-experiment/json ") {
			t.Errorf("an importer pays for %s", sum)
		}
	}
}
