package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/heygen-go/heygen/tests/bench/report"
	"github.com/heygen-go/heygen/tests/bench/stock"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const (
	target = "https://api.heygen.com/v1/webhook/endpoint.update"
	hook   = "https://example.com/hook"
	calls  = 512 // of one contender in one round
)

// bodies are many, so that no cache flatters anyone. Each is the documented 200 with ids of its own.
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

// memory is a transport that answers with one body after another. It is not safe for concurrent use.
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

// contender is one call of one client.
type contender struct {
	name string
	call func(context.Context) error
}

func contenders() ([]contender, error) {
	ours, err := heygen.NewClient("key", heygen.WithHTTPClient(&http.Client{Transport: &memory{}}))
	if err != nil {
		return nil, err
	}
	plain := &http.Client{Transport: &memory{}}
	generated, err := stock.NewClientWithResponses("https://api.heygen.com",
		stock.WithHTTPClient(&http.Client{Transport: &memory{}}),
		stock.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("X-Api-Key", "key")
			return nil
		}))
	if err != nil {
		return nil, err
	}
	url := hook
	return []contender{
		{"baseline", func(ctx context.Context) error { return baseline(ctx, plain) }},
		{"heygen", func(ctx context.Context) error {
			endpoint, err := ours.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{EndpointID: "e1", URL: hook})
			if err == nil && endpoint.CreatedAt.Time.IsZero() {
				err = errors.New("no time")
			}
			return err
		}},
		{"stock", func(ctx context.Context) error {
			resp, err := generated.UpdateAWebhookEndpointWithResponse(ctx,
				stock.UpdateAWebhookEndpointJSONRequestBody{EndpointId: "e1", Url: &url})
			if err == nil && resp.JSON200 == nil {
				err = errors.New("no reply")
			}
			return err
		}},
	}, nil
}

// baseline is the least a careful person writes by hand.
func baseline(ctx context.Context, client *http.Client) error {
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

// cost is what one call takes.
type cost struct{ seconds, allocs, bytes float64 }

func measureCall(r *report.Report, rounds int) error {
	all, err := contenders()
	if err != nil {
		return err
	}
	costs := make([][]cost, len(all))
	for round := range rounds + 1 {
		for turn := range all {
			i := (round + turn) % len(all) // each goes first as often as the others
			c, err := spend(all[i])
			if err != nil {
				return fmt.Errorf("%s: %w", all[i].name, err)
			}
			if round > 0 { // the first round warms up
				costs[i] = append(costs[i], c)
			}
		}
	}
	base := median(costs[0])
	for i, c := range all {
		m := median(costs[i])
		r.Figure("call-time-"+c.name, m.seconds*1e6, "µs")
		r.Figure("call-allocs-"+c.name, m.allocs, "allocations")
		r.Figure("call-bytes-"+c.name, m.bytes, "bytes")
	}
	ours, stocks := median(costs[1]), median(costs[2])
	r.Ratio("call-time-to-baseline", ours.seconds/base.seconds, 1.05)
	r.Ratio("call-allocs-to-baseline", ours.allocs/base.allocs, 1.05)
	r.Ratio("call-bytes-to-baseline", ours.bytes/base.bytes, 1.25)
	r.Ratio("call-time-to-stock", ours.seconds/stocks.seconds, 1.00)
	return nil
}

func spend(c contender) (cost, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range calls {
		if err := c.call(context.Background()); err != nil {
			return cost{}, err
		}
	}
	seconds := time.Since(start).Seconds()
	runtime.ReadMemStats(&after)
	return cost{
		seconds / calls,
		float64(after.Mallocs-before.Mallocs) / calls,
		float64(after.TotalAlloc-before.TotalAlloc) / calls,
	}, nil
}

func median(costs []cost) cost {
	middle := func(of func(cost) float64) float64 {
		values := make([]float64, len(costs))
		for i, c := range costs {
			values[i] = of(c)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return cost{
		middle(func(c cost) float64 { return c.seconds }),
		middle(func(c cost) float64 { return c.allocs }),
		middle(func(c cost) float64 { return c.bytes }),
	}
}
