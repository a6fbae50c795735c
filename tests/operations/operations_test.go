// Package operations holds request builders of operations that HeyGen does not have, for tests: they show that an
// operation with parameters, added to the document, can be called without handwritten code.
package operations

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

func TestParametersArriveAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	since := wire.Timestamp{Raw: "2025-10-22T08:31:48+02:00"}
	for name, test := range map[string]struct {
		base, id string
		want     string // the path; "" if the id is refused
	}{
		"plain":          {"https://a", "e1", "/v1/things/7/e1"},
		"slash":          {"https://a", "a/../b", "/v1/things/7/a%2F..%2Fb"},
		"percent":        {"https://a", "100%2F", "/v1/things/7/100%252F"},
		"question mark":  {"https://a", "a?b#c d", "/v1/things/7/a%3Fb%23c%20d"},
		"another's name": {"https://a", "{group}", "/v1/things/7/%7Bgroup%7D"},
		"prefix":         {"https://a/p%2Fq/", "é", "/p%2Fq/v1/things/7/%C3%A9"},
		"empty":          {"https://a", "", ""},
		"dot":            {"https://a", ".", ""},
		"dots":           {"https://a", "..", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := NewGetThingRequest(parse(t, test.base), 7, test.id, &GetThingParams{
				Since: since, Ids: []int{1, 2}, Deep: new(false), Ratio: new(0.1), XCount: 3, XTrace: new("t"),
			})
			if test.want == "" {
				if err == nil {
					t.Errorf("built %s", req.URL)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := test.want + "?since=2025-10-22T08%3A31%3A48%2B02%3A00&ids%5B%5D=1,2&ratio=0.1&deep=false"
			if got := req.URL.RequestURI(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if req.Header.Get("X-Count") != "3" || req.Header.Get("X-Trace") != "t" || len(req.Header) != 2 {
				t.Errorf("header %v", req.Header)
			}
		})
	}
}

func TestOptionalParametersAreLeftOut(t *testing.T) {
	t.Parallel()
	for want, params := range map[string]*ListThingsParams{
		"/v1/things":                     nil,
		"/v1/things?limit=0&token=a%26b": {Limit: new(0), Token: new("a&b")},
		"/v1/things?status=enabled&events=a%2Cb&events=c": {
			Status: new(ListThingsParamsStatusEnabled), Events: []string{"a,b", "c"},
		},
	} {
		req, err := NewListThingsRequest(parse(t, "https://a"), params)
		if err != nil {
			t.Fatal(err)
		}
		if got := req.URL.RequestURI(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestBodiesAreSent(t *testing.T) {
	t.Parallel()
	var cat MakeThingRequest
	if err := cat.FromCat(Cat{Pet: "cat", Lives: new(0)}); err != nil {
		t.Fatal(err)
	}
	base := parse(t, "https://a")
	post, postErr := NewMakeThingRequest(base, cat)
	put, putErr := NewPutThingsRequest(base, 1, "a", PutThingsRequest{{Hidden: new(false)}, {}})
	remove, removeErr := NewDeleteThingRequest(base, 1, "a", DeleteThingRequest{Reason: new("r")})
	if err := errors.Join(postErr, putErr, removeErr); err != nil {
		t.Fatal(err)
	}
	for req, want := range map[*http.Request]string{
		post:   `POST /v1/things {"lives":0,"pet":"cat"}`,
		put:    `PUT /v1/things/1/a [{"hidden":false},{}]`,
		remove: `DELETE /v1/things/1/a {"reason":"r"}`,
	} {
		body, err := io.ReadAll(req.Body)
		got := req.Method + " " + req.URL.RequestURI() + " " + string(body)
		if err != nil || got != want || req.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s, header %v, error %v, want %s", got, req.Header, err, want)
		}
	}
}

func TestAnOperationWithoutAMethodIsCalledByDo(t *testing.T) {
	t.Parallel()
	var arrived []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived = append(arrived, r.Method+" "+r.RequestURI+" "+r.Header.Get("X-Api-Key"))
		_, _ = io.WriteString(w, `{"code":100,"data":{"token":"n","things":[
			{"id":"e1","created_at":"2025-10-22T08:31:48","kind":{"pet":"dog"}}]}}`)
	}))
	t.Cleanup(server.Close)
	client, err := heygen.NewClient("right-key", heygen.WithBaseURL(server.URL+"/prefix"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := heygen.Do[ListThingsResponse_Data](t.Context(), client, "ListThings",
		func(base *url.URL) (*http.Request, error) {
			return NewListThingsRequest(base, &ListThingsParams{Limit: new(2)})
		})
	if err != nil {
		t.Fatal(err)
	}
	if len(data.Things) != 1 || data.Token == nil || *data.Token != "n" {
		t.Fatalf("got %+v", data)
	}
	thing := data.Things[0]
	dog, err := thing.Kind.AsDog()
	if err != nil || dog.Pet != "dog" || thing.ID != "e1" || thing.CreatedAt.Time.Year() != 2025 || thing.Hidden != nil {
		t.Errorf("got %+v, dog %+v, error %v", thing, dog, err)
	}
	if want := []string{"GET /prefix/v1/things?limit=2 right-key"}; !slices.Equal(arrived, want) {
		t.Errorf("arrived: %q, want %q", arrived, want)
	}
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
