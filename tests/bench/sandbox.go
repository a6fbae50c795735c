package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heygen-go/heygen/heygentest"
	"github.com/heygen-go/heygen/tests/bench/report"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// measureSandbox compares the sandbox, which judges every request and every answer, with a handler that only writes the
// same bytes. The bar is for the load of a net/http client, which is what calls a sandbox. Bare sockets cost the load
// generator nearly nothing, so that they compare the servers alone: those are figures.
func measureSandbox(r *report.Report, _ int) error {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	header, body, err := oneAnswer(sandbox.URL, rawUpdate(sandbox.APIKey))
	if err != nil {
		return err
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		maps.Copy(w.Header(), header)
		_, _ = w.Write(body)
	}))
	defer bare.Close()
	for _, l := range []struct {
		name        string
		connections int
		send        func(url, key string, times int) error
	}{{"client-8", 8, sendByClient}, {"sockets-8", 8, sendBySocket}, {"sockets-64", 64, sendBySocket}} {
		var bares, sandboxes, ratios []float64
		for range 15 { // in turns
			slow, err := load(l.connections, func(times int) error { return l.send(sandbox.URL, sandbox.APIKey, times) })
			if err != nil {
				return err
			}
			fast, err := load(l.connections, func(times int) error { return l.send(bare.URL, sandbox.APIKey, times) })
			if err != nil {
				return err
			}
			bares, sandboxes, ratios = append(bares, fast), append(sandboxes, slow), append(ratios, slow/fast)
		}
		r.Figure("sandbox-by-"+l.name, middle(sandboxes), "requests/s")
		r.Figure("bare-handler-by-"+l.name, middle(bares), "requests/s")
		if l.name == "client-8" {
			r.AtLeast("sandbox-to-bare-handler-by-"+l.name, middle(ratios), 0.40)
		} else {
			r.Figure("sandbox-to-bare-handler-by-"+l.name, middle(ratios), "times")
		}
	}
	return nil
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

const rawBody = `{"endpoint_id":"e1","url":"` + hook + `"}`

// load sends requests over connections that are kept, and returns how many a second were answered.
func load(connections int, send func(times int) error) (float64, error) {
	const requests = 4096
	var group sync.WaitGroup
	failed := make(chan error, connections)
	start := time.Now()
	for range connections {
		group.Go(func() {
			if err := send(requests / connections); err != nil {
				failed <- err
			}
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return requests / time.Since(start).Seconds(), nil
	}
}

// sendByClient sends requests by a client of net/http, over one connection.
func sendByClient(url, key string, times int) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for range times {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPatch,
			url+"/v1/webhook/endpoint.update", strings.NewReader(rawBody))
		if err != nil {
			return err
		}
		req.Header.Set("X-Api-Key", key)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("answered with %d, %w", resp.StatusCode, err)
		}
	}
	return nil
}

func rawUpdate(key string) []byte {
	return fmt.Appendf(nil, "PATCH /v1/webhook/endpoint.update HTTP/1.1\r\nHost: sandbox\r\nX-Api-Key: %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", key, len(rawBody), rawBody)
}

func dial(url string) (net.Conn, error) {
	return new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(url, "http://"))
}

// oneAnswer returns what a server answers.
func oneAnswer(url string, request []byte) (http.Header, []byte, error) {
	conn, err := dial(url)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close() //nolint:errcheck // what was read is read
	if _, err := conn.Write(request); err != nil {
		return nil, nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("the sandbox answers %d %s", resp.StatusCode, body)
	}
	for _, own := range []string{"Date", "Content-Length"} { // net/http adds them
		resp.Header.Del(own)
	}
	return resp.Header, body, err
}

// sendBySocket writes a request that was made before, and reads the answer, over one connection.
func sendBySocket(url, key string, times int) error {
	request := rawUpdate(key)
	conn, err := dial(url)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // what was read is read
	in := bufio.NewReader(conn)
	for range times {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		length, first := 0, true
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return err
			}
			if first && string(line) != "HTTP/1.1 200 OK\r\n" {
				return fmt.Errorf("answered with %q", line)
			}
			first = false
			if len(line) == len("\r\n") {
				break
			}
			if digits, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
				for _, digit := range strings.TrimSpace(digits) {
					length = 10*length + int(digit-'0')
				}
			}
		}
		if _, err := in.Discard(length); err != nil {
			return err
		}
	}
	return nil
}
