package revision

import (
	"slices"
	"testing"
)

func TestPageTakesThePlaceOfTheOneOfTheSameOperation(t *testing.T) {
	t.Parallel()
	operation := func(path, id string) []byte {
		return []byte(`{"paths":{"` + path + `":{"get":{"operationId":"` + id + `"}}}}`)
	}
	page := func(name string, definition []byte) Page { return Page{Name: name, Definition: definition} }
	tests := map[string]struct {
		page Page
		want []string // the names of the pages afterwards
		at   int      // where the page is
	}{
		"same name":                {page("b.md", operation("/new", "new")), []string{"a.md", "b.md"}, 1},
		"same path":                {page("new.md", operation("/a", "new")), []string{"a.md", "b.md"}, 0},
		"same operation id":        {page("new.md", operation("/new", "b")), []string{"a.md", "b.md"}, 1},
		"name before path":         {page("b.md", operation("/a", "a")), []string{"a.md", "b.md"}, 1},
		"another operation":        {page("new.md", operation("/new", "new")), []string{"a.md", "b.md", "new.md"}, 2},
		"a page with no paths":     {page("new.md", []byte(`{}`)), []string{"a.md", "b.md", "new.md"}, 2},
		"operations without id":    {page("new.md", operation("/new", "")), []string{"a.md", "b.md", "new.md"}, 2},
		"a page that is no JSON":   {page("new.md", []byte(`{`)), []string{"a.md", "b.md", "new.md"}, 2},
		"another case of the path": {page("new.md", operation("/A", "new")), []string{"a.md", "b.md", "new.md"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := place([]Page{
				{Name: "a.md", Definition: operation("/a", "a")}, {Name: "b.md", Definition: operation("/b", "b")},
			}, tt.page)
			var names []string
			for _, page := range got {
				names = append(names, page.Name)
			}
			if !slices.Equal(names, tt.want) || string(got[tt.at].Definition) != string(tt.page.Definition) {
				t.Errorf("pages %v, want %v, with the new one at %d: %s", names, tt.want, tt.at, got)
			}
		})
	}
}
