package tests

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	openapi "github.com/heygen-go/heygen"
	"github.com/heygen-go/heygen/contract"
	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

const endpointID = "1b7c53dfc92349e89b82c1zfa7cf7819"

// judged puts the contract kit and kin-openapi's own validation between a client and the network.
func judged(t *testing.T) heygen.Option {
	t.Helper()
	return judgedBy(t, openapi.Corrected())
}

func judgedBy(t *testing.T, document []byte) heygen.Option {
	t.Helper()
	kit, second := contractOf(t, document, contract.WithCollector(&exercised)), newSecondOpinion(t, document)
	return heygen.WithTransport(func(base http.RoundTripper) http.RoundTripper {
		return kit.Transport(roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := base.RoundTrip(req)
			if err == nil {
				if err := second.check(req, resp); err != nil {
					t.Errorf("kin-openapi: %v", err)
				}
			}
			return resp, err
		}))
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Every exchange of the client with the sandbox, over HTTP, keeps the contract.
func TestClientAndSandboxKeepTheContract(t *testing.T) {
	t.Parallel()
	id, hook := endpointID, "https://example.com/hook"
	tests := []struct {
		name string
		req  heygen.UpdateWebhookEndpointRequest
		key  string  // instead of the right one
		want error   // nil: success
		url  string  // the endpoint's afterwards
		all  bool    // the endpoint's events afterwards
		list *string // the same, a list, joined
	}{
		{"URL", heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: hook}, "", nil, hook, false, new("a,b")},
		{"all events", heygen.UpdateWebhookEndpointRequest{EndpointID: id, Events: heygen.AllEvents()}, "", nil,
			"https://old.example.com", true, nil},
		{"one event", heygen.UpdateWebhookEndpointRequest{EndpointID: id, Events: heygen.OnlyEvents("c")}, "", nil,
			"https://old.example.com", false, new("c")},
		{"no event", heygen.UpdateWebhookEndpointRequest{EndpointID: id, Events: heygen.OnlyEvents()}, "", nil,
			"https://old.example.com", false, new("")},
		{"both", heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: hook, Events: heygen.AllEvents()}, "", nil,
			hook, true, nil},
		{"nothing", heygen.UpdateWebhookEndpointRequest{EndpointID: id}, "", nil,
			"https://old.example.com", false, new("a,b")},
		{"odd text", heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: `https://example.com/ü?q=<&>"\u2028😀`}, "",
			nil, `https://example.com/ü?q=<&>"\u2028😀`, false, new("a,b")},
		{"wrong key", heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: hook}, "wrong", heygen.ErrUnauthorized,
			"https://old.example.com", false, new("a,b")},
		{"unknown id", heygen.UpdateWebhookEndpointRequest{EndpointID: "unknown", URL: hook}, "", heygen.ErrNotFound,
			"https://old.example.com", false, new("a,b")},
		{"relative URL", heygen.UpdateWebhookEndpointRequest{EndpointID: id, URL: "/hook"}, "", heygen.ErrInvalidURL,
			"https://old.example.com", false, new("a,b")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sandbox := newSandbox(t)
			opts := []heygen.Option{judged(t)}
			if test.key != "" {
				opts = append(opts, heygen.WithAPIKeyFunc(constant(test.key)))
			}
			client := sandbox.Client(opts...)
			updated, err := client.UpdateWebhookEndpoint(t.Context(), test.req)
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			kept, _ := sandbox.Endpoint(id)
			endpoints := []heygen.WebhookEndpoint{kept}
			if test.want == nil {
				endpoints = append(endpoints, *updated)
			}
			for _, got := range endpoints {
				list := strings.Join(got.Events.Types(), ",")
				if got.URL != test.url || got.Events.All() != test.all || test.list != nil && list != *test.list {
					t.Errorf("endpoint %+v", got)
				}
			}
		})
	}
}

// The failures that the sandbox does not have by itself, and whatever else the document has.
func TestDocumentedFailuresKeepTheContract(t *testing.T) {
	t.Parallel()
	tests := map[int]error{
		http.StatusForbidden: heygen.ErrForbidden, http.StatusTooManyRequests: heygen.ErrRateLimited,
		http.StatusInternalServerError: heygen.ErrServer, http.StatusServiceUnavailable: heygen.ErrServer,
	}
	for status := range operation(load(t, openapi.Corrected())).Responses.Map() {
		if code, err := strconv.Atoi(status); err == nil && code >= 400 && tests[code] == nil {
			tests[code] = heygen.ErrAPI
		}
	}
	for status, want := range tests {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			sandbox := newSandbox(t)
			sandbox.Next(heygentest.FaultError(status, 400573, "No"))
			client := sandbox.Client(judged(t), heygen.WithRetry(heygen.RetryPolicy{}))
			_, err := client.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: endpointID})
			if !errors.Is(err, want) || !errors.Is(err, heygen.ErrAPI) {
				t.Errorf("error %v, want %v", err, want)
			}
		})
	}
}

func TestTheClientCallsAServerOfTheDocument(t *testing.T) {
	t.Parallel()
	var servers []string
	for _, server := range load(t, openapi.Corrected()).Servers {
		servers = append(servers, server.URL)
	}
	if !slices.Contains(servers, heygen.DefaultBaseURL) {
		t.Errorf("it calls %s, and the document names %q", heygen.DefaultBaseURL, servers)
	}
}

// What breaks the contract reaches the caller as a violation that names the party, and is neither retried nor renamed.
func TestAViolationReachesTheCaller(t *testing.T) {
	t.Parallel()
	sandbox := newSandbox(t)
	header := http.Header{"Content-Type": {"application/json"}}
	sandbox.Next(heygentest.FaultResponse(http.StatusOK, header, `{"code":100,"data":{"endpoint_id":7}}`))
	client := sandbox.Client(heygen.WithTransport(contractOf(t, openapi.Corrected()).Transport))
	_, err := client.UpdateWebhookEndpoint(t.Context(), heygen.UpdateWebhookEndpointRequest{EndpointID: endpointID})
	violation, ok := errors.AsType[*contract.Violation](err)
	if !ok || errors.Is(err, heygen.ErrTransport) || len(sandbox.Calls()) != 1 {
		t.Fatalf("error %v after %d calls", err, len(sandbox.Calls()))
	}
	for _, f := range violation.Findings {
		if f.Party != contract.PartyServer {
			t.Errorf("%s: blamed on %s", f, f.Party)
		}
	}
}

func constant(key string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return key, nil }
}

// newSandbox starts a sandbox with one endpoint.
func newSandbox(t testing.TB) *heygentest.Server {
	t.Helper()
	sandbox := heygentest.NewServer()
	t.Cleanup(sandbox.Close)
	sandbox.AddEndpoint(heygen.WebhookEndpoint{
		EndpointID: endpointID, URL: "https://old.example.com", Events: heygen.OnlyEvents("a", "b"),
	})
	return sandbox
}
