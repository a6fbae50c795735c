// Package operations calls operations that have no method. It is compiled in a copy of the repository whose document
// has them.
package operations

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heygen-go/heygen/generated"
	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// serve answers the calls of a test in turn and returns a client and what arrived.
func serve(t *testing.T, answers ...string) (*heygen.Client, *[]string) {
	t.Helper()
	var arrived []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := http.StatusOK, answers[len(arrived)]
		if _, err := fmt.Sscanf(body, "%d ", &status); err == nil {
			body = body[4:]
		}
		arrived = append(arrived, r.Method+" "+r.RequestURI+" "+r.Header.Get("X-Api-Key"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	client, err := heygen.NewClient("right-key", heygen.WithBaseURL(server.URL), heygen.WithHTTPClient(server.Client()),
		heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond}))
	if err != nil {
		t.Fatal(err)
	}
	return client, &arrived
}

func list(ctx context.Context, client *heygen.Client, params *generated.ListWebhookEndpointsParams,
) (*generated.ListWebhookEndpointsData, error) {
	return heygen.Do[generated.ListWebhookEndpointsData](ctx, client, "ListWebhookEndpoints",
		func(base *url.URL) (*http.Request, error) {
			return generated.NewListWebhookEndpointsRequest(base, params)
		})
}

func remove(ctx context.Context, client *heygen.Client, id string) error {
	_, err := heygen.Do[struct{}](ctx, client, "DeleteAWebhookEndpoint", func(base *url.URL) (*http.Request, error) {
		return generated.NewDeleteAWebhookEndpointRequest(base, &generated.DeleteAWebhookEndpointParams{EndpointID: id})
	})
	return err
}

func TestList(t *testing.T) {
	t.Parallel()
	client, arrived := serve(t, `429 {"code":1,"message":"slow down"}`,
		`{"code":100,"data":{"token":"n","endpoints":[{"endpoint_id":"e1","status":"enabled","created_at":"2025-10-22T08:31:48"}]}}`)
	enabled := generated.ListWebhookEndpointsParamsStatusEnabled
	data, err := list(t.Context(), client, &generated.ListWebhookEndpointsParams{
		Limit: new(int32), Token: new("a&b"), Status: &enabled, Events: []string{"a,b", "c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(data.Endpoints) != 1 || data.Token != "n" {
		t.Fatalf("got %+v", data)
	}
	got := data.Endpoints[0]
	if got.EndpointID != "e1" || got.Status != generated.ListWebhookEndpointsDataEndpointsItemStatusEnabled ||
		got.CreatedAt.Time.Year() != 2025 {
		t.Errorf("got %+v", got)
	}
	const want = "GET /v1/webhook/endpoint.list?limit=0&token=a%26b&status=enabled&events=a%2Cb&events=c right-key"
	if got := strings.Join(*arrived, "\n"); got != want+"\n"+want {
		t.Errorf("arrived:\n%s", got)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	client, arrived := serve(t, `{"code":100}`, `404 {"code":400131,"message":"Webhook endpoint not found"}`)
	if err := remove(t.Context(), client, "a/b"); err != nil {
		t.Error(err)
	}
	err := remove(t.Context(), client, "e1")
	if failed := (*heygen.Error)(nil); !errors.As(err, &failed) || failed.Code != "400131" || !errors.Is(err, heygen.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	if got := (*arrived)[0]; got != "DELETE /v1/webhook/endpoint.delete?endpoint_id=a%2Fb right-key" {
		t.Errorf("arrived: %s", got)
	}
	if _, err := generated.NewDeleteAWebhookEndpointRequest(&url.URL{}, nil); err == nil {
		t.Error("built a request without its required parameter")
	}
}

// The generated types hold what the whole reply is, too.
var _ = generated.ListWebhookEndpointsResponse{Code: 100, Data: generated.ListWebhookEndpointsData{}}

func TestTheSandboxSaysWhatItDoesNotImplement(t *testing.T) {
	t.Parallel()
	sandbox := heygentest.NewServer()
	t.Cleanup(sandbox.Close)
	client, err := sandbox.Client()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := sandbox.Client(heygen.WithAPIKeyFunc(func(context.Context) (string, error) { return "wrong", nil }))
	if err != nil {
		t.Fatal(err)
	}
	_, listErr := list(t.Context(), client, nil)
	_, strangerErr := list(t.Context(), stranger, nil)
	for name, tt := range map[string]struct {
		err    error
		status int
		text   string
	}{
		"list":             {listErr, 501, "does not implement ListWebhookEndpoints"},
		"delete":           {remove(t.Context(), client, "e1"), 501, "does not implement DeleteAWebhookEndpoint"},
		"with a wrong key": {strangerErr, 401, "Unauthorized"},
	} {
		failed := (*heygen.Error)(nil)
		if !errors.As(tt.err, &failed) || failed.StatusCode != tt.status || !strings.Contains(failed.Message, tt.text) {
			t.Errorf("%s: error %v", name, tt.err)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	since := wire.Timestamp{Raw: "2025-10-22T08:31:48+02:00"}
	get := func(base *url.URL, id string) (*http.Request, error) {
		return generated.NewGetThingRequest(base, 7, id, &generated.GetThingParams{
			Since: since, Ids: []int{1, 2}, Deep: new(false), Ratio: new(0.1), XCount: 3, XTrace: new("t"),
		})
	}
	tests := map[string]struct{ base, id, want string }{
		"plain":          {"https://a", "e1", "/v1/things/7/e1"},
		"slash":          {"https://a", "a/../b", "/v1/things/7/a%2F..%2Fb"},
		"percent":        {"https://a", "100%2F", "/v1/things/7/100%252F"},
		"question mark":  {"https://a", "a?b#c d", "/v1/things/7/a%3Fb%23c%20d"},
		"another's name": {"https://a", "{group}", "/v1/things/7/%7Bgroup%7D"},
		"prefix":         {"https://a/p%2Fq/", "é", "/p%2Fq/v1/things/7/%C3%A9"},
		"empty":          {"https://a", "", ""},
		"dot":            {"https://a", ".", ""},
		"dots":           {"https://a", "..", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base, err := url.Parse(tt.base)
			if err != nil {
				t.Fatal(err)
			}
			req, err := get(base, tt.id)
			if tt.want == "" {
				if err == nil {
					t.Errorf("built %s", req.URL)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want + "?since=2025-10-22T08%3A31%3A48%2B02%3A00&ids%5B%5D=1,2&ratio=0.1&deep=false"
			if got := req.URL.RequestURI(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if req.Header.Get("X-Count") != "3" || req.Header.Get("X-Trace") != "t" || len(req.Header) != 2 {
				t.Errorf("header %v", req.Header)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	var kind generated.MakeThingRequest
	if err := kind.FromCat(generated.Cat{Pet: "cat", Lives: 9}); err != nil {
		t.Fatal(err)
	}
	put, putErr := generated.NewPutThingsRequest(&url.URL{}, 1, "a", nil, generated.PutThingsRequest{{A: "b"}})
	post, postErr := generated.NewMakeThingRequest(&url.URL{}, kind)
	gone, goneErr := generated.NewDeleteV1ThingsGroupIDRequest(&url.URL{}, 1, "a", nil,
		generated.DeleteV1ThingsGroupIDRequest{Reason: "r"})
	if err := errors.Join(putErr, postErr, goneErr); err != nil {
		t.Fatal(err)
	}
	for req, want := range map[*http.Request]string{
		put: `PUT [{"a":"b"}]`, post: `POST {"lives":9,"pet":"cat"}`, gone: `DELETE {"reason":"r"}`,
	} {
		body, err := io.ReadAll(req.Body)
		if got := req.Method + " " + string(body); err != nil || got != want {
			t.Errorf("got %s, error %v, want %s", got, err, want)
		}
	}
}
