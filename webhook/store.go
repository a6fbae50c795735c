package webhook

import (
	"context"
	"errors"
	"sync"
	"time"
)

// State is what a [Store] knows of a delivery.
type State int

// The states. The zero State is none of them.
const (
	New     State = iota + 1 // no key was known; now they are pending
	Pending                  // a delivery with one of the keys is being worked on
	Done                     // a delivery with one of the keys was worked on
)

// Store remembers deliveries by their keys, so that a duplicate is not worked on again. A delivery has one or two keys:
// of the signed body, and of the event's id if there is one. Keys are printable and at most 69 bytes.
//
// A store for several processes keeps the keys in a database. Its Claim must be atomic, and should take keys that have
// been pending for some minutes as new, because the process that claimed them may have died. HeyGen repeats a delivery
// for up to 24 hours; keep done keys a little longer.
//
// The handler responds with 503 to a delivery for which a method returns an error; HeyGen then repeats it.
type Store interface {
	// Claim returns Done if one of the keys is done, else Pending if one is pending, and changes nothing in both cases,
	// so that a copy of a delivery with another id does not use up that id. Otherwise it makes all keys pending and
	// returns New.
	Claim(ctx context.Context, keys []string) (State, error)
	// Settle makes keys that Claim made pending done, or else unknown again.
	Settle(ctx context.Context, keys []string, done bool) error
}

const (
	memoryKeys = 65_536
	memoryTime = 25 * time.Hour
)

// MemoryStore is a [Store] in the memory of one process. It keeps at most 65,536 keys, and a done one for at most 25
// hours. When it is full it forgets the key that was done first, so that a duplicate of that delivery would be worked
// on again. It is safe for concurrent use.
type MemoryStore struct {
	mu   sync.Mutex
	keys map[string]time.Time // when it was done; zero while it is pending
	done []string             // the done keys, the oldest first
}

// NewMemoryStore returns an empty MemoryStore.
func NewMemoryStore() *MemoryStore { return &MemoryStore{keys: map[string]time.Time{}} }

// Claim implements [Store]. It returns an error if the store is full of pending keys.
func (s *MemoryStore) Claim(_ context.Context, keys []string) (State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.done) > 0 && (time.Since(s.keys[s.done[0]]) > memoryTime || len(s.keys)+len(keys) > memoryKeys) {
		delete(s.keys, s.done[0])
		s.done = s.done[1:]
	}
	state := New
	for _, key := range keys {
		switch done, known := s.keys[key]; {
		case !known:
		case !done.IsZero():
			return Done, nil
		default:
			state = Pending
		}
	}
	if state == Pending {
		return Pending, nil
	}
	if len(s.keys)+len(keys) > memoryKeys {
		return 0, errors.New("webhook: too many deliveries are being worked on at once")
	}
	for _, key := range keys {
		s.keys[key] = time.Time{}
	}
	return New, nil
}

// Settle implements [Store]. It returns no error.
func (s *MemoryStore) Settle(_ context.Context, keys []string, done bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		since, known := s.keys[key]
		switch {
		case !known || !since.IsZero():
		case done:
			s.keys[key] = time.Now()
			s.done = append(s.done, key)
		default:
			delete(s.keys, key)
		}
	}
	return nil
}
