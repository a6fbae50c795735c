package wire_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	heygen "github.com/heygen-go/heygen/wrapper"
)

// connection is one of a client, which a test can end as a server would.
type connection struct {
	net.Conn
	ended  atomic.Bool
	closed context.CancelFunc // called when the transport has noticed
}

// Read reads the end of the stream where the test has ended it.
func (c *connection) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.ended.Load() {
		return 0, io.EOF
	}
	return n, err
}

func (c *connection) Close() error {
	c.closed()
	return c.Conn.Close()
}

// A server may close a connection in the moment in which the client takes it for a request. That request has not been
// responded to, so it is sent again.
func TestConnectionsClosedBeforeTheRequest(t *testing.T) {
	t.Parallel()
	for name, reused := range map[string]bool{"new": false, "kept-alive": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, documented)
			}))
			t.Cleanup(server.Close)
			noticed, closed := context.WithTimeout(t.Context(), patience)
			t.Cleanup(closed)
			transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return &connection{Conn: conn, closed: closed}, err
			}}
			t.Cleanup(transport.CloseIdleConnections)
			client, err := heygen.NewClient(apiKey, heygen.WithBaseURL(server.URL),
				heygen.WithHTTPClient(&http.Client{Transport: transport}),
				heygen.WithRetry(heygen.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Millisecond}))
			if err != nil {
				t.Fatal(err)
			}
			var once sync.Once
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
				if got.Reused == reused {
					once.Do(func() {
						conn := got.Conn.(*connection)
						conn.ended.Store(true)
						_ = conn.Conn.Close()
						<-noticed.Done()
					})
				}
			}})
			for range 2 {
				if _, err := client.UpdateWebhookEndpoint(ctx, heygen.UpdateWebhookEndpointRequest{EndpointID: "e1"}); err != nil {
					t.Error(err)
				}
			}
			if noticed.Err() != context.Canceled {
				t.Error("no connection was closed before a request")
			}
		})
	}
}
