package heygen_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// page is the body of a list of version 3.
type page struct {
	Data      []heygen.WebhookEndpoint `json:"data"`
	HasMore   bool                     `json:"has_more"`
	NextToken *string                  `json:"next_token"`
}

func list(base *url.URL) (*http.Request, error) {
	return http.NewRequest(http.MethodGet, base.JoinPath("v3/webhooks/endpoints").String(), nil)
}

// The responses to a list of version 3, read as a page and as a struct{}, for which data of another type is fine.
func TestResponsesOfVersion3(t *testing.T) {
	t.Parallel()
	malformed, nothing := heygen.ErrMalformedResponse, struct{ code, message string }{}
	type texts = struct{ code, message string }
	for name, test := range map[string]struct {
		status   int
		body     string
		page     error // nil: success
		nothing  error
		reported texts
	}{
		"a page":           {200, `{"data":[{"endpoint_id":"e1"}],"has_more":true,"next_token":"t2"}`, nil, nil, nothing},
		"an empty page":    {200, `{"data":[],"has_more":false,"next_token":null}`, nil, nil, nothing},
		"201":              {201, `{"data":[]}`, nil, nil, nothing},
		"error null":       {200, `{"data":[],"error":null}`, nil, nil, nothing},
		"byte order mark":  {200, "\uFEFF" + `{"data":[]}`, nil, nil, nothing},
		"unknown members":  {200, `{"x":{},"data":[{"y":[]}]}`, nil, nil, nothing},
		"no code of any":   {200, `{"code":400131,"data":[]}`, nil, nil, nothing},
		"Error is no name": {200, `{"data":[],"Error":{"code":"not_found"}}`, nil, nil, nothing},
		"data of a delete": {200, `{"data":{}}`, malformed, nil, nothing},
		"data of a text":   {200, `{"data":""}`, malformed, nil, nothing},
		"odd has_more":     {200, `{"data":[],"has_more":"no"}`, malformed, nil, nothing},

		"null data":            {200, `{"data":null}`, malformed, malformed, nothing},
		"no data":              {200, `{"has_more":false}`, malformed, malformed, nothing},
		"Data":                 {200, `{"Data":[]}`, malformed, malformed, nothing},
		"code 100 alone":       {200, `{"code":100}`, malformed, malformed, nothing},
		"null":                 {200, `null`, malformed, malformed, nothing},
		"a list":               {200, `[]`, malformed, malformed, nothing},
		"empty":                {200, ``, malformed, malformed, nothing},
		"no content":           {204, ``, malformed, malformed, nothing},
		"partial content":      {206, `{"data":[]}`, malformed, malformed, nothing},
		"HTML":                 {200, `<html>`, malformed, malformed, nothing},
		"cut short":            {200, `{"data":[]`, malformed, malformed, nothing},
		"two documents":        {200, `{"data":[]}{}`, malformed, malformed, nothing},
		"in a string":          {200, `"{\"data\":[]}"`, malformed, malformed, nothing},
		"a duplicate":          {200, `{"data":[],"data":[]}`, malformed, malformed, nothing},
		"a duplicate within":   {200, `{"data":[{"secret":"a","secret":"b"}]}`, malformed, malformed, nothing},
		"a duplicate error":    {200, `{"data":[],"error":{"code":"c"},"error":null}`, malformed, malformed, nothing},
		"invalid UTF-8":        {200, "{\"data\":[{\"secret\":\"a\xff\"}]}", malformed, malformed, nothing},
		"a lone surrogate":     {200, `{"data":[{"secret":"\ud800"}]}`, malformed, malformed, nothing},
		"an error without all": {200, `{"data":[],"error":{}}`, malformed, malformed, nothing},
		"an error of text":     {200, `{"data":[],"error":"no"}`, malformed, malformed, nothing},
		"an error that is not": {200, `{"data":[],"error":false}`, malformed, malformed, nothing},

		"error under 200": {200, `{"error":{"code":"webhook_not_found","message":"m","param":null}}`,
			heygen.ErrNotFound, heygen.ErrNotFound, texts{"webhook_not_found", "m"}},
		"error beside data": {200, `{"data":[],"error":{"code":"insufficient_credit","message":"m"}}`,
			heygen.ErrPayment, heygen.ErrPayment, texts{"insufficient_credit", "m"}},
		"version 1 under 200": {200, notFound,
			heygen.ErrNotFound, heygen.ErrNotFound, texts{"400131", "Webhook endpoint not found"}},
		"401": {401, `{"error":{"code":"authentication_failed"}}`,
			heygen.ErrUnauthorized, heygen.ErrUnauthorized, texts{"authentication_failed", ""}},
		"data under 404": {404, `{"data":[]}`, malformed, malformed, nothing},
		"data under 302": {302, `{"data":[]}`, heygen.ErrRedirect, heygen.ErrRedirect, nothing},
		"data under 500": {500, `{"data":[]}`, heygen.ErrServer, heygen.ErrServer, nothing},
		"in a JSON string": {404, `"{\"error\":{\"code\":\"not_found\",\"message\":\"m\"}}"`,
			heygen.ErrNotFound, heygen.ErrNotFound, texts{"not_found", "m"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, &network{script: []step{responds(test.status, test.body)}},
				heygen.WithRetry(heygen.RetryPolicy{}))
			check := func(kind string, value bool, err, want error) {
				if want == nil || err == nil {
					if err != nil || want != nil || !value {
						t.Errorf("%s: value %t, error %v, want %v", kind, value, err, want)
					}
					return
				}
				e := asError(t, err)
				got := texts{e.Code, e.Message}
				if value || !errors.Is(e, want) || e.StatusCode != test.status || got != test.reported {
					t.Errorf("%s: value %t, error %v, want %v, %+v", kind, value, err, want, test.reported)
				}
				text := "want one object with data and no error; the call may have taken effect"
				if test.status/100 == 2 && errors.Is(want, malformed) && !strings.Contains(e.Error(), text) {
					t.Errorf("%s: %v", kind, e)
				}
			}
			whole, err := heygen.DoV3[page](t.Context(), client, "List", list)
			check("page", whole != nil, err, test.page)
			none, err := heygen.DoV3[struct{}](t.Context(), client, "List", list)
			check("struct{}", none != nil, err, test.nothing)
		})
	}
}

func TestThePageOfVersion3(t *testing.T) {
	t.Parallel()
	body := `{"data":[{"endpoint_id":"e1","secret":null},{"endpoint_id":"e2"}],"has_more":true,"next_token":"t2"}`
	var seen heygen.Attempt
	client := newClient(t, &network{script: []step{responds(200, body, "X-Request-Id", "r1")}}, observing(&seen))
	got, err := heygen.DoV3[page](t.Context(), client, "List", list)
	token := "t2"
	want := page{[]heygen.WebhookEndpoint{{EndpointID: "e1"}, {EndpointID: "e2"}}, true, &token}
	if err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, error %v", got, err)
	}
	if seen.Op != "List" || seen.StatusCode != 200 || seen.Code != "" || seen.RequestID != "r1" || seen.Err != nil {
		t.Errorf("attempt %+v", seen)
	}
}

// net/http itself would send a request with an Idempotency-Key again after a server closed a kept connection. That
// would be an attempt that the policy does not know.
func TestAnIdempotencyKeyMakesNoFurtherAttempts(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{}"} {
		var requests atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Idempotency-Key") != "k1" || len(r.Header["Idempotency-Key"]) != 1 {
				t.Errorf("headers %v", r.Header)
			}
			if requests.Add(1) == 2 {
				panic(http.ErrAbortHandler) // closes the connection
			}
			_, _ = io.WriteString(w, `{"data":{}}`)
		}))
		t.Cleanup(server.Close)
		build := func(base *url.URL) (*http.Request, error) {
			req, err := http.NewRequest(http.MethodPost, base.JoinPath("v3/x").String(), strings.NewReader(body))
			req.Header.Set("Idempotency-Key", "k1")
			return req, err
		}
		client, err := heygen.NewClient(testKey, heygen.WithBaseURL(server.URL), heygen.WithRetry(heygen.RetryPolicy{}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = heygen.DoV3[struct{}](t.Context(), client, "Create", build); err != nil {
			t.Error(err)
		}
		_, err = heygen.DoV3[struct{}](t.Context(), client, "Create", build)
		if !errors.Is(err, heygen.ErrTransport) || requests.Load() != 2 {
			t.Errorf("error %v after %d requests", err, requests.Load())
		}
	}
}
