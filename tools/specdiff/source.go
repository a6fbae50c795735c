package specdiff

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
// The page is named after doc, whatever a server redirects to. An error names the file or URL and, where there is one,
// the line.
func Read(ctx context.Context, doc string, out io.Writer) (document.Page, error) {
	page := document.Page{Source: filepath.Base(doc)}
	var err error
	if scheme, _, isURL := strings.Cut(doc, "://"); !isURL {
		page.Name = fileName(filepath.ToSlash(doc))
		page.Content, err = readFile(doc)
	} else if scheme == "http" || scheme == "https" {
		page, err = fetch(ctx, doc, out)
		doc = page.Source
	} else {
		err = errors.New("want a file, or an http or https URL")
	}
	if err == nil {
		page.Definition, err = document.Extract(page.Content)
	}
	if err != nil {
		return document.Page{}, fmt.Errorf("%s: %w", doc, err)
	}
	return page, nil
}

func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err) // Read names the file
	}
	content, err := readAll(file)
	_ = file.Close() // nothing was written
	return content, err
}

// fetch reads a URL. The source it returns can be shown: it holds no password.
func fetch(ctx context.Context, address string, out io.Writer) (page document.Page, _ error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return document.Page{Source: "the URL of the page"}, errors.New("it cannot be parsed: want https://host/path")
	}
	page = document.Page{Name: fileName(request.URL.Path), Source: request.URL.Redacted()}
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
			err = failed.Err // the rest holds the URL again
		}
		return page, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return page, fmt.Errorf("the response is %s, want 200", response.Status)
	}
	page.Content, err = readAll(response.Body)
	return page, err
}

func readAll(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	if err == nil && len(content) > maxPage {
		err = fmt.Errorf("it has more than %d MiB: is it the page of an operation?", maxPage>>20)
	}
	return content, err
}

var unfit = regexp.MustCompile(`[^a-z0-9]+`)

// fileName is the name of a vendored page: Markdown, whatever it is called where it comes from, so that nothing in api/
// can be a Go file, a configuration, or hidden.
func fileName(from string) string {
	base := path.Base(from)
	name := strings.Trim(unfit.ReplaceAllString(strings.ToLower(strings.TrimSuffix(base, path.Ext(base))), "-"), "-")
	if name == "" {
		name = "page"
	}
	return name + ".md"
}
