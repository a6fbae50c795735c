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
	tests := map[string]struct {
		page Page
		want []string // the names of the pages afterwards
		at   int      // where the page is
	}{
		"same name":                {Page{Name: "b.md", Definition: operation("/new", "new")}, []string{"a.md", "b.md"}, 1},
		"same path":                {Page{Name: "new.md", Definition: operation("/a", "new")}, []string{"a.md", "b.md"}, 0},
		"same operation id":        {Page{Name: "new.md", Definition: operation("/new", "b")}, []string{"a.md", "b.md"}, 1},
		"name before path":         {Page{Name: "b.md", Definition: operation("/a", "a")}, []string{"a.md", "b.md"}, 1},
		"another operation":        {Page{Name: "new.md", Definition: operation("/new", "new")}, []string{"a.md", "b.md", "new.md"}, 2},
		"a page with no paths":     {Page{Name: "new.md", Definition: []byte(`{}`)}, []string{"a.md", "b.md", "new.md"}, 2},
		"operations without id":    {Page{Name: "new.md", Definition: operation("/new", "")}, []string{"a.md", "b.md", "new.md"}, 2},
		"a page that is no JSON":   {Page{Name: "new.md", Definition: []byte(`{`)}, []string{"a.md", "b.md", "new.md"}, 2},
		"another case of the path": {Page{Name: "new.md", Definition: operation("/A", "new")}, []string{"a.md", "b.md", "new.md"}, 2},
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
