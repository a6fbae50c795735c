package heygen_test

import (
	"net/http"
	"net/url"
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

func TestASuccessOfVersion3(t *testing.T) {
	t.Parallel()
	client := newClient(t, &network{script: []step{
		responds(200, `{"data":[{"endpoint_id":"e1"}],"has_more":true,"next_token":"t2"}`),
	}})
	got, err := heygen.DoV3[page](t.Context(), client, "ListWebhookEndpoints", list)
	if err != nil || len(got.Data) != 1 || got.Data[0].EndpointID != "e1" || !got.HasMore || *got.NextToken != "t2" {
		t.Errorf("got %+v, error %v", got, err)
	}
}
