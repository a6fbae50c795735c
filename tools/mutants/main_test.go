package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The list fits the code it is for.
func TestTheListIsUpToDate(t *testing.T) {
	t.Parallel()
	mutants, err := read(list)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		if _, err := m.apply(filepath.Join("..", "..")); err != nil {
			t.Error(err)
		}
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	const good = "- {name: a, file: wire/a.go, old: x, new: y}\n"
	if mutants, err := read([]byte(good)); err != nil || !slices.Equal(mutants, []mutant{{"a", "wire/a.go", "x", "y"}}) {
		t.Errorf("got %+v, %v", mutants, err)
	}
	for list, want := range map[string]string{
		"":                             "EOF",
		good + good:                    `mutant "a": the name occurs twice`,
		"- {file: wire/a.go, old: x}":  "name or old is missing",
		"- {name: a, file: wire/a.go}": "name or old is missing",
		"- {name: a, file: generated/a.go, old: x}":     "generated/a.go is in none of [wrapper wire]",
		"- {name: a, file: wire/a.go, old: x, note: n}": "field note not found",
	} {
		if _, err := read([]byte(list)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", list, err, want)
		}
	}
}

// module writes a module whose packages double a number and whose tests notice whether they do.
func module(t *testing.T, double string) (root string) {
	t.Helper()
	root = t.TempDir()
	files := map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n"}
	for _, name := range packages {
		files[name+"/double.go"] = "package p\n\nfunc double(n int) int { " + double + " }\n"
		files[name+"/double_test.go"] = "package p\n\nimport \"testing\"\n\n" +
			"func TestDouble(t *testing.T) {\n\tif got := double(2); got != 4 {\n\t\tt.Error(got)\n\t}\n}\n"
	}
	for name, content := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestWhatBecomesOfMutants(t *testing.T) {
	t.Parallel()
	const file, good = "wire/double.go", "return 2 * n"
	killed := mutant{"trebles", "wrapper/double.go", "2 * n", "3 * n"}
	for name, test := range map[string]struct {
		code    string
		mutants []mutant
		out     string
		err     []string // nil: none
	}{
		"killed": {good, []mutant{killed}, "killed trebles\n1 of 1 mutants killed\n", nil},
		"killed by a panic": {
			good, []mutant{{"panics", file, "return", "panic(0); return"}}, "killed panics\n1 of 1 mutants killed\n", nil,
		},
		"surviving": {
			good, []mutant{{"squares", file, "2 * n", "n * n"}}, "SURVIVED squares\n0 of 1 mutants killed\n",
			[]string{"1 survived"},
		},
		"not compiling": {
			good, []mutant{{"does not compile", file, "2 * n", "twice(n)"}}, "0 of 1 mutants killed\n",
			[]string{`mutant "does not compile" proves nothing`, "undefined: twice"},
		},
		"stale, before any is tried": {
			good, []mutant{killed, {"stale", file, "n + n", "n"}, {"lost", "wire/lost.go", "x", "y"}}, "",
			[]string{`mutant "stale": old occurs 0 times in wire/double.go`, `mutant "lost": open`},
		},
		"ambiguous": {
			good, []mutant{{"ambiguous", file, "n", "m"}}, "",
			[]string{`mutant "ambiguous": old occurs 6 times in wire/double.go`},
		},
		"failing without it": {
			"return 3 * n", []mutant{{"a", file, "3", "2"}}, "", []string{"fail without a fault", "TestDouble"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			root := module(t, test.code)
			err := check(t.Context(), root, test.mutants, &out)
			if out.String() != test.out || (err == nil) != (test.err == nil) {
				t.Errorf("printed %q, error %v, want %q", &out, err, test.out)
			}
			for _, want := range test.err {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
			source, err := os.ReadFile(filepath.Join(root, file))
			if err != nil || !strings.Contains(string(source), test.code) {
				t.Errorf("the code was changed to %s, %v", source, err)
			}
		})
	}
}

func TestANameThatMatchesNothingIsAnError(t *testing.T) {
	t.Parallel()
	for _, only := range []string{"no such mutant", "("} {
		if err := run(t.Context(), filepath.Join("..", ".."), only, io.Discard); err == nil {
			t.Errorf("%s: no error", only)
		}
	}
}
