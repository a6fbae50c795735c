package revision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/heygen-go/heygen/tools/document"
)

const (
	maxPage      = 32 << 20 // bytes
	fetchTimeout = 30 * time.Second
	maxRedirects = 5
)

// Read reads a page, or a definition alone, from a file or from an http or https URL, whose redirects it writes to out.
// An error names the file or URL and, where there is one, the line.
func Read(ctx context.Context, doc string, out io.Writer) (Page, error) {
	var page Page
	var err error
	if scheme, _, isURL := strings.Cut(doc, "://"); !isURL {
		page, err = open(doc)
	} else if scheme == "http" || scheme == "https" {
		doc, page, err = fetch(ctx, doc, out)
	} else {
		return Page{}, fmt.Errorf("%s: want a file, or an http or https URL", doc)
	}
	if err != nil {
		return Page{}, err
	}
	if page.Definition, err = document.Extract(page.Content); err != nil {
		return Page{}, fmt.Errorf("%s: %w", doc, err)
	}
	return page, nil
}

// Within is a name, or the location of a document, as seen from a directory. A URL stays as it is.
func Within(directory, name string) string {
	if filepath.IsAbs(name) || strings.Contains(name, "://") {
		return name
	}
	return filepath.Join(directory, name)
}

func open(name string) (Page, error) {
	file, err := os.Open(name)
	if err != nil {
		return Page{}, err
	}
	content, err := readAll(file)
	_ = file.Close() // nothing was written
	if err != nil {
		return Page{}, fmt.Errorf("%s: %w", name, err)
	}
	return Page{Name: filepath.Base(name), Source: filepath.Base(name), Content: content}, nil
}

// fetch reads a URL, which it returns as it may be shown: without a password.
func fetch(ctx context.Context, address string, out io.Writer) (shown string, _ Page, _ error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", Page{}, errors.New("the URL of the page cannot be read: want https://host/path")
	}
	shown = request.URL.Redacted()
	client := &http.Client{CheckRedirect: func(next *http.Request, via []*http.Request) error {
		fmt.Fprintln(out, "redirected to", next.URL.Redacted())
		last := via[len(via)-1].URL.Scheme
		switch {
		case next.URL.Scheme != "https" && next.URL.Scheme != last:
			return fmt.Errorf("redirected from %s to %s: want to stay on http or https", last, next.URL.Scheme)
		case len(via) > maxRedirects:
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
		return nil
	}}
	response, err := client.Do(request)
	if err != nil {
		if failed := (*url.Error)(nil); errors.As(err, &failed) {
			err = failed.Err // the rest says the URL again
		}
		return shown, Page{}, fmt.Errorf("%s: %w", shown, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return shown, Page{}, fmt.Errorf("%s: the answer is %s, want 200", shown, response.Status)
	}
	content, err := readAll(response.Body)
	if err != nil {
		return shown, Page{}, fmt.Errorf("%s: %w", shown, err)
	}
	return shown, Page{Name: fileName(response.Request.URL.Path), Source: shown, Content: content}, nil
}

func readAll(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	if err == nil && len(content) > maxPage {
		err = fmt.Errorf("it has more than %d MiB: is it the page of an operation?", maxPage>>20)
	}
	return content, err
}

var unfit = regexp.MustCompile(`^[^A-Za-z0-9]+|[^A-Za-z0-9._-]+`)

// fileName is a file name for what a URL holds.
func fileName(urlPath string) string {
	name := unfit.ReplaceAllString(path.Base(urlPath), "")
	if name == "" {
		name = "page"
	}
	if path.Ext(name) == "" {
		name += ".md"
	}
	return name
}
