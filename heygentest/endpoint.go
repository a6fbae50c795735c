package heygentest

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/heygen-go/heygen/generated"
	"github.com/heygen-go/heygen/wire"
	heygen "github.com/heygen-go/heygen/wrapper"
)

// AddEndpoint adds an endpoint, or replaces the one with its id. Fields that are zero get a value, because every
// endpoint of HeyGen has one: Secret a random one. EntityID stays nil, as it usually is. AddEndpoint panics if there is
// no id or if the contract does not allow the endpoint; use a [Fault] such as [FaultMember] for responses that the
// contract does not allow.
func (s *Sandbox) AddEndpoint(endpoint heygen.WebhookEndpoint) {
	endpoint, err := s.complete(endpoint)
	if err != nil {
		panic(fmt.Sprintf("heygentest: AddEndpoint: %v", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoints[endpoint.EndpointID] = endpoint
}

// complete sets the fields that are zero, and refuses an endpoint that the contract does not allow.
func (s *Sandbox) complete(endpoint heygen.WebhookEndpoint) (heygen.WebhookEndpoint, error) {
	endpoint = clone(endpoint)
	endpoint.URL = cmp.Or(endpoint.URL, "https://example.org/webhook")
	endpoint.Status = cmp.Or(endpoint.Status, heygen.WebhookEndpointStatusEnabled)
	endpoint.Username = cmp.Or(endpoint.Username, "sandbox-user")
	endpoint.SpaceID = cmp.Or(endpoint.SpaceID, "sandbox-space")
	if endpoint.Events.IsZero() {
		endpoint.Events = wire.AllEvents()
	}
	if endpoint.Secret.IsZero() {
		endpoint.Secret = newSecret()
	}
	if endpoint.CreatedAt.IsZero() {
		endpoint.CreatedAt.Time = time.Date(2025, 10, 22, 8, 31, 48, 0, time.UTC)
	}
	if raw, err := json.Marshal(endpoint.CreatedAt.Raw); err == nil && endpoint.CreatedAt.Time.IsZero() {
		_ = endpoint.CreatedAt.UnmarshalJSON(raw) // for version 3, which writes the time in another way
	}
	if endpoint.CreatedAt.Raw == "" {
		endpoint.CreatedAt.Raw = endpoint.CreatedAt.Time.UTC().Format("2006-01-02T15:04:05.999999") // in HeyGen's format
	}
	if endpoint.EndpointID == "" {
		return endpoint, errors.New("the endpoint has no id")
	}
	if err := s.allows(endpoint); err != nil {
		return endpoint, fmt.Errorf("endpoint %q: %w", endpoint.EndpointID, err)
	}
	return endpoint, nil
}

// newSecret returns a secret. Each endpoint has one of its own, so that a mix-up shows.
func newSecret() wire.Secret { return wire.NewSecret("whsec_" + rand.Text()) }

// newID returns an id in HeyGen's form, 32 hex digits.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// allows checks the response to an update that changes nothing.
func (s *Sandbox) allows(endpoint heygen.WebhookEndpoint) error {
	body, err := json.Marshal(generated.UpdateWebhookEndpointResponse{Code: codeSuccess, Data: endpoint})
	if err != nil {
		return err
	}
	req, err := generated.NewUpdateWebhookEndpointRequest(&url.URL{},
		generated.UpdateWebhookEndpointRequest{EndpointID: endpoint.EndpointID})
	if err != nil {
		return err
	}
	return s.contract.CheckResponse(req, &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {typeJSON}},
		Body: io.NopCloser(bytes.NewReader(body)),
	})
}

// Endpoint returns the current state of an endpoint, and whether there is one with the id.
func (s *Sandbox) Endpoint(id string) (heygen.WebhookEndpoint, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if endpoint, ok := s.endpoints[id]; ok {
		return clone(endpoint), true
	}
	return heygen.WebhookEndpoint{}, false
}

func clone(endpoint heygen.WebhookEndpoint) heygen.WebhookEndpoint {
	if endpoint.EntityID != nil {
		endpoint.EntityID = new(*endpoint.EntityID)
	}
	return endpoint
}

// state is the JSON of a snapshot.
type state struct {
	Endpoints []heygen.WebhookEndpoint `json:"endpoints"`
}

// Snapshot returns all endpoints as JSON, {"endpoints":[…]}, sorted by id. It includes their secrets.
func (s *Sandbox) Snapshot() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := state{Endpoints: []heygen.WebhookEndpoint{}}
	for _, id := range slices.Sorted(maps.Keys(s.endpoints)) {
		now.Endpoints = append(now.Endpoints, s.endpoints[id])
	}
	snapshot, err := json.Marshal(now, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		panic(fmt.Sprintf("heygentest: Snapshot: %v", err)) // cannot happen: complete marshaled each endpoint
	}
	return snapshot
}

// Restore replaces all endpoints by those of a snapshot, which may be written by hand: members that an endpoint leaves
// out get a value as in [Sandbox.AddEndpoint]. If Restore returns an error, it has replaced nothing. The error joins
// the mistakes of all endpoints.
func (s *Sandbox) Restore(snapshot []byte) error {
	var then state
	if err := json.Unmarshal(snapshot, &then, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("heygentest: Restore: %w", err)
	}
	if then.Endpoints == nil {
		return errors.New("heygentest: Restore: the snapshot has no list of endpoints")
	}
	endpoints := map[string]heygen.WebhookEndpoint{}
	var mistakes []error
	for i, endpoint := range then.Endpoints {
		endpoint, err := s.complete(endpoint)
		if _, twice := endpoints[endpoint.EndpointID]; err == nil && twice {
			err = fmt.Errorf("endpoint %q is there twice", endpoint.EndpointID)
		}
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("/endpoints/%d: %w", i, err))
		}
		endpoints[endpoint.EndpointID] = endpoint
	}
	if err := errors.Join(mistakes...); err != nil {
		return fmt.Errorf("heygentest: Restore: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoints = endpoints
	return nil
}
