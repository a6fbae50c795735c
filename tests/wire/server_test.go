package wire_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the placeholders of the cases stand for.
const (
	apiKey = "hgk-4d1f7c0e93b2"
	secret = "1esec_ZvRV3QFE12WZcYA1qSBwBA=="
	// data is that of the published example.
	data = `{"username":"b3ebafd81a8541z0b8d56a14c8a4ce92","url":"https://smee.io/MnBgJ2lt4vbwk5zQ",` +
		`"events":["photo_avatar_generation.success","photo_avatar_generation.fail"],` +
		`"created_at":"2025-10-22T08:31:48","entity_id":null,"endpoint_id":"1b7c53dfc92349e89b82c1zfa7cf7819",` +
		`"status":"enabled","secret":"` + secret + `","space_id":"b3ebafd81a8541z0b8d56a14c8a4ce92"}`
	documented = `{"code":100,"data":` + data + `,"msg":null,"message":null}`
)

var function = regexp.MustCompile(`\$(FILL|GZIP|HEX|DATE)\(([^)]*)\)`)

// expand replaces the placeholders of a line.
func (s *server) expand(text string) string {
	text = strings.NewReplacer("$KEY", apiKey, "$SECRET", secret, "$OK", documented, "$DATA", data,
		"$HOST", s.host, "$PORT", s.host[strings.LastIndex(s.host, ":")+1:], "$OTHER", s.other).Replace(text)
	return function.ReplaceAllStringFunc(text, func(call string) string {
		parts := function.FindStringSubmatch(call)
		switch name, arg := parts[1], parts[2]; name {
		case "HEX":
			decoded, err := hex.DecodeString(strings.ReplaceAll(arg, " ", ""))
			s.note(err)
			return string(decoded)
		case "DATE":
			seconds, err := time.ParseDuration(arg)
			s.note(err)
			return time.Now().Add(seconds).UTC().Format(http.TimeFormat)
		default:
			count, what, _ := strings.Cut(arg, ",")
			n, err := strconv.Atoi(count)
			s.note(err)
			text := strings.Repeat(what, n)
			if name == "GZIP" {
				return compressed(text)
			}
			return text
		}
	})
}

// server plays the scripts of a case on a raw socket: the first on the first connection and so on, and the last on
// every further one.
type server struct {
	host, other string // host:port; nobody may call other
	certificate *httptest.Server
	cancel      context.CancelFunc // ends the caller's context
	scripts     [][]step
	listeners   []io.Closer
	running     sync.WaitGroup
	ended       chan struct{}

	mutex       sync.Mutex
	open        []net.Conn
	connections int // or requests, where one connection carries several
	strays      int // connections to other
	requests    []string
	problems    []error
}

// start serves a case until the test ends.
func start(t *testing.T, c testCase, cancel context.CancelFunc) *server {
	t.Helper()
	s := &server{cancel: cancel, scripts: c.scripts, ended: make(chan struct{})}
	t.Cleanup(s.close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.host, s.other, s.listeners = listener.Addr().String(), other.Addr().String(), []io.Closer{listener, other}
	s.accept(other, func(net.Conn) { s.count(&s.strays) })
	switch kind, name, _ := strings.Cut(c.listen, " "); kind {
	case "":
		s.accept(listener, s.play)
	case "refuse":
		_ = listener.Close()
		s.host = "127.0.0.1:1" // a port that no listener of another test is given
	case "tls", "trusted-tls":
		s.certificate = newTLSServer(nil, false)
		s.certificate.Close() // only its certificate is needed
		s.accept(listener, func(conn net.Conn) { s.play(tls.Server(conn, s.certificate.TLS)) })
	case "http2":
		if frames, ok := strings.CutPrefix(name, "frames "); ok {
			s.certificate = newTLSServer(nil, true)
			_ = s.certificate.Listener.Close() // only its certificate and client are needed
			s.accept(listener, func(conn net.Conn) {
				s.playFrames(tls.Server(conn, s.certificate.TLS), strings.Fields(frames))
			})
			break
		}
		_ = listener.Close()
		handler := http2Handlers[name]
		s.certificate = newTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.count(&s.connections)
			handler(w, r)
		}), true)
		s.host = s.certificate.Listener.Addr().String()
		s.listeners = append(s.listeners, closer(s.certificate.Close))
	default:
		t.Fatalf("%s: listen %s", c.at, c.listen)
	}
	return s
}

type closer func()

func (f closer) Close() error { f(); return nil }

// newTLSServer starts a server with a certificate that is valid, but for a client that does not trust who issued it.
func newTLSServer(handler http.Handler, http2 bool) *httptest.Server {
	tlsServer := httptest.NewUnstartedServer(handler)
	tlsServer.EnableHTTP2 = http2
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.Config.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, conn)
	}
	tlsServer.StartTLS()
	return tlsServer
}

// accept handles each connection to a listener.
func (s *server) accept(listener net.Listener, handle func(net.Conn)) {
	s.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mutex.Lock()
			s.open = append(s.open, conn)
			s.mutex.Unlock()
			s.running.Go(func() {
				handle(conn)
				_ = conn.Close()
			})
		}
	})
}

// close ends the listeners, the connections and all that runs, as often as it is called.
func (s *server) close() {
	s.mutex.Lock()
	if s.listeners != nil {
		close(s.ended)
	}
	for _, closer := range append(s.listeners, closers(s.open)...) {
		closer.Close()
	}
	s.listeners = nil
	s.mutex.Unlock()
	s.running.Wait()
}

func closers(conns []net.Conn) (list []io.Closer) {
	for _, conn := range conns {
		list = append(list, conn)
	}
	return list
}

func (s *server) count(n *int) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	*n++
	return *n
}

// note keeps an error of the case itself.
func (s *server) note(err error) {
	if err != nil {
		s.mutex.Lock()
		s.problems = append(s.problems, err)
		s.mutex.Unlock()
	}
}

// play reads a request, unless the script begins with unread, and plays the script that is next.
func (s *server) play(conn net.Conn) {
	n := s.count(&s.connections)
	script := s.scripts[min(n, len(s.scripts))-1]
	if len(script) == 0 || script[0].verb != "unread" {
		request, err := readRequest(conn)
		if err != nil {
			return // the caller has gone, or refuses the certificate
		}
		s.mutex.Lock()
		s.requests = append(s.requests, request)
		s.mutex.Unlock()
	}
	headers := http.Header{}
	for _, step := range script {
		if s.do(conn, step, headers) != nil {
			return
		}
	}
}

// readRequest returns the request as it came, its header lines sorted.
func readRequest(conn net.Conn) (string, error) {
	reader := textproto.NewReader(bufio.NewReader(conn))
	first, err := reader.ReadLine()
	if err != nil {
		return "", err
	}
	var lines []string
	length := 0
	for {
		line, err := reader.ReadLine()
		if err != nil {
			return "", err
		}
		if line == "" {
			break
		}
		if text, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(text); err != nil {
				return "", err
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	body := make([]byte, length)
	_, err = io.ReadFull(reader.R, body)
	return strings.Join(append(append([]string{first}, lines...), "", string(body)), "\n"), err
}

// do takes one step. headers has those of the next response.
func (s *server) do(conn net.Conn, step step, headers http.Header) error {
	switch step.verb {
	case "header":
		name, value, _ := strings.Cut(s.expand(step.arg), ":")
		headers[name] = []string{strings.TrimSpace(value)}
	case "answer":
		status, body, _ := strings.Cut(s.expand(step.arg), " ")
		return write(conn, answer(status, headers, body))
	case "gzip":
		status, body, _ := strings.Cut(s.expand(step.arg), " ")
		if headers["Content-Encoding"] == nil {
			headers["Content-Encoding"] = []string{"gzip"}
		}
		return write(conn, answer(status, headers, compressed(body)))
	case "send":
		return write(conn, s.unquote(step.arg))
	case "slow":
		pause, quoted, _ := strings.Cut(step.arg, " ")
		return s.slow(conn, pause, s.unquote(quoted))
	case "repeat":
		text := s.unquote(step.arg)
		text = strings.Repeat(text, 1+(32<<10)/len(text))
		for {
			if err := write(conn, text); err != nil {
				return err
			}
		}
	case "hang":
		_, err := io.Copy(io.Discard, conn) // until the caller has gone
		return err
	case "cancel":
		s.cancel()
	case "reset":
		if secured, ok := conn.(*tls.Conn); ok {
			conn = secured.NetConn()
		}
		s.note(conn.(*net.TCPConn).SetLinger(0))
		return conn.Close()
	}
	return nil
}

func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

// unquote reads a text that is quoted as in Go.
func (s *server) unquote(quoted string) string {
	text, err := strconv.Unquote(quoted)
	s.note(err)
	return s.expand(text)
}

// slow sends a text a byte at a time, with a pause after each.
func (s *server) slow(conn net.Conn, pause, text string) error {
	interval, err := time.ParseDuration(pause)
	s.note(err)
	for i := range len(text) {
		if err := write(conn, text[i:i+1]); err != nil {
			return err
		}
		select {
		case <-time.After(interval):
		case <-s.ended:
			return net.ErrClosed
		}
	}
	return nil
}

// answer is a whole response. A header that is set to nothing is left out.
func answer(status string, headers http.Header, body string) string {
	all := http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(body))},
		"Connection": {"close"}}
	var out strings.Builder
	fmt.Fprintf(&out, "HTTP/1.1 %s Status\r\n", status)
	maps.Copy(all, headers)
	for name, value := range all {
		if value[0] != "" {
			fmt.Fprintf(&out, "%s: %s\r\n", name, value[0])
		}
	}
	return out.String() + "\r\n" + body
}

func compressed(body string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return out.String()
}
