package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	heygen "github.com/heygen-go/heygen/wrapper"
)

const (
	target = "https://api.heygen.com/v1/webhook/endpoint.update"
	hook   = "https://example.com/hook"
)

// BenchmarkClient compares an update by the client with one by hand, over a transport in memory.
func BenchmarkClient(b *testing.B) {
	client, err := heygen.NewClient("key", heygen.WithHTTPClient(&http.Client{Transport: &memory{}}))
	if err != nil {
		b.Fatal(err)
	}
	plain := &http.Client{Transport: &memory{}}
	ctx := b.Context()
	ours, ratio := contest(b, 100,
		repeated(func() error { return byClient(ctx, client) }),
		repeated(func() error { return byHand(ctx, plain) }))
	b.ReportMetric(ours.time/1e3, "µs/update")
	b.ReportMetric(ours.allocs, "allocs/update")
	b.ReportMetric(ours.bytes, "bytes/update")
	atMost(b, "time-to-handwritten", ratio.time, 1.00)
	atMost(b, "allocs-to-handwritten", ratio.allocs, 1.05)
	atMost(b, "bytes-to-handwritten", ratio.bytes, 1.12)
}

func repeated(one func() error) func(times int) error {
	return func(times int) error {
		for range times {
			if err := one(); err != nil {
				return err
			}
		}
		return nil
	}
}

func byClient(ctx context.Context, client *heygen.Client) error {
	endpoint, err := client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: hook})
	if err == nil && endpoint.CreatedAt.Time.IsZero() {
		return errors.New("the endpoint has no time")
	}
	return err
}

// byHand is the least that a careful person writes. It does not parse the time.
func byHand(ctx context.Context, client *http.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	content, err := json.Marshal(struct {
		EndpointID string `json:"endpoint_id"`
		URL        string `json:"url,omitempty"`
	}{"e1", hook})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, target, bytes.NewReader(content))
	if err != nil {
		return err
	}
	req.Header.Set("X-Api-Key", "key")
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var envelope struct {
		Code int `json:"code"`
		Data struct {
			Username   string    `json:"username"`
			URL        string    `json:"url"`
			Events     *[]string `json:"events"`
			CreatedAt  string    `json:"created_at"`
			EntityID   *string   `json:"entity_id"`
			EndpointID string    `json:"endpoint_id"`
			Status     string    `json:"status"`
			Secret     string    `json:"secret"`
			SpaceID    string    `json:"space_id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return err
	}
	if envelope.Code != 100 {
		return fmt.Errorf("code %d", envelope.Code)
	}
	return nil
}

// memory is a transport that responds with one body after another. It is not safe for concurrent use.
type memory struct{ next int }

func (m *memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	body := bodies[m.next%len(bodies)]
	m.next++
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}, nil
}

// bodies are many, so that no cache of strings helps one side. Each is the documented 200 with other ids.
var bodies = func() [][]byte {
	list := make([][]byte, 1024)
	for i := range list {
		list[i] = fmt.Appendf(nil, `{"code":100,"data":{"username":"b3ebafd81a8541z0b8d56a14c8%06d",`+
			`"url":"https://smee.io/MnBgJ2lt4v%06d",`+
			`"events":["photo_avatar_generation.success","photo_avatar_generation.fail"],`+
			`"created_at":"2025-10-22T08:%02d:%02d","entity_id":null,"endpoint_id":"1b7c53dfc92349e89b82c1zfa7%06d",`+
			`"status":"enabled","secret":"1esec_ZvRV3QFE12WZcYA1%06d==","space_id":"b3ebafd81a8541z0b8d56a14c8%06d"},`+
			`"msg":null,"message":null}`, i, i, i/60%60, i%60, i, i, i)
	}
	return list
}()
