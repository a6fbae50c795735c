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
