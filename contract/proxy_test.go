package contract_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestProxyKeepsPathHostAndQueryOfItsTarget(t *testing.T) {
	t.Parallel()
	got := make(chan *http.Request, 1)
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Clone(t.Context())
		exchange(nil).serve(w, r)
	}))
	defer plain.Close()
	target, err := url.Parse(plain.URL + "/base/")
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(load(t, correctedDocument).Proxy(target))
	defer proxy.Close()
	target.Path = "/changed"
	resp, err := exchange(func(x *traffic) {
		x.target += "?a=1;b=%zz"
		x.header.Set("Accept-Encoding", "br")
		x.header.Set("Connection", "Upgrade")
		x.header.Set("Upgrade", "websocket")
	}).do(t, proxy.Client(), proxy.URL)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("got %v, error %v", resp, err)
	}
	r := <-got
	if r.RequestURI != "/base"+path+"?a=1;b=%zz" || r.Host != target.Host || r.Header.Get("X-Api-Key") != "key" ||
		r.Header.Get("Upgrade") != "" || r.Header.Get("X-Forwarded-For") != "" ||
		r.Header.Get("Accept-Encoding") != "gzip" {
		t.Errorf("the target got %s for %s: %v", r.RequestURI, r.Host, r.Header)
	}
}

func TestProxyWithoutATarget(t *testing.T) {
	t.Parallel()
	kit := load(t, correctedDocument)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for target, want := range map[string]string{
		closed.URL:            "contract: the target gave no response that can be read\n",
		"http://example.org":  "contract: the target of the proxy is neither an https URL nor an http one on loopback\n",
		"ftp://127.0.0.1":     "contract: the target of the proxy is neither an https URL nor an http one on loopback\n",
		"https:///path":       "contract: the target of the proxy is no URL with a host\n",
		"http://192.0.2.1:80": "contract: the target of the proxy is neither an https URL nor an http one on loopback\n",
	} {
		to, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		kit.Proxy(to).ServeHTTP(w, received(strings.NewReader(`{"endpoint_id":"e1"}`)))
		if w.Code != 502 || w.Body.String() != want {
			t.Errorf("%s: got %d, %q", target, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	kit.Proxy(nil).ServeHTTP(w, received(nil))
	if w.Code != 502 {
		t.Errorf("no target: got %d", w.Code)
	}
}
