package document

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// seeds adds the vendored page, its definition and small definitions.
func seeds(f *testing.F, add func(content []byte)) {
	f.Helper()
	pages, err := V1.VendoredPages(filepath.Join("..", ".."))
	if err != nil {
		f.Fatal(err)
	}
	for _, page := range pages {
		add(page.Content)
		add(page.Definition)
	}
	for _, text := range []string{
		"openapi: 3.1.0\npaths: &p {/a: {get: {}}}\nx: *p\n", `{"openapi":"3.1.0","paths":{"/a":{"get":{"$ref":"#/paths"}}}}`,
		"# OpenAPI definition\n~~~json\n{\n~~~\n```json\n{\"openapi\":\"3.1\",\"paths\":{\"/a\":{\"get\":null}}}\n```\n",
		"## OpenAPI\n````yaml /o.json get /a\nopenapi: 3.1.0\npaths: {/a: {get: {}}}\nx: |\n  ```\n````\n",
		"- See:\n\n  ### OpenAPI\n  ~~~yml \"post /a\"\n  openapi: '3.1'\n  paths: {/a: {post: }}\n  ~~~\n",
		`{"openapi":"3.1.0","components":{"schemas":{"A":{"$id":"x","$anchor":"a","$ref":"#a"}}},"paths":{"/a":{"put":[]}}}`,
	} {
		add([]byte(text))
	}
}

// A page is a definition or an error. A definition can be read again, and what is readable of it, or taken, is JSON.
func FuzzExtract(f *testing.F) {
	seeds(f, func(content []byte) { f.Add(content) })
	f.Fuzz(func(t *testing.T, page []byte) {
		definition, err := Extract(page)
		if err != nil {
			return
		}
		if again, err := Extract(definition); err != nil || string(again) != string(definition) {
			t.Errorf("the definition is another one: %v", err)
		}
		readable, _, err := Readable(definition)
		if err == nil && !json.Valid(readable) {
			t.Errorf("what is readable is no JSON:\n%s", readable)
		}
		if part, err := Take(definition, "/a"); err == nil && !json.Valid(part) {
			t.Errorf("what is taken is no JSON:\n%s", part)
		}
		if _, notes, err := Readable(readable); err != nil || len(notes) > 0 {
			t.Errorf("what is readable is read with notes: %v, %q\n%s", err, notes, readable)
		}
	})
}

// Whatever a new definition holds, each correction has a state, and those that apply make JSON.
func FuzzCorrections(f *testing.F) {
	pages, err := V1.VendoredPages(filepath.Join("..", ".."))
	if err != nil {
		f.Fatal(err)
	}
	published, err := Union(pages)
	if err != nil {
		f.Fatal(err)
	}
	corrections, err := os.ReadFile(filepath.Join("..", "..", "api", "corrections.yaml"))
	if err != nil {
		f.Fatal(err)
	}
	corrected, err := Correct(published, corrections)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(corrected)
	seeds(f, func(content []byte) { f.Add(content) })
	f.Fuzz(func(t *testing.T, revised []byte) {
		definition, err := Extract(revised)
		if err != nil {
			return
		}
		corrected, standings, err := Standings(published, definition, corrections)
		if err != nil || !json.Valid(corrected) {
			t.Errorf("%v, corrected to %s", err, corrected)
		}
		for _, s := range standings {
			if s.State == "" {
				t.Errorf("%s has no state", s.ID)
			}
		}
	})
}

// Two pages make one definition or an error, which holds the operations of both.
func FuzzUnion(f *testing.F) {
	var all [][]byte
	seeds(f, func(content []byte) { all = append(all, content) })
	for _, content := range all {
		f.Add(content, all[0])
		f.Add(all[0], content)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var pages []Page
		count := 0
		for _, content := range [][]byte{first, second} {
			definition, err := Extract(content)
			if err != nil {
				return
			}
			pages = append(pages, Page{Name: "page.md", Definition: definition})
		}
		joined, conflicts, err := Join(pages)
		if err != nil || !json.Valid(joined) {
			t.Fatalf("%v, joined as\n%s", err, joined)
		}
		if len(conflicts) > 0 {
			return
		}
		root, err := parse(joined)
		if err != nil {
			t.Fatalf("%v\n%s", err, joined)
		}
		for range operations(root.Content[0]) {
			count++
		}
		for _, page := range pages {
			root, err := parse(page.Definition)
			if err != nil {
				t.Fatal(err)
			}
			own := 0
			for range operations(root.Content[0]) {
				own++
			}
			if own > count {
				t.Errorf("%d operations of %d are left", count, own)
			}
		}
	})
}
