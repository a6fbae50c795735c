package specdiff

import (
	"context"
	"encoding/json"
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
	"github.com/heygen-go/heygen/tools/generate"
)

const (
	maxPage      = 32 << 20 // bytes
	fetchTimeout = 30 * time.Second
	maxRedirects = 5
	maxName      = 100 // bytes
)

// Read reads a page of a version of the API, or a definition alone, from a file or from an http or https URL, whose
// redirects it writes to out. The page is named after doc, whatever a server redirects to. An error names the file or
// URL and, where there is one, the line. Of a URL neither user, password nor query is shown or recorded: a query can
// hold a token.
func Read(ctx context.Context, api document.API, doc string, out io.Writer) (document.Page, error) {
	return generate.Within(ctx, fetchTimeout, func(ctx context.Context) (document.Page, error) {
		page := document.Page{Source: filepath.Base(doc)}
		var err error
		if scheme, _, isURL := strings.Cut(doc, "://"); !isURL {
			page.Name = fileName(filepath.ToSlash(doc))
			page.Content, err = readFile(doc)
		} else if scheme = strings.ToLower(scheme); scheme == "http" || scheme == "https" {
			page, err = fetch(ctx, doc, out)
			doc = page.Source
		} else {
			doc, err = scheme+"://…", errors.New("want a file, or an http or https URL")
		}
		if err == nil {
			page.Definition, err = api.Extract(page.Content)
		}
		if err == nil && api == document.V1 {
			err = onlyVersion1(page.Definition)
		}
		if err != nil {
			return document.Page{}, fmt.Errorf("%s: %w", doc, err)
		}
		return page, nil
	})
}

// onlyVersion1 refuses what would become a part of version 1, all of which is taken, and is not.
func onlyVersion1(definition []byte) error {
	var root any
	_ = json.Unmarshal(definition, &root) // document.Extract has read it
	for _, path := range sortedKeys(objectOf(document.Follow(root, "paths"))) {
		if strings.HasPrefix(path, document.V3.Paths) {
			return fmt.Errorf("%s is a path of version 3: name that version, API=v3", path)
		}
	}
	return nil
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

// fetch reads a URL. The source it returns can be shown. It follows redirects itself, without an http.Client, which
// would send the query on as Referer, and would quote what the server sends in its errors.
func fetch(ctx context.Context, address string, out io.Writer) (page document.Page, _ error) {
	next, err := url.Parse(address)
	if err != nil {
		return document.Page{Source: "the URL of the page"}, errors.New("it cannot be parsed: want https://host/path")
	}
	page = document.Page{Name: fileName(next.Path), Source: shown(next)}
	for redirects := 0; ; redirects++ {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, next.String(), nil)
		if err != nil {
			return page, errors.New("it is no URL of a page: want https://host/path")
		}
		if next.User != nil {
			password, _ := next.User.Password()
			request.SetBasicAuth(next.User.Username(), password)
		}
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			return page, err
		}
		if response.StatusCode == http.StatusOK {
			page.Content, err = readAll(response.Body)
			_ = response.Body.Close() // nothing was written
			return page, err
		}
		_ = response.Body.Close()
		location, err := response.Location()
		switch {
		case response.StatusCode/100 != 3 || errors.Is(err, http.ErrNoLocation):
			return page, fmt.Errorf("the response is %d %s, want 200", response.StatusCode, http.StatusText(response.StatusCode))
		case err != nil:
			return page, errors.New("it is redirected to what is no URL")
		case location.Scheme != "https" && location.Scheme != next.Scheme:
			return page, fmt.Errorf("redirected from %s to %s: want to stay on http or https", next.Scheme, location.Scheme)
		case redirects == maxRedirects:
			return page, fmt.Errorf("more than %d redirects", maxRedirects)
		}
		fmt.Fprintln(out, "redirected to", plain(shown(location)))
		next = location
	}
}

// shown is a URL without what may be secret.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
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
	return name[:min(maxName, len(name))] + ".md"
}
