// Package linearizability checks that concurrent updates of the sandbox are as if they had happened one after another,
// each at one moment between its request and its answer.
package linearizability

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/heygen-go/heygen/heygentest"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// update is one call: what it sets, "" for nothing, of which endpoint.
type update struct{ id, url, event string }

// endpoint is what an answer shows: all that updates change.
type endpoint struct{ url, event string }

const initialURL, initialEvent = "https://example.org/0", "event.0"

// model says what updates do: each sets some members, keeps the others, and answers with all of them.
var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byID := map[string][]porcupine.Operation{}
		for _, op := range history {
			id := op.Input.(update).id
			byID[id] = append(byID[id], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byID {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return endpoint{initialURL, initialEvent} },
	Step: func(state, input, output any) (bool, any) {
		after, sent := state.(endpoint), input.(update)
		if sent.url != "" {
			after.url = sent.url
		}
		if sent.event != "" {
			after.event = sent.event
		}
		return output == after, after
	},
}

// linearizable reports whether there is an order that explains a history.
func linearizable(t *testing.T, history []porcupine.Operation) bool {
	t.Helper()
	switch result := porcupine.CheckOperationsTimeout(model, history, 50*time.Second); result {
	case porcupine.Ok:
		return true
	case porcupine.Illegal:
		return false
	default:
		t.Fatalf("the checker gave up: %s", result)
		return false
	}
}

// record lets writers update the endpoints of a sandbox over sockets, each its own connection, and returns what they
// sent and saw. A third of the updates sets the URL, a third the events, a third nothing, which only reads.
func record(t *testing.T, writers, endpoints, updates int) []porcupine.Operation {
	t.Helper()
	sandbox := heygentest.NewServer()
	t.Cleanup(sandbox.Close)
	for id := range endpoints {
		sandbox.AddEndpoint(heygen.WebhookEndpoint{
			EndpointID: fmt.Sprint("e", id), URL: initialURL, Events: heygen.OnlyEvents(initialEvent),
		})
	}
	client, err := sandbox.Client(heygen.WithRetry(heygen.RetryPolicy{}), heygen.WithHTTPClient(&http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: writers},
	}))
	if err != nil {
		t.Fatal(err)
	}
	histories := make([][]porcupine.Operation, writers)
	began := time.Now()
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() {
			for i := range updates {
				sent := update{id: fmt.Sprint("e", (writer+i)%endpoints)}
				switch mark := fmt.Sprintf("%d.%d", writer, i); i % 3 {
				case 0:
					sent.url = "https://example.org/" + mark
				case 1:
					sent.event = "event." + mark
				}
				op := porcupine.Operation{ClientId: writer, Input: sent, Call: time.Since(began).Nanoseconds()}
				answer, err := client.UpdateWebhookEndpoint(t.Context(), sent.request())
				if err != nil {
					t.Errorf("writer %d: %v", writer, err)
					return
				}
				op.Return = time.Since(began).Nanoseconds()
				op.Output = endpoint{answer.URL, strings.Join(answer.Events.Types(), ",")}
				histories[writer] = append(histories[writer], op)
			}
		})
	}
	group.Wait()
	return slices.Concat(histories...)
}

func (u update) request() heygen.UpdateWebhookEndpointRequest {
	req := heygen.UpdateWebhookEndpointRequest{EndpointID: u.id, URL: u.url}
	if u.event != "" {
		req.Events = heygen.OnlyEvents(u.event)
	}
	return req
}

func TestConcurrentUpdatesAreLinearizable(t *testing.T) {
	t.Parallel()
	const writers, endpoints, updates = 64, 8, 30
	history := record(t, writers, endpoints, updates)
	if len(history) != writers*updates {
		t.Fatalf("%d updates were recorded", len(history))
	}
	if !linearizable(t, history) {
		t.Error("no order explains what the writers saw")
	}

	// The checker would notice: of one update that changed the URL, let the answer show the URL that was there at first.
	i := slices.IndexFunc(history, func(op porcupine.Operation) bool { return op.Input.(update).url != "" })
	history[i].Output = endpoint{initialURL, history[i].Output.(endpoint).event}
	if linearizable(t, history) {
		t.Error("an answer that was changed went unnoticed")
	}
}

func TestTheCheckerRefusesWhatIsNotLinearizable(t *testing.T) {
	t.Parallel()
	op := func(writer int, call, end int64, sent update, saw endpoint) porcupine.Operation {
		return porcupine.Operation{ClientId: writer, Call: call, Return: end, Input: sent, Output: saw}
	}
	setURL, setEvent, read := update{"e", "u1", ""}, update{"e", "", "v1"}, update{"e", "", ""}
	for name, test := range map[string]struct {
		history []porcupine.Operation
		want    bool
	}{
		"one after another": {[]porcupine.Operation{
			op(1, 0, 1, setURL, endpoint{"u1", initialEvent}),
			op(2, 2, 3, setEvent, endpoint{"u1", "v1"}),
			op(1, 4, 5, read, endpoint{"u1", "v1"}),
		}, true},
		"at the same time, in either order": {[]porcupine.Operation{
			op(1, 0, 9, setURL, endpoint{"u1", "v1"}),
			op(2, 0, 9, setEvent, endpoint{initialURL, "v1"}),
		}, true},
		"a lost update": {[]porcupine.Operation{
			op(1, 0, 9, setURL, endpoint{"u1", initialEvent}),
			op(2, 0, 9, setEvent, endpoint{initialURL, "v1"}),
		}, false},
		"a stale read": {[]porcupine.Operation{
			op(1, 0, 1, setURL, endpoint{"u1", initialEvent}),
			op(2, 2, 3, read, endpoint{initialURL, initialEvent}),
		}, false},
		"an update that is seen and then gone": {[]porcupine.Operation{
			op(1, 0, 9, setURL, endpoint{"u1", initialEvent}),
			op(2, 1, 2, read, endpoint{"u1", initialEvent}),
			op(3, 3, 4, read, endpoint{initialURL, initialEvent}),
		}, false},
		"a torn read": {[]porcupine.Operation{
			op(1, 0, 1, update{"e", "u1", "v1"}, endpoint{"u1", "v1"}),
			op(2, 2, 3, read, endpoint{"u1", initialEvent}),
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := linearizable(t, test.history); got != test.want {
				t.Errorf("linearizable: %t", got)
			}
		})
	}
}
