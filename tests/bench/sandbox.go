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
	heygen "github.com/heygen-go/heygen/wrapper"
)

// measureSandbox compares the sandbox, which judges every request and every answer, with a handler that only writes the
// same bytes. The load generator is of our own and costs little, so that the servers are compared and not the client:
// each connection writes a request that was made before, and reads the answer until it writes the next.
func measureSandbox(r *report, _ int) error {
	sandbox := heygentest.NewServer()
	defer sandbox.Close()
	sandbox.AddEndpoint(heygen.WebhookEndpoint{EndpointID: "e1"})
	request := rawUpdate(sandbox.APIKey)
	header, body, err := oneAnswer(sandbox.URL, request)
	if err != nil {
		return err
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		maps.Copy(w.Header(), header)
		_, _ = w.Write(body)
	}))
	defer bare.Close()
	for _, connections := range []int{8, 64} {
		var bares, sandboxes []float64
		for range 15 { // in turns
			for _, server := range []struct {
				url   string
				rates *[]float64
			}{{bare.URL, &bares}, {sandbox.URL, &sandboxes}} {
				rate, err := load(server.url, request, connections)
				if err != nil {
					return err
				}
				*server.rates = append(*server.rates, rate)
			}
		}
		slices.Sort(bares)
		slices.Sort(sandboxes)
		middle := len(bares) / 2
		name := fmt.Sprintf("sandbox-%d-connections", connections)
		r.figure(name+"-bare", bares[middle], "requests/s")
		r.figure(name, sandboxes[middle], "requests/s")
		if connections == 8 {
			r.atLeast(name+"-to-bare", sandboxes[middle]/bares[middle], 0.40)
		} else {
			r.figure(name+"-to-bare", sandboxes[middle]/bares[middle], "of the handler that judges nothing")
		}
	}
	return nil
}

func rawUpdate(key string) []byte {
	body := fmt.Sprintf(`{"endpoint_id":"e1","url":%q}`, hook)
	return fmt.Appendf(nil, "PATCH /v1/webhook/endpoint.update HTTP/1.1\r\nHost: sandbox\r\nX-Api-Key: %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", key, len(body), body)
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

// load sends requests over connections that are kept, and returns how many a second were answered with 200.
func load(url string, request []byte, connections int) (float64, error) {
	const requests = 4096
	var group sync.WaitGroup
	failed := make(chan error, connections)
	start := time.Now()
	for range connections {
		group.Go(func() {
			if err := talk(url, request, requests/connections); err != nil {
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

func talk(url string, request []byte, times int) error {
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
